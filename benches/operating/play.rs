//! Plays a gate many times and counts what became of it.

use prompt_assay::gate::{Gate, Observation, Outcome, Setup};
use prompt_assay::trial::Call;
use prompt_assay::verdict::Verdict;
use prompt_assay_test_support::population::{drive, model_calls};

/// One evaluation to play.
pub struct Play {
    pub setup: Setup,
    pub answer: Box<dyn Fn(Call, usize) -> Observation>,
    /// Cases that are truly broken and never marginal; found if one of them is named.
    pub planted: Vec<usize>,
}

/// Counts over evaluations.
#[derive(Default)]
pub struct Figures {
    pub runs: usize,
    pub blocked: usize,
    pub mixed: usize,
    pub inconclusive: usize,
    /// A planted case was named as broken.
    pub named: usize,
    pub calls: Vec<usize>,
    /// Evaluations with a planted case.
    pub planted: usize,
}

impl Figures {
    pub fn of(runs: u64, make: impl Fn(u64) -> Play) -> Self {
        let mut figures = Self::default();
        (0..runs).for_each(|run| figures.add(&make(run)));
        figures.calls.sort_unstable();
        figures
    }

    fn add(&mut self, play: &Play) {
        let mut gate = Gate::new(play.setup.clone());
        let outcome: Outcome = drive(&mut gate, |call, attempt| (play.answer)(call, attempt));
        self.runs += 1;
        self.blocked += usize::from(outcome.verdict == Verdict::Regression);
        self.mixed += usize::from(outcome.verdict == Verdict::Mixed);
        self.inconclusive += usize::from(outcome.verdict == Verdict::Inconclusive);
        self.named += usize::from(play.planted.iter().any(|case| outcome.broken.contains(case)));
        self.planted += usize::from(!play.planted.is_empty());
        self.calls.push(model_calls(&outcome));
    }

    /// Of 100 evaluations.
    pub fn percent(&self, count: usize) -> f64 {
        100.0 * count as f64 / self.runs as f64
    }

    pub fn mean_calls(&self) -> f64 {
        self.calls.iter().sum::<usize>() as f64 / self.runs as f64
    }

    pub fn p95_calls(&self) -> usize {
        self.calls[self.calls.len() * 95 / 100]
    }
}
