//! The kinds of checks: one row for each family, with the names it is written by.

use serde::Serialize;

use super::family::Family;
use super::form::Form;
use super::judge::{criteria, factuality, faithfulness, pairwise, rubric};
use super::reader::Reader;
use super::{advisory, json, length, logic, number, pattern, rouge, semantic, similarity, text, tool};

/// Reads a check of one kind from what is written.
pub(super) type ReadKind = fn(&mut Reader<'_, '_>, &mut Form<'_>) -> Option<Kind>;

/// A name that checks are written by.
pub(super) struct Name {
    /// The key.
    pub name: &'static str,
    /// How its value is read.
    pub read: ReadKind,
    /// Whether a mapping as its value is one of options; it is not where it is a schema or a check.
    pub has_options: bool,
}

/// `Variant(Type) { "name" => reader, … }`; `whole` before a reader whose mapping holds no options.
macro_rules! kinds {
    ($($variant:ident($family:ty) { $($name:literal => $($whole:ident)? ($read:path)),+ $(,)? })+) => {
        /// A check of some family.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum Kind {
            $($variant($family)),+
        }

        impl Kind {
            /// What every family can do.
            pub fn family(&self) -> &dyn Family {
                match self {
                    $(Kind::$variant(check) => check),+
                }
            }
        }

        /// Every name, in the order of the documentation.
        const NAMES: &[Name] = &[$($(Name {
            name: $name,
            read: |reader, form| $read(reader, form).map(Kind::$variant),
            has_options: kinds!(@has_options $($whole)?),
        }),+),+];
    };
    (@has_options) => { true };
    (@has_options whole) => { false };
}

kinds! {
    Text(text::TextCheck) {
        "equals" => (text::read_equals),
        "one_of" => (text::read_one_of),
        "contains" => (text::read_contains),
        "contains_any" => (text::read_contains_any),
        "starts_with" => (text::read_starts_with),
        "ends_with" => (text::read_ends_with),
    }
    Regex(pattern::Pattern) { "regex" => (pattern::read) }
    Json(json::JsonCheck) {
        "json" => (json::read),
        "json_keys" => (json::read_keys),
        "json_schema" => whole (json::read_schema),
        "json_path" => (json::read_path),
    }
    Number(number::NumberCheck) { "number" => (number::read) }
    Similarity(similarity::SimilarityCheck) { "similarity" => (similarity::read) }
    Semantic(semantic::SemanticCheck) { "semantic" => (semantic::read) }
    Rouge(rouge::RougeCheck) { "rouge" => (rouge::read) }
    Length(length::LengthCheck) { "length" => (length::read) }
    ToolCall(tool::ToolCallCheck) { "tool_call" => (tool::read_call) }
    StopReason(tool::StopReasonCheck) { "stop_reason" => (tool::read_stop) }
    Judge(rubric::RubricCheck) { "judge" => (rubric::read) }
    Criteria(criteria::CriteriaCheck) { "criteria" => whole (criteria::read) }
    Factuality(factuality::FactualityCheck) { "factuality" => (factuality::read) }
    Faithfulness(faithfulness::FaithfulnessCheck) { "faithfulness" => (faithfulness::read) }
    Pairwise(pairwise::PairwiseCheck) { "pairwise" => (pairwise::read) }
    Logic(logic::Logic) {
        "not" => whole (logic::read_not),
        "any" => whole (logic::read_any),
        "all" => whole (logic::read_all),
    }
    Latency(advisory::LatencyCheck) { "latency" => (advisory::read_latency) }
    Cost(advisory::CostCheck) { "cost" => (advisory::read_cost) }
}

/// The names of all kinds.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|kind| kind.name)
}

/// The kind that is written by a name.
pub(super) fn named(name: &str) -> Option<&'static Name> {
    NAMES.iter().find(|known| known.name == name)
}
