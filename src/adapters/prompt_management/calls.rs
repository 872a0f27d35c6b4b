//! The calls: each is made once, and all its pages are read.

use serde_json::{Map, Value, json};

use super::PromptManagement;
use crate::adapters::aws::{Call, RestJson, Sent, encoded};
use crate::cloud::{Failure, FailureClass};
use crate::iam::partition;
use crate::release::prompt_management::{Draft, Listed, ManagedPrompts};

const SERVICE: RestJson = RestJson { id: "Bedrock Agent", host: "bedrock-agent", signed_for: "bedrock" };
/// Entries of a page; the service may give fewer.
const PAGE: u32 = 100;

impl ManagedPrompts for PromptManagement {
    fn prompts(&self) -> Result<Vec<Listed>, Failure> {
        self.runtime.block_on(self.list(None))
    }

    fn versions(&self, id: &str) -> Result<Vec<Listed>, Failure> {
        let mut versions = self.runtime.block_on(self.list(Some(id)))?;
        versions.retain(|version| version.version.is_some());
        versions.sort_by_key(|version| version.version);
        Ok(versions)
    }

    fn get(&self, id: &str, version: Option<u32>) -> Result<Option<Draft>, Failure> {
        self.runtime.block_on(async {
            let found = self.draft(id, version).await?;
            Ok(found.map(|found| Draft {
                name: text(&found["name"]).unwrap_or_default(),
                arn: text(&found["arn"]).unwrap_or_default(),
                description: text(&found["description"]),
                key: text(&found["customerEncryptionKeyArn"]),
                variant: found["variants"].get(0).cloned(),
            }))
        })
    }

    fn create(&self, name: &str, description: &str, variant: &Value) -> Result<Listed, Failure> {
        self.runtime.block_on(async {
            let call = Call { resource: format!("prompt {name}"), ..self.about("bedrock:CreatePrompt", "*") };
            let body = json!({
                "name": name,
                "description": description,
                "defaultVariant": variant["name"],
                "variants": [variant],
            });
            let sent =
                Sent { method: "POST", path: "/prompts/".to_owned(), query: Vec::new(), body: Some(body) };
            self.call(&call, "CreatePrompt", sent).await.map(|created| listed(&created))
        })
    }

    fn update(&self, id: &str, draft: &Draft) -> Result<(), Failure> {
        self.runtime.block_on(async {
            let call = self.about("bedrock:UpdatePrompt", id);
            let mut body = Map::new();
            body.insert("name".to_owned(), json!(draft.name));
            for (key, value) in
                [("description", &draft.description), ("customerEncryptionKeyArn", &draft.key)]
            {
                if let Some(value) = value {
                    body.insert(key.to_owned(), json!(value));
                }
            }
            if let Some(variant) = &draft.variant {
                body.insert("defaultVariant".to_owned(), variant["name"].clone());
                body.insert("variants".to_owned(), json!([variant]));
            }
            let body = Some(Value::Object(body));
            let sent = Sent { method: "PUT", path: path(id), query: Vec::new(), body };
            self.call(&call, "UpdatePrompt", sent).await.map(drop)
        })
    }

    fn publish(&self, id: &str, description: &str) -> Result<Listed, Failure> {
        self.runtime.block_on(async {
            let call = self.about("bedrock:CreatePromptVersion", id);
            let path = format!("/prompts/{}/versions", encoded(id));
            let body = Some(json!({"description": description}));
            let sent = Sent { method: "POST", path, query: Vec::new(), body };
            self.call(&call, "CreatePromptVersion", sent).await.map(|created| listed(&created))
        })
    }

    fn delete(&self, id: &str, version: u32) -> Result<(), Failure> {
        // Without a version the call would delete the prompt.
        self.runtime.block_on(async {
            let call = self.about("bedrock:DeletePrompt", &format!("{id}:{version}"));
            let query = vec![("promptVersion", Some(version.to_string()))];
            let sent = Sent { method: "DELETE", path: path(id), query, body: None };
            match self.call(&call, "DeletePrompt", sent).await {
                Err(failure) if failure.class != FailureClass::Missing => Err(failure),
                _ => Ok(()),
            }
        })
    }
}

impl PromptManagement {
    /// The prompts, or the versions of one with its draft.
    async fn list(&self, id: Option<&str>) -> Result<Vec<Listed>, Failure> {
        let call = self.about("bedrock:ListPrompts", id.unwrap_or("*"));
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let query = vec![
                ("maxResults", Some(PAGE.to_string())),
                ("nextToken", next),
                ("promptIdentifier", id.map(str::to_owned)),
            ];
            let sent = Sent { method: "GET", path: "/prompts/".to_owned(), query, body: None };
            let page = self.call(&call, "ListPrompts", sent).await?;
            found.extend(page["promptSummaries"].as_array().into_iter().flatten().map(listed));
            next = text(&page["nextToken"]).filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }

    /// A version or the draft, as the service answers it.
    pub(super) async fn draft(&self, id: &str, version: Option<u32>) -> Result<Option<Value>, Failure> {
        let call = self.about("bedrock:GetPrompt", id);
        let query = vec![("promptVersion", version.map(|version| version.to_string()))];
        let sent = Sent { method: "GET", path: path(id), query, body: None };
        match self.call(&call, "GetPrompt", sent).await {
            Ok(found) => Ok(Some(found)),
            Err(failure) if failure.class == FailureClass::Missing => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn call(&self, call: &Call<'_>, operation: &'static str, sent: Sent) -> Result<Value, Failure> {
        let answered = SERVICE.call(&self.connection, operation, sent).await;
        answered.map_err(|error| explained(call.failed(&error)))
    }

    /// A call about a prompt, or about all of them (`*`).
    fn about(&self, action: &'static str, id: &str) -> Call<'_> {
        let region = self.connection.region();
        let (resource, arn) = match id {
            "*" => ("prompts".to_owned(), "*".to_owned()),
            id => {
                (format!("prompt {id}"), format!("arn:{}:bedrock:{region}:*:prompt/{id}", partition(region)))
            }
        };
        Call { action, resource, arn, region, attempt_timeout: self.connection.attempt_timeout() }
    }
}

fn path(id: &str) -> String {
    format!("/prompts/{}/", encoded(id))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn listed(summary: &Value) -> Listed {
    let word = |key: &str| text(&summary[key]).unwrap_or_default();
    Listed {
        name: word("name"),
        id: word("id"),
        arn: word("arn"),
        version: word("version").parse().ok(),
        description: word("description"),
    }
}

/// Adds the help to messages that only Prompt Management has.
fn explained(mut failure: Failure) -> Failure {
    let help = match (failure.code.as_deref(), failure.action) {
        (Some("ServiceQuotaExceededException"), "bedrock:CreatePrompt") => {
            "the account has as many prompts as the region allows: delete some, or ask for more in Service Quotas, \
             Amazon Bedrock"
        }
        (Some("ConflictException"), _) => "somebody else changed the prompt at the same time: run it again",
        _ => return failure,
    };
    failure.help = Some(help.to_owned());
    failure
}
