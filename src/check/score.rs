//! Scoring: the checks of a case, an answer and the judge's readings make a score.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fingerprint::Fingerprint;
use crate::model::{Message, Response};
use crate::prompt::ScoreMode;

use super::Check;
use super::family::PassMark;
use super::finding::{CheckResult, Outcome};
use super::inquiry::{Inquiry, OpenQuestion, Reading, Readings};
use super::judge::{Judge, votes_needed};
use super::kind::Kind;
use super::logic::Logic;
use super::quote::stop_reason;
use super::scoring_input::ScoringInput;

/// Everything that the score of an answer to a case depends on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scoring<'a> {
    /// The case's checks.
    pub checks: &'a [Check],
    /// The case's `expected`.
    pub expected: Option<&'a str>,
    /// The case's variables; a judge may be shown one of them.
    pub variables: Option<&'a BTreeMap<String, Value>>,
    /// The old prompt's answer, for checks that compare with it.
    pub reference: Option<&'a Response>,
    /// Whether it is a fresh answer that may convict or clear the candidate: then the judge's majority counts either way.
    pub is_fresh: bool,
    /// Pass/fail or graded.
    pub mode: ScoreMode,
    /// Who answers judge checks; `None` leaves them unscored.
    pub judge: Option<&'a Judge>,
}

/// An answer to be scored.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The response, with any stop reason.
    pub response: &'a Response,
    /// US dollars of the call; `None` when the model has no price.
    pub cost_usd: Option<f64>,
}

/// The score of an answer, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// It is known.
    Scored {
        /// 0 or 1 in pass/fail; the weighted mean, 0 to 1, when graded.
        value: f64,
        /// Whether every check passed.
        passed: bool,
    },
    /// There is no score; never 0.
    Unscored {
        /// Why, for a person.
        reason: String,
    },
}

/// The score of an answer and what each check found, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseScore {
    /// The score.
    pub score: Score,
    /// One result per check.
    pub results: Vec<CheckResult>,
}

impl CaseScore {
    /// The score of an empty answer if the baseline's is not empty: failed, whatever the checks
    /// say.
    #[must_use]
    pub fn of_silence(mut self) -> Self {
        self.score = Score::Scored { value: 0.0, passed: false };
        self.results.push(CheckResult {
            label: "answer".to_owned(),
            outcome: Outcome::Failed,
            score: Some(0.0),
            reason: "the answer is empty, and the old prompt's is not".to_owned(),
        });
        self
    }
}

impl<'a> Scoring<'a> {
    /// Equal only if equal answers must get equal scores. Advisory checks, names, weights in
    /// pass/fail, an unused `expected`, an unused judge and an unused default threshold are left
    /// out.
    pub fn fingerprint(&self) -> Fingerprint {
        #[derive(Serialize)]
        struct Decisive<'a> {
            mode: ScoreMode,
            checks: Vec<(&'a Kind, Option<f64>)>,
            expected: Option<&'a str>,
            judge: Option<Fingerprint>,
            threshold: Option<f64>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            contexts: Vec<String>,
        }
        let graded = self.mode == ScoreMode::Mean;
        let scoring: Vec<&Check> = self.checks.iter().filter(|check| !check.is_advisory()).collect();
        let judged = scoring.iter().any(|check| check.asks_judge());
        let falls_back =
            scoring.iter().any(|check| check.any(&|family| family.pass_mark() == Some(PassMark::Policy)));
        let mut contexts = Vec::new();
        for check in &scoring {
            check.visit(&mut |family| contexts.extend(family.context(self.variables)));
        }
        let looks = judged || scoring.iter().any(|check| check.needs_expected());
        Fingerprint::of_json(&Decisive {
            mode: self.mode,
            checks: scoring.iter().map(|check| (&check.kind, graded.then_some(check.weight))).collect(),
            expected: self.expected.filter(|_| looks),
            judge: self.judge.filter(|_| judged).map(Judge::fingerprint),
            threshold: self.judge.filter(|_| falls_back).map(|judge| judge.threshold),
            contexts,
        })
    }

    /// What models must still be asked before [`Scoring::score`] has a result. Nothing, if the
    /// score is decided: in pass/fail, as soon as one check has failed.
    pub fn questions(&self, subject: Subject<'_>, readings: &Readings) -> Vec<OpenQuestion> {
        let input = self.input(subject, readings);
        if self.mode == ScoreMode::PassFail && self.checks.iter().any(|check| check.find(&input).is_failed())
        {
            return Vec::new();
        }
        let mut questions = Vec::new();
        for check in self.checks {
            open_questions(check, &input, &mut questions);
        }
        questions
    }

    /// Every question that the checks could ask about an answer, with the votes that it needs at least.
    pub fn all_questions(&self, subject: Subject<'_>) -> Vec<OpenQuestion> {
        let (readings, mut questions) = (Readings::new(), Vec::new());
        let input = self.input(subject, &readings);
        for check in self.checks {
            check.visit(&mut |family| {
                for question in family.questions(&input) {
                    let votes = votes_needed(family, &input, &question);
                    questions.push(OpenQuestion { question, votes });
                }
            });
        }
        questions
    }

    /// Whether an answer passes every check, and no check needs the judge or says what an answer may not be.
    pub fn accepts(&self, subject: Subject<'_>) -> bool {
        let readings = Readings::new();
        let input = self.input(subject, &readings);
        let deciding = || self.checks.iter().filter(|check| !check.is_advisory());
        !deciding().any(|check| matches!(check.kind, Kind::Logic(Logic::Not(_))))
            && deciding().all(|check| check.find(&input).is_passed())
    }

    /// Whether a check compares with the old prompt's answer.
    pub fn compares(&self) -> bool {
        self.checks.iter().any(|check| check.any(&|family| family.pass_mark() == Some(PassMark::Compared)))
    }

    /// The score of an answer (decisions.md#score-of-a-case).
    pub fn score(&self, subject: Subject<'_>, readings: &Readings) -> CaseScore {
        let input = self.input(subject, readings);
        let stop = &subject.response.stop;
        let mut parts = Vec::new();
        let mut results: Vec<CheckResult> = self
            .checks
            .iter()
            .map(|check| {
                let mut finding = check.find(&input);
                parts.append(&mut finding.parts);
                if finding.is_failed() && !stop.is_complete() && !finding.reason.contains(&stop_reason(stop))
                {
                    finding.reason.push_str(&format!(" (the model stopped with {})", stop_reason(stop)));
                }
                finding.labelled(check.label())
            })
            .collect();
        let score = self.total(&results);
        results.append(&mut parts);
        CaseScore { score, results }
    }

    fn input<'b>(&self, subject: Subject<'b>, readings: &'b Readings) -> ScoringInput<'b>
    where
        'a: 'b,
    {
        ScoringInput {
            text: &subject.response.text,
            response: subject.response,
            cost_usd: subject.cost_usd,
            expected: self.expected,
            variables: self.variables,
            reference: self.reference,
            is_fresh: self.is_fresh,
            mode: self.mode,
            judge: self.judge,
            readings,
        }
    }

    fn total(&self, results: &[CheckResult]) -> Score {
        let counted = || self.checks.iter().zip(results).filter(|(_, result)| !result.outcome.is_advisory());
        if counted().next().is_none() {
            return Score::Unscored { reason: "no check that scores".to_owned() };
        }
        let failed = counted().any(|(_, result)| result.outcome == Outcome::Failed);
        if failed && self.mode == ScoreMode::PassFail {
            return Score::Scored { value: 0.0, passed: false };
        }
        let open = |result: &CheckResult| matches!(result.outcome, Outcome::Unscored | Outcome::NotAsked);
        if let Some((_, result)) = counted().find(|(_, result)| open(result)) {
            return Score::Unscored { reason: format!("{}: {}", result.label, result.reason) };
        }
        let value = match self.mode {
            ScoreMode::PassFail => 1.0,
            ScoreMode::Mean => {
                let weights: f64 = counted().map(|(check, _)| check.weight).sum();
                let shares =
                    counted().map(|(check, result)| check.weight / weights * result.score.unwrap_or(0.0));
                shares.sum::<f64>().clamp(0.0, 1.0)
            }
        };
        Score::Scored { value, passed: !failed }
    }
}

/// The questions below a check that could change its result.
fn open_questions(check: &Check, input: &ScoringInput<'_>, questions: &mut Vec<OpenQuestion>) {
    if check.find(input).outcome != Outcome::NotAsked {
        return;
    }
    let family = check.kind.family();
    for question in family.questions(input) {
        let votes = votes_needed(family, input, &question);
        let known = questions.iter_mut().find(|open| open.question == question);
        match known {
            Some(open) => open.votes = open.votes.max(votes),
            None if votes > 0 => questions.push(OpenQuestion { question, votes }),
            None => {}
        }
    }
    for check in family.inner() {
        open_questions(check, input, questions);
    }
}

/// The state of the questions to models about one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consultation {
    /// What they have said.
    pub readings: Readings,
    /// What they must still be asked before [`Scoring::score`] has a result; empty if it has
    /// one.
    pub open: Vec<Inquiry>,
}

impl Scoring<'_> {
    /// Consults the readings that `known` finds for inquiries. `conversation` is what
    /// the model was shown, without variation. If no judge is configured, there are no questions to it.
    ///
    /// # Errors
    /// Those of `known`.
    pub fn consult<E>(
        &self,
        subject: Subject<'_>,
        conversation: &[Message],
        mut known: impl FnMut(&Inquiry) -> Result<Option<Reading>, E>,
    ) -> Result<Consultation, E> {
        let mut consultation = Consultation::default();
        loop {
            consultation.open.clear();
            let mut has_new = false;
            for OpenQuestion { question, votes } in self.questions(subject, &consultation.readings) {
                let cast = consultation.readings.entry(question.id()).or_default();
                let first = cast.len() as u32;
                for vote in first..first + votes {
                    let Some(inquiry) = question.inquire(self.judge, conversation, vote) else { continue };
                    match known(&inquiry)? {
                        // Votes count in their order: one whose predecessor is missing waits for it.
                        Some(reading) if cast.len() as u32 == vote => {
                            cast.push(reading);
                            has_new = true;
                        }
                        Some(_) => {}
                        None => consultation.open.push(inquiry),
                    }
                }
            }
            // A reading may decide the score, or make a question necessary that was not needed before.
            if !has_new {
                return Ok(consultation);
            }
        }
    }
}
