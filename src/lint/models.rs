//! Rules about models: those that will be missing, and those whose price is not known.

use std::collections::BTreeSet;

use super::Material;
use super::finding::{Finding, Level, Sink};
use crate::action::needs_main_tier;
use crate::check::Check;
use crate::price::PriceTable;
use crate::problem::Mark;
use crate::prompt::{Prompt, Tier};
use crate::remark::Remark;
use crate::snapshot::{Choice, Snapshot};
use crate::tree::Tree;

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";

/// The prompts without a model for the main tier, never none, and what needs that tier: a workflow or a release.
fn without_main_model<'a>(head: &'a Snapshot<'_>, tree: &dyn Tree) -> Option<(Remark, Vec<&'a Prompt>)> {
    let main = choice(Tier::Main);
    let lacks = |prompt: &&Prompt| prompt.golden.is_some() && head.model(prompt, &main).is_none();
    let without: Vec<&Prompt> = head.prompts.iter().filter(lacks).collect();
    if without.is_empty() {
        return None;
    }
    Some((needs_main(head, tree)?, without))
}

/// What needs the main tier: a workflow, or a release.
fn needs_main(head: &Snapshot<'_>, tree: &dyn Tree) -> Option<Remark> {
    let workflow = tree.list(WORKFLOWS).unwrap_or_default().into_iter().find(|path| {
        let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
        let text =
            || tree.read(path).ok().flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        is_yaml && text().is_some_and(|text| needs_main_tier(path, &text))
    });
    match (workflow, &head.config.release) {
        (Some(path), _) => Some(Remark::new("the workflow ").name(&path)),
        (None, Some(_)) => Some(Remark::new("a release")),
        (None, None) => None,
    }
}

fn choice(tier: Tier) -> Choice {
    Choice { tier, ..Choice::default() }
}

/// Prompts without a model for the main tier. Those without one for the branch tier or the judge are reported by what
/// reads them.
pub(super) fn missing(material: &Material<'_>, found: &mut Sink<'_>) {
    let head = material.head;
    let lacking = without_main_model(head, head.tree).filter(|_| head.config_is_sound);
    let Some((needed_by, without)) = lacking else { return };
    let others = match without.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "no model for the prompt `{}`{others} in the tier `main`, on which {needed_by} evaluates",
        without[0].id
    );
    let help = "add `main: MODEL_ID` under `models:` in prompt-assay.yaml";
    found(Finding::new(Level::Error, message, help).at(&without[0].catalog, without[0].mark));
}

/// Models without a price, where a cap needs it.
pub(super) fn unpriced(material: &Material<'_>, found: &mut Sink<'_>) {
    let (head, config) = (material.head, &material.head.config);
    let Some(cap) = config.budget.max_cost else { return };
    let capabilities = config.provider.capabilities();
    if !capabilities.is_language_model || !head.config_is_sound {
        return;
    }
    let listed =
        if capabilities.is_third_party() { PriceTable::configured_only() } else { PriceTable::built_in() };
    let prices = listed.with(&config.prices);
    let mut models: BTreeSet<String> = BTreeSet::new();
    let is_main_run = needs_main(head, head.tree).is_some();
    for (prompt, change) in material.prompts().filter(|(prompt, _)| prompt.golden.is_some()) {
        models.extend(head.model(prompt, &choice(Tier::Branch)));
        models.extend(head.model(prompt, &choice(Tier::Main)).filter(|_| is_main_run));
        models.extend(change.judge.iter().flat_map(|judge| judge.models.iter().cloned()));
        let checks = change.cases.iter().flat_map(|case| &case.case.checks);
        models.extend(checks.flat_map(Check::models).map(str::to_owned));
    }
    // What stands behind such a profile only AWS knows.
    let is_open = |model: &&String| !model.contains(":application-inference-profile/");
    for model in models.iter().filter(is_open).filter(|model| prices.price_of_caps(model).is_none()) {
        let message =
            format!("the model `{model}` has no known price, so that `max_cost: {cap}` cannot be kept");
        let help = format!(
            "write its price in US dollars per million tokens: prices: {{\"{model}\": {{input: …, output: …}}}}"
        );
        let finding = Finding::new(Level::Error, message, help);
        found(match &config.path {
            Some(path) => finding.at(path, Mark::default()),
            None => finding,
        });
    }
}

/// The number of prompts that are named; the rest are only counted.
const NAMED: usize = 3;

/// The note on a branch, where it can still be fixed, about prompts without a model for the main tier, if the repository
/// will evaluate or release on it.
pub fn note_without_main_model(head: &Snapshot<'_>, tree: &dyn Tree) -> Option<Remark> {
    let (needed_by, without) = without_main_model(head, tree)?;
    let mut remark = Remark::new("No model is named for the tier `main` of ").name(&without[0].id);
    for prompt in without.iter().skip(1).take(NAMED - 1) {
        remark = remark.and(", ").name(&prompt.id);
    }
    if without.len() > NAMED {
        remark = remark.and(format!(" and {} more", without.len() - NAMED));
    }
    Some(remark.and("; ").then(&needed_by).and(
        " evaluates there, and will end with exit status 2 after the merge: add `main: MODEL_ID` under `models:` in \
         prompt-assay.yaml.",
    ))
}
