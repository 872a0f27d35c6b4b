//! The quick reader of a part of YAML: what it reads, the two passes read alike, at the same places.

use proptest::prelude::*;

use super::*;
use crate::document::{
    parse::{any_yaml, finish},
    raw::Allowance,
    subset,
};

/// Whether the quick reader takes a text. What it makes of it is compared with what the two passes make of it.
fn is_read(text: &str) -> bool {
    let Some(raw) = subset::read(text, &Allowance::default()) else { return false };
    let source = Source::new("a.yaml", text);
    let quick = finish(&source, raw, Format::Yaml);
    let full = any_yaml(&source);
    assert_eq!(quick, full, "{text}");
    true
}

#[test]
fn golden_sets_and_catalogs_as_they_are_usually_written_are_read() {
    let golden = "# Orders\ndefaults:\n  checks: [{length: {max_words: 60}}, not_empty]\n\ncases:\n- id: a\n  input: \"Where is \\\"it\\\"?\"\n  \
                  expected: Names a day # soon\n  tags: [a, 'b c', \"d\"]\n  must_pass: true\n\n- id: 'it''s'\n  vars: {n: -1.5, t: \"x\", big: 1e3}\n  \
                  checks:\n    - contains: day\n    - regex: '\\d+'\n    -\n      length:\n        max_words: 3\n";
    let catalog = "---\nsummary: |\n  Sum up:\n\n    {{ input }}\n  # not a comment\nother:\n  system: |-\n      One.\n\n  # a comment\n  user: |+\n    Grüße, 😀\n\n\
                   \"quoted: key\":\n  golden: golden/a.yaml\n";
    for text in [
        golden,
        catalog,
        "- a\n- - b\n  - c: d\n",
        "a: x",
        "ä: {ö: ü, k: [1, 2,]} # c",
        "text",
        "a:\n  x: 1\n\n\n",
    ] {
        assert!(is_read(text), "{text}");
    }
}

#[test]
fn what_is_not_certain_is_left_to_the_two_passes() {
    for text in [
        "",
        "# c\n",
        "a:\n",
        "a: &x b\nc: *x\n",
        "a: !t b\n",
        "? a\n: b\n",
        "a: >\n  b\n",
        "a: b\n  c\n",
        "a: \"b\n  c\"\n",
        "a: [b,\n  c]\n",
        "a: \"\\x41\"\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: b: c\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "a: {b}\n",
        "a: |2\n   b\n",
        "a: |\n\nb: c\n",
        "a: |\n    \n  b\n",
        "a\nb: c\n",
        "a: \"b\" c\n",
        "a: \"b\"#c\n",
        "a: @b\n",
        "a: - b\n",
        "- a\n b\n",
        " a: b\nc: d\n",
        "a: .nan\n",
        "a: 18446744073709551616\n",
        "a: [b: c]\n",
        "a: \u{85}b\n",
        "a:\n- |\n  b\n",
    ] {
        assert!(!is_read(text), "{text}");
    }
    let long = "k".repeat(2_000);
    assert!(!is_read(&format!("{long}: x\n")) && !is_read(&format!("- {{{long}: x}}\n")));
    let deep = |levels: usize| format!("{}x{}\n", "[".repeat(levels), "]".repeat(levels));
    assert!(is_read(&deep(MAX_DEPTH)) && !is_read(&deep(MAX_DEPTH + 1)));
}

/// Lines that come near to those of real files, and often miss.
fn lines() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "[a-c:# ,'\"\\\\é{}-]{0,6}",
        "[-+.0-9exo_]{1,6}",
        prop::sample::select(vec![
            "x",
            "x y",
            "'it''s'",
            "\"a \\\"b\\\" \"",
            "null",
            "~",
            "yes",
            "true",
            "1.5",
            "0x1f",
            "<<",
            "[a, 'b', {c: d}]",
            "{a: 1, \"b\":2}",
            "{}",
            "[ ]",
            "|",
            "|-",
            "|+",
            "| ",
            ">",
            "# c",
            "x # c",
            "x#y",
            "a:b",
            "",
            "-1",
            "---",
            "...",
            "http://a/b?c",
            "?x",
            ":x",
        ])
        .prop_map(str::to_owned),
    ];
    let key = prop::sample::select(vec![
        "",
        "",
        "a: ",
        "b: ",
        "ä: ",
        "c:",
        "\"d e\": ",
        "'f' : ",
        "- ",
        "- ",
        "- a: ",
        "- - ",
        "-",
        "# ",
        "1: ",
    ]);
    let line = (0_usize..7, key, scalar, prop_oneof![9 => Just("\n"), 1 => Just(" \n"), 1 => Just("\n\n")]);
    let line =
        line.prop_map(|(indent, key, scalar, end)| format!("{}{key}{scalar}{end}", " ".repeat(indent)));
    prop::collection::vec(line, 0..7).prop_map(|lines| lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn it_reads_as_the_two_passes_do(lines in lines(), is_open in any::<bool>()) {
        is_read(&lines);
        if is_open {
            is_read(lines.trim_end_matches('\n'));
        }
    }
}

proptest! {
    #[test]
    fn it_reads_printed_values_as_the_two_passes_do(value in super::properties::values()) {
        is_read(&serde_yaml::to_string(&value).unwrap());
        is_read(&value.to_string());
    }
}
