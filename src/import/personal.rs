//! Personal data and secrets in texts, found by their form and masked: a golden set is committed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// How many of each kind were masked.
pub type Masked = BTreeMap<&'static str, usize>;

/// A kind of data: its name, its form, and which part of what has the form is it. In the form the group `it` may stand among
/// words that tell what it is.
struct Kind {
    name: &'static str,
    form: Regex,
    part: fn(&str) -> Option<Range<usize>>,
}

/// Tokens that their beginning tells: AWS, GitHub, GitLab, Slack, Google, npm, PyPI, Hugging Face, SendGrid, Twilio,
/// Shopify, Atlassian, DigitalOcean, Telegram, and JSON Web Tokens.
const TOKENS: &str = r"(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl[a-z]{2,6}-[A-Za-z0-9_.-]{16,}|xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|hooks\.slack\.com/[A-Za-z0-9/_-]+|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_.-]{20,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|SG\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|\b(?:AC|SK)[0-9a-f]{32}\b|ATATT[A-Za-z0-9_=-]{20,}|shp[a-z]{2}_[A-Za-z0-9]{20,}|do[opr]_v1_[a-f0-9]{20,}|\b[0-9]{8,10}:[A-Za-z0-9_-]{35}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*";

/// What a secret is called, and what is then the secret.
const SECRETS: &str = r#"(?i)(?:passwor[dt]|passwd|passphrase|pwd|secret|token|api[_ -]?key|access[_ -]?key|account[_ -]?key)[a-z_]{0,12}["'`]?"#;
const VALUE: &str = r#"["'`]?(?<it>[^\s"'`,;<>]{6,})"#;

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let kind = |name, form: &str, part| Kind {
        name,
        form: Regex::new(form).expect("the expression is a constant"),
        part,
    };
    vec![
        kind(
            "private key",
            r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
            whole,
        ),
        kind("token", TOKENS, whole),
        // Keys of OpenAI, Anthropic and Stripe.
        kind("token", r"(?:\b|_)(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}", with_digit),
        kind("token", r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{12,}=*", with_digit),
        kind("token", r"(?i)\bauthorization\W{1,4}basic\s+[A-Za-z0-9+/]{6,}={0,2}", whole),
        kind("password", r"[A-Za-z][A-Za-z0-9+.-]*://(?<it>[^\s/:@]+:[^\s/]+)@", whole),
        kind("password", &format!(r#"{SECRETS}(?:\s*=+>?\s*["'`]?|\s*:\s*["'`]){VALUE}"#), whole),
        kind("password", &format!(r"{SECRETS}(?:\s*:\s*|\s+is:?\s+){VALUE}"), with_digit),
        kind("token", r"[A-Za-z0-9+/_-]{32,}={0,2}", random),
        kind("e-mail", r"[\p{L}\p{N}._%+'-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}", whole),
        kind("IBAN", r"(?i)\b[A-Z]{2}[0-9]{2}(?:[ .-]?[A-Z0-9]){11,60}", iban),
        kind("card", r"\b[0-9](?:[ .-]{0,2}[0-9]){12,60}\b", card),
        kind("phone", r"(?:\+|\(|\b)[0-9(][0-9 ()./-]{6,60}[0-9]\b", phone),
    ]
});

/// The text with personal data replaced by `<kind>`; what was masked is counted.
pub fn masked(text: &str, counts: &mut Masked) -> String {
    // Each character, and the plain one that it stands for.
    let mut letters: Vec<(char, char)> =
        text.chars().filter(|c| !is_nothing(*c)).map(|c| (c, plain(c))).collect();
    let as_read = |letters: &[(char, char)]| letters.iter().map(|(_, plain)| *plain).collect::<String>();
    let mut read = as_read(&letters);
    for kind in KINDS.iter() {
        let found = parts(kind, &read);
        if found.is_empty() {
            continue;
        }
        *counts.entry(kind.name).or_default() += found.len();
        let (mut kept, mut found, mut at) = (Vec::new(), found.into_iter().peekable(), 0);
        for letter in letters {
            if found.peek().is_some_and(|part| part.start == at) {
                kept.extend(format!("<{}>", kind.name).chars().map(|c| (c, c)));
            }
            if found.peek().is_none_or(|part| at < part.start) {
                kept.push(letter);
            }
            at += letter.1.len_utf8();
            found.next_if(|part| part.end <= at);
        }
        letters = kept;
        read = as_read(&letters);
    }
    letters.into_iter().map(|(written, _)| written).collect()
}

/// Where a text has this kind of data.
fn parts(kind: &Kind, text: &str) -> Vec<Range<usize>> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(form) = kind.form.captures_at(text, from) {
        let (form, whole) = (form.name("it").or(form.get(0)), form.get(0));
        let (Some(form), Some(whole)) = (form, whole) else { break };
        match (kind.part)(form.as_str()) {
            Some(part) => {
                from = form.start() + part.end;
                found.push(form.start() + part.start..from);
            }
            None => from = whole.end(),
        }
    }
    found
}

/// Characters that nobody sees, and that would hide a form.
fn is_nothing(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// What a character is read as: digits of any script, wide letters, spaces and hyphens of any kind.
fn plain(c: char) -> char {
    const DIGITS: [u32; 6] = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10];
    let code = u32::from(c);
    let digit = DIGITS.iter().find_map(|zero| code.checked_sub(*zero).filter(|digit| *digit < 10));
    match c {
        _ if digit.is_some() => digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(code - 0xfee0).unwrap_or(c),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' => '-',
        c => c,
    }
}

fn whole(text: &str) -> Option<Range<usize>> {
    Some(0..text.len())
}

fn with_digit(text: &str) -> Option<Range<usize>> {
    text.contains(|c: char| c.is_ascii_digit()).then_some(0..text.len())
}

/// The first part of a run of groups that `holds`, as long as possible: it begins and ends where the run does, or at a space.
/// What is before it is passed on, too.
fn part_of_run(run: &str, holds: impl Fn(&str, &str) -> bool) -> Option<Range<usize>> {
    const GROUPS: usize = 24;
    let spaces = || run.char_indices().filter(|(_, c)| *c == ' ');
    let starts = std::iter::once(0).chain(spaces().map(|(at, _)| at + 1)).take(GROUPS);
    let mut ends: Vec<usize> = spaces().map(|(at, _)| at).take(GROUPS).chain([run.len()]).collect();
    ends.reverse();
    starts
        .flat_map(|start| ends.iter().filter(move |end| **end > start).map(move |end| start..*end))
        .find(|part| !run[part.clone()].starts_with(' ') && holds(&run[..part.start], &run[part.clone()]))
}

fn iban(run: &str) -> Option<Range<usize>> {
    part_of_run(run, |_, part| is_iban(part))
}

fn card(run: &str) -> Option<Range<usize>> {
    part_of_run(run, |_, part| is_card(part))
}

/// Behind a longer number, a leading zero is one of that number's.
fn phone(run: &str) -> Option<Range<usize>> {
    let is_apart = |before: &str, part: &str| !part.starts_with('0') || digits(before).len() <= 3;
    part_of_run(run, |before, part| is_apart(before, part) && is_phone(part))
}

fn random(word: &str) -> Option<Range<usize>> {
    is_random(word).then_some(0..word.len())
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
    let plain: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let begins = plain.iter().take(4).map(char::is_ascii_digit).eq([false, false, true, true]);
    if !begins || !(15..=34).contains(&plain.len()) {
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
    static FORMS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [
            r"^(?:1[-. ]?)?\(?[0-9]{3}\)?[-. ]?[0-9]{3}[-. ][0-9]{4}$",
            r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}",
        ]
        .map(|form| Regex::new(form).expect("the expression is a constant"))
    });
    let [groups, date] = &*FORMS;
    let count = digits(text).len();
    let least = if text.starts_with(['+', '(']) { 8 } else { 9 };
    let is_to_call = text.starts_with(['+', '0', '(']) && !date.is_match(text);
    (least..=15).contains(&count) && (is_to_call || groups.is_match(text))
}

/// Whether a long word is drawn at random: digits and letters of hexadecimal, or capitals, small letters, digits and signs
/// that change more often than in words that are joined.
fn is_random(text: &str) -> bool {
    let class = |c: char| match c {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        _ => 3,
    };
    let classes: Vec<usize> = text.trim_end_matches('=').chars().map(class).collect();
    let count = |of: usize| classes.iter().filter(|class| **class == of).count();
    let changes = classes.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let is_hex = text.chars().all(|c| c.is_ascii_hexdigit());
    let is_mixed = count(0) >= 5 && count(1) >= 5;
    let is_jumpy = count(2) >= 1 && changes * 3 >= classes.len();
    is_hex && count(2) >= 5 || is_mixed && (count(2) >= 5 || is_jumpy)
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

    /// What logs really hold: forms with other words before and behind, in other scripts, and split by what nobody sees.
    #[test]
    fn what_stands_beside_a_secret_does_not_hide_it() {
        for (text, wanted) in [
            ("card 4111 1111 1111 1111 12/27 cvc 123", "card <card> 12/27 cvc 123"),
            ("order 2026 4111 1111 1111 1111", "order 2026 <card>"),
            ("4111.1111.1111.1111 and 4111\u{a0}1111\u{a0}1111\u{a0}1111", "<card> and <card>"),
            ("４１１１ １１１１ １１１１ １１１１", "<card>"),
            ("card 5500\u{2011}0000\u{2011}0000\u{2011}0004 – thanks", "card <card> – thanks"),
            ("from BE68 5390 0754 7034 PAID TODAY", "from <IBAN> PAID TODAY"),
            ("iban de89370400440532013000, bic COBADEFF", "iban <IBAN>, bic COBADEFF"),
            ("DE89-3704-0044-0532-0130-00", "<IBAN>"),
            ("schreiben Sie an jürgen@müller.de", "schreiben Sie an <e-mail>"),
            ("ann\u{200b}@shop.example", "<e-mail>"),
            ("ann＠shop.example or ?to=ann%40shop.example", "<e-mail> or ?to=<e-mail>"),
            ("ring 555-123-4567 2 times", "ring <phone> 2 times"),
            ("ref 12 555-123-4567", "ref 12 <phone>"),
            ("1-800-555-0199, 1 (800) 555-0199, (030) 90180", "<phone>, <phone>, <phone>"),
            ("+49\u{a0}30\u{a0}901820", "<phone>"),
            ("tel:+4930901820;ext=5", "tel:<phone>;ext=5"),
            ("٠٣٠ ٩٠١٨ ٢٠٢٢", "<phone>"),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "<token>"),
            ("AWS_AKIAIOSFODNN7EXAMPLE_old", "AWS_<token>_old"),
            ("sk-ant-api03-a1_b2-C3d4_e5F6-g7H8_i9J0-AA", "<token>"),
            ("xoxb-1234567890-abcdefghij and xapp-1-A1B2-c3d4e5f6", "<token> and <token>"),
            ("https://hooks.slack.com/services/T000/B000/XXXX1111", "https://<token>"),
            ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "<token>"),
            ("hf_abcdefghijklmnopqrstuvwx0123", "<token>"),
            ("Authorization: Basic dXNlcjpwYXNz", "<token>"),
            ("postgres://ann:s3cr3t@db.example/shop", "postgres://<password>@db.example/shop"),
            ("my password is hunter2!, what now", "my password is <password>, what now"),
            ("mysql://root:p@ss:w0rd@db:3306/x", "mysql://<password>@db:3306/x"),
            ("password=correct-horse-battery-staple", "password=<password>"),
            ("AccountKey=abcd1234EFGH==;Endpoint=x", "AccountKey=<password>;Endpoint=x"),
            ("{\"api_key\": \"a1b2c3d4\"}", "{\"api_key\": \"<password>\"}"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc", "<private key>"),
            ("d41d8cd98f00b204e9800998ecf8427e", "<token>"),
        ] {
            assert_eq!(masked(text, &mut Masked::new()), wanted, "{text}");
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
            "delivered 01/02/2026 10 30, was 12-31-2025",
            "the password: required, a bearer certificates question, secret is: unknown",
            "AbstractSingletonProxyFactoryBeanDefinitionReader2 or Names_With_Capitals_And_Words_That_Go_On",
            "order 12345678-12345678-1 of 2026",
            "see https://shop.example/a/very/long/path/that/goes/on/and/on/for/ever/and/ever",
        ] {
            assert_eq!(masked(text, &mut Masked::new()), text);
        }
        let mut counts = Masked::new();
        masked("a@b.example c@d.example +49 30 901820", &mut counts);
        assert_eq!(told(&counts).as_deref(), Some("masked: 2 of the kind e-mail, 1 of the kind phone"));
    }
}
