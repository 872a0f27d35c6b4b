//! The names of promptfoo's assertions, and what each is here. The page about imports lists the same.

/// What becomes of an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counterpart {
    /// A check decides the same; how it is written here, `…` being the assertion's value.
    Check(&'static str),
    /// A judge decides by a rubric; how it is written here.
    Judge(&'static str),
    /// Nothing here decides the same: why, and what to use.
    None(&'static str),
}

use Counterpart::{Check, Judge, None as No};

const CODE: &str = "code from the repository is never run, because a pull request could change it: use `json_path`, \
                    `json_schema`, `regex` or `judge`";
const OVERLAP: &str = "it counts words in common with a reference in another way: use `rouge`, or `judge`";
const SEMANTIC: &str = "semantic: {to: …, model: …, threshold: …}";
const DISTANCE: &str =
    "it measures the distance of embeddings in another way: use `semantic`, which measures their angle";
const RETRIEVAL: &str = "it measures retrieved context step by step: write judge: \"Every statement is supported by \
                         the context in the input.\"";
const TRACE: &str = "it reads the trace of an agent, and one call is evaluated here: use `tool_call`";
const MARKUP: &str = "no parser for it is built in: use `regex` or `contains`";
const CALL: &str = "the tool call is compared, not its schema: use `tool_call: {name: …, arguments: {…}}`";
const SERVICE: &str =
    "it asks another service or model, and answers leave for no other place here: use `judge`";
const PROBABILITY: &str = "Bedrock gives no probabilities of tokens";
const BETWEEN: &str =
    "it compares the outputs of several prompts: the old and the new prompt are compared by the gate";

/// Every assertion, without its `not-` form.
pub const ASSERTIONS: &[(&str, Counterpart)] = &[
    ("agent-rubric", No("its judge is an agent with tools: use `judge`, which sees the answer and the case")),
    ("answer-relevance", Judge("judge: \"The answer addresses what the input asks for.\"")),
    ("assert-set", Check("all: […]")),
    ("bleu", No(OVERLAP)),
    ("classifier", No(SERVICE)),
    ("contains", Check("contains: …")),
    ("contains-all", Check("contains: […]")),
    ("contains-any", Check("contains_any: […]")),
    ("contains-html", No(MARKUP)),
    (
        "contains-json",
        No("the whole answer must be JSON here, or JSON in a fence: use `json: {fenced: true}`"),
    ),
    ("contains-sql", No(MARKUP)),
    ("contains-xml", No(MARKUP)),
    ("context-faithfulness", No(RETRIEVAL)),
    ("context-recall", No(RETRIEVAL)),
    ("context-relevance", No(RETRIEVAL)),
    (
        "conversation-relevance",
        No("it scores a conversation turn by turn: use `judge`, which sees all turns"),
    ),
    ("cost", Check("cost: {max_usd: …}")),
    ("equals", Check("equals: …")),
    ("factuality", Judge("judge: \"Agrees with this reference: …\"")),
    ("finish-reason", Check("stop_reason: …")),
    ("g-eval", Judge("judge: …")),
    ("gleu", No(OVERLAP)),
    ("guardrails", No("a guardrail of Bedrock is a parameter: set `guardrail`, and use `stop_reason`")),
    ("human", No("a person decides nothing during a run")),
    ("icontains", Check("contains: {value: …, ignore_case: true}")),
    ("icontains-all", Check("contains: {value: […], ignore_case: true}")),
    ("icontains-any", Check("contains_any: {value: […], ignore_case: true}")),
    ("is-html", No(MARKUP)),
    ("is-json", Check("json: true")),
    ("is-refusal", Judge("judge: \"The answer refuses what the input asks for.\"")),
    ("is-sql", No(MARKUP)),
    ("is-valid-function-call", No(CALL)),
    ("is-valid-openai-function-call", No(CALL)),
    ("is-valid-openai-tools-call", No(CALL)),
    ("is-xml", No(MARKUP)),
    ("javascript", No(CODE)),
    ("latency", Check("latency: {max_ms: …}")),
    ("levenshtein", No("it counts edits, `similarity` a share: write similarity: {to: …, threshold: 0.9}")),
    ("llm-rubric", Judge("judge: …")),
    ("max-score", No(BETWEEN)),
    ("meteor", No(OVERLAP)),
    ("model-graded-closedqa", Judge("judge: …")),
    ("model-graded-factuality", Judge("judge: \"Agrees with this reference: …\"")),
    ("moderation", No(SERVICE)),
    ("perplexity", No(PROBABILITY)),
    ("perplexity-score", No(PROBABILITY)),
    ("pi", No(SERVICE)),
    ("python", No(CODE)),
    ("regex", Check("regex: …")),
    ("rouge-n", Check("rouge: {to: …, metric: rouge1, threshold: 0.75}")),
    ("ruby", No(CODE)),
    ("search-rubric", No("its judge searches the web, and a judge here sees the case only: use `judge`")),
    ("select-best", No(BETWEEN)),
    ("similar", Check(SEMANTIC)),
    ("similar:cosine", Check(SEMANTIC)),
    ("similar:dot", No(DISTANCE)),
    ("similar:euclidean", No(DISTANCE)),
    ("skill-used", No(TRACE)),
    ("starts-with", Check("starts_with: …")),
    ("tool-call-f1", No(CALL)),
    ("trace-error-spans", No(TRACE)),
    ("trace-span-count", No(TRACE)),
    ("trace-span-duration", No(TRACE)),
    ("trajectory:goal-success", No(TRACE)),
    ("trajectory:step-count", No(TRACE)),
    ("trajectory:tool-args-match", No(TRACE)),
    ("trajectory:tool-sequence", No(TRACE)),
    ("trajectory:tool-used", No(TRACE)),
    ("webhook", No(SERVICE)),
    ("word-count", Check("length: {min_words: …, max_words: …}")),
];

/// The assertion of a name, and whether it is its `not-` form.
pub fn named(written: &str) -> Option<(&'static str, Counterpart, bool)> {
    let (name, is_negated) = match written.strip_prefix("not-") {
        Some(name) => (name, true),
        None => (written, false),
    };
    let (name, counterpart) = ASSERTIONS.iter().find(|(known, _)| *known == name)?;
    Some((name, *counterpart, is_negated))
}
