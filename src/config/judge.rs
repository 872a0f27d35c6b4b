//! How the judge is asked: `judge` of the configuration.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::document::{Datum, Fields, Shape};
use crate::model::{Guardrail, JudgeModels};
use crate::price;
use crate::problem::Problems;
use crate::settings::{guardrail, identifiers};

/// A kind of question to the judge; each has instructions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgeKind {
    /// How far an answer meets a rubric.
    Rubric,
    /// Which of several criteria an answer meets.
    Criteria,
    /// How the facts of an answer relate to `expected`.
    Factuality,
    /// Which claims of an answer its context supports.
    Faithfulness,
    /// Which of two answers is better.
    Pairwise,
}

impl JudgeKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Rubric, Self::Criteria, Self::Factuality, Self::Faithfulness, Self::Pairwise];

    /// The word used in the configuration and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rubric => "rubric",
            Self::Criteria => "criteria",
            Self::Factuality => "factuality",
            Self::Faithfulness => "faithfulness",
            Self::Pairwise => "pairwise",
        }
    }
}

/// The votes on each question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum JudgePanel {
    /// So many votes of the one judge that is named under `models`; an odd number.
    Votes(u32),
    /// One vote of each of these models; an odd number of them.
    Models(JudgeModels),
}

impl fmt::Display for JudgePanel {
    /// As the configuration writes it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Votes(votes) => votes.fmt(out),
            Self::Models(models) => models.fmt(out),
        }
    }
}

/// How judge checks are asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgePolicy {
    /// Catalog keys of the team's own instructions, by kind of question; the built-in texts where absent.
    pub prompts: BTreeMap<JudgeKind, String>,
    /// Scores at or above pass, 0 to 1; a check may override it.
    pub threshold: f64,
    /// Upper bound of the tokens of a verdict with one part; those with many parts get more.
    pub max_tokens: u32,
    /// Tokens that a model may use on top to reason before it answers.
    pub reasoning_tokens: u32,
    /// Who votes on each question; `None`: one judge, once, and two of three where it fails an answer.
    pub panel: Option<JudgePanel>,
    /// Characters of the longest answer that is judged; a longer one is unscored.
    pub max_answer_chars: usize,
    /// Whether a model may judge its own answers.
    pub allow_self_judge: bool,
    /// What may replace what the judge is shown and says.
    pub guardrail: Option<Guardrail>,
}

impl Default for JudgePolicy {
    fn default() -> Self {
        Self {
            prompts: BTreeMap::new(),
            threshold: 0.7,
            max_tokens: 512,
            reasoning_tokens: 0,
            panel: None,
            max_answer_chars: 200_000,
            allow_self_judge: false,
            guardrail: None,
        }
    }
}

/// The most votes of a panel.
const MOST_VOTES: u64 = 15;

const JUDGE: Shape = Shape {
    name: "`judge`",
    keys: &[
        "prompt",
        "prompts",
        "threshold",
        "max_tokens",
        "reasoning_tokens",
        "panel",
        "max_answer_chars",
        "allow_self_judge",
        "guardrail",
    ],
};
const PROMPTS: Shape = Shape {
    name: "`judge.prompts`",
    keys: &["rubric", "criteria", "factuality", "faithfulness", "pairwise"],
};

/// Reads `judge`; `named`: the judge that `models` names.
pub(super) fn judge(owner: &Fields<'_>, named: Option<&str>, problems: &mut Problems) -> JudgePolicy {
    let defaults = JudgePolicy::default();
    let Some(fields) = owner.inner("judge", &JUDGE, problems) else {
        return defaults;
    };
    let mut count = |key: &str, from: u64, to: u64, default: u64| {
        fields.integer(key, from..=to, problems).unwrap_or(default)
    };
    let most = u64::from(u32::MAX);
    let max_tokens = count("max_tokens", 1, most, defaults.max_tokens.into()) as u32;
    let reasoning_tokens = count("reasoning_tokens", 0, most, defaults.reasoning_tokens.into()) as u32;
    let max_answer_chars = count("max_answer_chars", 1, most, defaults.max_answer_chars as u64) as usize;
    JudgePolicy {
        prompts: prompts(&fields, problems),
        threshold: fields.number("threshold", 0.0..=1.0, problems).unwrap_or(defaults.threshold),
        max_tokens,
        reasoning_tokens,
        panel: panel(&fields, named, problems),
        max_answer_chars,
        allow_self_judge: fields.flag("allow_self_judge", problems).unwrap_or(defaults.allow_self_judge),
        guardrail: guardrail(&fields, problems),
    }
}

/// A number of votes, or the models that vote.
fn panel(fields: &Fields<'_>, named: Option<&str>, problems: &mut Problems) -> Option<JudgePanel> {
    let Datum::List(_) = fields.node("panel")?.datum else {
        let votes = fields.integer("panel", 1..=MOST_VOTES, problems)?;
        return is_odd(votes, &format!("write {} or {}", votes - 1, votes + 1), fields, problems)
            .then_some(JudgePanel::Votes(votes as u32));
    };
    let models = identifiers(fields, "panel", problems)?;
    let mut refuse = |message: String, help: &str| {
        problems.push(fields.error("panel", message).help(help));
        None
    };
    let count = models.len() as u64;
    let twice = models.iter().enumerate().find_map(|(index, model)| {
        let earlier = models[..index].iter().find(|other| price::base(other) == price::base(model))?;
        Some((earlier, model))
    });
    if count < 2 {
        return refuse(
            "a panel has several models".to_owned(),
            "name a single judge under `models: {judge: ...}`",
        );
    }
    if count > MOST_VOTES {
        return refuse(format!("a panel of {count} models, at most {MOST_VOTES} can vote"), "leave some out");
    }
    if let Some((earlier, model)) = twice {
        let message = format!("`{earlier}` and `{model}` are one model, and would vote twice");
        return refuse(message, "leave one out; for several votes of one model, write their number");
    }
    if let Some(judge) = named {
        let message = format!("the judges are named here, and `{judge}` under `models: {{judge: ...}}`");
        return refuse(message, "leave it out there; if it is to vote, list it here");
    }
    let help = match count {
        2 => "add one, or name a single judge under `models: {judge: ...}`",
        _ => "leave one out, or add one",
    };
    is_odd(count, help, fields, problems).then_some(JudgePanel::Models(models))
}

/// Whether a panel cannot be divided in halves.
fn is_odd(votes: u64, help: &str, fields: &Fields<'_>, problems: &mut Problems) -> bool {
    let is_odd = votes % 2 == 1;
    if !is_odd {
        problems
            .push(fields.error("panel", format!("a panel of {votes} can be divided in halves")).help(help));
    }
    is_odd
}

/// `prompt` is short for `prompts: {rubric: ...}`.
fn prompts(fields: &Fields<'_>, problems: &mut Problems) -> BTreeMap<JudgeKind, String> {
    let mut prompts = BTreeMap::new();
    if let Some(inner) = fields.inner("prompts", &PROMPTS, problems) {
        for kind in JudgeKind::ALL {
            if let Some(name) = inner.text(kind.as_str(), problems) {
                prompts.insert(kind, name.to_owned());
            }
        }
    }
    if let Some(name) = fields.text("prompt", problems) {
        prompts.insert(JudgeKind::Rubric, name.to_owned());
    }
    prompts
}
