//! Two texts side by side, with the words that differ marked in each.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::report::untrusted::html;

/// Words that are compared at most, in steps of the comparison: beyond it everything between the common
/// beginning and the common end is marked.
const MOST_STEPS: usize = 4_000_000;

/// The texts as HTML: what only the old one has in `del`, what only the new one has in `ins`.
pub(super) fn compared(old: &str, new: &str) -> (String, String) {
    let (a, b) = (words(old), words(new));
    let lead = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let tail = a[lead..].iter().rev().zip(b[lead..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a_end, b_end) = (a.len() - tail, b.len() - tail);
    let (inner_a, inner_b) = (&a[lead..a_end], &b[lead..b_end]);
    let mut old_marks = Marks::new("del");
    let mut new_marks = Marks::new("ins");
    for word in &a[..lead] {
        old_marks.add(false, word);
        new_marks.add(false, word);
    }
    if inner_a.len().saturating_mul(inner_b.len()) > MOST_STEPS {
        inner_a.iter().for_each(|word| old_marks.add(true, word));
        inner_b.iter().for_each(|word| new_marks.add(true, word));
    } else {
        for op in capture_diff_slices(Algorithm::Patience, inner_a, inner_b) {
            let is_equal = matches!(op, DiffOp::Equal { .. });
            // A space between two changed words is part of the change.
            let is_same = is_equal && !inner_a[op.old_range()].iter().all(|word| word.trim().is_empty());
            inner_a[op.old_range()].iter().for_each(|word| old_marks.add(!is_same, word));
            inner_b[op.new_range()].iter().for_each(|word| new_marks.add(!is_same, word));
        }
    }
    for word in &a[a_end..] {
        old_marks.add(false, word);
        new_marks.add(false, word);
    }
    (old_marks.finish(), new_marks.finish())
}

/// A text in words, spaces and single signs, none of them lost. Scripts without spaces between words are taken
/// by character.
fn words(text: &str) -> Vec<&str> {
    #[derive(PartialEq)]
    enum Kind {
        Word,
        Space,
        Sign,
    }
    let kind = |c: char| match c {
        c if c.is_whitespace() => Kind::Space,
        c if c.is_alphanumeric() && (c as u32) < 0x2e80 => Kind::Word,
        _ => Kind::Sign,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        let goes_on = kind(c) != Kind::Sign && chars.peek().is_some_and(|(_, next)| kind(*next) == kind(c));
        if !goes_on {
            words.push(&text[start..end]);
            start = end;
        }
    }
    words
}

/// A text whose stretches are marked or not.
struct Marks {
    element: &'static str,
    out: String,
    stretch: String,
    is_marked: bool,
}

impl Marks {
    fn new(element: &'static str) -> Self {
        Self { element, out: String::new(), stretch: String::new(), is_marked: false }
    }

    fn add(&mut self, is_marked: bool, word: &str) {
        if is_marked != self.is_marked {
            self.close();
            self.is_marked = is_marked;
        }
        self.stretch.push_str(word);
    }

    fn close(&mut self) {
        let stretch = html(&std::mem::take(&mut self.stretch));
        if stretch.is_empty() {
            return;
        }
        match self.is_marked {
            true => self.out.push_str(&format!("<{0}>{stretch}</{0}>", self.element)),
            false => self.out.push_str(&stretch),
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::examples::hostile;

    #[test]
    fn changed_words_are_marked_on_their_side() {
        let (old, new) =
            compared("I am sorry about the long wait.", "I am very sorry about the wait <today>.");
        assert_eq!(old, "I am sorry about the <del>long </del>wait.");
        assert_eq!(new, "I am <ins>very </ins>sorry about the wait<ins> &lt;today&gt;</ins>.");
    }

    #[test]
    fn scripts_without_spaces_are_compared_by_character() {
        assert_eq!(compared("退款需要三十天", "退款需要四十天").1, "退款需要<ins>四</ins>十天");
    }

    #[test]
    fn very_long_answers_are_marked_between_their_common_ends() {
        let text = |word: &str| format!("start {} end", format!("{word} ").repeat(3_000));
        let (old, new) = compared(&text("alpha"), &text("beta"));
        assert!(old.starts_with("start <del>alpha") && old.ends_with("</del>  end"), "{}", &old[..60]);
        assert_eq!((old.matches("<del>").count(), new.matches("<ins>").count()), (1, 1));
    }

    proptest! {
        #[test]
        fn no_word_is_lost(old in hostile(), new in hostile()) {
            let (left, right) = compared(&old, &new);
            // A stretch may begin with what is escaped only at the start of a line.
            let text = |marked: &str| {
                let marks = ["<del>", "</del>", "<ins>", "</ins>"];
                let bare = marks.iter().fold(marked.to_owned(), |text, mark| text.replace(mark, ""));
                bare.replace("&#58;", ":").replace("&#35;", "#")
            };
            prop_assert_eq!(text(&left), text(&html(&old)));
            prop_assert_eq!(text(&right), text(&html(&new)));
        }
    }
}
