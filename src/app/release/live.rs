//! The live version, for comparisons: by the commit and the fingerprint in its record.

use std::collections::BTreeMap;

use super::context::ReleaseContext;
use crate::fingerprint::Fingerprint;
use crate::release::client::StoreClient;
use crate::release::decide::{Seen, read};
use crate::release::intervention::{What, intervention};

/// A failure to read only makes the comparison worse.
const PATIENCE_MS: u64 = 1_000;

/// A live version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Its number.
    pub version: u64,
    /// The commit its content comes from.
    pub commit: String,
    /// The fingerprint of its content on the main tier.
    pub content: Fingerprint,
}

/// What is live of these prompts, by prompt. Absent: never released, edited by somebody else, or
/// without a record of its commit.
///
/// # Errors
/// When the store cannot be read.
pub fn live(context: &ReleaseContext, prompts: &[&str]) -> anyhow::Result<BTreeMap<String, Live>> {
    let stores = context.stores()?;
    let client = StoreClient { patience_ms: PATIENCE_MS, ..stores.client(context) };
    let mut found = BTreeMap::new();
    for ready in context.prompts.iter().filter(|ready| prompts.contains(&ready.subject.prompt.as_str())) {
        let name = &ready.destination.name;
        let newest = client.again(|| client.parameters.recent(name))?;
        let mut live = of(&read(&newest, client.label));
        // A rollback's content may come from a much older version.
        if live.is_none() && newest.first().is_some_and(|oldest| oldest.version > 1) {
            let all = client.again(|| client.parameters.history(name))?;
            live = of(&read(&all, client.label));
        }
        found.extend(live.map(|live| (ready.subject.prompt.clone(), live)));
    }
    Ok(found)
}

/// A version that somebody else made live counts only if there is a sign that it passed. The record of a
/// rollback names the commit at which it was requested; its content is that of an earlier version.
fn of(seen: &[Seen]) -> Option<Live> {
    let live = seen.iter().find(|seen| seen.live)?;
    if intervention(seen).is_some_and(|outside| outside.what == What::Unpassed) {
        return None;
    }
    let content = live.audit.as_ref()?.content?;
    let mut source = live;
    while let Some(of) = source.audit.as_ref()?.of {
        source = seen.iter().find(|earlier| earlier.version == of && of < source.version)?;
    }
    Some(Live { version: live.version, commit: source.audit.as_ref()?.commit.clone()?, content })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::audit::{Action, Audit};

    fn version(version: u64, words: &str, live: bool, change: impl Fn(&mut Audit)) -> Seen {
        let sha = Fingerprint::of_bytes(words.as_bytes());
        let mut audit = Audit::new(Action::Release, "run", sha);
        (audit.content, audit.commit) = (Some(sha), Some(format!("commit-{version}")));
        change(&mut audit);
        Seen {
            version,
            sha: Some(sha),
            audit: Some(audit),
            live,
            released: live,
            by_label_only: false,
            at: 0,
            by: String::new(),
            left: None,
        }
    }

    #[test]
    fn a_rollback_s_content_is_of_the_commit_that_was_released_first() {
        let back = |of: u64| move |audit: &mut Audit| audit.of = Some(of);
        let seen = [
            version(1, "good", false, |_| {}),
            version(2, "bad", false, |_| {}),
            version(3, "good", false, back(1)),
            version(4, "good", true, back(3)),
        ];
        let content = Fingerprint::of_bytes(b"good");
        assert_eq!(of(&seen), Some(Live { version: 4, commit: "commit-1".to_owned(), content }));
        // Where that version is no longer kept, nothing is known.
        assert_eq!(of(&seen[1..]), None);
    }

    #[test]
    fn what_no_record_vouches_for_is_not_known() {
        let mut edited = version(1, "edited in the console", true, |_| {});
        edited.audit = None;
        assert_eq!(of(&[edited]), None);
        assert_eq!(of(&[version(1, "not live", false, |_| {})]), None);
        assert_eq!(of(&[version(1, "of an unknown commit", true, |audit| audit.commit = None)]), None);
    }

    #[test]
    fn a_label_moved_forward_counts_only_where_something_shows_that_it_passed() {
        let released = Seen { released: true, ..version(1, "good", false, |_| {}) };
        let forward = |evidence: Option<&str>| {
            let evidence = evidence.map(str::to_owned);
            let change = |audit: &mut Audit| (audit.after, audit.evidence) = (1, evidence.clone());
            Seen { released: false, ..version(2, "written and never released", true, change) }
        };
        assert_eq!(of(&[released.clone(), forward(None)]), None);
        let passed = of(&[released.clone(), forward(Some("ev-0123456789abcdef"))]);
        assert_eq!(passed.map(|live| live.version), Some(2));
        // A rollback to a version that was live before must not make a content count that never passed.
        let back = Seen { released: false, ..version(1, "good", true, |_| {}) };
        let newest = Seen { released: true, ..version(2, "bad", false, |audit| audit.after = 1) };
        assert_eq!(of(&[back, newest]).map(|live| live.version), Some(1));
    }
}
