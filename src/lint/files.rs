//! Rules about files: prompts without a golden set, too large for their store, or left in code; and the store itself.

use std::collections::BTreeSet;

use super::Material;
use super::finding::{Finding, Fix, Level, Sink};
use crate::config::OnUncovered;
use crate::init::{ignoring, prompts_in_code};
use crate::problem::{Mark, Problems};
use crate::prompt::{TextSource, Tier};
use crate::release::content::content;
use crate::release::environment::Environment;
use crate::release::ports::ParameterTier;
use crate::release::value::{ADVANCED_BYTES, STANDARD_BYTES, encode, tier};
use crate::report::wording::count;
use crate::snapshot::{Choice, Resolved};
use crate::store::location::Location;

/// Prompts that nothing evaluates.
pub(super) fn uncovered(material: &Material<'_>, found: &mut Sink<'_>) {
    let config = &material.head.config;
    let (level, then) = match config.gate.uncovered {
        OnUncovered::Fail => (Level::Error, "a change to it fails"),
        OnUncovered::Pass => (Level::Warning, "a change to it passes unseen"),
    };
    for prompt in material.head.prompts.iter().filter(|prompt| prompt.golden.is_none()) {
        let message =
            format!("the prompt `{}` has no golden set: {then}, and it is never released", prompt.id);
        let help = format!("write cases in {}/{}.yaml (docs/golden-sets.md)", config.golden, prompt.id);
        found(Finding::new(level, message, help).at(&prompt.catalog, prompt.mark));
    }
}

/// Prompts that do not fit their parameter.
pub(super) fn oversized(material: &Material<'_>, found: &mut Sink<'_>) {
    let is_ssm = |environment: &&Environment| {
        environment.directory.is_none()
            && environment.appconfig.is_none()
            && environment.prompt_management.is_none()
            && environment.bucket.is_none()
    };
    let environments: Vec<&Environment> = material.settings.environments.values().filter(is_ssm).collect();
    if environments.is_empty() {
        return;
    }
    let main = Choice { tier: Tier::Main, ..Choice::default() };
    for (prompt, _) in material.prompts() {
        let resolved = Resolved::read(material.head, prompt, &main, Some(""), &mut Problems::new());
        let Some(Ok(content)) = resolved.map(|resolved| content(prompt, &resolved)) else { continue };
        let value = encode(&content);
        for environment in &environments {
            if material.settings.destination(environment, &prompt.id).is_none()
                || tier(&value, ParameterTier::Standard, environment.advanced).is_some()
            {
                continue;
            }
            let most = if environment.advanced { ADVANCED_BYTES } else { STANDARD_BYTES };
            let message = format!(
                "the prompt `{}` has {} as it is released to `{}`, and a parameter holds {}",
                prompt.id,
                count(value.len(), "byte"),
                environment.name,
                count(most, "byte")
            );
            let bucket = "give the environment a bucket for long prompts: s3: {bucket: NAME}";
            let help = match environment.advanced || value.len() > ADVANCED_BYTES {
                true => bucket.to_owned(),
                false => format!(
                    "set `advanced: true` in the environment, which holds {}; or {bucket}",
                    count(ADVANCED_BYTES, "byte")
                ),
            };
            found(Finding::new(Level::Error, message, help).at(&prompt.catalog, prompt.mark));
        }
    }
}

/// Prompts in code. One that a catalog has, too, is the more urgent.
pub(super) fn hardcoded(material: &Material<'_>, found: &mut Sink<'_>) {
    let Ok(candidates) = prompts_in_code(material.head.tree) else { return };
    let mut known: BTreeSet<(&str, &str)> = BTreeSet::new();
    for prompt in &material.head.prompts {
        for message in &prompt.messages {
            if let TextSource::Inline(text) = &message.text {
                known.insert((text.trim(), &prompt.id));
            }
        }
    }
    for candidate in candidates {
        let text = candidate.text.trim();
        let twin = known.range((text, "")..).next().filter(|(known, _)| *known == text);
        let (message, help) = match twin {
            Some((_, id)) => (
                format!(
                    "the prompt `{id}` of the catalog is written in the code, too: a change here is not evaluated"
                ),
                "let the application read it from the catalog or from its store (docs/runtime.md), and remove it here",
            ),
            None => (
                "this text looks like a prompt, and no catalog has it: changes to it are not evaluated"
                    .to_owned(),
                "`prompt-assay init` proposes a catalog with it",
            ),
        };
        found(Finding::new(Level::Note, message, help).at(&candidate.path, Mark::new(candidate.line, 0)));
    }
}

/// A store that Git would take in.
pub(super) fn not_ignored(material: &Material<'_>, found: &mut Sink<'_>) {
    const IGNORED: &str = ".gitignore";
    let Ok(before) = material.head.tree.read(IGNORED) else { return };
    let Ok(before) = String::from_utf8(before.unwrap_or_default()) else { return };
    let database = material.head.config.database.as_str();
    let reserved = Location::of_database(database).reserved();
    let place = match reserved.first() {
        Some(first) if database.starts_with(&format!("{first}/")) => format!("{first}/"),
        _ => database.to_owned(),
    };
    if let Some(text) = ignoring(&before, &place) {
        let message = format!("`{IGNORED}` does not name the store, `{place}`");
        let help = format!("add the line `{place}`; `prompt-assay lint --fix` does it");
        let finding = Finding::new(Level::Note, message, help).at(IGNORED, Mark::default());
        found(Finding { fix: Some(Fix { path: IGNORED.to_owned(), text }), ..finding });
    }
}
