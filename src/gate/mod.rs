//! The gate: the sequential procedure of one prompt, as a state machine without I/O.
//!
//! ```text
//!           +--> Must ----+        a must-pass case failed: re-run it (absolute rule)
//!  choose --+--> Confirm -+        suspects: fresh pairs, a quarter of the capital
//!    ^      +--> Screen --+        the next cases, both sides
//!    |      +--> Baselines+        a break is confirmed: which other cases could be fixed?
//!    |      +--> Fixes ---+        cases that look better: fresh pairs, mirrored
//!    |      +--> Escalate +        nothing confirmed but screening looks worse: bet the capital
//!    |      +--> Absolute +        cases with nothing to compare: floor and must-pass
//!    +--------------------+--> Outcome
//! ```
//!
//! [`Gate::next`] names the calls it needs now, and those it will probably need; [`Gate::observe`]
//! takes their outcomes, in any order. Answers are applied in a stated order, so the outcome
//! depends only on them. Cached results only find suspects; only fresh, interleaved pairs change
//! the capital.
//!
//! REGRESSION is decided in four files: `trade` (confirmed breaks that no fix pays for), `procedure`
//! (must-pass cases, a drop in fresh pairs), `decide` (when the screening is complete: the contrast, a
//! paid screening) and `conclude` (the floor, the budget of a call, and the contrast without a
//! baseline).

mod answers;
mod conclude;
mod confirm;
mod contrast;
mod decide;
mod escalate;
mod measured;
mod must;
mod outcome;
mod pending;
mod policy;
mod procedure;
mod screen;
mod setup;
mod trade;

pub use answers::Observation;
pub use conclude::StopCause;
pub use confirm::{Suspect, SuspectStatus, Tally};
pub use contrast::{Contrast, Group};
pub use escalate::EscalationCounts;
pub use must::{MustPass, MustStatus};
pub use outcome::{CapitalPoint, FloorResult, LostCase, Outcome, PValues, Rate, Round, TradeOutcome};
pub use policy::{Policy, PolicyError};
pub use setup::{CaseKind, Floor, Form, GateCase, Setup};

use answers::{Answers, Scored};
use confirm::{Claim, Confirmation};
use escalate::Escalation;
use measured::Measured;
use pending::{PendingCalls, Unanswered};
use screen::{Screening, screen_call};
use trade::Trade;

use crate::trial::{Call, Phase, Side};
use crate::verdict::{Reason, Verdict};

/// What the gate wants next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Calls to make.
    Run {
        /// Needed; may all run in parallel. A call returns here under the same k if its pair was
        /// discarded because a call failed.
        now: Vec<Call>,
        /// Needed later if nothing decides early.
        soon: Vec<Call>,
    },
    /// [`Gate::outcome`] is there.
    Done,
}

/// What the gate is doing.
#[derive(Clone, Debug)]
enum Stage {
    Must,
    Confirm(Vec<usize>),
    Screen,
    /// The baseline's answers of all cases not screened yet.
    Baselines,
    Fixes(Vec<usize>),
    Escalate,
    Absolute,
    Done,
}

/// The must-pass rule's cases.
#[derive(Clone, Debug, Default)]
struct MustCases {
    waiting: Vec<usize>,
    decided: Vec<MustPass>,
}

/// The cases that are not compared.
#[derive(Clone, Debug)]
struct Absolute {
    order: Vec<usize>,
    /// By position in `order`; `None` was lost. Empty until they were all answered.
    results: Option<Vec<Option<Scored>>>,
    /// Cases not answered yet.
    unanswered: Unanswered,
}

/// The gate of one prompt.
#[derive(Clone, Debug)]
pub struct Gate {
    setup: Setup,
    limit: f64,
    answers: Answers,
    screening: Screening,
    /// Cases that look worse.
    confirmation: Confirmation,
    /// Cases that look better.
    fixes: Confirmation,
    /// There once a break is confirmed.
    trade: Option<Trade>,
    must: MustCases,
    escalation: Option<Escalation>,
    absolute: Absolute,
    measured: Measured,
    /// The result of the comparison, after it ended without blocking.
    comparison: Option<(Verdict, Reason)>,
    evidence: f64,
    capital: f64,
    p_values: Option<PValues>,
    contrast: Option<Contrast>,
    rounds: Vec<Round>,
    capital_path: Vec<CapitalPoint>,
    stage: Stage,
    now: PendingCalls,
    outcome: Option<Outcome>,
}

impl Gate {
    /// Opens the gate. `setup.policy` must have passed [`Policy::validate`].
    pub fn new(mut setup: Setup) -> Self {
        if !setup.has_contrast() {
            setup.policy.alpha_plain = 0.0;
        }
        let order = setup.screening_order();
        let cap = setup.policy.confirm_cap(order.len());
        let absolute = setup.absolute_order();
        let mut gate = Self {
            limit: setup.policy.limit(setup.prompts, setup.paid),
            answers: Answers::default(),
            screening: Screening::new(order, setup.cases.len()),
            confirmation: Confirmation::new(Claim::Break, cap),
            fixes: Confirmation::new(Claim::Fix, cap),
            trade: None,
            must: MustCases::default(),
            escalation: None,
            absolute: Absolute { unanswered: Unanswered::new(&absolute), order: absolute, results: None },
            measured: Measured::default(),
            comparison: None,
            evidence: 1.0,
            capital: 1.0,
            p_values: None,
            contrast: None,
            rounds: Vec::new(),
            capital_path: Vec::new(),
            stage: Stage::Screen,
            now: PendingCalls::default(),
            outcome: None,
            setup,
        };
        gate.choose();
        gate.advance();
        gate
    }

    /// The calls wanted now and soon, the same until something is observed. All of them: a caller
    /// that asks after every answer takes only the needed ones from [`Gate::now`] and
    /// [`Gate::soon`].
    pub fn next(&self) -> Step {
        if self.outcome.is_some() {
            return Step::Done;
        }
        Step::Run { now: self.now().collect(), soon: self.soon().collect() }
    }

    /// The calls needed to go on, in order.
    pub fn now(&self) -> impl Iterator<Item = Call> + '_ {
        self.now.iter()
    }

    /// The calls needed later if nothing decides early, in order: the rest of the screening, then
    /// the cases that are not compared. Fresh pairs are not included: the answers decide which of them are
    /// needed. A batch job buys all of these at once.
    pub fn soon(&self) -> impl Iterator<Item = Call> + '_ {
        let rest = self.screening.unanswered.between(self.screening.visited, self.screening.len());
        // At the last stage all of the others are wanted now.
        let others = if matches!(self.stage, Stage::Absolute) { 0 } else { self.absolute.order.len() };
        let others = self.absolute.unanswered.between(0, others);
        rest.flat_map(Screening::calls)
            .chain(others.map(|case| screen_call(case, Side::Candidate)))
            .filter(|call| self.answers.is_unseen(call) && !self.now.contains(call))
    }

    /// Takes the outcome of a call, once for each time it was made. Calls may come in any order;
    /// those that were never wanted are kept and change nothing.
    pub fn observe(&mut self, call: Call, observation: Observation) {
        let wanted = self.now.remove(&call);
        self.answers.keep(call, observation, wanted);
        if call.phase == Phase::Screen {
            self.mark_answered(call.case);
        }
        if !wanted {
            return;
        }
        // These stages take all their answers at once: thousands need not be looked through for
        // each one that comes.
        let takes_all = matches!(self.stage, Stage::Screen | Stage::Absolute);
        if self.now.is_empty() || !takes_all {
            self.advance();
        }
    }

    fn mark_answered(&mut self, case: usize) {
        if Screening::calls(case).iter().all(|call| !self.answers.is_unseen(call)) {
            self.screening.unanswered.remove(case);
        }
        self.absolute.unanswered.remove(case);
    }

    /// Ends the run early. Without a complete screening or with live suspects it is NOT MEASURED.
    pub fn stop(&mut self, cause: StopCause) {
        if self.outcome.is_none() {
            self.conclude_early(cause);
        }
    }

    /// The outcome, once [`Gate::next`] says [`Step::Done`].
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Compared cases in the order in which they are screened.
    pub fn order(&self) -> &[usize] {
        &self.screening.order
    }

    /// The calls used so far, in the order in which they were applied.
    pub fn applied(&self) -> &[Call] {
        self.answers.applied()
    }

    /// The capital so far.
    pub fn capital(&self) -> f64 {
        self.capital
    }
}
