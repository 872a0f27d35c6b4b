//! `setup/`, the action that puts the released program on the path: it installs what the release names, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// The kinds of machines that a release has archives for.
const TARGETS: [&str; 4] = [
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
];

/// A copy of the repository's scripts, and a mirror with a release.
struct Release(TempDir);

/// How a step ended: the exit status, its output, and what it added to the path.
type Ended = (Option<i32>, String, String);

impl Release {
    /// Archives of a program that says its version; not pinned yet.
    fn built() -> Self {
        let release = Self(prompt_assay_test_support::temporary::directory());
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in ["setup/install", "setup/release.txt", ".ci/pin-archives"] {
            let copy = release.at(file);
            fs::create_dir_all(copy.parent().expect("a directory")).expect("a directory");
            fs::copy(root.join(file), copy).expect("a copy");
        }
        for target in TARGETS {
            let name = format!("prompt-assay-{target}");
            let staged = release.at("staged").join(&name);
            fs::create_dir_all(&staged).expect("a directory");
            fs::write(staged.join("prompt-assay"), format!("#!/bin/sh\necho \"of {target}\"\n"))
                .expect("a file");
            let made = release.bash(&format!(
                "mkdir -p mirror/v1.2.3 && chmod +x staged/{name}/prompt-assay && \
                 tar -czf mirror/v1.2.3/{name}.tar.gz -C staged {name}"
            ));
            assert_eq!(made.0, Some(0), "{}", made.1);
        }
        release
    }

    /// The same, pinned as the release workflow does it.
    fn pinned() -> Self {
        let release = Self::built();
        let pinned = release.bash(".ci/pin-archives v1.2.3 \"$PWD/mirror/v1.2.3\"");
        assert_eq!(pinned.0, Some(0), "{}", pinned.1);
        release
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn bash(&self, line: &str) -> Ended {
        let path = self.at("github-path");
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", line])
            .current_dir(self.0.path())
            .env("BASE_URL", format!("file://{}", self.at("mirror").display()))
            .env("RUNNER_TEMP", self.at("temp"))
            .env("GITHUB_PATH", &path)
            .env("GITHUB_OUTPUT", self.at("github-output"))
            .output()
            .expect("bash");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).replace(&self.0.path().display().to_string(), "[here]");
        (output.status.code(), said, fs::read_to_string(path).unwrap_or_default())
    }

    fn install(&self) -> Ended {
        self.bash("setup/install")
    }

    fn edit(&self, path: &str, edit: impl Fn(&str) -> String) {
        let text = fs::read_to_string(self.at(path)).expect("the file is there");
        let edited = edit(&text);
        assert_ne!(edited, text, "the edit of {path} changes nothing");
        fs::write(self.at(path), edited).expect("it can be written");
    }
}

#[test]
fn the_program_for_this_machine_is_on_the_path() {
    let release = Release::pinned();
    let (status, said, path) = release.install();
    assert_eq!(status, Some(0), "{said}");
    let target = said.trim().strip_prefix("of ").expect("the program speaks");
    assert!(TARGETS.contains(&target), "{said}");
    let directory = path.trim();
    assert!(Path::new(directory).join("prompt-assay").exists(), "{path}");
    let output = fs::read_to_string(release.at("github-output")).expect("an output");
    assert_eq!(output, "version=v1.2.3\n");
}

#[test]
fn another_archive_than_the_released_one_is_refused() {
    let release = Release::pinned();
    for target in TARGETS {
        let archive = release.at(&format!("mirror/v1.2.3/prompt-assay-{target}.tar.gz"));
        fs::write(archive, "something else").expect("the mirror is hostile");
    }
    let (status, said, path) = release.install();
    assert_eq!((status, path.as_str()), (Some(1), ""), "{said}");
    assert!(
        said.starts_with("::error title=prompt-assay::") && said.contains("nothing was installed"),
        "{said}"
    );
}

#[test]
fn a_commit_that_is_no_release_says_so() {
    let (status, said, path) = Release::built().install();
    assert_eq!((status, path.as_str()), (Some(1), ""));
    assert_eq!(
        said,
        "::error title=prompt-assay::this commit is no release: use a tag, such as prompt-assay/prompt-assay/setup@v1\n"
    );
}

#[test]
fn a_mirror_that_lacks_the_release_is_named() {
    let release = Release::pinned();
    release.edit("setup/release.txt", |text| text.replace("v1.2.3", "v1.2.4"));
    let (status, said, path) = release.install();
    assert_eq!((status, path.as_str()), (Some(1), ""));
    assert!(
        said.contains("cannot download file://[here]/mirror/v1.2.4/") && said.contains("base-url"),
        "{said}"
    );
}

#[test]
fn a_release_without_one_of_the_archives_is_not_pinned() {
    let release = Release::built();
    fs::remove_file(release.at("mirror/v1.2.3/prompt-assay-aarch64-apple-darwin.tar.gz"))
        .expect("it was there");
    let (status, said, _) = release.bash(".ci/pin-archives v1.2.3 \"$PWD/mirror/v1.2.3\"");
    assert_eq!(status, Some(1));
    assert_eq!(said, "[here]/mirror/v1.2.3 lacks prompt-assay-aarch64-apple-darwin.tar.gz\n");
    assert_eq!(fs::read_to_string(release.at("setup/release.txt")).expect("a file"), "none\n");
}

/// The kinds of machines are named in four places, which must agree.
#[test]
fn the_release_builds_what_the_action_installs_and_binstall_looks_for() {
    let read = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path);
    let workflow: Value = serde_yaml::from_str(&read(".github/workflows/release.yml")).expect("YAML");
    let matrix = workflow["jobs"]["packages"]["strategy"]["matrix"]["include"].as_array().expect("a matrix");
    let built: Vec<&str> = matrix.iter().filter_map(|row| row["target"].as_str()).collect();
    assert_eq!(built, TARGETS);
    let install = read("setup/install");
    let manifest = read("Cargo.toml");
    for target in TARGETS {
        assert!(install.contains(&format!("target={target} ;;")), "setup/install does not know {target}");
        let is_linux = target.contains("linux");
        assert!(
            !is_linux || manifest.contains(&format!("prompt-assay-{target}.tar.gz")),
            "binstall: {target}"
        );
    }
    assert!(
        manifest
            .contains("pkg-url = \"{ repo }/releases/download/v{ version }/prompt-assay-{ target }.tar.gz\"")
    );
    assert!(read(".ci/package").contains("tar -czf \"$out/$name.tar.gz\""));
}
