//! Bombs in templates: long outputs, endless steps, expressions that no parser survives.

use prompt_assay_test_support::on_disk::Project;

use super::{Bomb, PLAN, set_off};

/// The prompt's text, with a golden set that fits any.
fn text(project: &Project, text: &str) {
    let indented: String = text.lines().map(|line| format!("    {line}\n")).collect();
    project.write("prompts.yaml", format!("greet:\n  text: |\n{indented}  user: \"{{{{ input }}}}\"\n"));
    project.write(
        "golden/greet.yaml",
        "cases: [{id: a, input: Hi, vars: {name: Ada, n: 3}, checks: [{contains: Ada}]}]\n",
    );
}

const TOO_MANY_STEPS: &str = "rendering takes too many steps";
const TOO_LONG: &str = "MiB rendered";
const CHAIN: &str = "operators, filters and brackets in a row";

#[test]
fn one_rendering_is_bounded() {
    set_off(
        &[
            Bomb {
                name: "tojson(indent=N)",
                lay: |project, n| text(project, &format!("{{{{ [1, [2]]|tojson(indent={n}) }}}}")),
                ordinary: 2,
                hostile: 200_000_000,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "a text times N",
                lay: |project, n| text(project, &format!("{{{{ 'Ada ' * {n} }}}}")),
                ordinary: 50,
                hostile: 20_000_000,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "a text times 10^9",
                lay: |project, n| text(project, &format!("{{{{ 'Ada ' * {n} }}}}")),
                ordinary: 60,
                hostile: 1_000_000_000,
                says: "steps",
            },
            Bomb {
                name: "loops inside loops",
                lay: |project, n| {
                    let each = format!("{{% for x in range({n}) %}}");
                    let end = "{% endfor %}";
                    text(project, &format!("{each}{each}{each}Ada{end}{end}{end}"));
                },
                ordinary: 3,
                hostile: 1_000,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "long output, few steps",
                lay: |project, n| {
                    let words = "Ada ".repeat(1_000);
                    text(project, &format!("{{% for x in range({n}) %}}{words}{{% endfor %}}"));
                },
                ordinary: 3,
                hostile: 5_000,
                says: TOO_LONG,
            },
            Bomb {
                name: "a text that doubles",
                lay: |project, n| {
                    let double =
                        format!("{{% for x in range({n}) %}}{{% set s.x = s.x ~ s.x %}}{{% endfor %}}");
                    text(project, &format!("{{% set s = namespace(x='Ada') %}}{double}{{{{ s.x }}}}"));
                },
                ordinary: 4,
                hostile: 60,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "a list that holds itself, and that, and that",
                lay: |project, n| {
                    let nest = format!("{{% for x in range({n}) %}}{{% set s.x = [s.x] %}}{{% endfor %}}");
                    text(project, &format!("Ada{{% set s = namespace(x=1) %}}{nest}{{{{ s.x }}}}"));
                },
                ordinary: 4,
                hostile: 90_000,
                says: "prompt",
            },
            Bomb {
                name: "a list that holds itself twice, and that twice",
                lay: |project, n| {
                    let nest =
                        format!("{{% for x in range({n}) %}}{{% set s.x = [s.x, s.x] %}}{{% endfor %}}");
                    text(project, &format!("Ada{{% set s = namespace(x=1) %}}{nest}{{{{ s.x }}}}"));
                },
                ordinary: 4,
                hostile: 40,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "the same as JSON",
                lay: |project, n| {
                    let nest =
                        format!("{{% for x in range({n}) %}}{{% set s.x = [s.x, s.x] %}}{{% endfor %}}");
                    text(project, &format!("Ada{{% set s = namespace(x=1) %}}{nest}{{{{ s.x|tojson }}}}"));
                },
                ordinary: 4,
                hostile: 40,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "join",
                lay: |project, n| text(project, &format!("{{{{ range({n})|join('Ada' * {n}) }}}}")),
                ordinary: 4,
                hostile: 90_000,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "replace",
                lay: |project, n| text(project, &format!("{{{{ ('a' * {n})|replace('a', 'b' * {n}) }}}}")),
                ordinary: 4,
                hostile: 90_000,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "format",
                lay: |project, n| text(project, &format!("{{{{ '%{n}d'|format(7) }}}}")),
                ordinary: 4,
                hostile: 900_000_000,
                says: "prompt",
            },
            Bomb {
                name: "indent",
                lay: |project, n| text(project, &format!("{{{{ 'a\\nb'|indent({n}) }}}}")),
                ordinary: 4,
                hostile: 900_000_000,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "a macro that calls itself twice",
                lay: |project, n| {
                    let twice = "{% if n > 0 %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}";
                    text(project, &format!("Ada{{% macro m(n) %}}{twice}{{% endmacro %}}{{{{ m({n}) }}}}"));
                },
                ordinary: 3,
                hostile: 60,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "a macro that calls itself for ever",
                lay: |project, n| {
                    let again = format!("{{% if n < {n} %}}{{{{ m(n + 1) }}}}{{% endif %}}");
                    text(project, &format!("Ada{{% macro m(n) %}}{again}{{% endmacro %}}{{{{ m(0) }}}}"));
                },
                ordinary: 3,
                hostile: 100_000,
                says: "recursion",
            },
            Bomb {
                name: "includes that double",
                lay: |project, n| {
                    for level in 0..n {
                        let next = level + 1;
                        let twice = format!("{{% include 'p{next}.md' %}}").repeat(2);
                        project.write(&format!("p{level}.md"), twice);
                    }
                    project.write(&format!("p{n}.md"), "Ada");
                    text(project, "{% include 'p0.md' %}");
                },
                ordinary: 3,
                hostile: 40,
                says: TOO_MANY_STEPS,
            },
            Bomb {
                name: "includes in a row",
                lay: |project, n| {
                    for level in 0..n {
                        project
                            .write(&format!("p{level}.md"), format!("{{% include 'p{}.md' %}}", level + 1));
                    }
                    project.write(&format!("p{n}.md"), "Ada");
                    text(project, "{% include 'p0.md' %}");
                },
                ordinary: 10,
                hostile: 3_000,
                says: "files include each other in a row",
            },
        ],
        PLAN,
    );
}

#[test]
fn expressions_are_bounded_before_a_parser_sees_them() {
    fn row(project: &Project, before: &str, each: &str, after: &str, n: usize) {
        text(project, &format!("Ada {before}{}{after}", each.repeat(n)));
    }
    set_off(
        &[
            Bomb {
                name: "1~1~…",
                lay: |project, n| row(project, "{{ 1", "~1", " }}", n),
                ordinary: 100,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "not not …",
                lay: |project, n| row(project, "{{ ", "not ", "true }}", n),
                ordinary: 100,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "… and …",
                lay: |project, n| row(project, "{{ n", " and n", " }}", n),
                ordinary: 100,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "… if … else …",
                lay: |project, n| row(project, "{{ ", "n if n else ", "1 }}", n),
                ordinary: 20,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "…|filter|filter",
                lay: |project, n| row(project, "{{ name", "|upper", " }}", n),
                ordinary: 100,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "- - …",
                lay: |project, n| row(project, "{{ ", "- ", "1 }}", n),
                ordinary: 100,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "brackets inside each other",
                lay: |project, n| {
                    text(project, &format!("Ada {{{{ {}1{} }}}}", "(".repeat(n), ")".repeat(n)));
                },
                ordinary: 20,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "lists inside each other",
                lay: |project, n| {
                    text(project, &format!("Ada {{% set a = {}1{} %}}", "[".repeat(n), "]".repeat(n)));
                },
                ordinary: 20,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "slices in a row",
                lay: |project, n| row(project, "{{ name", "[0:]", " }}", n),
                ordinary: 20,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "comparisons in a row",
                lay: |project, n| row(project, "{{ 1", " < 2", " }}", n),
                ordinary: 20,
                hostile: 100_000,
                says: CHAIN,
            },
            Bomb {
                name: "elif elif …",
                lay: |project, n| row(project, "{% if n %}", "{% elif n %}b", "{% endif %}", n),
                ordinary: 20,
                hostile: 100_000,
                says: "branches",
            },
            Bomb {
                name: "blocks inside each other",
                lay: |project, n| {
                    let (begin, end) = ("{% if n %}".repeat(n), "{% endif %}".repeat(n));
                    text(project, &format!("Ada {begin}b{end}"));
                },
                ordinary: 20,
                hostile: 100_000,
                says: "recursion",
            },
        ],
        PLAN,
    );
}

/// That many prompts of one template, with five cases each.
fn catalog(project: &Project, prompts: usize, template: &str) {
    let cases: String = (0..5)
        .map(|n| {
            format!("  - {{id: c{n}, input: \"Hi {n}\", vars: {{name: Ada}}, checks: [{{contains: A}}]}}\n")
        })
        .collect();
    project.write("golden/all.yaml", format!("cases:\n{cases}"));
    let entries: String = (0..prompts)
        .map(|n| {
            format!("p{n}:\n  text: \"{n} {{{{ name }}}} {template}\"\n  user: \"{{{{ input }}}}\"\n  golden: golden/all.yaml\n")
        })
        .collect();
    project.write("prompts.yaml", entries);
    project.remove("golden/greet.yaml");
}

#[test]
fn all_renderings_together_are_bounded() {
    set_off(
        &[
            Bomb {
                name: "N prompts, each just below the limit of steps",
                lay: |project, n| {
                    catalog(project, n, "{% for a in range(50000) %}{% set b = a %}{% endfor %}")
                },
                ordinary: 2,
                hostile: 200,
                says: "steps, over all prompts and cases",
            },
            Bomb {
                name: "N prompts, each with a megabyte rendered",
                lay: |project, n| catalog(project, n, "{{ 'Ada ' * 250000 }}"),
                ordinary: 2,
                hostile: 200,
                says: "MiB rendered, over all prompts and cases",
            },
            Bomb {
                name: "N prompts with a part of 15 MB",
                lay: |project, n| {
                    let part = format!("{}\n", "All about Ada. ".repeat(1_000_000 * n / 200));
                    project.write("part.md", part);
                    catalog(project, n, "{% include 'part.md' %}");
                },
                ordinary: 2,
                hostile: 200,
                says: "a prompt's texts and what they include have more than 8 MiB",
            },
            Bomb {
                name: "N prompts with a part of 7 MB",
                lay: |project, n| {
                    let part = format!("{}\n", "All about Ada. ".repeat(500_000 * n / 200));
                    project.write("part.md", part);
                    catalog(project, n, "{% include 'part.md' %}");
                },
                ordinary: 2,
                hostile: 200,
                says: "MiB",
            },
            Bomb {
                name: "N python and verbatim texts, a long variable in each many times",
                lay: |project, n| {
                    let word = "Ada ".repeat(62_500 * n / 200);
                    let names = "{name} ".repeat(30);
                    let entries: String = (0..n)
                        .map(|n| format!("p{n}: {{template: {}, text: \"{n} {names}\", user: \"{{input}}\", golden: golden/all.json}}\n", ["python", "none, input: none"][n % 2]))
                        .collect();
                    project.write("prompts.yaml", entries);
                    project.write("golden/all.json", format!("[{{\"id\": \"a\", \"input\": \"{word}\", \"vars\": {{\"name\": \"{word}\"}}, \"checks\": [{{\"contains\": \"A\"}}]}}]\n"));
                    project.remove("golden/greet.yaml");
                },
                ordinary: 2,
                hostile: 200,
                says: "MiB rendered, over all prompts and cases",
            },
        ],
        PLAN,
    );
}
