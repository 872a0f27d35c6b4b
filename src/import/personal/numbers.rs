//! Cards, IBANs and telephone numbers: each has a check or a form, and stands in a run of digits, letters and signs with
//! other numbers before and behind it.

use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use regex::Regex;

/// Runs that may hold cards.
pub(super) const CARDS: &str = "[0-9](?:[ .-]{0,2}[0-9]){12,}";
/// Runs that may hold IBANs.
pub(super) const IBANS: &str = "(?i)[A-Z]{2}[0-9]{2}(?:[ .-]?[A-Z0-9]){11,}";
/// Runs that may hold telephone numbers.
pub(super) const PHONES: &str = r"(?:\+|\(|\b|_)[0-9(][0-9 ()./-]{6,}[0-9](?:\b|_)";

/// The longest number with its signs, in bytes.
const LONGEST: usize = 70;

/// The parts of a run that `holds`, of so many digits and letters: each begins at one of `starts` and ends before a sign
/// or with the run. From each start the longest counts, and parts that overlap are one, so that a false one hides no part
/// of a true one. `holds` is told where the part before ends. The time grows with the run's length and no faster.
fn in_run(
    run: &str,
    starts: impl Iterator<Item = usize>,
    signs: &[char],
    size: RangeInclusive<usize>,
    holds: impl Fn(usize, Range<usize>) -> bool,
) -> Vec<Range<usize>> {
    // Each end, and how many digits and letters are before it.
    let (mut ends, mut before, mut count) = (Vec::new(), vec![0; run.len() + 1], 0);
    for (at, c) in run.char_indices() {
        before[at] = count;
        if signs.contains(&c) {
            ends.push(at);
        }
        count += usize::from(c.is_alphanumeric());
    }
    before[run.len()] = count;
    ends.push(run.len());
    let (mut found, mut next) = (Vec::<Range<usize>>::new(), 0);
    for start in starts {
        next += ends[next..].iter().take_while(|end| **end <= start).count();
        let size_of = |end: usize| before[end] - before[start];
        let is_near = |end: &&usize| **end - start <= LONGEST && size_of(**end) <= *size.end();
        let near = ends[next..].iter().take_while(is_near).count();
        let last_end = found.last().map_or(0, |part| part.end);
        let mut longest_first =
            ends[next..next + near].iter().rev().filter(|end| size.contains(&size_of(**end)));
        let Some(end) = longest_first.find(|end| holds(last_end, start..**end)) else { continue };
        match found.last_mut() {
            Some(last) if start < last.end => last.end = last.end.max(*end),
            _ => found.push(start..*end),
        }
    }
    found
}

/// The places of a run at which `begins` holds for the character before and the rest.
fn places(run: &str, begins: impl Fn(Option<char>, &str) -> bool) -> impl Iterator<Item = usize> {
    let mut before = None;
    run.char_indices().filter(move |(at, c)| begins(before.replace(*c), &run[*at..])).map(|(at, _)| at)
}

/// The cards in a run. Between spaces a card may be written in any groups; beside another sign it is one number, or in
/// groups of four digits and more but for the last one: dates and versions are not.
pub(super) fn cards(run: &str) -> Vec<Range<usize>> {
    let is_digit = |c: char| c.is_ascii_digit();
    let starts = places(run, |before, rest| rest.starts_with(is_digit) && !before.is_some_and(is_digit));
    in_run(run, starts, &[' ', '.', '-'], 13..=19, |_, part| {
        let is_apart = (part.start == 0 || run[..part.start].ends_with(' '))
            && (part.end == run.len() || run[part.end..].starts_with(' '));
        let part = &run[part];
        (is_apart || is_tidy(part)) && part.ends_with(is_digit) && is_luhn(part)
    })
}

/// Whether all groups of digits but the last have four and more.
fn is_tidy(card: &str) -> bool {
    let groups: Vec<&str> = card.split([' ', '.', '-']).filter(|group| !group.is_empty()).collect();
    groups.split_last().is_some_and(|(_, others)| others.iter().all(|group| group.len() >= 4))
}

/// The IBANs in a run.
pub(super) fn ibans(run: &str) -> Vec<Range<usize>> {
    let begins = |rest: &str| {
        let first = rest.as_bytes().first_chunk();
        first.is_some_and(|[a, b, c, d]| {
            [a, b].iter().all(|c| c.is_ascii_alphabetic()) && [c, d].iter().all(|c| c.is_ascii_digit())
        })
    };
    in_run(run, places(run, |_, rest| begins(rest)), &[' ', '.', '-'], 15..=34, |_, part| is_iban(&run[part]))
}

/// The telephone numbers in a run, which stand between spaces. Behind a longer number, a leading zero is one of that
/// number's.
pub(super) fn phones(run: &str) -> Vec<Range<usize>> {
    let signs = [' ', '_'];
    let is_sign = |c: char| signs.contains(&c);
    let starts = places(run, |before, rest| !rest.starts_with(is_sign) && before.is_none_or(is_sign));
    in_run(run, starts, &signs, 8..=15, |last_end, part| {
        let mut before = run.get(last_end..part.start).unwrap_or_default().chars();
        let is_apart = !run[part.start..].starts_with('0')
            || before.by_ref().filter(char::is_ascii_digit).nth(3).is_none();
        is_apart && is_phone(&run[part])
    })
}

/// Luhn's check digit, over digits that are not all zero.
fn is_luhn(text: &str) -> bool {
    let digits = || text.chars().rev().filter_map(|c| c.to_digit(10));
    let weighed = digits().enumerate().map(|(at, digit)| match (at % 2, digit * 2) {
        (0, _) => digit,
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    });
    weighed.sum::<u32>().is_multiple_of(10) && digits().any(|digit| digit > 0)
}

/// ISO 13616: the remainder by 97 is 1.
fn is_iban(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let turned = plain[4..].iter().chain(&plain[..4]);
    let remainder = turned.filter_map(|c| c.to_digit(36)).fold(0, |before, value| {
        let base = if value > 9 { 100 } else { 10 };
        (before * base + value) % 97
    });
    remainder == 1
}

/// Digits that are written as a number to call: with `+`, a leading zero, or groups in brackets or of three, three and
/// four digits. A date and an order's number are not.
fn is_phone(text: &str) -> bool {
    static FORMS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [
            r"^(?:1[-. ]?)?\(?[0-9]{3}\)?[-. ]?[0-9]{3}[-. ][0-9]{4}$",
            r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}",
        ]
        .map(|form| Regex::new(form).expect("the expression is a constant"))
    });
    let [groups, date] = &*FORMS;
    let count = text.chars().filter(char::is_ascii_digit).count();
    let least = if text.starts_with(['+', '(']) { 8 } else { 9 };
    let is_to_call = || text.starts_with(['+', '0', '(']) && !date.is_match(text);
    count >= least && (is_to_call() || groups.is_match(text))
}
