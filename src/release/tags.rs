//! A parameter's tags: the record of the live version, for consoles, cost reports and policies. The
//! record in the description is authoritative; tags are written one call later.

use std::collections::BTreeMap;

use super::audit::Audit;

/// The prefix of every key, so that tags of others are not changed.
pub const PREFIX: &str = "prompt-assay:";
/// Characters of a value.
const LONGEST: usize = 256;
/// The value for unknown facts. Every key is written every time: an omitted tag would keep the
/// value of an earlier version.
const ABSENT: &str = "-";

/// The tags of a parameter whose live version is `version` with this record.
pub fn of(prompt: &str, version: u64, audit: &Audit) -> BTreeMap<String, String> {
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let tags = [
        ("action", Some(audit.action.word().to_owned())),
        ("actor", audit.by.clone()),
        ("baseline-score", audit.base.clone()),
        ("commit", audit.commit.clone()),
        ("evidence", audit.evidence.clone()),
        ("fingerprint", audit.content.map(|content| content.to_string())),
        ("previous-version", number(audit.was)),
        ("prompt", Some(prompt.to_owned())),
        ("pull-request", number(audit.pr)),
        ("score", audit.score.clone()),
        ("verdict", audit.verdict.clone()),
        ("version", number(Some(version))),
    ];
    tags.into_iter().map(|(key, value)| (format!("{PREFIX}{key}"), clean(value.as_deref()))).collect()
}

/// A value as AWS takes it. Letters beyond ASCII would be allowed as well, but not all of them.
fn clean(value: Option<&str>) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c) { c } else { '_' };
    let value: String = value.unwrap_or_default().trim().chars().take(LONGEST).map(allowed).collect();
    if value.is_empty() { ABSENT.to_owned() } else { value }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use regex::Regex;

    use super::*;
    use crate::fingerprint::Fingerprint;
    use crate::release::audit::Action;

    /// What the documentation of SSM's `Tag` says.
    fn is_taken(key: &str, value: &str) -> bool {
        static TAKEN: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$").unwrap());
        let fits = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        fits && !key.starts_with("aws:") && TAKEN.is_match(key) && TAKEN.is_match(value)
    }

    proptest! {
        #[test]
        fn every_record_makes_tags_that_aws_takes_and_always_the_same_keys(
            prompt in "\\PC{0,400}", by in proptest::option::of("(\\PC|[\n\t\u{0}]){0,300}"), commit in proptest::option::of("\\PC{0,80}"),
            pr in proptest::option::of(any::<u64>()), version in any::<u64>(),
        ) {
            let bare = Audit::new(Action::Release, "r", Fingerprint::of_bytes(b""));
            let audit = Audit { by: by.clone(), score: by, commit, pr, was: pr, ..bare.clone() };
            let tags = of(&prompt, version, &audit);
            for (key, value) in &tags {
                prop_assert!(is_taken(key, value), "{key:?}: {value:?}");
            }
            // A parameter may have fifty; most of them are other people's.
            prop_assert!(tags.len() <= 15);
            prop_assert!(tags.keys().eq(of("p", 1, &bare).keys()));
        }
    }

    #[test]
    fn what_is_known_stands_in_them_and_what_is_not_is_a_dash() {
        let sha = Fingerprint::of_bytes(b"");
        let mut audit = Audit::new(Action::Rollback, "r", sha);
        (audit.commit, audit.pr, audit.was) = (Some("c0ffee".to_owned()), Some(7), Some(12));
        (audit.by, audit.score) = (Some("dependabot[bot]".to_owned()), Some("93/100".to_owned()));
        let tags = of("summarize", 13, &audit);
        let said: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        insta::assert_snapshot!(said.join("\n"), @"
        prompt-assay:action=rollback
        prompt-assay:actor=dependabot_bot_
        prompt-assay:baseline-score=-
        prompt-assay:commit=c0ffee
        prompt-assay:evidence=-
        prompt-assay:fingerprint=-
        prompt-assay:previous-version=12
        prompt-assay:prompt=summarize
        prompt-assay:pull-request=7
        prompt-assay:score=93/100
        prompt-assay:verdict=-
        prompt-assay:version=13
        ");
    }
}
