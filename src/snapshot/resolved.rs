//! A prompt with everything it needs: compiled texts, model, parameters. It turns a case into a
//! request.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::catalog::placed;
use crate::golden::{Case, CaseInput};
use crate::model::{Message, Operation, Parameters, Request, Role, Tool, ToolChoice};
use crate::problem::{Mark, MistakeKind, Problem, Problems};
use crate::prompt::{Engine, ParameterOverrides, Prompt, Speaker};
use crate::snapshot::{Choice, Snapshot, texts_of};
use crate::template::{Allowance, Parts, Place, Template, TemplateError};
use crate::tree::directory;

/// One message's template, as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateText {
    /// Who speaks.
    pub speaker: Speaker,
    /// The file the text stands in.
    pub path: String,
    /// Where the text, or the name of its file, stands in the catalog.
    pub mark: Mark,
    /// The template's text.
    pub text: String,
    /// The catalog's line in which the text begins, where its lines are the catalog's; 0: they are not.
    pub first_line: u32,
}

impl TemplateText {
    /// A problem at a line of this text, from 1: in its file, or where `catalog` writes it
    /// inline.
    pub fn place(&self, problem: Problem, catalog: &str, line: u32) -> Problem {
        if self.path != catalog {
            return problem.at(&self.path, &self.text, Mark::new(line, u32::from(line > 0)));
        }
        let written = self.text.lines().nth(line.saturating_sub(1) as usize);
        if let Some(line) = self.line_of_file(line) {
            return problem.on_line(catalog, written, Mark::new(line, 0));
        }
        let mut problem = problem.on_line(catalog, written, self.mark);
        if line > 0 && self.text.trim_end().contains('\n') {
            let place = format!("line {line} of the prompt's text");
            problem.help = Some(problem.help.map_or(place.clone(), |help| format!("{help} ({place})")));
        }
        problem
    }

    /// The line of the file that a line of this text is, where that is known.
    fn line_of_file(&self, line: u32) -> Option<u32> {
        (line > 0 && self.first_line > 0).then(|| self.first_line + line - 1)
    }

    /// An error with the line of the file; one that has no file tells the line of the text.
    fn located(&self, error: TemplateError, catalog: &str) -> TemplateError {
        if error.path.as_deref() != Some(&self.path) || self.path != catalog {
            return error;
        }
        let line = error.line.and_then(|line| self.line_of_file(u32::try_from(line).ok()?));
        match line {
            Some(line) => TemplateError { line: Some(line as usize), ..error },
            None => TemplateError { path: None, ..error },
        }
    }
}

/// Why a case cannot be turned into a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// The template cannot be rendered with the case's variables.
    #[error("{0}")]
    Template(#[from] TemplateError),
    /// The prompt has no user message and the case gives none.
    #[error("the prompt has no user message and the case gives no `input`")]
    NothingToSay,
    /// The case gives a conversation, and the prompt ends with a user message of its own.
    #[error("the case gives `messages`, but the prompt has a user message of its own; give `vars` instead")]
    TwoUserMessages,
    /// A message is empty after rendering; Bedrock refuses those.
    #[error("the {0} message is empty after rendering")]
    Empty(&'static str),
}

/// A prompt, ready to render.
#[derive(Debug)]
pub struct Resolved {
    /// The texts, as read; for diffs.
    pub texts: Vec<TemplateText>,
    /// What the texts include; for diffs and causes.
    pub parts: Parts,
    /// The model that answers.
    pub model: String,
    /// Sampling parameters, defaults filled in.
    pub parameters: Parameters,
    /// Tools on offer.
    pub tools: Vec<Tool>,
    /// Whether a tool must be called.
    pub tool_choice: Option<ToolChoice>,
    templates: Vec<(Speaker, Template)>,
    /// File, line and name of the prompt.
    subject: String,
    catalog: String,
    allowance: Rc<Allowance>,
}

impl Resolved {
    /// Reads and compiles a prompt's texts. `fallback_model` answers when the snapshot names no
    /// model: a base from before the configuration existed.
    pub fn read(
        snapshot: &Snapshot<'_>,
        prompt: &Prompt,
        choice: &Choice,
        fallback_model: Option<&str>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let (texts, parts) = texts_of(snapshot, prompt, problems)?;
        let mut templates = Vec::new();
        for text in &texts {
            let place = Place { root: directory(&prompt.catalog), path: &text.path };
            match Template::compile(prompt.engine, place, &text.text, &parts) {
                Ok(template) => templates.push((text.speaker, template)),
                Err(error) => problems.push(template_problem(prompt, text, &parts, &error)),
            }
        }
        let model = snapshot.model(prompt, choice).or_else(|| fallback_model.map(str::to_owned));
        if model.is_none() {
            let tier = choice.tier.as_str();
            let message = format!("no model for the prompt `{}` in the tier `{tier}`", prompt.id);
            let help = format!(
                "set `models: {{{tier}: MODEL_ID}}` in prompt-assay.yaml, or pass `--model MODEL_ID`"
            );
            let problem = placed(snapshot.tree, prompt, prompt.mark, message).help(help);
            problems.push(problem.kind(MistakeKind::MissingModel));
        }
        let compiled = templates.len() == texts.len();
        let own = &prompt.parameters;
        let provider = snapshot.config.provider.kind();
        if (own.guardrail.is_some() || own.performance.is_some()) && provider.capabilities().is_third_party()
        {
            let message = format!(
                "the prompt `{}`: `guardrail` and `performance` exist on Amazon Bedrock only, and the provider is \
                 `{provider}`",
                prompt.id
            );
            let problem = placed(snapshot.tree, prompt, prompt.mark, message);
            problems.push(problem.help("leave them out of its `parameters`"));
        }
        model.filter(|_| compiled).map(|model| Self {
            texts,
            parts,
            model,
            parameters: parameters(&snapshot.config.parameters, &prompt.parameters),
            tools: prompt.tools.clone(),
            tool_choice: prompt.tool_choice.clone(),
            templates,
            catalog: prompt.catalog.clone(),
            subject: format!("{}:{}: the prompt `{}`", prompt.catalog, prompt.mark.line, prompt.id),
            allowance: snapshot.allowance(),
        })
    }

    /// The request for a case. Its cost is counted for the snapshot's allowance.
    ///
    /// # Errors
    /// See [`CaseError`].
    pub fn request(&self, case: &Case) -> Result<Request, CaseError> {
        self.rendered(case).inspect_err(|_| self.allowance.was_of(&case.id))
    }

    /// Whether a limit of the snapshot's texts was exceeded: then nothing more need be rendered.
    pub fn is_in_excess(&self) -> bool {
        self.allowance.exceeded().is_some()
    }

    fn rendered(&self, case: &Case) -> Result<Request, CaseError> {
        self.allowance.is_for(format!("{}, the case `{}`", self.subject, case.id));
        let values = case.values();
        let mut system: Vec<String> = Vec::new();
        let mut messages = Vec::new();
        for ((speaker, template), text) in self.templates.iter().zip(&self.texts) {
            let text = template
                .render(&values, &self.allowance)
                .map_err(|error| text.located(error, &self.catalog))?;
            match speaker {
                Speaker::System => system.push(text),
                Speaker::User => messages.push(Message { role: Role::User, text }),
                Speaker::Assistant => messages.push(Message { role: Role::Assistant, text }),
            }
        }
        let asks = messages.last().is_some_and(|message: &Message| message.role == Role::User);
        match &case.input {
            CaseInput::Text(text) if !asks => messages.push(Message { role: Role::User, text: text.clone() }),
            CaseInput::Messages(_) if asks => return Err(CaseError::TwoUserMessages),
            CaseInput::Messages(turns) => messages.extend(turns.iter().cloned()),
            CaseInput::Variables if !asks => return Err(CaseError::NothingToSay),
            CaseInput::Text(_) | CaseInput::Variables => {}
        }
        if let Some(empty) = messages.iter().find(|message| message.text.trim().is_empty()) {
            return Err(CaseError::Empty(if empty.role == Role::User { "user" } else { "assistant" }));
        }
        messages.shrink_to_fit();
        let given = match &case.input {
            CaseInput::Text(text) => text.len(),
            CaseInput::Messages(turns) => turns.iter().map(|turn| turn.text.len()).sum(),
            CaseInput::Variables => 0,
        };
        self.allowance.take_given(given, self.texts.first().map_or("", |text| text.path.as_str()))?;
        let system = system.join("\n\n");
        Ok(Request {
            model: self.model.clone(),
            system: (!system.trim().is_empty()).then_some(system),
            messages,
            parameters: self.parameters.clone(),
            tools: self.tools.clone(),
            tool_choice: self.tool_choice.clone(),
            operation: Operation::Answer,
        })
    }

    /// The user message that ends the prompt, if it has one of its own; else the case's input is it.
    pub fn question(&self) -> Option<&TemplateText> {
        self.texts.last().filter(|text| text.speaker == Speaker::User)
    }

    /// The variables any of the prompt's texts may read.
    pub fn variables(&self) -> BTreeSet<String> {
        self.templates.iter().flat_map(|(_, template)| template.variables()).collect()
    }
}

/// The prompt's parameters override the configuration's, which override the defaults.
fn parameters(config: &ParameterOverrides, prompt: &ParameterOverrides) -> Parameters {
    let default = Parameters::default();
    Parameters {
        max_tokens: prompt.max_tokens.or(config.max_tokens).unwrap_or(default.max_tokens),
        temperature: prompt.temperature.or(config.temperature),
        top_p: prompt.top_p.or(config.top_p),
        stop: prompt.stop.clone().or_else(|| config.stop.clone()).unwrap_or_default(),
        extra: prompt.extra.clone().or_else(|| config.extra.clone()),
        response_format: prompt.response_format.clone().or_else(|| config.response_format.clone()),
        guardrail: prompt.guardrail.clone().or_else(|| config.guardrail.clone()),
        performance: prompt.performance.or(config.performance),
    }
}

/// A template error at its place: file and line for a text in a file, the catalog's entry for an
/// inline text.
fn template_problem(prompt: &Prompt, text: &TemplateText, parts: &Parts, error: &TemplateError) -> Problem {
    let mut problem = Problem::error(format!("the prompt `{}`: {}", prompt.id, error.message));
    if prompt.engine == Engine::Jinja {
        let (help, kind) = meant_otherwise(&text.text);
        problem = problem.help(help);
        problem.kind = kind;
    }
    let line = u32::try_from(error.line.unwrap_or(0)).unwrap_or(0);
    let path = error.path.as_deref().unwrap_or(&text.path);
    match parts.get(path) {
        Some(part) => problem.at(path, part, Mark::new(line, 1)),
        None => text.place(problem, &prompt.catalog, line),
    }
}

/// What to do about a text that is no template of Jinja, and the mistake if it is one of another language.
fn meant_otherwise(text: &str) -> (String, Option<MistakeKind>) {
    let compiled = |engine| {
        let nowhere = Place { root: "", path: "" };
        Template::compile(engine, nowhere, text, &Parts::new()).ok()
    };
    let first = |template: &Template| template.variables().into_iter().next();
    let (python, braces) = (compiled(Engine::Python), compiled(Engine::Braces));
    let help = match (python.as_ref().map(first), braces.as_ref().and_then(first)) {
        (Some(Some(name)), _) => format!("for Python's `{{{name}}}`, set `template: python`"),
        (_, Some(name)) => format!("if only `{{{name}}}` is to be filled in, set `template: braces`"),
        (Some(None), None) if text.contains("{{") && text.contains("}}") => {
            "copied from Python? set `template: python`, which sends `{{` as one brace; or set `template: none` to send \
             both as they stand"
                .to_owned()
        }
        (_, None) => return ("if its braces are to be sent as they stand, set `template: none`".to_owned(), None),
    };
    (help, Some(MistakeKind::OtherSyntax))
}
