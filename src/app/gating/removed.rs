//! Cases that a change removes from a golden set: which of them the old prompt passes, as far as
//! stored answers show. No call is made for them.

use super::Gating;
use crate::change::{MovedBar, PromptChange, RemovedCase, listed, screened};
use crate::check::Score;
use crate::config::Jitter;
use crate::model::Request;
use crate::remark::Remark;
use crate::store::StoreError;
use crate::trial::AnswerKey;

/// What is known of removed cases, by id.
#[derive(Default)]
struct Known<'a> {
    passing: Vec<&'a str>,
    failing: Vec<&'a str>,
    unknown: Vec<&'a str>,
}

impl Gating<'_> {
    /// The moved bars; if one removes cases, it names those that the old prompt passes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn moved_bars(&self) -> Result<Vec<MovedBar>, StoreError> {
        let mut bars = self.changes.moved_bars.clone();
        for change in self.changes.prompts.iter().filter(|change| !change.removed.is_empty()) {
            let is_theirs =
                |bar: &&mut MovedBar| bar.removes_cases && bar.prompt.as_ref() == Some(&change.id);
            if let Some(bar) = bars.iter_mut().find(is_theirs) {
                bar.what = std::mem::take(&mut bar.what).then(&sentence(&self.removed(change)?));
            }
        }
        Ok(bars)
    }

    fn removed<'c>(&self, change: &'c PromptChange) -> Result<Known<'c>, StoreError> {
        let mut known = Known::default();
        for removed in &change.removed {
            let list = match self.removed_passes(change, removed)? {
                Some(true) => &mut known.passing,
                Some(false) => &mut known.failing,
                None => &mut known.unknown,
            };
            list.push(&removed.case.id);
        }
        Ok(known)
    }

    /// The case as it was screened before its removal.
    fn removed_key(&self, removed: &RemovedCase, request: &Request) -> AnswerKey {
        let varies = self.config.gate.jitter != Jitter::None && !removed.case.exact;
        AnswerKey::screening(request, screened(&removed.case, request, varies))
    }

    fn removed_passes(
        &self,
        change: &PromptChange,
        removed: &RemovedCase,
    ) -> Result<Option<bool>, StoreError> {
        let Some(request) = &removed.request else { return Ok(None) };
        let scoring = removed.case.scoring(change.score_before, change.judge_before.as_ref());
        Ok(match self.stored_score(self.removed_key(removed, request), request, &scoring)? {
            Some(Score::Scored { passed, .. }) => Some(passed),
            Some(Score::Unscored { .. }) | None => None,
        })
    }
}

/// `; the old prompt passes 2 of them (`a`, `b`), fails 3, and of 1 (`c`) no answer is stored`.
fn sentence(known: &Known<'_>) -> Remark {
    let (passing, failing, unknown) = (known.passing.len(), known.failing.len(), known.unknown.len());
    let short = match (passing, failing, unknown) {
        (1, 0, 0) => "; the old prompt passes it",
        (0, 1, 0) => "; the old prompt fails it",
        (0, 0, 1) => "; whether the old prompt passes it is not known: no answer is stored",
        (0, 0, _) => "; whether the old prompt passes them is not known: no answer is stored",
        _ => "",
    };
    if !short.is_empty() {
        return Remark::new(short);
    }
    let mut remark = match passing {
        0 => Remark::new("; the old prompt passes none of them"),
        n => Remark::new(format!("; the old prompt passes {n} of them ("))
            .then(&listed(&known.passing))
            .and(")"),
    };
    if failing > 0 && passing > 0 {
        remark = remark.and(format!(", fails {failing}"));
    }
    if unknown > 0 {
        remark = remark.and(format!(", of {unknown} no answer is stored ("));
        remark = remark.then(&listed(&known.unknown)).and(")");
    }
    remark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_removed_cases_is_said_in_full() {
        let said = |passing: &[&'static str], failing: &[&'static str], unknown: &[&'static str]| {
            let (passing, failing, unknown) = (passing.to_vec(), failing.to_vec(), unknown.to_vec());
            sentence(&Known { passing, failing, unknown }).to_string()
        };
        let all = [
            said(&["a"], &[], &[]),
            said(&[], &["a"], &[]),
            said(&[], &[], &["a"]),
            said(&[], &[], &["a", "b"]),
            said(&["a", "b"], &["c"], &["d"]),
            said(&[], &["c", "d"], &[]),
            said(&["a"], &[], &["d", "e"]),
        ];
        insta::assert_snapshot!(all.join("\n"), @r#"
        ; the old prompt passes it
        ; the old prompt fails it
        ; whether the old prompt passes it is not known: no answer is stored
        ; whether the old prompt passes them is not known: no answer is stored
        ; the old prompt passes 2 of them (`a`, `b`), fails 1, of 1 no answer is stored (`d`)
        ; the old prompt passes none of them
        ; the old prompt passes 1 of them (`a`), of 2 no answer is stored (`d`, `e`)
        "#);
    }
}
