//! The repository and what its files ask for.

use std::collections::BTreeMap;
use std::path::Path;

use crate::adapters::git::{Repository, relative_directory};
use crate::app::workspace;
use crate::cli::DoctorArgs;
use crate::config::Config;
use crate::doctor::{Finding, Look};
use crate::price::PriceTable;
use crate::problem::Problems;
use crate::prompt::Tier;
use crate::release::environment::Environment;
use crate::release::settings;
use crate::report::wording::count;
use crate::snapshot::{Choice, Snapshot};

/// What the files ask for.
pub(super) struct Read {
    /// The configuration.
    pub config: Config,
    /// The models, each with what it is for.
    pub models: BTreeMap<String, Vec<&'static str>>,
    /// Environments that prompts are released to in AWS.
    pub environments: Vec<Environment>,
}

/// Looks at the files; what they ask for, where they can be read.
pub(super) fn look(start: &Path, args: &DoctorArgs) -> (Vec<Look>, Option<Read>) {
    let repository = match Repository::discover(start) {
        Ok(repository) => repository,
        Err(error) => {
            let told = error.to_string();
            let (said, help) = told.split_once("\n   = ").unwrap_or((&told, ""));
            return (vec![fault("repository", said, help)], None);
        }
    };
    let mut looks = vec![Look::new("repository", Finding::Fine(repository.root().display().to_string()))];
    let tree = repository.working_directory();
    let here = relative_directory(repository.root(), start);
    let config = match workspace::config_path(&here, args.config.as_deref(), &tree) {
        Ok(config) => config,
        Err(error) => {
            looks.push(fault("configuration", &error.to_string(), "name one file with `--config`"));
            return (looks, None);
        }
    };
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(&tree, config.as_deref(), &mut problems);
    let settings = settings::read(&tree, &snapshot.config, &snapshot.prompts, &mut problems);
    if problems.has_errors() {
        looks.push(fault(
            "files",
            problems.to_string().trim_end(),
            "correct these first; `prompt-assay plan` lists them, too",
        ));
        return (looks, None);
    }
    let counted = format!("{}, no mistakes", count(snapshot.prompts.len(), "prompt"));
    looks.push(Look::new("files", Finding::Fine(counted)));
    let models = models(&snapshot);
    looks.extend(prices(&snapshot.config, &models));
    let in_aws = settings.environments.values().filter(|environment| environment.directory.is_none());
    let environments = in_aws.cloned().collect();
    (looks, Some(Read { config: snapshot.config, models, environments }))
}

fn fault(at: &str, said: &str, help: &str) -> Look {
    Look::new(at, Finding::Fault(said.to_owned(), help.to_owned()))
}

fn models(snapshot: &Snapshot<'_>) -> BTreeMap<String, Vec<&'static str>> {
    let mut models: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    let mut asked = |model: Option<String>, what| {
        if let Some(model) = model {
            let known = models.entry(model).or_default();
            if !known.contains(&what) {
                known.push(what);
            }
        }
    };
    for prompt in &snapshot.prompts {
        for (tier, what) in [(Tier::Branch, "branch"), (Tier::Main, "main")] {
            asked(snapshot.model(prompt, &Choice { tier, ..Choice::default() }), what);
        }
        for judge in snapshot.judge_models(prompt).iter() {
            asked(Some(judge.clone()), "judge");
        }
    }
    models
}

/// A model without a price ends a run that has a cap, and makes others report an unknown cost.
fn prices(config: &Config, models: &BTreeMap<String, Vec<&'static str>>) -> Vec<Look> {
    let table = PriceTable::built_in().with(&config.prices);
    let looks = models.keys().map(|model| {
        let at = format!("price of {model}");
        let help = || "add it to `prices:` in the configuration, in US dollars per million tokens".to_owned();
        match (table.price(model), config.budget.max_cost) {
            (Some(_), _) => Look::new(at, Finding::Fine("known".to_owned())),
            (None, None) => {
                Look::new(at, Finding::Remarkable("not known; reports will say so".to_owned(), help()))
            }
            (None, Some(_)) => {
                let said = "not known, and `budget.max_cost` cannot be kept without it".to_owned();
                Look::new(at, Finding::Fault(said, help()))
            }
        }
    });
    looks.collect()
}
