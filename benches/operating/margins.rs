//! Cases with a margin: how far a case is from turning. At temperature 0 a case passes as long as its margin, with what
//! the edit and the white space add to it, is above 0. So an edit without meaning turns the cases near 0, in both
//! directions, as real models do.

use prompt_assay::gate::{Form, Observation};
use prompt_assay::stability::{Passes, Stability};
use prompt_assay::trial::{Call, Side};
use prompt_assay_test_support::population::{Dice, draw, is_plain, scored};

/// Sizes in units of the spread of margins over cases. Fitted to two real tasks: 77 % of 84 cases pass; an edit without
/// meaning makes 2.1 cases worse and 1.6 better; white space makes 6 to 13 cases vary; 7 of 42 edits are blocked by a gate
/// without trades.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub passing: f64,
    /// What an edit adds to a margin.
    pub edit: f64,
    /// What it adds to one case in so many instead.
    pub jolt: f64,
    pub rare: usize,
    /// What white space adds.
    pub white: f64,
}

/// Shift so that 77 % of the cases pass.
pub const REAL: Sizes = Sizes { passing: 0.75, edit: 0.17, jolt: 1.0, rare: 400, white: 0.20 };

#[derive(Clone)]
pub struct Margins {
    sizes: Sizes,
    old: Vec<f64>,
    new: Vec<f64>,
}

fn normal(dice: &mut Dice) -> f64 {
    let (u, v) = (1.0 - dice.unit(), dice.unit());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

impl Margins {
    pub fn draw(n: usize, sizes: Sizes, dice: &mut Dice) -> Self {
        let old: Vec<f64> = (0..n).map(|_| sizes.passing + normal(dice)).collect();
        Self { sizes, new: old.clone(), old }
    }

    /// What an edit without meaning makes of margins.
    fn edited(&self, from: &[f64], dice: &mut Dice) -> Vec<f64> {
        let shift = |dice: &mut Dice| {
            let size = if dice.below(self.sizes.rare) == 0 { self.sizes.jolt } else { self.sizes.edit };
            size * normal(dice)
        };
        from.iter().map(|margin| margin + shift(dice)).collect()
    }

    fn passes(&self, margin: f64, plain: bool, dice: &mut Dice) -> bool {
        let white = if plain { 0.0 } else { self.sizes.white * normal(dice) };
        margin + white > 0.0
    }

    pub fn answer(&self, seed: u64, forms: &[Form], call: Call, attempt: usize) -> Observation {
        let margin = match call.side {
            Side::Baseline => self.old[call.case],
            Side::Candidate => self.new[call.case],
        };
        let plain = is_plain(forms[call.case], call);
        scored(self.passes(margin, plain, &mut draw(seed, call, attempt)))
    }

    /// How the cases behaved in earlier contents, each an edit of the same prompt, before the baseline.
    pub fn history(&self, contents: usize, dice: &mut Dice) -> Vec<Stability> {
        let mut answers = vec![Vec::new(); self.old.len()];
        for _ in 0..contents {
            let margins = self.edited(&self.old, dice);
            for (case, margin) in margins.into_iter().enumerate() {
                let plain = dice.below(3) == 0;
                let passed = u32::from(self.passes(margin, plain, dice));
                answers[case].push(Passes { passed, of: 1 });
            }
        }
        answers.iter().map(|contents| Stability::of(contents)).collect()
    }

    /// Makes the candidate an edit without meaning.
    pub fn edit(&mut self, dice: &mut Dice) {
        self.new = self.edited(&self.old, dice);
    }

    /// Breaks so many of the cases that the baseline passes reliably: white space hardly ever turns them.
    pub fn break_stable(&mut self, count: usize, dice: &mut Dice) -> Vec<usize> {
        let reliable = |case: &usize| self.old[*case] > 3.0 * self.sizes.white;
        let chosen = chosen((0..self.old.len()).filter(reliable).collect(), count, dice);
        chosen.iter().for_each(|case| self.new[*case] = -5.0);
        chosen
    }

    /// Breaks this share of all cases, among those that the baseline passes, some of them by little.
    pub fn break_passing(&mut self, share: f64, dice: &mut Dice) -> Vec<usize> {
        let passing = (0..self.old.len()).filter(|case| self.old[*case] > 0.0).collect();
        let count = (share * self.old.len() as f64).round() as usize;
        for case in chosen(passing, count, dice) {
            self.new[case] = -0.5 - normal(dice).abs();
        }
        Vec::new()
    }
}

fn chosen(mut cases: Vec<usize>, count: usize, dice: &mut Dice) -> Vec<usize> {
    let count = count.min(cases.len());
    for k in 0..count {
        let pick = k + dice.below(cases.len() - k);
        cases.swap(k, pick);
    }
    cases.truncate(count);
    cases
}
