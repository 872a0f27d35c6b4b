//! The control of all: a change that breaks cases is blocked, and one that does not passes.

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::Origin;
use prompt_assay_test_support::step::Step;

#[test]
fn a_broken_prompt_is_blocked_and_a_good_one_passes() {
    for (words, status) in [("A broken version.", 1), ("Another wording.", 0)] {
        let origin = Origin::with_prompt(words);
        let github = GitHub::start(Some(origin.path()));
        let left = Step::pull_request(&origin, &github).run();
        assert_eq!(left.status, status, "{words}: {}", left.log);
    }
}
