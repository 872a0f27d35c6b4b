//! From the written form to values: the forms that YAML itself does not have.
//!
//! Each `visit_map` validates before it returns, because that is where the YAML reader adds the
//! line to an error.

use std::fmt;

use regex::RegexBuilder;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::rule::{Answer, Failure, Fallback, Latency, Pattern, Rule, Seed, WrittenRule};
use super::validate::{answer_is_sound, rule_of};
use crate::model::ErrorClass;

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Rule;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rule such as {when: {input: ...}, text: ...}")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                let written = WrittenRule::deserialize(MapAccessDeserializer::new(map))?;
                rule_of(written).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_map(Form)
    }
}

impl<'de> Deserialize<'de> for Fallback {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Fallback;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an answer such as {text: ...}")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fallback, A::Error> {
                let answer = Answer::deserialize(MapAccessDeserializer::new(map))?;
                if answer.p.is_some() {
                    return Err(A::Error::custom("the default is always given: leave out its `p`"));
                }
                answer_is_sound(&answer, &[]).map_err(A::Error::custom)?;
                Ok(Fallback(answer))
            }
        }
        deserializer.deserialize_map(Form)
    }
}

impl<'de> Deserialize<'de> for Failure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            class: ErrorClass,
            p: Option<f64>,
            times: Option<u32>,
            message: Option<String>,
        }
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Failure;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an error class such as `throttled`, or {class, p, times, message}")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Failure, E> {
                let class = ErrorClass::deserialize(name.into_deserializer())?;
                Ok(Failure { class, p: None, times: None, message: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Failure, A::Error> {
                let Parts { class, p, times, message } = Parts::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Failure { class, p, times, message })
            }
        }
        deserializer.deserialize_any(Form)
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Latency;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("milliseconds, or two of them: [from, to]")
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Latency, E> {
                Ok(Latency { from: value, to: value })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Latency, A::Error> {
                let from = items.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let to = items.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
                if from > to {
                    return Err(A::Error::custom(format!("latency from {from} to {to}: exchange them")));
                }
                Ok(Latency { from, to })
            }
        }
        deserializer.deserialize_any(Form)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl Visitor<'_> for Form {
            type Value = Pattern;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a regular expression")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Pattern, E> {
                RegexBuilder::new(text).case_insensitive(true).build().map(Pattern).map_err(|error| {
                    // The crate draws the pattern over several lines; the last one says why.
                    let full = error.to_string();
                    let why = full.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    E::custom(format!("`{text}` is not a regular expression: {why}"))
                })
            }
        }
        deserializer.deserialize_str(Form)
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl Visitor<'_> for Form {
            type Value = Seed;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or a text")
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Seed, E> {
                Ok(Seed(value.to_string()))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<Seed, E> {
                Ok(Seed(value.to_owned()))
            }
        }
        deserializer.deserialize_any(Form)
    }
}
