//! Examines one pair of prompts: equal at once, or compared case by case.

use std::collections::BTreeSet;

use super::cases::{self, Affected, Sides};
use super::judges::Judges;
use super::pairs::Pair;
use super::unpaired::Gone;
use super::{
    CaseKind, Cause, ChangeKind, Coverage, MovedBar, NEW_PROMPT_FLOOR, PromptChange, RemovedCase, bars,
    prompt_diff,
};
use crate::check::Check;
use crate::config::{BarPart, Jitter};
use crate::fingerprint::Fingerprint;
use crate::golden::{self, Ahead, GoldenSet};
use crate::per_call::BudgetPerCall;
use crate::problem::{Problem, Problems};
use crate::prompt::{Engine, Prompt};
use crate::remark::Remark;
use crate::snapshot::{Choice, Resolved, Snapshot, Unchanged};
use crate::template::hidden_by_anchors;
use crate::tree::directory;

/// What examining a pair found; `change` is `None` when the change does not affect it.
#[derive(Default)]
pub(super) struct Examined {
    pub change: Option<PromptChange>,
    pub moved_bars: Vec<MovedBar>,
}

/// Examines pairs of two snapshots.
pub(super) struct Examiner<'a> {
    pub base: &'a Snapshot<'a>,
    pub head: &'a Snapshot<'a>,
    pub choice: &'a Choice,
    pub judges_before: Judges<'a>,
    pub judges: Judges<'a>,
    pub unchanged: Unchanged<'a>,
    /// The golden sets of the base and of the head that are needed.
    pub golden_before: Ahead,
    pub golden: Ahead,
    /// Removed prompts with golden cases.
    pub gone: Vec<Gone>,
}

/// The readable part of the base's side of a prompt.
#[derive(Default)]
struct Before {
    resolved: Option<Resolved>,
    golden: Option<GoldenSet>,
    notes: Vec<Remark>,
}

impl Examiner<'_> {
    /// Announces which golden sets will be read: those of pairs that are compared.
    pub fn announce(&mut self, compared: &[&Pair<'_>]) {
        self.golden = Ahead::new(compared.iter().filter_map(|pair| pair.head?.golden.as_deref()));
        self.golden_before = Ahead::new(compared.iter().filter_map(|pair| pair.base?.golden.as_deref()));
    }

    /// Whether nothing of a pair differs, as far as that can be told without reading its cases.
    pub fn is_equal(&mut self, pair: &Pair<'_>) -> bool {
        matches!((pair.base, pair.head), (Some(old), Some(new)) if self.is_untouched(old, new))
    }

    /// Examines a pair that is not equal.
    pub fn examine(&mut self, pair: &Pair<'_>, problems: &mut Problems) -> Examined {
        match (pair.base, pair.head) {
            (old, Some(new)) => self.compared(old, new, problems).unwrap_or_default(),
            (Some(old), None) => self.removed(old),
            (None, None) => Examined::default(),
        }
    }

    /// Whether calls carry neutral variations. A change does not switch them off for itself: at
    /// temperature 0 a repeated text gives no new evidence, so that no break could be confirmed.
    fn varies(&self) -> bool {
        let (base, head) = (&self.base.config, &self.head.bar().config);
        let varied_before = base.path.is_some() && base.gate.jitter != Jitter::None;
        varied_before || head.gate.jitter != Jitter::None
    }

    /// Whether nothing relevant differs, decided only by declarations and blob ids.
    fn is_untouched(&mut self, old: &Prompt, new: &Prompt) -> bool {
        let (base, head) = (self.base, self.head);
        let model = head.model(new, self.choice);
        old.id == new.id
            && Fingerprint::of_json(old) == Fingerprint::of_json(new)
            // Includes count from the catalog's directory.
            && directory(&old.catalog) == directory(&new.catalog)
            && base.model(old, self.choice).or_else(|| model.clone()) == model
            && base.config.parameters == head.config.parameters
            && self.unchanged.texts(new)
            && new.golden.as_deref().is_none_or(|golden| self.golden_is_untouched(golden))
            && self.judges_before.judge(old) == self.judges.judge(new)
    }

    /// Whether a golden set and every file it refers to are the same on both sides.
    fn golden_is_untouched(&mut self, path: &str) -> bool {
        if self.head.is_data() || !self.unchanged.file(path) {
            return false;
        }
        let Ok(Some(bytes)) = self.head.tree.read(path) else { return false };
        match golden::references(&bytes, path) {
            golden::References::None => true,
            golden::References::Listed(paths) => paths.iter().all(|path| self.unchanged.file(path)),
            golden::References::Unknown => false,
        }
    }

    /// Compares a prompt of the head with what it was; `None` when the head's cannot be used.
    fn compared(&mut self, old: Option<&Prompt>, new: &Prompt, problems: &mut Problems) -> Option<Examined> {
        // Both are read before an error ends it, so that all mistakes are reported together.
        let candidate = Resolved::read(self.head, new, self.choice, None, problems);
        let golden = new.golden.as_deref().filter(|path| is_there(self.head, new, path));
        let golden = golden.and_then(|path| read_golden(self.head, &mut self.golden, path, problems));
        let candidate = candidate?;
        warn_of_anchors(new, &candidate, problems);
        if new.golden.is_some() && golden.is_none() {
            return None;
        }
        let before = old.map(|old| self.before(old, &candidate)).unwrap_or_default();
        let sides = Sides {
            baseline: before.resolved.as_ref(),
            candidate: &candidate,
            golden_before: before.golden.as_ref(),
            judge_before: old.and_then(|old| self.judges_before.judge(old)),
            judge: self.judges.judge(new),
            mode_before: old.map_or(new.score, |old| old.score),
            mode: new.score,
            varies: self.varies(),
        };
        let affected = match &golden {
            Some(golden) => cases::affected(new, &sides, golden, self.head.bar().tree, problems),
            None => Affected::default(),
        };
        if let Some(judge) = sides.judge.as_ref().filter(|_| golden.as_ref().is_some_and(asks_judge)) {
            problems.extend(self.judges.judges_itself(judge, &candidate.model).into());
        }
        let both = bars::Both {
            old,
            new,
            before: before.golden.as_ref(),
            after: golden.as_ref(),
            judge: sides.judge.as_ref(),
            policies: (&self.base.config.gate, &self.head.config.gate),
        };
        // The unreadable parts of the base come first: the rest is measured without them.
        let unread = before.notes.iter().map(|note| MovedBar {
            prompt: Some(new.id.clone()),
            part: BarPart::Catalogs,
            what: note.clone(),
            lowers: true,
            ..MovedBar::default()
        });
        let mut moved_bars: Vec<MovedBar> = unread.collect();
        if !self.head.is_data() {
            moved_bars.extend(bars::of_prompt(&both));
        }
        let coverage = match (&golden, old) {
            (Some(_), _) => Coverage::Covered,
            (None, Some(old)) if old.golden.is_some() => Coverage::Removed,
            (None, _) => Coverage::NotCovered,
        };
        let Affected { cases, mut causes, notes } = affected;
        causes.extend(causes_of_text(old, new, before.resolved.as_ref(), &candidate));
        let kind = match old {
            None => ChangeKind::Added,
            Some(old) if old.id != new.id => ChangeKind::Renamed { from: old.id.clone() },
            Some(_) => ChangeKind::Edited,
        };
        let touched = cases.iter().any(|case| case.kind != CaseKind::Unaffected);
        let matters =
            touched || kind != ChangeKind::Edited || coverage == Coverage::Removed || !causes.is_empty();
        let removed = removed_cases(&before, golden.as_ref());
        let asks = golden.as_ref().is_some_and(asks_judge);
        let asked_before = before.golden.as_ref().is_some_and(asks_judge);
        let change = PromptChange {
            id: new.id.clone(),
            catalog: new.catalog.clone(),
            line: new.mark.line,
            kind,
            causes,
            diff: prompt_diff(before.resolved.as_ref(), Some(&candidate)),
            coverage,
            cases,
            removed,
            score: sides.mode,
            score_before: sides.mode_before,
            min_score: new.min_score.or(self.head.config.gate.min_score),
            budget_per_call: new.budget_per_call.or(&self.head.config.gate.budget_per_call),
            judge: sides.judge.filter(|_| asks),
            judge_before: sides.judge_before.filter(|_| asked_before),
            baseline_model: before.resolved.map(|prompt| prompt.model),
            candidate_model: Some(candidate.model),
            notes: before.notes.into_iter().chain(notes).collect(),
        };
        Some(Examined { change: matters.then_some(change), moved_bars })
    }

    /// The base's side; unreadable parts are noted.
    fn before(&mut self, old: &Prompt, candidate: &Resolved) -> Before {
        let (mut of_prompt, mut of_golden) = (Problems::new(), Problems::new());
        let resolved = Resolved::read(self.base, old, self.choice, Some(&candidate.model), &mut of_prompt);
        let golden = old.golden.as_deref();
        let golden =
            golden.and_then(|path| read_golden(self.base, &mut self.golden_before, path, &mut of_golden));
        let mut notes = Vec::new();
        let mut note = |what: &str, missing: bool, found: &Problems| {
            if let (true, Some(problem)) = (missing, found.sorted().first()) {
                notes.push(Remark::new(format!("{what}: ")).quote(&problem.message));
            }
        };
        let no_baseline = "the base's version cannot be evaluated, so there is nothing to compare it with";
        note(no_baseline, resolved.is_none(), &of_prompt);
        let no_cases = "the base's golden set cannot be read, so what changed in it is not shown";
        note(no_cases, golden.is_none(), &of_golden);
        Before { resolved, golden, notes }
    }

    fn removed(&mut self, old: &Prompt) -> Examined {
        let golden = old.golden.as_deref();
        let golden = golden
            .and_then(|path| read_golden(self.base, &mut self.golden_before, path, &mut Problems::new()));
        if old.golden.is_some() {
            self.gone.push(Gone {
                id: old.id.clone(),
                floor: old.min_score.or(self.base.config.gate.min_score).unwrap_or(NEW_PROMPT_FLOOR),
                cases: golden.as_ref().map_or(0, |golden| golden.cases.len()),
            });
        }
        let moved_bars = bars::of_removed(old, golden.as_ref()).into_iter().collect();
        Examined { change: Some(self.without_successor(old)), moved_bars }
    }

    fn without_successor(&self, old: &Prompt) -> PromptChange {
        let resolved = Resolved::read(self.base, old, self.choice, Some(""), &mut Problems::new());
        PromptChange {
            id: old.id.clone(),
            catalog: old.catalog.clone(),
            line: old.mark.line,
            kind: ChangeKind::Removed,
            causes: BTreeSet::new(),
            diff: prompt_diff(resolved.as_ref(), None),
            coverage: Coverage::NotCovered,
            cases: Vec::new(),
            removed: Vec::new(),
            score: old.score,
            score_before: old.score,
            min_score: None,
            budget_per_call: BudgetPerCall::default(),
            baseline_model: self.base.model(old, self.choice),
            candidate_model: None,
            judge: None,
            judge_before: None,
            notes: Vec::new(),
        }
    }
}

/// Warns of text that a Jinja comment hides, if the comment looks like the anchor of a heading.
fn warn_of_anchors(prompt: &Prompt, resolved: &Resolved, problems: &mut Problems) {
    if prompt.engine != Engine::Jinja {
        return;
    }
    for text in &resolved.texts {
        for (anchor, line, end) in hidden_by_anchors(&text.text) {
            let until = if end == line {
                String::new()
            } else {
                format!(", to the `#}}` {} lines below,", end - line)
            };
            let message = format!("what begins with `{anchor}`{until} is a comment of Jinja: it is not sent");
            let help =
                "set `template: none` or `braces` if it is text; put a space after `{#` if it is a comment";
            problems.push(text.place(Problem::warning(message).help(help), &prompt.catalog, line));
        }
    }
}

/// Whether a golden set can be read; if the catalog names one that cannot, its reader has said so.
fn is_there(snapshot: &Snapshot<'_>, prompt: &Prompt, path: &str) -> bool {
    !prompt.golden_explicit || matches!(snapshot.tree.blob(path), Ok(Some(_)))
}

fn read_golden(
    snapshot: &Snapshot<'_>,
    ahead: &mut Ahead,
    path: &str,
    problems: &mut Problems,
) -> Option<GoldenSet> {
    let golden = ahead.read(snapshot.bar().tree, path, problems)?;
    snapshot.allowance().take_golden(golden.bytes, path);
    Some(golden)
}

/// The base's cases that the head no longer has, with what the baseline would send for them.
fn removed_cases(before: &Before, golden: Option<&GoldenSet>) -> Vec<RemovedCase> {
    let kept: BTreeSet<&str> =
        golden.into_iter().flat_map(|golden| &golden.cases).map(|case| case.id.as_str()).collect();
    let cases = before.golden.iter().flat_map(|golden| &golden.cases);
    let removed = cases.filter(|case| !kept.contains(case.id.as_str()));
    let request = |case| before.resolved.as_ref().and_then(|prompt| prompt.request(case).ok());
    removed.map(|case| RemovedCase { case: case.clone(), request: request(case) }).collect()
}

/// Whether any case of a golden set asks a judge.
fn asks_judge(golden: &GoldenSet) -> bool {
    golden.cases.iter().any(|case| case.checks.iter().any(Check::asks_judge))
}

/// The differences in the declaration, whether or not they affect a case.
fn causes_of_text(
    old: Option<&Prompt>,
    new: &Prompt,
    baseline: Option<&Resolved>,
    candidate: &Resolved,
) -> BTreeSet<Cause> {
    let (Some(old), Some(baseline)) = (old, baseline) else { return BTreeSet::new() };
    let texts =
        |prompt: &Resolved| prompt.texts.iter().map(|t| (t.speaker, t.text.clone())).collect::<Vec<_>>();
    // A part under another name has the same content.
    let parts = |prompt: &Resolved| {
        let mut parts: Vec<String> = prompt.parts.values().cloned().collect();
        parts.sort();
        parts
    };
    let tools = |prompt: &Resolved| (prompt.tools.clone(), prompt.tool_choice.clone());
    [
        (texts(baseline) != texts(candidate) || old.engine != new.engine, Cause::Text),
        (parts(baseline) != parts(candidate), Cause::Include),
        (baseline.model != candidate.model, Cause::Model),
        (baseline.parameters != candidate.parameters, Cause::Parameters),
        (tools(baseline) != tools(candidate), Cause::Tools),
        (old.id != new.id, Cause::Name),
    ]
    .into_iter()
    .filter_map(|(differs, cause)| differs.then_some(cause))
    .collect()
}
