//! The headline: the verdict in plain words, with the prompt's name. People read it first, and many read only it.

use super::{is_graded, judge, limits, named, this};
use crate::prompt::Tier;
use crate::report::untrusted::quoted;
use crate::report::wording::{capitalised, count, percent, stopped_early};
use crate::report::{PromptReport, Report};
use crate::verdict::{Reason, Verdict};

/// The headline of the whole report: `Do not merge: this edit breaks 7 of 50 cases of `a`; the other prompt is fine`.
pub fn headline(report: &Report) -> String {
    let lead = lead(report);
    let text = match report.prompts.as_slice() {
        [] if report.part.as_ref().is_some_and(|part| !part.prompts.is_empty()) => {
            "nothing to do in this shard".to_owned()
        }
        [] => "nothing to check: no prompt is affected".to_owned(),
        [only] => clause(only),
        several => of_several(report.verdict, several),
    };
    let text = if lead.is_empty() { capitalised(&text) } else { format!("{lead}: {text}") };
    match &report.part {
        Some(part) => format!("Shard {} of {}: {text}", part.shard.index(), part.shard.count()),
        None => text,
    }
}

/// The headline of one prompt among several: `This edit breaks 7 of 50 cases of `a``.
pub fn prompt_headline(p: &PromptReport) -> String {
    capitalised(&clause(p))
}

/// What the verdict asks of the reader.
fn lead(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Ok | Verdict::Improved => "",
        Verdict::Regression if !report.enforced => "Would be blocked",
        Verdict::Regression if report.tier == Tier::Main => "Blocked",
        Verdict::Regression => "Do not merge",
        Verdict::Mixed => "Your decision",
        Verdict::Inconclusive => "Cannot tell",
        Verdict::NotMeasured => "Not measured",
    }
}

fn of_several(verdict: Verdict, prompts: &[PromptReport]) -> String {
    let (worst, rest): (Vec<&PromptReport>, Vec<&PromptReport>) =
        prompts.iter().partition(|p| p.verdict == verdict);
    let all = prompts.len();
    match verdict {
        Verdict::Ok | Verdict::Improved => {
            let uncovered = prompts.iter().filter(|p| !p.head.covered).count();
            let found = match uncovered {
                0 => format!("no break found in {}", count(all, "prompt")),
                _ => format!(
                    "no break found in {} of {}; {}",
                    all - uncovered,
                    count(all, "prompt"),
                    has_none(uncovered)
                ),
            };
            match verdict {
                Verdict::Improved => format!("{found}; {} got better", names(&worst)),
                _ => found,
            }
        }
        _ if worst.len() == 1 => format!("{}; {}", clause(worst[0]), others(&rest)),
        Verdict::Regression => format!("{} of {all} prompts do not pass: {}", worst.len(), names(&worst)),
        Verdict::Mixed => {
            format!("{} of {all} prompts fix some cases and break others: {}", worst.len(), names(&worst))
        }
        Verdict::Inconclusive => format!("{} of {all} prompts may be worse: {}", worst.len(), names(&worst)),
        Verdict::NotMeasured => {
            format!("{} of {all} prompts have no result: {}", worst.len(), names(&worst))
        }
    }
}

fn names(prompts: &[&PromptReport]) -> String {
    named(prompts.iter().map(|p| p.head.id.as_str()))
}

fn has_none(uncovered: usize) -> String {
    format!("{uncovered} {} no golden set", if uncovered == 1 { "has" } else { "have" })
}

/// `the other 3 prompts are fine`; `of the other 3 prompts 2 are fine, 1 has no golden set`.
fn others(rest: &[&PromptReport]) -> String {
    let of = |is: &dyn Fn(&PromptReport) -> bool| rest.iter().filter(|p| is(p)).count();
    let are = |n: usize| if n == 1 { "is" } else { "are" };
    let passes = |p: &PromptReport| matches!(p.verdict, Verdict::Ok | Verdict::Improved);
    let fine = of(&|p| p.head.covered && passes(p));
    if fine == rest.len() {
        return match fine {
            1 => "the other prompt is fine".to_owned(),
            n => format!("the other {n} prompts are fine"),
        };
    }
    let undecided = of(&|p| p.verdict == Verdict::Inconclusive);
    let unmeasured = of(&|p| p.verdict == Verdict::NotMeasured);
    let mixed = of(&|p| p.verdict == Verdict::Mixed);
    let uncovered = of(&|p| !p.head.covered && passes(p));
    let counted = [
        (unmeasured, format!("{unmeasured} {} not measured", are(unmeasured))),
        (mixed, format!("{mixed} {} a trade", are(mixed))),
        (undecided, format!("{undecided} {} undecided", are(undecided))),
        (fine, format!("{fine} {} fine", are(fine))),
        (uncovered, has_none(uncovered)),
    ];
    let said: Vec<String> = counted.into_iter().filter(|(n, _)| *n > 0).map(|(_, words)| words).collect();
    match rest.len() {
        1 => format!("the other prompt: {}", said.join(", ")),
        n => format!("of the other {n} prompts {}", said.join(", ")),
    }
}

/// What happened to the prompt, as the end of a sentence.
fn clause(p: &PromptReport) -> String {
    let name = quoted(&p.head.id);
    let this = this(p);
    match p.reason {
        Reason::ConfirmedBreaks => breaks(p, &name),
        Reason::OverallDrop => format!("{this} makes {name} worse overall"),
        Reason::PassesOnlyWhenVaried => format!("{name} does better in tests than in production"),
        Reason::MustPass => match p.must_pass.as_slice() {
            [one] => format!("{name} fails its must-pass case {}", quoted(&one.id)),
            several => format!("{name} fails {} must-pass cases", several.len()),
        },
        Reason::BelowFloor => format!("{name} scores {}", floor(p, "below its minimum")),
        Reason::FloorUnresolved => {
            format!("{name} scores {}, perhaps by chance", floor(p, "below its minimum"))
        }
        Reason::OverBudgetPerCall | Reason::BudgetPerCallUnresolved => limits::clause(p, &name),
        Reason::GoldenSetRemoved => format!("this change removes the golden set of {name}"),
        Reason::NotCovered => format!("{name} has no golden set, so nothing was checked"),
        Reason::NotExercised => format!("no golden case of {name} shows {this}"),
        Reason::SuspectsUnresolved => {
            format!(
                "{} of {name} looked worse, and asking again did not settle it",
                count(p.unresolved.len(), "case")
            )
        }
        Reason::OverallDropUnresolved => format!("{name} may be worse overall"),
        Reason::OverallDropNotReproduced if p.verdict == Verdict::Inconclusive => {
            format!("{name} may be worse")
        }
        Reason::Trade => trade(p, &name),
        Reason::TradeFloorUnresolved => {
            format!("{}, and scores {}, perhaps by chance", trade(p, &name), floor(p, "below its minimum"))
        }
        Reason::TradeBudgetPerCallUnresolved => {
            format!("{}, and {}", trade(p, &name), limits::clause_beside(p))
        }
        Reason::NoRegressionFound | Reason::OverallDropNotReproduced | Reason::MarginalBreaks => {
            format!("no break found in {name}")
        }
        Reason::ScreenSignTest => format!("{name} got better{}", moved_to(p)),
        Reason::FloorPassed if p.head.models.baseline.is_none() => match p.candidate {
            Some(rate) => {
                format!("{name} is new and passes {} of {}", rate.passed, count(rate.of, "case"))
            }
            None => format!("{name} is new; nothing speaks against it"),
        },
        Reason::FloorPassed => format!("{name} passes"),
        Reason::Rescored => format!("only the scoring of {name} changed"),
        Reason::PromptRemoved => format!("{name} is removed; nothing to check"),
        Reason::Renamed => format!("{name} is only renamed; nothing to check"),
        Reason::NoCaseAffected => format!("no case of {name} is affected"),
        Reason::LostCalls => {
            format!("{} of {name} got no usable answer", count(p.lost.len(), "case"))
        }
        Reason::EmptyOrCut => format!("most new answers of {name} are empty or cut"),
        Reason::JudgeUnreadable => format!("{} {name} could not be read", judge::asked_about(&p.head.models)),
        Reason::Budget => format!("the budget ended before {name} was decided"),
        Reason::Interrupted => format!("the run ended before {name} was decided"),
        Reason::Fatal => format!("no call for {name} can succeed"),
        Reason::ShardMissing => format!("the shard with {name} left no report"),
    }
}

fn breaks(p: &PromptReport, name: &str) -> String {
    let this = this(p);
    let least = if stopped_early(p) { "at least " } else { "" };
    let n = p.broken.len();
    let cases = format!("{least}{n} of {}", count(p.n, "case"));
    match (n, is_graded(p)) {
        (0, _) => format!("{this} makes several cases of {name} worse"),
        (_, true) => format!("{this} makes {cases} of {name} worse"),
        (_, false) => format!("{this} breaks {cases} of {name}"),
    }
}

fn trade(p: &PromptReport, name: &str) -> String {
    match p.trade {
        // Broken is what wavered before, so it is a decision although nothing pays for it.
        Some(trade) if trade.fixes == 0 => {
            format!(
                "{} of {name} breaks {} that changed with edits before",
                this(p),
                count(trade.breaks, "case")
            )
        }
        Some(trade) => {
            format!("{} of {name} fixes {} and breaks {}", this(p), count(trade.fixes, "case"), trade.breaks)
        }
        None => format!("{} of {name} fixes some cases and breaks others", this(p)),
    }
}

fn traded(p: &PromptReport) -> String {
    match p.trade {
        Some(trade) if trade.fixes == 0 => format!("breaks {}, wavering", count(trade.breaks, "case")),
        Some(trade) => format!("fixes {}, breaks {}", trade.fixes, trade.breaks),
        None => "fixes some, breaks some".to_owned(),
    }
}

/// The same in few words, for a row that names the prompt: `breaks 7`.
pub fn in_short(p: &PromptReport) -> String {
    match p.reason {
        Reason::ConfirmedBreaks if p.broken.is_empty() => "several cases worse".to_owned(),
        Reason::ConfirmedBreaks if is_graded(p) => format!("{} worse", p.broken.len()),
        Reason::ConfirmedBreaks => format!("breaks {}", p.broken.len()),
        Reason::OverallDrop => "worse overall".to_owned(),
        Reason::PassesOnlyWhenVaried => "better in tests than in production".to_owned(),
        Reason::MustPass => "a must-pass case fails".to_owned(),
        Reason::BelowFloor => "below its minimum".to_owned(),
        Reason::FloorUnresolved => "below its minimum, perhaps by chance".to_owned(),
        Reason::OverBudgetPerCall | Reason::BudgetPerCallUnresolved => limits::in_short(p).to_owned(),
        Reason::GoldenSetRemoved => "golden set removed".to_owned(),
        Reason::NotCovered => "no golden set: not checked".to_owned(),
        Reason::NotExercised => "no case shows the change".to_owned(),
        Reason::SuspectsUnresolved => format!("{} not decided", count(p.unresolved.len(), "case")),
        Reason::OverallDropUnresolved => "perhaps worse overall".to_owned(),
        Reason::OverallDropNotReproduced if p.verdict == Verdict::Inconclusive => "perhaps worse".to_owned(),
        Reason::NoRegressionFound if p.n < 30 => "no break found; only large drops are visible".to_owned(),
        Reason::Trade => traded(p),
        Reason::TradeFloorUnresolved => format!("{}; below its minimum, perhaps by chance", traded(p)),
        Reason::TradeBudgetPerCallUnresolved => format!("{}; {}", traded(p), limits::in_short(p)),
        Reason::NoRegressionFound | Reason::OverallDropNotReproduced | Reason::MarginalBreaks => {
            "no break found".to_owned()
        }
        Reason::ScreenSignTest => "better".to_owned(),
        Reason::FloorPassed if p.head.models.baseline.is_none() => "new; passes".to_owned(),
        Reason::FloorPassed => "passes".to_owned(),
        Reason::Rescored => "only the scoring changed".to_owned(),
        Reason::PromptRemoved => "removed".to_owned(),
        Reason::Renamed => "only renamed".to_owned(),
        Reason::NoCaseAffected => "no case affected".to_owned(),
        Reason::LostCalls => format!("{} without a usable answer", count(p.lost.len(), "case")),
        Reason::EmptyOrCut => "new answers empty or cut".to_owned(),
        Reason::JudgeUnreadable => format!("{} unreadable", judge::who(&p.head.models)),
        Reason::Budget => "budget used up".to_owned(),
        Reason::Interrupted => "interrupted".to_owned(),
        Reason::Fatal => "no call can succeed".to_owned(),
        Reason::ShardMissing => "its shard is missing".to_owned(),
    }
}

/// `56.7 %, below its minimum of 80.0 %`.
fn floor(p: &PromptReport, relation: &str) -> String {
    match p.floor {
        Some(floor) => {
            format!("{}, {relation} of {}", percent(floor.mean), percent(floor.min_score))
        }
        None => relation.to_owned(),
    }
}

/// `: 84 → 91 of 100 cases pass`.
fn moved_to(p: &PromptReport) -> String {
    match (p.baseline, p.candidate) {
        (Some(old), Some(new)) if old.of == new.of => {
            format!(": {} → {} of {} pass", old.passed, new.passed, count(new.of, "case"))
        }
        _ => String::new(),
    }
}
