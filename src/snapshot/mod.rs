//! Snapshots: the prompts of one tree, and what each of them would send for a case.

mod parts;
mod resolved;

use crate::catalog;
use crate::config::{self, Config};
use crate::problem::Problems;
use crate::prompt::{Prompt, Tier};
use crate::tree::Tree;

pub use parts::{Unchanged, texts_of};
pub use resolved::{CaseError, Resolved, TemplateText};

/// One tree, read: its configuration and its prompts as declared. Golden sets and included files
/// are read when a prompt turns out to be affected, not before.
pub struct Snapshot<'t> {
    /// Where files come from.
    pub tree: &'t dyn Tree,
    /// `prompt-assay.yaml`, or the defaults.
    pub config: Config,
    /// In catalog order.
    pub prompts: Vec<Prompt>,
}

impl<'t> Snapshot<'t> {
    /// Reads the configuration at `config_path` (the default places when `None`) and all
    /// catalogs it names. Problems of all files are collected in `problems`.
    pub fn read(tree: &'t dyn Tree, config_path: Option<&str>, problems: &mut Problems) -> Self {
        let config = match config::read(tree, config_path) {
            Ok(config) => config,
            Err(found) => {
                problems.extend(found);
                Config::default()
            }
        };
        let prompts = catalog::read(tree, &config, problems).prompts;
        Self { tree, config, prompts }
    }

    /// A snapshot without prompts: what a change is compared with when there is no base.
    pub fn empty(tree: &'t dyn Tree) -> Self {
        Self { tree, config: Config::default(), prompts: Vec::new() }
    }

    /// The prompt of that name.
    pub fn prompt(&self, id: &str) -> Option<&Prompt> {
        self.prompts.iter().find(|prompt| prompt.id == id)
    }

    /// The model that answers a prompt in a tier.
    pub fn model(&self, prompt: &Prompt, choice: &Choice) -> Option<String> {
        let own = |models: &crate::prompt::Models| match choice.tier {
            Tier::Branch => models.branch.clone(),
            Tier::Main => models.main.clone(),
        };
        choice.model.clone().or_else(|| own(&prompt.models)).or_else(|| own(&self.config.models))
    }

    /// The model that judges a prompt's answers.
    pub fn judge_model(&self, prompt: &Prompt) -> Option<String> {
        prompt.models.judge.clone().or_else(|| self.config.models.judge.clone())
    }
}

/// What the person chose for both sides of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Which model set applies.
    pub tier: Tier,
    /// `--model`: answers on both sides, whatever the catalogs say.
    pub model: Option<String>,
    /// `--prompt`: only these; empty means all.
    pub prompts: Vec<String>,
}

impl Choice {
    /// Whether a prompt takes part.
    pub fn includes(&self, id: &str) -> bool {
        self.prompts.is_empty() || self.prompts.iter().any(|wanted| wanted == id)
    }
}
