//! The end of an evaluation on the main tier: its evidence is stored and written to a file. It says who ran the program.

use std::path::Path;

use super::{output, variable};
use crate::action::codebuild;
use crate::adapters::clock;
use crate::evidence::{self, BreakGlass, Evidence, Making, Origin, SubjectPair};
use crate::prompt::Tier;
use crate::report::Report;
use crate::seal::Seals;
use crate::store::{Store, StoreError};

/// Stores the evidence of a finished evaluation and returns it, with the stored evidence of the
/// prompts that the change does not affect: together, everything that a release of this head
/// requires. Nothing for the branch tier, which releases nothing.
///
/// `break_glass` makes records that allow the release of this commit, whatever the verdict is.
///
/// # Errors
/// When the store fails.
pub fn record(
    report: &Report,
    subjects: &[SubjectPair],
    origin: &Origin,
    break_glass: Option<&BreakGlass>,
    store: &dyn Store,
) -> Result<Vec<Evidence>, StoreError> {
    if report.tier != Tier::Main {
        return Ok(Vec::new());
    }
    let making = Making { subjects, origin, break_glass, at: clock::now() };
    let mut all = evidence::make(report, making, |content| store.evidence(content))?;
    for made in &all {
        store.keep_evidence(made)?;
    }
    for pair in subjects {
        for known in store.evidence(pair.candidate.content)? {
            if all.iter().all(|other| other.id != known.id) {
                all.push(known);
            }
        }
    }
    Ok(all)
}

/// The same at the end of `eval`, with the environment's origin, and the file if one is asked for.
///
/// # Errors
/// When the store fails or the file cannot be written.
pub fn conclude(
    report: &Report,
    subjects: &[SubjectPair],
    store: &dyn Store,
    file: Option<(&Path, &Seals)>,
) -> anyhow::Result<()> {
    let all = record(report, subjects, &origin(), None, store)?;
    match file {
        None => Ok(()),
        Some(_) if report.tier != Tier::Main => {
            anyhow::bail!("`--evidence` needs `--tier main`: only the full model's verdict releases")
        }
        Some((file, seals)) => output::write(&evidence::render(&all, seals), Some(file)),
    }
}

/// Who runs the program, and in which run, from the environment variables of CI systems and shells; the commit is known from Git.
pub fn origin() -> Origin {
    Origin { commit: None, pull_request: None, actor: actor(), run: run() }
}

/// The pull request that a commit on the main line came from, as GitHub writes its message.
pub fn merged(message: &str) -> Option<u64> {
    let subject = message.lines().next()?.trim_end();
    let merge = subject.strip_prefix("Merge pull request #").and_then(|rest| rest.split(' ').next());
    let squash = || subject.strip_suffix(')')?.rsplit_once(" (#").map(|(_, number)| number);
    merge.or_else(squash)?.parse().ok()
}

fn actor() -> Option<String> {
    ["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR", "CODEBUILD_INITIATOR", "USER"]
        .iter()
        .find_map(|name| variable(name))
}

fn run() -> Option<String> {
    let github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        let attempt = variable("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
        Some(format!("{server}/{repository}/actions/runs/{}/attempts/{attempt}", variable("GITHUB_RUN_ID")?))
    };
    let build = || variable("CODEBUILD_BUILD_ARN").and_then(|arn| codebuild::page(&arn));
    github().or_else(build).or_else(|| variable("CODEBUILD_BUILD_ID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_request_is_read_from_the_messages_that_github_writes() {
        for (message, number) in [
            ("Merge pull request #123 from ada/kinder\n\nGreet kindly (#9)", Some(123)),
            ("Greet kindly (#124)\n\n* one\n* two", Some(124)),
            ("Revert \"Greet kindly (#124)\" (#125)", Some(125)),
            ("Greet kindly, see (#124) for more", None),
            ("Merge 1a2b3c into 4d5e6f", None),
            ("Greet kindly (#12x)", None),
            ("", None),
        ] {
            assert_eq!(merged(message), number, "{message}");
        }
    }
}
