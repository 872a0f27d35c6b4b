//! Prompt Management in memory, by the service's own rules, with the same faults as SSM and S3.

use std::collections::BTreeMap;

use serde_json::Value;

use super::memory::{Aws, failure};
use crate::cloud::{Failure, FailureClass};
use crate::release::prompt_management::{Draft, Listed, ManagedPrompts};

/// Versions that the service allows.
const MOST_VERSIONS: usize = 10;

/// A prompt, by its id.
pub struct Kept {
    pub draft: Draft,
    pub versions: BTreeMap<u32, (String, Draft)>,
    newest: u32,
}

impl Kept {
    fn listed(&self, id: &str, version: Option<u32>) -> Listed {
        let description = match version {
            Some(version) => self.versions[&version].0.clone(),
            None => self.draft.description.clone().unwrap_or_default(),
        };
        let suffix = version.map(|version| format!(":{version}")).unwrap_or_default();
        Listed {
            name: self.draft.name.clone(),
            id: id.to_owned(),
            arn: format!("arn:aws:bedrock:eu-west-1:123456789012:prompt/{id}{suffix}"),
            version,
            description,
        }
    }
}

fn missing(action: &'static str, id: &str) -> Failure {
    failure(FailureClass::Missing, action, id, "no such prompt")
}

impl ManagedPrompts for Aws {
    fn prompts(&self) -> Result<Vec<Listed>, Failure> {
        self.call(("bedrock:ListPrompts", "*"), |world| {
            Ok(world.library.iter().map(|(id, kept)| kept.listed(id, None)).collect())
        })
    }

    fn versions(&self, id: &str) -> Result<Vec<Listed>, Failure> {
        self.call(("bedrock:ListPrompts", id), |world| {
            let kept = world.library.get(id).ok_or_else(|| missing("bedrock:ListPrompts", id))?;
            Ok(kept.versions.keys().map(|version| kept.listed(id, Some(*version))).collect())
        })
    }

    fn get(&self, id: &str, version: Option<u32>) -> Result<Option<Draft>, Failure> {
        self.call(("bedrock:GetPrompt", id), |world| {
            let Some(kept) = world.library.get(id) else { return Ok(None) };
            let found = match version {
                None => Some(&kept.draft),
                Some(version) => kept.versions.get(&version).map(|(_, draft)| draft),
            };
            Ok(found.map(|draft| Draft { arn: kept.listed(id, version).arn, ..draft.clone() }))
        })
    }

    fn create(&self, name: &str, description: &str, variant: &Value) -> Result<Listed, Failure> {
        self.call(("bedrock:CreatePrompt", name), |world| {
            if world.library.values().any(|kept| kept.draft.name == name) {
                return Err(failure(FailureClass::Conflict, "bedrock:CreatePrompt", name, "exists"));
            }
            let id = format!("PROMPT{:04}", world.library.len() + 1);
            let draft = Draft {
                name: name.to_owned(),
                arn: String::new(),
                description: Some(description.to_owned()),
                key: None,
                variant: Some(variant.clone()),
            };
            let kept = Kept { draft, versions: BTreeMap::new(), newest: 0 };
            let listed = kept.listed(&id, None);
            world.library.insert(id, kept);
            Ok(listed)
        })
    }

    fn update(&self, id: &str, draft: &Draft) -> Result<(), Failure> {
        self.call(("bedrock:UpdatePrompt", id), |world| {
            let kept = world.library.get_mut(id).ok_or_else(|| missing("bedrock:UpdatePrompt", id))?;
            kept.draft = draft.clone();
            Ok(())
        })
    }

    fn publish(&self, id: &str, description: &str) -> Result<Listed, Failure> {
        const ACTION: &str = "bedrock:CreatePromptVersion";
        self.call((ACTION, id), |world| {
            let kept = world.library.get_mut(id).ok_or_else(|| missing(ACTION, id))?;
            if kept.versions.len() >= MOST_VERSIONS {
                let code = Some("ServiceQuotaExceededException".to_owned());
                return Err(Failure {
                    code,
                    ..failure(FailureClass::Refused, ACTION, id, "at most 10 versions")
                });
            }
            kept.newest += 1;
            kept.versions.insert(kept.newest, (description.to_owned(), kept.draft.clone()));
            Ok(kept.listed(id, Some(kept.newest)))
        })
    }

    fn delete(&self, id: &str, version: u32) -> Result<(), Failure> {
        self.call(("bedrock:DeletePrompt", id), |world| {
            let kept = world.library.get_mut(id).ok_or_else(|| missing("bedrock:DeletePrompt", id))?;
            kept.versions.remove(&version);
            Ok(())
        })
    }
}
