//! Which prompt of the base a prompt of the head is compared with: the same key, a declared
//! former key (`was`), or the most similar one among those that came and went.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use crate::problem::Problems;
use crate::prompt::Prompt;
use crate::snapshot::{Snapshot, texts_of};

/// A removed and an added prompt at least this similar are a rename (decisions.md#no-way-around).
const SIMILAR: f32 = 0.6;

/// Beyond so many possible renames only equal texts are paired: a catalog that was renamed whole
/// must not cost a diff of everything with everything.
const MOST_DIFFS: usize = 2_500;

/// Chinese, Japanese and Korean begin here.
const FIRST_WITHOUT_SPACES: char = '\u{2e80}';

/// Prompts to compare; at least one side is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub base: Option<&'a Prompt>,
    pub head: Option<&'a Prompt>,
}

impl Pair<'_> {
    /// The keys it goes by: a renamed prompt can be named by either.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        [self.head, self.base].into_iter().flatten().map(|prompt| prompt.id.as_str())
    }
}

/// Pairs the prompts of two snapshots, in the head's order, removed ones last.
pub(super) fn pair<'a>(base: &'a Snapshot<'_>, head: &'a Snapshot<'_>) -> Vec<Pair<'a>> {
    let by_id = |prompts: &'a [Prompt]| -> BTreeMap<&'a str, &'a Prompt> {
        prompts.iter().map(|prompt| (prompt.id.as_str(), prompt)).collect()
    };
    let (of_base, of_head) = (by_id(&base.prompts), by_id(&head.prompts));
    let mut gone: Vec<&Prompt> =
        base.prompts.iter().filter(|p| !of_head.contains_key(p.id.as_str())).collect();
    let mut former = BTreeMap::new();
    let came: Vec<&Prompt> = head.prompts.iter().filter(|p| !of_base.contains_key(p.id.as_str())).collect();
    for prompt in &came {
        if let Some(at) = gone.iter().position(|old| Some(&old.id) == prompt.was.as_ref()) {
            former.insert(prompt.id.as_str(), gone.remove(at));
        }
    }
    for (old, new) in by_similarity(base, head, &gone, &came, &former.keys().copied().collect()) {
        former.insert(new, old);
        gone.retain(|prompt| prompt.id != old.id);
    }
    let matched = head.prompts.iter().map(|prompt| Pair {
        base: of_base.get(prompt.id.as_str()).or_else(|| former.get(prompt.id.as_str())).copied(),
        head: Some(prompt),
    });
    matched.chain(gone.into_iter().map(|prompt| Pair { base: Some(prompt), head: None })).collect()
}

/// The best matches first; ties by name, so that the result never depends on order.
fn by_similarity<'a>(
    base: &Snapshot<'_>,
    head: &Snapshot<'_>,
    gone: &[&'a Prompt],
    came: &[&'a Prompt],
    taken: &BTreeSet<&str>,
) -> Vec<(&'a Prompt, &'a str)> {
    let text = |snapshot: &Snapshot<'_>, prompt: &Prompt| {
        texts_of(snapshot.tree, prompt, &mut Problems::new())
            .map(|(texts, _)| texts.into_iter().map(|t| t.text).collect::<Vec<_>>().join("\n"))
    };
    let old: Vec<_> = gone.iter().filter_map(|p| Some((*p, text(base, p)?))).collect();
    let thorough = old.len().saturating_mul(came.len()) <= MOST_DIFFS;
    let mut ranked = Vec::new();
    for new in came.iter().filter(|p| !taken.contains(p.id.as_str())) {
        let Some(new_text) = text(head, new) else { continue };
        for (prompt, old_text) in &old {
            let ratio = likeness(old_text, &new_text, thorough);
            if ratio >= SIMILAR {
                ranked.push((ratio, *prompt, new.id.as_str()));
            }
        }
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (&a.1.id, a.2).cmp(&(&b.1.id, b.2))));
    let (mut used_old, mut used_new) = (BTreeSet::new(), BTreeSet::new());
    let mut chosen = Vec::new();
    for (_, prompt, new) in ranked {
        if !used_old.contains(prompt.id.as_str()) && !used_new.contains(new) {
            used_old.insert(prompt.id.as_str());
            used_new.insert(new);
            chosen.push((prompt, new));
        }
    }
    chosen
}

/// How alike two texts are, 0 to 1: the share of words they have in common, in order. Texts that
/// cannot reach [`SIMILAR`] whatever the order are not compared.
fn likeness(old: &str, new: &str, thorough: bool) -> f32 {
    if old == new {
        return 1.0;
    }
    if !thorough || in_common(old, new) < SIMILAR {
        return 0.0;
    }
    TextDiff::from_slices(&words(old), &words(new)).ratio()
}

/// Words; in scripts that put no spaces between them, characters.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for mut piece in text.split_whitespace() {
        while let Some((at, c)) = piece.char_indices().find(|(_, c)| *c >= FIRST_WITHOUT_SPACES) {
            let (before, rest) = piece.split_at(at);
            let (alone, after) = rest.split_at(c.len_utf8());
            words.extend([before, alone].into_iter().filter(|word| !word.is_empty()));
            piece = after;
        }
        words.extend((!piece.is_empty()).then_some(piece));
    }
    words
}

/// The ratio, were the words of both in the best order.
fn in_common(old: &str, new: &str) -> f32 {
    let (old, new) = (words(old), words(new));
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for word in &old {
        *left.entry(word).or_default() += 1;
    }
    let takes = |word: &&&str| match left.get_mut(**word) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    let shared = new.iter().filter(takes).count();
    2.0 * shared as f32 / ((old.len() + new.len()).max(1)) as f32
}
