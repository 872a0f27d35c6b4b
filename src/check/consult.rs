//! What a scoring knows from the judge's answers so far, and what it must still ask.

use super::judge_question::{JudgeReading, Readings};
use super::score::{Scoring, Subject};
use crate::model::{Message, Request};

/// The state of the questions to the judge about one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consultation {
    /// What the judge has said.
    pub readings: Readings,
    /// What the judge must still be asked before [`Scoring::score`] has a result; empty if it has
    /// one.
    pub open: Vec<Request>,
}

impl Scoring<'_> {
    /// Consults the readings that `known` finds for the judge's requests. `conversation` is what
    /// the model was shown, without variation. If no judge is configured, there are no questions.
    ///
    /// # Errors
    /// Those of `known`.
    pub fn consult<E>(
        &self,
        subject: Subject<'_>,
        conversation: &[Message],
        mut known: impl FnMut(&Request) -> Result<Option<JudgeReading>, E>,
    ) -> Result<Consultation, E> {
        let mut consultation = Consultation::default();
        let Some(judge) = self.judge else { return Ok(consultation) };
        loop {
            consultation.open.clear();
            let before = consultation.readings.len();
            for question in self.questions(subject, &consultation.readings) {
                let request = judge.request(conversation, &question);
                match known(&request)? {
                    Some(reading) => drop(consultation.readings.insert(question.id(), reading)),
                    None => consultation.open.push(request),
                }
            }
            // A reading may decide the score, or make a question necessary that was not needed before.
            if consultation.readings.len() == before {
                return Ok(consultation);
            }
        }
    }
}
