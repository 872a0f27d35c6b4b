use insta::assert_snapshot;

use super::*;

const NEW: &str = "new-key-0123456789abcdef0123456789abcdef";
const OLD: &str = "old-key-0123456789abcdef0123456789abcdef";

fn seals(text: &str) -> Seals {
    Seals::of(&StoreKeys::read(text).expect("good keys").expect("some keys"))
}

fn name(text: &str) -> Fingerprint {
    Fingerprint::of_bytes(text.as_bytes())
}

fn answer(response: &str) -> Sealed<'_> {
    Sealed::Answer { key: name("key"), request: name("request"), bought_by: name("comparison"), response }
}

const JOB: Sealed<'_> = Sealed::Job { name: "n", arn: Some("a"), model: "m", output: "o", records: b"r" };

#[test]
fn a_seal_is_rfc_2104_over_the_kind_and_each_part_behind_its_length() {
    // Computed with Python's `hmac` over the bytes that the comment of `feed` describes.
    let seal = seals(NEW).seal(&Sealed::Comparison { key: name("c"), paid: true }).expect("a key");
    assert_snapshot!(serde_json::to_string(&seal).unwrap(), @r#""3c31fcb3e237cf460fdb93cf143b143a4a7bf44b58c98c2efe8e4909d7740e98""#);
}

#[test]
fn a_seal_fits_what_it_was_made_for_and_nothing_else() {
    let seals = seals(NEW);
    let sealed = [
        answer("yes"),
        answer("no"),
        Sealed::Answer {
            key: name("other"),
            request: name("request"),
            bought_by: name("comparison"),
            response: "yes",
        },
        Sealed::Answer {
            key: name("key"),
            request: name("other"),
            bought_by: name("comparison"),
            response: "yes",
        },
        Sealed::Answer {
            key: name("key"),
            request: name("request"),
            bought_by: name("other"),
            response: "yes",
        },
        Sealed::Comparison { key: name("key"), paid: true },
        Sealed::Comparison { key: name("key"), paid: false },
        Sealed::Comparison { key: name("other"), paid: true },
        Sealed::Evidence("yes"),
        Sealed::Evidence("no"),
        JOB,
        Sealed::Job { name: "n", arn: None, model: "m", output: "o", records: b"r" },
        Sealed::Job { name: "n", arn: Some("a"), model: "mo", output: "", records: b"r" },
        Sealed::Job { name: "n", arn: None, model: "m", output: "o", records: b"ra" },
    ];
    for (i, made_for) in sealed.iter().enumerate() {
        for (j, found) in sealed.iter().enumerate() {
            assert_eq!(seals.admit(found, seals.seal(made_for)), i == j, "{made_for:?} {found:?}");
        }
    }
}

#[test]
fn without_a_key_everything_counts_and_with_one_only_what_is_sealed() {
    let none = Seals::default();
    assert_eq!((none.are_demanded(), none.seal(&JOB)), (false, None));
    assert!(none.admit(&JOB, None));
    let seals = seals(NEW);
    assert!(!seals.admit(&JOB, None));
    let own = seals.seal(&JOB).unwrap();
    for byte in 0..32 {
        let mut bytes = *own.as_bytes();
        bytes[byte] ^= 1;
        assert!(!seals.admit(&JOB, Seal::from_bytes(&bytes)), "byte {byte}");
    }
    assert_eq!((Seal::from_bytes(b""), Seal::from_bytes(&[0; 33])), (None, None));
}

#[test]
fn a_key_is_replaced_in_two_steps() {
    let (old, new) = (seals(OLD), seals(NEW));
    let both = seals(&format!("{NEW}, {OLD}"));
    assert!(both.admit(&JOB, old.seal(&JOB)), "what the old one sealed still counts");
    assert!(!new.admit(&JOB, old.seal(&JOB)), "until it is gone");
    assert_eq!(both.seal(&JOB), new.seal(&JOB), "the new one seals");
}

#[test]
fn what_does_not_count_is_said_once_for_each_thing() {
    let seals = seals(NEW);
    assert_eq!(seals.said(), None);
    assert!(seals.admit(&answer("yes"), seals.seal(&answer("yes"))));
    assert_eq!(seals.said(), None);
    for _ in 0..3 {
        seals.admit(&answer("yes"), None);
    }
    assert_snapshot!(seals.said().unwrap(), @r#"1 stored answer was not sealed with the store key of this run: it counts as absent, and answers that are needed are bought again (docs/action.md, "Trust")."#);
    seals.admit(&Sealed::Comparison { key: name("key"), paid: true }, None);
    seals.admit(&Sealed::Evidence("a"), None);
    seals.admit(&Sealed::Evidence("b"), None);
    assert_snapshot!(seals.said().unwrap(), @r#"1 stored answer, 1 comparison and 2 records of evidence were not sealed with the store key of this run: they count as absent, and answers that are needed are bought again (docs/action.md, "Trust")."#);
}

#[test]
fn a_key_that_is_none_is_told_without_showing_it() {
    let refused = |text: &str| StoreKeys::read(text).unwrap_err().to_string();
    assert_eq!(StoreKeys::read(" \n"), Ok(None));
    assert_snapshot!(refused("hunter2"), @"is too short: a key has 7 characters and needs at least 32; make one with `openssl rand -hex 32` and keep it as a secret");
    assert_snapshot!(refused(&format!("{NEW},hunter2")), @"is too short: a key has 7 characters and needs at least 32; make one with `openssl rand -hex 32` and keep it as a secret");
    assert_snapshot!(refused(&format!("{NEW} {OLD} {NEW}")), @"holds 3 keys: write one, or while it is being replaced the new one and the old one, with a comma or a space between");
    assert_snapshot!(refused(&"ą".repeat(40)), @"may hold visible ASCII characters only; make one with `openssl rand -hex 32`");
    let keys = StoreKeys::read(NEW).unwrap().unwrap();
    let shown = format!("{keys:?} {:?}", Seals::of(&keys));
    assert_snapshot!(shown, @"StoreKeys(1, hidden) Seals(1 keys)");
}
