//! Personal data and secrets in texts, found by their form and masked: a golden set is committed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

mod numbers;

/// How many of each kind were masked.
pub type Masked = BTreeMap<&'static str, usize>;

/// A kind of data: its name, its form, and which parts of what has the form are it. In the form the group `it` may stand
/// among words that tell what it is, and the group `none` is what only looks like it.
struct Kind {
    name: &'static str,
    form: Regex,
    parts: fn(&str) -> Vec<Range<usize>>,
}

/// Tokens that their beginning tells: AWS, GitHub, GitLab, Slack, Google, npm, PyPI, Hugging Face, SendGrid, Twilio,
/// Shopify, Atlassian, DigitalOcean, Telegram, and JSON Web Tokens.
const TOKENS: &str = r"(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl[a-z]{2,6}-[A-Za-z0-9_.-]{16,}|xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|hooks\.slack\.com/[A-Za-z0-9/_-]+|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_.-]{20,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|SG\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|\b(?:AC|SK)[0-9a-f]{32}\b|ATATT[A-Za-z0-9_=-]{20,}|shp[a-z]{2}_[A-Za-z0-9]{20,}|do[opr]_v1_[a-f0-9]{20,}|[0-9]{8,10}:[A-Za-z0-9_-]{35}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*";

/// What a secret is called. Other words may be joined to it.
const NAME: &str =
    "(?:passwor[dt]|passwd|passphrase|pwd|secret|token|api[_ -]?key|access[_ -]?key|account[_ -]?key)";

/// Words that begin like a secret's name.
const OTHER_WORDS: &str =
    "secret(?:ar[iy]|ion|ive|ly)|token(?:i[sz][aei]|olog)|tokens(?:[^a-z]|$)|passwordless";

/// What is told of a secret and is none, as it is written behind another word without a sign between them.
const TOLD: &str = "Type|Count|Limit|Length|Size|Usage|Budget|Price|Cost|Rate|Expiry|Expires|Expiration|Ttl|Url|Uri|Endpoint|Name|Field|Format|Policy|Issuer";

const VALUE: &str = r#"["'`]?(?<it>[^\s"'`,;<>=][^\s"'`,;<>]{5,})"#;

/// A secret behind its name and a sign between them.
fn named(sign: &str) -> String {
    let of_secret = format!("{NAME}[a-z0-9_-]{{0,24}}?(?:[_-](?:{TOLD})|(?-i:{TOLD}))s?(?:[^a-z]|$)");
    format!(r#"(?i)(?<none>{OTHER_WORDS}|{of_secret})|{NAME}[a-z0-9_-]{{0,32}}["'`]?(?:{sign}){VALUE}"#)
}

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let kind = |name, form: &str, parts| Kind {
        name,
        form: Regex::new(form).expect("the expression is a constant"),
        parts,
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
        kind("password", &named(r#"\s*=>?\s*["'`]?|\s*:\s*["'`]"#), whole),
        kind("password", &named(r"\s*:\s*|\s+is:?\s+"), with_digit),
        kind("token", r"[A-Za-z0-9+/_-]{32,}={0,2}", random),
        kind("e-mail", r"[\p{L}\p{N}._%+'-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}", whole),
        kind("IBAN", numbers::IBANS, numbers::ibans),
        kind("card", numbers::CARDS, numbers::cards),
        kind("phone", numbers::PHONES, numbers::phones),
    ]
});

/// The text with personal data replaced by `<kind>`; what was masked is counted.
pub fn masked(text: &str, counts: &mut Masked) -> String {
    // Each character, and the plain one that it is read as, if anybody sees it.
    let mut letters: Vec<(char, Option<char>)> =
        text.chars().map(|c| (c, (!is_nothing(c)).then(|| plain(c)))).collect();
    let as_read = |letters: &[(char, Option<char>)]| letters.iter().filter_map(|(_, read)| *read).collect();
    let mut read: String = as_read(&letters);
    for kind in KINDS.iter() {
        let found = parts(kind, &read);
        if found.is_empty() {
            continue;
        }
        *counts.entry(kind.name).or_default() += found.len();
        let (mut kept, mut found, mut at) = (Vec::new(), found.into_iter().peekable(), 0);
        for letter in letters {
            let starts = found.peek().map(|part| part.start);
            if starts == Some(at) && letter.1.is_some() {
                kept.extend(format!("<{}>", kind.name).chars().map(|c| (c, Some(c))));
            }
            // What nobody sees is before the part or in it, never its beginning.
            if starts.is_none_or(|start| at < start || at == start && letter.1.is_none()) {
                kept.push(letter);
            }
            at += letter.1.map_or(0, char::len_utf8);
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
        let (it, Some(whole)) = (form.name("it").or(form.get(0)), form.get(0)) else { break };
        let it = it.unwrap_or(whole);
        let parts = if form.name("none").is_some() { Vec::new() } else { (kind.parts)(it.as_str()) };
        found.extend(parts.iter().map(|part| it.start() + part.start..it.start() + part.end));
        from = whole.end();
    }
    found
}

/// Characters that nobody sees, and that would hide a form. They stay in the text: some scripts need them.
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

fn whole(text: &str) -> Vec<Range<usize>> {
    vec![Range { start: 0, end: text.len() }]
}

fn with_digit(text: &str) -> Vec<Range<usize>> {
    if text.contains(|c: char| c.is_ascii_digit()) { whole(text) } else { Vec::new() }
}

fn random(word: &str) -> Vec<Range<usize>> {
    if is_random(word) { whole(word) } else { Vec::new() }
}

/// What was masked, in words.
pub fn told(masked: &Masked) -> Option<String> {
    let kinds: Vec<String> =
        masked.iter().map(|(kind, count)| format!("{count} of the kind {kind}")).collect();
    (!kinds.is_empty()).then(|| format!("masked: {}", kinds.join(", ")))
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
            ("https://hooks.slack.com/services/T000/B000/q7Lm1111", "https://<token>"),
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

    /// Cards glued to other numbers and words, and behind many columns.
    #[test]
    fn a_card_begins_and_ends_at_any_sign() {
        let (columns, tail) = ("7 ".repeat(26), " 9".repeat(30));
        for (text, wanted) in [
            ("2026-4111111111111111", "2026-<card>"),
            ("1732788761-4111111111111111", "1732788761-<card>"),
            ("12.4111111111111111.5", "12.<card>.5"),
            ("20261128-4111-1111-1111-1111-20261129", "20261128-<card>-20261129"),
            ("card_4111111111111111_old", "card_<card>_old"),
            ("PAN4111111111111111", "PAN<card>"),
            ("4111111111111111EUR", "<card>EUR"),
            ("iban_DE89370400440532013000, IBANDE89370400440532013000", "iban_<IBAN>, IBAN<IBAN>"),
            (
                "ab12 is the order that our long story is about DE89 3704 0044 0532 0130 00",
                "ab12 is the order that our long story is about <IBAN>",
            ),
            ("phone_030 9018 2022", "phone_<phone>"),
        ] {
            assert_eq!(masked(text, &mut Masked::new()), wanted, "{text}");
        }
        let hidden = masked(&format!("{columns}4111 1111 1111 1111{tail}"), &mut Masked::new());
        assert!(hidden.contains("<card>") && !hidden.contains("1111"), "{hidden}");
    }

    /// A line of columns, and one of cards: each group is looked at, and the rest of the line only once.
    #[test]
    fn a_long_line_is_read_to_its_end() {
        let columns = format!("{}4111111111111111", "1000000 ".repeat(20_000));
        assert!(masked(&columns, &mut Masked::new()).ends_with(" <card>"));
        let mut counts = Masked::new();
        masked(&"5500-0000-0000-0004 x ".repeat(3_000), &mut counts);
        assert_eq!(counts, Masked::from([("card", 3_000)]));
        let in_one_run = masked(&"5500-0000-0000-0004 ".repeat(3_000), &mut Masked::new());
        assert!(!in_one_run.contains("0004"), "{in_one_run}");
        assert!(masked(&"( 0 ".repeat(5_000), &mut Masked::new()).contains("<phone>"));
        let names = "tokens=".repeat(20_000);
        assert!(masked(&names, &mut Masked::new()) == names);
    }

    #[test]
    fn what_nobody_sees_stays_where_nothing_is_masked() {
        for (text, wanted) in [
            (
                "ภาษา\u{200b}ไทย and Zucker\u{ad}watte\u{feff}",
                "ภาษา\u{200b}ไทย and Zucker\u{ad}watte\u{feff}",
            ),
            ("to\u{200b} a\u{200b}nn@shop.exa\u{ad}mple \u{2060}now", "to\u{200b} <e-mail> \u{2060}now"),
            ("\u{feff}a@b.example\u{200b}\u{200b}", "\u{feff}<e-mail>\u{200b}\u{200b}"),
        ] {
            assert_eq!(masked(text, &mut Masked::new()), wanted, "{text}");
        }
    }

    #[test]
    fn a_word_that_only_begins_like_a_secret_is_none() {
        for (text, wanted) in [
            ("db_password=hunter22", "db_password=<password>"),
            ("{\"dbPassword\": \"correct\"}", "{\"dbPassword\": \"<password>\"}"),
            ("apiKey = 'abcdefgh'", "apiKey = '<password>'"),
            (
                "authtoken=abcdefgh; secretKey: \"abcdefgh\"",
                "authtoken=<password>; secretKey: \"<password>\"",
            ),
            ("SECRET_ACCESS_KEY => abcdefgh", "SECRET_ACCESS_KEY => <password>"),
            ("tokenAccountKey=abcdefgh", "tokenAccountKey=<password>"),
            ("access_token_secret=abcdefgh", "access_token_secret=<password>"),
            ("token_type_secret=abcdefgh", "token_type_secret=<password>"),
            ("max_tokens=100000 password=hunter22", "max_tokens=100000 password=<password>"),
        ] {
            assert_eq!(masked(text, &mut Masked::new()), wanted, "{text}");
        }
        for text in [
            "{\"secretary\": \"Johanna Meier\"}",
            "{\"token_type\": \"Bearer\", \"tokenType\": \"Bearer\"}",
            "{\"tokenizer\": \"cl100k_base\"}",
            "max_tokens=100000, maxTokens: 100000, MAX_TOKENS=100000",
            "Tokens = characters / 4",
            "{\"prompt_token_count\": 123456, \"tokenCount\": 123456}",
            "if token == expected_value: pass",
            "secret==expected and token===expected",
            "password_policy=lengthy, secret_name=checkout",
        ] {
            assert_eq!(masked(text, &mut Masked::new()), text);
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
