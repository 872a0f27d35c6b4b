//! The seal of a shard's report: it covers everything else that the report says, so that a job which merges
//! believes what a trusted run measured, and nothing that was written or edited on the way.

use super::{Report, json};
use crate::seal::{Sealed, Seals};

impl Report {
    /// Seals the report of a shard; nothing without a key, and nothing where it is a whole evaluation's.
    pub fn seal(&mut self, seals: &Seals) {
        let seal = self.to_seal().and_then(|text| seals.seal(&Sealed::Shard(&text)));
        if let Some(part) = &mut self.part {
            part.seal = seal;
        }
    }

    /// Whether it counts as the report of a shard. What does not is remembered for [`Seals::said`].
    pub fn is_admitted(&self, seals: &Seals) -> bool {
        if !seals.are_demanded() {
            return true;
        }
        let seal = self.part.as_ref().and_then(|part| part.seal);
        self.to_seal().is_none_or(|text| seals.admit(&Sealed::Shard(&text), seal))
    }

    /// As it is understood, not as it was written: white space and order of a file do not matter, and nothing
    /// that is read escapes the seal.
    fn to_seal(&self) -> Option<String> {
        let mut report = self.clone();
        report.part.as_mut()?.seal = None;
        Some(json::render(&report))
    }
}
