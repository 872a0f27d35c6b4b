//! Whether the candidate does worse only in requests sent as written: a prompt that behaves better
//! while it is tested.
//!
//! A digest of the request decides which cases are screened as written. So under "the white space
//! makes no difference", the worse cases are among them only by chance (Fisher's exact test),
//! whatever the cases and the change are. With a baseline, the cases that got worse are counted;
//! without one, the candidate's failures.

use super::Gate;
use super::screen::Screened;
use super::setup::{CaseKind, Form, Setup};
use crate::stats::hypergeometric::upper_tail;

/// Cases in one form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Those in which the candidate did worse than the baseline, or failed without one.
    pub worse: usize,
    /// All that were answered.
    pub of: usize,
}

/// Cases sent as written against cases with neutral white space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Screened as they stand.
    pub plain: Group,
    /// Screened with white space.
    pub varied: Group,
    /// The probability that at least this many of the worse cases were sent as written, if the
    /// white space makes no difference.
    pub p: f64,
}

impl Setup {
    /// Whether the contrast could block at all; if not, it takes no share of the error budget.
    pub(super) fn has_contrast(&self) -> bool {
        let count = |form| self.contrasted().filter(|case| self.cases[*case].form == form).count();
        let (plain, varied) = (count(Form::Plain), count(Form::Varied));
        upper_tail(plain, plain, plain, plain + varied) <= self.policy.contrast_level(self.prompts)
    }

    /// The cases that take part. Those that must pass do not: their form does not follow from chance
    /// alone.
    fn contrasted(&self) -> impl Iterator<Item = usize> {
        let compares = self.cases.iter().any(|case| case.kind == CaseKind::Compare);
        let kind = if compares { CaseKind::Compare } else { CaseKind::FloorOnly };
        let takes_part = move |case: &usize| self.cases[*case].kind == kind && !self.cases[*case].must_pass;
        (0..self.cases.len()).filter(takes_part)
    }
}

impl Gate {
    /// Counts both groups; true if the difference blocks.
    pub(super) fn find_contrast(&mut self) -> bool {
        if self.setup.policy.alpha_plain == 0.0 {
            return false;
        }
        let (mut plain, mut varied) = (Group::default(), Group::default());
        for case in self.setup.contrasted() {
            let Some(worse) = self.did_worse(case) else { continue };
            let group = match self.setup.cases[case].form {
                Form::Plain => &mut plain,
                Form::Varied => &mut varied,
                Form::Exact => continue,
            };
            group.worse += usize::from(worse);
            group.of += 1;
        }
        let p = upper_tail(plain.worse, plain.of, plain.worse + varied.worse, plain.of + varied.of);
        self.contrast = Some(Contrast { plain, varied, p });
        p <= self.setup.policy.contrast_level(self.setup.prompts)
    }

    /// `None`: not answered.
    fn did_worse(&self, case: usize) -> Option<bool> {
        match (self.setup.cases[case].kind, self.screening.results[case]) {
            (CaseKind::Compare, Screened::Both { baseline, candidate }) => {
                Some(baseline.score - candidate.score >= self.setup.policy.delta - 1e-9)
            }
            (CaseKind::FloorOnly, _) => {
                let place = self.absolute.order.iter().position(|other| *other == case)?;
                self.absolute.results.as_ref()?.get(place)?.map(|answer| !answer.passed)
            }
            _ => None,
        }
    }
}
