//! From a content to the version that holds it: read, decide, make one call, read again, as for parameters. A version
//! that holds the content already is taken, so that nothing is lost or doubled after an interruption.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use super::variant::{canonical, is_own, sent};
use super::{Draft, Listed, Managed, VersionArn, name_of};
use crate::cloud::{Failure, FailureClass};
use crate::fingerprint::Fingerprint;
use crate::release::client::StoreClient;
use crate::release::ports::ParameterVersion;
use crate::release::value::{self, Held};

/// The maximum of readings for one content; more mean that others write continuously.
const ROUNDS: u32 = 24;
/// Readings of a version that was just made.
const SIGHTS: u32 = 6;
/// Versions that are never named as those that can go: what is live, what was live before it, and the next.
const FEWEST: usize = 3;
/// Longest description, of a prompt and of a version.
const LONGEST_DESCRIPTION: usize = 200;
const PUBLISH: &str = "bedrock:CreatePromptVersion";

/// The next call.
enum Next {
    Create,
    Update(Draft),
    Delete(u32),
    Publish,
    Done(VersionArn),
}

/// What a content is written for.
struct Wish<'a> {
    parameter: &'a str,
    content: &'a str,
    /// How its version is recognised.
    mark: String,
    /// Versions that a label or the recent history of the parameter points to.
    in_use: BTreeSet<u32>,
}

impl Managed {
    /// The version that holds a content, written if there is none. `history` is the parameter's, oldest first.
    ///
    /// # Errors
    /// See [`FailureClass`]; also when the draft has somebody's unsaved work.
    pub fn publish(
        &self,
        client: &StoreClient<'_>,
        (parameter, content): (&str, &str),
        history: &[ParameterVersion],
    ) -> Result<VersionArn, Failure> {
        let mut wish = Wish { parameter, content, mark: mark(parameter, content), in_use: BTreeSet::new() };
        let mut told: Option<Listed> = None;
        for round in 0..ROUNDS {
            let prompt = match told.take() {
                Some(prompt) => Some(prompt),
                None => client.again(|| self.find(&name_of(parameter)))?,
            };
            if let Some(prompt) = &prompt {
                wish.in_use = self.in_use(&prompt.id, history);
            }
            let next = client.again(|| self.next(prompt.as_ref(), &wish))?;
            let id = prompt.as_ref().map_or("", |prompt| prompt.id.as_str());
            let called = match next {
                Next::Done(version) => return Ok(version),
                Next::Create => client.once(|| self.create(&wish)).map(|created| told = Some(created)),
                Next::Update(draft) => client.once(|| self.service.update(id, &draft)),
                Next::Delete(version) => client.once(|| self.service.delete(id, version)),
                Next::Publish => match client.once(|| self.service.publish(id, &wish.mark)) {
                    Ok(version) => match self.holds(client, &version, content)? {
                        Some(found) => return Ok(found),
                        None => Ok(()),
                    },
                    Err(failure) => Err(self.crowded(id, &wish, failure)),
                },
            };
            match called {
                Ok(()) => {}
                // The next round reads what happened; after a conflict, who was there.
                Err(failure) if matches!(failure.class, FailureClass::Unclear | FailureClass::Conflict) => {
                    self.forget();
                    client.rest(round);
                }
                Err(failure) => return Err(failure),
            }
        }
        let message = "is written by others all the time; run it again when they are done";
        Err(failure(PUBLISH, &name_of(parameter), FailureClass::Refused, message.to_owned()))
    }

    /// What a version holds; `None`: there is no such version in this account and region.
    ///
    /// # Errors
    /// See [`FailureClass`].
    pub fn content(&self, version: &VersionArn) -> Result<Option<String>, Failure> {
        let found = self.service.get(&version.prompt, Some(version.version))?;
        Ok(found
            .filter(|found| found.arn == version.arn)
            .map(|found| found.variant.as_ref().map(canonical).unwrap_or_default()))
    }

    fn next(&self, prompt: Option<&Listed>, wish: &Wish<'_>) -> Result<Next, Failure> {
        let Some(prompt) = prompt else { return Ok(Next::Create) };
        let versions = self.service.versions(&prompt.id)?;
        let ours = |version: &&Listed| version.description.starts_with(&wish.mark);
        for version in versions.iter().rev().filter(ours) {
            let Some(arn) = VersionArn::read(&version.arn) else { continue };
            if self.content(&arn)?.is_some_and(|content| content == wish.content) {
                return Ok(Next::Done(arn));
            }
        }
        let Some(draft) = self.service.get(&prompt.id, None)? else {
            // It was deleted since it was listed.
            let message = "the prompt was deleted meanwhile".to_owned();
            return Err(failure("bedrock:GetPrompt", &prompt.name, FailureClass::Unclear, message));
        };
        let now = draft.variant.as_ref().map(canonical);
        if now.as_deref() != Some(wish.content) || !draft.variant.as_ref().is_some_and(is_own) {
            self.replaceable(prompt, &draft, &versions)?;
            let description = draft.description.or_else(|| Some(description(wish.parameter)));
            return Ok(Next::Update(Draft { description, variant: Some(sent(wish.content)), ..draft }));
        }
        Ok(match self.surplus(&versions, wish) {
            Some(version) => Next::Delete(version),
            None => Next::Publish,
        })
    }

    /// Whether nothing is lost when a draft is replaced: it has nothing, is this program's, or is kept as a version.
    fn replaceable(&self, prompt: &Listed, draft: &Draft, versions: &[Listed]) -> Result<(), Failure> {
        let Some(variant) = draft.variant.as_ref().filter(|variant| !is_own(variant)) else { return Ok(()) };
        let unsaved = canonical(variant);
        for version in versions.iter().rev() {
            let kept = self.service.get(&prompt.id, version.version)?.and_then(|kept| kept.variant);
            if kept.is_some_and(|kept| canonical(&kept) == unsaved) {
                return Ok(());
            }
        }
        let message =
            format!("the draft of the prompt `{}` was edited outside, and no version holds it", prompt.name);
        let refused = failure("bedrock:UpdatePrompt", &prompt.name, FailureClass::Refused, message);
        let help = format!(
            "take the edit into Git and discard it there, or save it as a version (`aws bedrock-agent \
             create-prompt-version --prompt-identifier {}`), and run it again",
            prompt.id
        );
        Err(Failure { help: Some(help), ..refused })
    }

    /// The oldest version of this parameter beyond those that may stay, unless something uses it.
    fn surplus(&self, versions: &[Listed], wish: &Wish<'_>) -> Option<u32> {
        let keep = self.keep?;
        let own = owner(wish.parameter);
        let own = versions.iter().filter(|version| version.description.starts_with(&own)).count();
        // The new one will be one of them.
        oldest_unused(versions, wish).filter(|_| own >= keep)
    }

    /// The versions that a label points to, and the newest that the parameter pointed to, as many as may stay.
    fn in_use(&self, id: &str, history: &[ParameterVersion]) -> BTreeSet<u32> {
        let pointed = |kept: &ParameterVersion| match value::decode(&kept.value) {
            Ok(Held::Prompt(pointer)) if pointer.version.prompt == id => Some(pointer.version.version),
            _ => None,
        };
        let labelled = history.iter().filter(|kept| !kept.labels.is_empty());
        let mut used: BTreeSet<u32> = labelled.filter_map(pointed).collect();
        let recent: Vec<u32> = history.iter().rev().filter_map(pointed).collect();
        for version in recent {
            // The new version takes one place.
            if used.len() + 1 >= self.keep.unwrap_or(FEWEST) {
                break;
            }
            used.insert(version);
        }
        used
    }

    fn create(&self, wish: &Wish<'_>) -> Result<Listed, Failure> {
        let created = self.service.create(
            &name_of(wish.parameter),
            &description(wish.parameter),
            &sent(wish.content),
        )?;
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            known.insert(created.name.clone(), created.clone());
        }
        Ok(created)
    }

    /// The prompt with a name.
    fn find(&self, name: &str) -> Result<Option<Listed>, Failure> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref() {
            return Ok(known.get(name).cloned());
        }
        let all = self.service.prompts()?;
        let by_name: BTreeMap<String, Listed> = all.into_iter().map(|one| (one.name.clone(), one)).collect();
        let found = by_name.get(name).cloned();
        *known = Some(by_name);
        Ok(found)
    }

    fn forget(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A new version as an ARN, if it holds the content: between two calls, somebody may have edited the draft. It may
    /// not be found at once.
    fn holds(
        &self,
        client: &StoreClient<'_>,
        version: &Listed,
        content: &str,
    ) -> Result<Option<VersionArn>, Failure> {
        let Some(arn) = VersionArn::read(&version.arn) else { return Ok(None) };
        for round in 0..SIGHTS {
            match client.again(|| self.content(&arn))? {
                Some(held) => return Ok((held == content).then_some(arn)),
                None => client.rest(round),
            }
        }
        Ok(None)
    }

    /// Adds to a full quota which version can go, and how.
    fn crowded(&self, id: &str, wish: &Wish<'_>, failure: Failure) -> Failure {
        if failure.code.as_deref() != Some("ServiceQuotaExceededException") {
            return failure;
        }
        let versions = self.service.versions(id).unwrap_or_default();
        let by_hand = oldest_unused(&versions, wish).map_or_else(
            || "ask for more versions of a prompt in Service Quotas, Amazon Bedrock".to_owned(),
            |oldest| {
                format!(
                    "delete one that nothing uses: aws bedrock-agent delete-prompt --prompt-identifier {id} \
                     --prompt-version {oldest}"
                )
            },
        );
        let by_setting = match self.keep {
            Some(keep) => format!("`prompt_management: {{keep: {keep}}}` must be below the quota"),
            None => "or let releases do it, with `prompt_management: {keep: N}` below the quota".to_owned(),
        };
        let help = format!("the prompt has {} versions; {by_hand}; {by_setting}", versions.len());
        Failure { help: Some(help), ..failure }
    }
}

/// The oldest version that was written for this parameter and that nothing uses.
fn oldest_unused(versions: &[Listed], wish: &Wish<'_>) -> Option<u32> {
    let own = owner(wish.parameter);
    let mut own = versions.iter().filter(|version| version.description.starts_with(&own));
    own.find_map(|version| version.version.filter(|number| !wish.in_use.contains(number)))
}

/// How the versions of a parameter begin: other environments may share the prompt.
fn owner(parameter: &str) -> String {
    format!("prompt-assay {}", Fingerprint::of_bytes(parameter.as_bytes()).short(12))
}

/// How the version with a content is recognised.
fn mark(parameter: &str, content: &str) -> String {
    format!("{} sha256 {}", owner(parameter), value::digest(content))
}

/// What a person reads at a prompt.
fn description(parameter: &str) -> String {
    let text = format!("Written by prompt-assay. Which version is live stands in the parameter {parameter}");
    text.chars().take(LONGEST_DESCRIPTION).collect()
}

fn failure(action: &'static str, prompt: &str, class: FailureClass, message: String) -> Failure {
    Failure { class, action, resource: format!("prompt {prompt}"), code: None, message, help: None }
}
