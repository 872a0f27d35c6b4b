use super::*;

/// The exit status of prompts with these verdicts.
fn status(verdicts: &[Verdict], policy: &GatePolicy) -> u8 {
    let results: Vec<_> = verdicts.iter().map(|verdict| (*verdict, Reason::NoRegressionFound)).collect();
    exit_code(&results, policy)
}

#[test]
fn a_regression_is_worth_1_whatever_became_of_the_other_prompts() {
    use Verdict::{Improved, Inconclusive, NotMeasured, Ok, Regression};
    let policy = GatePolicy::default();
    for (verdicts, code) in [
        (vec![], 0),
        (vec![Ok, Improved], 0),
        (vec![Ok, Inconclusive], 0),
        (vec![Ok, NotMeasured], 3),
        (vec![Regression, Ok], 1),
        (vec![Regression, NotMeasured], 1),
        (vec![NotMeasured, Inconclusive, Regression], 1),
    ] {
        assert_eq!(status(&verdicts, &policy), code, "{verdicts:?}");
    }
    assert_eq!([NotMeasured, Regression, Inconclusive].into_iter().max(), Some(Regression));
}

#[test]
fn undecided_fails_where_the_policy_says_so_but_does_not_hide_what_was_not_measured() {
    use Verdict::{Inconclusive, Mixed, NotMeasured};
    let policy = GatePolicy { on_inconclusive: VerdictEffect::Fail, ..GatePolicy::default() };
    assert_eq!(status(&[Inconclusive], &policy), 1);
    assert_eq!(status(&[Mixed], &policy), 0);
    assert_eq!(status(&[Inconclusive, NotMeasured], &policy), 3);
    let policy = GatePolicy { on_mixed: VerdictEffect::Fail, ..GatePolicy::default() };
    assert_eq!(status(&[Mixed], &policy), 1);
    assert_eq!(status(&[Mixed, NotMeasured], &policy), 3);
    assert_eq!(status(&[Inconclusive], &policy), 0);
}

#[test]
fn without_enforcement_only_what_was_not_measured_is_no_pass() {
    use Verdict::{Inconclusive, NotMeasured, Regression};
    let policy = GatePolicy { enforce: false, on_inconclusive: VerdictEffect::Fail, ..GatePolicy::default() };
    assert_eq!(status(&[Regression, Inconclusive], &policy), 0);
    assert_eq!(status(&[Regression, NotMeasured], &policy), 3);
}
