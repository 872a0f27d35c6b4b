//! The models that judge: one, or a panel of different ones, each with a vote.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Ids of the models that judge, in the order of their votes; none where no judge is asked. As JSON: null, an id, or a
/// list of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct JudgeModels(Vec<String>);

impl JudgeModels {
    /// Who casts a vote; votes count from 0.
    pub fn of_vote(&self, vote: u32) -> &str {
        let index = (vote as usize).checked_rem(self.0.len());
        index.map_or("", |index| &self.0[index])
    }

    /// Whether they are different models.
    pub fn is_panel(&self) -> bool {
        self.0.len() > 1
    }
}

impl Deref for JudgeModels {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl FromIterator<String> for JudgeModels {
    fn from_iter<I: IntoIterator<Item = String>>(models: I) -> Self {
        Self(models.into_iter().collect())
    }
}

impl fmt::Display for JudgeModels {
    /// With commas.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join(", "))
    }
}

impl Serialize for JudgeModels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [] => serializer.serialize_none(),
            [model] => serializer.serialize_str(model),
            models => models.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for JudgeModels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(String),
            Several(Vec<String>),
        }
        Ok(match Option::<Written>::deserialize(deserializer)? {
            None => Self::default(),
            Some(Written::One(model)) => Self(vec![model]),
            Some(Written::Several(models)) => Self(models),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_go_round_and_json_is_as_short_as_it_can_be() {
        let named = |models: &[&str]| models.iter().map(|model| (*model).to_owned()).collect::<JudgeModels>();
        for (models, json) in
            [(named(&[]), "null"), (named(&["a"]), "\"a\""), (named(&["a", "b", "c"]), "[\"a\",\"b\",\"c\"]")]
        {
            assert_eq!(serde_json::to_string(&models).unwrap(), json);
            assert_eq!(serde_json::from_str::<JudgeModels>(json).unwrap(), models);
        }
        let panel = named(&["a", "b", "c"]);
        assert_eq!([0, 1, 2, 3].map(|vote| panel.of_vote(vote)), ["a", "b", "c", "a"]);
        assert_eq!(named(&[]).of_vote(0), "");
    }
}
