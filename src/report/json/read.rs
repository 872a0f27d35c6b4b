//! The public shape becomes internal values again.

use serde::de::Error as _;

use super::case_types::*;
use super::types::*;
use crate::change::{Cause, ChangeKind, DiffLine};
use crate::prompt::Tier;
use crate::remark::Remark;
use crate::report::{
    AnswerView, CallCounts, CaseCounts, CaseFinding, CheckFailure, ContrastReport, Cost, Difference,
    EscalationReport, FloorReport, MovedBar, PromptReport, Rate, Report, Revision, SpendLine, SpendReport,
};

/// Fails on words the shape's types cannot refuse by themselves.
pub(super) fn report(json: ReportJson) -> Result<Report, serde_json::Error> {
    let tier = match json.tier.as_str() {
        "branch" => Tier::Branch,
        "main" => Tier::Main,
        _ => return Err(serde_json::Error::custom("`tier` must be `branch` or `main`")),
    };
    Ok(Report {
        base: revision(json.revisions.base),
        head: revision(json.revisions.head),
        tier,
        provider: json.provider,
        seed: json.seed,
        pull_request: json.pull_request,
        verdict: json.verdict,
        exit_code: json.exit_code,
        sentence: json.sentence,
        enforced: json.enforced,
        prompts: json.prompts.into_iter().map(prompt).collect::<Result<_, _>>()?,
        unaffected: json.unaffected,
        moved_bars: json
            .moved_bars
            .into_iter()
            .map(|bar| MovedBar {
                prompt: bar.prompt,
                part: bar.part,
                // Nothing is redacted twice.
                what: Remark::new(bar.what),
                lowers: bar.lowers,
                removes_cases: false,
                protected: bar.protected,
            })
            .collect(),
        warnings: json.warnings,
        spend: SpendReport {
            calls: CallCounts {
                baseline: json.calls.baseline,
                candidate: json.calls.candidate,
                judge: json.calls.judge,
                cached: json.calls.cached,
            },
            paid_calls: json.calls.paid,
            retries: json.calls.retries,
            tokens: (json.calls.input_tokens, json.calls.output_tokens),
            cost: cost(json.cost),
            lines: json.calls.lines.into_iter().map(line).collect(),
        },
        wall_ms: json.times.wall_ms,
        part: json.shard.map(super::part::read).transpose()?.map(Box::new),
    })
}

fn prompt(mut json: PromptJson) -> Result<PromptReport, serde_json::Error> {
    let findings = std::mem::take(&mut json.findings);
    let group = |wanted: GroupJson| -> Vec<CaseFinding> {
        findings.iter().filter(|f| f.group == wanted).cloned().map(finding).collect()
    };
    Ok(PromptReport {
        broken: group(GroupJson::Broken),
        fixed: group(GroupJson::Fixed),
        flaky: group(GroupJson::Flaky),
        drifting: group(GroupJson::Drifting),
        unresolved: group(GroupJson::Unresolved),
        must_pass: group(GroupJson::MustPass),
        failing: group(GroupJson::Failing),
        id: json.id,
        catalog: json.catalog,
        line: json.line,
        change: change(json.change, json.renamed_from)?,
        causes: json.causes.into_iter().map(Cause::from).collect(),
        diff: json.diff.into_iter().map(diff_line).collect(),
        cases: CaseCounts {
            total: json.cases.total,
            compare: json.cases.compare,
            score: json.cases.score,
            unaffected: json.cases.unaffected,
        },
        covered: json.covered,
        baseline_model: json.models.baseline,
        candidate_model: json.models.candidate,
        judge_model: json.models.judge,
        verdict: json.verdict,
        reason: json.reason,
        sentence: json.sentence,
        purse: json.purse,
        limit: json.limit,
        evidence: json.evidence,
        p_screen: json.p_screen,
        paid: json.paid,
        baseline: json.baseline.map(rate),
        candidate: json.candidate.map(rate),
        screened: json.screened,
        n: json.n,
        difference: json.difference.map(|d| Difference {
            estimate: d.estimate,
            ci95: d.ci95,
            ruled_out_drop: d.ruled_out_drop,
        }),
        smallest_visible_drop: json.smallest_visible_drop,
        accepted: reasons(json.accepted_because),
        lost: reasons(json.lost_because),
        floor: json.floor.map(|f| FloorReport {
            min_score: f.min_score,
            mean: f.mean,
            upper: f.upper,
            of: f.of,
        }),
        escalation: json.escalation.map(|e| EscalationReport {
            pairs: e.pairs,
            baseline_better: e.baseline_better,
            candidate_better: e.candidate_better,
        }),
        contrast: json.contrast.map(|c| ContrastReport {
            plain_worse: c.plain_worse,
            plain_of: c.plain_of,
            varied_worse: c.varied_worse,
            varied_of: c.varied_of,
        }),
        comparison: json.comparison,
        evaluations: json.evaluations,
        calls: CallCounts {
            baseline: json.calls.baseline,
            candidate: json.calls.candidate,
            judge: json.calls.judge,
            cached: json.calls.cached,
        },
        cost: cost(json.cost),
        notes: json.notes,
    })
}

fn finding(json: FindingJson) -> CaseFinding {
    CaseFinding {
        id: json.id,
        tags: json.tags,
        must_pass: json.must_pass,
        input: json.input,
        expected: json.expected,
        status: json.status,
        baseline: json.baseline.map(answer),
        candidate: json.candidate.map(answer),
        baseline_reruns: json.baseline_reruns.map(rate),
        candidate_reruns: json.candidate_reruns.map(rate),
    }
}

fn answer(json: AnswerJson) -> AnswerView {
    AnswerView {
        text: json.text,
        score: json.score,
        passed: json.passed,
        failures: json
            .failures
            .into_iter()
            .map(|f| CheckFailure { check: f.check, reason: f.reason })
            .collect(),
    }
}

fn revision(json: RevisionJson) -> Revision {
    Revision { name: json.name, commit: json.commit }
}

pub(super) fn change(change: ChangeJson, from: Option<String>) -> Result<ChangeKind, serde_json::Error> {
    Ok(match (change, from) {
        (ChangeJson::Added, _) => ChangeKind::Added,
        (ChangeJson::Edited, _) => ChangeKind::Edited,
        (ChangeJson::Removed, _) => ChangeKind::Removed,
        (ChangeJson::Renamed, Some(from)) => ChangeKind::Renamed { from },
        (ChangeJson::Renamed, None) => {
            return Err(serde_json::Error::custom("a renamed prompt needs `renamed_from`"));
        }
    })
}

impl From<CauseJson> for Cause {
    fn from(cause: CauseJson) -> Self {
        match cause {
            CauseJson::Text => Self::Text,
            CauseJson::Include => Self::Include,
            CauseJson::Model => Self::Model,
            CauseJson::Parameters => Self::Parameters,
            CauseJson::Tools => Self::Tools,
            CauseJson::GoldenSet => Self::GoldenSet,
            CauseJson::Checks => Self::Checks,
            CauseJson::Judge => Self::Judge,
            CauseJson::Name => Self::Name,
        }
    }
}

fn diff_line(json: DiffLineJson) -> DiffLine {
    match json {
        DiffLineJson::Same(text) => DiffLine::Same(text),
        DiffLineJson::Removed(text) => DiffLine::Removed(text),
        DiffLineJson::Added(text) => DiffLine::Added(text),
        DiffLineJson::Skipped(n) => DiffLine::Skipped(n),
    }
}

fn line(json: SpendLineJson) -> SpendLine {
    SpendLine {
        prompt: json.prompt,
        side: json.side,
        lane: json.lane,
        phase: json.phase,
        bought: json.bought,
        cached: json.cached,
        failed: json.failed,
        tokens: (json.input_tokens, json.output_tokens),
        spent_usd: json.spent_usd,
    }
}

fn cost(json: CostJson) -> Cost {
    Cost { verdict_usd: json.verdict_usd, spent_usd: json.spent_usd, unknown_models: json.unknown_models }
}

fn reasons(cases: Vec<CaseReasonJson>) -> Vec<(String, String)> {
    cases.into_iter().map(|c| (c.case, c.reason)).collect()
}

fn rate(json: RateJson) -> Rate {
    Rate { passed: json.passed, of: json.of }
}
