//! Notes on the branch about what the main tier will need, while it can still be fixed.

use crate::lint::{MainTier, without_main_model};
use crate::remark::Remark;
use crate::snapshot::Snapshot;
use crate::tree::Tree;

/// The number of prompts that are named; the rest are only counted.
const NAMED: usize = 3;

/// The note about prompts without a model for the main tier, if the repository will evaluate or release on
/// it.
pub fn without_model(head: &Snapshot<'_>, tree: &dyn Tree) -> Option<Remark> {
    let MainTier { needed_by, without } = without_main_model(head, tree)?;
    let mut remark = Remark::new("No model is named for the tier `main` of ").name(&without[0].id);
    for prompt in without.iter().skip(1).take(NAMED - 1) {
        remark = remark.and(", ").name(&prompt.id);
    }
    if without.len() > NAMED {
        remark = remark.and(format!(" and {} more", without.len() - NAMED));
    }
    Some(remark.and("; ").then(&needed_by).and(
        " evaluates there, and will end with exit status 2 after the merge: add `main: MODEL_ID` under `models:` in \
         prompt-assay.yaml.",
    ))
}
