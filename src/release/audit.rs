//! The audit record: it is written in the description of every version, so that value and record
//! are created in one call. ASCII, at most 1,024 characters.

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;

/// Characters of a description.
pub const LONGEST: usize = 1024;
/// Digits that identify a held content.
pub const HELD_DIGITS: usize = 16;
/// The number of held contents in a record; the newest ones.
pub const MOST_HELD: usize = 8;
/// Replaced runs a record names.
pub const MOST_OVER: usize = 4;

/// Why a version was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A content that passed went live.
    Release,
    /// An earlier content was brought back.
    Rollback,
    /// The store was made equal to Git again.
    Heal,
}

impl Action {
    /// The word for a person.
    pub fn word(self) -> &'static str {
        match self {
            Action::Release => "release",
            Action::Rollback => "rollback",
            Action::Heal => "heal",
        }
    }
}

/// What is known of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// 2; 1 was written before there was a release label (see [`super::intervention`]).
    #[serde(rename = "pa")]
    pub format: u32,
    /// Why it was written.
    #[serde(rename = "do")]
    pub action: Action,
    /// Names the one run of the program that wrote it.
    pub run: String,
    /// The newest version that this run had read. If it is not the version's own number minus one,
    /// two runs wrote at the same time.
    pub after: u64,
    /// Unfinished runs that this one replaced, in this prompt or another one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<String>,
    /// SHA-256 of the content.
    pub sha: Fingerprint,
    /// The fingerprint that was evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Fingerprint>,
    /// The evidence; `None`: released without.
    #[serde(default, rename = "ev", skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Its verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Passed of screened, candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// Passed of screened, baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr: Option<u64>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The run of the CI system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The reason given for a rollback, a lifted hold, a release without evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The version that was live before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<u64>,
    /// The version whose content a rollback brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Contents that are held: the first digits of their SHA-256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
}

impl Audit {
    /// The record of a run that has seen nothing yet.
    pub fn new(action: Action, run: &str, sha: Fingerprint) -> Self {
        Self {
            format: 2,
            action,
            run: run.to_owned(),
            after: 0,
            over: Vec::new(),
            sha,
            content: None,
            evidence: None,
            verdict: None,
            score: None,
            base: None,
            commit: None,
            pr: None,
            by: None,
            url: None,
            why: None,
            was: None,
            of: None,
            held: Vec::new(),
        }
    }

    /// Whether this run had read all versions before its own; otherwise another one wrote at the same
    /// time.
    pub fn is_right_after(&self, version: u64) -> bool {
        self.after.checked_add(1) == Some(version)
    }

    /// Whether a content is held.
    pub fn holds(&self, sha: Fingerprint) -> bool {
        self.held.contains(&sha.short(HELD_DIGITS))
    }

    /// Adds a hold; the oldest are removed if there are too many.
    pub fn hold(&mut self, sha: Fingerprint) {
        let name = sha.short(HELD_DIGITS);
        self.held.retain(|held| *held != name);
        self.held.push(name);
        let surplus = self.held.len().saturating_sub(MOST_HELD);
        self.held.drain(..surplus);
    }

    /// As a description. Texts of people are shortened if it does not fit; fields that a release
    /// needs for its decision never are.
    pub fn write(&self) -> String {
        let mut record = self.clone();
        for room in [usize::MAX, 200, 80, 30, 0] {
            let cut = |text: &mut Option<String>| {
                if let Some(text) = text.as_mut().filter(|text| text.chars().count() > room) {
                    *text = text.chars().take(room.saturating_sub(3)).collect::<String>() + "...";
                }
            };
            cut(&mut record.url);
            cut(&mut record.why);
            cut(&mut record.by);
            let text = ascii(&serde_json::to_string(&record).expect("a record is a JSON object"));
            if text.len() <= LONGEST {
                return text;
            }
        }
        (record.url, record.why, record.by) = (None, None, None);
        record.commit = record.commit.map(|commit| commit.chars().take(64).collect());
        ascii(&serde_json::to_string(&record).expect("a record is a JSON object"))
    }

    /// Reads a description; `None`: not written by this program.
    pub fn read(description: &str) -> Option<Self> {
        serde_json::from_str(description).ok().filter(|audit: &Self| matches!(audit.format, 1 | 2))
    }
}

/// JSON in printable ASCII: AppConfig's descriptions take nothing else.
pub fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && !c.is_ascii_control() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_record_fits_and_keeps_what_decides(
            why in proptest::option::of("\\PC{0,600}"), by in "\\PC{0,300}", url in "\\PC{0,600}", held in 0_u8..20, after in 0_u64..u64::MAX,
        ) {
            let sha = Fingerprint::of_bytes(why.as_deref().unwrap_or_default().as_bytes());
            let mut audit = Audit { why, by: Some(by), url: Some(url), after, ..Audit::new(Action::Rollback, "0123456789abcdef", sha) };
            audit.content = Some(sha);
            audit.evidence = Some("ev-0123456789abcdef".to_owned());
            audit.commit = Some("c".repeat(40));
            for i in 0..held {
                audit.hold(Fingerprint::of_bytes(&[i]));
            }
            let text = audit.write();
            prop_assert!(text.len() <= LONGEST && text.is_ascii());
            let read = Audit::read(&text).expect("a record");
            let essence = |a: &Audit| (a.action, a.run.clone(), a.after, a.sha, a.content, a.evidence.clone(), a.commit.clone(), a.held.clone());
            prop_assert_eq!(essence(&read), essence(&audit));
        }
    }

    #[test]
    fn a_record_that_fits_comes_back_whole_and_other_descriptions_are_none() {
        let mut audit = Audit::new(Action::Release, "r1", Fingerprint::of_bytes(b"x"));
        audit.why = Some("Größe\n\u{1f600}".to_owned());
        assert_eq!(Audit::read(&audit.write()), Some(audit));
        for foreign in ["", "Managed by Terraform", "{}", "{\"pa\":3}"] {
            assert_eq!(Audit::read(foreign), None);
        }
    }
}
