//! What a scoring knows from the answers of judges and other models so far, and what it must still ask.

use super::inquiry::{Inquiry, OpenQuestion, Reading, Readings};
use super::score::{Scoring, Subject};
use crate::model::Message;

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
