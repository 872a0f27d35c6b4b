//! Which prompt of the base a prompt of the head is compared with: the same key, a declared former
//! key (`was`), or the most similar one among the added and removed prompts.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use similar::TextDiff;

use crate::problem::Problems;
use crate::prompt::Prompt;
use crate::snapshot::{Snapshot, texts_of};

/// A removed and an added prompt at least this similar are a rename (decisions.md#no-way-around).
const SIMILAR: f32 = 0.6;

/// Beyond this number of steps of comparing word by word, texts are compared by the pairs of
/// neighbouring words they share: fifty long prompts that were renamed at once must not take
/// minutes.
const MOST_STEPS: usize = 200_000_000;

/// Beyond this number of possible renames only equal texts are paired: a catalog with all prompts
/// renamed must not cost a diff of every pair.
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
        texts_of(snapshot, prompt, &mut Problems::new())
            .map(|(texts, _)| texts.into_iter().map(|t| t.text).collect::<Vec<_>>().join("\n"))
    };
    let old: Vec<_> = gone.iter().filter_map(|p| Some((*p, Wording::of(text(base, p)?)))).collect();
    let came: Vec<&&Prompt> = came.iter().filter(|p| !taken.contains(p.id.as_str())).collect();
    let new: Vec<_> = came.iter().filter_map(|p| Some((**p, Wording::of(text(head, p)?)))).collect();
    let mut ranked = match old.len().saturating_mul(new.len()) <= MOST_DIFFS {
        true => alike(&old, &new),
        false => same(&old, &new),
    };
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

/// The possible renames, and their similarity.
type Ranked<'a> = Vec<(f32, &'a Prompt, &'a str)>;

/// All that are alike.
fn alike<'a>(old: &[(&'a Prompt, Wording)], new: &[(&'a Prompt, Wording)]) -> Ranked<'a> {
    let pairs = new.iter().flat_map(|new| old.iter().map(move |old| (old, new)));
    let possible: Vec<_> = pairs.filter(|(old, new)| old.1.may_be_like(&new.1)).collect();
    let steps = possible.iter().map(|(old, new)| old.1.steps(&new.1)).fold(0, usize::saturating_add);
    let ratio = |old: &Wording, new: &Wording| match steps <= MOST_STEPS {
        true => old.ratio(new),
        false => old.estimate(new),
    };
    let rated = possible.into_iter().map(|(old, new)| (ratio(&old.1, &new.1), old.0, new.0.id.as_str()));
    rated.filter(|(ratio, ..)| *ratio >= SIMILAR).collect()
}

/// Those of the same text, each with one other, by name.
fn same<'a>(old: &[(&'a Prompt, Wording)], new: &[(&'a Prompt, Wording)]) -> Ranked<'a> {
    let mut by_text: BTreeMap<&str, Vec<&'a Prompt>> = BTreeMap::new();
    for (prompt, wording) in old {
        by_text.entry(&wording.text).or_default().push(prompt);
    }
    // The last of a list is taken first.
    by_text.values_mut().for_each(|prompts| prompts.sort_by(|a, b| b.id.cmp(&a.id)));
    let mut came: Vec<&(&'a Prompt, Wording)> = new.iter().collect();
    came.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    let former = came.into_iter().filter_map(|(prompt, wording)| {
        Some((1.0, by_text.get_mut(wording.text.as_str())?.pop()?, prompt.id.as_str()))
    });
    former.collect()
}

/// A prompt's text, and its words for comparing it.
struct Wording {
    text: String,
    /// Digests of its words, sorted.
    words: Vec<u64>,
    /// Digests of its pairs of neighbouring words, sorted.
    neighbours: Vec<u64>,
}

impl Wording {
    fn of(text: String) -> Self {
        let mut parts: Vec<u64> = words(&text).into_iter().map(digest).collect();
        let mut neighbours: Vec<u64> = parts.windows(2).map(digest).collect();
        parts.sort_unstable();
        neighbours.sort_unstable();
        Self { text, words: parts, neighbours }
    }

    /// Whether the two could reach [`SIMILAR`] if the words of both were in the best order.
    fn may_be_like(&self, other: &Self) -> bool {
        self.text == other.text || in_common(&self.words, &other.words) >= SIMILAR
    }

    /// How many steps [`Wording::ratio`] takes at most.
    fn steps(&self, other: &Self) -> usize {
        if self.text == other.text { 0 } else { self.words.len().saturating_mul(other.words.len()) }
    }

    /// How alike two texts are, 0 to 1: the share of words they have in common, in order.
    fn ratio(&self, other: &Self) -> f32 {
        if self.text == other.text {
            return 1.0;
        }
        TextDiff::from_slices(&words(&self.text), &words(&other.text)).ratio()
    }

    /// About the same, by the neighbours they have in common, in any order.
    fn estimate(&self, other: &Self) -> f32 {
        if self.text == other.text { 1.0 } else { in_common(&self.neighbours, &other.neighbours) }
    }
}

/// The same for the same content, in every process.
fn digest<T: Hash + ?Sized>(content: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
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

/// The share of what both have in common, each as often as it occurs in both; both are sorted.
fn in_common(old: &[u64], new: &[u64]) -> f32 {
    let (mut i, mut j, mut shared) = (0, 0, 0_usize);
    while let (Some(a), Some(b)) = (old.get(i), new.get(j)) {
        match a.cmp(b) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => (i, j, shared) = (i + 1, j + 1, shared + 1),
        }
    }
    2.0 * shared as f32 / ((old.len() + new.len()).max(1)) as f32
}
