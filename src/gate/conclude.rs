//! The conclusion: the floor and other absolute rules (must-pass cases are in `must`), early stops,
//! and the outcome's numbers.

use super::confirm::SuspectStatus;
use super::outcome::{CapitalPoint, FloorResult, LostCase, Outcome, Rate};
use super::pending::PendingCalls;
use super::procedure::MOST_LOST;
use super::screen::{Screened, screen_call};
use super::setup::CaseKind;
use super::{Gate, Scored, Stage};
use crate::stats::paired::{PairedDifference, bonett_price, paired_t};
use crate::stats::proportion::wilson;
use crate::trial::Side;
use crate::verdict::{Reason, Verdict};

/// Minimum number of cases for which Student's interval has its stated coverage.
const FEWEST_GRADED: usize = 20;

impl Gate {
    /// Ends the gate after the absolute rules, which may overrule the comparison.
    pub(super) fn finish_absolute(&mut self) {
        let (verdict, reason) = self.comparison.unwrap_or((Verdict::Ok, Reason::FloorPassed));
        let lost = self.lost().into_iter().filter(|l| self.decides(l.case)).count();
        let deciding = (0..self.setup.cases.len()).filter(|i| self.decides(*i)).count();
        if lost as f64 > MOST_LOST * deciding as f64 {
            self.finish(Verdict::NotMeasured, Reason::LostCalls);
        } else if self.is_mostly_broken_off() {
            self.finish(Verdict::NotMeasured, Reason::EmptyOrCut);
        } else if self.screening.order.is_empty() && self.find_contrast() {
            self.finish(Verdict::Regression, Reason::PassesOnlyWhenVaried);
        } else if self.floor().is_some_and(|f| f.blocks()) {
            self.finish(Verdict::Regression, Reason::BelowFloor);
        } else if self.exceeds_a_limit() {
            self.finish(Verdict::Regression, Reason::OverBudgetPerCall);
        } else if let Some((verdict, reason)) = self.beside_open_bar(verdict) {
            self.finish(verdict, reason);
        } else if verdict == Verdict::Improved && lost > 0 {
            self.finish(Verdict::Ok, Reason::NoRegressionFound);
        } else {
            self.finish(verdict, reason);
        }
    }

    /// What an absolute bar that is neither met nor missed beyond chance makes of the comparison's verdict; `None`:
    /// nothing, or no bar is open.
    fn beside_open_bar(&self, verdict: Verdict) -> Option<(Verdict, Reason)> {
        let (alone, beside_trade) = if self.misses_floor() {
            (Reason::FloorUnresolved, Reason::TradeFloorUnresolved)
        } else if self.leaves_a_limit_open() {
            (Reason::BudgetPerCallUnresolved, Reason::TradeBudgetPerCallUnresolved)
        } else {
            return None;
        };
        match verdict {
            Verdict::Ok | Verdict::Improved => Some((Verdict::Inconclusive, alone)),
            Verdict::Mixed => Some((Verdict::Mixed, beside_trade)),
            Verdict::Inconclusive | Verdict::NotMeasured | Verdict::Regression => None,
        }
    }

    /// Ends the gate because the run ends. If the budget was enough for everything except the
    /// question "is there an overall drop", the verdict is INCONCLUSIVE; otherwise NOT MEASURED.
    pub(super) fn conclude_early(&mut self, cause: StopCause) {
        if self.trade.is_some() && !self.is_free() {
            // The breaks are confirmed; fixes that are not pay for nothing.
            return self.finish(Verdict::Regression, Reason::ConfirmedBreaks);
        }
        let only_the_drop_is_open =
            matches!(self.stage, Stage::Escalate) && !self.is_unresolved() && self.floor_is_answered();
        if only_the_drop_is_open && cause == StopCause::Budget {
            self.comparison = Some((Verdict::Inconclusive, Reason::OverallDropUnresolved));
            self.apply_absolute();
            if self.must.waiting.is_empty() {
                return self.finish_absolute();
            }
        }
        self.finish(Verdict::NotMeasured, cause.reason());
    }

    /// Sets the outcome.
    pub(super) fn finish(&mut self, verdict: Verdict, reason: Reason) {
        let outcome = self.summarise(verdict, reason);
        self.outcome = Some(outcome);
        self.stage = Stage::Done;
        self.now = PendingCalls::default();
    }

    /// Whether most of the candidate's answers are empty or cut, so that their checks prove nothing about
    /// the prompt. Such answers of the baseline do not count: a change that fixes this must be able to
    /// pass.
    fn is_mostly_broken_off(&self) -> bool {
        let compared = self.screening.order.iter().filter_map(|case| self.screening.candidate(*case));
        let others = self.absolute.order.iter().zip(self.absolute.results.iter().flatten());
        let others = others.filter(|(case, _)| self.decides(**case)).filter_map(|(_, result)| *result);
        let (broken_off, all) = compared
            .chain(others)
            .fold((0, 0), |(broken, all), answer| (broken + usize::from(!answer.whole), all + 1));
        2 * broken_off > all
    }

    fn decides(&self, case: usize) -> bool {
        self.setup.cases[case].kind != CaseKind::Accepted
    }

    /// Whether every case that only the floor needs has been answered.
    fn floor_is_answered(&self) -> bool {
        let mut needed = self.absolute.order.iter().filter(|i| self.decides(**i));
        needed.all(|i| !self.answers.is_unseen(&screen_call(*i, Side::Candidate)))
    }

    fn summarise(&self, verdict: Verdict, reason: Reason) -> Outcome {
        let measured: Vec<(usize, Scored, Scored)> = self.screening.measured().collect();
        let broken = self.broken();
        Outcome {
            verdict,
            reason,
            capital: self.capital,
            limit: self.limit,
            evidence: self.evidence,
            p_values: self.p_values,
            contrast: self.contrast,
            compared: self.screening.len(),
            screened: measured.len(),
            worse: measured.iter().filter(|(_, b, c)| c.score < b.score).count(),
            better: measured.iter().filter(|(_, b, c)| c.score > b.score).count(),
            baseline: rate(measured.iter().map(|(_, b, _)| *b)),
            candidate: rate(measured.iter().map(|(_, _, c)| *c)),
            difference: self.difference(),
            suspects: self.confirmation.suspects.clone(),
            trade: self.trade.as_ref().map(|_| self.trade_outcome(&broken)),
            fix_suspects: self.fixes.suspects.clone(),
            broken,
            fixed: self.fixed(&measured),
            flaky: self.having(SuspectStatus::PassedOnRerun),
            drift: self.having(SuspectStatus::BaseFailsToo),
            lost: self.lost(),
            must_pass: self.must.decided.clone(),
            floor: self.floor(),
            budget_per_call: self.limits(),
            escalation: self.escalation.as_ref().map(|e| e.counts),
            calls: self.answers.counts(),
            rounds: self.rounds.clone(),
            capital_path: self.whole_capital_path(),
        }
    }

    /// The capital changes only with a bet: in between it stays.
    fn whole_capital_path(&self) -> Vec<CapitalPoint> {
        if self.screening.order.is_empty() {
            return Vec::new();
        }
        let mut path = vec![CapitalPoint { calls: 0, capital: 1.0 }];
        path.extend(&self.capital_path);
        path.push(self.capital_point());
        path.dedup();
        path
    }

    fn capital_point(&self) -> CapitalPoint {
        CapitalPoint { calls: self.applied().len(), capital: self.capital }
    }

    /// To be called after every bet.
    pub(super) fn note_capital(&mut self) {
        self.capital_path.push(self.capital_point());
    }

    fn broken(&self) -> Vec<usize> {
        let kept = self.trade.iter().flat_map(|trade| trade.breaks.iter().copied());
        let mut broken = sorted(self.confirmation.confirmed().into_iter().chain(kept));
        broken.dedup();
        broken
    }

    fn having(&self, status: SuspectStatus) -> Vec<usize> {
        let suspects = self.confirmation.suspects.iter();
        sorted(suspects.filter(|s| s.status == status).map(|s| s.case))
    }

    fn fixed(&self, measured: &[(usize, Scored, Scored)]) -> Vec<usize> {
        let delta = self.setup.policy.delta - 1e-9;
        sorted(measured.iter().filter(|(_, b, c)| c.score - b.score >= delta).map(|m| m.0))
    }

    /// Lost cases of every kind, ascending.
    fn lost(&self) -> Vec<LostCase> {
        let compared = self.screening.order.iter().filter_map(|case| match self.screening.results[*case] {
            Screened::Lost { baseline, candidate } => {
                Some(LostCase { case: *case, candidate: candidate.is_none(), baseline: baseline.is_none() })
            }
            _ => None,
        });
        let results = self.absolute.results.iter().flatten();
        let others = self.absolute.order.iter().zip(results).filter(|(_, r)| r.is_none());
        let others =
            others.filter(|(case, _)| !self.answers.is_unseen(&screen_call(**case, Side::Candidate)));
        let others = others.map(|(case, _)| LostCase { case: *case, candidate: true, baseline: false });
        let mut lost: Vec<LostCase> = compared.chain(others).collect();
        lost.sort_by_key(|l| l.case);
        lost
    }

    /// The difference over the whole set. A set that the gate stopped in the middle of is a
    /// stopped sample, and its difference biased.
    fn difference(&self) -> Option<PairedDifference> {
        if !self.screening.is_complete() {
            return None;
        }
        let d: Vec<f64> = self.screening.measured().map(|(_, b, c)| c.score - b.score).collect();
        let whole = |x: &f64| *x == 0.0 || x.abs() == 1.0;
        if d.iter().all(whole) {
            let worse = d.iter().filter(|x| **x < 0.0).count();
            let better = d.iter().filter(|x| **x > 0.0).count();
            bonett_price(worse, better, d.len())
        } else if d.len() >= FEWEST_GRADED {
            paired_t(&d)
        } else {
            None
        }
    }

    fn misses_floor(&self) -> bool {
        self.floor().is_some_and(|floor| floor.is_missed())
    }

    /// The golden set's mean against its bar, once every case it needs was reached.
    fn floor(&self) -> Option<FloorResult> {
        let min_score = self.setup.floor.min_score?;
        let results = self.absolute.results.as_ref()?;
        let compared = self.screening.order.iter().filter_map(|i| self.screening.candidate(*i));
        let others = self.absolute.order.iter().zip(results);
        let others = others.filter(|(case, _)| self.decides(**case)).filter_map(|(_, r)| *r);
        let fresh = compared.chain(others).map(|s| s.score);
        let scores: Vec<f64> = self.setup.floor.known.iter().copied().chain(fresh).collect();
        let (sum, of): (f64, usize) = (scores.iter().sum(), scores.len());
        let unknown = self.setup.floor.unknown;
        let ci95 = wilson(sum + unknown as f64, of + unknown)?;
        (of > 0).then(|| FloorResult { min_score, mean: sum / of as f64, ci95, of, unknown })
    }
}

fn sorted(cases: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut cases: Vec<usize> = cases.collect();
    cases.sort_unstable();
    cases
}

fn rate(answers: impl Iterator<Item = Scored>) -> Option<Rate> {
    let (mut passed, mut of, mut sum) = (0, 0, 0.0);
    for answer in answers {
        passed += usize::from(answer.passed);
        of += 1;
        sum += answer.score;
    }
    (of > 0).then(|| Rate { passed, of, mean: sum / of as f64 })
}

/// Why a run ends before the gate is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// The budget is used up.
    Budget,
    /// The run was interrupted.
    Interrupted,
    /// No call can be made any more (no credentials, no such model).
    Fatal,
}

impl StopCause {
    fn reason(self) -> Reason {
        match self {
            StopCause::Budget => Reason::Budget,
            StopCause::Interrupted => Reason::Interrupted,
            StopCause::Fatal => Reason::Fatal,
        }
    }
}
