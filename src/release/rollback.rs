//! Rollback: a release of an earlier content that holds what was live. Pure.

use super::audit::{Action, Audit, HELD_DIGITS};
use super::decide::{self, Seen};
use super::intervention::{What, intervention};
use super::ports::ParameterVersion;
use super::step::{Circumstances, Item, Payload, held, over, signed};
use crate::fingerprint::Fingerprint;

/// Why nothing can be rolled back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRollback {
    /// The parameter does not exist.
    #[error("`{0}` was never released")]
    NeverReleased(String),
    /// Nothing is live.
    #[error("no version of `{name}` carries the label `{label}`")]
    NothingLive {
        /// The parameter.
        name: String,
        /// The label.
        label: String,
    },
    /// There is no earlier good version.
    #[error("`{0}` has no earlier version to go back to")]
    Nothing(String),
    /// The live version was already restored: a repeated command must not go further back.
    #[error(
        "the rollback of `{name}` to version {version}, which is live, is already done; to go further back, name the version with `--to`"
    )]
    Already {
        /// The parameter.
        name: String,
        /// What is live.
        version: u64,
    },
    /// No such version.
    #[error("`{name}` has no version {version} (kept: {kept})")]
    NoVersion {
        /// The parameter.
        name: String,
        /// What was asked for.
        version: u64,
        /// What there is.
        kept: String,
    },
    /// It is live already.
    #[error("version {version} of `{name}` holds what is live already")]
    IsLive {
        /// The parameter.
        name: String,
        /// What was asked for.
        version: u64,
    },
    /// Its value cannot be trusted.
    #[error("version {version} of `{name}` cannot be restored: its value does not match its record")]
    Unreadable {
        /// The parameter.
        name: String,
        /// What was asked for.
        version: u64,
    },
}

/// What a person asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The prompt.
    pub prompt: &'a str,
    /// Its parameter.
    pub name: &'a str,
    /// The version to go back to; `None`: the newest good one before the live one.
    pub to: Option<u64>,
    /// Why, for people who read it later.
    pub reason: &'a str,
}

/// Rollback is a release of an earlier content that holds what was live. `history` is oldest first.
///
/// # Errors
/// See [`NoRollback`].
pub fn rollback(
    Asked { prompt, name, to, reason }: Asked<'_>,
    history: &[ParameterVersion],
    around: &Circumstances,
) -> Result<Item, NoRollback> {
    let own = || name.to_owned();
    let seen = decide::read(history, &around.label);
    let newest = history.last().ok_or_else(|| NoRollback::NeverReleased(own()))?;
    let nothing_live = || NoRollback::NothingLive { name: own(), label: around.label.clone() };
    let live = seen.iter().find(|seen| seen.live).ok_or_else(nothing_live)?;
    let outside = intervention(&seen);
    // An external rollback is completed: it is recorded, and becomes the newest version for readers without a label.
    let begun = outside.as_ref().filter(|outside| outside.what == What::Moved);
    let held = held(&seen, outside.as_ref());
    let is_good = |seen: &&Seen| {
        let sha = seen.written();
        seen.version < live.version
            && sha.is_some_and(|sha| Some(sha) != live.sha && !held.contains(&sha.short(HELD_DIGITS)))
            && seen.audit.as_ref().is_some_and(|audit| audit.is_right_after(seen.version))
    };
    let target = match to {
        None if begun.is_some() => live,
        None if live.audit.as_ref().is_some_and(|audit| audit.action == Action::Rollback) => {
            return Err(NoRollback::Already { name: own(), version: live.version });
        }
        None => seen.iter().rev().find(is_good).ok_or_else(|| NoRollback::Nothing(own()))?,
        Some(version) => seen.iter().find(|seen| seen.version == version).ok_or_else(|| {
            let kept = format!("{} to {}", history[0].version, newest.version);
            NoRollback::NoVersion { name: own(), version, kept }
        })?,
    };
    let version = target.version;
    if target.sha.is_some() && target.sha == live.sha && begun.is_none() {
        return Err(NoRollback::IsLive { name: own(), version });
    }
    let sha = target.sha.ok_or_else(|| NoRollback::Unreadable { name: own(), version })?;
    let mut audit = Audit {
        action: Action::Rollback,
        format: 2,
        run: around.run.clone(),
        over: Vec::new(),
        ..target.audit.clone().unwrap_or_else(|| Audit::new(Action::Rollback, &around.run, sha))
    };
    // Contents that lost the label before stay held as well, unless this rollback restores them.
    let taken = outside.iter().flat_map(|outside| outside.held.iter().copied());
    let bad: Vec<Fingerprint> = taken.chain(live.sha).filter(|bad| *bad != sha).collect();
    audit.held = held;
    audit.held.retain(|other| *other != sha.short(HELD_DIGITS));
    for bad in &bad {
        audit.hold(*bad);
    }
    signed(&mut audit, &around.origin);
    (audit.why, audit.of, audit.was) = (Some(reason.to_owned()), Some(version), Some(live.version));
    // An interrupted rollback has already written its record.
    let adopts = seen.last().and_then(|seen| seen.audit.as_ref()).is_some_and(|audit| {
        audit.action == Action::Rollback && !bad.is_empty() && bad.iter().all(|bad| audit.holds(*bad))
    });
    let value = history.iter().find(|kept| kept.version == version).map_or("", |kept| &kept.value);
    Ok(Item {
        prompt: prompt.to_owned(),
        name: own(),
        kind: newest.kind,
        key_id: None,
        payload: Payload::Value(value.to_owned()),
        over: over(&seen, &around.run),
        adopts,
        live: Some(live.version),
        tier: newest.tier,
        audit,
    })
}
