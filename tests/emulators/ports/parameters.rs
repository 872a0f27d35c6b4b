//! Parameters: every method against both emulators, where they can.

use std::collections::BTreeMap;

use prompt_assay::cloud::FailureClass;
use prompt_assay::release::ports::{NewVersion, ParameterKind, ParameterTier, Parameters, Selector};

use super::{connection, runtime, ssm};
use crate::emulator::{Emulator, boto3_says, tags_of};

fn version(name: &str, value: &str) -> NewVersion {
    NewVersion {
        name: name.to_owned(),
        value: value.to_owned(),
        kind: ParameterKind::Plain,
        key_id: None,
        tier: ParameterTier::Standard,
        description: format!("about {value}"),
        create: false,
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn both() -> [&'static Emulator; 2] {
    [Emulator::shared_moto(), Emulator::shared_ministack()]
}

#[test]
fn versions_are_written_once_read_by_number_and_label_and_listed() {
    for emulator in both() {
        let store = ssm(emulator.options());
        let name = "/versions/greeting";
        assert_eq!(store.get(name, &Selector::Latest), Ok(None));
        assert_eq!(store.history(name), Ok(Vec::new()));
        let first = NewVersion { create: true, ..version(name, "Grüße, {{ name }}") };
        assert_eq!(store.put(&first), Ok(1));
        let again = store.put(&first).expect_err("it exists");
        assert_eq!(
            (again.class, again.code.as_deref()),
            (FailureClass::Conflict, Some("ParameterAlreadyExists"))
        );
        assert_eq!(store.put(&version(name, "second")), Ok(2));

        let read = |which: &Selector| {
            store.get(name, which).expect("an answer").map(|read| (read.version, read.value))
        };
        assert_eq!(read(&Selector::Latest), Some((2, "second".to_owned())));
        assert_eq!(read(&Selector::Version(1)), Some((1, "Grüße, {{ name }}".to_owned())));
        assert_eq!(read(&Selector::Version(3)), None);
        assert_eq!(read(&Selector::Label("live".to_owned())), None, "an unknown label is absence");
        store.label(name, 1, &owned(&["live", "good"])).expect("labels");
        assert_eq!(read(&Selector::Label("live".to_owned())), Some((1, "Grüße, {{ name }}".to_owned())));
        store.label(name, 2, &owned(&["live"])).expect("a label moves");
        assert_eq!(read(&Selector::Label("live".to_owned())), Some((2, "second".to_owned())));

        let history = store.history(name).expect("a history");
        let told: Vec<_> = history
            .iter()
            .map(|version| (version.version, version.description.as_str(), version.labels.join(" ")))
            .collect();
        assert_eq!(
            told,
            [(1, "about Grüße, {{ name }}", "good".to_owned()), (2, "about second", "live".to_owned())]
        );
        assert!(history.iter().all(|version| version.modified_at > 1_700_000_000));
        assert!(history.iter().all(|version| version.kind == ParameterKind::Plain));
    }
}

#[test]
fn a_secret_is_read_decrypted_and_an_advanced_parameter_says_so() {
    for emulator in both() {
        let store = ssm(emulator.options());
        let secret = NewVersion { kind: ParameterKind::Secure, ..version("/secure/prompt", "hush") };
        store.put(&secret).expect("a version");
        let read = store.get("/secure/prompt", &Selector::Latest).expect("an answer").expect("a version");
        assert_eq!((read.value.as_str(), read.kind), ("hush", ParameterKind::Secure));
        assert_eq!(store.history("/secure/prompt").expect("a history")[0].value, "hush");

        let large =
            NewVersion { tier: ParameterTier::Advanced, ..version("/secure/large", &"é".repeat(4_096)) };
        store.put(&large).expect("8,192 bytes");
        let past = &store.history("/secure/large").expect("a history")[0];
        assert_eq!((past.tier, past.value.len()), (ParameterTier::Advanced, 8_192));
    }
}

#[test]
fn what_a_tier_does_not_hold_is_refused_here() {
    let store = ssm(Emulator::shared_moto().options());
    let standard = version("/size/a", &"é".repeat(2_049));
    let advanced = NewVersion { tier: ParameterTier::Advanced, ..version("/size/b", &"a".repeat(8_193)) };
    insta::assert_snapshot!(store.put(&standard).expect_err("too large"), @"ssm:PutParameter on `/size/a`: the value has 4098 bytes; the Standard tier holds 4096");
    insta::assert_snapshot!(store.put(&advanced).expect_err("too large"), @"ssm:PutParameter on `/size/b`: the value has 8193 bytes; the Advanced tier holds 8192");
    assert_eq!(store.get("/size/a", &Selector::Latest), Ok(None), "nothing was written");
}

#[test]
fn names_below_a_path_are_found_at_any_depth_over_pages() {
    for emulator in both() {
        let store = ssm(emulator.options());
        let mut names: Vec<String> = (0..57).map(|number| format!("/tree/p{number:02}")).collect();
        names.push("/tree/deep/er/p".to_owned());
        names.sort();
        for name in &names {
            store.put(&version(name, "x")).expect("a version");
        }
        store.put(&version("/treehouse", "x")).expect("a version");
        assert_eq!(store.below("/tree").expect("an answer"), names);
        assert_eq!(store.below("/tree/").expect("an answer"), names);
        assert_eq!(store.below("/nothing/here"), Ok(Vec::new()));
    }
}

#[test]
fn a_history_of_more_than_a_page_is_whole_and_in_order() {
    let store = ssm(Emulator::shared_moto().options());
    for number in 1..=105 {
        store.put(&version("/long/history", &number.to_string())).expect("a version");
    }
    let numbers: Vec<u64> =
        store.history("/long/history").expect("a history").iter().map(|past| past.version).collect();
    assert_eq!(numbers, (6..=105).collect::<Vec<_>>(), "a hundred are kept");
}

#[test]
fn a_label_on_the_oldest_of_a_hundred_versions_is_named_as_the_reason() {
    let store = ssm(Emulator::shared_moto().options());
    store.put(&version("/full/p", "1")).expect("a version");
    store.label("/full/p", 1, &owned(&["live"])).expect("a label");
    for number in 2..=100 {
        store.put(&version("/full/p", &number.to_string())).expect("a version");
    }
    let failure = store.put(&version("/full/p", "101")).expect_err("none can be dropped");
    assert_eq!(failure.class, FailureClass::Refused);
    assert_eq!(failure.code.as_deref(), Some("ParameterMaxVersionLimitExceeded"));
    assert!(failure.to_string().contains("carries a label"), "{failure}");
}

#[test]
fn labels_that_the_service_calls_invalid_are_a_failure() {
    let store = ssm(Emulator::shared_moto().options());
    store.put(&version("/labels/p", "x")).expect("a version");
    let failure = store.label("/labels/p", 1, &owned(&["1live", "good"])).expect_err("a digit first");
    assert_eq!(failure.class, FailureClass::Refused);
    insta::assert_snapshot!(failure, @"ssm:LabelParameterVersion on `/labels/p`: version 1 did not get the invalid labels 1live (a label has at most 100 letters, digits, `.`, `-` and `_`, and begins neither with a digit nor with `aws` or `ssm`)");
    let failure = store.label("/labels/p", 9, &owned(&["good"])).expect_err("no such version");
    assert_eq!(failure.class, FailureClass::Missing, "{failure}");
    let many: Vec<String> = (0..11).map(|number| format!("l{number}")).collect();
    let failure = store.label("/labels/p", 1, &many).expect_err("eleven labels");
    assert_eq!(failure.class, FailureClass::Refused, "{failure}");
}

#[test]
fn tags_are_added_and_replaced_and_do_not_stand_in_the_way_of_a_version() {
    for emulator in both() {
        let store = ssm(emulator.options());
        let name = "/tags/p";
        store.put(&version(name, "x")).expect("a version");
        let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        store.tag(name, &tags(&[("commit", "abc"), ("by", "ada")])).expect("tags");
        store.tag(name, &tags(&[("commit", "def")])).expect("a tag is replaced");
        let told = runtime().block_on(tags_of(&connection(emulator.options()), name));
        assert_eq!(told, tags(&[("commit", "def"), ("by", "ada")]));
        store.put(&version(name, "y")).expect("tags do not stand in the way of the next version");
    }
}

#[test]
fn boto3_reads_what_was_written() {
    let emulator = Emulator::shared_moto();
    let store = ssm(emulator.options());
    store.put(&version("/boto3/p", "first {{ x }}")).expect("a version");
    store.put(&version("/boto3/p", "second")).expect("a version");
    store.label("/boto3/p", 1, &owned(&["live"])).expect("a label");
    let program = r#"
import boto3
ssm = boto3.client("ssm")
read = lambda name: ssm.get_parameter(Name=name)["Parameter"]
print(read("/boto3/p:live")["Value"], "|", read("/boto3/p")["Value"], "|", read("/boto3/p")["DataType"])
"#;
    assert_eq!(boto3_says(&emulator.url(), program), "first {{ x }} | second | text");
}
