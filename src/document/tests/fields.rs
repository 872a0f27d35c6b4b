//! Fields: the errors for wrong values.

use insta::assert_snapshot;

use super::*;
use crate::problem::Problems;

pub(super) const SHAPE: Shape =
    Shape { name: "a thing", keys: &["name", "golden", "share", "count", "on", "kind", "all"] };

fn complaints(text: &str) -> String {
    let document = yaml(text).unwrap();
    let mut problems = Problems::new();
    if let Some(fields) = Fields::read(&document.source, &document.root, &SHAPE, &mut problems) {
        fields.text("name", &mut problems);
        fields.text("golden", &mut problems);
        fields.number(
            "share",
            (std::ops::Bound::Excluded(0.0), std::ops::Bound::Included(0.5)),
            &mut problems,
        );
        fields.integer("count", 1.., &mut problems);
        fields.flag("on", &mut problems);
        fields.choice("kind", &[("mean", 0), ("pass_fail", 1)], &mut problems);
        fields.texts("all", &mut problems);
    }
    problems.to_string()
}

#[test]
fn all_wrong_fields_are_reported_at_once() {
    assert_snapshot!(
        complaints("name: 1.0\ngoldn: x\ngolden: [a]\nshare: 0.7\ncount: -1\n\"on\": yes\nkind: pass\nall: [a, 0x10, no]\nzzz: 1\n"),
        @r#"
    error: `name` must be text, found the number 1.0
      --> prompts.yaml:1:7
       | name: 1.0
       = quote it: "1.0"

    error: unknown key `goldn` in a thing
      --> prompts.yaml:2:1
       | goldn: x
       = did you mean `golden`?

    error: `golden` must be text, found a list
      --> prompts.yaml:3:9
       | golden: [a]

    error: `share` must be a number, more than 0 and at most 0.5, found 0.7
      --> prompts.yaml:4:8
       | share: 0.7

    error: `count` must be a whole number, at least 1, found -1
      --> prompts.yaml:5:8
       | count: -1

    error: `on` must be true or false, found the text `yes`
      --> prompts.yaml:6:7
       | "on": yes

    error: `kind` must be one of `mean`, `pass_fail`, found `pass`
      --> prompts.yaml:7:7
       | kind: pass
       = did you mean `pass_fail`?

    error: each of `all` must be text, found the number 16
      --> prompts.yaml:8:10
       | all: [a, 0x10, no]
       = quote it: "0x10"

    error: each of `all` must be text, and many YAML readers take `no` for a boolean
      --> prompts.yaml:8:16
       | all: [a, 0x10, no]
       = quote it: "no"

    error: unknown key `zzz` in a thing
      --> prompts.yaml:9:1
       | zzz: 1
       = its keys are `name`, `golden`, `share`, `count`, `on`, `kind`, `all`
    "#
    );
}

#[test]
fn texts_that_are_none_are_to_be_quoted() {
    let mut told = Vec::new();
    for scalar in ["yes", "1.0", "null", "2024-01-01", "010", "1_000", "12:30", "true", "=", "&x no", "[a]"] {
        told.push(complaints(&format!("name: {scalar}\n")));
    }
    assert_snapshot!(told.join("\n"), @r#"
    error: `name` must be text, and many YAML readers take `yes` for a boolean
      --> prompts.yaml:1:7
       | name: yes
       = quote it: "yes"
    error: `name` must be text, found the number 1.0
      --> prompts.yaml:1:7
       | name: 1.0
       = quote it: "1.0"
    error: `name` must be text, found nothing
      --> prompts.yaml:1:7
       | name: null
       = write the text in quotes, or leave the key out
    error: `name` must be text, and many YAML readers take `2024-01-01` for a date
      --> prompts.yaml:1:7
       | name: 2024-01-01
       = quote it: "2024-01-01"
    error: `name` must be text, and many YAML readers take `010` for a number
      --> prompts.yaml:1:7
       | name: 010
       = quote it: "010"
    error: `name` must be text, and many YAML readers take `1_000` for a number
      --> prompts.yaml:1:7
       | name: 1_000
       = quote it: "1_000"
    error: `name` must be text, and many YAML readers take `12:30` for a number
      --> prompts.yaml:1:7
       | name: 12:30
       = quote it: "12:30"
    error: `name` must be text, found the boolean true
      --> prompts.yaml:1:7
       | name: true
       = quote it: "true"
    error: `name` must be text, and many YAML readers take `=` for a special value
      --> prompts.yaml:1:7
       | name: =
       = quote it: "="
    error: `name` must be text, and many YAML readers take `no` for a boolean
      --> prompts.yaml:1:7
       | name: &x no
       = quote it: "no"
    error: `name` must be text, found a list
      --> prompts.yaml:1:7
       | name: [a]
    "#);
    for scalar in ["\"yes\"", "'1.0'", "|\n  2024-01-01", "yes sir", "1.0.0", ">-\n  no", "!!str 12"] {
        assert_eq!(complaints(&format!("name: {scalar}\n")), "");
    }
}

#[test]
fn a_list_is_no_mapping() {
    assert_snapshot!(complaints("- a\n"), @r"
    error: a thing must be a mapping, found a list
      --> prompts.yaml:1:1
       | - a
       = its keys are `name`, `golden`, `share`, `count`, `on`, `kind`, `all`
    ");
}
