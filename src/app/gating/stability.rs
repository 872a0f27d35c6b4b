//! How the cases of a prompt behaved before: what the store has of the baseline's content, from its screening and from
//! the fresh pairs of earlier comparisons. Only the content that stands on the base counts: the answers of proposed
//! contents are their authors'. It is fixed before a comparison begins, so that running it again gives the same.

use std::collections::BTreeSet;

use super::Gating;
use crate::app::history;
use crate::assay::{comparison_key, fresh_key};
use crate::change::{CaseChange, CaseKind, PromptChange};
use crate::check::Score;
use crate::fingerprint::Fingerprint;
use crate::model::Request;
use crate::report::past::PastRun;
use crate::runner::CacheMode;
use crate::stability::{Passes, Stabilities, Stability};
use crate::store::StoreError;
use crate::trial::{AnswerKey, Phase};

/// Earlier runs that are looked through at most.
const RUNS: usize = 40;

/// The comparisons of earlier runs, by prompt: newest run first.
pub(super) struct Earlier(Vec<Vec<(String, Fingerprint)>>);

impl Earlier {
    /// The comparisons of a prompt before this one was first made.
    fn before(&self, prompt: &str, comparison: Fingerprint) -> BTreeSet<Fingerprint> {
        let is_first = |run: &Vec<(String, Fingerprint)>| run.iter().any(|(_, known)| *known == comparison);
        let begun = self.0.iter().rposition(is_first).map_or(0, |place| place + 1);
        let runs = self.0[begun..].iter().flatten();
        runs.filter(|(id, _)| id == prompt).map(|(_, comparison)| *comparison).collect()
    }
}

impl Gating<'_> {
    /// What earlier runs compared.
    pub(super) fn earlier(&self) -> Result<Earlier, StoreError> {
        if self.cache == CacheMode::Off {
            return Ok(Earlier(Vec::new()));
        }
        let comparisons = |run: PastRun| -> Vec<(String, Fingerprint)> {
            let named = run.prompts.into_iter();
            named
                .filter_map(|prompt| Some((prompt.id, Fingerprint::from_hex(&prompt.comparison?)?)))
                .collect()
        };
        Ok(Earlier(history::past(self.store, RUNS)?.into_iter().map(comparisons).collect()))
    }

    /// What is known of the compared cases of a prompt.
    pub(super) fn stabilities(
        &self,
        change: &PromptChange,
        earlier: &Earlier,
    ) -> Result<Stabilities, StoreError> {
        let earlier = earlier.before(&change.id, comparison_key(change, &self.config.gate.seed));
        let mut known = Stabilities::new();
        if earlier.is_empty() {
            return Ok(known);
        }
        for case in change.of_kind(CaseKind::Compare) {
            let Some(baseline) = case.baseline.as_deref() else { continue };
            let passes = self.passes(change, case, baseline, &earlier)?;
            if passes.of > 0 {
                known.insert(case.case.id.clone(), Stability::of(&[passes]));
            }
        }
        Ok(known)
    }

    fn passes(
        &self,
        change: &PromptChange,
        case: &CaseChange,
        baseline: &Request,
        earlier: &BTreeSet<Fingerprint>,
    ) -> Result<Passes, StoreError> {
        let scoring = case.case.scoring(change.score, change.judge.as_ref());
        let mut passes = Passes::default();
        let mut count = |key: AnswerKey| -> Result<bool, StoreError> {
            let score = self.stored_score(key, baseline, &scoring)?;
            let Some(Score::Scored { passed, .. }) = score else { return Ok(false) };
            passes.of += 1;
            passes.passed += u32::from(passed);
            Ok(true)
        };
        count(case.screening_key(baseline))?;
        for comparison in earlier {
            for phase in [Phase::Confirm, Phase::Fresh] {
                let mut k = 1;
                while count(fresh_key(case, baseline, *comparison, phase, k))? {
                    k += 1;
                }
            }
        }
        Ok(passes)
    }
}
