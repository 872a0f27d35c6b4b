//! Advisory checks, latency and cost: reported, never scored, because they depend on the time of
//! day.

use serde::Serialize;

use super::family::Family;
use super::finding::{Finding, Outcome};
use super::form::Form;
use super::quote::number;
use super::reader::Reader;
use super::scoring_input::ScoringInput;

/// An upper bound in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct LatencyCheck {
    max_ms: f64,
}

/// An upper bound in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct CostCheck {
    max_usd: f64,
}

const BOUND: (&str, fn(f64) -> bool) = ("a number above 0", |bound| bound > 0.0);

/// Reads `latency`.
pub(super) fn read_latency(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<LatencyCheck> {
    bound(reader, form, "max_ms", "latency: {max_ms: 2000}").map(|max_ms| LatencyCheck { max_ms })
}

/// Reads `cost`.
pub(super) fn read_cost(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<CostCheck> {
    bound(reader, form, "max_usd", "cost: {max_usd: 0.01}").map(|max_usd| CostCheck { max_usd })
}

fn bound(
    reader: &mut Reader<'_, '_>,
    form: &mut Form<'_>,
    option: &'static str,
    example: &str,
) -> Option<f64> {
    if reader.depth > 0 {
        reader.error(
            form.kind.mark,
            format!("`{}` is advisory and cannot be inside another check", form.name()),
            "write it as a separate check: it is reported and never scored",
        );
        return None;
    }
    match form.main(option) {
        Some(node) => reader.number(node, option, BOUND),
        None => {
            form.lacks(reader, option, example);
            None
        }
    }
}

fn advice(met: bool, reason: String) -> Finding {
    let outcome = if met { Outcome::AdvisoryMet } else { Outcome::AdvisoryMissed };
    Finding::without_score(outcome, reason)
}

impl Family for LatencyCheck {
    fn label(&self) -> String {
        format!("latency at most {} ms", number(self.max_ms))
    }

    fn is_advisory(&self) -> bool {
        true
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let Some(latency_ms) = input.response.latency_ms else {
            return Finding::without_score(
                Outcome::AdvisoryUnknown,
                "how long a call takes is not known: the answer is of a batch job",
            );
        };
        let bound = number(self.max_ms);
        advice(latency_ms as f64 <= self.max_ms, format!("took {latency_ms} ms, at most {bound} asked for"))
    }
}

impl Family for CostCheck {
    fn label(&self) -> String {
        format!("cost at most ${}", number(self.max_usd))
    }

    fn is_advisory(&self) -> bool {
        true
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let bound = number(self.max_usd);
        match input.cost_usd {
            Some(cost) => {
                advice(cost <= self.max_usd, format!("cost ${}, at most ${bound} asked for", number(cost)))
            }
            None => Finding::without_score(
                Outcome::AdvisoryUnknown,
                "the cost is unknown: the model has no price",
            ),
        }
    }
}
