//! Results become the report: the conclusions of the gates, with the numbers, cases and answers
//! that a person needs.

mod case;
mod corrected;
mod gated;
mod lost;
mod notes;
mod redaction;
mod results;
#[cfg(test)]
mod tests;

use crate::assay::Assay;
use crate::change::{Cause, ChangeKind, ChangeSet, Coverage, PromptChange};
use crate::config::{GatePolicy, OnUncovered, ProviderKind, VerdictEffect};
use crate::prompt::Tier;
use crate::remark::Remark;
use crate::report::sentence::{Evaluation, overall_sentence};
use crate::report::wording::in_a_line;
use crate::report::{
    CallCounts, Cost, Guarantee, Part, PromptHead, PromptReport, Report, Revision, SpendLine, SpendReport,
};
use crate::runner::{Spend, SpendKey, Tally};
use crate::trial::{Side, StopCause};
use crate::verdict::{ExitPolicy, Reason, Verdict};

pub use corrected::corrected;
pub use redaction::Redaction;

/// What is known of a run beside its results.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// What the candidate was compared with.
    pub base: Revision,
    /// What was evaluated.
    pub head: Revision,
    /// Which model set applied.
    pub tier: Tier,
    /// Who answered.
    pub provider: ProviderKind,
    /// The head's gate policy.
    pub policy: GatePolicy,
    /// Patterns kept out of the report.
    pub redaction: Redaction,
    /// Things to know that do not decide.
    pub warnings: Vec<Remark>,
    /// Whether answers are kept after the run.
    pub keeps_answers: bool,
    /// Wall time in milliseconds.
    pub wall_ms: u64,
    /// Which part of a divided evaluation the change set is; `None`: the whole.
    pub part: Option<Part>,
    /// The pull request the evaluation is about.
    pub pull_request: Option<u64>,
    /// Whether the texts of all cases are reported, also of those that are no finding.
    pub takes_all_texts: bool,
    /// What notes call the two sides.
    pub names: SideNames,
}

/// What notes call the two sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SideNames {
    /// The old and the new prompt: a change is evaluated.
    #[default]
    OldAndNew,
    /// A and this letter: sides of a comparison that is no change.
    Letters(char),
}

impl SideNames {
    fn of(self, side: Side) -> String {
        match (self, side) {
            (Self::OldAndNew, Side::Baseline) => "the old prompt".to_owned(),
            (Self::OldAndNew, Side::Candidate) => "the new prompt".to_owned(),
            (Self::Letters(_), Side::Baseline) => "A".to_owned(),
            (Self::Letters(letter), Side::Candidate) => letter.to_string(),
        }
    }
}

/// What all prompts of a run share.
struct RunContext<'a> {
    spend: &'a Spend,
    circumstances: &'a Circumstances,
    stopped: Option<StopCause>,
}

/// The report of a finished run. `assay` holds the prompts of `changes` that had something to
/// evaluate, `spend` what it cost.
pub fn report(changes: &ChangeSet, assay: &Assay, spend: &Spend, circumstances: Circumstances) -> Report {
    let redaction = circumstances.redaction.clone();
    let stopped = assay.stopped().map(|cause| redaction.stop(cause));
    let evaluation = Evaluation { stop: stopped.clone(), keeps_answers: circumstances.keeps_answers };
    let guarantee = Guarantee {
        alpha: circumstances.policy.alpha,
        prompts: assay.prompts().iter().map(|p| p.setup().gated_together).max().unwrap_or(0).max(1),
    };
    let context = RunContext { spend, circumstances: &circumstances, stopped };
    let prompts: Vec<PromptReport> = changes
        .prompts
        .iter()
        .map(|change| {
            let mut prompt = match assay.prompts().iter().find(|p| p.change().id == change.id) {
                Some(assayed) => gated::report(assayed, &context),
                None => ungated(change, circumstances.policy.uncovered),
            };
            prompt.diff = redaction.diff(&prompt.diff);
            prompt.notes.splice(0..0, redaction.all(&change.notes));
            for accepted in &mut prompt.accepted {
                accepted.reason = redaction.apply(&accepted.reason);
            }
            prompt.sentence = crate::report::sentence::prompt_sentence(&prompt, &evaluation);
            prompt
        })
        .collect();
    let results: Vec<(Verdict, Reason)> =
        prompts.iter().map(|prompt| (prompt.verdict, prompt.reason)).collect();
    let verdict = results.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Ok);
    let total = spend.total();
    let mut report = Report {
        exit_code: exit_code(&results, &circumstances.policy),
        base: circumstances.base,
        head: circumstances.head,
        tier: circumstances.tier,
        provider: circumstances.provider,
        seed: circumstances.policy.seed.clone(),
        pull_request: circumstances.pull_request,
        verdict,
        sentence: String::new(),
        enforced: circumstances.policy.enforce,
        guarantee,
        prompts,
        unaffected: changes.unaffected,
        moved_bars: redaction.bars(&changes.moved_bars),
        warnings: redaction.all(&circumstances.warnings).iter().map(|warning| in_a_line(warning)).collect(),
        spend: SpendReport {
            calls: counts(spend, |_| true),
            paid_calls: total.calls + spend.unused,
            retries: spend.retries.iter().map(|(class, n)| (class_word(*class), *n)).collect(),
            input_tokens: input_tokens(&total),
            output_tokens: total.tokens.output,
            lines: spend.lines.iter().map(line).collect(),
        },
        cost: cost(&total, circumstances.provider),
        wall_ms: circumstances.wall_ms,
        part: circumstances.part.map(Box::new),
    };
    report.sentence = overall_sentence(&report);
    report
}

fn exit_code(results: &[(Verdict, Reason)], policy: &GatePolicy) -> u8 {
    let policy = ExitPolicy {
        enforced: policy.enforce,
        inconclusive_fails: policy.on_inconclusive == VerdictEffect::Fail,
        mixed_fails: policy.on_mixed == VerdictEffect::Fail,
    };
    policy.exit_status(results)
}

fn class_word(class: crate::model::ErrorClass) -> String {
    match serde_json::to_value(class) {
        Ok(serde_json::Value::String(word)) => word,
        _ => format!("{class:?}"),
    }
}

/// Calls of the lines that `which` selects.
fn counts(spend: &Spend, which: impl Fn(&SpendKey) -> bool) -> CallCounts {
    use crate::trial::Lane;
    let of = |lane: Lane, side: Option<Side>| {
        spend.tally(|key| which(key) && key.lane == lane && side.is_none_or(|side| key.side == side))
    };
    CallCounts {
        baseline: of(Lane::Prompt, Some(Side::Baseline)).calls,
        candidate: of(Lane::Prompt, Some(Side::Candidate)).calls,
        judge: of(Lane::Judge, None).calls,
        embedding: of(Lane::Embedding, None).calls,
        cached: spend.tally(&which).cached,
    }
}

fn line((key, tally): (&SpendKey, &Tally)) -> SpendLine {
    SpendLine {
        prompt: key.prompt.clone(),
        side: key.side,
        lane: key.lane,
        model: key.model.clone(),
        phase: key.phase,
        bought: tally.calls,
        cached: tally.cached,
        failed: tally.failed,
        input_tokens: input_tokens(tally),
        output_tokens: tally.tokens.output,
        spent_usd: tally.spent_usd(),
    }
}

/// Input and output.
fn input_tokens(tally: &Tally) -> u64 {
    let usage = tally.tokens;
    usage.input + usage.cache_read + usage.cache_write
}

fn cost(tally: &Tally, provider: ProviderKind) -> Cost {
    Cost {
        hypothetical: !provider.is_language_model(),
        verdict_usd: tally.verdict_usd(),
        spent_usd: tally.spent_usd(),
        unknown_models: tally.unknown_models.iter().cloned().collect(),
    }
}

/// What both kinds of prompt reports share: the change, and nothing measured.
fn blank(change: &PromptChange) -> PromptReport {
    PromptReport {
        diff: change.diff.clone(),
        verdict: Verdict::Ok,
        n: change.compared(),
        ..PromptReport::unmeasured(PromptHead::of(change))
    }
}

/// The report of a prompt with nothing to evaluate: removed, renamed, without golden cases, or changed in a way that
/// affects no golden case.
fn ungated(change: &PromptChange, uncovered: OnUncovered) -> PromptReport {
    let unseen = match uncovered {
        OnUncovered::Pass => Verdict::Ok,
        OnUncovered::Fail => Verdict::Regression,
    };
    let (verdict, reason) = match (&change.kind, change.coverage) {
        (ChangeKind::Removed, _) => (Verdict::Ok, Reason::PromptRemoved),
        (_, Coverage::Removed) => (Verdict::Regression, Reason::GoldenSetRemoved),
        (_, Coverage::NotCovered) => (unseen, Reason::NotCovered),
        (ChangeKind::Renamed { .. }, Coverage::Covered) if change.diff.is_empty() => {
            (Verdict::Ok, Reason::Renamed)
        }
        // Cases were removed; requests and checks of the others did not change.
        (_, Coverage::Covered) if change.causes.iter().all(|cause| *cause == Cause::GoldenSet) => {
            (Verdict::Ok, Reason::Rescored)
        }
        (_, Coverage::Covered) => (unseen, Reason::NotExercised),
    };
    PromptReport { verdict, reason, ..blank(change) }
}
