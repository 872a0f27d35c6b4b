//! Whether evidence allows a release: which record counts, and why a record does not.

use super::{Evidence, Subject};
use crate::config::ProviderKind;
use crate::prompt::Tier;
use crate::verdict::{Reason, Verdict};

/// What a release asks of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Who must have answered: `bedrock` or `scripted`.
    pub provider: ProviderKind,
    /// Whether INCONCLUSIVE passes.
    pub release_on_inconclusive: bool,
    /// Whether MIXED passes.
    pub release_on_mixed: bool,
    /// The commit that is released: only its own break-glass counts. `None`: not a commit.
    pub commit: Option<String>,
}

/// Why nothing carries the release. Written to complete "`NAME` ...".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// No golden set: there can be no evidence.
    #[error("has no golden set, so nothing can show that it is good")]
    NotCovered,
    /// Nothing is known of the content.
    #[error("was never evaluated in this form with the full model")]
    Unknown,
    /// Only with the branch's model.
    #[error("was evaluated with the branch model only ({id})")]
    Branch {
        /// The evidence.
        id: String,
    },
    /// Answered by another provider.
    #[error("was evaluated with answers of `{provider}` only ({id})")]
    Provider {
        /// The evidence.
        id: String,
        /// Who answered.
        provider: ProviderKind,
    },
    /// Answered by a model of this name on another server.
    #[error("was evaluated with answers of {} only ({id})", server.as_deref().unwrap_or("another service"))]
    Server {
        /// The evidence.
        id: String,
        /// Who answered.
        server: Option<String>,
    },
    /// Other cases.
    #[error("passed another golden set than today's ({id})")]
    OtherGoldenSet {
        /// The evidence.
        id: String,
    },
    /// Other checks, another judge, floor or budget of a call.
    #[error("was scored by other checks, another judge or other limits than today's ({id})")]
    OtherScoring {
        /// The evidence.
        id: String,
    },
    /// The limits apply, and no call was measured.
    #[error("was never held against its budget per call ({id})")]
    Unmeasured {
        /// The evidence.
        id: String,
    },
    /// It was edited or damaged.
    #[error("has evidence whose digest does not match its content ({id}): it was edited or damaged")]
    Broken {
        /// The evidence.
        id: String,
    },
    /// It did not pass.
    #[error("did not pass: {} ({id}, {reason})", verdict.words())]
    Verdict {
        /// The evidence.
        id: String,
        /// What was concluded.
        verdict: Verdict,
        /// The stable reason.
        reason: Reason,
    },
}

impl Unfit {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            Unfit::NotCovered => "write a golden set, or pass `--without-evidence REASON`, which is recorded",
            Unfit::Unknown | Unfit::Branch { .. } => {
                "run `prompt-assay eval --tier main`, for a prompt that was never evaluated with `--base none`; evidence \
                 of another machine is passed with `--evidence FILE`"
            }
            Unfit::Provider { provider, .. } if !provider.is_language_model() => {
                "rules of a file are no language model: run `prompt-assay eval --tier main` with `provider: bedrock` in \
                 prompt-assay.yaml and without `--scripted`"
            }
            Unfit::Provider { .. } | Unfit::Server { .. } => {
                "run `prompt-assay eval --tier main` with the provider of prompt-assay.yaml"
            }
            Unfit::OtherGoldenSet { .. } => {
                "run `prompt-assay eval --tier main` again with today's golden set (stored answers cost nothing)"
            }
            Unfit::OtherScoring { .. } => {
                "run `prompt-assay eval --tier main` again with today's golden set (stored answers cost nothing); where \
                 `budget_per_call` applies, with `--base none --fresh`, which buys and measures all answers"
            }
            Unfit::Unmeasured { .. } => {
                "run `prompt-assay eval --tier main --base none --fresh`, which buys and measures all answers"
            }
            Unfit::Broken { .. } => "write it again with `prompt-assay eval --tier main --evidence FILE`",
            Unfit::Verdict { reason: Reason::BudgetPerCallUnresolved, .. } => {
                "set `release_on_inconclusive: true` under `release:` if undecided may go live, or run \
                 `prompt-assay eval --tier main --fresh`, with more cases if all calls were measured"
            }
            Unfit::Verdict { verdict: Verdict::Inconclusive, .. } => {
                "set `release_on_inconclusive: true` under `release:` if undecided may go live, or add cases"
            }
            Unfit::Verdict { verdict: Verdict::Mixed, reason, .. } if reason.leaves_bar_open() => {
                "a trade that leaves the minimum score or the budget per call open goes live only with both `release_on_mixed: true` and \
                 `release_on_inconclusive: true` under `release:`; or correct the broken cases"
            }
            Unfit::Verdict { verdict: Verdict::Mixed, .. } => {
                "set `release_on_mixed: true` under `release:` if such trades may go live, or correct the broken cases"
            }
            Unfit::Verdict { .. } => "fix the prompt; the live versions stay unchanged",
        }
    }
}

/// The newest evidence that counts for a subject, if it passed. `all` is newest first.
///
/// # Errors
/// Why no evidence allows the release; of several reasons the one nearest to a pass.
pub fn weigh<'a>(all: &'a [Evidence], subject: &Subject, demand: &Demand) -> Result<&'a Evidence, Unfit> {
    if !subject.covered {
        return Err(Unfit::NotCovered);
    }
    let mut nearest = (0, Unfit::Unknown);
    for evidence in all.iter().filter(|evidence| evidence.claim.content == subject.content) {
        match mismatch(evidence, subject, demand) {
            None => return verdict(evidence, subject, demand),
            Some((rank, unfit)) if rank > nearest.0 => nearest = (rank, unfit),
            Some(_) => {}
        }
    }
    Err(nearest.1)
}

/// Why evidence of this content is about something else; the greater the number, the nearer.
fn mismatch(evidence: &Evidence, subject: &Subject, demand: &Demand) -> Option<(u8, Unfit)> {
    let (claim, id) = (&evidence.claim, evidence.id.clone());
    if !evidence.is_intact() {
        // This reason comes first: a person must check.
        return Some((9, Unfit::Broken { id }));
    }
    if claim.provider != demand.provider {
        return Some((1, Unfit::Provider { id, provider: claim.provider }));
    }
    if claim.server != subject.server {
        return Some((1, Unfit::Server { id, server: claim.server.clone() }));
    }
    if claim.tier != Tier::Main {
        return Some((2, Unfit::Branch { id }));
    }
    if claim.golden != subject.golden {
        return Some((3, Unfit::OtherGoldenSet { id }));
    }
    (claim.scoring != subject.scoring).then_some((4, Unfit::OtherScoring { id }))
}

fn verdict<'a>(evidence: &'a Evidence, subject: &Subject, demand: &Demand) -> Result<&'a Evidence, Unfit> {
    let claim = &evidence.claim;
    let passes = match claim.verdict {
        Verdict::Ok | Verdict::Improved => claim.covered,
        Verdict::Inconclusive => claim.covered && demand.release_on_inconclusive,
        Verdict::Mixed => {
            let bar_may_stay_open = !claim.reason.leaves_bar_open() || demand.release_on_inconclusive;
            claim.covered && demand.release_on_mixed && bar_may_stay_open
        }
        Verdict::NotMeasured | Verdict::Regression => false,
    };
    let is_this_commit = claim.origin.commit.is_some() && claim.origin.commit == demand.commit;
    let id = evidence.id.clone();
    if claim.break_glass.is_some() && is_this_commit {
        Ok(evidence)
    } else if !passes {
        Err(Unfit::Verdict { id, verdict: claim.verdict, reason: claim.reason })
    } else if claim.budget_per_call.is_empty() && !subject.limits.is_empty() {
        Err(Unfit::Unmeasured { id })
    } else {
        Ok(evidence)
    }
}
