//! The JSON of a shard's place in its plan.

use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::config::VerdictEffect;
use crate::report::{Part, PartPrompt};
use crate::seal::Seal;
use crate::shard::Shard;

/// Which shard of which plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardJson {
    /// From 1.
    pub index: usize,
    /// How many shards there are.
    pub count: usize,
    /// The program's version.
    pub program: String,
    /// Fingerprint of all that the shards of one evaluation agree on.
    pub plan: String,
    /// What INCONCLUSIVE does.
    pub on_inconclusive: VerdictEffect,
    /// What MIXED does.
    pub on_mixed: VerdictEffect,
    /// Every affected prompt of the plan, in the order of the merged report.
    pub prompts: Vec<PartPrompt>,
    /// HMAC over the rest of the report; left out without a store key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
}

impl From<Part> for ShardJson {
    fn from(part: Part) -> Self {
        Self {
            index: part.shard.index(),
            count: part.shard.count(),
            program: part.program,
            plan: part.plan,
            on_inconclusive: part.on_inconclusive,
            on_mixed: part.on_mixed,
            prompts: part.prompts,
            seal: part.seal,
        }
    }
}

impl TryFrom<ShardJson> for Part {
    type Error = serde_json::Error;

    /// Fails on numbers that name no shard.
    fn try_from(json: ShardJson) -> Result<Self, Self::Error> {
        let shard = |index| {
            Shard::new(index, json.count).ok_or_else(|| {
                serde_json::Error::custom("`shard` names no shard: `index` must be 1 to `count`")
            })
        };
        for prompt in &json.prompts {
            shard(prompt.shard)?;
        }
        Ok(Self {
            shard: shard(json.index)?,
            program: json.program,
            plan: json.plan,
            on_inconclusive: json.on_inconclusive,
            on_mixed: json.on_mixed,
            prompts: json.prompts,
            seal: json.seal,
        })
    }
}
