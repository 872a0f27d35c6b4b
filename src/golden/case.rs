//! One case: its keys read, the set's defaults beneath it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Case;
pub(super) use super::CaseInput as Input;
use super::rows::Rows;
use crate::check::{self, Check, Resources};
use crate::document::{Datum, Fields, Node, Shape, Source, ambiguous, cut_by_comment};
use crate::model::{Message, Role};
use crate::problem::Problems;

const CASE: Shape = Shape {
    name: "a case",
    keys: &[
        "id",
        "input",
        "vars",
        "variables",
        "messages",
        "expected",
        "checks",
        "tags",
        "must_pass",
        "exact",
    ],
};
const DEFAULTS: Shape =
    Shape { name: "`defaults`", keys: &["checks", "tags", "must_pass", "vars", "variables"] };
const TURN: Shape = Shape { name: "a message", keys: &["role", "content"] };
const ROLES: &[(&str, Role)] = &[("user", Role::User), ("assistant", Role::Assistant)];

/// Bytes that `defaults` may take in all cases together.
const MOST_DEFAULTS: usize = 64 << 20;

/// What the set gives to all its cases.
#[derive(Default)]
pub(super) struct Defaults {
    checks: Vec<Check>,
    /// Whether checks are missing because of a misspelt key, which is already an error.
    misspelt: bool,
    tags: Vec<String>,
    must_pass: bool,
    variables: BTreeMap<String, Value>,
}

impl Defaults {
    pub(super) fn read(
        Rows { source, rows, .. }: &Rows,
        node: &Node,
        resources: &mut Resources<'_>,
        problems: &mut Problems,
    ) -> Self {
        let Some(fields) = Fields::read(source, node, &DEFAULTS, problems) else {
            return Self::default();
        };
        let bytes = node.size().saturating_mul(rows.len());
        if bytes > MOST_DEFAULTS {
            let message = format!(
                "`defaults` are copied to each of the {} cases and would take about {} MiB; at most {} are taken",
                rows.len(),
                bytes >> 20,
                MOST_DEFAULTS >> 20
            );
            problems.push(source.error(node.mark, message).help("shorten `defaults`, or split the set"));
            return Self::default();
        }
        Self {
            checks: checks(&fields, resources, problems),
            misspelt: fields.may_be_misspelt("checks"),
            tags: fields.texts("tags", problems).unwrap_or_default(),
            must_pass: fields.flag("must_pass", problems).unwrap_or_default(),
            variables: variables(&fields, problems),
        }
    }
}

/// A case as written in the file.
pub(super) struct Row<'a> {
    pub(super) source: &'a Source,
    pub(super) node: &'a Node,
    pub(super) defaults: &'a Defaults,
}

impl Row<'_> {
    /// Reads the case; its id is empty when none is written.
    pub(super) fn read(&self, resources: &mut Resources<'_>, problems: &mut Problems) -> Option<Case> {
        let fields = Fields::read(self.source, self.node, &CASE, problems)?;
        let id = self.id(&fields, problems);
        let must_pass = fields.flag("must_pass", problems).unwrap_or(self.defaults.must_pass);
        if must_pass && !fields.has("id") {
            let message = "a case with `must_pass: true` needs an `id`";
            problems.push(self.source.error(self.node.mark, message).help("add `id: a-short-name`"));
        }
        for key in ["input", "expected"] {
            self.warn_of_comment(fields.node(key), key, problems);
        }
        let expected = fields.text("expected", problems).map(str::to_owned);
        let checks = self.checks(&fields, resources, problems);
        self.expect_expected(&fields, &checks, problems);
        let mut tags = self.defaults.tags.clone();
        tags.extend(fields.texts("tags", problems).unwrap_or_default());
        tags.sort();
        tags.dedup();
        let (input, variables) = self.input(&fields, problems)?;
        let exact = fields.flag("exact", problems).unwrap_or_default();
        let mark = self.node.mark;
        Some(Case { id, mark, input, variables, expected, checks, tags, must_pass, exact })
    }

    fn warn_of_comment(&self, node: Option<&Node>, key: &str, problems: &mut Problems) {
        let warning = node.and_then(|node| cut_by_comment(self.source, node, &format!("`{key}`")));
        problems.extend(warning.into());
    }

    fn id(&self, fields: &Fields<'_>, problems: &mut Problems) -> String {
        let Some(id) = fields.text("id", problems) else {
            return String::new();
        };
        if id.trim().is_empty() || id.trim() != id || id.chars().any(char::is_control) {
            let problem = fields.error("id", format!("the case id {id:?} is not usable"));
            problems.push(problem.help("write a short name without spaces around it"));
        }
        id.to_owned()
    }

    fn checks(
        &self,
        fields: &Fields<'_>,
        resources: &mut Resources<'_>,
        problems: &mut Problems,
    ) -> Vec<Check> {
        let mut all = self.defaults.checks.clone();
        all.extend(checks(fields, resources, problems));
        // A set may have many thousand cases; a list that grows takes room for four checks at once.
        all.shrink_to_fit();
        let written = match fields.node("checks").map(|node| &node.datum) {
            Some(Datum::List(items)) => !items.is_empty(),
            Some(_) => true,
            // One mistake is one error.
            None => self.defaults.misspelt || fields.may_be_misspelt("checks"),
        };
        if all.is_empty() && !written {
            let message = "the case has no checks: nothing could fail";
            let help = "add `checks` to the case, or to the golden set's `defaults`";
            problems.push(self.source.error(self.node.mark, message).help(help));
        } else if !all.is_empty() && all.iter().all(Check::is_advisory) {
            let message = "no check of this case can fail: `latency` and `cost` are reported, never scored";
            let help = "add a check of the answer beside it, to the case or to the golden set's `defaults`";
            problems.push(self.source.error(self.node.mark, message).help(help));
        }
        all
    }

    fn expect_expected(&self, fields: &Fields<'_>, checks: &[Check], problems: &mut Problems) {
        if !fields.has("expected") && checks.iter().any(Check::needs_expected) {
            let message = "a check of this case compares with `expected`, and the case has none";
            problems.push(self.source.error(self.node.mark, message).help("add `expected: \"…\"`"));
        }
    }

    fn input(
        &self,
        fields: &Fields<'_>,
        problems: &mut Problems,
    ) -> Option<(Input, BTreeMap<String, Value>)> {
        let mut all = self.defaults.variables.clone();
        all.extend(variables(fields, problems));
        fields.at_most_one(&["input", "messages"], problems);
        if fields.has("input") {
            let text = fields.text("input", problems)?.to_owned();
            if variables(fields, &mut Problems::new()).contains_key("input") {
                let message = "the variable `input` is the case's `input`; it cannot be given twice";
                problems.push(self.source.error(self.node.mark, message));
            }
            return Some((Input::Text(text), all));
        }
        if fields.has("messages") {
            return Some((Input::Messages(self.messages(fields, problems)?), all));
        }
        if ["input", "vars", "variables", "messages"].iter().any(|key| fields.may_be_misspelt(key)) {
            return None;
        }
        if all.is_empty() {
            let help = "add `input: \"text\"`, `vars: {name: value}` or `messages: [...]`";
            problems.push(self.source.error(self.node.mark, "the case has no input").help(help));
            return None;
        }
        Some((Input::Variables, all))
    }

    fn messages(&self, fields: &Fields<'_>, problems: &mut Problems) -> Option<Vec<Message>> {
        let items = fields.list("messages", problems)?;
        let mut messages = Vec::new();
        for item in items {
            let turn = Fields::read(self.source, item, &TURN, problems)?;
            for key in TURN.keys.iter().filter(|key| !turn.has(key)) {
                problems.push(self.source.error(item.mark, format!("a message needs `{key}`")));
            }
            self.warn_of_comment(turn.node("content"), "content", problems);
            let role = turn.choice("role", ROLES, problems)?;
            messages.push(Message { role, text: turn.text("content", problems)?.to_owned() });
        }
        if messages.last().is_none_or(|last| last.role != Role::User) {
            let problem = fields.error("messages", "the last message of a case must be the user's");
            problems.push(problem.help("end the list with `role: user`"));
            return None;
        }
        Some(messages)
    }
}

fn checks(fields: &Fields<'_>, resources: &mut Resources<'_>, problems: &mut Problems) -> Vec<Check> {
    if !fields.has("checks") {
        return Vec::new();
    }
    let nodes = fields.list("checks", problems).unwrap_or_default();
    nodes.iter().filter_map(|node| check::read(fields.source, node, resources, problems)).collect()
}

/// `vars`, also called `variables`.
fn variables(fields: &Fields<'_>, problems: &mut Problems) -> BTreeMap<String, Value> {
    fields.at_most_one(&["vars", "variables"], problems);
    let key = if fields.has("vars") { "vars" } else { "variables" };
    if !fields.has(key) {
        return BTreeMap::new();
    }
    let entries = fields.map(key, problems).unwrap_or_default();
    for (name, node) in entries {
        refuse_ambiguous(fields.source, node, problems);
        problems.extend(cut_by_comment(fields.source, node, &format!("the variable `{}`", name.text)).into());
    }
    entries.iter().map(|(key, node)| (key.text.clone(), node.to_value())).collect()
}

/// `vars: {urgent: no}` would be the text `no`, which a template takes for true.
fn refuse_ambiguous(source: &Source, node: &Node, problems: &mut Problems) {
    match &node.datum {
        Datum::List(items) => items.iter().for_each(|item| refuse_ambiguous(source, item, problems)),
        Datum::Map(entries) => {
            entries.iter().for_each(|(_, value)| refuse_ambiguous(source, value, problems));
        }
        Datum::Text(text) => {
            if let Some(reading) = ambiguous(source, node) {
                let message = format!("many YAML readers take `{text}` for {reading}, this one for text");
                let help = match reading {
                    "a boolean" => format!("write true or false, or quote it: \"{text}\""),
                    _ => format!("quote it: \"{text}\""),
                };
                problems.push(source.error(node.mark, message).help(help));
            }
        }
        _ => {}
    }
}
