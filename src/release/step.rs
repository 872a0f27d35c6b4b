//! The live and the wanted content become a step: nothing, a refusal, or a version to write. Pure.

use std::collections::BTreeSet;

use super::audit::{Action, Audit, HELD_DIGITS};
use super::decide::{self, Seen};
use super::intervention::{Intervention, What, intervention};
use super::ports::{ParameterKind, ParameterTier, ParameterVersion};
use super::value;
use crate::evidence::{Evidence, Origin, Unfit};
use crate::fingerprint::Fingerprint;

/// What is wanted for one parameter.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The prompt.
    pub prompt: String,
    /// The parameter.
    pub name: String,
    /// How it is stored.
    pub kind: ParameterKind,
    /// The key of a `SecureString`.
    pub key_id: Option<String>,
    /// The content for readers.
    pub content: String,
    /// The fingerprint that was evaluated.
    pub fingerprint: Fingerprint,
    /// What allows the release.
    pub carried: Carried,
    /// Whether the live version cannot be read, whatever its record says: an object is missing or
    /// damaged.
    pub broken: bool,
}

/// What allows a release.
#[derive(Clone, Debug)]
pub enum Carried {
    /// A passing evaluation.
    Evidence(Box<Evidence>),
    /// A person's decision, with the reason.
    Without(String),
    /// Nothing.
    Nothing(Unfit),
}

/// A version to write.
#[derive(Clone, Debug)]
pub struct Item {
    /// The prompt.
    pub prompt: String,
    /// The parameter.
    pub name: String,
    /// How it is stored.
    pub kind: ParameterKind,
    /// The key of a `SecureString`.
    pub key_id: Option<String>,
    /// What it shall hold.
    pub payload: Payload,
    /// The record, complete but for what the newest version is.
    pub audit: Audit,
    /// Unfinished runs that this one replaces.
    pub over: BTreeSet<String>,
    /// Whether a version that another run wrote will do.
    pub adopts: bool,
    /// The version that is live now.
    pub live: Option<u64>,
    /// The newest version's tier; there is no way back from advanced.
    pub tier: ParameterTier,
}

/// What a version holds.
#[derive(Clone, Debug)]
pub enum Payload {
    /// A content, still to be encoded.
    Content(String),
    /// The value of an earlier version, unchanged.
    Value(String),
}

/// What has to be done about one prompt.
#[derive(Clone, Debug)]
pub enum Step {
    /// The live version is the wanted one.
    Unchanged {
        /// The version that is live.
        version: u64,
    },
    /// The content was rolled back and is held.
    Held {
        /// The version that is live instead.
        live: Option<u64>,
        /// The rollback, if it is an external change.
        outside: Option<Intervention>,
    },
    /// Somebody made an unknown content live. It is left alone.
    Kept(Intervention),
    /// Nothing allows the release.
    Refused(Unfit),
    /// Write it.
    Put(Box<Item>),
}

/// Everything that all steps of a command share.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// This run's name.
    pub run: String,
    /// The label that makes a version live.
    pub label: String,
    /// Who, for what commit.
    pub origin: Origin,
    /// Release, or heal.
    pub action: Action,
    /// Why a hold is lifted.
    pub lift_hold: Option<String>,
    /// Why an external change is replaced.
    pub overwrite: Option<String>,
}

/// What must be done so that the wanted content is live. `history` is oldest first.
pub fn step(history: &[ParameterVersion], wanted: &Wanted, around: &Circumstances) -> Step {
    let seen = decide::read(history, &around.label);
    let outside = intervention(&seen);
    let (sha, what) = (value::digest(&wanted.content), outside.as_ref().map(|outside| outside.what));
    let is_wanted = |seen: &Seen| seen.sha == Some(sha) && !wanted.broken;
    let live = seen.iter().find(|seen| seen.live);
    let wanted_live = live.filter(|live| is_wanted(live));
    let lacks_release_label = wanted_live.is_some_and(|live| lacks_release_label(&seen, live, wanted));
    let is_read = seen.last().is_some_and(|newest| is_wanted(newest) || newest.by_label_only);
    let is_known_good = what != Some(What::Unpassed) || matches!(wanted.carried, Carried::Evidence(_));
    if let Some(live) = wanted_live.filter(|_| is_read && is_known_good && !lacks_release_label) {
        return Step::Unchanged { version: live.version };
    }
    let held = held(&seen, outside.as_ref());
    let is_held = held.contains(&sha.short(HELD_DIGITS));
    // The live and held contents were also in the commits before somebody else wrote.
    let is_older = what != Some(What::Moved) && (wanted_live.is_some() || is_held);
    let keeps_out = |outside: &&Intervention| !lacks_release_label && (is_older || outside.keeps_out(sha));
    match (outside.as_ref().filter(keeps_out), wanted_live) {
        (Some(_), _) if around.overwrite.is_some() => {}
        (Some(kept), _) if kept.what != What::Moved => return Step::Kept(kept.clone()),
        (Some(kept), _) => return Step::Held { live: kept.to, outside: Some(kept.clone()) },
        // The commit equals the external change.
        (None, Some(live)) if outside.is_some() && !lacks_release_label => {
            return Step::Unchanged { version: live.version };
        }
        (None, _) => {}
    }
    if is_held && around.lift_hold.is_none() {
        return Step::Held { live: live.map(|seen| seen.version), outside: None };
    }
    if let Carried::Nothing(unfit) = &wanted.carried {
        return Step::Refused(unfit.clone());
    }
    let overwritten =
        around.overwrite.as_ref().filter(|_| outside.as_ref().is_some_and(|outside| keeps_out(&outside)));
    let mut audit = record(wanted, around, overwritten);
    audit.held = held;
    audit.held.retain(|other| *other != sha.short(HELD_DIGITS));
    for taken in outside.iter().flat_map(|outside| &outside.held).filter(|taken| **taken != sha) {
        audit.hold(*taken);
    }
    audit.was = live.map(|seen| seen.version);
    Step::Put(Box::new(Item {
        prompt: wanted.prompt.clone(),
        name: wanted.name.clone(),
        kind: wanted.kind,
        key_id: wanted.key_id.clone(),
        payload: Payload::Content(wanted.content.clone()),
        over: over(&seen, &around.run),
        // The reason needs a new record.
        adopts: !wanted.broken && overwritten.is_none(),
        live: audit.was,
        tier: history.last().map_or(ParameterTier::Standard, |newest| newest.tier),
        audit,
    }))
}

/// What carries the content, and who releases it for which reasons.
fn record(wanted: &Wanted, around: &Circumstances, overwritten: Option<&String>) -> Audit {
    let mut audit = Audit::new(around.action, &around.run, value::digest(&wanted.content));
    match &wanted.carried {
        Carried::Nothing(_) => {}
        Carried::Without(reason) => audit.why = Some(format!("without evidence: {reason}")),
        Carried::Evidence(evidence) => proven(&mut audit, evidence),
    }
    if let Some(reason) = &around.lift_hold {
        audit.why = Some(format!("hold lifted: {reason}"));
    }
    if let Some(reason) = overwritten {
        let before = audit.why.map(|why| why + "; ").unwrap_or_default();
        audit.why = Some(format!("{before}overwritten: {reason}"));
    }
    audit.content = Some(wanted.fingerprint);
    signed(&mut audit, &around.origin);
    audit
}

/// Whether somebody completed an interrupted release by hand, and its content passed: then only the release
/// label is missing, without which a rollback would not be noticed.
fn lacks_release_label(seen: &[Seen], live: &Seen, wanted: &Wanted) -> bool {
    let is_newest = seen.last().is_some_and(|newest| newest.version == live.version);
    let is_on_another = !live.released && seen.iter().any(|seen| seen.released);
    let is_carried = matches!(wanted.carried, Carried::Evidence(_));
    is_newest && is_on_another && live.audit.is_some() && is_carried
}

/// What the newest record holds. A person who made a held content live has lifted its hold.
pub(super) fn held(seen: &[Seen], outside: Option<&Intervention>) -> Vec<String> {
    let live =
        seen.iter().find(|seen| seen.live).filter(|_| outside.is_some_and(|outside| outside.from.is_some()));
    let lifted = live.and_then(|live| live.sha).map(|sha| sha.short(HELD_DIGITS));
    let mut held = decide::held(seen);
    held.retain(|name| Some(name) != lifted.as_ref());
    held
}

fn proven(audit: &mut Audit, evidence: &Evidence) {
    let claim = &evidence.claim;
    let score = |score: crate::evidence::Score| format!("{}/{}", score.passed, score.of);
    audit.evidence = Some(evidence.id.clone());
    audit.verdict = Some(claim.verdict.words().to_owned());
    audit.score = claim.candidate_score.map(score);
    audit.base = claim.baseline_score.map(score);
    audit.pr = claim.origin.pull_request;
    if let Some(break_glass) = &claim.break_glass {
        audit.why = Some(format!("break glass by {}: {}", break_glass.actor, break_glass.reason));
    }
}

pub(super) fn signed(audit: &mut Audit, origin: &Origin) {
    audit.commit.clone_from(&origin.commit);
    // The reason for the content, then the reason for the commit.
    audit.pr = audit.pr.or(origin.pull_request);
    audit.by.clone_from(&origin.actor);
    audit.url.clone_from(&origin.run);
}

pub(super) fn over(seen: &[Seen], run: &str) -> BTreeSet<String> {
    decide::unfinished(seen).filter(|other| *other != run).map(str::to_owned).into_iter().collect()
}
