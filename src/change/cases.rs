//! The cases of one prompt: the request of each on both sides, and whether the request or the
//! checks of the answer differ.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use super::{CaseChange, CaseKind, Cause, MarkedBefore};
use crate::check::{Check, Judge};
use crate::document::Source;
use crate::fingerprint::Fingerprint;
use crate::golden::{Case, CaseInput, GoldenSet};
use crate::model::Request;
use crate::problem::{Mark, MistakeKind, Problem, Problems, nearest};
use crate::prompt::{Engine, Prompt, ScoreMode};
use crate::remark::Remark;
use crate::snapshot::{CaseError, Resolved, TemplateText};
use crate::template::{Parts, Place, Template, TemplateError, single_braced};
use crate::tree::Tree;

/// Both sides of a prompt, resolved.
pub(super) struct Sides<'a> {
    pub baseline: Option<&'a Resolved>,
    pub candidate: &'a Resolved,
    pub golden_before: Option<&'a GoldenSet>,
    pub judge_before: Option<Judge>,
    pub judge: Option<Judge>,
    pub mode_before: ScoreMode,
    pub mode: ScoreMode,
    /// Whether calls carry neutral variations.
    pub varies: bool,
}

/// The cases, and notes about them.
#[derive(Default)]
pub(super) struct Affected {
    pub cases: Vec<CaseChange>,
    pub causes: BTreeSet<Cause>,
    pub notes: Vec<Remark>,
}

/// Compares the sides case by case. Cases that the head's prompt cannot be rendered for are
/// errors at the case.
pub(super) fn affected(
    prompt: &Prompt,
    sides: &Sides<'_>,
    golden: &GoldenSet,
    tree: &dyn Tree,
    problems: &mut Problems,
) -> Affected {
    let mut affected = Affected::default();
    // Problems show its lines.
    let source = LazyCell::new(|| {
        let text = tree.read(&golden.path).ok().flatten().unwrap_or_default();
        Source::new(&golden.path, String::from_utf8_lossy(&text))
    });
    let before: BTreeMap<&str, &Case> = sides
        .golden_before
        .map(|golden| golden.cases.iter().map(|case| (case.id.as_str(), case.as_ref())).collect())
        .unwrap_or_default();
    affected.cases.reserve_exact(golden.cases.len());
    let mut without_baseline = Vec::new();
    let needed = match prompt.engine {
        Engine::Braces => filled_for_some(sides.candidate, golden),
        _ => BTreeSet::new(),
    };
    for case in &golden.cases {
        if let Some(name) = needed.iter().find(|name| !case.values().contains_key(*name)) {
            // Its braces would be sent, while other cases fill them.
            let error = CaseError::Template(TemplateError::no_value(name, None, None));
            problems.push(source.place(case_problem(prompt, case, &error), case.mark));
            continue;
        }
        let candidate = match sides.candidate.request(case) {
            Ok(request) => request,
            // The comparison reports it for the right side.
            Err(_) if sides.candidate.is_in_excess() => break,
            Err(error) => {
                if problems.is_full() {
                    break;
                }
                problems.push(source.place(case_problem(prompt, case, &error), case.mark));
                continue;
            }
        };
        if case.checks.iter().any(Check::asks_judge) && sides.judge.is_none() {
            problems.push(source.place(no_judge(case), case.mark));
        }
        let old_case = before.get(case.id.as_str()).copied();
        let baseline = sides.baseline.and_then(|prompt| baseline_request(prompt, case, old_case));
        if sides.baseline.is_some_and(Resolved::is_in_excess) {
            break;
        }
        if sides.baseline.is_some() && baseline.is_none() {
            without_baseline.push(case.id.clone());
        }
        let changed =
            CaseComparison { sides, case, old_case, baseline: baseline.as_ref(), candidate: &candidate };
        let kind = changed.kind(&mut affected.causes);
        let before = old_case.filter(|old| changed.marks(old) != changed.marked_now());
        let before = before.map(|old| MarkedBefore {
            checks: old.checks.clone(),
            expected: old.expected.clone(),
            variables: old.variables.clone(),
        });
        let (baseline, candidate) = (baseline.map(Arc::new), Arc::new(candidate));
        // A change to a golden set cannot make its own cases `exact` either.
        let was_exact = old_case.map_or(sides.golden_before.is_none(), |old| old.exact);
        let varies = sides.varies && !(case.exact && was_exact);
        affected.cases.push(CaseChange { case: Arc::clone(case), kind, baseline, candidate, before, varies });
    }
    let ids: BTreeSet<&str> = golden.cases.iter().map(|case| case.id.as_str()).collect();
    if before.keys().any(|id| !ids.contains(id)) {
        affected.causes.insert(Cause::GoldenSet);
    }
    if !without_baseline.is_empty() {
        let cases = counted(without_baseline.len(), "case");
        let lead = format!(
            "the base's version cannot be rendered for {cases}, so there is nothing to compare them with: "
        );
        affected.notes.push(Remark::new(lead).quote(without_baseline.join(", ")));
    }
    look_at_uses(prompt, sides.candidate, golden, &source, problems);
    affected
}

/// `1 case`, `2 cases`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The base's prompt rendered for the head's case. Variables that the head's case lacks and the
/// base's text still needs come from the base's version of the case; the checks do not.
fn baseline_request(prompt: &Resolved, case: &Case, old_case: Option<&Case>) -> Option<Request> {
    prompt.request(case).ok().or_else(|| {
        let mut whole = case.clone();
        for (name, value) in &old_case?.variables {
            whole.variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
        prompt.request(&whole).ok()
    })
}

struct CaseComparison<'a> {
    sides: &'a Sides<'a>,
    case: &'a Case,
    old_case: Option<&'a Case>,
    baseline: Option<&'a Request>,
    candidate: &'a Request,
}

impl CaseComparison<'_> {
    fn kind(&self, causes: &mut BTreeSet<Cause>) -> CaseKind {
        let Some(baseline) = self.baseline else { return CaseKind::Score };
        if baseline != self.candidate {
            return CaseKind::Compare;
        }
        let Some(old) = self.old_case else {
            causes.insert(Cause::GoldenSet);
            return CaseKind::Score;
        };
        let asked_before = self.sides.baseline.and_then(|prompt| prompt.request(old).ok());
        if asked_before.as_ref() != Some(self.candidate) {
            causes.insert(Cause::GoldenSet);
            return CaseKind::Score;
        }
        let sides = self.sides;
        let same_judge = old.scoring(sides.mode_before, sides.judge.as_ref()).fingerprint();
        if same_judge != self.marked_now() || old.must_pass != self.case.must_pass {
            causes.insert(Cause::Checks);
            return CaseKind::Score;
        }
        if self.marks(old) != self.marked_now() {
            causes.insert(Cause::Judge);
            return CaseKind::Score;
        }
        CaseKind::Unaffected
    }

    /// The head's scoring of the case.
    fn marked_now(&self) -> Fingerprint {
        self.case.scoring(self.sides.mode, self.sides.judge.as_ref()).fingerprint()
    }

    /// The base's scoring of the case.
    fn marks(&self, old: &Case) -> Fingerprint {
        old.scoring(self.sides.mode_before, self.sides.judge_before.as_ref()).fingerprint()
    }
}

fn case_problem(prompt: &Prompt, case: &Case, error: &CaseError) -> Problem {
    let problem = Problem::of(&format!("the case `{}` of `{}`", case.id, prompt.id), error);
    match error {
        CaseError::Template(template) => {
            let place = match (&template.path, template.line) {
                (Some(path), Some(line)) => format!("`{path}`, line {line}"),
                (None, Some(line)) => format!("line {line} of the prompt's text"),
                (_, None) => "the prompt's text".to_owned(),
            };
            match template.undefined {
                Some(_) => problem
                    .help(format!("give it under `vars:`; it is used in {place}"))
                    .kind(MistakeKind::UnboundVariable),
                None => problem.help(format!("correct {place}: {ENGINE}")),
            }
        }
        CaseError::NothingToSay => problem.help("give the case an `input`, or the prompt a `user:` template"),
        CaseError::TwoUserMessages => problem.help("`messages` is for prompts without a user message"),
        CaseError::Empty(_) => problem.help("a model refuses empty messages: fill it, or remove the case"),
    }
}

/// The documentation of the template language.
const ENGINE: &str = "templates are MiniJinja's (https://docs.rs/minijinja/latest/minijinja/syntax/), with \
                      Python's methods of str, list and dict";

fn no_judge(case: &Case) -> Problem {
    Problem::error(format!("the case `{}` has a judge check, but no judge model is named", case.id))
        .help("set `models: {judge: MODEL_ID}` in prompt-assay.yaml")
        .kind(MistakeKind::MissingModel)
}

/// The variable that is the case's input.
const INPUT: &str = "input";

/// Values of cases that no text uses. If this is the input, or everything that a case gives, every case would
/// send the same request: an error. Otherwise a warning, once for each variable at the first case.
fn look_at_uses(
    prompt: &Prompt,
    resolved: &Resolved,
    golden: &GoldenSet,
    source: &impl Deref<Target = Source>,
    problems: &mut Problems,
) {
    let used = resolved.variables();
    if prompt.ignores_input {
        return contradictions(prompt, resolved, &used)
            .into_iter()
            .for_each(|problem| problems.push(problem));
    }
    let takes_input = resolved.question().is_some();
    let of_case = |case: &'_ Case| -> Vec<String> {
        let is_text = matches!(case.input, CaseInput::Text(_)) && takes_input;
        case.variables.keys().cloned().chain(is_text.then(|| INPUT.to_owned())).collect()
    };
    let mut unused: BTreeMap<String, (Mark, usize)> = BTreeMap::new();
    let mut names = BTreeSet::from([INPUT.to_owned()]);
    let mut mute: Vec<&Case> = Vec::new();
    for case in &golden.cases {
        let given = of_case(case);
        let is_sent_whole = match case.input {
            CaseInput::Messages(_) => true,
            CaseInput::Text(_) => !takes_input,
            CaseInput::Variables => false,
        };
        if !is_sent_whole && !given.iter().any(|name| used.contains(name)) {
            mute.push(case);
        }
        for name in given.iter().filter(|name| !used.contains(*name)) {
            unused.entry(name.clone()).or_insert((case.mark, 0)).1 += 1;
        }
        names.extend(given);
    }
    let (mut in_single_braces, mut is_said) = (BTreeSet::new(), false);
    if prompt.engine == Engine::Jinja {
        for text in &resolved.texts {
            for name in single_braced(&text.text, &names) {
                let is_unused = unused.contains_key(&name);
                is_said |= is_unused;
                problems.push(single_brace(prompt, text, &name, is_unused));
                in_single_braces.insert(name);
            }
        }
    }
    if prompt.engine == Engine::Braces {
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        for text in &resolved.texts {
            let unknown = braced(text).into_iter().filter(|name| !names.contains(name));
            for (name, meant) in unknown.filter_map(|name| Some((nearest(&name, &all)?, name))) {
                problems.push(not_filled(prompt, text, &meant, name));
            }
        }
    }
    unused.retain(|name, _| !in_single_braces.contains(name));
    if let Some((_, count)) = unused.remove(INPUT) {
        let problem = resolved.question().map(|text| unsent_input(prompt, text, count));
        problem.into_iter().for_each(|problem| problems.push(problem));
        is_said = true;
    }
    if let Some(first) = mute.first().filter(|_| !is_said) {
        let names = of_case(first);
        problems.push(source.place(mute_case(prompt, first, &names, mute.len()), first.mark));
    } else if prompt.engine != Engine::None {
        for (name, (mark, count)) in unused {
            let count = counted(count, "case");
            let message =
                format!("the variable `{name}` ({count}) is not used by the prompt `{}`", prompt.id);
            let problem = source.warning(mark, message).help("remove it, or use it in the prompt's text");
            problems.push(problem.kind(MistakeKind::UnusedVariable));
        }
    }
}

/// `input: none` where the input is sent all the same.
fn contradictions(prompt: &Prompt, resolved: &Resolved, used: &BTreeSet<String>) -> Option<Problem> {
    let why = match resolved.question() {
        None => "it has no user message, so that a case's input is sent as one",
        Some(_) if used.contains(INPUT) => "its text uses `input`",
        Some(_) => return None,
    };
    let problem = Problem::error(format!("the prompt `{}` says `input: none`, and {why}", prompt.id));
    let help = "remove `input: none`, or give the prompt a `user` message that does not use `input`";
    let text = resolved.texts.last()?;
    Some(text.place(problem.help(help).kind(MistakeKind::UnsentInput), &prompt.catalog, 0))
}

/// The user message stands for itself, whatever the case is.
fn unsent_input(prompt: &Prompt, text: &TemplateText, count: usize) -> Problem {
    let message = format!(
        "the `input` of {} of `{}` is never sent: the prompt's user message does not use it",
        counted(count, "case"),
        prompt.id
    );
    let is_jinja = text.text.replace(' ', "").contains("{{input}}");
    let write = match prompt.engine {
        Engine::Jinja => "write `{{ input }}` where it belongs",
        Engine::Python if is_jinja => {
            "write `{input}`: double braces are `template: jinja`, and this is `template: python`"
        }
        Engine::Braces if is_jinja => {
            "write `{input}`: double braces are `template: jinja`, and this is `template: braces`"
        }
        Engine::Python | Engine::Braces => "write `{input}` where it belongs",
        Engine::None => "set `template: jinja` or `template: python`, for `template: none` puts nothing in",
    };
    let help = format!(
        "{write}; or remove the user message, and the input is sent as it; or set `input: none` on the prompt if its cases \
         are meant to ask the same"
    );
    text.place(Problem::error(message).help(help).kind(MistakeKind::UnsentInput), &prompt.catalog, 0)
}

/// Nothing that the case gives is used.
fn mute_case(prompt: &Prompt, case: &Case, names: &[String], count: usize) -> Problem {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let others = match count - 1 {
        0 => String::new(),
        more => format!(", and of {} like it", counted(more, "more case")),
    };
    Problem::error(format!(
        "nothing of the case `{}` is ever sent{others}: no text of the prompt `{}` uses {}",
        case.id,
        prompt.id,
        names.join(" or ")
    ))
    .help("use it in the prompt's text, or set `input: none` on the prompt if its cases are meant to ask the same")
    .kind(MistakeKind::UnsentInput)
}

/// A variable as another template language writes it; an error where no other text uses it.
fn single_brace(prompt: &Prompt, text: &TemplateText, name: &str, is_unused: bool) -> Problem {
    let line = text.text.lines().position(|line| line.contains(&format!("{{{name}}}")));
    let message = format!("`{{{name}}}` in the prompt `{}` is sent as it stands", prompt.id);
    let problem = match is_unused {
        true => Problem::error(format!("{message}, and no case's `{name}` is ever sent")),
        false => Problem::warning(message),
    };
    let problem = problem
        .help(format!("write `{{{{ {name} }}}}`, or set `template: {}` for single braces", single(text)))
        .kind(MistakeKind::OtherSyntax);
    text.place(problem, &prompt.catalog, line.map_or(0, |at| at as u32 + 1))
}

/// The names in braces that at least one case gives: those are variables.
fn filled_for_some(resolved: &Resolved, golden: &GoldenSet) -> BTreeSet<String> {
    let known: BTreeSet<String> = golden.cases.iter().flat_map(|case| case.values().into_keys()).collect();
    resolved.variables().intersection(&known).cloned().collect()
}

/// The language of single braces that a text is written in.
fn single(text: &TemplateText) -> &'static str {
    let place = Place { root: "", path: &text.path };
    match Template::compile(Engine::Python, place, &text.text, &Parts::new()) {
        Ok(_) => "python",
        Err(_) => "braces",
    }
}

/// The names in single braces.
fn braced(text: &TemplateText) -> BTreeSet<String> {
    let place = Place { root: "", path: &text.path };
    let compiled = Template::compile(Engine::Braces, place, &text.text, &Parts::new());
    compiled.map(|template| template.variables()).unwrap_or_default()
}

fn not_filled(prompt: &Prompt, text: &TemplateText, written: &str, meant: &str) -> Problem {
    let line = text.text.lines().position(|line| line.contains(&format!("{{{written}}}")));
    let message =
        format!("`{{{written}}}` in the prompt `{}` is sent as it stands: no case gives it", prompt.id);
    let problem = Problem::warning(message).help(format!("did you mean `{{{meant}}}`?"));
    let problem = problem.kind(MistakeKind::UnboundVariable);
    text.place(problem, &prompt.catalog, line.map_or(0, |at| at as u32 + 1))
}
