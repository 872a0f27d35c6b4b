//! A comparison as JSON: `schemas/compare.schema.json`.

use serde::Serialize;

use super::{Comparison, Figures, Finding, LeftOut, Settings, Spent, words};
use crate::config::ProviderKind;
use crate::report::{CaseFinding, Difference, Revision, untrusted};
use crate::verdict::Reason;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    provider: ProviderKind,
    exit_code: u8,
    sides: Vec<SideJson<'a>>,
    prompts: Vec<PromptJson<'a>>,
    left_out: &'a [LeftOut],
    warnings: &'a [String],
    spent: Spent,
    wall_ms: u64,
}

#[derive(Serialize)]
struct SideJson<'a> {
    letter: char,
    written: &'a str,
    revision: &'a Revision,
    settings: &'a Settings,
}

#[derive(Serialize)]
struct PromptJson<'a> {
    id: &'a str,
    rows: Vec<RowJson<'a>>,
}

#[derive(Serialize)]
struct RowJson<'a> {
    letter: char,
    model: &'a str,
    figures: Option<&'a Figures>,
    against_first: Option<AgainstJson<'a>>,
}

#[derive(Serialize)]
struct AgainstJson<'a> {
    finding: Finding,
    reason: Reason,
    why: Vec<String>,
    difference: Option<Difference>,
    cases: usize,
    worse: Vec<&'a CaseFinding>,
    better: Vec<&'a CaseFinding>,
    lost: usize,
    notes: &'a [String],
}

/// Renders a comparison.
pub fn render(found: &Comparison, exit_code: u8) -> String {
    let sides = found.sides.iter().enumerate().map(|(place, side)| SideJson {
        letter: Comparison::letter(place),
        written: &side.written,
        revision: &side.revision,
        settings: &side.settings,
    });
    let prompts = found.prompts.iter().map(|prompt| {
        let rows = prompt.rows.iter().enumerate().map(|(place, row)| RowJson {
            letter: Comparison::letter(place),
            model: &row.model,
            figures: row.figures.as_ref(),
            against_first: row.against.as_ref().map(|against| {
                let pair = &against.pair;
                let decisive = words::decisive(pair);
                let of =
                    |worse: bool| decisive.iter().filter(|one| one.0 == worse).map(|one| one.1).collect();
                AgainstJson {
                    finding: against.finding,
                    reason: pair.reason,
                    why: words::why(pair, against.finding, Comparison::letter(place)),
                    difference: pair.difference,
                    cases: pair.n,
                    worse: of(true),
                    better: of(false),
                    lost: pair.lost.len(),
                    notes: &pair.notes,
                }
            }),
        });
        PromptJson { id: &prompt.id, rows: rows.collect() }
    });
    untrusted::json(&Document {
        schema_version: 1,
        provider: found.provider,
        exit_code,
        sides: sides.collect(),
        prompts: prompts.collect(),
        left_out: &found.left_out,
        warnings: &found.warnings,
        spent: found.spent,
        wall_ms: found.wall_ms,
    })
}
