//! Internal values become the public shape.

use super::SCHEMA_VERSION;
use super::case_types::*;
use super::plan_types::{EstimateJson, PlanJson, PlannedPromptJson};
use super::types::*;
use crate::change::{Cause, ChangeKind, DiffLine};
use crate::report::{
    AnswerView, CallCounts, CaseCounts, CaseFinding, Cost, Estimate, MovedBar, PlanReport, PlannedPrompt,
    PromptReport, Rate, Report, Revision, SpendLine,
};

pub(super) fn report(report: &Report) -> ReportJson {
    let calls = &report.spend.calls;
    ReportJson {
        schema_version: SCHEMA_VERSION,
        base: id(&report.base),
        head: id(&report.head),
        tier: report.tier.as_str().to_owned(),
        verdict: report.verdict,
        exit_code: report.exit_code,
        sentence: report.sentence.clone(),
        enforced: report.enforced,
        provider: report.provider.clone(),
        seed: report.seed.clone(),
        pull_request: report.pull_request,
        shard: report.part.as_deref().map(super::part::write),
        revisions: RevisionsJson { base: revision(&report.base), head: revision(&report.head) },
        prompts: report.prompts.iter().map(prompt).collect(),
        unaffected: report.unaffected,
        calls: RunCallsJson {
            baseline: calls.baseline,
            candidate: calls.candidate,
            judge: calls.judge,
            cached: calls.cached,
            paid: report.spend.paid_calls,
            retries: report.spend.retries.clone(),
            input_tokens: report.spend.tokens.0,
            output_tokens: report.spend.tokens.1,
            lines: report.spend.lines.iter().map(line).collect(),
        },
        cost: cost(&report.spend.cost),
        times: TimesJson { wall_ms: report.wall_ms },
        warnings: report.warnings.clone(),
        moved_bars: report.moved_bars.iter().map(moved_bar).collect(),
    }
}

fn line(line: &SpendLine) -> SpendLineJson {
    SpendLineJson {
        prompt: line.prompt.clone(),
        side: line.side,
        lane: line.lane,
        phase: line.phase,
        bought: line.bought,
        cached: line.cached,
        failed: line.failed,
        input_tokens: line.tokens.0,
        output_tokens: line.tokens.1,
        spent_usd: line.spent_usd,
    }
}

pub(super) fn plan(plan: &PlanReport) -> PlanJson {
    PlanJson {
        schema_version: SCHEMA_VERSION,
        base: id(&plan.base),
        head: id(&plan.head),
        tier: plan.tier.as_str().to_owned(),
        revisions: RevisionsJson { base: revision(&plan.base), head: revision(&plan.head) },
        prompts: plan.prompts.iter().map(planned).collect(),
        unaffected: plan.unaffected,
        estimate: estimate(&plan.estimate),
        warnings: plan.warnings.clone(),
        moved_bars: plan.moved_bars.iter().map(moved_bar).collect(),
    }
}

fn prompt(p: &PromptReport) -> PromptJson {
    PromptJson {
        id: p.id.clone(),
        catalog: p.catalog.clone(),
        line: p.line,
        change: change(&p.change),
        renamed_from: renamed_from(&p.change),
        causes: causes(&p.causes),
        cases: cases(&p.cases),
        verdict: p.verdict,
        reason: p.reason.clone(),
        sentence: p.sentence.clone(),
        purse: p.purse,
        limit: p.limit,
        evidence: p.evidence,
        paid: p.paid,
        baseline: p.baseline.map(rate),
        candidate: p.candidate.map(rate),
        screened: p.screened,
        n: p.n,
        difference: p.difference.map(|d| DifferenceJson {
            estimate: d.estimate,
            ci95: d.ci95,
            ruled_out_drop: d.ruled_out_drop,
        }),
        broken: ids(&p.broken),
        fixed: ids(&p.fixed),
        flaky: ids(&p.flaky),
        drifting: ids(&p.drifting),
        unresolved: ids(&p.unresolved),
        must_pass: ids(&p.must_pass),
        failing: ids(&p.failing),
        lost: sorted(p.lost.iter().map(|(case, _)| case)),
        accepted: sorted(p.accepted.iter().map(|(case, _)| case)),
        p_screen: p.p_screen,
        smallest_visible_drop: p.smallest_visible_drop,
        floor: p.floor.map(|f| FloorJson { min_score: f.min_score, mean: f.mean, upper: f.upper, of: f.of }),
        escalation: p.escalation.map(|e| EscalationJson {
            pairs: e.pairs,
            baseline_better: e.baseline_better,
            candidate_better: e.candidate_better,
        }),
        contrast: p.contrast.map(|c| ContrastJson {
            plain_worse: c.plain_worse,
            plain_of: c.plain_of,
            varied_worse: c.varied_worse,
            varied_of: c.varied_of,
        }),
        comparison: p.comparison.clone(),
        evaluations: p.evaluations,
        calls: calls(&p.calls),
        cost: cost(&p.cost),
        covered: p.covered,
        models: models(&p.baseline_model, &p.candidate_model, &p.judge_model),
        notes: p.notes.clone(),
        diff: diff(&p.diff),
        findings: findings(p),
        lost_because: reasons(&p.lost),
        accepted_because: reasons(&p.accepted),
    }
}

fn planned(p: &PlannedPrompt) -> PlannedPromptJson {
    PlannedPromptJson {
        id: p.id.clone(),
        catalog: p.catalog.clone(),
        line: p.line,
        change: change(&p.change),
        renamed_from: renamed_from(&p.change),
        causes: causes(&p.causes),
        cases: cases(&p.cases),
        estimate: estimate(&p.estimate),
        covered: p.covered,
        models: models(&p.baseline_model, &p.candidate_model, &p.judge_model),
        notes: p.notes.clone(),
        diff: diff(&p.diff),
    }
}

fn findings(p: &PromptReport) -> Vec<FindingJson> {
    let groups = [
        (GroupJson::Broken, &p.broken),
        (GroupJson::MustPass, &p.must_pass),
        (GroupJson::Failing, &p.failing),
        (GroupJson::Unresolved, &p.unresolved),
        (GroupJson::Fixed, &p.fixed),
        (GroupJson::Flaky, &p.flaky),
        (GroupJson::Drifting, &p.drifting),
    ];
    groups.into_iter().flat_map(|(group, cases)| cases.iter().map(move |case| finding(group, case))).collect()
}

fn finding(group: GroupJson, case: &CaseFinding) -> FindingJson {
    FindingJson {
        group,
        id: case.id.clone(),
        status: case.status.clone(),
        tags: case.tags.clone(),
        must_pass: case.must_pass,
        input: case.input.clone(),
        expected: case.expected.clone(),
        baseline: case.baseline.as_ref().map(answer),
        candidate: case.candidate.as_ref().map(answer),
        baseline_reruns: case.baseline_reruns.map(rate),
        candidate_reruns: case.candidate_reruns.map(rate),
    }
}

fn answer(answer: &AnswerView) -> AnswerJson {
    AnswerJson {
        text: answer.text.clone(),
        score: answer.score,
        passed: answer.passed,
        failures: answer
            .failures
            .iter()
            .map(|f| CheckFailureJson { check: f.check.clone(), reason: f.reason.clone() })
            .collect(),
    }
}

/// The full commit id, else the name.
fn id(revision: &Revision) -> String {
    revision.commit.clone().unwrap_or_else(|| revision.name.clone())
}

fn revision(revision: &Revision) -> RevisionJson {
    RevisionJson { name: revision.name.clone(), commit: revision.commit.clone() }
}

pub(super) fn change(kind: &ChangeKind) -> ChangeJson {
    match kind {
        ChangeKind::Added => ChangeJson::Added,
        ChangeKind::Edited => ChangeJson::Edited,
        ChangeKind::Removed => ChangeJson::Removed,
        ChangeKind::Renamed { .. } => ChangeJson::Renamed,
    }
}

pub(super) fn renamed_from(kind: &ChangeKind) -> Option<String> {
    match kind {
        ChangeKind::Renamed { from } => Some(from.clone()),
        _ => None,
    }
}

pub(super) fn causes(causes: &[Cause]) -> Vec<CauseJson> {
    causes.iter().map(|cause| CauseJson::from(*cause)).collect()
}

impl From<Cause> for CauseJson {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Text => Self::Text,
            Cause::Include => Self::Include,
            Cause::Model => Self::Model,
            Cause::Parameters => Self::Parameters,
            Cause::Tools => Self::Tools,
            Cause::GoldenSet => Self::GoldenSet,
            Cause::Checks => Self::Checks,
            Cause::Judge => Self::Judge,
            Cause::Name => Self::Name,
        }
    }
}

pub(super) fn cases(cases: &CaseCounts) -> CasesJson {
    CasesJson {
        total: cases.total,
        compare: sorted(cases.compare.iter()),
        score: sorted(cases.score.iter()),
        unaffected: cases.unaffected,
    }
}

fn calls(calls: &CallCounts) -> CallsJson {
    CallsJson {
        baseline: calls.baseline,
        candidate: calls.candidate,
        judge: calls.judge,
        cached: calls.cached,
    }
}

fn cost(cost: &Cost) -> CostJson {
    CostJson {
        verdict_usd: cost.verdict_usd,
        spent_usd: cost.spent_usd,
        unknown_models: sorted(cost.unknown_models.iter()),
    }
}

fn estimate(e: &Estimate) -> EstimateJson {
    EstimateJson {
        stored: e.stored,
        calls_typical: e.calls_typical,
        calls_max: e.calls_max,
        judge_calls: e.judge_calls,
        input_tokens: e.input_tokens,
        output_tokens_max: e.output_tokens_max,
        usd_typical_max: e.usd_typical_max,
        unknown_models: sorted(e.unknown_models.iter()),
    }
}

pub(super) fn models(baseline: &Option<String>, candidate: &str, judge: &Option<String>) -> ModelsJson {
    ModelsJson { baseline: baseline.clone(), candidate: candidate.to_owned(), judge: judge.clone() }
}

fn moved_bar(bar: &MovedBar) -> MovedBarJson {
    MovedBarJson {
        prompt: bar.prompt.clone(),
        part: bar.part,
        what: bar.what.to_string(),
        lowers: bar.lowers,
        protected: bar.protected,
    }
}

fn diff(lines: &[DiffLine]) -> Vec<DiffLineJson> {
    lines
        .iter()
        .map(|line| match line {
            DiffLine::Same(text) => DiffLineJson::Same(text.clone()),
            DiffLine::Removed(text) => DiffLineJson::Removed(text.clone()),
            DiffLine::Added(text) => DiffLineJson::Added(text.clone()),
            DiffLine::Skipped(n) => DiffLineJson::Skipped(*n),
        })
        .collect()
}

fn reasons(cases: &[(String, String)]) -> Vec<CaseReasonJson> {
    cases.iter().map(|(case, reason)| CaseReasonJson { case: case.clone(), reason: reason.clone() }).collect()
}

fn rate(rate: Rate) -> RateJson {
    RateJson { passed: rate.passed, of: rate.of }
}

fn ids(cases: &[CaseFinding]) -> Vec<String> {
    sorted(cases.iter().map(|case| &case.id))
}

fn sorted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = names.cloned().collect();
    names.sort();
    names
}
