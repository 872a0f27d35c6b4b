//! How much of each part is shown, and in which order parts are given up.

/// How much is said of each case of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// How many.
    Count,
    /// Their names.
    Names,
    /// Names, failing checks, re-runs.
    Reasons,
    /// Input, expectation and both answers too.
    Answers,
}

/// How much of each part is shown.
#[derive(Clone, Debug)]
pub(super) struct Detail {
    /// Broken, must-pass and failing cases.
    pub broken: Depth,
    /// How many of these, at most, come with their answers.
    pub broken_answers: usize,
    /// Suspects neither confirmed nor cleared.
    pub unresolved: Depth,
    /// Flaky and drifting suspects.
    pub flaky: Depth,
    /// Fixed cases.
    pub fixed: Depth,
    /// Cases named in a group, at most.
    pub names: usize,
    /// Characters of an input, an expectation or an answer.
    pub text_chars: usize,
    /// Lines of a prompt's diff; 0: none.
    pub diff_lines: usize,
    /// Prompts with a section of their own, worst first.
    pub sections: usize,
    /// Whether prompts that passed have a section when there are several prompts.
    pub passing_sections: bool,
    /// Rows of the table, worst first when not all fit.
    pub rows: usize,
    /// Lines that accept breaks.
    pub accept: bool,
    /// How sure the verdict is.
    pub numbers: bool,
    /// Spend, models, seed.
    pub run: bool,
    /// Warnings and notes, each list.
    pub warnings: usize,
    /// Moved bars.
    pub moved_bars: usize,
}

impl Default for Detail {
    fn default() -> Self {
        Self {
            broken: Depth::Answers,
            broken_answers: usize::MAX,
            unresolved: Depth::Answers,
            flaky: Depth::Answers,
            fixed: Depth::Answers,
            names: 200,
            text_chars: 4_000,
            diff_lines: 400,
            sections: 50,
            passing_sections: true,
            rows: 30,
            accept: true,
            numbers: true,
            run: true,
            warnings: 20,
            moved_bars: 30,
        }
    }
}

/// One thing given up.
pub(super) struct Step {
    /// What, for the reader.
    pub what: &'static str,
    /// How.
    pub apply: fn(&mut Detail),
}

const fn step(what: &'static str, apply: fn(&mut Detail)) -> Step {
    Step { what, apply }
}

const BROKEN_ANSWERS: &str = "answers of some broken cases";
const LONG_TEXTS: &str = "parts of long answers";
const LONG_DIFFS: &str = "prompt diffs";
const SECTIONS: &str = "details of some prompts";
const NAMES: &str = "names of some cases";
const WARNINGS: &str = "some warnings";
const MOVED_BARS: &str = "some moved bars";

/// From the least important to the most important.
pub(super) const STEPS: &[Step] = &[
    step("answers of fixed cases", |d| d.fixed = Depth::Names),
    step("details of prompts that passed", |d| d.passing_sections = false),
    step("answers of flaky cases", |d| d.flaky = Depth::Names),
    step(BROKEN_ANSWERS, |d| d.broken_answers = 3),
    step(LONG_TEXTS, |d| d.text_chars = 1_200),
    step("parts of long prompt diffs", |d| d.diff_lines = 60),
    step("answers of unresolved cases", |d| d.unresolved = Depth::Reasons),
    step(LONG_TEXTS, |d| d.text_chars = 400),
    step(SECTIONS, |d| d.sections = 10),
    step(LONG_DIFFS, |d| d.diff_lines = 0),
    step(BROKEN_ANSWERS, |d| d.broken_answers = 1),
    step(BROKEN_ANSWERS, |d| d.broken = Depth::Reasons),
    step(NAMES, |d| d.names = 20),
    step("how sure the verdict is", |d| d.numbers = false),
    step("lines that accept breaks", |d| d.accept = false),
    step(WARNINGS, |d| d.warnings = 5),
    step("some rows of the table", |d| d.rows = 20),
    step("cost and models", |d| d.run = false),
    step(MOVED_BARS, |d| d.moved_bars = 10),
    step(SECTIONS, |d| d.sections = 3),
    step("reasons of broken cases", |d| d.broken = Depth::Names),
    step(NAMES, |d| {
        d.names = 5;
        d.unresolved = Depth::Count;
        d.flaky = Depth::Count;
        d.fixed = Depth::Count;
    }),
    step(WARNINGS, |d| d.warnings = 0),
    step("some rows of the table", |d| d.rows = 5),
    step(SECTIONS, |d| d.sections = 0),
    step(MOVED_BARS, |d| d.moved_bars = 3),
];
