//! Neutral variations of a request: white space at a place where a reader sees none.
//!
//! Two calls for the same case must not have the same bytes: otherwise a cache between us and the
//! model answers the second call, and at temperature 0 the second answer gives no new information.
//! The difference must have no meaning, and a prompt must not be able to refer to it: screening and
//! fresh calls draw from one family, and each case is sent once exactly as written, at a time that a
//! digest decides. So no text lets a prompt distinguish a test from production, or one test from
//! another.

use serde::Serialize;

use crate::fingerprint::Fingerprint;
use crate::model::{Message, Request, Role};

/// The characters of the white space.
const WHITE: [char; 3] = [' ', '\n', '\t'];
/// Texts of one to three of these: 3 + 9 + 27.
const TEXTS: u64 = 39;
/// Places: beginning and end of the last user message, end of the system text.
const PLACES: u64 = 3;
/// Distinct variations.
const FAMILY: u64 = PLACES * TEXTS;
/// One case in this many is screened as written.
const PLAIN: u64 = 3;
/// From this number of bytes on, a provider may cache a system text, so its end is not varied.
const LONG_SYSTEM: usize = 2_000;

/// How the text of a call differs from the text as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Variation(Option<u64>);

/// What a fresh call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// A pair on a suspect.
    Confirm,
    /// A pair of the escalation.
    Escalate,
    /// A must-pass case that failed.
    Must,
}

/// The facts about a case that are fixed before a fresh call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Premise<'a> {
    /// The comparison; it knows contents and seed.
    pub comparison: Fingerprint,
    /// The case's id.
    pub case: &'a str,
    /// How it was screened.
    pub screened: Variation,
    /// Whether the same request is answered differently each time (temperature above 0).
    pub sampled: bool,
}

impl Variation {
    /// The text as it is written.
    pub const NONE: Self = Self(None);

    /// The member of the family with this number, modulo its size.
    pub fn member(number: u64) -> Self {
        Self(Some(number % FAMILY))
    }

    /// Whether the text is sent as it is written.
    pub fn is_plain(self) -> bool {
        self.0.is_none()
    }

    /// How a case is screened. It depends only on the request, so that both sides of every
    /// comparison, now and later, send the same text and share stored answers.
    pub fn of_screening(asked: Fingerprint) -> Self {
        let number = digits(asked);
        if number.is_multiple_of(PLAIN) { Self::NONE } else { Self::member(number / PLAIN) }
    }

    /// How a fresh call is made; the same on both sides of a pair. The first pair of the escalation
    /// sends the text as written, if the screening did not; no other text is sent twice either, up
    /// to the size of the family. If answers are sampled, every second re-run of a must-pass case
    /// is sent as written, because that rule is about the requests as production sends them.
    pub fn of_fresh(premise: Premise<'_>, rerun: Rerun, k: u32) -> Self {
        let plain = match rerun {
            Rerun::Confirm => false,
            Rerun::Escalate => k == 1 && !premise.screened.is_plain(),
            Rerun::Must => premise.sampled && k % 2 == 1,
        };
        if plain {
            return Self::NONE;
        }
        // A walk over the family, or over the rest of it, that repeats only after it has visited all members.
        let left = FAMILY - u64::from(!premise.screened.is_plain());
        let name = format!("{}:{}", premise.comparison, premise.case);
        let number = digits(Fingerprint::of_bytes(name.as_bytes()));
        let (start, wish) = (number % left, number / left);
        let step =
            (1..=left).map(|more| (wish + more) % left).find(|step| gcd(*step, left) == 1).unwrap_or(1);
        let position = (u64::from(k.saturating_sub(1)) * 3 + rerun as u64) % left;
        let place = (start + step * position) % left;
        Self::member(premise.screened.0.map_or(place, |screened| screened + 1 + place))
    }

    /// The request as it is sent.
    pub fn applied_to(self, request: &Request) -> Request {
        let mut sent = request.clone();
        let Some(number) = self.0 else { return sent };
        let white = white(number / PLACES);
        let system = sent.system.as_mut().filter(|text| request.tools.is_empty() && text.len() < LONG_SYSTEM);
        match (number % PLACES, system, last_user(&mut sent.messages)) {
            (2, Some(system), _) => system.push_str(&white),
            (0, _, Some(message)) => message.text.insert_str(0, &white),
            (1, _, Some(message)) => message.text.push_str(&white),
            // No system text, or one whose end must stay where it is.
            (_, _, Some(message)) => message.text = format!("{white}{}{white}", message.text),
            (_, _, None) => {}
        }
        sent
    }
}

fn last_user(messages: &mut [Message]) -> Option<&mut Message> {
    messages.iter_mut().rev().find(|message| message.role == Role::User)
}

/// White space number 0 to 38, shortest first.
fn white(number: u64) -> String {
    let (mut left, mut text) = (number + 1, String::new());
    while left > 0 {
        left -= 1;
        text.push(WHITE[(left % 3) as usize]);
        left /= 3;
    }
    text
}

/// 52 bits of a digest.
fn digits(digest: Fingerprint) -> u64 {
    u64::from_str_radix(&digest.short(13), 16).unwrap_or(0)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::Tool;

    fn request(system: Option<&str>) -> Request {
        let say = |role, text: &str| Message { role, text: text.to_owned() };
        let messages = vec![say(Role::User, "q1"), say(Role::Assistant, "hm"), say(Role::User, "q2")];
        Request { system: system.map(str::to_owned), messages, ..Request::new("m", "") }
    }

    fn sent(request: &Request) -> BTreeSet<String> {
        (0..FAMILY)
            .map(|number| Variation::member(number).applied_to(request))
            .inspect(|sent| {
                assert_ne!(sent, request);
                assert_eq!(sent.messages[..2], request.messages[..2], "earlier messages are left alone");
                assert_eq!(sent.messages[2].text.trim(), "q2");
                assert_eq!(sent.system.as_deref().map(str::trim), request.system.as_deref());
            })
            .map(|sent| serde_json::to_string(&sent).unwrap())
            .collect()
    }

    #[test]
    fn every_member_is_another_text_that_says_the_same() {
        let mut with_tool = request(Some("Be kind."));
        with_tool.tools =
            vec![Tool { name: "t".to_owned(), description: None, input_schema: serde_json::json!({}) }];
        let long = "word ".repeat(500);
        for request in
            [request(Some("Be kind.")), request(None), request(Some(long.trim())), with_tool.clone()]
        {
            assert_eq!(sent(&request).len() as u64, FAMILY);
        }
        // A text that a provider may have cached keeps its end.
        for request in [request(Some(long.trim())), with_tool] {
            let systems = (0..FAMILY).map(|number| Variation::member(number).applied_to(&request).system);
            assert!(systems.clone().all(|system| system == request.system));
        }
        assert_eq!(Variation::NONE.applied_to(&request(None)), request(None));
    }

    #[test]
    fn no_text_is_sent_twice_for_a_case_and_each_case_is_asked_once_as_it_stands() {
        for n in 0..300_u32 {
            let digest = Fingerprint::of_bytes(&n.to_be_bytes());
            let screened = Variation::of_screening(digest);
            let premise = Premise { comparison: digest, case: "c", screened, sampled: n % 2 == 0 };
            let mut all = vec![screened];
            all.extend((1..=12).map(|k| Variation::of_fresh(premise, Rerun::Confirm, k)));
            all.extend((1..=20).map(|k| Variation::of_fresh(premise, Rerun::Escalate, k)));
            let different: BTreeSet<Variation> = all.iter().copied().collect();
            assert_eq!(different.len(), all.len(), "{all:?}");
            assert_eq!(all.iter().filter(|variation| variation.is_plain()).count(), 1);
            let must: Vec<bool> =
                (1..=5).map(|k| Variation::of_fresh(premise, Rerun::Must, k).is_plain()).collect();
            assert_eq!(must, if premise.sampled { [true, false, true, false, true] } else { [false; 5] });
        }
    }

    #[test]
    fn a_third_is_screened_as_it_stands_and_the_rest_is_spread_over_the_family() {
        let draws = (0..6_000_u32).map(|n| Variation::of_screening(Fingerprint::of_bytes(&n.to_be_bytes())));
        let draws: Vec<Variation> = draws.collect();
        let plain = draws.iter().filter(|variation| variation.is_plain()).count();
        assert!((1_850..=2_150).contains(&plain), "{plain}");
        assert_eq!(draws.into_iter().collect::<BTreeSet<_>>().len() as u64, FAMILY + 1);
    }
}
