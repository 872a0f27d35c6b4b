//! Break-glass: one commit may pass, by the input or by a label, with a reason and a name
//! (decisions.md#break-glass-by-label-is-bound-to-a-commit-by-githubs-clock). The label counts for the commit that was
//! the head when it was added; after the next push it must be added again.

use super::{Decision, Inputs, Job, PullRequest};

/// The beginning of the line in the pull request's description that gives the reason for the label.
const REASON: &str = "break-glass:";

/// One commit that may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The commit.
    pub commit: String,
    /// Who used it (untrusted text).
    pub actor: String,
    /// Why (untrusted text).
    pub reason: String,
    /// The label that was used; `None`: the input.
    pub label: Option<String>,
}

/// A label that was added or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelEvent {
    /// Its name.
    pub label: String,
    /// False: removed.
    pub is_put_on: bool,
    /// Login of who did it.
    pub by: String,
    /// When, as GitHub says it: `2026-01-05T09:00:00Z`.
    pub at: String,
}

/// The API's information about a pull request's labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// The events of the labels, oldest first.
    pub events: Vec<LabelEvent>,
    /// The pull request's description now.
    pub description: String,
}

/// Why an override does not apply although it may be expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOverridden {
    /// The input names another commit.
    #[error("`break-glass` names the commit `{0}`, not this one; it has no effect")]
    AnotherCommit(String),
    /// The label is older than the commit.
    #[error("the label `{0}` was added before this commit, so it has no effect; remove it and add it again")]
    Older(String),
    /// There is no reason.
    #[error(
        "the label `{0}` has no effect without a reason: add a line `Break-glass: REASON` to the pull request's description, and add the label again"
    )]
    NoReason(String),
}

/// The override that the input gives.
///
/// # Errors
/// When it names another commit.
pub fn by_input(inputs: &Inputs, decision: &Decision, job: &Job) -> Result<Option<Override>, NotOverridden> {
    let Some(given) = &inputs.break_glass else { return Ok(None) };
    if !given.passes(&decision.commit) && !given.passes(decision.head.commit()) {
        return Err(NotOverridden::AnotherCommit(given.commit.clone()));
    }
    Ok(Some(Override {
        commit: given.commit.clone(),
        actor: job.actor.clone(),
        reason: given.reason.clone(),
        label: None,
    }))
}

/// The override that a label gives. `labels` comes from the API; without it, the event that started
/// the run is used: only the event of adding the label is new enough to count.
///
/// # Errors
/// When the label is present but has no effect.
pub fn by_label(
    name: &str,
    request: &PullRequest,
    labels: Option<&Labels>,
    job: &Job,
) -> Result<Option<Override>, NotOverridden> {
    let is_named = |label: &str| label.eq_ignore_ascii_case(name);
    let started_by_it = request.labelled.as_deref().is_some_and(is_named);
    let actor = match labels {
        Some(labels) => match labels.events.iter().rev().find(|event| is_named(&event.label)) {
            Some(event) if event.is_put_on => {
                // GitHub's times are in seconds: in the same second, the push may be later.
                let is_newer = !request.updated_at.is_empty() && event.at > request.updated_at;
                if !started_by_it && !is_newer {
                    return Err(NotOverridden::Older(name.to_owned()));
                }
                event.by.clone()
            }
            _ => return Ok(None),
        },
        None if started_by_it => request.sender.clone(),
        None if request.labels.iter().any(|label| is_named(label)) => {
            return Err(NotOverridden::Older(name.to_owned()));
        }
        None => return Ok(None),
    };
    let description = labels.map_or(request.description.as_str(), |labels| labels.description.as_str());
    let reason = reason(description).ok_or_else(|| NotOverridden::NoReason(name.to_owned()))?;
    Ok(Some(Override {
        commit: request.head.clone(),
        actor: if actor.is_empty() { job.actor.clone() } else { actor },
        reason,
        label: Some(name.to_owned()),
    }))
}

fn reason(description: &str) -> Option<String> {
    let line = description.lines().map(str::trim).find(|line| {
        line.get(..REASON.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(REASON))
    })?;
    let reason = line[REASON.len()..].trim();
    (!reason.is_empty()).then(|| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "break-glass";
    const PUSHED: &str = "2026-01-05T09:00:00Z";

    fn job() -> Job {
        let environment = [
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_REPOSITORY", "shop/prompts"),
            ("GITHUB_SHA", "1111111111111111111111111111111111111111"),
            ("GITHUB_WORKSPACE", "/github/workspace"),
            ("GITHUB_ACTOR", "starter"),
        ];
        Job::read(&environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into()).unwrap()
    }

    fn pushed() -> PullRequest {
        PullRequest {
            head: "abc".to_owned(),
            sender: "pusher".to_owned(),
            updated_at: PUSHED.to_owned(),
            ..PullRequest::default()
        }
    }

    fn labelled() -> PullRequest {
        PullRequest {
            labelled: Some(NAME.to_owned()),
            labels: vec![NAME.to_owned()],
            sender: "maintainer".to_owned(),
            description: "Text\r\n  break-Glass: incident 7\r\n".to_owned(),
            ..pushed()
        }
    }

    fn told(events: &[(bool, &str)]) -> Labels {
        let event = |(is_put_on, at): &(bool, &str)| LabelEvent {
            label: "Break-Glass".to_owned(),
            is_put_on: *is_put_on,
            by: "maintainer".to_owned(),
            at: (*at).to_owned(),
        };
        let description = "Break-glass: incident 8".to_owned();
        Labels { events: events.iter().map(event).collect(), description }
    }

    #[test]
    fn the_event_of_putting_it_on_breaks_it_even_where_the_api_says_nothing() {
        let break_glass = by_label(NAME, &labelled(), None, &job()).unwrap().unwrap();
        assert_eq!((break_glass.commit.as_str(), break_glass.actor.as_str()), ("abc", "maintainer"));
        assert_eq!((break_glass.reason.as_str(), break_glass.label.as_deref()), ("incident 7", Some(NAME)));
        let silent = PullRequest { sender: String::new(), ..labelled() };
        assert_eq!(by_label(NAME, &silent, None, &job()).unwrap().unwrap().actor, "starter");
        let other = PullRequest { labelled: Some("bug".to_owned()), labels: Vec::new(), ..labelled() };
        assert_eq!(by_label(NAME, &other, None, &job()), Ok(None));
    }

    #[test]
    fn a_push_after_the_label_needs_it_anew() {
        let carried = PullRequest { labels: vec![NAME.to_owned()], ..pushed() };
        let older = Err(NotOverridden::Older(NAME.to_owned()));
        assert_eq!(by_label(NAME, &carried, None, &job()), older);
        for at in ["2026-01-05T08:59:59Z", PUSHED] {
            let before = told(&[(true, at)]);
            assert_eq!(by_label(NAME, &carried, Some(&before), &job()), older, "{at}");
        }
        let timeless = PullRequest { updated_at: String::new(), ..carried };
        assert_eq!(by_label(NAME, &timeless, Some(&told(&[(true, "2999-01-01T00:00:00Z")])), &job()), older);
    }

    #[test]
    fn a_re_run_after_the_label_finds_it() {
        let labels = told(&[(true, "2026-01-05T08:00:00Z"), (false, PUSHED), (true, "2026-01-05T10:00:00Z")]);
        let break_glass = by_label(NAME, &pushed(), Some(&labels), &job()).unwrap().unwrap();
        assert_eq!((break_glass.actor.as_str(), break_glass.reason.as_str()), ("maintainer", "incident 8"));
    }

    #[test]
    fn a_label_that_was_taken_off_does_nothing_even_in_the_run_it_started() {
        let labels = told(&[(true, "2026-01-05T10:00:00Z"), (false, "2026-01-05T10:00:01Z")]);
        assert_eq!(by_label(NAME, &labelled(), Some(&labels), &job()), Ok(None));
    }

    #[test]
    fn nobody_says_why() {
        for description in ["", "Break-glass:  ", "Why break-glass: no line begins so", "é"] {
            let request = PullRequest { description: description.to_owned(), ..labelled() };
            let refused = by_label(NAME, &request, None, &job());
            assert_eq!(refused, Err(NotOverridden::NoReason(NAME.to_owned())), "{description:?}");
        }
    }
}
