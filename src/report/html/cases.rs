//! The cases of a prompt: a mark for each, the list, and what the script filters it by.

use std::collections::{BTreeMap, BTreeSet};

use super::LONGEST;
use super::case::Shown;
use super::markup::{fold, line, name};
use crate::report::wording::count;
use crate::report::{CaseFinding, CaseState, PromptReport};

/// More cases than this are many: their marks are small, and the browser reads a case only when it is shown. The
/// script shows as many at a time.
const MANY: usize = 200;
/// Tags, or checks, that can be chosen at most; the text search finds the others.
const CHOICES: usize = 100;
/// The longest reason beside a mark, in characters.
const TITLE_CHARS: usize = 90;

/// How many characters of each text are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Of cases that a reviewer should look at.
    pub remarkable: usize,
    /// Of the others.
    pub ordinary: usize,
}

impl Room {
    /// From all that anybody reads to next to nothing.
    pub const LEVELS: [Self; 6] = [
        Self { remarkable: 20_000, ordinary: 4_000 },
        Self { remarkable: 6_000, ordinary: 1_500 },
        Self { remarkable: 2_000, ordinary: 600 },
        Self { remarkable: 800, ordinary: 250 },
        Self { remarkable: 300, ordinary: 100 },
        Self { remarkable: 100, ordinary: 50 },
    ];
    /// Where even that is too much: as many cases as fit.
    pub const LEAST: Self = Self { remarkable: 20, ordinary: 0 };

    fn of(self, state: CaseState) -> usize {
        if state.is_remarkable() { self.remarkable } else { self.ordinary }
    }
}

/// The cases of one prompt as the page shows them, the most important first.
pub(super) struct Cases<'a> {
    /// The prompt's place in the report, which makes anchors unique.
    prompt: usize,
    shown: Vec<Shown<'a>>,
    tags: Vec<&'a str>,
    checks: Vec<String>,
}

impl<'a> Cases<'a> {
    pub fn of(prompt: usize, p: &'a PromptReport) -> Self {
        let lists = [&p.must_pass, &p.broken, &p.unresolved, &p.failing, &p.drifting, &p.flaky, &p.fixed];
        let mut findings: BTreeMap<&str, &CaseFinding> = BTreeMap::new();
        for finding in lists.into_iter().flatten() {
            findings.entry(&finding.id).or_insert(finding);
        }
        let mut shown: Vec<Shown<'a>> = p
            .results
            .iter()
            .map(|result| Shown::new(result, findings.get(result.id.as_str()).copied()))
            .collect();
        shown.sort_by_key(|shown| shown.result.state);
        let tags: BTreeSet<&str> = p.results.iter().flat_map(|r| &r.tags).map(String::as_str).collect();
        let checks: BTreeSet<&str> = shown.iter().flat_map(Shown::failed_checks).collect();
        let checks = checks.into_iter().map(str::to_owned).collect();
        Self { prompt, tags: tags.into_iter().collect(), checks, shown }
    }

    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Whether there are so many that the browser should not read all of them at once.
    pub fn is_many(&self) -> bool {
        self.shown.len() > MANY
    }

    fn anchor(&self, index: usize) -> String {
        format!("c{}-{index}", self.prompt)
    }

    /// A mark for every case, by what it did with the old prompt and does with the new one.
    pub fn marks(&self) -> String {
        let small = if self.is_many() { " small" } else { "" };
        let mut out = String::new();
        let mut is_first = true;
        for (fate, title) in Fate::ALL {
            let members: Vec<usize> =
                (0..self.shown.len()).filter(|index| Fate::of(&self.shown[*index]) == fate).collect();
            if members.is_empty() {
                continue;
            }
            let n = members.len();
            let mut marks = format!("<div class=\"dots{small}\">");
            for index in members {
                // One stop for the keyboard; the arrow keys go on.
                let stop = if std::mem::take(&mut is_first) { "0" } else { "-1" };
                marks.push_str(&self.mark(index, stop));
            }
            marks.push_str("</div>\n");
            let is_expected = matches!(fate, Fate::FailsBoth | Fate::PassesBoth | Fate::Passes);
            out.push_str(&match self.is_many() && is_expected {
                true => fold(&format!("{title}: {n}"), &marks),
                false => format!("<h4>{title}: {n}</h4>{marks}"),
            });
        }
        let mut counts: BTreeMap<CaseState, usize> = BTreeMap::new();
        for shown in &self.shown {
            *counts.entry(shown.result.state).or_default() += 1;
        }
        let legend: String = counts
            .iter()
            .map(|(state, n)| {
                format!("<span><span class=\"m s{}\"></span>{state} {n}</span>", *state as usize)
            })
            .collect();
        format!("<div class=\"marks\">{out}<p class=\"dim legend\">{legend}</p></div>\n")
    }

    fn mark(&self, index: usize, stop: &str) -> String {
        let shown = &self.shown[index];
        let state = shown.result.state;
        let why = shown.why().filter(|_| state.is_remarkable());
        let why = why.map_or(String::new(), |why| format!(" – {}", line(why, TITLE_CHARS)));
        format!(
            "<a class=\"s{}\" href=\"#{}\" tabindex=\"{stop}\" title=\"{}: {state}{why}\"></a>",
            state as usize,
            self.anchor(index),
            name(&shown.result.id)
        )
    }

    /// The list with its filter. What is in `noscript` is one text for a browser with scripts, so that a page of
    /// thousands of cases opens at once; without scripts it is ordinary markup.
    pub fn list(&self, room: Room) -> String {
        let mut cases = String::new();
        let mut left = self.shown.len();
        for (index, shown) in self.shown.iter().enumerate() {
            if cases.len() > LONGEST {
                break;
            }
            cases.push_str(&shown.html(
                &self.anchor(index),
                &self.attributes(shown),
                room.of(shown.result.state),
            ));
            left -= 1;
        }
        let more = match left {
            0 => String::new(),
            n => format!("<p class=\"dim\">and {}; the JSON report has all</p>\n", count(n, "more case")),
        };
        let cases = if self.is_many() { format!("<noscript>{cases}</noscript>") } else { cases };
        format!("{}<div class=\"list\">\n{cases}</div>\n{more}", self.filter())
    }

    /// What the script filters by, as numbers: a foreign text is never more than text.
    fn attributes(&self, shown: &Shown<'_>) -> String {
        let state = shown.result.state;
        let look = if state.is_remarkable() { " data-look" } else { "" };
        let numbers = |key: &str, found: BTreeSet<usize>| match found.is_empty() {
            true => String::new(),
            false => {
                let numbers: Vec<String> = found.iter().map(usize::to_string).collect();
                format!(" data-{key}=\"{}\"", numbers.join(" "))
            }
        };
        let tags = shown.result.tags.iter();
        let tags = tags.filter_map(|tag| self.tags.binary_search(&tag.as_str()).ok()).collect();
        let checks = shown.failed_checks();
        let checks =
            checks.filter_map(|check| self.checks.binary_search_by(|known| known.as_str().cmp(check)).ok());
        format!(
            " data-state=\"{}\"{look}{}{}",
            state as usize,
            numbers("tags", tags),
            numbers("checks", checks.collect())
        )
    }

    fn filter(&self) -> String {
        let button = |state: &str, word: &str, n: usize| {
            format!(
                "<button type=\"button\" data-state=\"{state}\" aria-pressed=\"false\">{word} {n}</button>"
            )
        };
        let of = |is: &dyn Fn(CaseState) -> bool| self.shown.iter().filter(|s| is(s.result.state)).count();
        let remarkable = of(&CaseState::is_remarkable);
        let mut buttons = String::new();
        if remarkable > 0 {
            buttons.push_str(&button("look", "To look at", remarkable));
        }
        for state in CaseState::ALL {
            let n = of(&|other| other == state);
            if n > 0 {
                buttons.push_str(&button(&(state as usize).to_string(), &state.to_string(), n));
            }
        }
        buttons.push_str(&button("all", "all", self.shown.len()));
        let checks: Vec<&str> = self.checks.iter().map(String::as_str).collect();
        format!(
            "<div class=\"filter\" role=\"group\" aria-label=\"Which cases are shown\" hidden>{buttons}{}{}\
             <input type=\"search\" name=\"text\" placeholder=\"Search id, text, reason, tag\" aria-label=\"Search id, text, reason, tag\">\
             <button type=\"button\" data-open>open or close all</button></div>\n\
             <p class=\"said\" role=\"status\"></p>\n",
            choice("tag", "Any tag", &self.tags),
            choice("check", "Any failed check", &checks),
        )
    }
}

/// A list to choose from; nothing where there is nothing to choose.
fn choice(key: &str, any: &str, names: &[&str]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let options: String = names
        .iter()
        .take(CHOICES)
        .enumerate()
        .map(|(i, text)| format!("<option value=\"{i}\">{}</option>", line(text, 60)))
        .collect();
    let more = match names.len().saturating_sub(CHOICES) {
        0 => String::new(),
        n => format!("<option disabled>and {}: search for it</option>", count(n, "more name")),
    };
    format!(
        "<select name=\"{key}\" aria-label=\"{any}\"><option value=\"\">{any}</option>{options}{more}</select>"
    )
}

/// What a case did with the old prompt, and does with the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    PassedFails,
    FailedPasses,
    Fails,
    FailsBoth,
    PassesBoth,
    Passes,
    Unknown,
}

impl Fate {
    const ALL: [(Self, &'static str); 7] = [
        (Self::PassedFails, "Passed with the old prompt, failed with the new one"),
        (Self::FailedPasses, "Failed with the old prompt, passed with the new one"),
        (Self::Fails, "Failed, with no old prompt to compare with"),
        (Self::FailsBoth, "Failed with both"),
        (Self::PassesBoth, "Passed with both"),
        (Self::Passes, "Passed"),
        (Self::Unknown, "No result"),
    ];

    fn of(shown: &Shown<'_>) -> Self {
        let result = shown.result;
        match (result.pair(), result.candidate.filter(|found| found.score.is_some())) {
            (Some((old, new)), _) => match (old.passed, new.passed) {
                (true, false) => Self::PassedFails,
                (false, true) => Self::FailedPasses,
                (false, false) => Self::FailsBoth,
                (true, true) => Self::PassesBoth,
            },
            (None, Some(new)) if result.baseline.is_none() && new.passed => Self::Passes,
            (None, Some(_)) if result.baseline.is_none() => Self::Fails,
            _ => Self::Unknown,
        }
    }
}
