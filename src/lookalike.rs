//! Texts that look equal to a reader but are not: another code point for the same letter, another
//! kind of white space, invisible characters.

use std::borrow::Cow;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text with each letter and its marks as one code point where there is one (NFC).
pub fn nfc(text: &str) -> Cow<'_, str> {
    match text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

/// The text with one space for each run of white space of any kind, and none at its ends.
pub fn with_single_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two texts differ but look equal.
pub fn are(a: &str, b: &str) -> bool {
    a != b && seen(a) == seen(b)
}

/// The visible form of a line of text.
fn seen(text: &str) -> String {
    let shown = text.nfc().filter(|c| !is_unseen(*c)).map(|c| if c.is_whitespace() { ' ' } else { c });
    shown.collect::<String>().trim_end().to_owned()
}

/// Both texts with code points for the differences that a reader cannot see.
pub fn told_apart(a: &str, b: &str) -> (String, String) {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let ends = a[start..].iter().rev().zip(b[start..].iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let shown = |text: &[char]| {
        let middle = start..text.len() - end;
        let points = text[middle.clone()].iter().map(|c| match is_ambiguous(*c) {
            true => format!("⟨U+{:04X}⟩", u32::from(*c)),
            false => c.to_string(),
        });
        let before = text[..middle.start].iter().map(char::to_string);
        let after = text[middle.end..].iter().map(char::to_string);
        before.chain(points).chain(after).collect()
    };
    (shown(&a), shown(&b))
}

/// Whether a character looks like another one, or is invisible.
fn is_ambiguous(c: char) -> bool {
    let decomposes = !c.is_ascii() && std::iter::once(c).nfd().nth(1).is_some();
    c.is_whitespace() || is_unseen(c) || decomposes || canonical_combining_class(c) != 0
}

/// Zero-width characters and other format controls.
fn is_unseen(c: char) -> bool {
    c == '\r'
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_one_form() {
        assert_eq!(nfc("cafe\u{301}"), "caf\u{e9}");
        assert!(matches!(nfc("caf\u{e9}"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_looks_alike_is_told_apart() {
        for (a, b, apart) in [
            ("30 days", "30\u{a0}days", ("30⟨U+0020⟩days", "30⟨U+00A0⟩days")),
            ("caf\u{e9}", "cafe\u{301}", ("caf⟨U+00E9⟩", "cafe⟨U+0301⟩")),
            ("no", "n\u{200b}o", ("no", "n⟨U+200B⟩o")),
            ("end", "end ", ("end", "end⟨U+0020⟩")),
        ] {
            assert!(are(a, b), "{a:?} {b:?}");
            let (left, right) = told_apart(a, b);
            assert_eq!((left.as_str(), right.as_str()), apart);
        }
        assert!(!are("a", "a") && !are("a", "b") && !are("a b", "ab"));
    }

    #[test]
    fn white_space_of_any_kind_is_one_space() {
        assert_eq!(with_single_spaces(" a\u{a0}\n\u{2003}b\t"), "a b");
    }
}
