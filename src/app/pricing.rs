//! What tokens cost where a run is made: the region, the service tier, and what stands behind application inference
//! profiles; and what is charged beside tokens.

use std::collections::BTreeSet;

use super::gating;
use super::models::Models;
use super::workspace::Workspace;
use crate::adapters::aws;
use crate::change::ChangeSet;
use crate::model::{Performance, ServiceTier};
use crate::price::{self, PriceTable};
use crate::remark::Remark;

/// Prices, and what a reader must know of them.
pub struct Pricing {
    /// What tokens cost.
    pub prices: PriceTable,
    /// Of prices that are not known, and of the service tier.
    pub notes: Vec<Remark>,
}

/// The prices of a comparison. If a model is an application inference profile and `may_ask`, the provider is asked what
/// that profile calls.
pub async fn of(workspace: &Workspace, models: &Models, may_ask: bool) -> Pricing {
    let config = &workspace.config;
    let tier = config.calls.service_tier.of(workspace.choice.tier);
    let listed = match models.kind().capabilities().is_third_party() {
        true => PriceTable::configured_only(),
        false => here().await.at_tier(tier),
    };
    let prices = listed.with(&config.prices);
    let prices = if models.kind().is_language_model() { prices } else { prices.for_nothing() };
    let mut pricing = Pricing { prices, notes: Vec::new() };
    if !models.kind().capabilities().is_on_aws {
        return pricing;
    }
    if may_ask {
        pricing.look_behind(&workspace.changes, models).await;
    }
    if tier != ServiceTier::Default {
        pricing.tell_tier(tier, &workspace.changes);
    }
    pricing.tell_extras(&workspace.changes);
    pricing
}

/// The built-in prices where calls of this process go.
pub async fn here() -> PriceTable {
    PriceTable::built_in().in_region(aws::region().await.as_deref())
}

impl Pricing {
    async fn look_behind(&mut self, changes: &ChangeSet, models: &Models) {
        let is_hidden = |model: &&str| {
            model.contains(":application-inference-profile/") && self.prices.price(model).is_none()
        };
        let hidden: Vec<&str> = gating::models(changes).into_iter().filter(is_hidden).collect();
        let found = models.behind(&hidden).await;
        for (profile, found) in hidden.into_iter().zip(found) {
            let why = match found {
                Ok(arns) => match price::behind(&arns) {
                    Some(model) => {
                        self.prices = self.prices.clone().standing_for(profile, &model);
                        continue;
                    }
                    None => format!("no price is known for what it calls ({})", arns.join(", ")),
                },
                Err(why) => why,
            };
            let said = Remark::new("What the application inference profile ").name(profile);
            self.notes.push(said.and(" costs is not known: ").quote(why));
        }
    }

    /// What is charged beside tokens, and has no known price.
    fn tell_extras(&mut self, changes: &ChangeSet) {
        let sent = || changes.prompts.iter().flat_map(gating::requests);
        let judges = || changes.prompts.iter().flat_map(|change| [&change.judge, &change.judge_before]);
        let is_guarded = sent().any(|request| request.parameters.guardrail.is_some())
            || judges().flatten().any(|judge| judge.guardrail.is_some());
        let is_fast = sent().any(|request| request.parameters.performance == Some(Performance::Optimized));
        let extras = [(is_guarded, "guardrails cost"), (is_fast, "`performance: optimized` costs more")];
        let extras: Vec<&str> =
            extras.iter().filter(|(is_used, _)| *is_used).map(|(_, what)| *what).collect();
        if !extras.is_empty() {
            let extras = extras.join(", and what ");
            self.notes.push(Remark::new(format!(
                "What {extras} is not known: no amount here has it, and no cap of the budget counts it."
            )));
        }
    }

    fn tell_tier(&mut self, tier: ServiceTier, changes: &ChangeSet) {
        let models = gating::models(changes);
        let (has, lacks): (BTreeSet<&str>, BTreeSet<&str>) =
            models.into_iter().partition(|model| self.prices.tier(model) == tier);
        let listed = |said: Remark, models: BTreeSet<&str>| {
            models.into_iter().enumerate().fold(said, |said, (i, model)| {
                let said = if i > 0 { said.and(", ") } else { said };
                said.name(model)
            })
        };
        let word = tier.as_str();
        if !has.is_empty() {
            let said = Remark::new(format!("Calls are made in the service tier `{word}`: "));
            self.notes.push(listed(said, has).and("."));
        }
        if !lacks.is_empty() {
            let said =
                Remark::new(format!("Not known to have the service tier `{word}`, so called on demand: "));
            self.notes.push(listed(said, lacks).and("."));
        }
    }
}
