//! One pair of prompts, examined: untouched at a glance, or compared case by case.

use std::collections::BTreeSet;

use super::cases::{self, Sides};
use super::pairs::Pair;
use super::{Cause, ChangeKind, Coverage, MovedBar, PromptChange, bars, prompt_diff};
use crate::check::{Check, Judge};
use crate::fingerprint::Fingerprint;
use crate::golden::{self, GoldenSet};
use crate::problem::Problems;
use crate::prompt::{Prompt, Speaker};
use crate::snapshot::{Choice, Resolved, Snapshot, Unchanged, texts_of};

/// What examining a pair found; `change` is `None` when the change does not affect it.
#[derive(Default)]
pub(super) struct Examined {
    pub change: Option<PromptChange>,
    pub moved_bars: Vec<MovedBar>,
}

/// Examines one pair.
pub(super) fn examine(
    base: &Snapshot<'_>,
    head: &Snapshot<'_>,
    pair: &Pair<'_>,
    choice: &Choice,
    unchanged: &mut Unchanged<'_>,
    problems: &mut Problems,
) -> Examined {
    match (pair.base, pair.head) {
        (Some(old), Some(new)) if is_untouched(base, head, (old, new), choice, unchanged) => {
            Examined::default()
        }
        (old, Some(new)) => compared(base, head, (old, new), choice, problems),
        (Some(old), None) => Examined { change: Some(removed(base, old, choice)), moved_bars: Vec::new() },
        (None, None) => Examined::default(),
    }
}

/// Whether nothing that could matter differs, told by declarations and blob ids alone.
fn is_untouched(
    base: &Snapshot<'_>,
    head: &Snapshot<'_>,
    (old, new): (&Prompt, &Prompt),
    choice: &Choice,
    unchanged: &mut Unchanged<'_>,
) -> bool {
    let base_model = base.model(old, choice).or_else(|| head.model(new, choice));
    old.id == new.id
        && Fingerprint::of_json(old) == Fingerprint::of_json(new)
        && base_model == head.model(new, choice)
        && base.config.parameters == head.config.parameters
        && unchanged.texts(new)
        && new.golden.as_deref().is_none_or(|golden| golden_is_untouched(head, golden, unchanged))
        && judge_of(base, old) == judge_of(head, new)
}

/// Whether a golden set and every file it refers to are the same on both sides.
fn golden_is_untouched(head: &Snapshot<'_>, path: &str, unchanged: &mut Unchanged<'_>) -> bool {
    if !unchanged.file(path) {
        return false;
    }
    let Ok(Some(bytes)) = head.tree.read(path) else { return false };
    match golden::references(&bytes, path) {
        golden::References::None => true,
        golden::References::Listed(paths) => paths.iter().all(|path| unchanged.file(path)),
        golden::References::Unknown => false,
    }
}

/// How a prompt's judge checks would be asked; `None` when no judge model is named.
fn judge_of(snapshot: &Snapshot<'_>, prompt: &Prompt) -> Option<Judge> {
    let policy = &snapshot.config.judge;
    let text = policy.prompt.as_deref().and_then(|id| snapshot.prompt(id)).and_then(|judge| {
        let (texts, _) = texts_of(snapshot.tree, judge, &mut Problems::new())?;
        texts.into_iter().find(|text| text.speaker == Speaker::System).map(|text| text.text)
    });
    Some(Judge::new(&snapshot.judge_model(prompt)?, text.as_deref(), policy))
}

fn compared(
    base: &Snapshot<'_>,
    head: &Snapshot<'_>,
    (old, new): (Option<&Prompt>, &Prompt),
    choice: &Choice,
    problems: &mut Problems,
) -> Examined {
    let candidate = Resolved::read(head, new, choice, None, problems);
    let golden = new.golden.as_deref().filter(|path| is_there(head, new, path));
    let golden = golden.and_then(|path| read_golden(head, path, problems));
    let Some(candidate) = candidate else { return Examined::default() };
    let mut notes = Vec::new();
    let baseline = old.and_then(|old| {
        let mut found = Problems::new();
        let resolved = Resolved::read(base, old, choice, Some(&candidate.model), &mut found);
        if let Some(problem) = found.sorted().first() {
            notes.push(format!(
                "the base's version cannot be evaluated, so there is no baseline: {}",
                problem.message
            ));
        }
        resolved
    });
    if new.golden.is_some() && golden.is_none() {
        return Examined::default();
    }
    let before = old.and_then(|old| read_golden(base, old.golden.as_deref()?, &mut Problems::new()));
    let sides = Sides {
        baseline: baseline.as_ref(),
        candidate: &candidate,
        golden_before: before.as_ref(),
        judge_before: old.and_then(|old| judge_of(base, old)),
        judge: judge_of(head, new),
        mode_before: old.map_or(new.score, |old| old.score),
        mode: new.score,
    };
    let affected = match &golden {
        Some(golden) => cases::affected(new, &sides, golden, head.tree, problems),
        None => cases::Affected::default(),
    };
    notes.extend(affected.notes);
    let coverage = match (&golden, &before) {
        (Some(_), _) => Coverage::Covered,
        (None, Some(_)) => Coverage::Removed,
        (None, None) => Coverage::NotCovered,
    };
    let mut causes = affected.causes;
    causes.extend(causes_of_text(old, new, baseline.as_ref(), &candidate));
    let moved_bars = bars::of_prompt((old, new), before.as_ref(), golden.as_ref());
    let kind = match old {
        None => ChangeKind::Added,
        Some(old) if old.id != new.id => ChangeKind::Renamed { from: old.id.clone() },
        Some(_) => ChangeKind::Edited,
    };
    let touched = affected.cases.iter().any(|case| case.kind != super::CaseKind::Unaffected);
    let matters =
        touched || kind != ChangeKind::Edited || coverage == Coverage::Removed || !causes.is_empty();
    let judge = sides.judge.clone().filter(|_| golden.as_ref().is_some_and(asks_judge));
    let change = PromptChange {
        id: new.id.clone(),
        catalog: new.catalog.clone(),
        line: new.mark.line,
        kind,
        causes,
        diff: prompt_diff(baseline.as_ref(), Some(&candidate)),
        coverage,
        cases: affected.cases,
        score: new.score,
        min_score: new.min_score.or(head.config.gate.min_score),
        baseline_model: baseline.map(|prompt| prompt.model),
        candidate_model: Some(candidate.model),
        judge,
        notes,
    };
    Examined { change: matters.then_some(change), moved_bars }
}

/// Whether a golden set can be read; if the catalog names one that cannot, its reader has said so.
fn is_there(snapshot: &Snapshot<'_>, prompt: &Prompt, path: &str) -> bool {
    !prompt.golden_explicit || matches!(snapshot.tree.blob(path), Ok(Some(_)))
}

fn read_golden(snapshot: &Snapshot<'_>, path: &str, problems: &mut Problems) -> Option<GoldenSet> {
    golden::read(snapshot.tree, path, &mut BTreeSet::new(), problems)
}

/// Whether any case of a golden set asks a judge.
fn asks_judge(golden: &GoldenSet) -> bool {
    golden.cases.iter().any(|case| case.checks.iter().any(Check::asks_judge))
}

/// What differs in the declaration, whether or not a case shows it.
fn causes_of_text(
    old: Option<&Prompt>,
    new: &Prompt,
    baseline: Option<&Resolved>,
    candidate: &Resolved,
) -> BTreeSet<Cause> {
    let mut causes = BTreeSet::new();
    let Some(baseline) = baseline else { return causes };
    let texts =
        |prompt: &Resolved| prompt.texts.iter().map(|t| (t.speaker, t.text.clone())).collect::<Vec<_>>();
    let mut cause = |differs: bool, cause: Cause| {
        if differs {
            causes.insert(cause);
        }
    };
    cause(texts(baseline) != texts(candidate), Cause::Text);
    cause(old.is_some_and(|old| old.engine != new.engine), Cause::Text);
    cause(baseline.parts != candidate.parts, Cause::Include);
    cause(baseline.model != candidate.model, Cause::Model);
    cause(baseline.parameters != candidate.parameters, Cause::Parameters);
    cause(baseline.tools != candidate.tools || baseline.tool_choice != candidate.tool_choice, Cause::Tools);
    cause(old.is_some_and(|old| old.id != new.id), Cause::Name);
    causes
}

fn removed(base: &Snapshot<'_>, old: &Prompt, choice: &Choice) -> PromptChange {
    let resolved = Resolved::read(base, old, choice, Some(""), &mut Problems::new());
    PromptChange {
        id: old.id.clone(),
        catalog: old.catalog.clone(),
        line: old.mark.line,
        kind: ChangeKind::Removed,
        causes: BTreeSet::new(),
        diff: prompt_diff(resolved.as_ref(), None),
        coverage: Coverage::NotCovered,
        cases: Vec::new(),
        score: old.score,
        min_score: None,
        baseline_model: base.model(old, choice),
        candidate_model: None,
        judge: None,
        notes: Vec::new(),
    }
}
