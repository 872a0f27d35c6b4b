//! The pooled answers of a real model: a call is answered by a random one of the answers that the model gave to the
//! same case and prompt.

use std::collections::BTreeMap;

use prompt_assay::gate::{Form, Observation};
use prompt_assay::stability::{Passes, Stability};
use prompt_assay::trial::{Call, Phase, Side};
use prompt_assay_test_support::population::{Dice, draw, is_plain, scored};

const ANSWERS: &str = include_str!("real_answers.txt");

/// What is known of a case under one prompt.
#[derive(Clone, Debug)]
struct Known {
    plain: bool,
    varied: Vec<bool>,
}

/// One task: its prompts, and their cases in one order.
pub struct Task {
    pub cases: Vec<String>,
    prompts: BTreeMap<String, Vec<Known>>,
}

impl Task {
    pub fn read(name: &str) -> Self {
        let mut cases: Vec<String> = Vec::new();
        let mut prompts: BTreeMap<String, Vec<Known>> = BTreeMap::new();
        for line in ANSWERS.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split(' ').collect();
            if fields[0] != name {
                continue;
            }
            if fields[1] == "base" {
                cases.push(fields[2].to_owned());
            }
            let varied = fields[4].bytes().map(|passed| passed == b'1').collect();
            let known = Known { plain: fields[3] == "1", varied };
            prompts.entry(fields[1].to_owned()).or_default().push(known);
        }
        Self { cases, prompts }
    }

    pub fn prompts(&self, kind: &str) -> Vec<&str> {
        self.prompts.keys().map(String::as_str).filter(|name| name.starts_with(kind)).collect()
    }

    /// Pass rate of a case under a prompt, over requests as written and varied ones.
    pub fn rate(&self, prompt: &str, case: usize) -> f64 {
        let known = &self.prompts[prompt][case];
        let passed = known.varied.iter().filter(|passed| **passed).count();
        passed as f64 / known.varied.len() as f64
    }

    pub fn answer(&self, prompt: &str, seed: u64, form: Form, call: Call, attempt: usize) -> Observation {
        let side = if call.side == Side::Baseline { "base" } else { prompt };
        let known = &self.prompts[side][call.case];
        let mut dice = draw(seed, call, attempt);
        if side == "base" && prompt == "base" && call.phase == Phase::Screen {
            // Two identical prompts give the same screening answer.
            dice = draw(seed, Call { side: Side::Baseline, ..call }, attempt);
        }
        scored(if is_plain(form, call) { known.plain } else { known.varied[dice.below(known.varied.len())] })
    }

    /// How the cases behaved under the base and the other harmless edits, without the one that is judged.
    pub fn history(&self, judged: &str, dice: &mut Dice) -> Vec<Stability> {
        let others: Vec<&str> =
            ["base"].into_iter().chain(self.prompts("aa/")).filter(|p| *p != judged).collect();
        (0..self.cases.len())
            .map(|case| {
                let contents = others.iter().map(|prompt| {
                    let known = &self.prompts[*prompt][case];
                    let picks = (0..2).map(|_| known.varied[dice.below(known.varied.len())]);
                    let answers: Vec<bool> = std::iter::once(known.plain).chain(picks).collect();
                    let passed = answers.iter().filter(|passed| **passed).count() as u32;
                    Passes { passed, of: answers.len() as u32 }
                });
                Stability::of(&contents.collect::<Vec<_>>())
            })
            .collect()
    }
}
