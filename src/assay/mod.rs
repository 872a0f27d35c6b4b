//! The assay: the gates of all affected prompts, their answers and scores, as one piece of work
//! made of trials. Pure: it says which calls it needs and takes what came back.
//!
//! ```text
//! Gate::next -> Call -> Trial -> answer -> judge trials -> CaseScore -> Gate::observe
//! ```

mod prompt;
mod setup;
mod state;

use std::collections::BTreeMap;

use crate::trial::{Call, StopCause, Trial, TrialId, TrialOutcome, Wanted, Work};

pub use prompt::PromptAssay;
pub use setup::{PromptSetup, comparison_key, screening_keys};
pub use state::Kept;

use crate::check::QuestionId;

/// Which part of the work a trial is.
#[derive(Clone, Copy, Debug)]
struct Errand {
    prompt: usize,
    call: Call,
    /// The judge's question, when it is not the prompt itself that is called.
    question: Option<QuestionId>,
}

/// Hands out trial ids and remembers what each trial is for.
#[derive(Debug, Default)]
struct Registry {
    next: u64,
    errands: BTreeMap<TrialId, Errand>,
}

impl Registry {
    fn register(&mut self, errand: Errand) -> TrialId {
        let id = TrialId(self.next);
        self.next += 1;
        self.errands.insert(id, errand);
        id
    }
}

/// Trials that one prompt wants.
#[derive(Debug, Default)]
struct Wishes {
    now: Vec<Trial>,
    soon: Vec<Trial>,
}

/// The evaluation of all affected prompts.
#[derive(Debug, Default)]
pub struct Assay {
    prompts: Vec<PromptAssay>,
    registry: Registry,
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
    fn wanted(&mut self) -> Wanted {
        let mut wanted = Wanted::default();
        for (index, prompt) in self.prompts.iter_mut().enumerate() {
            let wishes = prompt.wishes(index, &mut self.registry);
            wanted.now.extend(wishes.now);
            wanted.soon.extend(wishes.soon);
        }
        wanted
    }

    fn observe(&mut self, id: TrialId, outcome: TrialOutcome) {
        let Some(errand) = self.registry.errands.remove(&id) else { return };
        let prompt = &mut self.prompts[errand.prompt];
        match errand.question {
            None => prompt.observe_answer(errand.prompt, errand.call, outcome, &mut self.registry),
            Some(question) => {
                prompt.observe_judge(errand.prompt, (errand.call, question), outcome, &mut self.registry);
            }
        }
    }

    fn stop(&mut self, cause: StopCause) {
        for prompt in &mut self.prompts {
            prompt.stop(&cause);
        }
        self.stopped.get_or_insert(cause);
    }
}
