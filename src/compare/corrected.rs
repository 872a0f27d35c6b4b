//! The change with the judge's measured errors taken out: for information, never for the verdict.

use crate::assay::{Kept, PromptAssay};
use crate::calibration::{Agreement, Calibration, labels};
use crate::change::{CaseChange, CaseKind, PromptChange};
use crate::check::{Outcome, Readings, Score, Subject};
use crate::prompt::ScoreMode;
use crate::report::{CorrectedReport, Correction};
use crate::stats::agreement::Rate;
use crate::stats::correction::{Corrected, Seen, corrected_difference, powered_difference};
use crate::trial::{Call, Phase, Side};

/// Fewest cases with labels of both answers: below it their spread says little.
const FEWEST_PAIRS: usize = 10;

/// The corrected change of a prompt whose cases were all screened; `None` where its judge, as it is now, tells nothing.
/// Where people labelled both prompts' answers to enough cases, these correct it: they alone also show if the judge
/// errs more with one prompt than with the other.
pub fn corrected(assay: &PromptAssay, judge: &Calibration) -> Option<CorrectedReport> {
    let change = assay.change();
    let compares = |case: &CaseChange| case.case.scoring(change.score, None).compares();
    if change.score == ScoreMode::Mean || change.cases.iter().any(compares) {
        return None;
    }
    let pairs: Vec<Pair> = (0..assay.cases()).filter_map(|index| Pair::of(assay, index, judge)).collect();
    let is_judged = |seen: Seen| matches!(seen, Seen::Judged(_));
    if !pairs.iter().any(|pair| is_judged(pair.old) || is_judged(pair.new)) {
        return None;
    }
    by_labels(&pairs).or_else(|| by_rates(&pairs, judge))
}

/// A case on both sides.
struct Pair {
    old: Seen,
    new: Seen,
    /// What people say of both answers.
    people: Option<(bool, bool)>,
}

impl Pair {
    fn of(assay: &PromptAssay, index: usize, judge: &Calibration) -> Option<Self> {
        let case = assay.case(index);
        let is_accepted = assay.setup().accepted.contains_key(&case.case.id);
        if case.kind != CaseKind::Compare || is_accepted {
            return None;
        }
        let side = |side| {
            let kept = assay.kept(&Call { case: index, side, phase: Phase::Screen, k: 0 })?;
            let Kept::Answered { answer, .. } = kept else { return None };
            let name = labels::answer_name(&assay.change().id, &case.case.id, &answer.response.text);
            Some((seen(assay.change(), case, kept)?, judge.people.get(&name).copied()))
        };
        let ((old, by_people), (new, by_people_too)) = (side(Side::Baseline)?, side(Side::Candidate)?);
        let truth = |seen: Seen, people: Option<bool>| match seen {
            Seen::Exact(passed) => Some(passed),
            Seen::Judged(_) => people,
        };
        // Where nobody was in doubt, no label was needed, and the case shows nothing of the judge.
        let is_labelled = by_people.is_some() || by_people_too.is_some();
        let people = truth(old, by_people).zip(truth(new, by_people_too)).filter(|_| is_labelled);
        Some(Self { old, new, people })
    }
}

/// Whether an answer passed, and whether that is a judge's verdict; `None`: it has no score.
fn seen(change: &PromptChange, case: &CaseChange, kept: &Kept) -> Option<Seen> {
    let Kept::Answered { answer, score, .. } = kept else { return None };
    let Score::Scored { passed, .. } = score.score else { return None };
    let subject = Subject { response: &answer.response, cost_usd: None };
    let scoring = case.case.scoring(change.score, change.judge.as_ref());
    let asks = !scoring.questions(subject, &Readings::new()).is_empty();
    // An empty answer that fails for that is a result of its own, beside those of the checks.
    let mut others = score.results.iter().skip(case.case.checks.len());
    let fails_otherwise = others.any(|result| result.outcome == Outcome::Failed);
    Some(if asks && !fails_otherwise { Seen::Judged(passed) } else { Seen::Exact(passed) })
}

fn by_rates(pairs: &[Pair], judge: &Calibration) -> Option<CorrectedReport> {
    let seen: Vec<(Seen, Seen)> = pairs.iter().map(|pair| (pair.old, pair.new)).collect();
    let (sensitivity, specificity) = (rate(judge.sensitivity?), rate(judge.specificity?));
    let found = corrected_difference(&seen, sensitivity, specificity)?;
    Some(told(Correction::RoganGladen, found, sensitivity.of + specificity.of))
}

fn by_labels(pairs: &[Pair]) -> Option<CorrectedReport> {
    let difference = |old: bool, new: bool| f64::from(i8::from(new) - i8::from(old));
    let judged: Vec<f64> =
        pairs.iter().map(|pair| difference(pair.old.passed(), pair.new.passed())).collect();
    let labelled: Vec<(usize, f64)> = pairs
        .iter()
        .enumerate()
        .filter_map(|(index, pair)| pair.people.map(|(old, new)| (index, difference(old, new))))
        .collect();
    if labelled.len() < FEWEST_PAIRS {
        return None;
    }
    // Without any spread it says nothing of how sure it is.
    let found = powered_difference(&judged, &labelled).filter(|found| found.se > 0.0)?;
    Some(told(Correction::PredictionPowered, found, labelled.len()))
}

fn rate(found: Agreement) -> Rate {
    let ci95 = crate::stats::Interval { low: found.low, high: found.high };
    Rate { value: found.value, ci95, of: found.n }
}

/// No true change is larger than all cases.
fn told(method: Correction, found: Corrected, labels: usize) -> CorrectedReport {
    let [estimate, low, high] =
        [found.estimate, found.ci95.low, found.ci95.high].map(|value| value.clamp(-1.0, 1.0));
    CorrectedReport { method, estimate, ci95: [low, high], labels }
}
