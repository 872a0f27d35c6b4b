//! `provider: {openai: …}`: a server that speaks OpenAI's Chat Completions, and which key it takes.

use serde::Serialize;

use crate::document::{Datum, Fields, Shape};
use crate::problem::{Problem, Problems};

const OPENAI: Shape = Shape { name: "`provider.openai`", keys: &["base_url", "key_variable"] };
/// Where a person would write a key, without the marks between words.
const KEYS: [&str; 6] = ["apikey", "key", "token", "secret", "password", "authorization"];

/// The variable that such clients usually read.
const USUAL: &str = "OPENAI_API_KEY";

/// A server with OpenAI's Chat Completions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Server {
    /// What comes before `/chat/completions`, without a slash at its end.
    pub base_url: String,
    /// The environment variable with the key; `None`: the server takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_variable: Option<String>,
}

impl Server {
    /// Whether it runs on this machine, so that requests do not leave it.
    pub fn is_local(&self) -> bool {
        address(&self.base_url).is_ok_and(|address| address.is_local())
    }
}

/// An address in its parts.
struct Address<'a> {
    is_encrypted: bool,
    host: &'a str,
    /// The port with its colon, and the path.
    rest: &'a str,
}

impl Address<'_> {
    fn is_local(&self) -> bool {
        let is_number = |part: &str| part.parse::<u8>().is_ok();
        let parts: Vec<&str> = self.host.split('.').collect();
        let is_loopback = parts.len() == 4 && parts[0] == "127" && parts.iter().all(|part| is_number(part));
        is_loopback || self.host.eq_ignore_ascii_case("localhost") || self.host == "[::1]"
    }
}

/// Takes an address apart; the error says what is wrong with it, and what to write.
fn address(url: &str) -> Result<Address<'_>, (&'static str, &'static str)> {
    const FORM: &str = "write it as in `https://host/v1`, with what comes before `/chat/completions`";
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let is_encrypted = scheme.eq_ignore_ascii_case("https");
    if !is_encrypted && !scheme.eq_ignore_ascii_case("http") {
        return Err(("`base_url` must begin with `https://` or `http://`", FORM));
    }
    if !rest.chars().all(|c| c.is_ascii_graphic() && !"\\\"<>^`{|}".contains(c)) {
        return Err(("`base_url` has characters that no address has", FORM));
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        let help =
            "leave out what comes before `@`: `key_variable` names the environment variable with the key";
        return Err(("`base_url` holds a name or a password", help));
    }
    if path.contains(['?', '#']) {
        let help = "leave out `?` and what follows; for Azure take the address that ends in `/openai/v1`, which needs \
                    no `api-version`";
        return Err(("`base_url` has a query", help));
    }
    if path.trim_end_matches('/').ends_with("/chat/completions") {
        return Err(("`base_url` names the operation, too", "leave out `/chat/completions` at its end"));
    }
    let host_end = if authority.starts_with('[') { authority.find(']').map(|at| at + 1) } else { None };
    let (host, port) =
        authority.split_at(host_end.or_else(|| authority.find(':')).unwrap_or(authority.len()));
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    if host.is_empty() || !is_port {
        return Err(("`base_url` has no host, or no port after its colon", FORM));
    }
    Ok(Address { is_encrypted, host, rest: &rest[host.len()..] })
}

/// The same server has the same address, however it was written.
fn plain(address: &Address<'_>) -> String {
    let scheme = if address.is_encrypted { "https" } else { "http" };
    format!("{scheme}://{}{}", address.host.to_ascii_lowercase(), address.rest.trim_end_matches('/'))
}

/// Reads the mapping below `openai`.
pub(super) fn server(owner: &Fields<'_>, problems: &mut Problems) -> Option<Server> {
    if let Some(problem) = written_key(owner) {
        problems.push(problem);
        return None;
    }
    let fields = owner.inner("openai", &OPENAI, problems)?;
    if !fields.has("base_url") {
        let problem = owner.error("openai", "`openai` needs `base_url`");
        problems
            .push(problem.help("write the server's address, such as `http://localhost:11434/v1` for Ollama"));
    }
    let written = fields.text("base_url", problems)?;
    let address = match address(written) {
        Ok(address) => address,
        Err((wrong, help)) => {
            problems.push(hidden(&fields, written, wrong).help(help));
            return None;
        }
    };
    let named = fields.text("key_variable", problems);
    let key_variable = match named {
        Some("none") => None,
        Some(name) if is_variable(name) => Some(name.to_owned()),
        Some(_) => {
            // Somebody may have written the key itself.
            let problem = Problem::error("`key_variable` is not the name of an environment variable");
            let problem = problem.on_line(&fields.source.path, None, fields.key_mark("key_variable"));
            problems.push(
                problem.help("write a name in capital letters, or `none` for a server that takes no key"),
            );
            return None;
        }
        None if address.is_local() => None,
        None => Some(USUAL.to_owned()),
    };
    if key_variable.is_some() && !address.is_encrypted && !address.is_local() {
        let problem = fields.error("base_url", "a key would travel unencrypted to this address");
        problems.push(problem.help("write `https://`, or `key_variable: none` if the server takes no key"));
        return None;
    }
    Some(Server { base_url: plain(&address), key_variable })
}

/// A key in the file itself. Its line is not shown.
fn written_key(owner: &Fields<'_>) -> Option<Problem> {
    let Datum::Map(entries) = &owner.node("openai")?.datum else { return None };
    let is_key = |name: &str| KEYS.contains(&name.to_lowercase().replace(['_', '-'], "").as_str());
    let (key, _) = entries.iter().find(|(key, _)| is_key(&key.text))?;
    let problem = Problem::error(format!("`{}`: a key does not belong in a file", key.text));
    let problem = problem.on_line(&owner.source.path, None, key.mark);
    Some(problem.help(
        "put it into an environment variable, name that with `key_variable`, and replace the key, if it was real: Git \
         keeps what was once committed",
    ))
}

/// An error at the address, whose line is shown only if no password can be in it.
fn hidden(fields: &Fields<'_>, written: &str, wrong: &str) -> Problem {
    match written.contains(['@', '?']) {
        true => Problem::error(wrong).on_line(&fields.source.path, None, fields.key_mark("base_url")),
        false => fields.error("base_url", wrong),
    }
}

/// Keys have small letters, the names of variables by custom none.
fn is_variable(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_uppercase() || c == '_';
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let told = |url: &str| match address(url) {
            Ok(found) => format!("{}{}", plain(&found), if found.is_local() { ", local" } else { "" }),
            Err((wrong, _)) => wrong.to_owned(),
        };
        let urls = [
            "http://localhost:11434/v1",
            "HTTP://LocalHost:8080/V1/",
            "http://127.0.0.1:8000",
            "http://[::1]:8000/v1",
            "https://api.openai.com/v1",
            "https://shop.openai.azure.com/openai/v1/",
            "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
            // Somebody else's, whatever they look like.
            "http://127.evil.example/v1",
            "http://localhost.evil.example/v1",
            "http://127.0.0.1.evil.example/v1",
            "https://localhost@evil.example/v1",
            "https://evil.example#.api.openai.com/v1",
            "https://shop.openai.azure.com/openai/deployments/x?api-version=1",
            "https://api.openai.com/v1/chat/completions",
            "api.openai.com/v1",
            "file:///etc/passwd",
            "https://",
            "https://host:port/v1",
            "https://ho st/v1",
        ];
        insta::assert_snapshot!(urls.map(told).join("\n"), @r"
        http://localhost:11434/v1, local
        http://localhost:8080/V1, local
        http://127.0.0.1:8000, local
        http://[::1]:8000/v1, local
        https://api.openai.com/v1
        https://shop.openai.azure.com/openai/v1
        https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1
        http://127.evil.example/v1
        http://localhost.evil.example/v1
        http://127.0.0.1.evil.example/v1
        `base_url` holds a name or a password
        `base_url` has a query
        `base_url` has a query
        `base_url` names the operation, too
        `base_url` must begin with `https://` or `http://`
        `base_url` must begin with `https://` or `http://`
        `base_url` has no host, or no port after its colon
        `base_url` has no host, or no port after its colon
        `base_url` has characters that no address has
        ");
    }
}
