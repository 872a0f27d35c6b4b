//! How the cases of a prompt behaved before: what the store has of the baseline's content, from its screening and from
//! the fresh pairs of earlier comparisons, and what is remembered of the contents that stood on the base before. Only
//! these count: the answers of proposed contents are their authors'. It is fixed before a comparison begins, so that
//! running it again gives the same.

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
use crate::stability::{Asked, Contents, Passes, Stabilities, Stability};
use crate::store::{Note, Store, StoreError};
use crate::trial::{AnswerKey, Phase, Side};

/// Earlier runs that are looked through at most.
const RUNS: usize = 40;

/// The comparisons of earlier runs, by prompt, with the run's end: newest run first.
pub(super) struct Earlier(Vec<(u64, Vec<(String, Fingerprint)>)>);

impl Earlier {
    /// The comparisons of a prompt before this one was first made.
    fn before(&self, prompt: &str, comparison: Fingerprint) -> BTreeSet<Fingerprint> {
        let begun = self.first(comparison).map_or(0, |place| place + 1);
        let runs = self.0[begun..].iter().flat_map(|(_, run)| run);
        runs.filter(|(id, _)| id == prompt).map(|(_, comparison)| *comparison).collect()
    }

    /// The end of the run in which a comparison was first made, seconds since 1970; of a new one, the end of time.
    fn until(&self, comparison: Fingerprint) -> u64 {
        self.first(comparison).map_or(u64::MAX, |place| self.0[place].0)
    }

    fn first(&self, comparison: Fingerprint) -> Option<usize> {
        self.0.iter().rposition(|(_, run)| run.iter().any(|(_, known)| *known == comparison))
    }
}

impl Gating<'_> {
    /// What earlier runs compared.
    pub(super) fn earlier(&self) -> Result<Earlier, StoreError> {
        if self.cache == CacheMode::Off {
            return Ok(Earlier(Vec::new()));
        }
        let comparisons = |run: PastRun| {
            let named = run.prompts.into_iter();
            let named =
                named.filter_map(|prompt| Some((prompt.id, Fingerprint::from_hex(&prompt.comparison?)?)));
            (run.ended_at, named.collect())
        };
        Ok(Earlier(history::past(self.store, RUNS)?.into_iter().map(comparisons).collect()))
    }

    /// What is known of the compared cases of a prompt.
    pub(super) fn stabilities(
        &self,
        change: &PromptChange,
        earlier: &Earlier,
    ) -> Result<Stabilities, StoreError> {
        let comparison = comparison_key(change, &self.config.gate.seed);
        let (earlier, until) = (earlier.before(&change.id, comparison), earlier.until(comparison));
        let contents = self.contents(change, Side::Baseline)?;
        let mut known = Stabilities::new();
        for case in change.of_kind(CaseKind::Compare) {
            let Some(baseline) = case.baseline.as_deref() else { continue };
            let mut all = contents.others(asked(change, case, baseline), until);
            if !earlier.is_empty() {
                let bought_now = self.bought_by(case.screening_key(baseline), comparison)?;
                all.push(self.passes(change, case, baseline, &earlier, !bought_now)?);
            }
            all.retain(|passes| passes.of > 0);
            if !all.is_empty() {
                known.insert(case.case.id.clone(), Stability::of(&all));
            }
        }
        Ok(known)
    }

    /// Remembers how the cases answered to the contents of one side, for later comparisons: the baseline's, which stand
    /// on the base, and of the candidate's only edits without meaning of such contents.
    ///
    /// # Errors
    /// When the store fails.
    pub fn remember(&self, side: Side, at: u64) -> Result<(), StoreError> {
        if !self.remembers() {
            return Ok(());
        }
        for change in &self.changes.prompts {
            let mut contents = self.contents(change, side)?;
            let before = contents.clone();
            for case in change.of_kind(CaseKind::Compare) {
                let Some(baseline) = case.baseline.as_deref() else { continue };
                if side == Side::Candidate && !before.knows(asked(change, case, baseline)) {
                    continue;
                }
                let request = if side == Side::Baseline { baseline } else { case.candidate.as_ref() };
                let passes = self.passes(change, case, request, &BTreeSet::new(), true)?;
                if passes.of > 0 {
                    contents.add(asked(change, case, request), at, passes);
                }
            }
            if contents != before {
                // A map of plain values is always JSON.
                let text = serde_json::to_string(&contents).unwrap_or_default();
                self.store.keep_note(Note::Contents, contents_key(change, side), &text)?;
            }
        }
        Ok(())
    }

    /// Whether what is remembered may weigh, and may be written.
    fn remembers(&self) -> bool {
        self.trusts_store && matches!(self.cache, CacheMode::ReadWrite | CacheMode::Fresh)
    }

    fn contents(&self, change: &PromptChange, side: Side) -> Result<Contents, StoreError> {
        if !self.trusts_store || self.cache == CacheMode::Off {
            return Ok(Contents::default());
        }
        remembered(self.store, change, side)
    }

    /// Whether this comparison bought an answer: when it is run again, what it knew at first still counts.
    fn bought_by(&self, key: AnswerKey, comparison: Fingerprint) -> Result<bool, StoreError> {
        Ok(self.store.answer(key)?.is_some_and(|answer| answer.bought_by == comparison))
    }

    fn passes(
        &self,
        change: &PromptChange,
        case: &CaseChange,
        baseline: &Request,
        earlier: &BTreeSet<Fingerprint>,
        with_screening: bool,
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
        if with_screening {
            count(case.screening_key(baseline))?;
        }
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

/// How the cases of a prompt answered to the contents that stood on the base, whichever it has now.
///
/// # Errors
/// When the store cannot be read.
pub fn of_contents(store: &dyn Store, change: &PromptChange) -> Result<Stabilities, StoreError> {
    let contents = remembered(store, change, Side::Candidate)?;
    let known = change.cases.iter().map(|case| {
        let passes = contents.all(asked(change, case, &case.candidate));
        (case.case.id.clone(), Stability::of(&passes))
    });
    Ok(known.filter(|(_, stability)| stability.contents > 0).collect())
}

fn remembered(store: &dyn Store, change: &PromptChange, side: Side) -> Result<Contents, StoreError> {
    let note = store.note(Note::Contents, contents_key(change, side))?;
    // A note that cannot be read says nothing.
    Ok(note.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// The name of what is remembered of a prompt with a model.
fn contents_key(change: &PromptChange, side: Side) -> Fingerprint {
    let model = if side == Side::Baseline { &change.baseline_model } else { &change.candidate_model };
    Fingerprint::of_json(&("contents", &change.id, model))
}

fn asked<'c>(change: &PromptChange, case: &'c CaseChange, request: &Request) -> Asked<'c> {
    let scoring = case.case.scoring(change.score, change.judge.as_ref()).fingerprint();
    Asked {
        id: &case.case.id,
        case: Fingerprint::of_json(&(case.case.asked(), scoring)),
        content: request.fingerprint(),
    }
}
