//! Numbers as people and models write them, found in running text.

use super::decimal::Decimal;

/// The first number of a text. Thousands may be separated by commas, apostrophes, underscores and
/// narrow or fixed spaces; with `decimal_comma` by points, and the comma begins the decimals.
/// Digits that continue a word (`GPT4`, `H2O`) are no number.
pub(super) fn first_number(text: &str, decimal_comma: bool) -> Option<Decimal> {
    let chars: Vec<char> = text.chars().collect();
    let scan = Scan { chars: &chars, decimal: if decimal_comma { ',' } else { '.' } };
    let mut at = 0;
    while at < chars.len() {
        if !scan.begins_number(at) {
            at += 1;
        } else if at > 0 && is_wordy(chars[at - 1]) {
            at = scan.after_word(at);
        } else {
            let (value, after) = scan.number(at);
            if let Some(value) = value {
                return Some(if scan.is_negative(at) { value.negated() } else { value });
            }
            at = after;
        }
    }
    None
}

struct Scan<'a> {
    chars: &'a [char],
    decimal: char,
}

impl Scan<'_> {
    fn is(&self, at: usize, such: impl Fn(char) -> bool) -> bool {
        self.chars.get(at).is_some_and(|c| such(*c))
    }

    fn is_digit(&self, at: usize) -> bool {
        self.is(at, |c| c.is_ascii_digit())
    }

    fn begins_number(&self, at: usize) -> bool {
        self.is_digit(at) || (self.chars[at] == self.decimal && self.is_digit(at + 1))
    }

    fn after_word(&self, mut at: usize) -> usize {
        while self.is(at, is_wordy) || (self.is(at, |c| c == '.' || c == ',') && self.is_digit(at + 1)) {
            at += 1;
        }
        at
    }

    /// The number that begins here, if it is in the range of a double, and where it ends.
    fn number(&self, start: usize) -> (Option<Decimal>, usize) {
        let mut at = self.digits_end(start);
        // A group after a leading zero is a second number: `0,250`.
        if (1..=3).contains(&(at - start)) && self.chars[start] != '0' {
            at = self.groups_end(at);
        }
        let mut written: String = self.chars[start..at].iter().filter(|c| c.is_ascii_digit()).collect();
        if self.is(at, |c| c == self.decimal) && self.is_digit(at + 1) {
            let end = self.digits_end(at + 1);
            written.push('.');
            written.extend(&self.chars[at + 1..end]);
            at = end;
        }
        if let Some((exponent, end)) = self.exponent(at) {
            written.push_str(&exponent);
            at = end;
        }
        (Decimal::parse(&written), at)
    }

    fn digits_end(&self, mut at: usize) -> usize {
        while self.is_digit(at) {
            at += 1;
        }
        at
    }

    /// The end of the groups of three with the same separator.
    fn groups_end(&self, mut at: usize) -> usize {
        let Some(&separator) = self.chars.get(at).filter(|c| self.is_separator(**c)) else { return at };
        while self.is(at, |c| c == separator) && self.digits_end(at + 1) == at + 4 {
            at += 4;
        }
        at
    }

    fn is_separator(&self, c: char) -> bool {
        let other = if self.decimal == ',' { '.' } else { ',' };
        c == other || ['\'', '’', '_', '\u{a0}', '\u{2009}', '\u{202f}'].contains(&c)
    }

    fn exponent(&self, at: usize) -> Option<(String, usize)> {
        if !self.is(at, |c| c == 'e' || c == 'E') {
            return None;
        }
        let signed = self.is(at + 1, |c| c == '+' || is_minus(c));
        let digits = at + 1 + usize::from(signed);
        let end = self.digits_end(digits);
        if end == digits || self.is(end, is_wordy) {
            return None;
        }
        let sign = if self.is(at + 1, is_minus) { "-" } else { "" };
        let digits: String = self.chars[digits..end].iter().collect();
        Some((format!("e{sign}{digits}"), end))
    }

    /// Whether there is a minus before the number (or its currency sign) that does not join it to
    /// another word.
    fn is_negative(&self, start: usize) -> bool {
        let currency = start > 0 && ['$', '€', '£', '¥'].contains(&self.chars[start - 1]);
        let Some(sign) = start.checked_sub(1 + usize::from(currency)) else { return false };
        let joins = sign > 0 && (self.chars[sign - 1].is_alphanumeric() || self.chars[sign - 1] == ')');
        is_minus(self.chars[sign]) && !joins
    }
}

/// Whether a digit after this character belongs to a word; scripts without case are written
/// without spaces, so their letters end where a number begins.
fn is_wordy(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c.is_lowercase() || c.is_uppercase()
}

fn is_minus(c: char) -> bool {
    ['-', '−', '–', '﹣', '－'].contains(&c)
}
