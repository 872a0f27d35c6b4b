//! From the end of an evaluation to its evidence, one record per prompt.

use super::{BreakGlass, Claim, Evidence, Floor, Origin, Score, SubjectPair};
use crate::fingerprint::Fingerprint;
use crate::per_call::{BudgetPerCall, LimitResult, Standing, worst};
use crate::report::{PromptReport, Rate, Report};
use crate::verdict::{Reason, Verdict};

/// What evidence is made from, beside the report.
#[derive(Clone, Copy, Debug)]
pub struct Making<'a> {
    /// Every prompt of the head.
    pub subjects: &'a [SubjectPair],
    /// Where the evaluation ran.
    pub origin: &'a Origin,
    /// Whether somebody decided that this commit may pass, whatever the verdict is.
    pub break_glass: Option<&'a BreakGlass>,
    /// When it ended, seconds since 1970-01-01 UTC.
    pub at: u64,
}

/// Evidence of every prompt of the report that is still there. `known` finds the stored evidence of
/// a content: a prompt without affected cases passes exactly if its baseline did.
///
/// # Errors
/// When `known` fails.
pub fn make<E>(
    report: &Report,
    making: Making<'_>,
    mut known: impl FnMut(Fingerprint) -> Result<Vec<Evidence>, E>,
) -> Result<Vec<Evidence>, E> {
    let mut made = Vec::new();
    for prompt in &report.prompts {
        let Some(pair) = making.subjects.iter().find(|pair| pair.candidate.prompt == prompt.head.id) else {
            continue;
        };
        let mut claim = claim(report, prompt, pair, making);
        let is_evaluated = !prompt.head.cases.compare.is_empty() || !prompt.head.cases.score.is_empty();
        if !is_evaluated && prompt.head.covered && matches!(claim.verdict, Verdict::Ok | Verdict::Improved) {
            let earlier = match pair.baseline {
                Some(baseline) => known(baseline)?,
                None => Vec::new(),
            };
            let Some(earlier) = inherited(&claim, earlier) else { continue };
            claim.reason = Reason::NoCaseAffected;
            claim.verdict = earlier.claim.verdict;
            claim.baseline_score = earlier.claim.baseline_score;
            claim.candidate_score = earlier.claim.candidate_score;
            claim.floor = earlier.claim.floor;
            claim.budget_per_call = earlier.claim.budget_per_call;
        } else if claim.budget_per_call.is_empty()
            && !pair.candidate.limits.is_empty()
            && let Some(baseline) = pair.baseline
        {
            // Both sides ask the model the same, so what the baseline's calls took is what these take.
            claim.budget_per_call = kept_before(&claim, &pair.candidate.limits, known(baseline)?);
        }
        made.push(Evidence::seal(claim));
    }
    Ok(made)
}

/// The newest evidence of the baseline under the very same bar, if it passed.
fn inherited(claim: &Claim, earlier: Vec<Evidence>) -> Option<Evidence> {
    let bar = |claim: &Claim| (claim.golden, claim.scoring, claim.tier, claim.provider, claim.server.clone());
    let newest = earlier.into_iter().find(|earlier| bar(&earlier.claim) == bar(claim))?;
    matches!(newest.claim.verdict, Verdict::Ok | Verdict::Improved).then_some(newest)
}

/// What the newest evidence measured of the same limits, if it found all of them kept; otherwise nothing.
fn kept_before(claim: &Claim, limits: &BudgetPerCall, earlier: Vec<Evidence>) -> Vec<LimitResult> {
    let who = |claim: &Claim| (claim.tier, claim.provider, claim.server.clone());
    let same = |results: &[LimitResult]| {
        let measured = results.iter().map(|result| (result.quantity, result.percentile, result.at_most));
        measured.eq(limits.all().map(|limit| (limit.quantity, limit.percentile, billionths(limit.at_most))))
    };
    let mut earlier = earlier.into_iter().map(|evidence| evidence.claim);
    let newest = earlier.find(|earlier| who(earlier) == who(claim) && same(&earlier.budget_per_call));
    let kept = newest.filter(|newest| worst(&newest.budget_per_call) == Some(Standing::Kept));
    kept.map(|kept| kept.budget_per_call).unwrap_or_default()
}

fn claim(report: &Report, prompt: &PromptReport, pair: &SubjectPair, making: Making<'_>) -> Claim {
    let subject = &pair.candidate;
    let score = |rate: Option<Rate>| rate.map(|rate| Score { passed: rate.passed, of: rate.of });
    let has_baseline = prompt.head.models.baseline.is_some();
    Claim {
        prompt: prompt.head.id.clone(),
        content: subject.content,
        golden: subject.golden,
        scoring: subject.scoring,
        model: subject.model.clone(),
        parameters: subject.parameters.clone(),
        judge: subject.judge.clone(),
        tier: report.tier,
        provider: report.provider,
        server: subject.server.clone(),
        baseline: pair.baseline.filter(|_| has_baseline),
        covered: prompt.head.covered && subject.covered,
        verdict: prompt.verdict,
        reason: prompt.reason,
        enforced: report.enforced,
        baseline_score: score(prompt.baseline),
        candidate_score: score(prompt.candidate),
        floor: prompt.floor.map(|floor| Floor {
            min_score: rounded(floor.min_score),
            mean: rounded(floor.mean),
            of: floor.of,
        }),
        budget_per_call: prompt.budget_per_call.iter().map(exact).collect(),
        seed: report.seed.clone(),
        at: making.at,
        origin: Origin {
            commit: report.head.commit.clone().or_else(|| making.origin.commit.clone()),
            ..making.origin.clone()
        },
        break_glass: making.break_glass.cloned(),
    }
}

fn exact(limit: &LimitResult) -> LimitResult {
    LimitResult { at_most: billionths(limit.at_most), measured: limit.measured.map(billionths), ..*limit }
}

/// Few enough digits for every JSON reader: a billionth of a dollar is finer than any price of a call.
fn billionths(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// Four decimals, which JSON readers reproduce exactly, so that the digest stays valid.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
