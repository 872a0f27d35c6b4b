# The image of the action: one static binary and the CA roots, nothing else.
# The runner gives the user (root) and the working directory; both must not be set here.

FROM rust:1.95.0-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS build
# The distribution's current patch release is what a builder that is thrown away should have.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libc6-dev make musl-tools \
 && rm -rf /var/lib/apt/lists/* \
 && rustup target add "$(uname -m)-unknown-linux-musl"
WORKDIR /build
# A panic aborts: nobody reads the tables, and they are a tenth of the binary. Where it is linked, a
# static address spares the relocations, another twentieth, and the index of what tables remain is left out.
ENV RUSTFLAGS="-C force-unwind-tables=no"
# The dependencies, in a layer that lasts until the lock file changes.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY clients/rust/Cargo.toml clients/rust/
COPY standin/Cargo.toml standin/
COPY tests/support/Cargo.toml tests/support/
RUN mkdir -p benches/calls clients/rust/benches clients/rust/src src standin/src tests/support/src \
 && echo 'fn main() {}' >src/main.rs \
 && cp src/main.rs benches/plan.rs \
 && cp src/main.rs clients/rust/benches/cached_get.rs \
 && cp src/main.rs benches/calls/main.rs \
 && touch src/lib.rs clients/rust/src/lib.rs standin/src/lib.rs tests/support/src/lib.rs \
 && cargo build --profile image --locked --bin prompt-assay --target "$(uname -m)-unknown-linux-musl"
COPY demo demo
COPY src src
RUN touch src/main.rs src/lib.rs \
 && cargo rustc --profile image --locked --bin prompt-assay --target "$(uname -m)-unknown-linux-musl" -- -C relocation-model=static -C link-arg=-Wl,--no-eh-frame-hdr \
 && cp "target/$(uname -m)-unknown-linux-musl/image/prompt-assay" /prompt-assay

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /prompt-assay /prompt-assay
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ENTRYPOINT ["/prompt-assay", "action"]
