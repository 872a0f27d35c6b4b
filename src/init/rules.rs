//! Rules for a first verdict without a model: for each case an answer that is known to pass its checks, as far as one is
//! known. They are written beside the store, so that they stay on one machine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::check::{Check, Outcome, Readings, Subject};
use crate::document::{Datum, Key, Node};
use crate::golden::{self, Case};
use crate::import::yaml;
use crate::model::{Request, Response, Role, StopReason, Usage};
use crate::problem::{Mark, Problems};
use crate::prompt::{Prompt, ScoreMode};
use crate::snapshot::{Choice, Resolved, Snapshot};

use super::texts;

/// Cases that are looked at.
const MOST: usize = 200;
/// The longest part of a message that a rule asks for, in characters.
const LONGEST: usize = 80;
/// Parts of a message that are tried as a condition.
const PARTS: usize = 40;

/// An answer of the scripted model, and how it is written in a file of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// The last message again.
    Echo,
    /// This text.
    Text(String),
}

impl Answer {
    /// Some JSON, for prompts that ask for it.
    fn json() -> Self {
        Self::Text(r#"{"answer": "yes"}"#.to_owned())
    }

    fn to(&self, asked: &Asked) -> String {
        match self {
            Self::Echo => asked.message.trim().to_owned(),
            Self::Text(text) => text.clone(),
        }
    }

    /// As the template that a rule's text is.
    fn template(&self) -> String {
        match self {
            Self::Echo => "{{ input }}".to_owned(),
            Self::Text(text) if ["{{", "{%", "{#"].iter().any(|sign| text.contains(sign)) => {
                format!("{{% raw %}}{text}{{% endraw %}}")
            }
            Self::Text(text) => text.clone(),
        }
    }
}

/// A case as the model sees it.
struct Asked {
    prompt: String,
    case: Arc<Case>,
    mode: ScoreMode,
    system: String,
    message: String,
}

impl Asked {
    fn of(prompt: &Prompt, case: &Arc<Case>, request: &Request) -> Self {
        let last = request.messages.iter().rev().find(|message| message.role == Role::User);
        Self {
            prompt: prompt.id.clone(),
            case: Arc::clone(case),
            mode: prompt.score,
            system: request.system.clone().unwrap_or_default(),
            message: last.map(|message| message.text.clone()).unwrap_or_default(),
        }
    }

    /// Whether no check that needs no model fails.
    fn passes(&self, answer: &Answer) -> bool {
        let response = Response {
            text: answer.to(self),
            tool_calls: Vec::new(),
            stop: StopReason::EndTurn,
            usage: Usage::default(),
            latency_ms: None,
        };
        let subject = Subject { response: &response, cost_usd: Some(0.0) };
        let score = self.case.scoring(self.mode, None).score(subject, &Readings::new());
        !score.results.iter().any(|result| result.outcome == Outcome::Failed)
    }

    /// The answers that could pass, the likeliest first.
    fn candidates(&self) -> Vec<Answer> {
        let wanted: Vec<&str> = self.case.checks.iter().flat_map(Check::wanted_texts).collect();
        let expected = self.case.expected.iter().cloned();
        let texts = expected.chain(wanted.first().map(|text| (*text).to_owned())).chain([wanted.join(" ")]);
        let is_answer = |text: &String| !text.is_empty() && !text.contains("endraw");
        texts.filter(is_answer).map(Answer::Text).chain([Answer::json(), Answer::Echo]).collect()
    }
}

/// What a rule asks of a request: parts of its system text and of its last message, in any case.
struct When<'a> {
    system: Option<&'a str>,
    input: &'a str,
}

impl When<'_> {
    fn holds(&self, asked: &Asked) -> bool {
        let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        has(&asked.message, self.input) && self.system.is_none_or(|system| has(&asked.system, system))
    }
}

/// The file of rules for the prompts of a snapshot.
pub(super) fn rules(then: &Snapshot<'_>) -> String {
    let (asked, others) = all(then);
    let shared = Shared::by(&asked);
    let passed = |answer: &Answer| asked.iter().filter(|one| one.passes(answer)).count();
    let json = Answer::json();
    let default = if passed(&json) > passed(&Answer::Echo) { json } else { Answer::Echo };
    let (mut rules, mut unknown, mut answered) = (Vec::new(), Vec::new(), Vec::<usize>::new());
    for (at, one) in asked.iter().enumerate().filter(|(_, one)| !one.passes(&default)) {
        if answered.contains(&at) {
            continue;
        }
        let found = one.candidates().into_iter().filter(|answer| one.passes(answer)).find_map(|answer| {
            let when = condition(one, &answer, &asked, &shared)?;
            answered.extend((0..asked.len()).filter(|at| when.holds(&asked[*at])));
            Some(rule(&when, &answer))
        });
        match found {
            Some(found) => rules.push(found),
            None => unknown.push(one),
        }
    }
    written(rules, &default, &asked, &unknown, others)
}

/// The first cases of all prompts, rendered, and how many others there are. What cannot be read is passed over: the
/// evaluation tells of it.
fn all(then: &Snapshot<'_>) -> (Vec<Asked>, usize) {
    let (mut problems, mut references) = (Problems::new(), BTreeSet::new());
    let (mut asked, mut others) = (Vec::new(), 0);
    for prompt in &then.prompts {
        let Some(path) = &prompt.golden else { continue };
        let Some(set) = golden::read(then.tree, path, &mut references, &mut problems) else { continue };
        let resolved = Resolved::read(then, prompt, &Choice::default(), Some("any"), &mut problems);
        let Some(resolved) = resolved else { continue };
        for case in &set.cases {
            if asked.len() == MOST {
                others += 1;
                continue;
            }
            asked.extend(resolved.request(case).ok().map(|request| Asked::of(prompt, case, &request)));
        }
    }
    (asked, others)
}

/// How many cases have a part in their message or system text.
struct Shared<'a>(BTreeMap<&'a str, usize>);

impl<'a> Shared<'a> {
    fn by(asked: &'a [Asked]) -> Self {
        let mut cases = BTreeMap::new();
        for one in asked {
            let own: BTreeSet<&str> = parts(&one.message).chain(parts(&one.system)).collect();
            own.into_iter().for_each(|part| *cases.entry(part).or_default() += 1);
        }
        Self(cases)
    }

    /// The parts that tell a text from the others: those that the fewest cases have come first.
    fn telling(&self, text: &'a str) -> Vec<&'a str> {
        let mut telling: Vec<&str> = parts(text).collect();
        telling.sort_by_key(|part| self.0.get(part));
        telling.truncate(PARTS);
        telling
    }
}

/// A condition that holds for this case, and for no other that the answer would fail.
fn condition<'a>(one: &'a Asked, answer: &Answer, asked: &[Asked], shared: &Shared<'a>) -> Option<When<'a>> {
    let is_harmless = |when: &When<'_>| asked.iter().all(|other| !when.holds(other) || other.passes(answer));
    let (inputs, systems) = (shared.telling(&one.message), shared.telling(&one.system));
    let plain = inputs.iter().map(|input| When { system: None, input });
    let with_system = systems
        .iter()
        .flat_map(|system| inputs.iter().map(move |input| When { system: Some(system), input }));
    plain.chain(with_system).take(PARTS * 4).find(is_harmless)
}

/// The parts of a text that may become a condition: its lines with words, long ones in pieces that a person reads.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        let mut rest = line.trim();
        std::iter::from_fn(move || {
            let longest = rest.char_indices().nth(LONGEST).map(|(end, _)| end);
            let end = longest.map_or(rest.len(), |end| rest[..end].rfind(' ').unwrap_or(end));
            let (piece, after) = rest.split_at(end);
            rest = after.trim_start();
            (!piece.is_empty()).then_some(piece.trim_end())
        })
        .filter(|piece| piece.chars().any(char::is_alphanumeric))
    })
}

fn text(text: impl Into<String>) -> Node {
    Node { mark: Mark::default(), datum: Datum::Text(text.into()) }
}

fn map(entries: Vec<(&str, Node)>) -> Node {
    let key = |text: &str| Key { mark: Mark::default(), text: text.to_owned() };
    let entries = entries.into_iter().map(|(name, node)| (key(name), node)).collect();
    Node { mark: Mark::default(), datum: Datum::Map(entries) }
}

fn rule(when: &When<'_>, answer: &Answer) -> Node {
    let mut asked: Vec<(&str, Node)> = Vec::new();
    asked.extend(when.system.map(|system| ("system", text(regex::escape(system)))));
    asked.push(("input", text(regex::escape(when.input))));
    map(vec![("when", map(asked)), ("text", text(answer.template()))])
}

fn written(
    mut rules: Vec<Node>,
    default: &Answer,
    asked: &[Asked],
    unknown: &[&Asked],
    others: usize,
) -> String {
    let any = |holds: fn(&Check) -> bool| asked.iter().any(|one| one.case.checks.iter().any(holds));
    let number = |value: i64| Node { mark: Mark::default(), datum: Datum::Number(value.into()) };
    // Before the others: what a judge is asked holds the case, too.
    if any(Check::asks_judge) {
        let verdict = map(vec![("score", number(1)), ("reasoning", text("By a rule, not by a judge."))]);
        let answers = Node { mark: Mark::default(), datum: Datum::List(vec![map(vec![("tool", verdict)])]) };
        rules.insert(0, map(vec![("when", map(vec![("tool", text("score"))])), ("answers", answers)]));
    }
    if any(|check| !check.models().is_empty()) {
        rules.push(map(vec![("when", map(vec![("model", text("embed"))])), ("embedding", text("words"))]));
    }
    let mut file = texts::schema("rules");
    file.push_str("# Rules that answer in place of a model, for `--scripted`: free, and only on this machine. The first one whose\n");
    file.push_str("# conditions hold answers. Write what your model would say: docs/configuration.md#a-scripted-model\n");
    for one in unknown {
        let told =
            format!("No answer is known that passes the case {} of {}: write one.", one.case.id, one.prompt);
        file.push_str(&yaml::comment(&told, 0));
    }
    if others > 0 {
        let were = if others == 1 { "case was" } else { "cases were" };
        let told = format!("{others} more {were} not looked at: these rules are made for the first {MOST}.");
        file.push_str(&yaml::comment(&told, 0));
    }
    if !rules.is_empty() {
        let list = Node { mark: Mark::default(), datum: Datum::List(rules) };
        file.push_str(&yaml::block(&map(vec![("rules", list)]), 0));
    }
    file.push_str(&yaml::block(&map(vec![("default", map(vec![("text", text(default.template()))]))]), 0));
    file
}
