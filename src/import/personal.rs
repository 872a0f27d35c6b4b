//! Personal data and secrets in texts, found by their form and masked: a golden set is committed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// How many of each kind were masked.
pub type Masked = BTreeMap<&'static str, usize>;

/// A kind of data: its name, its form, and whether what has the form is it.
struct Kind {
    name: &'static str,
    form: Regex,
    is_it: fn(&str) -> bool,
}

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let kind = |name, form: &str, is_it| Kind {
        name,
        form: Regex::new(form).expect("the expression is a constant"),
        is_it,
    };
    vec![
        kind(
            "private key",
            r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
            |_| true,
        ),
        // Keys of AWS, GitHub, GitLab, Slack, Stripe, OpenAI and others, and JSON Web Tokens.
        kind(
            "token",
            r"\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)",
            |_| true,
        ),
        kind("token", r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{12,}=*", |_| true),
        kind("token", r"\b[A-Za-z0-9+/_-]{40,}={0,2}", is_random),
        kind("e-mail", r"(?i)[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", |_| true),
        kind("IBAN", r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b", is_iban),
        kind("card", r"\b(?:[0-9][ -]?){12,18}[0-9]\b", is_card),
        kind("phone", r"(?:\+|\(|\b)[0-9(][0-9 ()./-]{6,20}[0-9]\b", is_phone),
    ]
});

/// The text with personal data replaced by `<kind>`; what was masked is counted.
pub fn masked(text: &str, counts: &mut Masked) -> String {
    let mut text = text.to_owned();
    for kind in KINDS.iter() {
        let replaced = kind.form.replace_all(&text, |found: &Captures<'_>| {
            if !(kind.is_it)(&found[0]) {
                return found[0].to_owned();
            }
            *counts.entry(kind.name).or_default() += 1;
            format!("<{}>", kind.name)
        });
        text = replaced.into_owned();
    }
    text
}

/// What was masked, in words.
pub fn told(masked: &Masked) -> Option<String> {
    let kinds: Vec<String> =
        masked.iter().map(|(kind, count)| format!("{count} of the kind {kind}")).collect();
    (!kinds.is_empty()).then(|| format!("masked: {}", kinds.join(", ")))
}

fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// Luhn's check digit, over 13 to 19 digits.
fn is_card(text: &str) -> bool {
    let digits = digits(text);
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    (13..=19).contains(&digits.len()) && sum.is_multiple_of(10) && digits.iter().any(|digit| *digit > 0)
}

/// ISO 13616: the remainder by 97 is 1.
fn is_iban(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    if !(15..=34).contains(&plain.len()) {
        return false;
    }
    let turned = plain[4..].iter().chain(&plain[..4]);
    let remainder = turned.filter_map(|c| c.to_digit(36)).fold(0, |before, value| {
        let base = if value > 9 { 100 } else { 10 };
        (before * base + value) % 97
    });
    remainder == 1
}

/// Up to 15 digits that are written as a number to call: with `+`, a leading zero, or groups in brackets or of three,
/// three and four digits. A date and an order's number are not.
fn is_phone(text: &str) -> bool {
    static GROUPS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}$").expect("the expression is a constant")
    });
    let count = digits(text).len();
    let least = if text.starts_with('+') { 8 } else { 9 };
    (least..=15).contains(&count) && (text.starts_with(['+', '0', '(']) || GROUPS.is_match(text))
}

/// Whether a long word is drawn at random: capitals, small letters and digits in turns.
fn is_random(text: &str) -> bool {
    let has = |of: fn(&char) -> bool| text.chars().filter(of).count() >= 5;
    let is_hex = text.chars().all(|c| c.is_ascii_hexdigit());
    is_hex && has(char::is_ascii_digit)
        || (has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_masked_by_its_form() {
        for (text, wanted) in [
            ("write to Ann.O'Neil+x@shop.example, please", "write to <e-mail>, please"),
            ("call +49 30 901820 or (030) 9018-2022", "call <phone> or <phone>"),
            ("call 555-123-4567 today", "call <phone> today"),
            ("my card 4111 1111 1111 1111 was charged", "my card <card> was charged"),
            ("card 5500-0000-0000-0004", "card <card>"),
            ("pay to DE89 3704 0044 0532 0130 00 now", "pay to <IBAN> now"),
            ("pay to GB82WEST12345698765432", "pay to <IBAN>"),
            ("key AKIAIOSFODNN7EXAMPLE", "key <token>"),
            ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "<token>"),
            ("use sk-proj-abcdEFGH1234abcdEFGH5678", "use <token>"),
            ("Authorization: Bearer abc.def-123456789", "Authorization: <token>"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "<token>"),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY12345", "<token>"),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "<private key>"),
        ] {
            assert_eq!(masked(text, &mut Masked::new()), wanted);
        }
    }

    #[test]
    fn dates_orders_amounts_and_wrong_check_digits_stay() {
        for text in [
            "order 4111 1111 1111 1112",
            "DE89 3704 0044 0532 0130 02",
            "on 2026-01-31 or 31.01.2026 or 01/02/2026 at 10:30, order 20260131-77",
            "it cost 1,234,567.89 EUR in 1999",
            "version 10.20.30.40",
            "see https://shop.example/a/very/long/path/that/goes/on/and/on/for/ever/and/ever",
        ] {
            assert_eq!(masked(text, &mut Masked::new()), text);
        }
        let mut counts = Masked::new();
        masked("a@b.example c@d.example +49 30 901820", &mut counts);
        assert_eq!(told(&counts).as_deref(), Some("masked: 2 of the kind e-mail, 1 of the kind phone"));
    }
}
