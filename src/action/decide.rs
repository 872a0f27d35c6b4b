//! Decides what to compare, on which tier, and which sources to trust, from the event, the inputs
//! and the checkout.

use super::{Event, Host, Inputs, Job, PullRequest};
use crate::prompt::Tier;

/// The commit that is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Its id.
    pub commit: String,
    /// Its parents' ids, whether or not they are in the clone.
    pub parents: Vec<String>,
}

/// What is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// The commit that is checked out.
    CheckedOut(String),
    /// A commit read through the API as data; configuration, golden sets and policy are those of
    /// the base's tip.
    Data {
        /// The pull request's own head.
        commit: String,
        /// The base's tip.
        trusted: String,
    },
}

impl Head {
    /// The commit's id.
    pub fn commit(&self) -> &str {
        match self {
            Head::CheckedOut(commit) | Head::Data { commit, .. } => commit,
        }
    }
}

/// What it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// This revision.
    Revision(String),
    /// The merge base of the head and a branch.
    MergeBase {
        /// The branch, or its tip.
        of: String,
        /// The head.
        and: String,
    },
    /// For each prompt the newest content of an ancestor that passed the main tier, as far as the
    /// store knows; without one, nothing: its floor decides (decisions.md#main-does-not-ratchet).
    NewestPassed {
        /// The ancestors are those of this commit.
        head: String,
        /// The commit before: the change touches everything that differs from it.
        before: String,
        /// Whether untouched prompts without any known result are evaluated, too. A merge queue
        /// decides about its own change only.
        whole: bool,
    },
}

/// What a run does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Which model set applies.
    pub tier: Tier,
    /// What is evaluated.
    pub head: Head,
    /// What it is compared with.
    pub base: Base,
    /// Where the comment goes.
    pub pull_request: Option<u64>,
    /// The commit a person knows: the pull request's own head, else the head.
    pub commit: String,
    /// Whether the run gets no secrets: a fork, or Dependabot.
    pub is_without_secrets: bool,
}

/// Decides.
///
/// # Errors
/// One sentence: what is missing, and what to write.
pub fn decide(
    event: &Event,
    inputs: &Inputs,
    job: &Job,
    checkout: Option<&Checkout>,
) -> Result<Decision, String> {
    let mut decision = match event {
        Event::PullRequest(request) => of_pull_request(request, job, meant(checkout, job, Some(request))?),
        Event::PullRequestTarget(request) => Decision {
            tier: Tier::Branch,
            head: Head::Data { commit: request.head.clone(), trusted: request.base.clone() },
            base: Base::MergeBase { of: request.base.clone(), and: request.head.clone() },
            pull_request: Some(request.number),
            commit: request.head.clone(),
            is_without_secrets: job.is_dependabot(),
        },
        Event::MergeGroup { head, base, .. } => on_main(meant(checkout, job, None)?, head, base, false),
        Event::Push(push) => {
            let checkout = meant(checkout, job, None)?;
            let before = push.before.clone().or_else(|| checkout.parents.first().cloned());
            match before {
                Some(before) if push.to_default_branch => on_main(checkout, &push.after, &before, true),
                None if push.to_default_branch => {
                    return Err(
                        "this is the repository's first commit: there is nothing to compare with".to_owned()
                    );
                }
                _ => Decision {
                    base: Base::MergeBase { of: push.default_branch.clone(), and: checkout.commit.clone() },
                    tier: Tier::Branch,
                    ..on_main(checkout, &push.after, &push.after, false)
                },
            }
        }
        Event::Deleted => return Err("the push deleted a branch: there is nothing to evaluate".to_owned()),
        Event::Started { on_default_branch } => {
            let base = inputs.base.clone().ok_or(
                "a run that was started by hand or by a schedule has no base: set the input `base` to a branch, a tag or a commit",
            )?;
            let tier = if *on_default_branch { Tier::Main } else { Tier::Branch };
            let checkout = meant(checkout, job, None)?;
            Decision {
                tier,
                base: Base::Revision(base),
                ..on_main(checkout, &checkout.commit, &checkout.commit, false)
            }
        }
    };
    if let Some(base) = &inputs.base {
        decision.base = Base::Revision(base.clone());
    }
    decision.tier = inputs.tier.unwrap_or(decision.tier);
    Ok(decision)
}

/// The checkout, if it belongs to the run. Otherwise the result for another commit would count for the
/// run's commit, and would be trusted like the branch on which the run was started.
fn meant<'c>(
    checkout: Option<&'c Checkout>,
    job: &Job,
    request: Option<&PullRequest>,
) -> Result<&'c Checkout, String> {
    let checkout = checkout
        .ok_or_else(|| format!("the workspace holds no Git repository: {}", job.host.checkout_help()))?;
    // A test merge may be newer than the run.
    let is_of = |request: &PullRequest| {
        checkout.commit == request.head || checkout.parents.get(1) == Some(&request.head)
    };
    if checkout.commit == job.commit || request.is_some_and(is_of) {
        return Ok(checkout);
    }
    Err(format!(
        "the commit {} is checked out, and this run is about {}: the result for one must not count for the other; \
         leave `ref` out of actions/checkout, or start the workflow on the intended branch",
        short(&checkout.commit),
        short(request.map_or(&job.commit, |request| &request.head))
    ))
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// The checkout's first parent if it is the test merge, else the merge base (decisions.md#the-base-of-a-pull-request).
fn of_pull_request(request: &PullRequest, job: &Job, checkout: &Checkout) -> Decision {
    let is_merge = checkout.commit == job.commit || checkout.parents.get(1) == Some(&request.head);
    let base = match checkout.parents.first() {
        Some(parent) if is_merge && checkout.commit != request.head => Base::Revision(parent.clone()),
        _ => Base::MergeBase { of: request.base.clone(), and: checkout.commit.clone() },
    };
    Decision {
        tier: Tier::Branch,
        head: Head::CheckedOut(checkout.commit.clone()),
        base,
        pull_request: Some(request.number),
        commit: request.head.clone(),
        is_without_secrets: (request.is_from_fork && job.host == Host::GitHub) || job.is_dependabot(),
    }
}

fn on_main(checkout: &Checkout, head: &str, before: &str, whole: bool) -> Decision {
    Decision {
        tier: Tier::Main,
        head: Head::CheckedOut(checkout.commit.clone()),
        base: Base::NewestPassed { head: checkout.commit.clone(), before: before.to_owned(), whole },
        pull_request: None,
        commit: head.to_owned(),
        is_without_secrets: false,
    }
}
