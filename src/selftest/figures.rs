//! What a self-test found, as numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Aim;
use crate::assay::{Kept, PromptAssay};
use crate::change::CaseChange;
use crate::check::Score;
use crate::fingerprint::Fingerprint;
use crate::report::{Rate, SelftestRate};
use crate::stability::{Passes, Stability};
use crate::stats::proportion::wilson;
use crate::trial::{Call, Phase, Side};
use crate::verdict::{ExitPolicy, Reason, Verdict};

/// What the gate did in one comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What it was meant to show.
    pub aim: Aim,
    /// The edit's name.
    pub name: String,
    /// What was concluded.
    pub verdict: Verdict,
    /// The rule that decided.
    pub reason: Reason,
    /// Whether such an evaluation fails with this configuration.
    pub blocked: bool,
    /// Cases that looked worse at first.
    pub worse: usize,
    /// Cases that looked better at first.
    pub better: usize,
    /// Cases whose break was confirmed.
    pub broken: Vec<String>,
    /// Answers that the verdict rests on.
    pub calls: usize,
}

impl Comparison {
    fn of(aim: Aim, name: &str, assay: &PromptAssay, policy: ExitPolicy) -> Option<Self> {
        let outcome = assay.outcome()?;
        let result = (outcome.verdict, outcome.reason);
        Some(Self {
            aim,
            name: name.to_owned(),
            verdict: outcome.verdict,
            reason: outcome.reason,
            blocked: policy.exit_status(&[result]) == 1,
            worse: outcome.worse,
            better: outcome.better,
            broken: outcome.broken.iter().map(|case| assay.case(*case).case.id.clone()).collect(),
            calls: outcome.calls.values().sum(),
        })
    }

    /// Whether the calls were enough for a verdict.
    pub fn is_measured(&self) -> bool {
        self.verdict != Verdict::NotMeasured
    }
}

/// How many of some comparisons were blocked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockRate {
    /// Blocked.
    pub blocked: usize,
    /// Measured.
    pub of: usize,
    /// Ends of Wilson's 95 % interval, 0 to 1.
    pub ci95: [f64; 2],
}

/// The self-test of one prompt with one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selftest {
    /// The catalog key.
    pub prompt: String,
    /// The model that answered.
    pub model: String,
    /// The day, `YYYY-MM-DD`.
    pub on: String,
    /// Cases compared.
    pub cases: usize,
    /// In the order of the edits.
    pub comparisons: Vec<Comparison>,
    /// Edits and breaks that do not apply to this text.
    pub not_applicable: Vec<String>,
    /// Cases that turned again and again: id, answers that passed, answers.
    pub marginal: Vec<(String, Passes)>,
    /// First answers to requests as written; of those with neutral white space.
    pub as_written: Rate,
    /// First answers to requests with neutral white space.
    pub varied: Rate,
}

impl Selftest {
    /// What the comparisons of one prompt show; `ran` begins with the prompt against itself.
    pub fn of(
        ran: &[(Aim, &str, &PromptAssay)],
        not_applicable: Vec<String>,
        policy: ExitPolicy,
        on: String,
    ) -> Option<Self> {
        let (_, _, first) = ran.first()?;
        let change = first.change();
        let comparisons =
            ran.iter().filter_map(|(aim, name, assay)| Comparison::of(*aim, name, assay, policy)).collect();
        let screened = |plain: bool| first_answers(first, plain);
        Some(Self {
            prompt: change.id.clone(),
            model: change.candidate_model.clone().unwrap_or_default(),
            on,
            cases: change.compared(),
            comparisons,
            not_applicable,
            marginal: marginal(ran),
            as_written: screened(true),
            varied: screened(false),
        })
    }

    /// With the ids of its cases as a reader may see them.
    #[must_use]
    pub fn with_cases_named(mut self, name: impl Fn(&str) -> String) -> Self {
        let broken = self.comparisons.iter_mut().flat_map(|comparison| &mut comparison.broken);
        let marginal = self.marginal.iter_mut().map(|(case, _)| case);
        broken.chain(marginal).for_each(|case| *case = name(case));
        self
    }

    /// The comparisons of one kind.
    pub fn about(&self, aim: Aim) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter().filter(move |comparison| comparison.aim == aim)
    }

    /// How many of them were blocked; `None`: none was measured.
    pub fn rate(&self, aim: Aim) -> Option<BlockRate> {
        let measured = || self.about(aim).filter(|comparison| comparison.is_measured());
        let (blocked, of) = (measured().filter(|comparison| comparison.blocked).count(), measured().count());
        let ends = wilson(blocked as f64, of)?;
        Some(BlockRate { blocked, of, ci95: [ends.low, ends.high] })
    }

    /// What reports say of edits without meaning.
    pub fn in_per_cent(&self) -> Option<SelftestRate> {
        let BlockRate { blocked, of, ci95 } = self.rate(Aim::Edit)?;
        let [low, high] = ci95.map(|end| (100.0 * end).round().clamp(0.0, 100.0) as u8);
        Some(SelftestRate { blocked, of, low, high, on: self.on.clone() })
    }

    /// The name of what is remembered of a prompt with a model, whatever its text is at the moment: the text changes with
    /// every edit, while how a model takes edits is a matter of the task.
    pub fn key(prompt: &str, model: &str) -> Fingerprint {
        Fingerprint::of_json(&("selftest", prompt, model))
    }
}

/// First answers of the prompt against itself, by form; cases that are not varied belong to neither.
fn first_answers(assay: &PromptAssay, plain: bool) -> Rate {
    let mut rate = Rate { passed: 0, of: 0 };
    for (call, kept) in assay.all_kept().filter(|(call, _)| call.phase == Phase::Screen) {
        let case = assay.case(call.case);
        if case.varies && is_plain(case) == plain && call.side == Side::Baseline {
            rate.of += usize::from(passed(kept).is_some());
            rate.passed += usize::from(passed(kept) == Some(true));
        }
    }
    rate
}

fn is_plain(case: &CaseChange) -> bool {
    case.screened(&case.candidate).is_plain()
}

fn passed(kept: &Kept) -> Option<bool> {
    match kept {
        Kept::Answered { score, .. } => match score.score {
            Score::Scored { passed, .. } => Some(passed),
            Score::Unscored { .. } => None,
        },
        Kept::Failed(_) => None,
    }
}

/// Cases that are marginal over the prompt and its edits without meaning, each a content of its own.
fn marginal(ran: &[(Aim, &str, &PromptAssay)]) -> Vec<(String, Passes)> {
    let mut contents: BTreeMap<String, Vec<Passes>> = BTreeMap::new();
    for (aim, _, assay) in ran.iter().filter(|(aim, ..)| *aim != Aim::Break) {
        // Of the prompt against itself both sides are the same content.
        let counts = |call: &Call| *aim == Aim::Itself || call.side == Side::Candidate;
        let mut of_content: BTreeMap<&str, Passes> = BTreeMap::new();
        for (call, kept) in assay.all_kept().filter(|(call, _)| counts(call)) {
            let Some(passed) = passed(kept) else { continue };
            let passes = of_content.entry(&assay.case(call.case).case.id).or_default();
            passes.of += 1;
            passes.passed += u32::from(passed);
        }
        for (case, passes) in of_content {
            contents.entry(case.to_owned()).or_default().push(passes);
        }
    }
    let known = contents.into_iter().map(|(case, contents)| (case, Stability::of(&contents)));
    known.filter(|(_, known)| known.is_marginal()).map(|(case, known)| (case, known.answers)).collect()
}
