//! A plan as Markdown, and the texts that both renderings of a plan share.

use super::markdown::Limits;
use super::markdown::parts::{bullets, diff, folded, moved_bars, revision, row};
use super::untrusted::{inline_code, prose};
use super::wording::{self, count, money, thousands};
use super::{Estimate, PlanReport, PlannedPrompt};

/// Lines of a prompt's diff and rows of the table at each level of detail, the fullest first.
const LEVELS: [(usize, usize); 5] = [(400, 200), (60, 100), (0, 50), (0, 10), (0, 0)];

/// Renders what would run, within the limits.
pub fn render(plan: &PlanReport, limits: Limits) -> String {
    let mut text = String::new();
    for (level, (diff_lines, rows)) in LEVELS.into_iter().enumerate() {
        text = page(plan, diff_lines, rows);
        if level > 0 {
            text.push_str("\nShortened to fit; the JSON plan has everything.\n");
        }
        if text.len() <= limits.bytes {
            break;
        }
    }
    text
}

fn page(plan: &PlanReport, diff_lines: usize, rows: usize) -> String {
    let mut out = format!("## Plan\n\n{}\n\n", prose(&headline(plan), 500));
    let most = if rows == 0 { 0 } else { 30 };
    if most > 0 {
        out.push_str(&moved_bars(&plan.moved_bars, most));
    }
    if !plan.prompts.is_empty() && rows > 0 {
        out.push_str(&row(&HEADS.map(str::to_owned)));
        out.push_str(&format!("|{}{}\n", "---|".repeat(HEADS.len() - NUMBERS), "--:|".repeat(NUMBERS)));
        out.extend(plan.prompts.iter().take(rows).map(|p| {
            let Row { prompt, why, model, numbers } = Row::of(p);
            let words = [inline_code(&prompt), prose(&why, 200), inline_code(&model)];
            row(&words.into_iter().chain(numbers).collect::<Vec<_>>())
        }));
        if plan.prompts.len() > rows {
            out.push_str(&format!("\n… and {}\n", count(plan.prompts.len() - rows, "more prompt")));
        }
        out.push('\n');
    }
    for p in plan.prompts.iter().take(rows).filter(|p| diff_lines > 0 && !p.diff.is_empty()) {
        let summary = format!("{} {}", prose(&place(p), 300), wording::diff_size(&p.diff));
        out.push_str(&folded(&summary, &diff(&p.diff, diff_lines)));
    }
    let notes: Vec<String> = plan
        .prompts
        .iter()
        .flat_map(|p| p.notes.iter().map(|note| format!("{}: {note}", super::untrusted::quoted(&p.head.id))))
        .chain(plan.warnings.iter().cloned())
        .collect();
    if !notes.is_empty() && most > 0 {
        out.push_str(&format!("{}\n", bullets(&notes, most)));
    }
    if !plan.prompts.is_empty() && most > 0 {
        out.push_str(&folded("Estimate over all prompts", &bullets(&estimate(&plan.estimate), usize::MAX)));
    }
    if most == 0 {
        return out;
    }
    out.push_str(&format!(
        "<sub>prompt-assay: {} compared with {}, {} models. {} affected, {} not. Nothing was run.</sub>\n",
        revision(&plan.head),
        revision(&plan.base),
        plan.tier.as_str(),
        count(plan.prompts.len(), "prompt"),
        plan.unaffected
    ));
    out
}

/// What the columns of a plan's table are called; the last [`NUMBERS`] are numbers.
pub(super) const HEADS: [&str; 9] =
    ["Prompt", "Why", "Model", "Compare", "Score", "Unaffected", "Calls", "At most", "Cost"];
/// How many columns are numbers.
pub(super) const NUMBERS: usize = 6;

/// A prompt in a plan's table, not escaped.
pub(super) struct Row {
    pub prompt: String,
    pub why: String,
    pub model: String,
    pub numbers: [String; NUMBERS],
}

impl Row {
    pub fn of(p: &PlannedPrompt) -> Self {
        let covered = if p.head.covered { "" } else { ", not covered" };
        let number = |n: usize| thousands(n as u64);
        Self {
            prompt: p.head.id.clone(),
            why: format!("{}{covered}", wording::change(&p.head.change, &p.head.causes)),
            model: p.head.models.candidate.clone(),
            numbers: [
                number(p.head.cases.compare.len()),
                number(p.head.cases.score.len()),
                number(p.head.cases.unaffected),
                thousands(p.estimate.calls_typical),
                thousands(p.estimate.calls_max),
                money(p.estimate.usd_typical_max),
            ],
        }
    }

    /// All but the names, where there is no room for a table.
    pub fn in_words(&self) -> String {
        let [compare, score, unaffected, calls, calls_max, cost] = &self.numbers;
        let why = &self.why;
        format!(
            "{why}. Cases: {compare} to compare, {score} to score, {unaffected} unaffected. Calls: {calls}, at most \
             {calls_max}. Cost: {cost}."
        )
    }
}

/// The plan in one sentence.
pub(super) fn headline(plan: &PlanReport) -> String {
    if plan.prompts.is_empty() {
        return format!("No prompt is affected ({} unaffected); nothing would run.", plan.unaffected);
    }
    let e = &plan.estimate;
    let cases = |of: fn(&PlannedPrompt) -> usize| plan.prompts.iter().map(of).sum::<usize>();
    let score = match cases(|p| p.head.cases.score.len()) {
        0 => String::new(),
        n => format!(", {} to score only", thousands(n as u64)),
    };
    let stored = match e.stored {
        0 => String::new(),
        n => format!(" {} stored already.", count(n as usize, "answer")),
    };
    let compare = cases(|p| p.head.cases.compare.len());
    let provided = if compare == 0 { "" } else { " if both sides behave the same" };
    format!(
        "{} affected: {} to compare{score}. About {}{provided}, {}; {} at most.{stored}",
        count(plan.prompts.len(), "prompt"),
        count(compare, "case"),
        count(e.calls_typical as usize, "call"),
        match e.usd_typical_max {
            Some(usd) => format!("up to {}", money(Some(usd))),
            None => "cost unknown".to_owned(),
        },
        count(e.calls_max as usize, "call"),
    )
}

/// The prompt, why it is affected and where it stands.
pub(super) fn place(p: &PlannedPrompt) -> String {
    format!(
        "{} {} ({}:{})",
        super::untrusted::quoted(&p.head.id),
        wording::change(&p.head.change, &p.head.causes),
        p.head.catalog,
        p.head.line
    )
}

/// The estimate's numbers, stated as such.
pub(super) fn estimate(e: &Estimate) -> Vec<String> {
    let mut out = vec![
        format!(
            "Calls if both sides behave the same: about {}, of which {} for checks (judge, embeddings); {} more answers are stored.",
            thousands(e.calls_typical),
            thousands(e.judge_calls),
            thousands(e.stored)
        ),
        format!("The gate's hard maximum: {}.", count(e.calls_max as usize, "call")),
        format!(
            "Tokens: about {} input (characters / 4), at most {} output.",
            thousands(e.input_tokens),
            thousands(e.output_tokens_max)
        ),
    ];
    match e.usd_typical_max {
        Some(usd) => out.push(format!("Cost of these calls: at most {}.", money(Some(usd)))),
        None => {
            let models: Vec<String> = e.unknown_models.iter().map(|m| super::untrusted::quoted(m)).collect();
            out.push(format!(
                "Cost unknown: no price for {}; set it under `prices`.",
                wording::listed(&models)
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests;
