//! `plan --count-tokens`: the provider counts the tokens of some requests, and the rest is estimated
//! from them.

use std::collections::BTreeMap;

use crate::config::ProviderKind;
use crate::model::{Counted, Model, ModelError, Request};
use crate::price::{self, PriceTable};

/// The prices with the counted tokens, and notes for the reader of the plan.
///
/// # Errors
/// If the provider counts no tokens, and without a region or credentials. A model that cannot be
/// counted is a note.
pub async fn count(
    asked: &dyn Model,
    provider: ProviderKind,
    samples: BTreeMap<&str, Vec<&Request>>,
    mut prices: PriceTable,
) -> anyhow::Result<(PriceTable, Vec<String>)> {
    anyhow::ensure!(
        provider.capabilities().counts_tokens,
        "`--count-tokens`: the configuration's provider, `{provider}`, counts no tokens: leave the option out"
    );
    let mut notes = Vec::new();
    if samples.is_empty() {
        return Ok((prices, notes));
    }
    asked.ready().await?;
    for (model, requests) in samples {
        match of_model(asked, &requests).await {
            Ok((counted, counted_as)) => {
                let expected = requests.iter().map(|request| price::expected(request).input).sum();
                prices = prices.counted(model, counted, expected);
                let by = if counted_as == model { String::new() } else { format!(" as `{counted_as}`") };
                notes.push(format!(
                    "Input tokens of `{model}` are estimated from {} requests that the provider counted{by}.",
                    requests.len()
                ));
            }
            Err(why) => notes.push(format!(
                "Input tokens of `{model}` could not be counted, so four characters are counted as one: {why}"
            )),
        }
    }
    Ok((prices, notes))
}

/// The tokens of some requests of one model, and the id by which it could be asked.
async fn of_model(asked: &dyn Model, requests: &[&Request]) -> Result<(u64, String), ModelError> {
    let (mut sum, mut counted_as) = (0, String::new());
    for request in requests {
        let Counted { tokens, model } = asked.count_tokens(request).await?;
        sum += tokens;
        counted_as = model;
    }
    Ok((sum, counted_as))
}
