//! External changes of one parameter: a rollback in the console, a deployment by hand, a version that
//! another program wrote. They are derived from the versions, their labels and their records at every
//! reading, and stored nowhere: the last action of a person counts.
//!
//! The label marks the live version. The *release label* is a second label that only this program moves, in
//! the same call as the first: it stays on the version that this program made live last. If the two labels
//! are on different versions, somebody else moved the label.

use super::decide::Seen;
use crate::fingerprint::Fingerprint;

/// An external change that is still in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervention {
    /// The version that is live through it.
    pub what: What,
    /// The version that lost the label; `None`: it was not moved.
    pub from: Option<u64>,
    /// The version that carries the label now.
    pub to: Option<u64>,
    /// When, seconds since 1970-01-01 UTC; 0: the store does not say.
    pub at: i64,
    /// Who or what (untrusted text); empty: the store does not say.
    pub by: String,
    /// Contents that were removed; they are held.
    pub held: Vec<Fingerprint>,
    /// Contents that the commits had at that time, as far as records show.
    known: Vec<Fingerprint>,
}

/// What is live after an external change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Another version that passed or was live before, or nothing: a rollback.
    Moved,
    /// A version without any sign that it passed, and that never went live.
    Unpassed,
    /// A version that something else wrote; readers may get it by the label or, as the newest, without one.
    Foreign(u64),
}

impl Intervention {
    /// Whether the decision was about this content: it was removed, or it is the commits' content at the
    /// time when an unknown content replaced it. Any other content is a change in Git, which replaces the
    /// decision.
    pub fn keeps_out(&self, content: Fingerprint) -> bool {
        let is_known = self.known.is_empty() || self.known.contains(&content);
        self.held.contains(&content) || (self.what != What::Moved && is_known)
    }
}

/// The external change; `None`: the live version is the one of the last record. `history` is oldest
/// first.
pub fn intervention(history: &[Seen]) -> Option<Intervention> {
    let newest = history.last()?;
    let live = history.iter().find(|seen| seen.live);
    let written = history.iter().rev().find(|seen| seen.audit.is_some());
    let released = history.iter().find(|seen| seen.released).or_else(|| without_release_label(written, live));
    let live_content = live.and_then(|live| live.sha);
    let moved = released.filter(|released| released.sha.is_some() && released.sha != live_content);
    let foreign = live
        .filter(|live| live.audit.is_none())
        .or_else(|| Some(newest).filter(|newest| newest.audit.is_none() && !newest.by_label_only));
    let what = match (foreign, moved, live) {
        (Some(foreign), ..) => What::Foreign(foreign.version),
        (None, Some(_), Some(live)) if !has_passed(history, released, live) => What::Unpassed,
        (None, Some(_), _) => What::Moved,
        (None, None, _) => return None,
    };
    let (at, by) = match (moved.and_then(|moved| moved.left.as_ref()), foreign) {
        (_, Some(foreign)) => (foreign.at, foreign.by.clone()),
        (Some(left), None) => (left.at, left.by.clone()),
        (None, None) => (0, String::new()),
    };
    let mut held: Vec<Fingerprint> = moved.into_iter().filter_map(|moved| moved.sha).collect();
    held.extend(moved.and_then(|moved| begun_before(written?, moved, live)));
    held.retain(|content| Some(*content) != live_content);
    Some(Intervention {
        what,
        from: moved.map(|moved| moved.version),
        to: live.map(|live| live.version),
        at,
        by,
        held,
        known: [released, written].into_iter().flatten().filter_map(|seen| seen.sha).collect(),
    })
}

/// Records of the first format were written before there was a release label: then the version that was
/// written last counts as made live. An interrupted release and a rollback in the console cannot be
/// distinguished there, and the rollback must not be undone.
fn without_release_label<'a>(written: Option<&'a Seen>, live: Option<&Seen>) -> Option<&'a Seen> {
    written.filter(|seen| live.is_some() && seen.audit.as_ref().is_some_and(|audit| audit.format == 1))
}

/// The content of a release that had begun when the label was moved and did not move its own label: it had
/// read another live version, so the person decided after it.
fn begun_before(written: &Seen, moved: &Seen, live: Option<&Seen>) -> Option<Fingerprint> {
    let was = written.audit.as_ref()?.was;
    let is_open = written.version > moved.version && !written.live && was != live.map(|live| live.version);
    written.sha.filter(|_| is_open)
}

/// Whether there is a sign that a version may be live: its content has evidence, or was live before.
fn has_passed(history: &[Seen], released: Option<&Seen>, version: &Seen) -> bool {
    history.iter().filter(|other| other.sha == version.sha).any(|other| {
        let Some(audit) = &other.audit else { return false };
        let is_replaced =
            |later: &Seen| later.audit.as_ref().is_some_and(|later| later.over.contains(&audit.run));
        let went_live = released.is_some_and(|released| other.version < released.version)
            && audit.is_right_after(other.version)
            && !history.iter().any(is_replaced);
        audit.evidence.is_some() || went_live
    })
}
