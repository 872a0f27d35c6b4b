//! The exam: every labelled answer is put to the judge, several times, as one piece of work made of trials.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use super::labels::Label;
use crate::change::{CaseChange, ChangeSet, PromptChange};
use crate::check::{
    Check, Consultation, Inquiry, Judge, OpenQuestion, Question, Reading, Readings, Score, Scoring, Subject,
    Task,
};
use crate::fingerprint::Fingerprint;
use crate::model::{Response, Usage};
use crate::problem::Problem;
use crate::trial::{
    AnswerKey, Attempt, Lane, Phase, Side, StopCause, Trial, TrialId, TrialOutcome, Unreadable, Wanted,
    Window, Work,
};

/// A label that says nothing about a judge, and why.
pub type Unusable = Problem;

/// A labelled answer before the judge.
#[derive(Debug)]
pub struct Paper {
    /// The label.
    pub label: Label,
    /// Who judges it.
    pub judge: Judge,
    response: Response,
    reference: Option<Response>,
    checks: Vec<Check>,
    case: CaseChange,
    mode: crate::prompt::ScoreMode,
    votes: u32,
    questions: Vec<Question>,
    /// What the judge said, by the key of the inquiry.
    read: BTreeMap<AnswerKey, Reading>,
}

#[derive(Debug)]
struct Open {
    paper: usize,
    inquiry: Inquiry,
    trial: Arc<Trial>,
}

/// All labelled answers before their judges.
#[derive(Debug, Default)]
pub struct Exam {
    papers: Vec<Paper>,
    repeats: u32,
    open: BTreeMap<TrialId, Open>,
    next: u64,
    unreadable: Unreadable,
    stopped: Option<StopCause>,
    usage: BTreeMap<String, (u64, Usage)>,
}

impl Exam {
    /// The labels as questions to the judges of their prompts, `repeats` times to each model, and at least as often as an
    /// evaluation may ask.
    ///
    /// # Errors
    /// The labels that name no judged case.
    pub fn of(labels: Vec<Label>, changes: &ChangeSet, repeats: u32) -> Result<Self, Vec<Unusable>> {
        let mut exam = Self { repeats, ..Self::default() };
        let mut unusable = Vec::new();
        for label in labels {
            match paper(label, changes) {
                Ok(paper) => exam.add(paper),
                Err(problem) => unusable.push(*problem),
            }
        }
        if unusable.is_empty() { Ok(exam) } else { Err(unusable) }
    }

    fn add(&mut self, mut paper: Paper) {
        let index = self.papers.len();
        let judge = paper.judge.clone();
        let asked = paper.scoring(&judge).all_questions(paper.subject());
        paper.votes = (self.repeats * judge.models.len() as u32).max(judge.votes_at_most(paper.mode));
        for OpenQuestion { question, .. } in asked {
            if paper.questions.contains(&question) {
                continue;
            }
            // An embedding is no opinion: it is asked for once.
            let votes = if question.task().is_some() { paper.votes } else { 1 };
            for inquiry in (0..votes).filter_map(|vote| paper.inquiry(&question, vote)) {
                let trial = self.trial(&paper, &inquiry, false);
                self.open.insert(trial.id, Open { paper: index, inquiry, trial });
            }
            paper.questions.push(question);
        }
        self.papers.push(paper);
    }

    fn trial(&mut self, paper: &Paper, inquiry: &Inquiry, replaces_stored: bool) -> Arc<Trial> {
        let id = TrialId(self.next);
        self.next += 1;
        Arc::new(Trial {
            id,
            lane: Lane::Judge,
            key: AnswerKey::judge(&inquiry.request),
            comparison: Fingerprint::of_bytes(b"calibration"),
            request: inquiry.request.clone(),
            prompt: paper.label.prompt.clone(),
            case: paper.label.case.clone(),
            side: Side::Candidate,
            phase: Phase::Screen,
            replaces_stored,
        })
    }

    /// The labelled answers, with what the judge said of them.
    pub fn papers(&self) -> &[Paper] {
        &self.papers
    }

    /// The models that are asked.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.papers.iter().flat_map(|paper| paper.judge.models.iter()).map(String::as_str)
    }

    /// Calls of a judge that were answered, and their tokens, stored ones included.
    pub fn usage(&self, model: &str) -> (u64, Usage) {
        self.usage.get(model).copied().unwrap_or_default()
    }

    /// Why it ended early, when it did.
    pub fn stopped(&self) -> Option<&StopCause> {
        self.stopped.as_ref()
    }
}

impl Paper {
    fn scoring<'a>(&'a self, judge: &'a Judge) -> Scoring<'a> {
        let whole = self.case.case.scoring(self.mode, Some(judge));
        Scoring { checks: &self.checks, reference: self.reference.as_ref(), ..whole }
    }

    fn inquiry(&self, question: &Question, vote: u32) -> Option<Inquiry> {
        question.inquire(Some(&self.judge), &self.case.candidate.messages, vote)
    }

    fn reading(&self, question: &Question, vote: u32) -> Option<&Reading> {
        self.read.get(&AnswerKey::judge(&self.inquiry(question, vote)?.request))
    }

    /// Votes on each question.
    pub fn votes(&self) -> u32 {
        self.votes
    }

    /// Whether an evaluation would pass the answer at its first look, with as many votes as it asks for; `None`: it
    /// could not be scored.
    pub fn verdict(&self) -> Option<bool> {
        let known = |inquiry: &Inquiry| {
            Ok::<_, Infallible>(self.read.get(&AnswerKey::judge(&inquiry.request)).cloned())
        };
        let (scoring, subject) = (self.scoring(&self.judge), self.subject());
        let Ok(Consultation { readings, open }) =
            scoring.consult(subject, &self.case.candidate.messages, known);
        open.is_empty().then(|| passed(&scoring.score(subject, &readings).score)).flatten()
    }

    /// Whether one vote passes the answer; `None`: that vote cannot be read.
    pub fn vote(&self, vote: u32) -> Option<bool> {
        let judge = Judge { panel: Some(1), ..self.judge.clone() };
        let mut readings = Readings::new();
        for question in &self.questions {
            readings.insert(question.id(), vec![self.reading(question, vote)?.clone()]);
        }
        passed(&self.scoring(&judge).score(self.subject(), &readings).score)
    }

    fn subject(&self) -> Subject<'_> {
        Subject { response: &self.response, cost_usd: None }
    }

    /// The first reading of each model, with its task.
    pub fn first_readings(&self) -> impl Iterator<Item = (&Task, &Reading)> {
        let votes = 0..self.judge.models.len() as u32;
        let all =
            self.questions.iter().flat_map(move |question| votes.clone().map(move |vote| (question, vote)));
        all.filter_map(|(question, vote)| Some((question.task()?, self.reading(question, vote)?)))
    }

    /// Why the judge decided as it did, by the first vote of each model.
    pub fn reason(&self) -> String {
        let said = self.first_readings().map(|(_, reading)| match reading {
            Reading::Read { reason, points, .. } if reason.is_empty() => {
                let missed = points.iter().filter(|point| !point.met).map(|point| point.label.as_str());
                missed.collect::<Vec<_>>().join("; ")
            }
            Reading::Read { reason, .. } => reason.clone(),
            Reading::Vector(_) => String::new(),
            Reading::Unreadable(why) => why.clone(),
        });
        said.collect::<Vec<_>>().join("; ")
    }
}

fn passed(score: &Score) -> Option<bool> {
    match score {
        Score::Scored { passed, .. } => Some(*passed),
        Score::Unscored { .. } => None,
    }
}

fn paper(label: Label, changes: &ChangeSet) -> Result<Paper, Box<Unusable>> {
    let fault = |message: String, help: &str| {
        let mut problem = Problem::error(message).path(&label.path).help(help);
        problem.mark = label.mark;
        Box::new(problem)
    };
    let Some(change) = changes.prompts.iter().find(|change| change.id == label.prompt) else {
        let help = "name a prompt that has a golden set with judge checks";
        return Err(fault(format!("`{}` is not a prompt of the catalogs", label.prompt), help));
    };
    let Some(case) = change.cases.iter().find(|case| case.case.id == label.case) else {
        let help = "name a case of the prompt's golden set";
        return Err(fault(format!("`{}` is not a case of `{}`", label.case, label.prompt), help));
    };
    let checks: Vec<Check> = case.case.checks.iter().filter(|check| check.asks_judge()).cloned().collect();
    let PromptChange { judge: Some(judge), score, .. } = change else {
        return Err(fault(
            format!("`{}` has no judge", label.prompt),
            "name one under `models: {judge: ...}`",
        ));
    };
    if checks.is_empty() {
        let help = "label answers to cases with a judge check";
        return Err(fault(format!("the case `{}` asks no judge", label.case), help));
    }
    let (response, reference) =
        (Response::saying(&label.answer), label.other.as_deref().map(Response::saying));
    let (judge, case, mode) = (judge.clone(), case.clone(), *score);
    Ok(Paper {
        label,
        judge,
        response,
        reference,
        checks,
        case,
        mode,
        votes: 0,
        questions: Vec::new(),
        read: BTreeMap::new(),
    })
}

impl Work for Exam {
    fn wanted(&mut self, window: Window) -> Wanted {
        let most = if self.stopped.is_some() { 0 } else { window.now };
        let now = self.open.values().take(most).map(|open| Arc::clone(&open.trial)).collect();
        Wanted { now, soon: Vec::new() }
    }

    fn observe(&mut self, id: TrialId, outcome: TrialOutcome) {
        if matches!(&outcome, TrialOutcome::Failed(error) if error.class.is_fatal()) {
            return;
        }
        let Some(mut open) = self.open.remove(&id) else { return };
        let key = open.trial.key;
        let reading = match &outcome {
            TrialOutcome::Answered(answer) => {
                let usage = self.usage.entry(open.trial.request.model.clone()).or_default();
                let said = answer.response.usage;
                usage.0 += 1;
                usage.1.input += said.input;
                usage.1.output += said.output;
                usage.1.cache_read += said.cache_read;
                usage.1.cache_write += said.cache_write;
                let reading = open.inquiry.read(&answer.response);
                match &reading {
                    Reading::Read { .. } | Reading::Vector(_) => self.unreadable.forget(key),
                    Reading::Unreadable(why) => self.unreadable.note(key, !answer.cached, why),
                }
                if self.unreadable.attempt(key) == Attempt::Again {
                    let id = TrialId(self.next);
                    self.next += 1;
                    open.trial = Arc::new(Trial { id, replaces_stored: true, ..(*open.trial).clone() });
                    self.open.insert(id, open);
                    return;
                }
                reading
            }
            TrialOutcome::Failed(error) => Reading::Unreadable(error.to_string()),
        };
        self.papers[open.paper].read.insert(open.trial.key, reading);
    }

    fn stop(&mut self, cause: StopCause) {
        self.stopped.get_or_insert(cause);
    }
}
