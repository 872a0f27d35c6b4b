//! Why reports cannot be merged; each reason says what to do next.

use super::Named;
use crate::report::Part;
use crate::report::untrusted::quoted;
use crate::shard::Shard;

/// Why these reports cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No report at all.
    #[error(
        "there is no report to merge\n  = name the files written by `prompt-assay eval --shard 1/8 --format json` and so \
         on, or their directory"
    )]
    Nothing,
    /// None that counts.
    #[error(
        "{}{} is not sealed with the store key of this run, so that it counts as missing, and nothing was measured\n  = \
         give the jobs of the shards the same `store-key`, on the main tier, and run them again; shards of the branch \
         tier are never sealed: merge them without a key",
        quoted(file),
        match others { 0 => String::new(), 1 => ", like another report,".to_owned(), n => format!(", like {n} other reports,") }
    )]
    Unsealed {
        /// One of them.
        file: String,
        /// How many more there are.
        others: usize,
    },
    /// A report of a whole evaluation.
    #[error(
        "{} is the report of a whole evaluation, not of a shard\n  = leave it out; only reports written with `--shard` \
         can be merged",
        quoted(file)
    )]
    NoShard {
        /// The report's file.
        file: String,
    },
    /// The same shard, twice.
    #[error(
        "shard {shard} is there twice: {} and {}\n  = keep one of them; after a job was run again, the newer",
        quoted(first),
        quoted(second)
    )]
    Twice {
        /// Which.
        shard: Shard,
        /// One file.
        first: String,
        /// The other.
        second: String,
    },
    /// Two evaluations.
    #[error(
        "these are shards of different evaluations: {what} {} in {}, but {} in {}\n  = {help}",
        quoted(one),
        quoted(first),
        quoted(other),
        quoted(second)
    )]
    Different {
        /// In what they differ.
        what: &'static str,
        /// What to do.
        help: &'static str,
        /// What the first says.
        one: Box<str>,
        /// What the second says.
        other: Box<str>,
        /// The first file.
        first: Box<str>,
        /// The second file.
        second: Box<str>,
    },
    /// A report that does not hold the prompts of its shard.
    #[error(
        "{} says it is shard {shard}, but does not hold the prompts of that shard\n  = run that shard again; do \
         not edit reports of shards",
        quoted(file)
    )]
    Damaged {
        /// The report's file.
        file: String,
        /// Which shard it says it is.
        shard: Shard,
    },
}

/// Two reports that are compared.
#[derive(Clone, Copy)]
pub(super) struct Files<'a> {
    pub first: &'a str,
    pub second: &'a str,
}

impl Files<'_> {
    fn differ(
        self,
        what: &'static str,
        [one, other]: [String; 2],
        help: &'static str,
    ) -> Result<(), Refusal> {
        if one == other {
            return Ok(());
        }
        let (one, other) = (one.into(), other.into());
        Err(Refusal::Different {
            what,
            help,
            one,
            other,
            first: self.first.into(),
            second: self.second.into(),
        })
    }
}

/// Refuses shards of two plans.
pub(super) fn same_plan(files: Files<'_>, one: &Part, other: &Part) -> Result<(), Refusal> {
    let both = [one, other];
    files.differ(
        "the program's version is",
        both.map(|part| part.program.clone()),
        "run all shards with one version, and merge with it",
    )?;
    files.differ(
        "the number of shards is",
        both.map(|part| part.shard.count().to_string()),
        "run all shards with the same `--shard …/N`",
    )?;
    files.differ(
        "the plan's fingerprint is",
        both.map(|part| part.plan.get(..12).unwrap_or(&part.plan).to_owned()),
        "run all shards on the same commits, with the same options and configuration, and merge the reports of one run",
    )
}

/// Refuses a report whose prompts are not those of its shard, in order.
pub(super) fn whole(Named { file, report }: &Named, part: &Part) -> Result<(), Refusal> {
    let held = report.prompts.iter().map(|prompt| &prompt.head.id);
    match held.eq(part.of(part.shard.index()).map(|prompt| &prompt.head.id)) {
        true => Ok(()),
        false => Err(Refusal::Damaged { file: file.clone(), shard: part.shard }),
    }
}

/// Refuses reports of one plan that were made under different conditions.
pub(super) fn same_circumstances(one: &Named, other: &Named) -> Result<(), Refusal> {
    let files = Files { first: &one.file, second: &other.file };
    let help = "run all shards on the same commits with the same options, and merge the reports of one run";
    let both = [&one.report, &other.report];
    files.differ("the tier is", both.map(|report| report.tier.as_str().to_owned()), help)?;
    files.differ("the seed is", both.map(|report| report.seed.clone()), help)?;
    files.differ("the base is", both.map(|report| report.base.id()), help)?;
    files.differ("the head is", both.map(|report| report.head.id()), help)?;
    files.differ("the provider is", both.map(|report| report.provider.to_string()), help)
}
