//! The assay: the gates of all affected prompts, their answers and scores, as one piece of work
//! made of trials. Pure: it says which calls it needs and takes their outcomes.
//!
//! ```text
//! Gate::next -> Call -> Trial -> answer -> judge trials -> CaseScore -> Gate::observe
//! ```

mod outcomes;
mod prefetch;
mod prompt;
mod setup;
mod state;
#[cfg(test)]
mod tests;

use crate::trial::{AnswerKey, Call, StopCause, TrialId, TrialOutcome, Unreadable, Wanted, Window, Work};

pub use prefetch::Prefetch;
pub use prompt::PromptAssay;
pub use setup::{PromptSetup, comparison_key, fresh_key, screening_keys};
pub use state::Kept;

/// Which part of the work a trial is.
#[derive(Clone, Copy, Debug)]
struct TrialRole {
    prompt: usize,
    call: Call,
    /// The judge's question, when it is not the prompt itself that is called.
    question: Option<AnswerKey>,
    /// Whether its outcome has arrived.
    done: bool,
}

/// Assigns trial ids and remembers the purpose of each trial, and which inquiries of the judge had no readable answer.
#[derive(Debug, Default)]
struct TrialRegistry {
    roles: Vec<TrialRole>,
    unreadable: Unreadable,
}

impl TrialRegistry {
    fn register(&mut self, prompt: usize, call: Call, question: Option<AnswerKey>) -> TrialId {
        let id = TrialId(self.roles.len() as u64);
        self.roles.push(TrialRole { prompt, call, question, done: false });
        id
    }

    /// What a trial was for, once.
    fn take(&mut self, id: TrialId) -> Option<TrialRole> {
        let role = self.roles.get_mut(usize::try_from(id.0).ok()?).filter(|role| !role.done)?;
        role.done = true;
        Some(*role)
    }
}

/// The evaluation of all affected prompts.
#[derive(Debug, Default)]
pub struct Assay {
    prompts: Vec<PromptAssay>,
    registry: TrialRegistry,
    stopped: Option<StopCause>,
}

impl Assay {
    /// An assay of these prompts, each at its own gate.
    pub fn new(setups: Vec<PromptSetup>) -> Self {
        Self { prompts: setups.into_iter().map(PromptAssay::new).collect(), ..Self::default() }
    }

    /// The prompts, in the order they were given.
    pub fn prompts(&self) -> &[PromptAssay] {
        &self.prompts
    }

    /// Why the run was stopped early, when it was.
    pub fn stopped(&self) -> Option<&StopCause> {
        self.stopped.as_ref()
    }
}

impl Work for Assay {
    fn wanted(&mut self, window: Window) -> Wanted {
        let mut wanted = Wanted::default();
        for (index, prompt) in self.prompts.iter_mut().enumerate() {
            if wanted.now.len() >= window.now {
                break;
            }
            prompt.wish(index, window, &mut self.registry, &mut wanted);
        }
        wanted
    }

    fn observe(&mut self, id: TrialId, outcome: TrialOutcome) {
        // No call can succeed: the run ends with this message. It does not count as a lost call.
        if matches!(&outcome, TrialOutcome::Failed(error) if error.class.is_fatal()) {
            return;
        }
        let Some(role) = self.registry.take(id) else { return };
        let prompt = &mut self.prompts[role.prompt];
        match role.question {
            None => prompt.observe_answer(&role, outcome, &mut self.registry),
            Some(question) => prompt.observe_judge(&role, question, outcome, &mut self.registry),
        }
    }

    fn stop(&mut self, cause: StopCause) {
        for prompt in &mut self.prompts {
            prompt.stop(&cause);
        }
        self.stopped.get_or_insert(cause);
    }
}
