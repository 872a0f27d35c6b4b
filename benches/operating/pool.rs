//! The pooled answers of a real model: a call is answered by a random one of the answers that the model gave to the
//! same case and prompt.

use std::collections::BTreeMap;

use prompt_assay::gate::{Form, Observation};
use prompt_assay::stability::{Passes, Stability};
use prompt_assay::trial::{Call, Phase, Side};
use prompt_assay_test_support::population::{Dice, draw, is_plain, scored};

/// Two tasks and three edits, with reference lines for variations.
pub const FIRST: &str = include_str!("real_answers.txt");

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
    pub fn read(answers: &str, name: &str) -> Self {
        let mut cases: Vec<String> = Vec::new();
        let mut prompts: BTreeMap<String, Vec<Known>> = BTreeMap::new();
        for line in answers.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
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

    /// Pass rate of a case under a prompt, over varied requests.
    pub fn rate(&self, prompt: &str, case: usize) -> f64 {
        let known = &self.prompts[prompt][case];
        let passed = known.varied.iter().filter(|passed| **passed).count();
        passed as f64 / known.varied.len() as f64
    }

    /// Pass rate of a prompt over all cases.
    pub fn mean(&self, prompt: &str) -> f64 {
        let cases = 0..self.cases.len();
        cases.map(|case| self.rate(prompt, case)).sum::<f64>() / self.cases.len() as f64
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

    /// How the cases behaved under the base and so many of the harmless edits, drawn without the one that is judged.
    pub fn history(&self, judged: &str, harmless: &str, most: usize, dice: &mut Dice) -> Vec<Stability> {
        let mut others: Vec<&str> = self.prompts(harmless);
        others.retain(|prompt| *prompt != judged);
        while others.len() > most {
            others.swap_remove(dice.below(others.len()));
        }
        if most > 0 && judged != "base" {
            others.push("base");
        }
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
