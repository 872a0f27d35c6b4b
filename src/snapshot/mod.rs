//! Snapshots: the prompts of one tree, and the request of each of them for a case.

mod parts;
mod resolved;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::catalog;
use crate::config::{self, BarPart, Config, JudgePanel};
use crate::model::JudgeModels;
use crate::problem::{Mark, Problem, Problems};
use crate::prompt::{Prompt, Tier};
use crate::remark::Remark;
use crate::template::Allowance;
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
    /// False if the configuration has errors: keys that seem to be missing may be in it.
    pub config_is_sound: bool,
    /// In catalog order.
    pub prompts: Vec<Prompt>,
    /// Parts of the bar that a change of this tree may not move: those that its configuration, or a
    /// newer one, protects.
    pub protected: BTreeSet<BarPart>,
    /// The first problem in its files, which may prevent prompts from being read.
    pub fault: Option<Remark>,
    /// The tree that sets the bar if this one may not: configuration, golden sets, judge and models of another one
    /// that is trusted (`pull_request_target`, decisions.md#the-head-is-data-under-pull_request_target).
    bar: Option<Box<Snapshot<'t>>>,
    allowance: RefCell<Rc<Allowance>>,
}

impl<'t> Snapshot<'t> {
    /// Reads the configuration at `config_path` (the default places when `None`) and all
    /// catalogs it names. Problems of all files are collected in `problems`.
    pub fn read(tree: &'t dyn Tree, config_path: Option<&str>, problems: &mut Problems) -> Self {
        let mut found = Problems::new();
        let config = config::read_into(tree, config_path, &mut found).unwrap_or_default();
        let config_is_sound = !found.has_errors();
        // With a wrong configuration the catalogs may be elsewhere: a missing catalog is then not a second mistake.
        let prompts =
            if !config_is_sound && catalog::locate(tree, &config).is_ok_and(|paths| paths.is_empty()) {
                Vec::new()
            } else {
                catalog::read(tree, &config, &mut found).prompts
            };
        // An empty repository is not an error: every repository begins so.
        let fault = found.sorted().into_iter().find(|problem| problem.is_error() && problem.path.is_some());
        let fault = fault.map(|problem| Remark::quoting(&problem.message));
        problems.extend(found);
        let protected = config.protect.clone();
        Self {
            tree,
            config,
            config_is_sound,
            prompts,
            protected,
            fault,
            bar: None,
            allowance: RefCell::default(),
        }
    }

    /// Fills in a model wherever a wrong configuration may have named one, so that other mistakes
    /// can be found without reporting this one twice. No request may be sent afterwards.
    pub fn assume_models(&mut self) {
        if self.config_is_sound {
            return;
        }
        let models = &mut self.config.models;
        for model in [&mut models.branch, &mut models.main, &mut models.judge] {
            model.get_or_insert_with(|| "unknown".to_owned());
        }
    }

    /// Reads a tree that is data only: its texts count, while policy, budget, models, golden sets
    /// and judge are those of `bar`. Settings of prompts that `bar` does not know are dropped.
    pub fn read_as_data(tree: &'t dyn Tree, bar: Snapshot<'t>, problems: &mut Problems) -> Self {
        let config = bar.config.clone();
        let mut prompts = catalog::read(tree, &config, problems).prompts;
        for prompt in &mut prompts {
            let known = bar.prompt(&prompt.id);
            prompt.golden = known.and_then(|known| known.golden.clone());
            prompt.models = known.map(|known| known.models.clone()).unwrap_or_default();
            prompt.score = known.map(|known| known.score).unwrap_or_default();
            prompt.min_score = known.and_then(|known| known.min_score);
            prompt.budget_per_call = known.map(|known| known.budget_per_call.clone()).unwrap_or_default();
        }
        let config_is_sound = bar.config_is_sound;
        let protected = bar.protected.clone();
        Self {
            tree,
            config,
            config_is_sound,
            prompts,
            protected,
            fault: None,
            bar: Some(Box::new(bar)),
            allowance: RefCell::default(),
        }
    }

    /// The snapshot whose golden sets and judge count: this one, unless it is data only.
    pub fn bar(&self) -> &Snapshot<'t> {
        self.bar.as_deref().unwrap_or(self)
    }

    /// Whether another tree sets the bar.
    pub fn is_data(&self) -> bool {
        self.bar.is_some()
    }

    /// A snapshot without prompts: what a change is compared with when there is no base.
    pub fn empty(tree: &'t dyn Tree) -> Self {
        Self {
            tree,
            config: Config::default(),
            config_is_sound: true,
            prompts: Vec::new(),
            protected: BTreeSet::new(),
            fault: None,
            bar: None,
            allowance: RefCell::default(),
        }
    }

    /// The same tree and configuration with this prompt alone, edited or not.
    pub fn only(&self, prompt: Prompt) -> Self {
        Self {
            config: self.config.clone(),
            config_is_sound: self.config_is_sound,
            prompts: vec![prompt],
            protected: self.protected.clone(),
            ..Self::empty(self.tree)
        }
    }

    /// The remaining allowance for reading and rendering its texts.
    pub fn allowance(&self) -> Rc<Allowance> {
        Rc::clone(&self.allowance.borrow())
    }

    /// Gives a new allowance, for a second pass over the prompts.
    pub fn renew_allowance(&self) {
        self.allowance.take();
    }

    /// The problem of a limit that its texts exceeded; there is at most one.
    pub fn excess(&self) -> Option<Problem> {
        let error = self.allowance().exceeded()?;
        let help = "shorten texts or golden sets, or change fewer prompts at once (docs/limits.md)";
        let mut problem = Problem::error(error.message).help(help);
        problem.path = error.path;
        problem.mark = Mark::new(error.line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0), 0);
        Some(problem)
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

    /// The models that judge a prompt's answers: its own judge, else the configuration's panel or judge.
    pub fn judge_models(&self, prompt: &Prompt) -> JudgeModels {
        match (&prompt.models.judge, &self.config.judge.panel) {
            (None, Some(JudgePanel::Models(models))) => models.clone(),
            (own, _) => own.iter().chain(&self.config.models.judge).take(1).cloned().collect(),
        }
    }
}

/// The user's choices for both sides of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Which model set applies.
    pub tier: Tier,
    /// `--model`: used on both sides, whatever the catalogs say.
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
