//! Findings as SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), as GitHub's code scanning reads it.

use serde_json::{Value, json};

use super::told;
use crate::fingerprint::Fingerprint;
use crate::lint::RULES;
use crate::lint::finding::{Finding, Level, Linted};
use crate::problem::Mark;
use crate::report::untrusted;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const PAGE: &str = "https://github.com/prompt-assay/prompt-assay/blob/main/docs/lint.md";

pub(super) fn write(linted: &Linted) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.name,
                "shortDescription": {"text": message(rule.about)},
                "helpUri": format!("{PAGE}#{}", rule.name),
                "defaultConfiguration": {"level": rule.level.as_str()},
            })
        })
        .collect();
    let mut run = json!({
        "tool": {"driver": {
            "name": "prompt-assay",
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": "https://github.com/prompt-assay/prompt-assay",
            "rules": rules,
        }},
        // Of one character each, whatever its bytes.
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "results": linted.findings.iter().map(result).collect::<Vec<Value>>(),
    });
    // Code scanning shows results only; what was not listed is at least in the file.
    if let Some(unlisted) = &linted.unlisted {
        run["invocations"] = json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": [{"level": Level::Warning.as_str(), "message": {"text": message(unlisted)}}],
        }]);
    }
    untrusted::json(&json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))
}

fn result(finding: &Finding) -> Value {
    let index = RULES.iter().position(|rule| rule.name == finding.rule);
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level.as_str(),
        "message": {"text": message(&told(finding))},
        // The line is left out: a finding stays the same when lines are added above it.
        "partialFingerprints": {
            "finding/v1": Fingerprint::of_json(&(finding.rule, &finding.path, &finding.message)).to_hex(),
        },
    });
    // Without a place, code scanning would drop the result: the configuration is where it belongs.
    let path = finding.path.as_deref().unwrap_or("prompt-assay.yaml");
    result["locations"] = json!([location(path, finding.mark)]);
    if !finding.also.is_empty() {
        let others = finding.also.iter().map(|mark| location(path, *mark));
        result["relatedLocations"] = others.collect();
    }
    result
}

fn location(path: &str, mark: Mark) -> Value {
    let mut region = json!({"startLine": mark.line.max(1)});
    if mark.column > 0 {
        region["startColumn"] = json!(mark.column);
    }
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(path), "uriBaseId": "SRCROOT"},
        "region": region,
    }})
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let signs = path
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    signs.collect()
}

/// A plain message: brackets would be links (section 3.11.6), braces placeholders only where arguments are given.
fn message(text: &str) -> String {
    untrusted::terminal_line(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_no_link_and_a_path_is_a_uri() {
        assert_eq!(message("see [here](https://evil.example)"), "see \\[here\\](https://evil.example)");
        assert_eq!(uri("golden/a b:ü#.yaml"), "golden/a%20b%3A%C3%BC%23.yaml");
    }
}
