//! Samples of OpenAI's evals, JSON Lines with `input` and `ideal`, as a golden set.

use super::{Imported, yaml};
use crate::document::{Allowance, Datum, Key, Node, Source, parse_line};
use crate::problem::{Mark, Problem, Problems};

/// How a sample's answer is compared with its `ideal`: the class that the registry of evals names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `Match`: the answer begins with it.
    Match,
    /// `Includes`: the answer contains it.
    Includes,
}

/// Reads the samples and makes the golden set at `to`.
///
/// # Errors
/// A file without a sample that can be used.
pub fn import(source: &Source, class: Class, to: &str) -> Result<Imported, Problems> {
    let (mut left, mut cases, mut systems) = (Vec::new(), Vec::new(), Vec::<String>::new());
    let allowance = Allowance::default();
    for (line, number) in source.text.lines().zip(1_u32..) {
        if line.trim().is_empty() {
            continue;
        }
        let node = match parse_line(source, line, number, &allowance) {
            Ok(node) => node,
            Err(problem) => {
                left.push(problem);
                if allowance.is_exceeded() {
                    break;
                }
                continue;
            }
        };
        match sample(&node, class, number) {
            Ok((case, system)) => {
                cases.push(case);
                systems.extend(system.filter(|system| !systems.contains(system)));
            }
            Err(why) => left.push(source.error(Mark::new(number, 1), why).help("the sample is left out")),
        }
    }
    if cases.is_empty() {
        let mut problems = Problems::new();
        left.into_iter().for_each(|problem| problems.push(problem));
        let help = "a sample is {\"input\": [{\"role\": \"user\", \"content\": \"…\"}], \"ideal\": \"…\"}, one in each line";
        problems.push(
            Problem::error("the file holds no sample with `input` and `ideal`").path(&source.path).help(help),
        );
        return Err(problems);
    }
    let mut said = vec![format!("{} cases are in `{to}`", cases.len())];
    match systems.as_slice() {
        [] => {}
        [system] => said.push(format!("the system text of the samples belongs into the catalog:\n{system}")),
        several => said.push(format!(
            "the samples have {} different system texts, which belong into the catalog and are not in the cases",
            several.len()
        )),
    }
    let root = map(vec![("cases", list(cases))]);
    Ok(Imported { files: vec![(to.to_owned(), yaml::block(&root, 0))], left, said })
}

fn sample(node: &Node, class: Class, number: u32) -> Result<(Node, Option<String>), &'static str> {
    let input = node.entry("input").ok_or("the sample has no `input`")?.1;
    let (mut turns, mut system) = (Vec::new(), None);
    match &input.datum {
        Datum::Text(text) => turns.push(("user", text.clone())),
        Datum::List(items) => {
            for item in items {
                let part = |key| match item.entry(key).map(|(_, node)| &node.datum) {
                    Some(Datum::Text(text)) => Some(text.clone()),
                    _ => None,
                };
                let content = part("content").ok_or("a message of the sample has no text as `content`")?;
                match part("role").as_deref() {
                    Some("system") if turns.is_empty() => system = Some(content),
                    Some("user") => turns.push(("user", content)),
                    Some("assistant") => turns.push(("assistant", content)),
                    _ => {
                        return Err(
                            "a message of the sample has another role than system (first), user or assistant",
                        );
                    }
                }
            }
        }
        _ => return Err("`input` of the sample is neither a text nor a list of messages"),
    }
    let wanted =
        ideals(node.entry("ideal").ok_or("the sample has no `ideal`")?.1).ok_or("`ideal` is not text")?;
    let mut case = vec![("id", text(format!("sample-{number}")))];
    match turns.as_slice() {
        [("user", only)] => case.push(("input", text(only.clone()))),
        [.., ("user", _)] => {
            let turn = |(role, content): &(&str, String)| {
                map(vec![("role", text(*role)), ("content", text(content.clone()))])
            };
            case.push(("messages", list(turns.iter().map(turn).collect())));
        }
        _ => return Err("the last message of the sample is not the user's"),
    }
    let check = match (class, wanted.as_slice()) {
        (_, []) => return Err("`ideal` of the sample is empty"),
        (Class::Match, [one]) => map(vec![("starts_with", text(one.clone()))]),
        (Class::Match, several) => {
            let one = |wanted: &String| map(vec![("starts_with", text(wanted.clone()))]);
            map(vec![("any", list(several.iter().map(one).collect()))])
        }
        (Class::Includes, several) => {
            map(vec![("contains_any", list(several.iter().map(|one| text(one.clone())).collect()))])
        }
    };
    if let [one] = wanted.as_slice() {
        case.push(("expected", text(one.clone())));
    }
    case.push(("checks", list(vec![check])));
    Ok((map(case), system))
}

/// One answer or several, each with something in it.
fn ideals(node: &Node) -> Option<Vec<String>> {
    let one = |node: &Node| match &node.datum {
        Datum::Text(text) => Some(text.clone()),
        Datum::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let all: Option<Vec<String>> = match &node.datum {
        Datum::List(items) => items.iter().map(one).collect(),
        _ => Some(vec![one(node)?]),
    };
    Some(all?.into_iter().filter(|ideal| !ideal.trim().is_empty()).collect())
}

fn text(text: impl Into<String>) -> Node {
    Node { mark: Mark::default(), datum: Datum::Text(text.into()) }
}

fn list(items: Vec<Node>) -> Node {
    Node { mark: Mark::default(), datum: Datum::List(items) }
}

fn map(entries: Vec<(&str, Node)>) -> Node {
    let entry = |(key, node): (&str, Node)| (Key { mark: Mark::default(), text: key.to_owned() }, node);
    Node { mark: Mark::default(), datum: Datum::Map(entries.into_iter().map(entry).collect()) }
}
