//! Bombs in catalogs and golden sets: sizes, depths, repetitions, and a mistake in every line.

use prompt_assay_test_support::on_disk::Project;

use super::{Bomb, PLAN, set_off};

const CASE: &str = "{\"input\":\"Hi %\",\"vars\":{\"name\":\"Ada\"},\"checks\":[{\"contains\":\"Ada\"}]}\n";

/// Another notation of the golden set, and nothing else changed.
fn golden(project: &Project, ending: &str, text: impl AsRef<[u8]>) {
    project.remove("golden/greet.yaml");
    project.write(&format!("golden/greet.{ending}"), text);
}

fn numbered(n: usize, line: &str) -> String {
    (0..n).map(|n| line.replace('%', &n.to_string())).collect()
}

const TOO_LARGE: &str = "the document is too large with its aliases expanded";

#[test]
fn tables_and_lines_are_bounded() {
    set_off(
        &[
            Bomb {
                name: "CSV with N unknown columns",
                lay: |project, n| {
                    let known = n < 100;
                    let names = numbered(n, if known { ",vars.a%" } else { ",column_number_%" });
                    let cells = ",x".repeat(n);
                    golden(project, "csv", format!("input,vars.name,contains{names}\nHi,Ada,Ada{cells}\n"));
                },
                ordinary: 5,
                hostile: 100_000,
                says: "columns; at most 1000 are read",
            },
            Bomb {
                name: "CSV with N million empty cells",
                lay: |project, n| {
                    let names = numbered(if n > 1 { 900 } else { 5 }, ",vars.a%");
                    let cells = ",".repeat(names.matches(',').count());
                    let rows = numbered(n * 1_000, &format!("Hi %,Ada,Ada{cells}\n"));
                    golden(project, "csv", format!("input,vars.name,contains{names}\n{rows}"));
                },
                ordinary: 1,
                hostile: 2,
                says: TOO_LARGE,
            },
            Bomb {
                name: "CSV with N records of another length",
                lay: |project, n| {
                    let wrong = if n > 1 { ",more\n".repeat(n) } else { String::new() };
                    golden(project, "csv", format!("input,vars.name,contains\nHi,Ada,Ada\n{wrong}"));
                },
                ordinary: 1,
                hostile: 1_000_000,
                says: "the record has",
            },
            Bomb {
                name: "JSONL with N lines that are no JSON",
                lay: |project, n| {
                    let wrong = if n > 1 { "{oops\n".repeat(n) } else { String::new() };
                    golden(project, "jsonl", format!("{CASE}{wrong}"));
                },
                ordinary: 1,
                hostile: 1_000_000,
                says: "not valid JSON",
            },
            Bomb {
                name: "JSONL with N cases that ask nothing",
                lay: |project, n| {
                    let wrong = if n > 1 { numbered(n, "{\"input\":\"%\"}\n") } else { String::new() };
                    golden(project, "jsonl", format!("{CASE}{wrong}"));
                },
                ordinary: 1,
                hostile: 100_000,
                says: "the case has no checks",
            },
            Bomb {
                name: "JSONL with N values",
                lay: |project, n| {
                    let line = format!(
                        "{{\"input\":\"Hi %\",\"vars\":{{\"name\":\"Ada\",\"l\":[{}0]}},\"checks\":[{{\"contains\":\"A\"}}]}}\n",
                        "0,".repeat(n / 100)
                    );
                    golden(project, "jsonl", numbered(100, &line));
                },
                ordinary: 10_000,
                hostile: 5_000_000,
                says: TOO_LARGE,
            },
        ],
        PLAN,
    );
}

#[test]
fn documents_are_bounded() {
    set_off(
        &[
            Bomb {
                name: "YAML, N lists inside each other",
                lay: |project, n| {
                    let list = format!("{}{}", "[".repeat(n), "]".repeat(n));
                    golden(
                        project,
                        "yaml",
                        format!(
                            "cases: [{{input: Hi, vars: {{name: {list}}}, checks: [{{contains: A}}]}}]\n"
                        ),
                    );
                },
                ordinary: 20,
                hostile: 1_000_000,
                says: "nested deeper than 100 levels",
            },
            Bomb {
                name: "JSON, N lists inside each other",
                lay: |project, n| {
                    let list = format!("{}{}", "[".repeat(n), "]".repeat(n));
                    golden(
                        project,
                        "json",
                        format!(
                            "[{{\"input\": \"Hi\", \"vars\": {{\"name\": {list}}}, \"checks\": [{{\"contains\": \"A\"}}]}}]\n"
                        ),
                    );
                },
                ordinary: 20,
                hostile: 5_000_000,
                says: "nested deeper than 100 levels",
            },
            Bomb {
                name: "YAML aliases of aliases",
                lay: |project, n| {
                    let levels: String = (1..n)
                        .map(|level| {
                            format!(
                                "    a{level}: &a{level} [{}]\n",
                                vec![format!("*a{}", level - 1); 9].join(", ")
                            )
                        })
                        .collect();
                    golden(
                        project,
                        "yaml",
                        format!(
                            "cases:\n- input: Hi\n  checks: [{{contains: A}}]\n  vars:\n    name: Ada\n    a0: &a0 [x, x, x, x, x, x, x, x, x]\n{levels}"
                        ),
                    );
                },
                ordinary: 3,
                hostile: 30,
                says: TOO_LARGE,
            },
            Bomb {
                name: "YAML merge keys of merge keys",
                lay: |project, n| {
                    let keys = numbered(n, "k%: 1, ");
                    let merges = "{<<: *a}, ".repeat(n.min(40));
                    golden(
                        project,
                        "yaml",
                        format!(
                            "cases:\n- input: Hi\n  checks: [{{contains: A}}]\n  vars:\n    name: Ada\n    a: &a {{{keys}}}\n    b: [{merges}]\n"
                        ),
                    );
                },
                ordinary: 3,
                hostile: 15_000,
                says: TOO_LARGE,
            },
            Bomb {
                name: "YAML, one merge of N keys",
                lay: |project, n| {
                    let (here, there) = (numbered(n, "k%: 1, "), numbered(n, "l%: 1, "));
                    golden(
                        project,
                        "yaml",
                        format!(
                            "cases:\n- input: Hi\n  checks: [{{contains: A}}]\n  vars:\n    name: Ada\n    a: &a {{{there}}}\n    b: {{<<: *a, {here}}}\n"
                        ),
                    );
                },
                ordinary: 3,
                hostile: 20_000,
                says: super::JUST_MUCH,
            },
            Bomb {
                name: "YAML with N values",
                lay: |project, n| {
                    let list = "- 1\n".repeat(n).replace("- ", "    - ");
                    golden(
                        project,
                        "yaml",
                        format!(
                            "cases:\n- input: Hi\n  checks: [{{contains: A}}]\n  vars:\n    name: Ada\n    l:\n{list}"
                        ),
                    );
                },
                ordinary: 1_000,
                hostile: 510_000,
                says: TOO_LARGE,
            },
            Bomb {
                name: "YAML, a text of N megabytes in each of 10,000 cases",
                lay: |project, n| {
                    let text = "Ada ".repeat(n * 250);
                    let cases = numbered(n * 10, "- input: Hi %\n");
                    golden(
                        project,
                        "yaml",
                        format!(
                            "defaults:\n  checks: [{{contains: A}}]\n  vars: {{name: \"{text}\"}}\ncases:\n{cases}"
                        ),
                    );
                },
                ordinary: 5,
                hostile: 1_000,
                says: "`defaults` are copied to each of the 10000 cases",
            },
            Bomb {
                name: "a key of N bytes that is not known",
                lay: |project, n| {
                    let key = "contains".repeat(n / 8);
                    let (known, unknown) =
                        if n < 1_000 { ("vars", "name") } else { (key.as_str(), key.as_str()) };
                    golden(
                        project,
                        "json",
                        format!(
                            "[{{\"input\": \"Hi\", \"{known}\": {{\"{unknown}\": \"Ada\"}}, \"checks\": [{{\"contains\": \"A\"}}]}}]\n"
                        ),
                    );
                },
                ordinary: 100,
                hostile: 7_000_000,
                says: "unknown",
            },
            Bomb {
                name: "N scalars that YAML readers disagree about",
                lay: |project, n| {
                    let list = if n > 1 { "    - no\n".repeat(n) } else { "    - \"no\"\n".to_owned() };
                    golden(
                        project,
                        "yaml",
                        format!(
                            "cases:\n- input: Hi\n  checks: [{{contains: A}}]\n  vars:\n    name: Ada\n    l:\n{list}"
                        ),
                    );
                },
                ordinary: 1,
                hostile: 50_000,
                says: "many YAML readers take `no` for a boolean",
            },
        ],
        PLAN,
    );
}

#[test]
fn catalogs_are_bounded() {
    set_off(
        &[
            Bomb {
                name: "a catalog of N prompts with a mistake each",
                lay: |project, n| {
                    let wrong = if n > 1 { numbered(n, "p%: {txt: a}\n") } else { String::new() };
                    project.write("prompts.yaml", format!("greet: \"Greet {{{{ name }}}}.\"\n{wrong}"));
                },
                ordinary: 1,
                hostile: 9_000,
                says: "which are not listed",
            },
            Bomb {
                name: "a catalog of N prompts with a missing file each",
                lay: |project, n| {
                    let wrong = if n > 1 { numbered(n, "p%: {file: a%.md}\n") } else { String::new() };
                    project.write("prompts.yaml", format!("greet: \"Greet {{{{ name }}}}.\"\n{wrong}"));
                },
                ordinary: 1,
                hostile: 9_000,
                says: "does not exist",
            },
            Bomb {
                name: "a catalog of N prompts",
                lay: |project, n| {
                    project.write(
                        "prompts.yaml",
                        format!("greet: \"Greet {{{{ name }}}}.\"\n{}", numbered(n, "p%: a\n")),
                    );
                },
                ordinary: 1_000,
                hostile: 60_000,
                says: "the catalogs declare more than 10000 prompts",
            },
            Bomb {
                name: "N catalogs of N/2 megabytes",
                lay: |project, n| {
                    project.write(
                        "prompt-assay.yaml",
                        "models: {branch: amazon.nova-lite-v1:0}\ncatalogs: [prompts.yaml, \"c/*.json\"]\n",
                    );
                    let text = "Be kind. ".repeat(n * 55_000);
                    for n in 0..n {
                        project.write(&format!("c/{n}.json"), format!("{{\"p{n}\": \"{text}\"}}\n"));
                    }
                },
                ordinary: 2,
                hostile: 10,
                says: "the catalogs have more than 32 MiB together",
            },
        ],
        PLAN,
    );
}
