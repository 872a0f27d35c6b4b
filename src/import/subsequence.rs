//! How many letters two texts have in common, in order, for many texts against one: 64 letters of the one at a step.
//!
//! The longest common subsequence by bits, of Hyyrö, "Bit-parallel LCS-length computation revisited" (2004).

use std::collections::BTreeMap;

/// Letters that are found without a search.
const FAST: usize = 128;

/// Where each letter of a text stands.
pub(super) struct Pattern {
    /// Words of 64 bits that hold a bit for each letter of the text.
    words: usize,
    /// The mask of a letter; 0: it does not occur.
    fast: [u16; FAST],
    other: BTreeMap<u32, u16>,
    /// Masks, `words` each; the first is empty.
    masks: Vec<u64>,
}

impl Pattern {
    /// Of a text of up to 65,535 different letters.
    pub(super) fn of(letters: &[u32]) -> Self {
        let words = letters.len().div_ceil(64).max(1);
        let mut pattern = Self { words, fast: [0; FAST], other: BTreeMap::new(), masks: vec![0; words] };
        for (at, letter) in letters.iter().enumerate() {
            let mask = match pattern.mask(*letter) {
                0 => pattern.add(*letter),
                known => known,
            };
            pattern.masks[mask * words + at / 64] |= 1 << (at % 64);
        }
        pattern
    }

    fn mask(&self, letter: u32) -> usize {
        match self.fast.get(letter as usize) {
            Some(mask) => usize::from(*mask),
            None => self.other.get(&letter).copied().map_or(0, usize::from),
        }
    }

    fn add(&mut self, letter: u32) -> usize {
        let mask = self.masks.len() / self.words;
        self.masks.resize(self.masks.len() + self.words, 0);
        match self.fast.get_mut(letter as usize) {
            Some(place) => *place = mask as u16,
            None => {
                self.other.insert(letter, mask as u16);
            }
        }
        mask
    }

    /// What a comparison costs.
    pub(super) fn steps(&self, letters: &[u32]) -> u64 {
        (self.words * letters.len()) as u64
    }

    /// The length of the longest common subsequence.
    pub(super) fn in_common_with(&self, letters: &[u32]) -> usize {
        // A bit is 0 where the common subsequence grows.
        let mut row = vec![u64::MAX; self.words];
        for letter in letters {
            let mask = self.mask(*letter) * self.words;
            let mut carry = false;
            for (row, mask) in row.iter_mut().zip(&self.masks[mask..]) {
                let matched = *row & mask;
                let (sum, over) = row.overflowing_add(matched);
                let (sum, again) = sum.overflowing_add(u64::from(carry));
                carry = over || again;
                *row = sum | (*row - matched);
            }
        }
        row.iter().map(|row| row.count_zeros() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pattern;

    /// By the definition.
    fn longest(a: &[u32], b: &[u32]) -> usize {
        let mut above = vec![0; b.len() + 1];
        for x in a {
            let mut row = vec![0];
            for (at, y) in b.iter().enumerate() {
                row.push(if x == y { above[at] + 1 } else { above[at + 1].max(row[at]) });
            }
            above = row;
        }
        above[b.len()]
    }

    proptest! {
        #[test]
        fn the_length_is_that_of_the_definition(
            a in prop::collection::vec(prop_oneof![60_u32..64, 300_u32..303], 0..200),
            b in prop::collection::vec(prop_oneof![60_u32..64, 300_u32..303], 0..200),
        ) {
            prop_assert_eq!(Pattern::of(&a).in_common_with(&b), longest(&a, &b));
        }
    }
}
