//! `criteria`: several yes/no questions about the answer in one call, each with a quote as evidence.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::family::{Family, PassMark};
use super::super::finding::Finding;
use super::super::form::Form;
use super::super::quote::{number, passage, quoted_list, shown_json};
use super::super::reader::Reader;
use super::super::scoring_input::ScoringInput;
use super::task::{Asks, Point, Property, Task, Verdict};
use super::{judged, threshold};
use crate::config::JudgeKind;
use crate::document::{Datum, Node};

/// The most criteria of one call: with more, models skip some.
const MOST: usize = 20;

/// Criteria and the weighted share from which they pass.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::check) struct CriteriaCheck {
    criteria: Vec<Criterion>,
    threshold: f64,
}

/// One yes/no question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Criterion {
    /// What reports call it; results with equal names can be grouped.
    pub name: String,
    /// What must be so.
    pub text: String,
    /// Its share in the score, above 0.
    pub weight: f64,
}

/// The question: which criteria the answer meets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Criteria {
    /// In the order of the author.
    pub criteria: Vec<Criterion>,
}

/// Reads `criteria`: a list of texts, or of mappings, or a mapping from names to texts.
pub(in crate::check) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<CriteriaCheck> {
    let threshold = threshold(reader, form.take("threshold")).ok()?.unwrap_or(1.0);
    const EXAMPLE: &str = "criteria: [\"Names the 30-day window.\", \"Promises no money.\"]";
    let Some(node) = form.main("criteria") else {
        form.lacks(reader, "criteria", EXAMPLE);
        return None;
    };
    let read: Vec<Option<Criterion>> = match &node.datum {
        Datum::List(items) => items.iter().map(|item| criterion(reader, item)).collect(),
        Datum::Map(entries) => entries
            .iter()
            .map(|(key, node)| {
                let text = reader.text(node, "criteria")?;
                Some(Criterion { name: key.text.clone(), text: text.trim().to_owned(), weight: 1.0 })
            })
            .collect(),
        _ => {
            reader.wrong(node, "criteria", "a list of texts", format!("for example {EXAMPLE}"));
            return None;
        }
    };
    let criteria = read.into_iter().collect::<Option<Vec<Criterion>>>()?;
    let fault = if criteria.is_empty() {
        Some(("`criteria` has no criterion".to_owned(), format!("for example {EXAMPLE}")))
    } else if criteria.len() > MOST {
        let message =
            format!("`criteria` has {} criteria, at most {MOST} are asked in one call", criteria.len());
        Some((message, "divide them between two checks".to_owned()))
    } else if criteria.iter().any(|criterion| criterion.text.is_empty()) {
        Some(("`criteria` has an empty criterion".to_owned(), "say what must be so".to_owned()))
    } else {
        let twice = |(index, criterion): (usize, &Criterion)| {
            criteria[..index].iter().any(|other| other.name == criterion.name).then(|| criterion.name.clone())
        };
        criteria.iter().enumerate().find_map(twice).map(|name| {
            (
                format!("`criteria` has `{}` twice", passage(&name)),
                "keep one, or give it another name".to_owned(),
            )
        })
    };
    if let Some((message, help)) = fault {
        reader.error(node.mark, message, help);
        return None;
    }
    Some(CriteriaCheck { criteria, threshold })
}

fn criterion(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Criterion> {
    let Datum::Map(entries) = &node.datum else {
        let text = reader.text(node, "criteria")?.trim().to_owned();
        return Some(Criterion { name: text.clone(), text, weight: 1.0 });
    };
    let (mut name, mut text, mut weight) = (None, None, 1.0);
    for (key, value) in entries {
        match key.text.as_str() {
            "name" => name = Some(reader.text(value, "name")?.trim().to_owned()),
            "text" => text = Some(reader.text(value, "text")?.trim().to_owned()),
            "weight" => weight = reader.number(value, "weight", ("a number above 0", |w| w > 0.0))?,
            other => {
                let help = "a criterion takes: name, text, weight";
                reader.error(key.mark, format!("a criterion has no option `{other}`"), help);
                return None;
            }
        }
    }
    let Some(text) = text else {
        let help = "for example {name: window, text: \"Names the 30-day window.\"}";
        reader.error(node.mark, "a criterion has no `text`", help);
        return None;
    };
    Some(Criterion { name: name.unwrap_or_else(|| text.clone()), text, weight })
}

impl Family for CriteriaCheck {
    fn label(&self) -> String {
        let names: Vec<&str> = self.criteria.iter().map(|criterion| criterion.name.as_str()).collect();
        format!("criteria {}", quoted_list(&names))
    }

    fn pass_mark(&self) -> Option<PassMark> {
        Some(PassMark::Own(self.threshold))
    }

    fn tasks(&self, _: &ScoringInput<'_>) -> Vec<Task> {
        vec![Task::new(Criteria { criteria: self.criteria.clone() })]
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        judged(self, input, |verdict, threshold| {
            let missed: Vec<&str> =
                verdict.points.iter().filter(|point| !point.met).map(|point| point.label.as_str()).collect();
            if missed.is_empty() {
                return format!("every criterion is met ({})", verdict.points.len());
            }
            let met = verdict.points.len() - missed.len();
            let relation = if verdict.passed { "reaches" } else { "is below" };
            format!(
                "{met} of {} criteria are met, {} {relation} {}; not met: {}",
                verdict.points.len(),
                number(verdict.score),
                number(threshold),
                quoted_list(&missed)
            )
        })
    }
}

impl Asks for Criteria {
    fn kind(&self) -> JudgeKind {
        JudgeKind::Criteria
    }

    fn looks_for(&self) -> Vec<(&'static str, String)> {
        let lines = self.criteria.iter().enumerate().map(|(index, criterion)| {
            // A criterion of several lines would look like several.
            format!("{}. {}", index + 1, criterion.text.split_whitespace().collect::<Vec<_>>().join(" "))
        });
        vec![("Criteria", lines.collect::<Vec<_>>().join("\n"))]
    }

    fn properties(&self) -> Vec<Property> {
        (1..=self.criteria.len())
            .flat_map(|index| {
                let evidence = format!(
                    "The words of the answer that decide criterion {index}; empty if there are none."
                );
                let met =
                    json!({"type": "boolean", "description": format!("Whether criterion {index} is met.")});
                [
                    Property::text(format!("evidence_{index}"), &evidence),
                    Property::new(format!("met_{index}"), met),
                ]
            })
            .collect()
    }

    fn size(&self) -> u32 {
        1 + self.criteria.len() as u32 / 4
    }

    fn demand(&self) -> String {
        "Decide for {answer}, criterion by criterion, whether it is met.".to_owned()
    }

    fn read(&self, object: &Value) -> Result<Verdict, String> {
        let mut points = Vec::new();
        for (index, criterion) in self.criteria.iter().enumerate() {
            let name = format!("met_{}", index + 1);
            let Some(met) = object[&name].as_bool() else {
                return Err(format!("its `{name}` is {}", shown_json(&object[&name])));
            };
            let evidence = object[&format!("evidence_{}", index + 1)].as_str().unwrap_or_default();
            points.push(Point { label: criterion.name.clone(), met, evidence: evidence.trim().to_owned() });
        }
        let share = |met: bool| -> f64 {
            let counted = self.criteria.iter().zip(&points).filter(|(_, point)| point.met || !met);
            counted.map(|(criterion, _)| criterion.weight).sum()
        };
        let all_met = points.iter().all(|point| point.met);
        let score = if all_met { 1.0 } else { share(true) / share(false) };
        Ok(Verdict { score, reason: String::new(), points })
    }
}
