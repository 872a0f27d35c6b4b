//! Two snapshots become a change set: which prompts changed, why, and which cases are affected.
//!
//! The unit is (prompt, case): a case is affected if its request differs, or if the checks of its
//! answer differ (decisions.md#affected-cases).

mod bars;
mod cases;
mod config_bars;
mod diff;
mod examine;
mod judges;
mod limits;
mod pairs;
mod unpaired;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::{Check, Judge, Scoring};
use crate::config::BarPart;
use crate::golden::{Ahead, Case};
use crate::model::Request;
use crate::per_call::BudgetPerCall;
use crate::problem::Problems;
use crate::prompt::ScoreMode;
use crate::remark::Remark;
use crate::snapshot::{Choice, Snapshot, Unchanged};
use crate::trial::AnswerKey;
use crate::variation::Variation;

pub use bars::listed;
pub use diff::prompt_diff;
pub use judges::Judges;

use examine::Examiner;
use pairs::Pair;

/// The floor of a new prompt that names none (decisions.md#no-way-around).
pub const NEW_PROMPT_FLOOR: f64 = 0.8;

/// What happened to a prompt between base and head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// New in the head: no baseline.
    Added,
    /// In both, and something that matters differs.
    Edited,
    /// Gone from the head.
    Removed,
    /// Another key, gated against the old one.
    Renamed {
        /// The base's key.
        from: String,
    },
}

/// What of a prompt changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The text of its messages.
    Text,
    /// A file its text includes.
    Include,
    /// The model id.
    Model,
    /// Sampling parameters.
    Parameters,
    /// Tools on offer.
    Tools,
    /// Cases added, removed or with other inputs.
    GoldenSet,
    /// What the cases ask of an answer.
    Checks,
    /// The judge's model or prompt.
    Judge,
    /// The key.
    Name,
}

/// One line of a prompt's diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffLine {
    /// In both.
    Same(String),
    /// Only in the base.
    Removed(String),
    /// Only in the head.
    Added(String),
    /// So many unchanged lines left out.
    Skipped(usize),
}

/// A change of golden cases, checks, thresholds, judge, models, budget or policy made by the very
/// change that is evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovedBar {
    /// The prompt concerned; `None`: the configuration.
    pub prompt: Option<String>,
    /// The part of the bar that it belongs to.
    pub part: BarPart,
    /// What moved, for a person.
    pub what: Remark,
    /// Whether it lowers the bar, as far as that can be told.
    pub lowers: bool,
    /// Whether it removes golden cases: the report then says which of them the old prompt passes.
    #[serde(skip)]
    pub removes_cases: bool,
    /// Whether the base protects that part: a proposed change may not move it and still pass.
    pub protected: bool,
}

impl MovedBar {
    /// What it means, as the end of a line; empty if the bar is only different.
    pub fn consequence(&self) -> &'static str {
        match (self.protected, self.lowers) {
            (true, true) => " (lowers the bar; protected)",
            (true, false) => " (protected)",
            (false, true) => " (lowers the bar)",
            (false, false) => "",
        }
    }
}

/// What the change means for one case (decisions.md#affected-cases).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseKind {
    /// The requests differ: compared by the gate.
    Compare,
    /// One request, but the case is new or its scoring changed: one answer, floor only.
    Score,
    /// Nothing changed.
    Unaffected,
}

/// One case of the head's golden set, with what is sent on each side.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseChange {
    /// The head's case.
    pub case: Arc<Case>,
    /// What the change means for it.
    pub kind: CaseKind,
    /// The baseline's request; `None` when there is no baseline for the case.
    pub baseline: Option<Arc<Request>>,
    /// The candidate's request.
    pub candidate: Arc<Request>,
    /// How the base marks the case, when an answer could score differently.
    pub before: Option<MarkedBefore>,
    /// Whether its calls carry neutral variations: neither is it `exact`, nor is `jitter` off.
    pub varies: bool,
}

impl CaseChange {
    /// How a request of this case is screened.
    pub fn screened(&self, request: &Request) -> Variation {
        screened(&self.case, request, self.varies)
    }

    /// The name of a request's screening answer.
    pub fn screening_key(&self, request: &Request) -> AnswerKey {
        AnswerKey::screening(request, self.screened(request))
    }
}

/// How a request of a case is screened, if `varies` allows for neutral variations. A must-pass case
/// whose answers are sampled is sent as written.
pub fn screened(case: &Case, request: &Request, varies: bool) -> Variation {
    let as_it_stands = !varies || (case.must_pass && request.is_sampled());
    if as_it_stands { Variation::NONE } else { Variation::of_screening(case.asked()) }
}

/// A case of the base's golden set that the head's no longer has.
#[derive(Clone, Debug, PartialEq)]
pub struct RemovedCase {
    /// The base's case.
    pub case: Arc<Case>,
    /// What the baseline would send for it; `None` when it cannot be rendered.
    pub request: Option<Request>,
}

/// What the base asks of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkedBefore {
    /// Its checks.
    pub checks: Vec<Check>,
    /// Its `expected`.
    pub expected: Option<String>,
    /// Its variables.
    pub variables: BTreeMap<String, Value>,
}

impl MarkedBefore {
    /// The base's scoring of the case.
    pub fn scoring<'a>(&'a self, change: &'a PromptChange) -> Scoring<'a> {
        Scoring {
            checks: &self.checks,
            expected: self.expected.as_deref(),
            variables: Some(&self.variables),
            mode: change.score_before,
            judge: change.judge_before.as_ref(),
            ..Scoring::default()
        }
    }
}

/// Whether a prompt has golden cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// The head has a golden set.
    Covered,
    /// There never was one: listed as NOT COVERED.
    NotCovered,
    /// The base had one and the head has none: fails (decisions.md#no-way-around).
    Removed,
}

/// One prompt that the change affects.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptChange {
    /// The catalog key (the base's for a removed prompt).
    pub id: String,
    /// The catalog's path.
    pub catalog: String,
    /// The line of the key in that catalog.
    pub line: u32,
    /// What happened to it.
    pub kind: ChangeKind,
    /// What of it changed.
    pub causes: BTreeSet<Cause>,
    /// Line diff of its text.
    pub diff: Vec<DiffLine>,
    /// Whether it has golden cases.
    pub coverage: Coverage,
    /// Every case of the head's golden set.
    pub cases: Vec<CaseChange>,
    /// Cases that only the base's golden set has.
    pub removed: Vec<RemovedCase>,
    /// Pass/fail or graded.
    pub score: ScoreMode,
    /// The same in the base; the head's without a baseline.
    pub score_before: ScoreMode,
    /// The floor the head asks for.
    pub min_score: Option<f64>,
    /// The limits of single calls that apply.
    pub budget_per_call: BudgetPerCall,
    /// Model of the baseline; `None` without a baseline.
    pub baseline_model: Option<String>,
    /// Model of the candidate; `None` for a removed prompt.
    pub candidate_model: Option<String>,
    /// How its judge checks are asked; `None` when it has none.
    pub judge: Option<Judge>,
    /// How the base asks them.
    pub judge_before: Option<Judge>,
    /// Things to know that do not decide.
    pub notes: Vec<Remark>,
}

impl PromptChange {
    /// The cases of one kind.
    pub fn of_kind(&self, kind: CaseKind) -> impl Iterator<Item = &CaseChange> {
        self.cases.iter().filter(move |case| case.kind == kind)
    }

    /// How many cases the gate compares (n of docs/statistics.md).
    pub fn compared(&self) -> usize {
        self.of_kind(CaseKind::Compare).count()
    }
}

/// What a change affects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSet {
    /// Affected prompts, in the head's catalog order, removed ones last.
    pub prompts: Vec<PromptChange>,
    /// Prompts that are not affected.
    pub unaffected: usize,
    /// What the change does to its own bar.
    pub moved_bars: Vec<MovedBar>,
}

/// Compares two snapshots. Problems of the head are errors; unreadable parts of the base are noted,
/// and leave the prompt without a baseline.
pub fn compare(
    base: &Snapshot<'_>,
    head: &Snapshot<'_>,
    choice: &Choice,
    problems: &mut Problems,
) -> ChangeSet {
    // A problem of the base's judge is not a mistake of the head's author.
    let judges_before = Judges::of(base, &mut Problems::new());
    let judges = Judges::of(head.bar(), problems);
    let moved_bars = match head.is_data() {
        true => Vec::new(),
        false => config_bars::moved(base, head, &judges.edited_since(&judges_before)),
    };
    let mut changes = ChangeSet { moved_bars, ..Default::default() };
    let mut examiner = Examiner {
        base,
        head,
        choice,
        judges_before,
        judges,
        unchanged: Unchanged::new(base.tree, head.tree),
        golden_before: Ahead::default(),
        golden: Ahead::default(),
        gone: Vec::new(),
    };
    let mut removed = Vec::new();
    let pairs = pairs::pair(base, head);
    let chosen = pairs.iter().filter(|pair| pair.ids().any(|id| choice.includes(id)));
    let (equal, compared): (Vec<&Pair<'_>>, Vec<_>) = chosen.partition(|pair| examiner.is_equal(pair));
    changes.unaffected = equal.len();
    examiner.announce(&compared);
    for pair in compared {
        let examined = examiner.examine(pair, problems);
        let excess = [head, base].into_iter().find_map(Snapshot::excess);
        let is_over = excess.is_some() || problems.is_full();
        excess.into_iter().for_each(|problem| problems.push(problem));
        if is_over {
            return changes;
        }
        changes.moved_bars.extend(examined.moved_bars);
        match examined.change {
            None => changes.unaffected += 1,
            Some(change) if change.kind == ChangeKind::Removed => removed.push(change),
            Some(change) => changes.prompts.push(change),
        }
    }
    let first = unpaired::moved(base, head, &pairs);
    let replaced = unpaired::replaced(&changes.prompts, &examiner.gone);
    let taken_over = unpaired::taken_over(&pairs);
    changes.moved_bars.splice(0..0, first.into_iter().chain(replaced).chain(taken_over));
    changes.prompts.extend(removed);
    for bar in &mut changes.moved_bars {
        // A part that could be removed from the list would be protected only until the next change.
        let unprotects = bar.part == BarPart::Protect && bar.lowers;
        bar.protected |= unprotects || bar.part.is_among(&base.protected);
    }
    changes
}
