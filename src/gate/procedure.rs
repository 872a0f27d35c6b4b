//! The procedure: which stage comes next, and the effect of its answers.

use super::escalate::Progress;
use super::must::{self, MustStatus};
use super::outcome::Round;
use super::pending::PendingCalls;
use super::screen::{Screened, Screening, screen_call};
use super::setup::CaseKind;
use super::{Gate, Stage};
use crate::trial::{Call, Side};
use crate::verdict::{Reason, Verdict};

/// Share of lost calls beyond which nothing was measured.
pub(super) const MOST_LOST: f64 = 0.10;
/// Share of cases lost on the candidate only beyond which nothing was measured ...
const MOST_LOST_CANDIDATE: f64 = 0.02;
/// ... though one case may always be lost.
const LOST_CANDIDATE_ALLOWED: f64 = 1.0;

/// A stage's answers are all there and applied, or these calls are missing.
type Applied = Result<(), Vec<Call>>;

impl Gate {
    /// Applies rounds for as long as their answers are there.
    pub(super) fn advance(&mut self) {
        while self.outcome.is_none() {
            let applied = match self.stage.clone() {
                Stage::Must => self.play_must(),
                Stage::Confirm(round) => self.play_confirm(&round),
                Stage::Screen => self.play_screen(),
                Stage::Baselines => self.play_baselines(),
                Stage::Fixes(round) => self.play_fixes(&round),
                Stage::Escalate => self.play_escalate(),
                Stage::Absolute => self.play_absolute(),
                Stage::Done => Ok(()),
            };
            match applied {
                Err(missing) => {
                    self.now = PendingCalls::new(missing);
                    return;
                }
                Ok(()) if self.outcome.is_none() => self.choose(),
                Ok(()) => {}
            }
        }
        self.now = PendingCalls::default();
    }

    /// Chooses the next stage, or concludes.
    pub(super) fn choose(&mut self) {
        if self.too_many_lost() {
            return self.finish(Verdict::NotMeasured, Reason::LostCalls);
        }
        let may_act = self.setup.policy.fail_fast || self.screening.is_complete();
        if may_act && !self.must.waiting.is_empty() {
            self.stage = Stage::Must;
            return;
        }
        if self.comparison.is_some() {
            return match self.absolute.results {
                Some(_) => self.finish_absolute(),
                None => self.stage = Stage::Absolute,
            };
        }
        if self.trade.is_some() && self.choose_in_trade() {
            return;
        }
        let round = self.suspects_to_confirm();
        if may_act && !round.is_empty() {
            self.stage = Stage::Confirm(round);
        } else if !self.screening.is_complete() {
            self.stage = Stage::Screen;
        } else if matches!(self.stage, Stage::Escalate) {
            self.draw_fresh_round();
        } else {
            self.after_screening();
        }
    }

    /// Ends the comparison without blocking; the absolute rules follow.
    pub(super) fn conclude_comparison(&mut self, verdict: Verdict, reason: Reason) {
        if verdict == Verdict::Inconclusive && self.too_many_pairs_lost() {
            return self.finish(Verdict::NotMeasured, Reason::LostCalls);
        }
        self.comparison = Some((verdict, reason));
        self.stage = Stage::Absolute;
    }

    fn play_screen(&mut self) -> Applied {
        let size = self.setup.policy.screening_round(self.screening.len());
        let round = self.screening.next_round(size).to_vec();
        let (mut results, mut missing) = (Vec::new(), Vec::new());
        for case in &round {
            match Screening::read(&self.answers, *case) {
                Ok(result) => results.push(result),
                Err(calls) => missing.extend(calls),
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        for (case, result) in round.iter().zip(results) {
            let calls = self.unapplied(*case);
            self.answers.apply(calls);
            self.apply_screened(*case, result);
        }
        self.screening.visited += round.len();
        self.rounds.push(Round::Screen {
            visited: self.screening.visited,
            suspects: self.confirmation.suspects.iter().map(|s| s.case).collect(),
        });
        Ok(())
    }

    fn apply_screened(&mut self, case: usize, result: Screened) {
        self.screening.note(case, result);
        let delta = self.setup.policy.delta - 1e-9;
        if let Screened::Both { baseline: b, candidate: c } = result {
            let scores = [b.score, c.score];
            if b.score - c.score >= delta {
                self.confirmation.suspect(case, scores, self.setup.weight(case));
            } else if c.score - b.score >= delta {
                self.fixes.suspect(case, scores, 1.0);
            }
        }
        let passed = self.screening.candidate(case).is_some_and(|c| c.passed);
        self.watch_must_pass(case, passed);
    }

    /// A must-pass case that did not pass, or whose answer was lost, is re-run.
    fn watch_must_pass(&mut self, case: usize, passed: bool) {
        if !passed && self.setup.is_must_pass(case) {
            self.must.waiting.push(case);
        }
    }

    fn play_must(&mut self) -> Applied {
        let (mut decided, mut missing) = (Vec::new(), Vec::new());
        for case in &self.must.waiting {
            let compared = self.setup.cases[*case].kind == CaseKind::Compare;
            match must::decide(&self.answers, *case, compared) {
                Ok(result) => decided.push(result),
                Err(calls) => missing.extend(calls),
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        self.must.waiting.clear();
        let any = |status| decided.iter().any(|d: &must::Decided| d.must.status == status);
        let (failing, unmeasured) = (any(MustStatus::Failing), any(MustStatus::Unmeasured));
        for result in decided {
            self.answers.apply(result.calls);
            self.must.decided.push(result.must);
        }
        if failing {
            self.finish(Verdict::Regression, Reason::MustPass);
        } else if unmeasured {
            self.finish(Verdict::NotMeasured, Reason::LostCalls);
        }
        Ok(())
    }

    fn play_confirm(&mut self, round: &[usize]) -> Applied {
        let lambda = self.setup.policy.lambda;
        for (j, pair) in self.confirmation.play(&self.answers, round, lambda)? {
            self.answers.apply(pair.calls.iter().copied());
            self.confirmation.settle(j, &pair, lambda);
        }
        let confirms = self.count_capital();
        self.rounds.push(Round::Confirm {
            wealth: self.confirmation.wealth(),
            evidence: self.evidence,
            capital: self.capital,
        });
        if confirms {
            self.open_trade();
        }
        Ok(())
    }

    /// Recounts the capital from the suspects; true if it has reached the limit. Once it has, it counts no
    /// more: later suspects cannot undo what is confirmed.
    pub(super) fn count_capital(&mut self) -> bool {
        if self.trade.is_some() {
            return false;
        }
        let all_screened = self.screening.is_complete();
        (self.evidence, self.capital) = self.confirmation.capital(&self.setup.policy, all_screened);
        self.note_capital();
        self.capital >= self.limit
    }

    fn play_escalate(&mut self) -> Applied {
        let Some(escalation) = &mut self.escalation else {
            return Ok(());
        };
        let pairs = escalation.read(&self.answers)?;
        for pair in &pairs {
            self.answers.apply(pair.calls.iter().copied());
        }
        let progress = escalation.settle(&pairs, &self.screening, &self.setup.policy);
        self.capital = escalation.capital;
        self.rounds.push(Round::Fresh {
            cases: escalation.round.clone(),
            pairs: escalation.played.pairs,
            sum: escalation.played.sum,
            squares: escalation.played.squares,
            capital: escalation.capital,
            retired: escalation.retired(),
        });
        self.note_capital();
        let unresolved = self.is_unresolved();
        match progress {
            Progress::Continues => {}
            Progress::Hit => self.finish(Verdict::Regression, Reason::OverallDrop),
            Progress::GivenUp => match unresolved {
                true => self.conclude_comparison(Verdict::Inconclusive, Reason::OverallDropNotReproduced),
                false => self.conclude_ok(Reason::OverallDropNotReproduced),
            },
            Progress::Exhausted => {
                self.conclude_comparison(Verdict::Inconclusive, Reason::OverallDropUnresolved);
            }
        }
        Ok(())
    }

    fn play_absolute(&mut self) -> Applied {
        let calls: Vec<Call> = self.absolute.order.iter().map(|i| screen_call(*i, Side::Candidate)).collect();
        let missing: Vec<Call> = calls.iter().filter(|call| self.answers.is_unseen(call)).copied().collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        self.apply_absolute();
        Ok(())
    }

    /// Takes the answers of the cases that are not compared, as far as they are there.
    pub(super) fn apply_absolute(&mut self) {
        let mut results = Vec::new();
        for case in self.absolute.order.clone() {
            let call = screen_call(case, Side::Candidate);
            if !self.answers.is_unseen(&call) {
                self.answers.apply([call]);
            }
            let scored = self.answers.read(call, 0).scored();
            self.watch_must_pass(case, scored.is_some_and(|s| s.passed));
            results.push(scored);
        }
        self.absolute.results = Some(results);
    }

    /// Whether so many screening calls failed that no later call can correct it.
    fn too_many_lost(&self) -> bool {
        let n = self.screening.len() as f64;
        let (any, candidate_only) = self.screening.lost();
        any as f64 > MOST_LOST * n
            || candidate_only as f64 > LOST_CANDIDATE_ALLOWED.max(MOST_LOST_CANDIDATE * n)
    }

    fn too_many_pairs_lost(&self) -> bool {
        let suspects = &self.confirmation.suspects;
        let mut asked: usize = suspects.iter().map(|s| s.pairs as usize).sum();
        let mut lost: usize = suspects.iter().map(|s| s.lost_pairs as usize).sum();
        if let Some(escalation) = &self.escalation {
            asked += escalation.asked;
            lost += escalation.counts.lost_pairs;
        }
        lost as f64 > MOST_LOST * asked as f64
    }
}
