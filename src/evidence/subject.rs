//! The subject of an evaluation and of a release, by fingerprint: computed in the same way for
//! both, so that equal names mean that exactly this content passed.

use serde_json::{Value, json};

use crate::change::Judges;
use crate::check::Check;
use crate::fingerprint::Fingerprint;
use crate::golden::{self, Case, CaseInput, GoldenSet};
use crate::model::{JudgeModels, Parameters};
use crate::per_call::BudgetPerCall;
use crate::problem::Problems;
use crate::prompt::Prompt;
use crate::snapshot::{Choice, Resolved, Snapshot};

/// A prompt's content and bar, by fingerprint.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The catalog key.
    pub prompt: String,
    /// Texts with what they include, template language, model, parameters, tools.
    pub content: Fingerprint,
    /// The cases: inputs, variables and what is expected.
    pub golden: Fingerprint,
    /// Checks, rubrics, judge, floor, budget of a call.
    pub scoring: Fingerprint,
    /// The model that answers.
    pub model: String,
    /// Its sampling parameters.
    pub parameters: Parameters,
    /// The judge's model, or the models of a panel, when a case asks one.
    pub judge: JudgeModels,
    /// The server that answers, where the configuration names one: a model's name is not the same model everywhere.
    pub server: Option<String>,
    /// The limits of single calls, which are part of `scoring`.
    pub limits: BudgetPerCall,
    /// Whether there is a golden set.
    pub covered: bool,
}

/// A prompt of the head, and the content it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct SubjectPair {
    /// The head's.
    pub candidate: Subject,
    /// The base's content under the same or the former name.
    pub baseline: Option<Fingerprint>,
}

impl SubjectPair {
    /// The contents of both sides.
    pub fn contents(&self) -> impl Iterator<Item = Fingerprint> + use<> {
        [Some(self.candidate.content), self.baseline].into_iter().flatten()
    }
}

/// The subjects of all prompts of the head that can be read. The comparison of the two snapshots
/// reports the problems of a prompt; only the limit for all prompts together is a problem here.
pub fn pairs(
    base: &Snapshot<'_>,
    head: &Snapshot<'_>,
    choice: &Choice,
    problems: &mut Problems,
) -> Vec<SubjectPair> {
    // The comparison has gone through them once.
    base.renew_allowance();
    head.renew_allowance();
    let judges = Judges::of(head.bar(), &mut Problems::new());
    let pair = |prompt: &Prompt| {
        let candidate = subject(head, &judges, prompt, choice)?;
        let former = base.prompt(&prompt.id).or_else(|| base.prompt(prompt.was.as_deref()?));
        let baseline = former.and_then(|old| {
            let fallback = Some(candidate.model.as_str());
            let resolved = Resolved::read(base, old, choice, fallback, &mut Problems::new())?;
            Some(content(old, &resolved))
        });
        Some(SubjectPair { candidate, baseline })
    };
    let pairs = head.prompts.iter().filter_map(pair).collect();
    [head, base].into_iter().filter_map(Snapshot::excess).for_each(|problem| problems.push(problem));
    pairs
}

/// One prompt's subject; `None` when it cannot be read.
pub fn subject(
    snapshot: &Snapshot<'_>,
    judges: &Judges<'_>,
    prompt: &Prompt,
    choice: &Choice,
) -> Option<Subject> {
    let problems = &mut Problems::new();
    let resolved = Resolved::read(snapshot, prompt, choice, None, problems)?;
    let set = match prompt.golden.as_deref() {
        Some(path) => Some(golden::read(snapshot.bar().tree, path, &mut Default::default(), problems)?),
        None => None,
    };
    if let Some(set) = &set {
        snapshot.allowance().take_golden(set.bytes, &set.path);
    }
    let cases = set.as_ref().map(|set: &GoldenSet| set.cases.as_slice()).unwrap_or_default();
    let asks = cases.iter().any(|case| case.checks.iter().any(Check::asks_judge));
    let judge = judges.judge(prompt).filter(|_| asks);
    let floor = prompt.min_score.or(snapshot.config.gate.min_score);
    let checks: Vec<Value> = cases.iter().map(|case| json!([case.id, case.checks, case.must_pass])).collect();
    let mut bar = vec![json!(checks), json!(prompt.score), json!(judge), json!(floor)];
    let limits = prompt.budget_per_call.or(&snapshot.config.gate.budget_per_call);
    if !limits.is_empty() {
        // Without limits the bar has the name that it always had.
        bar.push(json!(limits));
    }
    Some(Subject {
        prompt: prompt.id.clone(),
        content: content(prompt, &resolved),
        golden: Fingerprint::of_json(&cases.iter().map(|case| case_value(case)).collect::<Vec<_>>()),
        scoring: Fingerprint::of_json(&json!(bar)),
        judge: judge.map(|judge| judge.models).unwrap_or_default(),
        server: snapshot.config.provider.server().map(str::to_owned),
        limits,
        covered: set.is_some(),
        model: resolved.model,
        parameters: resolved.parameters,
    })
}

/// The parts of a call that do not depend on the case.
fn content(prompt: &Prompt, resolved: &Resolved) -> Fingerprint {
    let texts: Vec<Value> = resolved.texts.iter().map(|text| json!([text.speaker, text.text])).collect();
    Fingerprint::of_json(&json!({
        "template": prompt.engine,
        "texts": texts,
        "parts": resolved.parts,
        "model": resolved.model,
        "parameters": resolved.parameters,
        "tools": resolved.tools,
        "tool_choice": resolved.tool_choice,
    }))
}

fn case_value(case: &Case) -> Value {
    let input = match &case.input {
        CaseInput::Text(text) => json!({"text": text}),
        CaseInput::Variables => Value::Null,
        CaseInput::Messages(turns) => json!({"messages": turns}),
    };
    json!([case.id, input, case.variables, case.expected, case.exact])
}
