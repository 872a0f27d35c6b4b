//! The judge's prompt of a snapshot: the team's own text, rendered once, or the built-in one.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Judge;
use crate::config::JudgeKind;
use crate::price;
use crate::problem::{Problem, Problems, nearest};
use crate::prompt::{Prompt, Speaker};
use crate::snapshot::{Snapshot, texts_of};
use crate::template::{Place, Template};
use crate::tree::directory;

/// The judge of a snapshot.
pub struct Judges<'a> {
    snapshot: &'a Snapshot<'a>,
    /// The team's own instructions; the built-in ones where absent.
    pub texts: BTreeMap<JudgeKind, String>,
}

impl<'a> Judges<'a> {
    /// Looks up and renders the texts that `judge.prompt` and `judge.prompts` name. One that cannot be used is a
    /// problem, never silently the built-in text: a judge decides what passes.
    pub fn of(snapshot: &'a Snapshot<'_>, problems: &mut Problems) -> Self {
        let mut texts = BTreeMap::new();
        for (kind, id) in &snapshot.config.judge.prompts {
            let text = match snapshot.prompt(id) {
                Some(prompt) => instructions(snapshot, prompt, problems),
                // An unreadable catalog may contain it.
                None if problems.has_errors() => None,
                None => {
                    problems.push(unknown(snapshot, *kind, id));
                    None
                }
            };
            texts.extend(text.map(|text| (*kind, text)));
        }
        Self { snapshot, texts }
    }

    /// The kinds of questions that are asked with other instructions than before.
    pub fn edited_since(&self, before: &Judges<'_>) -> BTreeSet<JudgeKind> {
        let differs = |kind: &JudgeKind| self.texts.get(kind) != before.texts.get(kind);
        JudgeKind::ALL.into_iter().filter(differs).collect()
    }

    /// Why a model may not judge the answers of a prompt: it is the model that gives them.
    pub fn judges_itself(&self, judge: &Judge, model: &str) -> Option<Problem> {
        if self.snapshot.config.judge.allow_self_judge {
            return None;
        }
        let itself = judge.models.iter().find(|judge| price::base(judge) == price::base(model))?;
        let problem = Problem::error(format!(
            "`{itself}` would judge its own answers, and models prefer what they write themselves"
        ));
        let place = if judge.models.is_panel() { "judge: {panel: [...]}" } else { "models: {judge: ...}" };
        let help = format!(
            "name another model under `{place}`, or allow it with `judge: {{allow_self_judge: true}}`"
        );
        Some(match &self.snapshot.config.path {
            Some(path) => problem.path(path).help(help),
            None => problem.help(help),
        })
    }

    /// How a prompt's judge checks are asked; `None` when no judge model is named.
    pub fn judge(&self, prompt: &Prompt) -> Option<Judge> {
        let models = self.snapshot.judge_models(prompt);
        let policy = &self.snapshot.config.judge;
        (!models.is_empty()).then(|| Judge::new(models, &self.texts, policy))
    }
}

fn unknown(snapshot: &Snapshot<'_>, kind: JudgeKind, id: &str) -> Problem {
    let key = match kind {
        JudgeKind::Rubric => "judge.prompt".to_owned(),
        kind => format!("judge.prompts.{}", kind.as_str()),
    };
    let known: Vec<&str> = snapshot.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    let problem = Problem::error(format!("`{key}` names `{id}`, which no catalog declares"));
    let problem = match nearest(id, &known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("declare it in a catalog, or leave it out for the built-in text"),
    };
    match &snapshot.config.path {
        Some(path) => problem.path(path),
        None => problem,
    }
}

/// The system text, includes resolved. A judge's text has no case, hence no variables.
fn instructions(snapshot: &Snapshot<'_>, prompt: &Prompt, problems: &mut Problems) -> Option<String> {
    let fault = |message: String| {
        let mut problem = Problem::error(format!("the judge's prompt `{}`: {message}", prompt.id))
            .path(&prompt.catalog)
            .help("a judge's prompt has a system text without variables");
        problem.mark = prompt.mark;
        problem
    };
    let (texts, parts) = texts_of(snapshot, prompt, problems)?;
    let subject = format!("{}:{}: the judge's prompt `{}`", prompt.catalog, prompt.mark.line, prompt.id);
    snapshot.allowance().is_for(subject);
    let mut rendered = Vec::new();
    for text in texts.iter().filter(|text| text.speaker == Speaker::System) {
        let place = Place { root: directory(&prompt.catalog), path: &text.path };
        let template = Template::compile(prompt.engine, place, &text.text, &parts);
        match template.and_then(|template| template.render(&BTreeMap::new(), &snapshot.allowance())) {
            Ok(text) => rendered.push(text),
            Err(error) => {
                problems.push(fault(error.message));
                return None;
            }
        }
    }
    if rendered.is_empty() {
        problems.push(fault("it has no system text that can be used".to_owned()));
    }
    (!rendered.is_empty()).then(|| rendered.join("\n\n"))
}
