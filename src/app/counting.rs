//! `plan --count-tokens`: Bedrock counts the tokens of some requests, and the rest is estimated
//! from them.

use std::collections::BTreeMap;

use tokio::runtime::Runtime;

use crate::adapters::bedrock::{Bedrock, Counted, Options};
use crate::config::Config;
use crate::model::{Model, ModelError, Request};
use crate::price::{self, PriceTable};

/// The prices with the counted tokens, and notes for the reader of the plan.
///
/// # Errors
/// With another provider than Bedrock, and without a region or credentials. A model that cannot be
/// counted is a note.
pub fn count(
    config: &Config,
    samples: BTreeMap<&str, Vec<&Request>>,
    mut prices: PriceTable,
    runtime: &Runtime,
) -> anyhow::Result<(PriceTable, Vec<String>)> {
    anyhow::ensure!(
        config.provider.kind().capabilities().counts_tokens,
        "`--count-tokens` asks Bedrock, and the configuration's `provider` is a file of rules: leave it out"
    );
    let mut notes = Vec::new();
    if samples.is_empty() {
        return Ok((prices, notes));
    }
    let bedrock: Result<Bedrock, ModelError> = runtime.block_on(async {
        let bedrock = Bedrock::connect(Options::default()).await?;
        bedrock.ready().await?;
        Ok(bedrock.knowing(prices.clone()))
    });
    let bedrock = bedrock?;
    for (model, requests) in samples {
        match runtime.block_on(of_model(&bedrock, &requests)) {
            Ok((counted, counted_as)) => {
                let expected = requests.iter().map(|request| price::expected(request).input).sum();
                prices = prices.counted(model, counted, expected);
                let by = if counted_as == model { String::new() } else { format!(" as `{counted_as}`") };
                notes.push(format!(
                    "Input tokens of `{model}` are estimated from {} requests that Bedrock counted{by}.",
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
async fn of_model(bedrock: &Bedrock, requests: &[&Request]) -> Result<(u64, String), ModelError> {
    let (mut sum, mut counted_as) = (0, String::new());
    for request in requests {
        let Counted { tokens, model } = bedrock.count_tokens(request).await?;
        sum += tokens;
        counted_as = model;
    }
    Ok((sum, counted_as))
}
