//! The trail of one parameter: what was written when, by whom, with which score, what is live, what
//! was rolled back; and which version was live at a time.

use serde::Serialize;

use super::archive::Archived;
use super::audit::{Action, Audit};
use super::decide::{self, Seen};
use super::intervention::intervention;
use super::ports::ParameterVersion;
use crate::fingerprint::Fingerprint;

/// One version, for a person or a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number.
    pub version: u64,
    /// When it was written (AppConfig: when it first went live, 0 for never), seconds since
    /// 1970-01-01 UTC.
    pub at: i64,
    /// Who wrote it, as the store says.
    pub written_by: String,
    /// Whether it carries the label.
    pub live: bool,
    /// Whether it is kept; else only its record is.
    pub kept: bool,
    /// The version that rolled it back.
    pub rolled_back_by: Option<u64>,
    /// Whether two runs wrote at the same time and this one lost.
    pub raced: bool,
    /// How somebody else removed its label after it went live.
    pub taken_off: Option<TakenOff>,
    /// Its record; `None`: written by something else.
    pub record: Option<Audit>,
}

/// The label of a version was removed by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenOff {
    /// The version that was live instead; `None`: none was.
    pub to: Option<u64>,
    /// Since when, seconds since 1970-01-01 UTC; 0: the store does not say.
    pub at: i64,
    /// Who or what did it (untrusted text); empty: the store does not say.
    pub by: String,
    /// The next live version of this program; `None`: there is none yet.
    pub until: Option<u64>,
}

/// The trail, oldest first.
pub fn trail(archived: &[Archived], history: &[ParameterVersion], label: &str) -> Vec<Row> {
    let row = |version: u64, at: i64, by: &str, record: Option<Audit>| Row {
        version,
        at,
        written_by: by.to_owned(),
        live: false,
        kept: false,
        rolled_back_by: None,
        raced: record.as_ref().is_some_and(|audit| !audit.is_right_after(version) && audit.over.is_empty()),
        taken_off: None,
        record,
    };
    let mut rows: Vec<Row> =
        archived.iter().map(|old| row(old.version, old.at, &old.by, old.audit.clone())).collect();
    let seen = decide::read(history, label);
    rows.extend(seen.iter().map(|seen| {
        let row = row(seen.version, seen.at, &seen.by, seen.audit.clone());
        Row { live: seen.live, kept: true, ..row }
    }));
    rows.sort_by_key(|row| row.version);
    let rollbacks: Vec<(u64, u64, Fingerprint)> = rows
        .iter()
        .filter_map(|row| Some((row.version, row.record.as_ref()?)))
        .filter(|(_, audit)| audit.action == Action::Rollback)
        .filter_map(|(version, audit)| Some((audit.was?, version, audit.sha)))
        .collect();
    for row in &mut rows {
        let sha = row.record.as_ref().map(|record| record.sha);
        // A version that completes an external rollback has the content that was live.
        let is_of_row = |(was, _, new): &&(u64, u64, Fingerprint)| *was == row.version && sha != Some(*new);
        row.rolled_back_by = rollbacks.iter().find(is_of_row).map(|(_, by, _)| *by);
    }
    for (version, taken) in taken_off(&rows).into_iter().chain(taken_off_now(&seen)) {
        if let Some(row) = rows.iter_mut().find(|row| row.version == version) {
            row.taken_off = Some(taken);
        }
    }
    rows
}

/// What records show about the label: each names the version that was live before. If that is not the version
/// that was made live last, somebody else had moved the label.
fn taken_off(rows: &[Row]) -> Vec<(u64, TakenOff)> {
    let mut found = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(record) = row.record.as_ref().filter(|_| !row.raced) else { continue };
        let went_live = |earlier: &&Row| {
            let own = |earlier: &Audit| earlier.run == record.run || record.over.contains(&earlier.run);
            earlier.record.as_ref().is_some_and(|earlier| !own(earlier)) && !earlier.raced
        };
        let Some(last) = rows[..index].iter().rev().find(went_live) else { continue };
        let sha = |row: &Row| row.record.as_ref().map(|record| record.sha);
        let was = rows.iter().find(|other| Some(other.version) == record.was);
        if record.was != Some(last.version) && was.and_then(sha) != sha(last) {
            let taken = TakenOff { to: record.was, at: 0, by: String::new(), until: Some(row.version) };
            found.push((last.version, taken));
        }
    }
    found
}

fn taken_off_now(seen: &[Seen]) -> Option<(u64, TakenOff)> {
    let outside = intervention(seen)?;
    let from = seen.iter().find(|seen| Some(seen.version) == outside.from)?;
    let (at, by) = from.left.as_ref().map_or((0, String::new()), |left| (left.at, left.by.clone()));
    Some((from.version, TakenOff { to: outside.to, at, by, until: None }))
}

/// What was live at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveAt<'a> {
    /// The version, as far as records tell.
    pub version: &'a Row,
    /// The version that somebody else made live in its place, at an unknown time; or a newer one without
    /// a record, which readers without a label got.
    pub or: Option<&'a Row>,
}

/// The version that was live at a moment: the newest that was written by then. The label follows a
/// version within seconds; one that lost a race was never live, and one without a record is live where
/// somebody gave it the label.
pub fn live_at(rows: &[Row], at: i64) -> Option<LiveAt<'_>> {
    let is_by_then = |row: &&Row| row.at > 0 && row.at <= at && !row.raced && row.record.is_some();
    let find = |version: Option<u64>| rows.iter().find(|row| Some(row.version) == version);
    let Some(version) = rows.iter().rev().find(is_by_then) else {
        // Nothing of it has a record.
        let version = rows.iter().rev().find(|row| row.at > 0 && row.at <= at)?;
        return Some(LiveAt { version, or: None });
    };
    match version.taken_off.as_ref() {
        Some(taken) if taken.at > at => Some(LiveAt { version, or: None }),
        Some(taken) if taken.at > 0 => Some(LiveAt { version: find(taken.to).unwrap_or(version), or: None }),
        Some(taken) => Some(LiveAt { version, or: find(taken.to) }),
        None => {
            let newer = |row: &&Row| row.version > version.version && row.at <= at && row.record.is_none();
            Some(LiveAt { version, or: rows.iter().rev().find(newer) })
        }
    }
}
