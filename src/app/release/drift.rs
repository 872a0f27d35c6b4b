//! `drift`: whether the store still equals the commit, and how it differs.

use super::context::{self, Ready, ReleaseContext};
use super::look;
use crate::app::{output, session};
use crate::cli::{DriftArgs, ReleaseArgs};
use crate::release::archive;
use crate::release::audit::Action;
use crate::release::client::StoreClient;
use crate::release::decide::{self, Seen};
use crate::release::drift::{Drift, Finding, Kind};
use crate::release::intervention::{What, intervention};
use crate::release::report;
use crate::release::value;

/// `drift [--heal]`: exit status 0 nothing differs but by a recorded rollback, 1 something does.
///
/// # Errors
/// When the store cannot be read.
pub fn run(args: &DriftArgs) -> anyhow::Result<u8> {
    super::can_be_said(&args.output)?;
    let context = context::look(&crate::app::here()?, &args.place)?;
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
        healed = Some(super::apply(&context, &release, Action::Heal, None, &session::main_tier_seals()?)?);
    }
    let drift = Drift {
        schema_version: 1,
        environment: &context.environment.name,
        commit: context.origin.commit.as_deref(),
        findings: &findings,
        healed: healed.as_ref(),
    };
    output::write(&drift.shown(args.output.format.text(), args.heal), args.output.output.as_deref())?;
    let is_left = findings.iter().any(|finding| match (&finding.prompt, &healed) {
        _ if finding.is_held() => false,
        (Some(prompt), Some(report)) => !report.has_released(prompt),
        _ => true,
    });
    Ok(healed.map_or(0, |report| report.exit_code).max(u8::from(is_left)))
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
            find(Kind::Missing, "was never released".to_owned());
        }
        return Ok(found);
    };
    let live = seen.iter().find(|seen| seen.live);
    let is_said = |seen: &Seen| seen.sha == Some(sha);
    let is_equal = is_said(newest) && live.is_some_and(is_said);
    if let Some(outside) = intervention(&seen).filter(|_| !is_equal) {
        let kind = match outside.what {
            What::Foreign(_) => Kind::Edited,
            // Nothing is before all.
            What::Moved if outside.to < outside.from => Kind::RolledBack,
            What::Moved | What::Unpassed => Kind::LabelMoved,
        };
        find(kind, report::decided(&outside));
        return Ok(found);
    }
    match live {
        None => find(Kind::Unlabelled, format!("no version carries the label `{}`", client.label)),
        Some(live) if live.sha != newest.sha && !newest.by_label_only => find(
            Kind::Unfinished,
            format!("version {} was written and not made live, version {} is", newest.version, live.version),
        ),
        Some(live) => {
            if let Some(damage) = look::damage(client, name, &history)? {
                find(Kind::Unreadable, damage);
            } else if live.sha != Some(sha) {
                let held = decide::held(&seen).contains(&sha.short(crate::release::audit::HELD_DIGITS));
                let what = if held {
                    "the commit's content was rolled back, and is held"
                } else {
                    "the live version differs from the commit"
                };
                find(if held { Kind::Held } else { Kind::Differs }, what.to_owned());
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
            kind: Kind::Extra,
            what: "belongs to no prompt of the commit".to_owned(),
        })
        .collect())
}
