//! The rules, one row each: name, usual level, explanation, and the function that finds it. Rules without a function are
//! what the readers of the files say.

use super::finding::{Level, Sink};
use super::{CATALOG, INVALID, LIKELY, MODEL, STRAY, SYNTAX, UNBOUND, UNSENT, UNUSED};
use super::{Material, cases, files, models, texts};

/// One rule.
pub struct Rule {
    /// Its name, in kebab-case; it stays.
    pub name: &'static str,
    /// How bad its findings usually are.
    pub level: Level,
    /// What it finds, in one sentence.
    pub about: &'static str,
    pub(super) find: Option<fn(&Material<'_>, &mut Sink<'_>)>,
}

const fn read(name: &'static str, level: Level, about: &'static str) -> Rule {
    Rule { name, level, about, find: None }
}

const fn found(
    name: &'static str,
    level: Level,
    find: fn(&Material<'_>, &mut Sink<'_>),
    about: &'static str,
) -> Rule {
    Rule { name, level, about, find: Some(find) }
}

/// All rules, in the order of the documentation.
pub const RULES: &[Rule] = &[
    read(
        INVALID,
        Level::Error,
        "A file says something that the program refuses: `plan` and `eval` end with it, too.",
    ),
    read(
        LIKELY,
        Level::Warning,
        "A file says something that is hardly meant, such as a text that a `#` cuts off.",
    ),
    read(UNBOUND, Level::Error, "A prompt uses a variable that a case does not give."),
    read(UNUSED, Level::Warning, "A case gives a variable that no text of the prompt uses."),
    read(
        UNSENT,
        Level::Error,
        "What a case gives never reaches the model, so that every case would ask the same.",
    ),
    found(
        SYNTAX,
        Level::Warning,
        texts::other_syntax,
        "A placeholder is written in another template language, and is sent as it stands or cannot be read.",
    ),
    read(STRAY, Level::Warning, "A golden set belongs to no prompt: its cases are never run."),
    read(CATALOG, Level::Error, "A catalog that the configuration names does not exist."),
    found(
        MODEL,
        Level::Error,
        models::missing,
        "No model is named for a tier that a workflow or a release runs, or for a judge.",
    ),
    found(
        "missing-price",
        Level::Error,
        models::unpriced,
        "`budget.max_cost` cannot be kept, because a model has no known price.",
    ),
    found(
        "missing-golden-set",
        Level::Warning,
        files::uncovered,
        "A prompt has no golden set: nothing of it is evaluated, and it is never released.",
    ),
    found(
        "small-golden-set",
        Level::Warning,
        cases::small,
        "A golden set is too small for its floor, or for seeing anything but large drops.",
    ),
    found(
        "weak-checks",
        Level::Warning,
        cases::weak,
        "All checks of a case pass on a nonsense answer, so that it tells nothing about a good one.",
    ),
    found(
        "near-duplicates",
        Level::Note,
        cases::alike,
        "Cases ask nearly the same and demand the same: they count as several and test one thing.",
    ),
    found(
        "marginal-case",
        Level::Note,
        cases::marginal,
        "A case changed its result with edits that mean nothing, as answers in the store show.",
    ),
    found(
        "oversized-prompt",
        Level::Error,
        files::oversized,
        "A prompt does not fit the parameter of SSM that it is released to.",
    ),
    found(
        "hardcoded-prompt",
        Level::Note,
        files::hardcoded,
        "A text in the code looks like a prompt: changes to it are not evaluated.",
    ),
    found(
        "store-not-ignored",
        Level::Note,
        files::not_ignored,
        "Git does not ignore the store, and refuses to trust it once it is committed; `--fix` adds the line to `.gitignore`.",
    ),
];
