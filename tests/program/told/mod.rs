//! Nothing silent, nothing wrong: what a person reads, where an earlier version passed in silence, blamed the wrong
//! thing, or suggested what does not help.

mod budget_bar;
mod budget_per_call;
mod calls_logged;
mod closed_stderr;
mod default_branch;
mod drift;
mod empty_answers;
mod empty_repository;
mod floor;
mod formats;
mod held;
mod plan_refuses;
mod refused_calls;
mod terminal;
mod trade_below_floor;
mod uncovered;
mod unreachable_store;
mod unscored_checks;
mod unsent_input;

use prompt_assay_test_support::on_disk::Ran;

/// The exit status, the verdict with its sentence, and what stands on standard error.
fn verdict(ran: &Ran) -> String {
    let parts: Vec<&str> = ran.stdout.trim_end().split("\n\n").collect();
    let is_headline = |part: &&str| ["✓ ", "✗ ", "? ", "! ", "± "].iter().any(|sign| part.starts_with(sign));
    let headline = parts.iter().rposition(is_headline).expect("a headline");
    let is_said = |part: &&&str| !part.starts_with("  ") && !part.starts_with("What to do now");
    let said: Vec<&str> = parts[headline..].iter().filter(is_said).copied().collect();
    format!("exit status {}\n{}\n{}", ran.status, said.join("\n"), ran.stderr)
}

/// A list of a report, by its title; empty where the report has none. Of prompts that pass, notes are with what else
/// there is to know.
fn list(ran: &Ran, title: &str) -> String {
    let is_noted = title != "Notes" || ran.stdout.contains("\nNotes\n");
    let title = if is_noted { title } else { "To know" };
    let out = format!("\n{}", ran.stdout);
    let start = out.find(&format!("\n{title}\n")).map(|at| &out[at + 1..]);
    without_commits(start.and_then(|rest| rest.split("\n\n").next()).unwrap_or_default())
}

fn without_commits(text: &str) -> String {
    regex::Regex::new(r"\b[0-9a-f]{7}\b").expect("a pattern").replace_all(text, "COMMIT ").into_owned()
}

/// Output with ids, commits and times that differ from run to run named instead.
fn calm(ran: &Ran) -> String {
    let text = format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr);
    let replace = |text: String, pattern: &str, with: &str| {
        regex::Regex::new(pattern).expect("a pattern").replace_all(&text, with).into_owned()
    };
    let text = replace(text, "ev-[0-9a-f]{16}", "EVIDENCE");
    without_commits(&replace(text, r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", "DATE       TIME    "))
}
