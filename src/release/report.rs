//! A release as a person or a program reads it.

use serde::Serialize;

use super::intervention::{Intervention, What};
use super::outcome::Outcome;
use super::step::{Carried, Item, Step, Wanted};
use crate::calendar;
use crate::evidence::Unfit;
use crate::report::{table, untrusted};

/// What became of a command.
#[derive(Debug, Serialize)]
pub struct Report {
    /// 1.
    pub schema_version: u32,
    /// The environment.
    pub environment: String,
    /// The commit.
    pub commit: Option<String>,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// This run's name.
    pub run: String,
    /// Prompt by prompt, in catalog order.
    pub prompts: Vec<Line>,
    /// What stopped it.
    pub stopped: Option<String>,
    /// The number of requests to the stores, repetitions included.
    pub calls: u64,
    /// 0 done, 1 refused or left alone, 3 stopped.
    pub exit_code: u8,
}

impl Report {
    /// Whether this release made the commit's content of a prompt live.
    pub fn has_released(&self, prompt: &str) -> bool {
        self.prompts.iter().any(|line| line.prompt == prompt && line.outcome == Outcome::Released)
    }
}

/// What became of a prompt.
#[derive(Debug, Serialize)]
pub struct Line {
    /// The prompt.
    pub prompt: String,
    /// The parameter.
    pub parameter: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The version that is live now.
    pub version: Option<u64>,
    /// The version that was live before.
    pub was: Option<u64>,
    /// What allows it, or why it is refused.
    pub because: String,
    /// What to do next.
    pub help: Option<String>,
}

impl Line {
    /// Before anything is written.
    pub fn of(wanted: &Wanted, step: &Step, is_asked_for: bool) -> Self {
        let line = |outcome, because: String| Self {
            prompt: wanted.prompt.clone(),
            parameter: wanted.name.clone(),
            outcome,
            version: None,
            was: None,
            because,
            help: None,
        };
        match step {
            Step::Unchanged { version } => Self {
                version: Some(*version),
                ..line(Outcome::Unchanged, "the live version equals the commit".to_owned())
            },
            Step::Held { live, outside: None } => Self {
                version: *live,
                help: Some("change it, or pass `--lift-hold REASON`".to_owned()),
                ..line(Outcome::Held, "this content was rolled back".to_owned())
            },
            Step::Held { live, outside: Some(outside) } => Self {
                version: *live,
                help: Some(OVERWRITE.to_owned()),
                ..line(Outcome::Held, decided(outside))
            },
            Step::Kept(outside) => Self {
                version: outside.to,
                help: Some(OVERWRITE.to_owned()),
                ..line(Outcome::Kept, decided(outside))
            },
            Step::Refused(unfit) if is_passed_over(unfit, is_asked_for) => {
                line(Outcome::PassedOver, unfit.to_string())
            }
            Step::Refused(unfit) => {
                Self { help: Some(unfit.help().to_owned()), ..line(Outcome::Refused, unfit.to_string()) }
            }
            Step::Put(item) => Self { was: item.live, ..line(Outcome::Pending, carried(&wanted.carried)) },
        }
    }

    /// A rollback, before it is written.
    pub fn rollback(item: &Item) -> Self {
        Self {
            prompt: item.prompt.clone(),
            parameter: item.name.clone(),
            outcome: Outcome::Pending,
            version: None,
            was: item.live,
            because: format!(
                "the content of version {}; what was live is held",
                item.audit.of.map_or_else(String::new, |of| of.to_string())
            ),
            help: None,
        }
    }
}

/// What to do about an external change.
pub const OVERWRITE: &str = "external changes stay; change the prompt, or pass `--overwrite REASON`";

/// The external change, in a sentence.
pub fn decided(outside: &Intervention) -> String {
    let from = outside.from.map_or_else(|| "another version".to_owned(), |from| format!("version {from}"));
    let to = outside.to.map_or_else(|| "nothing".to_owned(), |to| format!("version {to}"));
    match outside.what {
        What::Moved if outside.to.is_some_and(|to| outside.from.is_some_and(|from| to > from)) => {
            format!("{to} was made live outside instead of {from}, {}", who(outside.at, &outside.by))
        }
        What::Moved => {
            format!("rolled back outside: {to} is live instead of {from}, {}", who(outside.at, &outside.by))
        }
        What::Unpassed => format!(
            "{to}, which is not known to have passed, was made live outside instead of {from}, {}",
            who(outside.at, &outside.by)
        ),
        What::Foreign(version) => {
            let is_live = outside.to == Some(version);
            let by = match outside.by.as_str() {
                "" => String::new(),
                by => format!(", but by {}", untrusted::quoted(by)),
            };
            let live = if is_live { ", and it is live" } else { "; readers without a label get it" };
            format!("version {version} was not written by prompt-assay{by}{live}")
        }
    }
}

/// By whom, and when, as far as the store says.
pub fn who(at: i64, by: &str) -> String {
    let when = if at > 0 { calendar::moment(at.unsigned_abs()) } else { String::new() };
    match (by, when.as_str()) {
        ("", "") => "the store does not say by whom or when".to_owned(),
        (by, "") => format!("by {}", untrusted::quoted(by)),
        ("", when) => format!("at {when}"),
        (by, when) => format!("by {} at {when}", untrusted::quoted(by)),
    }
}

/// Whether the only reason of a refusal is that a prompt, not requested by name, has no golden set.
fn is_passed_over(unfit: &Unfit, is_asked_for: bool) -> bool {
    *unfit == Unfit::NotCovered && !is_asked_for
}

fn carried(carried: &Carried) -> String {
    match carried {
        Carried::Evidence(evidence) => {
            let score = evidence.claim.candidate_score;
            let score = score.map(|s| format!(", {} of {}", s.passed, s.of)).unwrap_or_default();
            let overridden = if evidence.claim.break_glass.is_some() { ", break-glass override" } else { "" };
            format!("{}{score} ({}){overridden}", evidence.claim.verdict.words(), evidence.id)
        }
        Carried::Without(reason) => format!("without evidence: {reason}"),
        Carried::Nothing(unfit) => unfit.to_string(),
    }
}

fn version(line: &Line) -> String {
    match (line.was, line.version) {
        (Some(was), Some(now)) if was != now => format!("{was} -> {now}"),
        (Some(was), None) => format!("{was} -> next"),
        (_, Some(now)) => now.to_string(),
        (None, None) => "-".to_owned(),
    }
}

fn summary(report: &Report) -> String {
    let count = |outcome: Outcome| report.prompts.iter().filter(|line| line.outcome == outcome).count();
    let mut parts = Vec::new();
    for outcome in Outcome::ALL {
        let n = count(outcome);
        if n > 0 {
            parts.push(format!("{n} {outcome}"));
        }
    }
    let what = if parts.is_empty() { "no prompt goes there".to_owned() } else { parts.join(", ") };
    let nothing = match (count(Outcome::Refused) > 0, report.dry_run) {
        (true, _) => "; nothing was written, the live version stays",
        (false, true) => "; nothing was written (--dry-run)",
        _ => "",
    };
    format!("{}: {what}{nothing}", report.environment)
}

/// For a terminal.
pub fn terminal(report: &Report) -> String {
    let mut rows = Vec::new();
    for line in &report.prompts {
        let name = untrusted::terminal_line(&line.prompt);
        let because = untrusted::terminal_line(&line.because);
        rows.push(vec![line.outcome.to_string(), name, version(line), line.parameter.clone(), because]);
    }
    let mut text = table::text(&rows, 0);
    let mut said: Vec<&str> = Vec::new();
    for help in report.prompts.iter().filter_map(|line| line.help.as_deref()) {
        if !said.contains(&help) {
            text.push_str(&format!("  = {help}\n"));
            said.push(help);
        }
    }
    if let Some(stopped) = &report.stopped {
        text.push_str(&format!(
            "stopped: {}\n  = prompts that were not released are unchanged; after this is fixed, the same command completes the release\n",
            untrusted::terminal(stopped)
        ));
    }
    text.push_str(&summary(report));
    text.push('\n');
    text
}

/// For a pull request.
pub fn markdown(report: &Report) -> String {
    let mut rows = vec![["prompt", "outcome", "version", "because"].map(str::to_owned).to_vec()];
    for line in &report.prompts {
        let because = untrusted::prose(&line.because, 300);
        rows.push(vec![
            untrusted::inline_code(&line.prompt),
            line.outcome.to_string(),
            version(line),
            because,
        ]);
    }
    let mut text = format!("**{}**\n\n{}", summary(report), table::markdown(&rows));
    if let Some(stopped) = &report.stopped {
        text.push_str(&format!(
            "\nStopped: {}. Running it again completes it.\n",
            untrusted::prose(stopped, 600)
        ));
    }
    text
}
