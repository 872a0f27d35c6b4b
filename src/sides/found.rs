//! What a comparison found: for each prompt a row for each side, and each side against the first.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Figures;
use crate::change::{ChangeKind, ChangeSet, Coverage};
use crate::config::ProviderKind;
use crate::per_call::BudgetPerCall;
use crate::report::wording::stopped_early;
use crate::report::{Measured, PromptReport, Report, Revision};
use crate::verdict::Verdict;

/// A finished comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The sides; the first is what the others are compared with.
    pub sides: Vec<SideHead>,
    /// Who answered.
    pub provider: ProviderKind,
    /// The prompts that differ between sides, in catalog order.
    pub prompts: Vec<ComparedPrompt>,
    /// Prompts that differ and are not compared.
    pub left_out: Vec<LeftOut>,
    /// Things to know that do not decide.
    pub warnings: Vec<String>,
    /// Calls and money of all of it.
    pub spent: Spent,
    /// Wall time in milliseconds.
    pub wall_ms: u64,
}

/// A side as it is named.
#[derive(Clone, Debug, PartialEq)]
pub struct SideHead {
    /// As written on the command line.
    pub written: String,
    /// Its tree.
    pub revision: Revision,
    /// What its prompts were asked with.
    pub settings: super::Settings,
}

/// One prompt on all sides.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedPrompt {
    /// The catalog key.
    pub id: String,
    /// One for each side, in their order.
    pub rows: Vec<Row>,
}

/// One side of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The model that answered.
    pub model: String,
    /// Its numbers; `None`: it was not measured.
    pub figures: Option<Figures>,
    /// What it is against the first side; `None`: it is the first, or asks the same as the first.
    pub against: Option<Against>,
}

/// A side against the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Against {
    /// In a word.
    pub finding: Finding,
    /// The comparison: the first side is its baseline, this one its candidate.
    pub pair: PromptReport,
}

/// What a side is against the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Worse beyond reasonable doubt.
    Worse,
    /// Could not be measured.
    NotMeasured,
    /// Worse in some cases and better in others, both beyond reasonable doubt.
    Mixed,
    /// Perhaps worse: asking again did not settle it.
    Undecided,
    /// More cases pass than luck explains, and none is suspected of being worse.
    Better,
    /// Neither; never "proved equal".
    NoDifference,
}

impl Finding {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Ok => Self::NoDifference,
            Verdict::Improved => Self::Better,
            Verdict::Inconclusive => Self::Undecided,
            Verdict::Mixed => Self::Mixed,
            Verdict::NotMeasured => Self::NotMeasured,
            Verdict::Regression => Self::Worse,
        }
    }
}

/// A prompt that differs and is not compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LeftOut {
    /// The catalog key.
    pub prompt: String,
    /// Why.
    pub why: Why,
}

/// Why a prompt is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Only the first side has it.
    OnlyFirst,
    /// Only the second side has it.
    OnlySecond,
    /// The first side's cannot be read or rendered.
    UnreadableFirst,
    /// It has no golden set.
    NoGoldenSet,
    /// No case sends another request.
    SameRequests,
}

/// Calls and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spent {
    /// Calls that were made.
    pub calls: u64,
    /// Answers that were stored.
    pub stored: u64,
    /// US dollars, of the scripted provider what it would have cost; `None`: a model has no price.
    pub usd: Option<f64>,
}

impl Spent {
    fn add(&mut self, report: &Report) {
        let known = if self.calls == 0 { Some(0.0) } else { self.usd };
        self.calls += report.spend.paid_calls;
        self.stored += report.spend.calls.cached;
        self.usd = known.zip(report.cost.spent_usd).map(|(sum, usd)| sum + usd);
    }
}

/// Keeps what can be compared, and lists the rest. Floors, accepted breaks and moved bars are matters of the gate.
pub fn divide(changes: &mut ChangeSet) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    changes.moved_bars.clear();
    changes.prompts.retain_mut(|change| {
        change.min_score = None;
        change.budget_per_call = BudgetPerCall::default();
        if change.compared() > 0 {
            return true;
        }
        let why = match (&change.kind, change.coverage) {
            (ChangeKind::Removed, _) => Why::OnlyFirst,
            (_, Coverage::NotCovered | Coverage::Removed) => Why::NoGoldenSet,
            (ChangeKind::Added, _) => Why::OnlySecond,
            _ if change.cases.iter().all(|case| case.baseline.is_none()) => Why::UnreadableFirst,
            _ => Why::SameRequests,
        };
        left_out.push(LeftOut { prompt: change.id.clone(), why });
        false
    });
    left_out
}

impl Comparison {
    /// Of the reports of each later side against the first, in their order.
    pub fn of(sides: Vec<SideHead>, reports: Vec<Report>, mut left_out: Vec<LeftOut>) -> Self {
        let mut ids: Vec<&str> = Vec::new();
        let mut warnings: Vec<String> = Vec::new();
        let mut spent = Spent::default();
        for report in &reports {
            spent.add(report);
            warnings.extend(
                report.warnings.iter().filter(|said| !warnings.contains(said)).cloned().collect::<Vec<_>>(),
            );
            for prompt in &report.prompts {
                if !ids.contains(&prompt.head.id.as_str()) {
                    ids.push(&prompt.head.id);
                }
            }
        }
        left_out.sort();
        left_out.dedup();
        left_out.retain(|one| !ids.contains(&one.prompt.as_str()));
        let prompts = ids.iter().map(|id| ComparedPrompt::of(id, &reports)).collect();
        Self {
            sides,
            provider: reports.first().map_or(ProviderKind::Bedrock, |report| report.provider),
            prompts,
            left_out,
            warnings,
            spent,
            wall_ms: reports.iter().map(|report| report.wall_ms).sum(),
        }
    }

    /// 0: it could be measured; 1: a side is worse, and this was to fail; 3: something could not be measured.
    pub fn exit_code(&self, fail_if_worse: bool) -> u8 {
        let has = |wanted| self.findings().any(|finding| finding == wanted);
        let is_left_out = |why| self.left_out.iter().any(|one| one.why == why);
        let is_blind =
            is_left_out(Why::UnreadableFirst) || (self.prompts.is_empty() && is_left_out(Why::NoGoldenSet));
        if fail_if_worse && has(Finding::Worse) {
            1
        } else if has(Finding::NotMeasured) || is_blind {
            3
        } else {
            0
        }
    }

    fn findings(&self) -> impl Iterator<Item = Finding> {
        self.prompts
            .iter()
            .flat_map(|prompt| &prompt.rows)
            .filter_map(|row| Some(row.against.as_ref()?.finding))
    }

    /// The letter of a side.
    pub fn letter(place: usize) -> char {
        char::from(b'A' + u8::try_from(place).unwrap_or(u8::MAX - b'A'))
    }
}

impl ComparedPrompt {
    fn of(id: &str, reports: &[Report]) -> Self {
        let pairs: Vec<Option<&PromptReport>> =
            reports.iter().map(|report| report.prompts.iter().find(|prompt| prompt.head.id == id)).collect();
        // A part of the cases is no fair sample.
        let counts = |pair: &&PromptReport| pair.screened > 0 && !stopped_early(pair);
        let first = pairs.iter().flatten().find(|pair| counts(pair)).or(pairs.iter().flatten().next());
        let of_first: BTreeMap<&str, Measured> = scored(first.copied(), |case| case.baseline);
        let others: Vec<Option<BTreeMap<&str, Measured>>> = pairs
            .iter()
            .map(|pair| pair.filter(counts).map(|pair| scored(Some(pair), |case| case.candidate)))
            .collect();
        let common: BTreeSet<&str> = of_first
            .keys()
            .filter(|case| others.iter().flatten().all(|known| known.contains_key(*case)))
            .copied()
            .collect();
        let figures = |known: &BTreeMap<&str, Measured>| {
            let measured: Vec<Measured> = common.iter().filter_map(|case| known.get(case)).copied().collect();
            Figures::of(&measured)
        };
        let is_measured = others.iter().any(Option::is_some);
        let head = |pair: Option<&PromptReport>| pair.map(|pair| pair.head.models.clone());
        let model_of_first = head(first.copied()).and_then(|models| models.baseline).unwrap_or_default();
        let mut rows = vec![Row {
            model: model_of_first.clone(),
            figures: figures(&of_first).filter(|_| is_measured),
            against: None,
        }];
        for (pair, known) in pairs.iter().zip(&others) {
            rows.push(match pair {
                // It asks the same as the first.
                None => Row { against: None, ..rows[0].clone() },
                Some(pair) => Row {
                    model: pair.head.models.candidate.clone(),
                    figures: known.as_ref().and_then(figures),
                    against: Some(Against { finding: Finding::of(pair.verdict), pair: (*pair).clone() }),
                },
            });
        }
        let measured: Vec<Option<&BTreeMap<&str, Measured>>> =
            [Some(&of_first)].into_iter().chain(others.iter().map(Option::as_ref)).collect();
        alone(&mut rows, &measured, &common);
        Self { id: id.to_owned(), rows }
    }
}

/// Fills in which cases pass, or fail, with one side only. A side that asks the same as the first is none of its own.
fn alone(rows: &mut [Row], measured: &[Option<&BTreeMap<&str, Measured>>], common: &BTreeSet<&str>) {
    if measured.iter().flatten().count() < 2 {
        return;
    }
    for case in common {
        let passes: Vec<(usize, bool)> = measured
            .iter()
            .enumerate()
            .filter_map(|(place, known)| Some((place, known.as_ref()?.get(case)?.passed)))
            .collect();
        for wanted in [true, false] {
            let mut such = passes.iter().filter(|(_, passed)| *passed == wanted);
            let (Some((place, _)), None) = (such.next(), such.next()) else { continue };
            if let Some(figures) = rows[*place].figures.as_mut() {
                let list = if wanted { &mut figures.only_passes } else { &mut figures.only_fails };
                list.push((*case).to_owned());
            }
        }
    }
}

fn scored(
    pair: Option<&PromptReport>,
    side: impl Fn(&crate::report::CaseResult) -> Option<Measured>,
) -> BTreeMap<&str, Measured> {
    let cases = pair.into_iter().flat_map(|pair| &pair.results);
    cases
        .filter_map(|case| Some((case.id.as_str(), side(case).filter(|found| found.score.is_some())?)))
        .collect()
}
