//! The figures of a calibration, as they are stored and shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::exam::{Exam, Paper};
use crate::check::{Judge, Reading};
use crate::config::JudgeKind;
use crate::fingerprint::Fingerprint;
use crate::model::JudgeModels;
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

/// How well single votes of a model agree with people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfVotes {
    /// The model.
    pub model: String,
    /// Votes that are equal to people's verdicts.
    pub agreement: Option<Agreement>,
    /// Votes that pass an answer that people pass.
    pub sensitivity: Option<Agreement>,
    /// Votes that fail an answer that people fail.
    pub specificity: Option<Agreement>,
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
    /// The judge's model, or the models of a panel.
    #[serde(rename = "model")]
    pub models: JudgeModels,
    /// The judge's fingerprint: another prompt, model or setting is another judge.
    pub judge: String,
    /// Labelled answers.
    pub labels: usize,
    /// Those that the judge's votes do not decide: some could not be read.
    pub unreadable: usize,
    /// Votes on each question; `None`: one, and two of three where it fails an answer.
    pub panel: Option<u32>,
    /// Single votes, by model.
    pub votes: Vec<OfVotes>,
    /// Equal verdicts; this and what follows is about verdicts as an evaluation makes them of votes.
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
    /// What people say of answers, by [`answer_name`](super::labels::answer_name): where both prompts' answers to enough cases have a label, a
    /// report can be corrected by them.
    pub people: BTreeMap<Fingerprint, bool>,
}

impl OfVotes {
    fn of(model: &str, counted: &Confusion) -> Self {
        Self {
            model: model.to_owned(),
            agreement: counted.agreement().map(Agreement::from),
            sensitivity: counted.sensitivity().map(Agreement::from),
            specificity: counted.specificity().map(Agreement::from),
        }
    }
}

impl Calibration {
    /// The figures of every judge of an exam, in the order of their first label.
    pub fn of(exam: &Exam, prices: &PriceTable) -> Vec<Self> {
        let mut by_judge: Vec<(Fingerprint, Vec<&Paper>)> = Vec::new();
        for paper in exam.papers() {
            let judge = paper.judge.fingerprint();
            match by_judge.iter_mut().find(|(known, _)| *known == judge) {
                Some((_, papers)) => papers.push(paper),
                None => by_judge.push((judge, vec![paper])),
            }
        }
        let figures = by_judge.into_iter().filter_map(|(judge, papers)| {
            let who = &papers.first()?.judge;
            let models = &who.models;
            let used: Vec<(u64, Option<f64>)> = models
                .iter()
                .map(|model| {
                    let (calls, usage) = exam.usage(model);
                    (calls, prices.cost(model, usage))
                })
                .collect();
            let (calls, usd) =
                (used.iter().map(|(calls, _)| calls).sum::<u64>(), used.iter().map(|(_, usd)| *usd));
            let usd = usd.sum::<Option<f64>>().filter(|_| calls > 0).map(|usd| usd / calls as f64);
            Some(Self::of_judge((who, judge.to_string()), &papers, usd))
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

    fn of_judge((who, judge): (&Judge, String), papers: &[&Paper], usd_per_vote: Option<f64>) -> Self {
        let mut confusion = Confusion::default();
        let (mut unreadable, mut misjudged, mut all_votes) = (0, Vec::new(), Vec::new());
        let mut of_model = vec![Confusion::default(); who.models.len()];
        let mut criteria: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let (mut first, mut preferences) = (0, 0);
        for paper in papers {
            let label = &paper.label;
            for (index, counted) in of_model.iter_mut().enumerate() {
                let numbers = (index as u32..paper.votes()).step_by(who.models.len());
                let votes: Vec<Option<bool>> = numbers.map(|number| paper.vote(number)).collect();
                // Only the first one: the others are about the same answer.
                if let Some(Some(vote)) = votes.first() {
                    counted.add(label.passes, *vote);
                }
                all_votes.push(votes.into_iter().flatten().collect::<Vec<bool>>());
            }
            for (task, reading) in paper.first_readings() {
                let Reading::Read { score, points, .. } = reading else { continue };
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
            let Some(passed) = paper.verdict() else {
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
            models: who.models.clone(),
            judge,
            labels: papers.len(),
            unreadable,
            panel: who.panel,
            votes: who
                .models
                .iter()
                .zip(&of_model)
                .map(|(model, counted)| OfVotes::of(model, counted))
                .collect(),
            agreement: confusion.agreement().map(Agreement::from),
            sensitivity: confusion.sensitivity().map(Agreement::from),
            specificity: confusion.specificity().map(Agreement::from),
            kappa,
            self_agreement: self_agreement(&all_votes),
            first_preferred: Rate::of(first, preferences).map(Agreement::from),
            criteria,
            usd_per_vote,
            misjudged,
            people: papers.iter().filter_map(|paper| paper.label.name_and_verdict()).collect(),
        }
    }
}
