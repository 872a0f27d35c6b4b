//! `history`, `blame`, `show` and `diff`: these commands only read.

use anyhow::Context;
use similar::TextDiff;

use super::context::{self, ReleaseContext};
use super::stores::Stores;
use crate::app::output;
use crate::calendar;
use crate::cli::{BlameArgs, DiffArgs, HistoryArgs, ShowArgs};
use crate::cloud::Failure;
use crate::fingerprint::Fingerprint;
use crate::release::archive;
use crate::release::client::StoreClient;
use crate::release::ports::ParameterVersion;
use crate::release::trail::{self, Row};
use crate::release::value::{self, Held, PromptPointer};
use crate::release::versions::{Blame, History, Version, table};
use crate::report::format::{Format, TextFormat};
use crate::report::untrusted;

/// Written if the store does not record when a label was moved.
const EITHER: &str =
    "one of the two was live: somebody else replaced one by the other, and the store does not say when";

/// A prompt's parameter.
fn parameter(context: &ReleaseContext, prompt: &str) -> anyhow::Result<String> {
    let ready = context.chosen(std::slice::from_ref(&prompt.to_owned()))?;
    Ok(ready.first().context("no such prompt")?.destination.name.clone())
}

fn rows(context: &ReleaseContext, stores: &Stores, prompt: &str) -> anyhow::Result<Vec<Row>> {
    let name = parameter(context, prompt)?;
    let client = &stores.client(context);
    let history = client.again(|| client.parameters.history(&name))?;
    let place = stores.place(context);
    anyhow::ensure!(!history.is_empty(), "`{prompt}` was never released to `{name}` in {place}");
    let archived = archive::read(client, &name, history[0].version)?;
    Ok(trail::trail(&archived, &history, client.label))
}

/// `history NAME`.
///
/// # Errors
/// When it was never released, or the store cannot be read.
pub fn history(args: &HistoryArgs) -> anyhow::Result<u8> {
    let format = has_form(args.output.format)?;
    let context = context::look(&crate::app::here()?, &args.place)?;
    let stores = context.stores()?;
    let rows = rows(&context, &stores, &args.name)?;
    let text = match format {
        TextFormat::Json => untrusted::json(&History {
            schema_version: 1,
            prompt: &args.name,
            environment: &context.environment.name,
            versions: rows.iter().map(Version::from).collect(),
        }),
        format => table(&rows, format),
    };
    output::write(&text, args.output.output.as_deref())?;
    Ok(0)
}

/// Refuses a format that does not exist for versions, before a store is read.
fn has_form(format: Format) -> anyhow::Result<TextFormat> {
    format.text().context("versions are no test results; use `--format terminal|markdown|json`")
}

/// `blame NAME --at TIME`.
///
/// # Errors
/// When the time cannot be read, or nothing was live.
pub fn blame(args: &BlameArgs) -> anyhow::Result<u8> {
    let format = has_form(args.output.format)?;
    let at = calendar::read(&args.at)
        .with_context(|| format!("`{}` is not a time; write it as 2026-01-31 12:00 (UTC)", args.at))?;
    let context = context::look(&crate::app::here()?, &args.place)?;
    let stores = context.stores()?;
    let rows = rows(&context, &stores, &args.name)?;
    let live = trail::live_at(&rows, at)
        .with_context(|| format!("nothing was live at {}: the first version is newer", args.at))?;
    let text = match format {
        TextFormat::Json => untrusted::json(&Blame {
            schema_version: 1,
            prompt: &args.name,
            environment: &context.environment.name,
            at,
            version: live.version.into(),
            or_version: live.or.map(Version::from),
        }),
        format => {
            let both: Vec<Row> = live.or.into_iter().chain([live.version]).cloned().collect();
            let table = table(&both, format);
            match (both.len(), format) {
                (1, _) => table,
                (_, TextFormat::Markdown) => format!("{table}\n{EITHER}.\n"),
                _ => format!("{table}  = {EITHER}\n"),
            }
        }
    };
    output::write(&text, args.output.output.as_deref())?;
    Ok(0)
}

/// The content of a version (`None`: the live one), its pointer followed and its hash checked.
///
/// # Errors
/// When there is none, or it is not what its record says.
pub fn content(
    client: &StoreClient<'_>,
    name: &str,
    history: &[ParameterVersion],
    version: Option<u64>,
) -> anyhow::Result<String> {
    let is_meant = |seen: &&ParameterVersion| match version {
        Some(version) => seen.version == version,
        None => seen.carries(client.label),
    };
    let kept = || match (history.first(), history.last()) {
        (Some(first), Some(last)) => format!("kept: {} to {}", first.version, last.version),
        _ => "it was never released".to_owned(),
    };
    let found = history.iter().find(is_meant).with_context(|| match version {
        Some(version) => format!("`{name}` has no version {version} ({})", kept()),
        None => format!("no version of `{name}` carries the label `{}` ({})", client.label, kept()),
    })?;
    let held = value::decode(&found.value)
        .map_err(|e| anyhow::anyhow!("the value of `{name}:{}` {e}", found.version))?;
    let pointer = match held {
        Held::Text(text) => return Ok(text),
        Held::Prompt(pointer) => return managed(client, name, &pointer),
        Held::Object(pointer) => pointer,
    };
    let place = format!("s3://{}/{}", pointer.bucket, pointer.key);
    let objects = client
        .objects
        .with_context(|| format!("`{place}` needs `s3: {{bucket: ...}}` in the environment"))?;
    let object = client
        .again(|| objects.get(&pointer.key, pointer.version_id.as_deref()))?
        .with_context(|| format!("the object `{place}` is missing"))?;
    anyhow::ensure!(
        Fingerprint::of_bytes(&object.bytes) == pointer.sha256,
        "the object `{place}` does not have the SHA-256 that `{name}` states"
    );
    String::from_utf8(object.bytes).with_context(|| format!("the object `{place}` is not UTF-8"))
}

/// The content of a version in Prompt Management.
fn managed(client: &StoreClient<'_>, name: &str, pointer: &PromptPointer) -> anyhow::Result<String> {
    let arn = &pointer.version.arn;
    let managed = client
        .managed
        .with_context(|| format!("`{arn}` needs `prompt_management: {{}}` in the environment"))?;
    let content = client
        .again(|| managed.content(&pointer.version))?
        .with_context(|| format!("the prompt version `{arn}` is missing"))?;
    anyhow::ensure!(
        value::digest(&content) == pointer.sha256,
        "the prompt version `{arn}` does not have the SHA-256 that `{name}` states"
    );
    Ok(content)
}

/// Why the live version cannot be read, although the store answers; `None`: it can, or nothing is
/// live.
///
/// # Errors
/// When the store fails: that says nothing about what is in it.
pub fn damage(
    client: &StoreClient<'_>,
    name: &str,
    history: &[ParameterVersion],
) -> anyhow::Result<Option<String>> {
    if !history.iter().any(|seen| seen.carries(client.label)) {
        return Ok(None);
    }
    match content(client, name, history, None) {
        Ok(_) => Ok(None),
        Err(error) if error.is::<Failure>() => Err(error),
        Err(error) => Ok(Some(error.to_string())),
    }
}

fn version_of(
    client: &StoreClient<'_>,
    history: &[ParameterVersion],
    which: &str,
) -> anyhow::Result<Option<u64>> {
    if let Ok(version) = which.parse::<u64>() {
        return Ok(Some(version));
    }
    let labelled = history.iter().find(|seen| seen.carries(which));
    match labelled {
        Some(seen) => Ok(Some(seen.version)),
        None if which == client.label => Ok(None),
        None => anyhow::bail!("no version carries the label `{which}`"),
    }
}

/// `show NAME[:version|label]`.
///
/// # Errors
/// When there is no such version, or it is not what its record says.
pub fn show(args: &ShowArgs) -> anyhow::Result<u8> {
    let context = context::look(&crate::app::here()?, &args.place)?;
    let is_whole = context.prompts.iter().any(|ready| ready.subject.prompt == args.name);
    let (prompt, which) = match args.name.rsplit_once(':').filter(|_| !is_whole) {
        Some((prompt, which)) => (prompt, Some(which)),
        None => (args.name.as_str(), None),
    };
    let name = parameter(&context, prompt)?;
    let stores = context.stores()?;
    let client = stores.client(&context);
    let history = client.again(|| client.parameters.history(&name))?;
    let version = match which {
        Some(which) => version_of(&client, &history, which)?,
        None => None,
    };
    let text = content(&client, &name, &history, version)?;
    output::write(&untrusted::terminal(&text), None)?;
    Ok(0)
}

/// `diff NAME OLD NEW`.
///
/// # Errors
/// As for `show`.
pub fn diff(args: &DiffArgs) -> anyhow::Result<u8> {
    let context = context::look(&crate::app::here()?, &args.place)?;
    let name = parameter(&context, &args.name)?;
    let stores = context.stores()?;
    let client = stores.client(&context);
    let history = client.again(|| client.parameters.history(&name))?;
    let text = |which: &str| content(&client, &name, &history, version_of(&client, &history, which)?);
    let (old, new) = (text(&args.old)?, text(&args.new)?);
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    let header = (format!("{}:{}", args.name, args.old), format!("{}:{}", args.name, args.new));
    let shown = diff.unified_diff().header(&header.0, &header.1).to_string();
    let shown = if shown.is_empty() { "the two are equal\n".to_owned() } else { shown };
    output::write(&untrusted::terminal(&shown), None)?;
    Ok(0)
}
