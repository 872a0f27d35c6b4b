//! The action's inputs, as the runner passes them: `INPUT_` and the name in capitals, with its
//! dashes.

use std::collections::BTreeMap;

use super::{Event, is_commit_id};
use crate::config::VerdictEffect;
use crate::problem::nearest;
use crate::prompt::Tier;
use crate::report::untrusted::quoted;
use crate::s3_location::S3Location;
use crate::seal::StoreKeys;
use crate::shard::Shard;
use crate::store::remote::Area;

/// Names that the runner accepts for every container action; they are not inputs of this action.
const OF_THE_RUNNER: [&str; 2] = ["ENTRYPOINT", "ARGS"];

/// What a pull request without secrets ends with when affected cases have no stored answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFork {
    /// Exit 3: NOT MEASURED is not a pass.
    #[default]
    Fail,
    /// Exit 0, with the verdict NOT MEASURED in outputs and summary.
    Skip,
}

/// How a verdict's effect on the exit status is written.
const EFFECTS: &[(&str, VerdictEffect)] =
    &[("neutral", VerdictEffect::Neutral), ("fail", VerdictEffect::Fail)];

/// What a moved bar does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GoldenChanges {
    /// It is listed in the comment.
    Allow,
    /// The same, and an annotation.
    #[default]
    Warn,
    /// The same, and exit 1.
    Fail,
}

/// Which verdicts fail the check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// A failed gate.
    #[default]
    Regression,
    /// None: report without blocking. NOT MEASURED still ends with 3.
    Never,
}

/// The part of the shared store that an event may use: a proposed change never writes where trusted
/// commits read.
pub fn area_of(event: &Event) -> Area {
    let is_queue = matches!(event, Event::MergeGroup { to_default_branch: true, .. });
    if is_queue || event.is_on_default_branch() { Area::Main } else { Area::Read }
}

/// A decision about one commit, by a person who gives a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlass {
    /// The commit's full id: an author can make two commits with the same first digits.
    pub commit: String,
    /// Why.
    pub reason: String,
}

impl BreakGlass {
    /// Whether it is about this commit.
    pub fn passes(&self, commit: &str) -> bool {
        commit.eq_ignore_ascii_case(&self.commit)
    }
}

/// The inputs, validated; an empty input counts as absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    /// Path of the configuration, from the working directory.
    pub config: Option<String>,
    /// Directory below the workspace.
    pub working_directory: Option<String>,
    /// Overrides the tier that follows from the event.
    pub tier: Option<Tier>,
    /// The model that answers on both sides.
    pub model: Option<String>,
    /// Only these prompts.
    pub prompts: Vec<String>,
    /// Overrides the base that follows from the event.
    pub base: Option<String>,
    /// US dollars.
    pub max_cost: Option<f64>,
    /// Calls.
    pub max_calls: Option<u64>,
    /// Tokens.
    pub max_tokens: Option<u64>,
    /// Calls in flight.
    pub concurrency: Option<usize>,
    /// Order of cases and fresh variations.
    pub seed: Option<String>,
    /// Stored answers only.
    pub offline: bool,
    /// Buy every answer again.
    pub fresh: bool,
    /// Buy the screening answers in batch jobs.
    pub batch: bool,
    /// Where several machines share paid answers.
    pub shared_store: Option<S3Location>,
    /// Overrides the part of it that follows from the event.
    pub shared_area: Option<Area>,
    /// The keys with which trusted runs seal their answers and their evidence.
    pub store_keys: Option<StoreKeys>,
    /// A file of rules instead of a model.
    pub scripted: Option<String>,
    /// What INCONCLUSIVE does.
    pub on_inconclusive: Option<VerdictEffect>,
    /// What MIXED does.
    pub on_mixed: Option<VerdictEffect>,
    /// What a fork without answers does.
    pub on_fork: OnFork,
    /// What a moved bar does; `None`: it depends on the author.
    pub golden_changes: Option<GoldenChanges>,
    /// Which verdicts fail the check.
    pub fail_on: FailOn,
    /// False: no comment.
    pub comment: bool,
    /// Distinguishes several comments on one pull request.
    pub comment_key: Option<String>,
    /// The author of comments that are written with this token.
    pub comment_author: String,
    /// Reads trees and writes the comment.
    pub token: Option<String>,
    /// Directory of the database and the result files, below the workspace.
    pub cache: String,
    /// One commit that may pass.
    pub break_glass: Option<BreakGlass>,
    /// The label that lets one commit pass.
    pub break_glass_label: Option<String>,
    /// The part of the affected prompts that is evaluated.
    pub shard: Option<Shard>,
    /// Reports of shards to merge instead of an evaluation: files or directories.
    pub merge: Vec<String>,
    /// Whether main prefetches the branch model's answers for prompts that passed.
    pub branch_baselines: bool,
    /// The environment to which prompts that passed on the default branch are released.
    pub release: Option<String>,
    /// One commit whose release may replace external changes.
    pub overwrite: Option<BreakGlass>,
    /// Evidence of an earlier job, to be released without an evaluation.
    pub evidence: Option<String>,
}

impl Inputs {
    /// Reads the inputs among the environment's variables. The second part are warnings.
    ///
    /// # Errors
    /// All errors in them, one sentence each.
    pub fn read(environment: &BTreeMap<String, String>) -> Result<(Self, Vec<String>), Vec<String>> {
        let mut reader = Reader { environment, asked: Vec::new(), errors: Vec::new() };
        let inputs = Self::of(&mut reader);
        inputs.refuse_contradictions(&mut reader.errors);
        let warnings = reader.unknown();
        if reader.errors.is_empty() { Ok((inputs, warnings)) } else { Err(reader.errors) }
    }

    /// Every input of `action.yml`, in its order.
    pub fn names() -> Vec<&'static str> {
        let mut reader = Reader { environment: &BTreeMap::new(), asked: Vec::new(), errors: Vec::new() };
        Self::of(&mut reader);
        reader.asked
    }

    /// The one list of inputs: what is asked for here is known.
    fn of(reader: &mut Reader<'_>) -> Self {
        Self {
            config: reader.text("config"),
            working_directory: reader.text("working-directory"),
            tier: reader
                .choice("tier", &[("auto", None), ("branch", Some(Tier::Branch)), ("main", Some(Tier::Main))])
                .flatten(),
            model: reader.text("model"),
            prompts: reader.list("prompt"),
            base: reader.text("base"),
            max_cost: reader
                .number("max-cost", "0 or more US dollars", |cost: &f64| cost.is_finite() && *cost >= 0.0),
            max_calls: reader.number("max-calls", "a whole number", |_| true),
            max_tokens: reader.number("max-tokens", "a whole number", |_| true),
            concurrency: reader.number("concurrency", "a whole number from 1 to 1000", |calls: &usize| {
                (1..=1000).contains(calls)
            }),
            seed: reader.text("seed"),
            offline: reader.flag("offline").unwrap_or(false),
            fresh: reader.flag("fresh").unwrap_or(false),
            batch: reader.flag("batch").unwrap_or(false),
            shared_store: reader.parsed("shared-store"),
            shared_area: reader
                .choice(
                    "shared-area",
                    &[
                        ("auto", None),
                        ("main", Some(Area::Main)),
                        ("branch", Some(Area::Branch)),
                        ("read", Some(Area::Read)),
                    ],
                )
                .flatten(),
            store_keys: reader.store_keys(),
            scripted: reader.text("scripted"),
            on_inconclusive: reader.choice("on-inconclusive", EFFECTS),
            on_mixed: reader.choice("on-mixed", EFFECTS),
            on_fork: reader
                .choice("on-fork", &[("fail", OnFork::Fail), ("skip", OnFork::Skip)])
                .unwrap_or_default(),
            golden_changes: reader
                .choice(
                    "golden-changes",
                    &[
                        ("auto", None),
                        ("allow", Some(GoldenChanges::Allow)),
                        ("warn", Some(GoldenChanges::Warn)),
                        ("fail", Some(GoldenChanges::Fail)),
                    ],
                )
                .flatten(),
            fail_on: reader
                .choice("fail-on", &[("regression", FailOn::Regression), ("never", FailOn::Never)])
                .unwrap_or_default(),
            comment: reader.flag("comment").unwrap_or(true),
            comment_key: reader.text("comment-key"),
            comment_author: reader.text("comment-author").unwrap_or_else(|| "github-actions[bot]".to_owned()),
            token: reader.text("github-token"),
            cache: reader.text("cache").unwrap_or_else(|| ".prompt-assay".to_owned()),
            break_glass: reader.of_one_commit("break-glass", "pass"),
            break_glass_label: reader.text("break-glass-label"),
            shard: reader.parsed("shard"),
            merge: reader.list("merge"),
            branch_baselines: reader.flag("branch-baselines").unwrap_or(true),
            release: reader.text("release"),
            overwrite: reader.of_one_commit("overwrite", "overwrite what was decided outside"),
            evidence: reader.text("evidence"),
        }
    }

    /// Inputs that go ill together.
    fn refuse_contradictions(&self, errors: &mut Vec<String>) {
        if self.evidence.is_some() && self.release.is_none() {
            let alone = "`evidence` releases the result of an earlier job: name the environment in `release`";
            errors.push(alone.to_owned());
        }
        if self.overwrite.is_some() && self.release.is_none() {
            let alone = "`overwrite` applies to a release: name the environment in `release`";
            errors.push(alone.to_owned());
        }
        if self.release.is_some() && self.tier == Some(Tier::Branch) {
            let both =
                "`release` needs the main tier: only the full model's verdict releases; leave `tier` out";
            errors.push(both.to_owned());
        }
        if self.shard.is_some() && !self.merge.is_empty() {
            let both = "`shard` and `merge` exclude each other: `shard` is for the jobs of the matrix, `merge` for the \
                        job after them";
            errors.push(both.to_owned());
        }
        if self.offline && self.fresh {
            errors.push("`offline` and `fresh` exclude each other: leave one of them out".to_owned());
        }
        if self.batch && (self.offline || self.fresh) {
            errors.push("`batch` goes with neither `offline` nor `fresh`: leave one of them out".to_owned());
        }
    }
}

struct Reader<'a> {
    environment: &'a BTreeMap<String, String>,
    /// Every name that was asked for.
    asked: Vec<&'static str>,
    errors: Vec<String>,
}

impl Reader<'_> {
    fn text(&mut self, name: &'static str) -> Option<String> {
        self.asked.push(name);
        let value = self.environment.get(&format!("INPUT_{}", name.to_uppercase()))?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Names between commas or line breaks.
    fn list(&mut self, name: &'static str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    fn choice<T: Clone>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        if found.is_none() {
            let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.errors.push(format!("`{name}` is {}; it may be {}", quoted(&text), words.join(", ")));
        }
        found.map(|(_, value)| value.clone())
    }

    fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.choice(name, &[("true", true), ("false", false)])
    }

    fn number<T: std::str::FromStr>(
        &mut self,
        name: &'static str,
        what: &str,
        is_valid: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let text = self.text(name)?;
        let number = text.parse().ok().filter(|number| is_valid(number));
        if number.is_none() {
            self.errors.push(format!("`{name}` is {}; it must be {what}", quoted(&text)));
        }
        number
    }

    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        let parsed = text.parse();
        if let Err(error) = &parsed {
            self.errors.push(format!("`{name}` is {}; {error}", quoted(&text)));
        }
        parsed.ok()
    }

    fn store_keys(&mut self) -> Option<StoreKeys> {
        let read = StoreKeys::read(&self.text("store-key")?);
        read.unwrap_or_else(|error| {
            self.errors.push(format!("`store-key` {error}"));
            None
        })
    }

    /// `COMMIT: REASON`; both are required, so that the input does not also apply to later commits.
    fn of_one_commit(&mut self, name: &'static str, may: &str) -> Option<BreakGlass> {
        let text = self.text(name)?;
        let (commit, reason) = text.split_once(':').unwrap_or((&text, ""));
        let (commit, reason) = (commit.trim().to_ascii_lowercase(), reason.trim());
        if is_commit_id(commit.as_str()) && !reason.is_empty() {
            return Some(BreakGlass { commit, reason: reason.to_owned() });
        }
        self.errors.push(format!(
            "`{name}` must be `COMMIT: REASON`: the full id of the one commit that may {may}, and why"
        ));
        None
    }

    /// Inputs that `action.yml` does not have: a misspelt one would be ignored silently.
    fn unknown(&self) -> Vec<String> {
        let names = self.environment.keys().filter_map(|key| key.strip_prefix("INPUT_"));
        let ours = |name: &str| self.asked.iter().any(|known| known.eq_ignore_ascii_case(name));
        names
            .filter(|name| !ours(name) && !OF_THE_RUNNER.contains(name))
            .map(|name| {
                let name = name.to_lowercase();
                match nearest(&name, &self.asked) {
                    Some(near) => {
                        format!("the action has no input {}; did you mean `{near}`?", quoted(&name))
                    }
                    None => format!("the action has no input {}; it is ignored", quoted(&name)),
                }
            })
            .collect()
    }
}
