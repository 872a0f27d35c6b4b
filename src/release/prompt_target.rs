//! The release settings of a prompt: its key `release:`.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::names::{parameter_fault, profile_fault};
use crate::document::{Datum, Kept, Key, Node, Source};
use crate::problem::{Problem, Problems, nearest};

/// What to write.
const OWN_HELP: &str = "write {ssm: /prod/llm/name}, {prod: {ssm: /prod/llm/name}}, or false";

/// One release setting of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// `None`: in all environments.
    pub environment: Option<String>,
    /// Where to.
    pub target: OwnTarget,
}

/// A prompt's own target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnTarget {
    /// A parameter.
    Parameter(String),
    /// A configuration profile.
    Profile(String),
    /// It is never released.
    Never,
}

impl OwnTarget {
    /// Whether it applies in an environment.
    pub fn is_for(&self, environment: &Environment) -> bool {
        match self {
            Self::Parameter(_) => environment.appconfig.is_none(),
            Self::Profile(_) => environment.appconfig.is_some(),
            Self::Never => true,
        }
    }
}

/// `{ssm: NAME}`, `{appconfig: NAME}`, either of them as `{prod: {ssm: NAME}}`, or `false`.
pub fn of_prompt(
    source: &Source,
    Kept { key, node }: &Kept,
    environments: &BTreeMap<String, Environment>,
    problems: &mut Problems,
) -> Vec<Own> {
    let mut own = Vec::new();
    let mut named = |environment: Option<&str>, is_profile: bool, node: &Node, problems: &mut Problems| {
        let target = match &node.datum {
            Datum::Text(name) => {
                let fault = if is_profile { profile_fault(name) } else { parameter_fault(name) };
                if let Some((message, help)) = fault {
                    problems.push(source.error(node.mark, message).help(help));
                }
                if is_profile { OwnTarget::Profile(name.clone()) } else { OwnTarget::Parameter(name.clone()) }
            }
            Datum::Bool(false) => OwnTarget::Never,
            _ => {
                let problem = source.error(node.mark, "a release target must be a name");
                problems.push(problem.help(OWN_HELP));
                return;
            }
        };
        own.push(Own { environment: environment.map(str::to_owned), target });
    };
    let entries = match &node.datum {
        Datum::Bool(false) => {
            named(None, false, node, problems);
            return own;
        }
        Datum::Map(entries) => entries,
        _ => {
            problems.push(source.error(key.mark, "`release` of a prompt must be a mapping").help(OWN_HELP));
            return own;
        }
    };
    for (key, node) in entries {
        let Some(environment) = environments.get(&key.text) else {
            match key.text.as_str() {
                "ssm" | "appconfig" => named(None, key.text == "appconfig", node, problems),
                name => problems.push(unknown_environment(source, key, name, environments)),
            }
            continue;
        };
        let kind = if environment.appconfig.is_some() { "appconfig" } else { "ssm" };
        let target = match &node.datum {
            Datum::Map(_) => node.entry(kind).map(|(_, target)| target),
            _ => Some(node),
        };
        match target {
            Some(target) => named(Some(&key.text), kind == "appconfig", target, problems),
            None => {
                let problem =
                    source.error(node.mark, format!("`{}` is an environment of `{kind}`", key.text));
                problems.push(problem.help(format!("write {}: {{{kind}: NAME}}, or false", key.text)));
            }
        }
    }
    own
}

fn unknown_environment(
    source: &Source,
    key: &Key,
    name: &str,
    environments: &BTreeMap<String, Environment>,
) -> Problem {
    let mut known: Vec<&str> = environments.keys().map(String::as_str).collect();
    known.extend(["appconfig", "ssm"]);
    let problem = source.error(key.mark, format!("unknown key `{name}` in `release`"));
    match nearest(name, &known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("{OWN_HELP}; environments stand in prompt-assay.yaml")),
    }
}
