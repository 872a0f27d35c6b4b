//! Near-duplicates among texts: groups by the similarity that the check `similarity` measures.

use std::collections::BTreeSet;

use similar::DiffableStr;

use super::subsequence::Pattern;
use crate::check::likeness;

/// From this similarity on, two texts are near-duplicates.
const NEAR: f64 = 0.8;

/// Texts that are compared with each other; what is beyond is not considered.
pub const MOST: usize = 2_000;

/// Bytes of a text that are compared.
const BYTES: usize = 1_000;

/// Texts that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The position of the first.
    pub first: usize,
    /// The positions of all, the first included.
    pub members: Vec<usize>,
}

/// The groups of texts: each text joins the first group whose first text it resembles.
pub fn groups(texts: &[String]) -> Vec<Group> {
    groups_within(texts, &mut u64::MAX.clone())
}

/// The groups as far as `left` allows, in steps of comparisons that may still be made; at 0, texts are alike only if they
/// are equal.
pub fn groups_within(texts: &[String], left: &mut u64) -> Vec<Group> {
    let shown: Vec<Shown> = texts.iter().take(MOST).map(|text| Shown::of(text)).collect();
    let mut groups: Vec<(Group, Pattern)> = Vec::new();
    for (at, text) in shown.iter().enumerate() {
        let near = |(group, letters): &&mut (Group, Pattern)| shown[group.first].is_near(text, letters, left);
        match groups.iter_mut().find(near) {
            Some((group, _)) => group.members.push(at),
            None => groups.push((Group { first: at, members: vec![at] }, Pattern::of(&text.letters))),
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

/// So many of the groups, as different as possible: the largest, then always the one whose words were seen least.
pub fn varied(groups: &[Group], texts: &[String], wanted: usize) -> Vec<usize> {
    let words: Vec<BTreeSet<String>> = groups
        .iter()
        .map(|group| texts[group.first].split_whitespace().map(str::to_lowercase).collect())
        .collect();
    let mut nearest = vec![0.0_f64; groups.len()];
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < wanted.min(groups.len()) {
        let left = (0..groups.len()).filter(|at| !chosen.contains(at));
        let order = |at: &usize| (nearest[*at], std::cmp::Reverse(groups[*at].members.len()), *at);
        let next = left.min_by(|a, b| {
            let ((near_a, size_a, at_a), (near_b, size_b, at_b)) = (order(a), order(b));
            near_a.total_cmp(&near_b).then(size_a.cmp(&size_b)).then(at_a.cmp(&at_b))
        });
        let Some(next) = next else { break };
        for (at, near) in nearest.iter_mut().enumerate() {
            *near = near.max(in_common(&words[at], &words[next]));
        }
        chosen.push(next);
    }
    chosen.sort_unstable();
    chosen
}

/// The share of words that two texts have in common.
fn in_common(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let all = a.union(b).count();
    if all == 0 { 1.0 } else { a.intersection(b).count() as f64 / all as f64 }
}

/// Counters of pairs of letters; several pairs share one.
const PAIRS: usize = 256;

/// A text as it is compared.
struct Shown {
    text: String,
    /// What the check compares: characters as a person counts them, as numbers. Two of them may have one number, so
    /// that more seems to be in common than is, never less.
    letters: Vec<u32>,
    /// How often each pair of neighbouring letters occurs.
    pairs: Box<[u16; PAIRS]>,
}

impl Shown {
    fn of(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut text = words.join(" ").to_lowercase();
        let end = (0..=BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        let number = |letter: &str| {
            letter.chars().fold(0, |sum: u32, c| sum.wrapping_mul(31).wrapping_add(u32::from(c)))
        };
        // In ASCII every character is one, but for line breaks of two, and there are none left.
        let letters: Vec<u32> = match text.is_ascii() {
            true => text.bytes().map(u32::from).collect(),
            false => text.tokenize_graphemes().into_iter().map(number).collect(),
        };
        let mut pairs = Box::new([0; PAIRS]);
        let mut before = 0_u32;
        for now in &letters {
            pairs[before.wrapping_mul(31).wrapping_add(*now) as usize % PAIRS] += 1;
            before = *now;
        }
        Self { text, letters, pairs }
    }

    fn is_near(&self, other: &Self, letters: &Pattern, left: &mut u64) -> bool {
        if self.text == other.text {
            return true;
        }
        if !self.may_be_near(other) {
            return false;
        }
        let Some(after) = left.checked_sub(letters.steps(&other.letters)) else {
            *left = 0;
            return false;
        };
        *left = after;
        let all = (self.letters.len() + other.letters.len()) as f64;
        2.0 * letters.in_common_with(&other.letters) as f64 >= NEAR * all
            && likeness(&self.text, &other.text) >= NEAR
    }

    /// Whether counting allows the similarity. If two texts differ in `d` letters, no more than `3 d` of their pairs of
    /// letters differ: two in the text that has the letter, and one in the other.
    fn may_be_near(&self, other: &Self) -> bool {
        let all = (self.letters.len() + other.letters.len()) as f64;
        let shorter = self.letters.len().min(other.letters.len()) as f64;
        if 2.0 * shorter < NEAR * all {
            return false;
        }
        let shared: u32 = self.pairs.iter().zip(other.pairs.iter()).map(|(a, b)| u32::from(*a.min(b))).sum();
        all - 2.0 * f64::from(shared) <= 3.0 * (1.0 - NEAR) * all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_counted_first_rules_out_no_near_text(a in "[a-c\u{301} ]{0,90}", cuts in "[a-c\u{301} ]{0,20}") {
            let cut = a.chars().count().saturating_sub(cuts.chars().count());
            let b: String = a.chars().take(cut).chain(cuts.chars()).collect();
            let (one, other) = (Shown::of(&a), Shown::of(&b));
            let is_near = likeness(&one.text, &other.text) >= NEAR;
            let found = one.is_near(&other, &Pattern::of(&one.letters), &mut u64::MAX.clone());
            prop_assert_eq!(is_near, found, "{:?} {:?}", a, b);
        }

        #[test]
        fn letters_of_ascii_are_what_a_person_counts(text in "[\\x00-\\x7f]{0,60}") {
            let shown = Shown::of(&text);
            let counted: Vec<u32> =
                shown.text.tokenize_graphemes().iter().map(|letter| u32::from(letter.as_bytes()[0])).collect();
            prop_assert_eq!(shown.letters, counted, "{:?}", shown.text);
        }
    }

    #[test]
    fn without_work_left_only_equal_texts_are_alike() {
        let texts = ["one text here", "one text here!", "one text here"].map(str::to_owned);
        let mut left = 0;
        let members: Vec<Vec<usize>> =
            groups_within(&texts, &mut left).into_iter().map(|group| group.members).collect();
        assert_eq!((members, left), (vec![vec![0, 2], vec![1]], 0));
    }

    #[test]
    fn near_duplicates_are_one_group_and_the_choice_is_varied() {
        let texts = [
            "Where is my order 1234?",
            "where is my   order 9999?",
            "I want my money back",
            "Where is my order, please?",
            "Do you ship to Norway?",
            "I want my money back!",
        ]
        .map(str::to_owned);
        let groups = groups(&texts);
        let members: Vec<Vec<usize>> = groups.iter().map(|group| group.members.clone()).collect();
        assert_eq!(members, [vec![0, 1], vec![2, 5], vec![3], vec![4]]);
        assert_eq!(varied(&groups, &texts, 2), [0, 3], "no word in common");
        assert_eq!(varied(&groups, &texts, 9), [0, 1, 2, 3]);
    }
}
