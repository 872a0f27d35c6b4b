//! Notes on the branch about what the main tier will need, while it can still be fixed.

use crate::action::needs_main_tier;
use crate::config::Config;
use crate::prompt::Tier;
use crate::remark::Remark;
use crate::snapshot::{Choice, Snapshot};
use crate::tree::Tree;

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";

/// The number of prompts that are named; the rest are only counted.
const NAMED: usize = 3;

/// The note about prompts without a model for the main tier, if the repository will evaluate or release on
/// it.
pub fn without_model(head: &Snapshot<'_>, tree: &dyn Tree) -> Option<Remark> {
    let main = Choice { tier: Tier::Main, ..Choice::default() };
    let without: Vec<&str> = head
        .prompts
        .iter()
        .filter(|prompt| prompt.golden.is_some() && head.model(prompt, &main).is_none())
        .map(|prompt| prompt.id.as_str())
        .collect();
    let first = without.first()?;
    let what = what_needs_it(&head.config, tree)?;
    let mut remark = Remark::new("No model is named for the tier `main` of ").name(first);
    for name in without.iter().skip(1).take(NAMED - 1) {
        remark = remark.and(", ").name(name);
    }
    if without.len() > NAMED {
        remark = remark.and(format!(" and {} more", without.len() - NAMED));
    }
    Some(remark.and("; ").then(&what).and(
        " evaluates there, and will end with exit status 2 after the merge: add `main: MODEL_ID` under `models:` in \
         prompt-assay.yaml.",
    ))
}

fn what_needs_it(config: &Config, tree: &dyn Tree) -> Option<Remark> {
    let workflow = tree.list(WORKFLOWS).unwrap_or_default().into_iter().find(|path| {
        let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
        let text =
            || tree.read(path).ok().flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        is_yaml && text().is_some_and(|text| needs_main_tier(path, &text))
    });
    match (workflow, &config.release) {
        (Some(path), _) => Some(Remark::new("the workflow ").name(&path)),
        (None, Some(_)) => Some(Remark::new("a release")),
        (None, None) => None,
    }
}
