//! The decisions of docs/decisions.md on the real path, from two trees in memory to the
//! report: only the model is a closure.

mod adoption;
mod answers;
mod keys;
mod lost;
mod moved;
mod orders;
mod per_call;
mod several;
mod sharded;
mod shown;
mod stability;
mod verdicts;

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::*;
use crate::app::sharding::{self, Premise};
use crate::compare::{self, Circumstances, Redaction};
use crate::config::{Budget, ProviderKind};
use crate::fingerprint::Fingerprint;
use crate::golden::CaseInput;
use crate::model::{
    Answering, Counting, ErrorClass, Model, ModelError, Request, Response, Role, StopReason, ToolCall, Usage,
};
use crate::problem::Problems;
use crate::report::{CaseFinding, CaseReason, CaseStatus, PromptReport, Report, Revision};
use crate::runner::{Interrupt, Runner};
use crate::shard::Shard;
use crate::snapshot::{Choice, Snapshot};
use crate::store::MemoryStore;
use crate::tree::MemoryTree;
use crate::trial::Side;
use crate::variation::Variation;
use crate::verdict::{Reason, Verdict};

const TODAY: &str = "2026-06-15";
const MODEL: &str = "amazon.nova-lite-v1:0";

/// What a closure answers.
type Answers = dyn Fn(&Request) -> Result<Response, ModelError> + Send + Sync;

struct Closure {
    answers: Box<Answers>,
    asked: Mutex<Vec<Request>>,
    /// Draws how long each answer takes.
    pace: Option<u64>,
}

impl Model for Closure {
    fn answer<'a>(&'a self, request: &'a Request) -> Answering<'a> {
        self.asked.lock().unwrap().push(request.clone());
        Box::pin(async move {
            if let Some(seed) = self.pace {
                let drawn = Fingerprint::of_json(&(seed, request));
                tokio::time::sleep(Duration::from_millis(u64::from(drawn.as_bytes()[0]))).await;
            }
            (self.answers)(request)
        })
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(async { Ok(()) })
    }

    fn count_tokens<'a>(&'a self, _request: &'a Request) -> Counting<'a> {
        unreachable!("a run counts no tokens")
    }
}

/// Two trees, what is remembered between runs, and how the next one is made.
struct Lab {
    base: MemoryTree,
    head: MemoryTree,
    store: Arc<MemoryStore>,
    cache: CacheMode,
    budget: Option<Budget>,
    choice: Choice,
    signal: watch::Sender<Interrupt>,
    pace: Option<u64>,
    /// When its runs end.
    at: u64,
}

/// What a run came to.
struct Run {
    report: Report,
    /// Every request that was bought, in order.
    asked: Vec<Request>,
}

impl Run {
    fn prompt(&self, id: &str) -> &PromptReport {
        self.report.prompts.iter().find(|prompt| prompt.head.id == id).expect("the prompt is in the report")
    }

    /// The only prompt.
    fn only(&self) -> &PromptReport {
        assert_eq!(self.report.prompts.len(), 1, "{:?}", self.report.prompts);
        &self.report.prompts[0]
    }

    fn words(&self) -> (Verdict, Reason, u8) {
        (self.only().verdict, self.only().reason, self.report.exit_code)
    }
}

/// The files every lab begins with, the same on both sides: one prompt `p` whose system text is
/// `one`, and `n` cases that want a `yes`.
fn files(n: usize) -> MemoryTree {
    MemoryTree::new([
        ("prompts.yaml", "p: \"one\"\n".to_owned()),
        ("golden/p.yaml", cases(0..n)),
        (
            "prompt-assay.yaml",
            format!("models: {{branch: {MODEL}, main: {MODEL}}}\nparameters: {{temperature: 0}}\n"),
        ),
    ])
}

/// A golden set: the inputs are `q0`, `q1` …, and an answer passes that says `yes`.
fn cases(ids: impl IntoIterator<Item = usize>) -> String {
    let mut text = "defaults: {checks: [{contains: \"yes\"}]}\ncases:\n".to_owned();
    for id in ids {
        text.push_str(&format!("  - {{id: c{id:03}, input: q{id}}}\n"));
    }
    text
}

impl Lab {
    /// `n` cases, and an edit of the prompt's text from `one` to `two`.
    fn edited(n: usize) -> Self {
        let mut lab = Self::of(files(n), files(n));
        lab.head.insert("prompts.yaml", "p: \"two\"\n");
        lab
    }

    fn of(base: MemoryTree, head: MemoryTree) -> Self {
        Self {
            base,
            head,
            store: Arc::default(),
            cache: CacheMode::ReadWrite,
            budget: None,
            choice: Choice::default(),
            signal: watch::channel(Interrupt::None).0,
            pace: None,
            at: 0,
        }
    }

    /// Adds lines to the configuration of both sides.
    fn configure(&mut self, lines: &str) {
        for tree in [&mut self.base, &mut self.head] {
            let mut text = text_of(tree, "prompt-assay.yaml");
            text.push_str(lines);
            text.push('\n');
            tree.insert("prompt-assay.yaml", text);
        }
    }

    /// Replaces a part of a head's file.
    fn edit(&mut self, path: &str, old: &str, new: &str) {
        let text = text_of(&self.head, path);
        assert!(text.contains(old), "{path} holds no {old:?}");
        self.head.insert(path, text.replace(old, new));
    }

    fn changes(&self) -> (Config, ChangeSet) {
        let mut problems = Problems::new();
        let base = Snapshot::read(&self.base, None, &mut Problems::new());
        let head = Snapshot::read(&self.head, None, &mut problems);
        let changes = crate::change::compare(&base, &head, &self.choice, &mut problems);
        assert!(!problems.has_errors(), "{problems}");
        (head.config, changes)
    }

    /// Evaluates, answering by the closure.
    fn run(&self, answers: impl Fn(&Request) -> Result<Response, ModelError> + Send + Sync + 'static) -> Run {
        self.run_shard(None, answers)
    }

    /// Evaluates the whole or a shard, answering by the closure.
    fn run_shard(
        &self,
        shard: Option<Shard>,
        answers: impl Fn(&Request) -> Result<Response, ModelError> + Send + Sync + 'static,
    ) -> Run {
        let (mut config, mut changes) = self.changes();
        config.budget = self.budget.unwrap_or(config.budget);
        let revision = |name: &str| Revision { name: name.to_owned(), commit: None };
        let (base, head) = (revision("base"), revision("head"));
        let together = together(&changes, &config, TODAY);
        let part = shard.map(|shard| {
            let premise = Premise {
                config: &config,
                revisions: [&base, &head],
                tier: self.choice.tier,
                provider: (ProviderKind::Scripted, None),
                today: TODAY,
            };
            sharding::keep(shard, &mut changes, &premise)
        });
        let prices = PriceTable::built_in();
        let gating = Gating {
            changes: &changes,
            together,
            config: &config,
            today: TODAY,
            prices: &prices,
            store: self.store.as_ref(),
            cache: self.cache,
            trusts_store: true,
        };
        let mut assay = Assay::new(gating.setups().expect("gates"));
        let model =
            Arc::new(Closure { answers: Box::new(answers), asked: Mutex::default(), pace: self.pace });
        let runner = Runner {
            prompt: model.clone(),
            judge: model.clone(),
            store: self.store.clone(),
            policy: config.calls.clone(),
            budget: config.budget,
            prices: prices.clone(),
            cache: self.cache,
            interrupt: self.signal.subscribe(),
        };
        gating.begin(&assay).expect("a store");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let spend = runtime.expect("a runtime").block_on(runner.run(&mut assay, &mut |_| {})).expect("a run");
        gating.remember(Side::Baseline, self.at).expect("a store");
        let report = compare::report(
            &changes,
            &assay,
            &spend,
            Circumstances {
                names: crate::compare::SideNames::default(),
                base,
                head,
                tier: self.choice.tier,
                provider: ProviderKind::Scripted,
                redaction: Redaction::new(&config.redact),
                policy: config.gate,
                warnings: Vec::new(),
                keeps_answers: true,
                wall_ms: 0,
                part,
                pull_request: None,
                takes_all_texts: true,
            },
        );
        let asked = model.asked.lock().unwrap().clone();
        Run { report, asked }
    }
}

fn text_of(tree: &MemoryTree, path: &str) -> String {
    let bytes = tree.files().find(|(name, _)| *name == path).expect("the file is there").1;
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn said(text: impl Into<String>) -> Result<Response, ModelError> {
    Ok(Response {
        usage: Usage { input: 10, output: 5, ..Usage::default() },
        latency_ms: Some(7),
        ..Response::saying(text)
    })
}

/// An answer that passes or fails, and is different for each fresh call.
fn passes(passes: bool, request: &Request) -> Result<Response, ModelError> {
    said(format!("{} ({})", if passes { "yes" } else { "no" }, last(request)))
}

fn error(class: ErrorClass, message: &str) -> Result<Response, ModelError> {
    Err(ModelError { class, code: None, message: message.to_owned(), help: None })
}

/// A judge's answer.
fn graded(request: &Request, score: f64) -> Result<Response, ModelError> {
    let input = serde_json::json!({"reasoning": "because", "score": score, "code": crate::check::control_code(request)});
    let calls = vec![ToolCall { name: "score".to_owned(), input }];
    said("").map(|response| Response { tool_calls: calls, stop: StopReason::ToolUse, ..response })
}

fn system(request: &Request) -> &str {
    request.system.as_deref().unwrap_or_default().trim_end()
}

/// The last user message, as sent.
fn last(request: &Request) -> &str {
    request.messages.iter().rev().find(|m| m.role == Role::User).map_or("", |m| m.text.as_str())
}

/// Which case's input a request carries.
fn input(request: &Request) -> usize {
    let text = last(request).trim_start().trim_start_matches('q');
    text.split_whitespace().next().and_then(|n| n.parse().ok()).expect("an input such as q7")
}

/// Whether a call is fresh. At temperature 0 no fresh call is sent as the screening was; nothing
/// else tells them apart.
fn is_fresh(request: &Request) -> bool {
    !is_judge(request) && *request != screened_form(request)
}

/// The screening call of the case behind a request.
fn screened_form(request: &Request) -> Request {
    let mut plain = request.clone();
    plain.system = plain.system.map(|text| text.trim_end().to_owned());
    let text = last(request).trim().to_owned();
    plain.messages.last_mut().expect("a message").text.clone_from(&text);
    let asked = Fingerprint::of_json(&(CaseInput::Text(text), BTreeMap::<String, serde_json::Value>::new()));
    Variation::of_screening(asked).applied_to(&plain)
}

fn is_judge(request: &Request) -> bool {
    request.tool_choice.is_some()
}

fn of_candidate(request: &Request) -> bool {
    system(request) == "two"
}

/// Both prompts pass everything.
fn fine(request: &Request) -> Result<Response, ModelError> {
    passes(true, request)
}

fn ids(cases: &[CaseFinding]) -> Vec<&str> {
    cases.iter().map(|case| case.id.as_str()).collect()
}
