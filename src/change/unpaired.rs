//! Prompts without a baseline: the cases in which, because of a change or of a base that cannot be
//! read, only the floor decides. A repository's first prompts, and a new prompt among others, are not
//! such a case.

use super::bars::listed;
use super::cases::counted;
use super::pairs::Pair;
use super::{ChangeKind, Coverage, MovedBar, NEW_PROMPT_FLOOR, PromptChange};
use crate::config::{BarPart, DEFAULT_PATHS};
use crate::prompt::Prompt;
use crate::remark::Remark;
use crate::snapshot::Snapshot;
use crate::tree::Tree;

/// A removed prompt, and its demands.
pub(super) struct Gone {
    pub id: String,
    /// Its floor, if it were new.
    pub floor: f64,
    pub cases: usize,
}

/// Changes that leave all prompts without a baseline: these are listed first.
pub(super) fn moved(base: &Snapshot<'_>, head: &Snapshot<'_>, pairs: &[Pair<'_>]) -> Vec<MovedBar> {
    let new = pairs.iter().filter(|pair| pair.base.is_none()).count();
    let is_paired = pairs.iter().any(|pair| pair.base.is_some() && pair.head.is_some());
    let mut bars = Vec::new();
    if !base.prompts.is_empty() && !is_paired {
        let before = counted(base.prompts.len(), "prompt");
        let now = counted(head.prompts.len(), "prompt");
        bars.push(away(Remark::new(format!(
            "nothing is compared: the base has {before}, this change has {now}, and none of them is the same"
        ))));
    }
    if let Some(fault) = base.fault.as_ref().filter(|_| new > 0 || !base.config_is_sound) {
        let lead =
            format!("the base cannot be read in full, and {} without a baseline: ", counted(new, "prompt"));
        bars.push(away(Remark::new(lead).then(fault)));
    }
    if !base.prompts.is_empty() || base.fault.is_some() {
        return bars;
    }
    if let Some(path) = base.config.path.as_ref().filter(|_| new > 0) {
        let what = Remark::new("nothing is compared: the base's configuration ").name(path);
        bars.push(away(what.and(" names no catalog that is there")));
    } else {
        let lost = lost_configurations(base.tree, head.tree);
        let names: Vec<&str> = lost.iter().map(String::as_str).collect();
        if !names.is_empty() {
            let what = Remark::new(
                "nothing is compared: where this one is read, the base has no configuration, and ",
            );
            bars.push(away(what.then(&listed(&names)).and(" of the base is gone")));
        }
    }
    bars
}

fn away(what: Remark) -> MovedBar {
    MovedBar { part: BarPart::Catalogs, what, lowers: true, ..MovedBar::default() }
}

/// Configurations of the base that the head does not have any more, in any place and spelling: a
/// moved directory moves its own configuration.
fn lost_configurations(base: &dyn Tree, head: &dyn Tree) -> Vec<String> {
    let is_one = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or_default();
        DEFAULT_PATHS.iter().any(|default| default.eq_ignore_ascii_case(name))
    };
    let mut paths = base.list("").unwrap_or_default();
    paths.retain(|path| is_one(path) && matches!(head.blob(path), Ok(None)));
    paths
}

/// New prompts with the release target of a removed one: its readers get them.
pub(super) fn taken_over(pairs: &[Pair<'_>]) -> Vec<MovedBar> {
    let gone: Vec<_> = pairs.iter().filter(|pair| pair.head.is_none()).filter_map(|pair| pair.base).collect();
    let new = pairs.iter().filter(|pair| pair.base.is_none()).filter_map(|pair| pair.head);
    let before = |new: &Prompt| gone.iter().find(|old| old.release.is_some() && old.release == new.release);
    new.filter_map(|new| Some((new, before(new)?)))
        .map(|(new, old)| MovedBar {
            prompt: Some(new.id.clone()),
            part: BarPart::Release,
            what: Remark::new("new, and goes live where ").name(&old.id).and(" did, which is removed"),
            ..MovedBar::default()
        })
        .collect()
}

/// New prompts in a change that also removes prompts, if the new one has fewer demands: it may be
/// the old one with another name and wording.
pub(super) fn replaced(changes: &[PromptChange], gone: &[Gone]) -> Vec<MovedBar> {
    let new = changes.iter().filter(|change| change.kind == ChangeKind::Added);
    new.filter_map(|change| gone.iter().find_map(|gone| less(change, gone))).collect()
}

fn less(change: &PromptChange, gone: &Gone) -> Option<MovedBar> {
    let floor = change.min_score.unwrap_or(NEW_PROMPT_FLOOR);
    let (part, how) = if change.coverage != Coverage::Covered {
        (BarPart::Golden, "without a golden set".to_owned())
    } else if floor < gone.floor {
        (BarPart::Gate, format!("with a floor of {floor} instead of {}", gone.floor))
    } else if change.cases.len() < gone.cases {
        let cases = counted(change.cases.len(), "golden case");
        (BarPart::Golden, format!("with {cases} instead of {}", gone.cases))
    } else {
        return None;
    };
    let what = Remark::new(format!("new {how}, and "))
        .name(&gone.id)
        .and(" is removed; if it takes its place, write ");
    let what = what.and("`was: ").quote(&gone.id).and("`");
    Some(MovedBar { prompt: Some(change.id.clone()), part, what, lowers: true, ..MovedBar::default() })
}
