//! `drift`: whether the store still equals the commit, and how it differs.

use super::context::{self, Ready, ReleaseContext};
use super::public::{Drift, Finding, HELD};
use super::shown::Report;
use super::{json, look, shown as words};
use crate::app::{output, store_keys};
use crate::cli::{DriftArgs, ReleaseArgs};
use crate::release::archive;
use crate::release::audit::Action;
use crate::release::client::StoreClient;
use crate::release::decide::{self, Seen};
use crate::release::intervention::{What, intervention};
use crate::release::value;
use crate::report::format::TextFormat;
use crate::report::untrusted;

/// `drift [--heal]`: exit status 0 nothing differs but by a recorded rollback, 1 something does.
///
/// # Errors
/// When the store cannot be read.
pub fn run(args: &DriftArgs) -> anyhow::Result<u8> {
    super::can_be_said(&args.output)?;
    let context = context::look(&context::here()?, &args.place)?;
    let stores = context.stores()?;
    let client = stores.client(&context);
    let mut findings = Vec::new();
    for ready in &context.prompts {
        findings.extend(differences(&client, ready)?);
    }
    findings.extend(extra(&context, &client)?);
    let healable = findings.iter().any(|finding| finding.prompt.is_some() && !finding.is_held());
    let mut healed = None;
    if args.heal && healable {
        let overwrite = args.overwrite.clone();
        let release = ReleaseArgs { place: args.place.clone(), overwrite, ..ReleaseArgs::default() };
        healed = Some(super::apply(&context, &release, Action::Heal, None, &store_keys::of_main_tier()?)?);
    }
    let heals = (args.heal, healed.as_ref());
    output::write(
        &shown(&context, &findings, heals, args.output.format.text()),
        args.output.output.as_deref(),
    )?;
    let is_left = findings.iter().any(|finding| match (&finding.prompt, &healed) {
        _ if finding.is_held() => false,
        (Some(prompt), Some(report)) => !report.has_released(prompt),
        _ => true,
    });
    Ok(healed.map_or(0, |report| report.exit_code).max(u8::from(is_left)))
}

fn shown(
    context: &ReleaseContext,
    findings: &[Finding],
    (heals, healed): (bool, Option<&Report>),
    format: Option<TextFormat>,
) -> String {
    let also = |text: String, form: fn(&Report) -> String| match healed {
        Some(report) => text + &form(report),
        None => text,
    };
    match format {
        Some(TextFormat::Json) => json(&Drift {
            schema_version: 1,
            environment: &context.environment.name,
            commit: context.origin.commit.as_deref(),
            findings,
            healed,
        }),
        Some(TextFormat::Markdown) => {
            also(markdown(context, findings), |report| format!("\n{}", super::shown::markdown(report)))
        }
        Some(TextFormat::Terminal) | None => also(terminal(context, findings, heals), super::shown::terminal),
    }
}

fn differences(client: &StoreClient<'_>, ready: &Ready) -> anyhow::Result<Vec<Finding>> {
    let name = ready.destination.name.as_str();
    let history = client.again(|| client.parameters.recent(name))?;
    let seen = decide::read(&history, client.label);
    let mut found = Vec::new();
    let mut find = |kind, what: String| {
        found.push(Finding {
            prompt: Some(ready.subject.prompt.clone()),
            parameter: name.to_owned(),
            kind,
            what,
        });
    };
    let sha = value::digest(&ready.content);
    let Some(newest) = seen.last() else {
        // A prompt that may never be released is not missing.
        if ready.subject.covered || ready.destination.is_own {
            find("missing", "was never released".to_owned());
        }
        return Ok(found);
    };
    let live = seen.iter().find(|seen| seen.live);
    let is_said = |seen: &Seen| seen.sha == Some(sha);
    let is_equal = is_said(newest) && live.is_some_and(is_said);
    if let Some(outside) = intervention(&seen).filter(|_| !is_equal) {
        let kind = match outside.what {
            What::Foreign(_) => "edited",
            // Nothing is before all.
            What::Moved if outside.to < outside.from => "rolled_back",
            What::Moved | What::Unpassed => "label_moved",
        };
        find(kind, words::decided(&outside));
        return Ok(found);
    }
    match live {
        None => find("unlabelled", format!("no version carries the label `{}`", client.label)),
        Some(live) if live.sha != newest.sha && !newest.by_label_only => find(
            "unfinished",
            format!("version {} was written and not made live, version {} is", newest.version, live.version),
        ),
        Some(live) => {
            if let Some(damage) = look::damage(client, name, &history)? {
                find("unreadable", damage);
            } else if live.sha != Some(sha) {
                let held = decide::held(&seen).contains(&sha.short(crate::release::audit::HELD_DIGITS));
                let what = if held {
                    "the commit's content was rolled back, and is held"
                } else {
                    "the live version differs from the commit"
                };
                find(if held { HELD } else { "differs" }, what.to_owned());
            }
        }
    }
    Ok(found)
}

/// Parameters beside the released ones that no prompt goes to.
fn extra(context: &ReleaseContext, client: &StoreClient<'_>) -> anyhow::Result<Vec<Finding>> {
    let pattern = context.environment.pattern.as_deref().unwrap_or_default();
    let end = if context.environment.appconfig.is_some() { "{name}" } else { "/{name}" };
    // An application may have other profiles, but hardly under the prompts' own prefix.
    let Some(path) = pattern.strip_suffix(end).filter(|path| !path.is_empty()) else {
        return Ok(Vec::new());
    };
    let names = client.again(|| client.parameters.below(path))?;
    let is_known = |name: &String| context.prompts.iter().any(|ready| ready.destination.name == *name);
    let strangers = names.into_iter().filter(|name| !is_known(name) && !archive::is_companion(name));
    Ok(strangers
        .map(|parameter| Finding {
            prompt: None,
            parameter,
            kind: "extra",
            what: "belongs to no prompt of the commit".to_owned(),
        })
        .collect())
}

/// `3 differ`, `2 differ, 1 held`.
fn counted(findings: &[Finding]) -> String {
    let held = findings.iter().filter(|finding| finding.is_held()).count();
    match (findings.len() - held, held) {
        (differ, 0) => format!("{differ} differ"),
        (0, held) => format!("{held} held, as decided; nothing else differs"),
        (differ, held) => format!("{differ} differ, {held} held"),
    }
}

fn terminal(context: &ReleaseContext, findings: &[Finding], heals: bool) -> String {
    if findings.is_empty() {
        return format!("{}: the store equals the commit\n", context.environment.name);
    }
    let row = |finding: &Finding| {
        vec![finding.kind.to_owned(), finding.parameter.clone(), untrusted::terminal_line(&finding.what)]
    };
    let rows: Vec<Vec<String>> = findings.iter().map(row).collect();
    let mut help = String::new();
    let is_healable =
        |finding: &Finding| finding.prompt.is_some() && !finding.is_outside() && !finding.is_held();
    if !heals && findings.iter().any(is_healable) {
        help.push_str("  = `prompt-assay drift --heal` releases the commit's contents that passed\n");
    }
    if findings.iter().any(Finding::is_held) {
        help.push_str(
            "  = contents that were rolled back stay held: change the prompt, or pass `--lift-hold REASON` to `prompt-assay release`\n",
        );
    }
    if !heals && findings.iter().any(Finding::is_outside) {
        help.push_str("  = external changes stay; change the prompt, or pass `--heal --overwrite REASON`\n");
    }
    format!("{}{}: {}\n{help}", super::shown::table(&rows), context.environment.name, counted(findings))
}

fn markdown(context: &ReleaseContext, findings: &[Finding]) -> String {
    if findings.is_empty() {
        return format!(
            "The store of {} equals the commit.\n",
            untrusted::inline_code(&context.environment.name)
        );
    }
    let environment = untrusted::inline_code(&context.environment.name);
    let title = match findings.iter().any(Finding::is_held) {
        true => format!("{environment}: {}", counted(findings)),
        false => format!("{} of {environment} differ from the commit", findings.len()),
    };
    let mut text = format!("**{title}**\n\n| parameter | what | |\n|---|---|---|\n");
    for finding in findings {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            untrusted::inline_code(&finding.parameter),
            finding.kind,
            untrusted::prose(&finding.what, 300)
        ));
    }
    text
}
