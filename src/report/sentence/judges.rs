//! How far the judges of a report can be trusted, in words.

use std::collections::BTreeSet;

use crate::report::{JudgeAgreement, Report};

/// How well the judges agree with people; `None` when no judge is asked. Of several judges the least agreement counts.
pub fn judges(report: &Report) -> Option<String> {
    let models =
        || report.prompts.iter().map(|prompt| &prompt.head.models).filter(|models| models.judge.is_some());
    let many = models().map(|models| &models.judge).collect::<BTreeSet<_>>().len() > 1;
    models().next()?;
    let known: Option<Vec<JudgeAgreement>> = models().map(|models| models.judge_agreement).collect();
    let subject = if many { "The judges" } else { "The judge" };
    Some(match known.and_then(|known| known.into_iter().min_by_key(|agreement| agreement.percent)) {
        Some(JudgeAgreement { percent, low, high, n }) => {
            let verb = if many { "agree" } else { "agrees" };
            format!("{subject} {verb} with people {percent} % [{low}, {high}], n={n}")
        }
        None => format!("{subject}: not calibrated"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::examples;

    #[test]
    fn a_judge_is_told_with_its_agreement_or_as_not_calibrated() {
        let mut report = examples::confirmed_breaks();
        assert_eq!(judges(&report).as_deref(), Some("The judge: not calibrated"));
        let agreement = JudgeAgreement { percent: 93, low: 88, high: 96, n: 120 };
        report.prompts[0].head.models.judge_agreement = Some(agreement);
        assert_eq!(judges(&report).as_deref(), Some("The judge agrees with people 93 % [88, 96], n=120"));
        report.prompts[0].head.models.judge = None;
        assert_eq!(judges(&report), None);
    }
}
