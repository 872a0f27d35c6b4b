//! Trades: once a break is confirmed, whether confirmed fixes pay for it.
//!
//! Only cases that the baseline fails can be fixed, so these are screened next, and those that pass are confirmed by the
//! game of the breaks, mirrored. As soon as the fixes that are still possible cannot pay, the verdict is REGRESSION. Only
//! where they can, the other cases are screened, too: a trade needs all breaks.

use super::answers::Reading;
use super::confirm::{Suspect, Tally};
use super::outcome::{Round, TradeOutcome};
use super::screen::{Screening, screen_call};
use super::{Gate, Stage};
use crate::stats::net::{FreshPasses, net_change};
use crate::trial::{Call, Side};
use crate::verdict::{Reason, Verdict};

/// What is known once a break is confirmed.
#[derive(Clone, Debug)]
pub(super) struct Trade {
    /// Cases whose break is confirmed.
    pub breaks: Vec<usize>,
    /// Breaks when the limit was reached, and the cases screened by then.
    pub at_opening: (usize, usize),
    /// The cases that the baseline fails are screened next.
    pub is_ordered: bool,
    /// There are too many breaks for fixes to pay.
    pub is_hopeless: bool,
}

impl Gate {
    /// A break is confirmed: the capital has reached the limit.
    pub(super) fn open_trade(&mut self) {
        let alone = self.confirmation.confirmed();
        let together = || {
            let open = self.confirmation.suspects.iter().filter(|s| s.is_open() && s.wealth > 1.0);
            open.map(|s| s.case).collect()
        };
        let breaks = if alone.is_empty() { together() } else { alone };
        self.trade = Some(Trade { breaks, at_opening: (0, 0), is_ordered: false, is_hopeless: false });
        let at_opening = (self.feared_breaks().len(), self.screening.visited);
        self.trade.iter_mut().for_each(|trade| trade.at_opening = at_opening);
    }

    /// Cases whose break is confirmed, once the limit is reached.
    pub(super) fn confirmed_breaks(&self) -> &[usize] {
        self.trade.as_ref().map_or(&[], |trade| &trade.breaks)
    }

    /// The suspects of a break to run again. Once a reliable case is confirmed, each other one is run only once as long
    /// as cases are ahead, and more only where the fixes pay unless it is broken.
    pub(super) fn suspects_to_confirm(&self) -> Vec<usize> {
        let round = self.confirmation.next_round(&self.setup.policy, self.confirmed_breaks());
        let all = !self.breaks_reliable() || (self.screening.is_complete() && !self.is_trade());
        round.into_iter().filter(|j| all || self.confirmation.suspects[*j].pairs == 0).collect()
    }

    /// Chooses a stage that only a trade has, or concludes; false if the usual order applies.
    pub(super) fn choose_in_trade(&mut self) -> bool {
        let confirmed = self.confirmation.confirmed();
        if let Some(trade) = &mut self.trade {
            let new: Vec<usize> = confirmed.into_iter().filter(|case| !trade.breaks.contains(case)).collect();
            trade.breaks.extend(new);
        }
        let Some(trade) = &self.trade else { return false };
        if !self.may_be_paid(trade) {
            self.finish(Verdict::Regression, Reason::ConfirmedBreaks);
            return true;
        }
        let round = self.fixes.next_round(&self.setup.policy, &self.fixes.confirmed());
        if !round.is_empty() {
            self.stage = Stage::Fixes(round);
        } else if !trade.is_ordered && !self.screening.is_complete() {
            self.stage = Stage::Baselines;
        } else {
            return false;
        }
        true
    }

    /// Whether the comparison ends as a trade, once everything is screened and confirmed.
    pub(super) fn is_trade(&self) -> bool {
        if self.trade.is_none() {
            return false;
        }
        let fixes = self.fixes.confirmed().len();
        match self.price(&self.feared_breaks()) {
            // The break of a wavering case alone is a person's decision.
            None => fixes > 0 || self.confirmed_breaks().iter().any(|case| !self.setup.is_marginal(*case)),
            Some(price) => fixes as i64 >= price,
        }
    }

    /// Whether all that is confirmed are breaks that an edit without meaning may cause.
    pub(super) fn is_free(&self) -> bool {
        self.trade.is_some() && self.price(self.confirmed_breaks()).is_none()
    }

    /// Whether fixes pay for the breaks, or still could.
    fn may_be_paid(&self, trade: &Trade) -> bool {
        if trade.breaks.iter().any(|case| self.setup.is_protected(*case)) {
            return false;
        }
        let Some(price) = self.price(&trade.breaks) else { return true };
        let feared = self.price(&self.feared_breaks()).unwrap_or(price);
        let possible = self.possible_fixes() as i64;
        let may_be_settled = self.screening.is_complete() && !self.suspects_to_confirm().is_empty();
        possible >= price && !trade.is_hopeless && (possible >= feared || may_be_settled)
    }

    /// Fixes that are confirmed, or could still be.
    fn possible_fixes(&self) -> usize {
        let confirmed = self.fixes.confirmed();
        let open = |s: &&Suspect| self.fixes.may_ask(s, &self.setup.policy) && !confirmed.contains(&s.case);
        let open = self.fixes.suspects.iter().filter(open).count();
        let ahead = self.screening.ahead().iter().filter(|case| self.could_be_fixed(**case)).count();
        confirmed.len() + open + ahead
    }

    /// How many confirmed fixes pay for these breaks; `None` if nothing must be paid, because no more broke than an edit
    /// without meaning may break.
    fn price(&self, breaks: &[usize]) -> Option<i64> {
        let turning = breaks.iter().filter(|case| self.setup.turns_easily(**case)).count();
        let reliable = breaks.len() - turning;
        let expected = self.setup.expected_turns();
        let free = reliable == 0 && turning <= expected;
        (!free).then(|| (reliable + turning.saturating_sub(expected)) as i64 + self.setup.policy.net)
    }

    /// Whether the break of a case that does not turn easily is confirmed.
    fn breaks_reliable(&self) -> bool {
        self.confirmed_breaks().iter().any(|case| !self.setup.turns_easily(*case))
    }

    /// Confirmed breaks; if a reliable case is among them, the other reliable cases that failed again, too.
    fn feared_breaks(&self) -> Vec<usize> {
        let confirmed = self.confirmed_breaks();
        let is_again = |s: &&Suspect| self.breaks_reliable() && s.is_open() && s.wealth > 1.0;
        let suspects = self.confirmation.suspects.iter().filter(is_again);
        let again = suspects
            .map(|s| s.case)
            .filter(|case| !confirmed.contains(case) && !self.setup.turns_easily(*case));
        confirmed.iter().copied().chain(again).collect()
    }

    /// Whether, at the rate of the cases screened before the limit was reached, the whole set has more breaks than half
    /// of what could be fixed: then no fixes are looked for.
    fn breaks_too_many(&self, (breaks, screened): (usize, usize)) -> bool {
        // The last one is why it was looked at just then.
        let rate = breaks.saturating_sub(1) as f64 / screened.max(1) as f64;
        2.0 * rate * self.screening.len() as f64 > self.possible_fixes() as f64
    }

    /// Whether the candidate could do a case better. That is unknown before all baselines are read, and answers that came
    /// early must not matter. Stored baselines cost nothing; those that must be bought are worth it only where a fix was
    /// seen before.
    fn could_be_fixed(&self, case: usize) -> bool {
        match self.trade.as_ref().is_some_and(|trade| trade.is_ordered) {
            true => self.baseline_fails(case),
            false => !self.setup.paid,
        }
    }

    fn baseline_fails(&self, case: usize) -> bool {
        match self.answers.read(screen_call(case, Side::Baseline), 0) {
            Reading::Missing | Reading::Lost => false,
            Reading::Scored(baseline) => 1.0 - baseline.score >= self.setup.policy.delta - 1e-9,
        }
    }

    /// The baseline's answers of all cases ahead: stored ones cost nothing.
    pub(super) fn play_baselines(&mut self) -> Result<(), Vec<Call>> {
        let calls: Vec<Call> =
            self.screening.ahead().iter().map(|case| screen_call(*case, Side::Baseline)).collect();
        let missing: Vec<Call> = calls.iter().filter(|call| self.answers.is_unseen(call)).copied().collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        self.answers.apply(calls);
        let fixable: Vec<usize> =
            self.screening.ahead().iter().copied().filter(|case| self.baseline_fails(*case)).collect();
        self.screening.bring_forward(|case| fixable.contains(&case));
        let Some(trade) = &mut self.trade else { return Ok(()) };
        trade.is_ordered = true;
        let at_opening = trade.at_opening;
        let is_hopeless = self.breaks_too_many(at_opening);
        self.trade.iter_mut().for_each(|trade| trade.is_hopeless = is_hopeless);
        Ok(())
    }

    /// The screening calls of a case that are not in the ledger yet.
    pub(super) fn unapplied(&self, case: usize) -> impl Iterator<Item = Call> + use<> {
        let has_baseline = self.trade.as_ref().is_some_and(|trade| trade.is_ordered);
        Screening::calls(case).into_iter().filter(move |call| !has_baseline || call.side == Side::Candidate)
    }

    pub(super) fn play_fixes(&mut self, round: &[usize]) -> Result<(), Vec<Call>> {
        let lambda = self.setup.policy.lambda;
        for (j, pair) in self.fixes.play(&self.answers, round, lambda)? {
            self.answers.apply(pair.calls.iter().copied());
            self.fixes.settle(j, &pair, lambda);
        }
        self.rounds.push(Round::ConfirmFixes { wealth: self.fixes.wealth() });
        Ok(())
    }

    pub(super) fn trade_outcome(&self, breaks: &[usize]) -> TradeOutcome {
        let mut fixes = self.fixes.confirmed();
        fixes.sort_unstable();
        let passes = |tally: Tally| (tally.passed, tally.of);
        let of = |suspects: &[Suspect], cases: &[usize]| -> Vec<FreshPasses> {
            let confirmed = suspects.iter().filter(|s| cases.contains(&s.case));
            confirmed
                .map(|s| FreshPasses { baseline: passes(s.baseline), candidate: passes(s.candidate) })
                .collect()
        };
        let played = [of(&self.confirmation.suspects, breaks), of(&self.fixes.suspects, &fixes)].concat();
        let pairs = played.iter().map(|case| case.candidate.1.min(case.baseline.1) as usize).sum();
        TradeOutcome { breaks: breaks.to_vec(), fixes, net: net_change(&played), pairs }
    }
}
