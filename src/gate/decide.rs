//! What follows a complete screening: block, escalate, or conclude.

use super::confirm::{Suspect, SuspectStatus};
use super::escalate::{Escalation, Opening};
use super::outcome::PValues;
use super::setup::Form;
use super::{Gate, Stage};
use crate::stats::sign_flip::sign_flip;
use crate::stats::wager::{Played, signed_unit};
use crate::verdict::{Reason, Verdict};

impl Gate {
    /// Everything is screened and no suspect asks for more.
    pub(super) fn after_screening(&mut self) {
        if self.screening.order.is_empty() {
            return self.conclude_comparison(Verdict::Ok, Reason::FloorPassed);
        }
        if !self.confirmation.suspects.is_empty() && self.count_capital() {
            self.open_trade();
            return self.choose();
        }
        if self.find_contrast() {
            return self.finish(Verdict::Regression, Reason::PassesOnlyWhenVaried);
        }
        let drift = self.drift();
        let p = self.test_screening(&drift);
        self.p_values = Some(p);
        let (policy, graded) = (&self.setup.policy, self.screening.is_graded());
        let level = policy.alpha_screen_paid / self.setup.prompts.max(1) as f64;
        if self.setup.paid && policy.alpha_screen_paid > 0.0 && p.screen <= level {
            return self.finish(Verdict::Regression, Reason::OverallDrop);
        }
        if self.is_trade() {
            return self.conclude_comparison(Verdict::Mixed, Reason::Trade);
        }
        let trigger = if graded { policy.trigger_graded } else { policy.trigger };
        let unresolved = self.is_unresolved();
        let eligible = self.eligible(&drift);
        if policy.drop_pairs > 0.0 && !eligible.is_empty() && (p.trigger <= trigger || unresolved) {
            self.escalate(eligible, &drift);
        } else if unresolved {
            self.conclude_comparison(Verdict::Inconclusive, Reason::SuspectsUnresolved);
        } else if p.improved <= policy.alpha_improved {
            self.conclude_comparison(Verdict::Improved, Reason::ScreenSignTest);
        } else {
            self.conclude_ok(Reason::NoRegressionFound);
        }
    }

    /// OK; if marginal cases broke all the same, it says so.
    pub(super) fn conclude_ok(&mut self, reason: Reason) {
        let marginal = self.confirmation.suspects.iter().any(|s| s.is_open() && s.wealth > 1.0);
        let reason = if marginal { Reason::MarginalBreaks } else { reason };
        self.conclude_comparison(Verdict::Ok, reason);
    }

    /// Whether a suspect is neither confirmed nor cleared; marginal ones may stay so.
    pub(super) fn is_unresolved(&self) -> bool {
        let confirmed = self.confirmed_breaks();
        let is_unresolved = |case: usize| !confirmed.contains(&case) && !self.setup.is_marginal(case);
        self.confirmation.suspects.iter().any(|s| s.is_open() && is_unresolved(s.case))
    }

    /// Cases that say nothing about an overall drop: marginal ones whose break is confirmed, and those the
    /// baseline has come to fail. The latter for pass/fail only: for graded scores a fresh baseline below the cut
    /// is usually noise, and leaving out only drops would bias the trigger.
    fn drift(&self) -> Vec<usize> {
        let graded = self.screening.is_graded();
        let drifted = |s: &&Suspect| !graded && s.status == SuspectStatus::BaseFailsToo;
        let drifted = self.confirmation.suspects.iter().filter(drifted).map(|s| s.case);
        drifted.chain(self.confirmed_breaks().iter().copied()).collect()
    }

    fn test_screening(&self, drift: &[usize]) -> PValues {
        let measured = || self.screening.measured();
        let drops: Vec<f64> = measured().map(|(_, b, c)| c.score - b.score).collect();
        let gains: Vec<f64> = drops.iter().map(|d| -d).collect();
        let undrifted: Vec<f64> = measured()
            .map(|(case, b, c)| if drift.contains(&case) { 0.0 } else { c.score - b.score })
            .collect();
        let (screen, improved) = (sign_flip(&drops), sign_flip(&gains));
        PValues {
            screen: screen.p,
            improved: improved.p,
            trigger: sign_flip(&undrifted).p,
            coarsened: screen.is_coarsened(),
        }
    }

    /// Suspects in the order found, then the other cases that the baseline passes, then suspects
    /// that failed as written and passed with white space, and would again; no drifted cases.
    fn eligible(&self, drift: &[usize]) -> Vec<usize> {
        let answered = |s: &&Suspect| {
            s.status == SuspectStatus::PassedOnRerun && self.setup.cases[s.case].form == Form::Plain
        };
        let all = self.confirmation.suspects.iter();
        let (last, first): (Vec<&Suspect>, Vec<&Suspect>) = all.partition(answered);
        let suspects: Vec<usize> = first.into_iter().chain(last.iter().copied()).map(|s| s.case).collect();
        let (first, last) = suspects.split_at(suspects.len() - last.len());
        let able = self
            .screening
            .measured()
            .filter(|(_, baseline, _)| baseline.score >= self.setup.policy.delta - 1e-9)
            .map(|(case, _, _)| case)
            .filter(|case| !suspects.contains(case));
        let all = first.iter().copied().chain(able).chain(last.iter().copied());
        // A marginal case says nothing about the change.
        all.filter(|case| !drift.contains(case) && !self.setup.is_marginal(*case)).collect()
    }

    fn escalate(&mut self, eligible: Vec<usize>, drift: &[usize]) {
        let mut screening = Played::default();
        for (case, baseline, candidate) in self.screening.measured() {
            if !drift.contains(&case) {
                let x = signed_unit(baseline.score, candidate.score, self.setup.policy.delta);
                screening.sum += x;
                screening.squares += x * x;
                screening.pairs += 1;
            }
        }
        let n = self.screening.len();
        // What confirmed a marginal break says nothing here, so the share that played that game is lost.
        let capital = if self.trade.is_some() { 1.0 - self.setup.policy.share_confirm } else { self.capital };
        let limit = self.limit;
        let opening = Opening { eligible, screening, capital, limit, cases: n };
        let cap = self.setup.policy.drop_cap(n);
        self.escalation = Some(Escalation::new(opening, cap, self.setup.cases.len()));
        self.draw_fresh_round();
    }

    pub(super) fn draw_fresh_round(&mut self) {
        let batch = self.setup.policy.batch;
        if self.escalation.as_mut().is_some_and(|e| e.draw(batch)) {
            self.stage = Stage::Escalate;
        } else {
            self.conclude_comparison(Verdict::Inconclusive, Reason::OverallDropUnresolved);
        }
    }
}
