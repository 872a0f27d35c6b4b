//! The figures of a calibration, as they are stored and told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::exam::{Exam, Paper};
use crate::check::JudgeReading;
use crate::config::JudgeKind;
use crate::price::PriceTable;
use crate::report::JudgeAgreement;
use crate::stats::agreement::{Confusion, Rate, self_agreement};

/// How well a judge agrees with people: a rate and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The share.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Answers that were counted.
    pub n: usize,
}

impl From<Rate> for Agreement {
    fn from(rate: Rate) -> Self {
        Self { value: rate.value, low: rate.ci95.low, high: rate.ci95.high, n: rate.of }
    }
}

/// Cohen's kappa.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kappa {
    /// Agreement beyond chance: 0 as by chance, 1 always.
    pub value: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// An answer about which judge and people differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misjudged {
    /// The prompt's id.
    pub prompt: String,
    /// The case's id.
    pub case: String,
    /// Whether people pass it; the judge says the opposite.
    pub people_pass: bool,
    /// Where the label is written.
    pub place: String,
    /// What the judge said (untrusted text).
    pub reason: String,
}

/// What is known of one judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The judge's model.
    pub model: String,
    /// The judge's fingerprint: another prompt, model or setting is another judge.
    pub judge: String,
    /// Labelled answers.
    pub labels: usize,
    /// Those of which the judge's first vote could not be read.
    pub unreadable: usize,
    /// Equal verdicts.
    pub agreement: Option<Agreement>,
    /// Answers that people pass and the judge, too.
    pub sensitivity: Option<Agreement>,
    /// Answers that people fail and the judge, too.
    pub specificity: Option<Agreement>,
    /// Agreement beyond chance.
    pub kappa: Option<Kappa>,
    /// Pairs of votes on one answer that are equal.
    pub self_agreement: Option<f64>,
    /// How often a pairwise judge prefers what stands first, of its preferences.
    pub first_preferred: Option<Agreement>,
    /// Agreement by criterion, the worst first.
    pub criteria: Vec<(String, Agreement)>,
    /// US dollars of one vote; `None` when the model has no price.
    pub usd_per_vote: Option<f64>,
    /// Where judge and people differ.
    pub misjudged: Vec<Misjudged>,
}

impl Calibration {
    /// The figures of every judge of an exam, in the order of their first label.
    pub fn of(exam: &Exam, prices: &PriceTable) -> Vec<Self> {
        let mut by_judge: Vec<(crate::fingerprint::Fingerprint, Vec<&Paper>)> = Vec::new();
        for paper in exam.papers() {
            let judge = paper.judge.fingerprint();
            match by_judge.iter_mut().find(|(known, _)| *known == judge) {
                Some((_, papers)) => papers.push(paper),
                None => by_judge.push((judge, vec![paper])),
            }
        }
        let figures = by_judge.into_iter().filter_map(|(judge, papers)| {
            let model = &papers.first()?.judge.model;
            let (calls, usage) = exam.usage(model);
            let usd = prices.cost(model, usage).filter(|_| calls > 0).map(|usd| usd / calls as f64);
            Some(Self::of_judge(judge.to_string(), &papers, exam.votes(), usd))
        });
        figures.collect()
    }

    /// The agreement as a report tells it.
    pub fn in_per_cent(&self) -> Option<JudgeAgreement> {
        let per_cent = |share: f64| (100.0 * share).round().clamp(0.0, 100.0) as u8;
        self.agreement.map(|Agreement { value, low, high, n }| JudgeAgreement {
            percent: per_cent(value),
            low: per_cent(low),
            high: per_cent(high),
            n,
        })
    }

    fn of_judge(judge: String, papers: &[&Paper], votes: u32, usd_per_vote: Option<f64>) -> Self {
        let mut confusion = Confusion::default();
        let (mut unreadable, mut misjudged, mut all_votes) = (0, Vec::new(), Vec::new());
        let mut criteria: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let (mut first, mut preferences) = (0, 0);
        for paper in papers {
            let label = &paper.label;
            all_votes.push((0..votes).filter_map(|vote| paper.passed(vote)).collect::<Vec<bool>>());
            for (task, reading) in paper.first_readings() {
                let JudgeReading::Read { score, points, .. } = reading else { continue };
                match task.kind() {
                    JudgeKind::Pairwise if *score != 0.5 => {
                        preferences += 1;
                        first += usize::from(*score > 0.5);
                    }
                    JudgeKind::Criteria => {
                        for point in points {
                            if let Some(people) = label.criteria.get(&point.label) {
                                let counted = criteria.entry(&point.label).or_default();
                                counted.0 += usize::from(point.met == *people);
                                counted.1 += 1;
                            }
                        }
                    }
                    _ => {}
                }
            }
            let Some(passed) = paper.passed(0) else {
                unreadable += 1;
                continue;
            };
            confusion.add(label.passes, passed);
            if passed != label.passes {
                misjudged.push(Misjudged {
                    prompt: label.prompt.clone(),
                    case: label.case.clone(),
                    people_pass: label.passes,
                    place: format!("{}:{}", label.path, label.mark.line),
                    reason: paper.reason(),
                });
            }
        }
        let mut criteria: Vec<(String, Agreement)> = criteria
            .into_iter()
            .filter_map(|(name, (equal, of))| Some((name.to_owned(), Rate::of(equal, of)?.into())))
            .collect();
        criteria.sort_by(|(_, a), (_, b)| a.value.total_cmp(&b.value));
        let kappa = confusion.kappa().map(|(value, ci)| Kappa { value, low: ci.low, high: ci.high });
        Self {
            model: papers.first().map_or_else(String::new, |paper| paper.judge.model.clone()),
            judge,
            labels: papers.len(),
            unreadable,
            agreement: confusion.agreement().map(Agreement::from),
            sensitivity: confusion.sensitivity().map(Agreement::from),
            specificity: confusion.specificity().map(Agreement::from),
            kappa,
            self_agreement: self_agreement(&all_votes),
            first_preferred: Rate::of(first, preferences).map(Agreement::from),
            criteria,
            usd_per_vote,
            misjudged,
        }
    }
}
