//! One parameter: from what its history shows to the next call. The history contains everything a
//! release has to know, so that a run can continue after an interruption or lost responses.

use std::collections::BTreeSet;

use super::audit::Audit;
use super::names;
use super::ports::{Left, ParameterVersion};
use super::value;
use crate::fingerprint::Fingerprint;

/// One version, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Its number.
    pub version: u64,
    /// The SHA-256 of what it holds; `None`: it cannot be read.
    pub sha: Option<Fingerprint>,
    /// Its record; `None`: written by somebody else, or different from the record.
    pub audit: Option<Audit>,
    /// Whether it carries the label.
    pub live: bool,
    /// Whether it has the release label: this program made it live last.
    pub released: bool,
    /// Whether readers get it only by the label.
    pub by_label_only: bool,
    /// When it was written, seconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who wrote it; empty if the store does not say.
    pub by: String,
    /// How it stopped being live, if the store knows.
    pub left: Option<Left>,
}

/// Reads a history.
pub fn read(history: &[ParameterVersion], label: &str) -> Vec<Seen> {
    let mut all: Vec<Seen> = history.iter().map(|version| Seen::of(version, label)).collect();
    let oldest = all.first().map_or(0, |seen| seen.version);
    for index in 0..all.len() {
        let (earlier, rest) = all.split_at_mut(index);
        if rest[0].audit.as_ref().is_some_and(|audit| is_copied(audit, rest[0].version, earlier, oldest)) {
            rest[0].audit = None;
        }
    }
    all
}

/// Whether a record was copied from an earlier version when somebody wrote the old text again: a run writes
/// only once after one version. A record that names a version which is no longer kept is old, too.
fn is_copied(audit: &Audit, version: u64, earlier: &[Seen], oldest: u64) -> bool {
    let is_same = |seen: &Seen| {
        seen.audit.as_ref().is_some_and(|other| (&other.run, other.after) == (&audit.run, audit.after))
    };
    !audit.is_right_after(version) && (audit.after < oldest.saturating_sub(1) || earlier.iter().any(is_same))
}

impl Seen {
    /// Reads a version.
    fn of(version: &ParameterVersion, label: &str) -> Self {
        let sha = value::digest_of(&version.value).ok();
        let own = names::release_label(label);
        Self {
            version: version.version,
            sha,
            // A value edited in the console may have the description of the version before.
            audit: Audit::read(&version.description).filter(|audit| Some(audit.sha) == sha),
            live: version.carries(label),
            released: version.labels.contains(&own),
            by_label_only: version.by_label_only,
            at: version.modified_at,
            by: version.modified_by.clone(),
            left: version.left.clone(),
        }
    }

    /// The content's SHA-256, if it has a record.
    pub fn written(&self) -> Option<Fingerprint> {
        self.sha.filter(|_| self.audit.is_some())
    }

    /// Whether another run wrote between this run's reading and its write.
    fn is_raced(&self) -> bool {
        self.audit.as_ref().is_some_and(|audit| !audit.is_right_after(self.version))
    }
}

/// What a run wants for a parameter.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The content, by its SHA-256.
    pub sha: Fingerprint,
    /// This run.
    pub run: &'a str,
    /// Unfinished runs that this one replaces.
    pub over: &'a BTreeSet<String>,
    /// Whether a version that another run wrote will do. A rollback needs its own, for its record.
    pub adopts: bool,
    /// The version that was live when this run decided.
    pub live: Option<u64>,
}

/// The next call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing left to do; this version is live.
    Done(u64),
    /// Write the content, having seen this newest version (0: none).
    Put {
        /// The newest version.
        after: u64,
    },
    /// Move the label.
    Label(u64),
    /// Undo a write over another run's version, by writing that version again.
    Restore {
        /// The version to write again.
        of: u64,
    },
    /// Another run was there first.
    Stop(Rival),
}

/// Who was there first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rival {
    /// It wrote between this run's reading and its write.
    #[error(
        "another release wrote version {version} at the same time. That release continues; this one stopped before making its version live"
    )]
    Raced {
        /// Its version.
        version: u64,
    },
    /// It began after this run had written, and replaces it.
    #[error("a newer release wrote version {version} meanwhile. That release continues; this one stopped")]
    Superseded {
        /// Its version.
        version: u64,
    },
    /// Somebody wrote without a record: another program, or a person in the console.
    #[error("something other than prompt-assay wrote version {version} meanwhile; the label was not moved")]
    Foreign {
        /// Its version.
        version: u64,
    },
    /// Somebody made another version live, or none.
    #[error("somebody else made {} live meanwhile; that stays", .version.map_or_else(|| "nothing".to_owned(), |version| format!("version {version}")))]
    Moved {
        /// The version.
        version: Option<u64>,
    },
}

/// Decides. `history` is oldest first.
pub fn decide(history: &[Seen], wish: Wish<'_>) -> Next {
    let Some(newest) = history.last() else { return Next::Put { after: 0 } };
    let own = |seen: &&Seen| {
        seen.sha == Some(wish.sha) && seen.audit.as_ref().is_some_and(|audit| audit.run == wish.run)
    };
    let live = history.iter().find(|seen| seen.live);
    if is_moved(live, wish.live) {
        return Next::Stop(Rival::Moved { version: live.map(|live| live.version) });
    }
    let Some(mine) = history.iter().rev().find(own) else {
        let replaced = |audit: &Audit| audit.over.iter().any(|run| run == wish.run);
        if newest.audit.as_ref().is_some_and(replaced) {
            return Next::Stop(Rival::Superseded { version: newest.version });
        }
        let is_there = newest.sha == Some(wish.sha) && newest.audit.is_some() && wish.adopts;
        return if is_there { finish(newest, live) } else { Next::Put { after: newest.version } };
    };
    if mine.is_raced() && !replaces_all(history, mine, wish) {
        return lost(history, mine, newest);
    }
    if newest.version == mine.version || newest.sha == Some(wish.sha) && newest.audit.is_some() {
        return finish(newest, live);
    }
    let Some(theirs) = &newest.audit else { return Next::Stop(Rival::Foreign { version: newest.version }) };
    let knew_mine = theirs.after >= mine.version || theirs.over.iter().any(|run| run == wish.run);
    match (knew_mine, newest.live) {
        // The content of a newer release has passed as well. If this run's label was set last, it
        // is moved again.
        (true, false) if mine.live => Next::Label(newest.version),
        (true, _) => Next::Stop(Rival::Superseded { version: newest.version }),
        // The others will stop: they had not read this run's version. Readers without a label still
        // get theirs, so this run's version is written once more.
        (false, _) => Next::Put { after: newest.version },
    }
}

/// Whether somebody else moved the label since this run read it: a release would have moved the release
/// label, too.
fn is_moved(live: Option<&Seen>, was: Option<u64>) -> bool {
    live.map(|live| live.version) != was && !live.is_some_and(|live| live.released)
}

fn finish(newest: &Seen, live: Option<&Seen>) -> Next {
    match live {
        // On an older version of the same content the label would prevent that version from being dropped.
        Some(live) if live.version == newest.version && live.released => Next::Done(newest.version),
        // It was made live, and somebody has rolled it back since.
        _ if newest.released && live.and_then(|live| live.sha) != newest.sha => {
            Next::Stop(Rival::Moved { version: live.map(|live| live.version) })
        }
        _ => Next::Label(newest.version),
    }
}

/// Whether every version between this run's reading and its version is of runs that it replaces.
fn replaces_all(history: &[Seen], mine: &Seen, wish: Wish<'_>) -> bool {
    let after = mine.audit.as_ref().map_or(0, |audit| audit.after);
    history.iter().filter(|seen| seen.version > after && seen.version < mine.version).all(|seen| {
        seen.audit.as_ref().is_some_and(|audit| audit.run == wish.run || wish.over.contains(&audit.run))
    })
}

fn lost(history: &[Seen], mine: &Seen, newest: &Seen) -> Next {
    let before = history.iter().rev().find(|seen| seen.version < mine.version);
    let rival = before.map_or(mine.version, |seen| seen.version);
    match before {
        // Readers without a label get what this run wrote; the other run's content must be theirs.
        Some(theirs) if newest.version == mine.version && theirs.audit.is_some() => {
            Next::Restore { of: theirs.version }
        }
        _ => Next::Stop(Rival::Raced { version: rival }),
    }
}

/// The run whose version is the newest and was not made live: it was interrupted, or is still running. The
/// version with the release label was made live, wherever the label is now.
pub fn unfinished(history: &[Seen]) -> Option<&str> {
    let newest = history.last()?;
    let live = history.iter().find(|seen| seen.live);
    let audit = newest.audit.as_ref()?;
    (!newest.released && live.is_none_or(|live| live.sha != newest.sha)).then_some(audit.run.as_str())
}

/// The held contents, from the newest record.
pub fn held(history: &[Seen]) -> Vec<String> {
    let newest = history.iter().rev().find_map(|seen| seen.audit.as_ref());
    newest.map(|audit| audit.held.clone()).unwrap_or_default()
}
