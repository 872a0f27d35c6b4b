//! How often a prompt was evaluated in a pull request. The error bound applies to one evaluation: an
//! author who pushes a weak regression repeatedly gets it passed in the end, so the report shows how
//! often it was tried. The count is the larger of two: the runs in the store, and a line in our own
//! comment, because a cache may be lost and a comment may be edited.

use std::collections::BTreeMap;

use crate::fingerprint::Fingerprint;
use crate::report::past::PastRun;
use crate::report::{PromptReport, Report};
use crate::verdict::Verdict;

/// The line's beginning; it is below the marker.
const OPEN: &str = "<!-- prompt-assay evaluations";
/// The maximum number of prompts in the line; the others are counted from the store only.
const MOST_PROMPTS: usize = 200;
/// Larger counts are not kept.
const MOST: usize = 9_999;
/// Hexadecimal digits that identify prompts and comparisons in the line.
const DIGITS: usize = 8;

/// The latest comparison of a prompt, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Count {
    comparison: String,
    evaluations: usize,
}

/// A comparison in the store: its newest verdict, and how many runs there were of it.
struct Earlier {
    verdict: Verdict,
    runs: usize,
}

/// What a comment says about the prompts of its pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told(BTreeMap<String, Count>);

impl Told {
    /// The counts of one of our comments; an unreadable line gives none.
    pub fn parse(body: &str) -> Self {
        let line =
            body.lines().take(2).find_map(|line| line.trim_end().strip_prefix(OPEN)?.strip_suffix(" -->"));
        let entries = line.unwrap_or_default().split(' ').take(MOST_PROMPTS + 1);
        Self(entries.filter_map(entry).take(MOST_PROMPTS).collect())
    }

    /// As the comment's second line; nothing when nothing is known.
    pub fn line(&self) -> String {
        let entries = self.0.iter().take(MOST_PROMPTS);
        let entries: String = entries
            .map(|(prompt, count)| format!(" {prompt}.{}.{}", count.comparison, count.evaluations.min(MOST)))
            .collect();
        if entries.is_empty() { entries } else { format!("{OPEN}{entries} -->\n") }
    }
}

fn entry(text: &str) -> Option<(String, Count)> {
    let mut parts = text.split('.');
    let (prompt, comparison) = (parts.next()?, parts.next()?);
    let evaluations = parts.next()?.parse().ok().filter(|count| (1..=MOST).contains(count))?;
    let is_name = |text: &str| text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let whole = is_name(prompt) && is_name(comparison) && parts.next().is_none();
    whole.then(|| (prompt.to_owned(), Count { comparison: comparison.to_owned(), evaluations }))
}

/// Counts the evaluations of every prompt of a report, explains what more than one of them means, and
/// returns the line for the comment. `runs` are the store's, newest first; `told` is the
/// comment's line so far.
pub fn count(report: &mut Report, alpha: f64, runs: &[PastRun], mut told: Told) -> Told {
    let Some(pull_request) = report.pull_request else { return told };
    let earlier = earlier(runs, pull_request);
    for prompt in &mut report.prompts {
        let Some(comparison) = prompt.comparison.clone() else { continue };
        if prompt.verdict == Verdict::NotMeasured {
            continue;
        }
        let known = earlier.get(prompt.head.id.as_str());
        let others = known.into_iter().flatten().filter(|(other, _)| **other != comparison);
        let others: Vec<Verdict> = others.map(|(_, earlier)| earlier.verdict).collect();
        // The current run is among those of the store.
        let is_again =
            known.and_then(|known| known.get(comparison.as_str())).is_some_and(|earlier| earlier.runs > 1);
        let name = Fingerprint::of_bytes(prompt.head.id.as_bytes()).short(DIGITS);
        let short: String = comparison.chars().take(DIGITS).collect();
        let by_comment = told
            .0
            .get(&name)
            .map_or(1, |count| count.evaluations + usize::from(count.comparison != short && !is_again));
        let evaluations = by_comment.max(others.len() + 1).min(MOST);
        prompt.evaluations = Some(evaluations);
        if evaluations > 1 {
            note(prompt, evaluations, alpha, &others);
        }
        told.0.insert(name, Count { comparison: short, evaluations });
    }
    told
}

/// Comparisons of this pull request with a verdict, by prompt.
fn earlier(runs: &[PastRun], pull_request: u64) -> BTreeMap<&str, BTreeMap<&str, Earlier>> {
    let mut all: BTreeMap<&str, BTreeMap<&str, Earlier>> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.pull_request == Some(pull_request)) {
        for prompt in &run.prompts {
            let verdict = prompt.verdict.filter(|verdict| *verdict != Verdict::NotMeasured);
            if let Some((comparison, verdict)) = prompt.comparison.as_deref().zip(verdict) {
                let seen = all.entry(&prompt.id).or_default().entry(comparison);
                seen.or_insert(Earlier { verdict, runs: 0 }).runs += 1;
            }
        }
    }
    all
}

fn note(prompt: &mut PromptReport, evaluations: usize, alpha: f64, others: &[Verdict]) {
    let blocked = others.iter().filter(|verdict| **verdict == Verdict::Regression).count();
    let before = match (others.len(), blocked) {
        (_, 0) => String::new(),
        (1, _) => " The other one was blocked.".to_owned(),
        (of, 1) => format!(" Of the {of} others on record, 1 was blocked."),
        (of, blocked) => format!(" Of the {of} others on record, {blocked} were blocked."),
    };
    let chance = (evaluations as f64 * alpha * 100.0).round();
    let same = match chance < 100.0 {
        true => format!("a prompt that behaves the same is blocked at least once with at most {chance:.0} %"),
        false => "even a prompt that behaves the same may well be blocked once".to_owned(),
    };
    let past = 100.0 * (1.0 - 0.5_f64.powi(i32::try_from(evaluations).unwrap_or(i32::MAX)));
    prompt.notes.push(format!(
        "In this pull request, {evaluations} different versions of this prompt were evaluated.{before} The error bound \
         applies to one evaluation. Over {evaluations} of them {same}, and a weak regression that one evaluation finds half \
         of the time gets past at least one with {:.0} %: a pass after a block may be luck.",
        past.min(99.0).floor()
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::examples;

    fn report(comparison: &str) -> Report {
        let mut report = examples::confirmed_breaks();
        report.pull_request = Some(7);
        report.prompts[0].comparison = Some(comparison.repeat(8));
        report
    }

    fn run(pull_request: u64, comparison: &str, verdict: &str) -> String {
        let id = &report(comparison).prompts[0].head.id;
        serde_json::json!({"pull_request": pull_request, "more": [1], "prompts": [
            {"id": id, "comparison": comparison.repeat(8), "verdict": verdict, "more": {}}]})
        .to_string()
    }

    #[test]
    fn versions_of_this_pull_request_are_counted_once_each() {
        let runs = [
            run(7, "aaaaaaaa", "OK"),
            run(7, "bbbbbbbb", "REGRESSION"),
            run(7, "bbbbbbbb", "REGRESSION"),
            run(7, "cccccccc", "NOT_MEASURED"),
            run(8, "dddddddd", "OK"),
            "{".to_owned(),
            "{\"prompts\": []}".to_owned(),
        ];
        let runs: Vec<PastRun> = runs.iter().filter_map(|run| PastRun::read(0, run)).collect();
        let mut now = report("aaaaaaaa");
        let told = count(&mut now, 0.05, &runs, Told::default());
        assert_eq!(now.prompts[0].evaluations, Some(2), "the one at hand is among them");
        insta::assert_snapshot!(now.prompts[0].notes.last().unwrap(), @"In this pull request, 2 different versions of this prompt were evaluated. The other one was blocked. The error bound applies to one evaluation. Over 2 of them a prompt that behaves the same is blocked at least once with at most 10 %, and a weak regression that one evaluation finds half of the time gets past at least one with 75 %: a pass after a block may be luck.");
        // The store is lost; the comment has the count.
        let told = Told::parse(&format!("<!-- marker -->\n{}## text", told.line()));
        let mut again = report("aaaaaaaa");
        let same = count(&mut again, 0.05, &[], told.clone());
        assert_eq!((again.prompts[0].evaluations, &same), (Some(2), &told));
        let mut next = report("eeeeeeee");
        let told = count(&mut next, 0.05, &[], told);
        assert_eq!(next.prompts[0].evaluations, Some(3));
        // There is no note for the first one, nor for a run outside of pull requests.
        let mut first = report("aaaaaaaa");
        let notes = first.prompts[0].notes.len();
        count(&mut first, 0.05, &[], Told::default());
        assert_eq!((first.prompts[0].evaluations, first.prompts[0].notes.len()), (Some(1), notes));
        let mut local = Report { pull_request: None, ..report("ffffffff") };
        assert_eq!(count(&mut local, 0.05, &[], told.clone()), told);
        assert_eq!(local.prompts[0].evaluations, None);
    }

    #[test]
    fn a_line_that_somebody_spoilt_says_nothing_and_costs_nothing() {
        let whole = " 0011aabb.ccdd0011.3";
        for (line, known) in [
            (format!("{OPEN}{whole} -->"), 1),
            (format!("{OPEN}{whole} x 0011aabb.ccdd0011.999999999999999999 a.b.c.d{whole}.1 -->"), 1),
            (format!("{OPEN}{whole} --> more"), 0),
            (format!("{OPEN} 0011aabb.ccdd0011.0 0011aaбb.ccdd0011.1 -->"), 0),
            (format!("{OPEN}{} -->", whole.repeat(100_000)), 1),
            ("nothing".to_owned(), 0),
        ] {
            let told = Told::parse(&format!("marker\n{line}\ntext"));
            assert_eq!(told.0.len(), known, "{}", &line[..line.len().min(80)]);
            assert!(told.line().len() <= 5_000);
        }
        let third = format!("marker\ntext\n{OPEN}{whole} -->");
        assert_eq!(Told::parse(&third), Told::default(), "what stands in the text is not ours");
    }
}
