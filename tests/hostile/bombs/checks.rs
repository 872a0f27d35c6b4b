//! Bombs in checks: patterns and schemas that compile to much, and answers that cost much to score.

use prompt_assay_test_support::on_disk::Project;

use super::{Bomb, EVAL, JUST_MUCH, PLAN, set_off};

fn checks(project: &Project, checks: &str) {
    project.write(
        "golden/greet.yaml",
        format!("cases:\n- id: a\n  input: Hi\n  vars: {{name: Ada}}\n  checks:\n{checks}"),
    );
}

fn schema(project: &Project, schema: &str) {
    project.write("golden/schema.json", schema);
    checks(project, "  - json_schema: schema.json\n");
}

#[test]
fn patterns_and_schemas_are_bounded() {
    set_off(
        &[
            Bomb {
                name: "a pattern that compiles to much",
                lay: |project, n| checks(project, &format!("  - regex: '(\\w{{{n}}}){{{n}}}'\n")),
                ordinary: 3,
                hostile: 1_000,
                says: "the regular expression is too large",
            },
            Bomb {
                name: "N patterns that compile to a megabyte",
                lay: |project, n| {
                    let all: String = (0..n).map(|n| format!("  - regex: '\\w{{18}}{n}'\n")).collect();
                    checks(project, &all);
                },
                ordinary: 5,
                hostile: 3_000,
                says: "MiB compiled",
            },
            Bomb {
                name: "a pattern of N bytes",
                lay: |project, n| checks(project, &format!("  - regex: '{}'\n", "(a|b)".repeat(n / 5))),
                ordinary: 100,
                hostile: 10_000_000,
                says: "at most 10000 are compiled",
            },
            Bomb {
                name: "a schema of references that double",
                lay: |project, n| {
                    let defs: Vec<String> = (0..n)
                        .map(|at| {
                            let next = format!("{{\"$ref\": \"#/$defs/a{}\"}}", at + 1);
                            format!("\"a{at}\": {{\"allOf\": [{next}, {next}]}}")
                        })
                        .collect();
                    schema(
                        project,
                        &format!(
                            "{{\"$ref\": \"#/$defs/a0\", \"$defs\": {{{}, \"a{n}\": {{\"type\": \"object\"}}}}}}",
                            defs.join(", ")
                        ),
                    );
                },
                ordinary: 4,
                hostile: 24,
                says: "is too large: it makes more than 20000 demands",
            },
            Bomb {
                name: "a schema of N references in a row",
                lay: |project, n| {
                    let defs: Vec<String> = (0..n)
                        .map(|at| format!("\"a{at}\": {{\"$ref\": \"#/$defs/a{}\"}}", at + 1))
                        .collect();
                    schema(
                        project,
                        &format!(
                            "{{\"$ref\": \"#/$defs/a0\", \"$defs\": {{{}, \"a{n}\": {{\"type\": \"object\"}}}}}}",
                            defs.join(", ")
                        ),
                    );
                },
                ordinary: 4,
                hostile: 100_000,
                says: "more than 100 deep",
            },
            Bomb {
                name: "a schema of allOf inside allOf",
                lay: |project, n| {
                    let inner = (0..n).fold("{\"type\": \"object\"}".to_owned(), |inner, _| {
                        format!("{{\"allOf\": [{inner}]}}")
                    });
                    schema(project, &inner);
                },
                ordinary: 10,
                hostile: 60,
                says: "deep",
            },
            Bomb {
                name: "a schema of N demands",
                lay: |project, n| {
                    let names: Vec<String> =
                        (0..n).map(|n| format!("\"p{n}\": {{\"type\": \"object\"}}")).collect();
                    schema(project, &format!("{{\"properties\": {{{}}}}}", names.join(", ")));
                },
                ordinary: 50,
                hostile: 300_000,
                says: "is too large",
            },
            Bomb {
                name: "a schema from elsewhere",
                lay: |project, n| {
                    let part = if n > 1 {
                        "\"$ref\": \"http://169.254.169.254/latest\""
                    } else {
                        "\"type\": \"object\""
                    };
                    schema(project, &format!("{{{part}}}"));
                },
                ordinary: 1,
                hostile: 2,
                says: "does not compile",
            },
        ],
        PLAN,
    );
}

/// Rules under which the model answers this.
fn answers(project: &Project, text: &str) {
    project.write("rules.yaml", format!("default: {{text: '{text}'}}\n"));
    project.edit("prompts.yaml", "warmly", "kindly");
}

#[test]
fn scoring_is_bounded() {
    set_off(
        &[
            Bomb {
                name: "a deep answer to a schema that branches into itself",
                lay: |project, n| {
                    schema(
                        project,
                        "{\"properties\": {\"x\": {\"allOf\": [{\"$ref\": \"#\"}, {\"$ref\": \"#\"}]}}}",
                    );
                    answers(project, &format!("{}1{}", "{\"x\":".repeat(n), "}".repeat(n)));
                },
                ordinary: 4,
                hostile: 60,
                says: JUST_MUCH,
            },
            Bomb {
                name: "similarity of two texts of N bytes",
                lay: |project, n| {
                    let (one, other) = ("Ada lives here ".repeat(n / 15), "here Bo lives ".repeat(n / 15));
                    checks(project, &format!("  - similarity: {{to: '{one}', threshold: 0.01}}\n"));
                    answers(project, &other);
                },
                ordinary: 1_500,
                hostile: 1_000_000,
                says: JUST_MUCH,
            },
            Bomb {
                name: "a path of N steps",
                lay: |project, n| {
                    checks(
                        project,
                        &format!("  - json_path: {{path: '$.a{}', exists: true}}\n", "[*]".repeat(n)),
                    );
                    answers(project, &format!("{{\"a\": [[{}1]]}}", "1, ".repeat(n)));
                },
                ordinary: 2,
                hostile: 300_000,
                says: JUST_MUCH,
            },
        ],
        EVAL,
    );
}
