//! The settings of a side: its prompts are asked with them, whatever their catalogs say.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::SideError;
use crate::catalog;
use crate::problem::{Problems, nearest};
use crate::prompt::Tier;
use crate::snapshot::{Choice, Snapshot};

/// What can be set, as written.
const KEYS: [&str; 5] = ["model", "tier", "temperature", "top_p", "max_tokens"];

/// Settings of all prompts of a side; an absent one is as the catalogs and the configuration say.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// Whose models: those for branches or those for main.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// The model that answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Upper bound of output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
}

impl Settings {
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), SideError> {
        let wrong =
            |is: &str| SideError::new(format!("`{key}={value}` cannot be set"), format!("`{key}` is {is}"));
        let share = |range: RangeInclusive<f64>| {
            let number = value.parse::<f64>().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| wrong("a number from 0 to 1"))
        };
        let is_again = match key {
            "model" => {
                if value.is_empty() || value.contains(|c: char| c.is_whitespace() || c.is_control()) {
                    return Err(wrong("the id of a model, without spaces"));
                }
                self.model.replace(value.to_owned()).is_some()
            }
            "tier" => {
                let tier = [Tier::Branch, Tier::Main].into_iter().find(|tier| tier.as_str() == value);
                self.tier.replace(tier.ok_or_else(|| wrong("`branch` or `main`"))?).is_some()
            }
            "temperature" => self.temperature.replace(share(0.0..=1.0)?).is_some(),
            "top_p" => self.top_p.replace(share(0.0..=1.0)?).is_some(),
            "max_tokens" => {
                let tokens = value.parse::<u32>().ok().filter(|tokens| *tokens > 0);
                self.max_tokens.replace(tokens.ok_or_else(|| wrong("a whole number above 0"))?).is_some()
            }
            _ => return Err(unknown(key, value)),
        };
        match is_again {
            true => {
                Err(SideError::new(format!("`{key}` is given twice for one side"), "leave one of them out"))
            }
            false => Ok(()),
        }
    }

    /// Takes from `common` what is not set. A model of its own stands above a common tier.
    pub(super) fn complete(&mut self, common: &Settings) {
        if self.model.is_none() && self.tier.is_none() {
            self.model.clone_from(&common.model);
        }
        self.tier = self.tier.or(common.tier);
        self.temperature = self.temperature.or(common.temperature);
        self.top_p = self.top_p.or(common.top_p);
        self.max_tokens = self.max_tokens.or(common.max_tokens);
    }

    /// Sets them on all chosen prompts of a tree, as if its catalogs said so. A prompt without a model for the tier
    /// is a problem: another tier's model must not answer in its place.
    pub fn apply(&self, snapshot: &mut Snapshot<'_>, choice: &Choice, problems: &mut Problems) {
        let mut prompts = std::mem::take(&mut snapshot.prompts);
        for prompt in prompts.iter_mut().filter(|prompt| choice.includes(&prompt.id)) {
            let of_tier = |tier| snapshot.model(prompt, &Choice { tier, ..Choice::default() });
            match (&self.model, self.tier) {
                (Some(model), _) => prompt.models.branch = Some(model.clone()),
                (None, None) => {}
                (None, Some(tier)) => match of_tier(tier) {
                    Some(model) => prompt.models.branch = Some(model),
                    None => {
                        let word = tier.as_str();
                        let message = format!("no model for the prompt `{}` in the tier `{word}`", prompt.id);
                        let help = format!("set `models: {{{word}: MODEL_ID}}` in prompt-assay.yaml");
                        let problem = catalog::placed(snapshot.tree, prompt, prompt.mark, message);
                        problems.push(problem.help(help));
                    }
                },
            }
            let parameters = &mut prompt.parameters;
            parameters.temperature = self.temperature.or(parameters.temperature);
            parameters.top_p = self.top_p.or(parameters.top_p);
            parameters.max_tokens = self.max_tokens.or(parameters.max_tokens);
        }
        snapshot.prompts = prompts;
    }
}

fn unknown(key: &str, value: &str) -> SideError {
    let near = nearest(key, &KEYS).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let help = format!(
        "{near}A setting is one of `{}`; a revision whose name has `=` is written `rev={key}={value}`",
        KEYS.join("`, `")
    );
    SideError::new(format!("`{key}` is no setting of a side"), help)
}
