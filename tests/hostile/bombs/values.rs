//! Bombs in values: a list that contains the same list twice, which again contains a list twice, and
//! so on, takes a few steps to make, but is larger than any machine can process.

use std::fmt::Write;

use prompt_assay_test_support::on_disk::Project;

use super::measure::{measured, measured_within};
use super::{PLAN, check, laid};

/// Lists inside each other, of an attempt and of its control.
const HOSTILE: usize = 40;
const ORDINARY: usize = 4;

/// Of the processor, for a process with one attempt: the limit as it is without this is that of
/// [`what_is_short_once_is_bounded_where_it_is_done_often`].
const SECONDS: u32 = 2;

/// Too many steps, too much time, or too much memory.
const TOO_MUCH: &str = "rendering takes too m";

/// A prompt with that text, and as many cases.
fn lay(project: &Project, text: &str, cases: usize) {
    let indented: String = text.lines().map(|line| format!("    {line}\n")).collect();
    project.write("prompts.yaml", format!("greet:\n  text: |\n{indented}  user: \"{{{{ input }}}}\"\n"));
    let cases: String = (0..cases)
        .map(|n| {
            format!("  - {{id: c{n}, input: Hi {n}, vars: {{name: Ada}}, checks: [{{contains: Ada}}]}}\n")
        })
        .collect();
    project.write("golden/greet.yaml", format!("cases:\n{cases}"));
}

/// Two values that are equal and not the same: `s.x` and `t.x`.
fn two(levels: usize) -> String {
    let one = |name: &str| {
        format!(
            "{{% set {name} = namespace(x='Ada') %}}{{% for i in range({levels}) %}}{{% set {name}.x = \
             [{name}.x, {name}.x] %}}{{% endfor %}}"
        )
    };
    format!("Ada {}{}", one("s"), one("t"))
}

/// Runs each template with both sizes.
fn set_off(attempts: &[(&str, Box<dyn Fn(usize) -> String>)], (ordinary, hostile): (usize, usize)) {
    let mut faults = String::new();
    for (name, template) in attempts {
        let run = |size: usize| {
            let project = laid(|project| lay(project, &template(size), 1));
            measured_within(&project.command(PLAN), SECONDS)
        };
        let control = run(ordinary);
        if control.status != Some(0) {
            let _ = writeln!(faults, "{name}, ordinary: {control}");
        }
        let hostile = run(hostile);
        println!("{name:<44} {hostile:#}");
        check(name, &hostile, TOO_MUCH, &mut faults);
        if !hostile.told.contains("prompts.yaml:") || !hostile.told.contains("the case `c0`") {
            let _ = writeln!(faults, "{name}: the place is not named: {hostile}");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// Attempts that do one thing each with the two values.
fn with_two(expressions: &[&'static str]) {
    let attempts: Vec<(&str, Box<dyn Fn(usize) -> String>)> = expressions
        .iter()
        .map(|&expression| {
            let template = move |levels: usize| format!("{}{{% set r = {expression} %}}", two(levels));
            (expression, Box::new(template) as Box<dyn Fn(usize) -> String>)
        })
        .collect();
    set_off(&attempts, (ORDINARY, HOSTILE));
}

#[test]
fn values_are_compared_within_bounds() {
    with_two(&[
        "s.x == t.x",
        "s.x != t.x",
        "s.x < t.x",
        "s.x >= t.x",
        "s.x == t.x == s.x",
        "s.x in [t.x]",
        "s.x not in [1, t.x]",
        "s.x is eq t.x",
        "s.x is in [t.x]",
        "[s.x, t.x]|sort",
        "[s.x, t.x]|min",
        "[s.x, t.x]|max",
        "[s.x, t.x]|unique|list",
        "[{'k': s.x}, {'k': t.x}]|groupby('k')|list",
        "[s.x]|select('eq', t.x)|list",
    ]);
}

#[test]
fn values_are_written_within_bounds() {
    with_two(&[
        "s.x ~ ''",
        "'' ~ s.x",
        "s.x in 'Ada'",
        "s.x|string",
        "s.x|pprint",
        "s.x|tojson",
        "s.x|join",
        "s.x|upper",
        "s.x|lower",
        "s.x|title",
        "s.x|capitalize",
        "s.x|trim",
        "s.x|escape",
        "s.x|indent(2)",
        "s.x|replace('a', 'b')",
        "'a'|replace('a', s.x)",
        "'%s'|format(s.x)",
        "debug()",
        "s.x|map('string')|list",
        "s.x|map('upper')|list",
        "[s.x, t.x]|batch(1)|list|string",
        "[s.x]|zip([t.x])|list|string",
        "dict(x=s.x)|items|list|string",
        "dict(x=s.x)|string",
    ]);
}

#[test]
fn values_are_looked_up_within_bounds() {
    with_two(&["{s.x: 1}", "{t.x: 1}[s.x] is defined", "s.x in {t.x: 1}"]);
}

#[test]
fn values_are_bounded_however_they_are_built() {
    fn each(levels: usize, level: impl Fn(usize) -> String) -> String {
        (0..levels).map(level).collect()
    }
    fn way(template: fn(usize) -> String) -> Box<dyn Fn(usize) -> String> {
        Box::new(template)
    }
    set_off(
        &[
            (
                "one `set` after the other",
                way(|levels| {
                    let sets = each(levels, |_| "{% set a = [a, a] %}{% set b = [b, b] %}".to_owned());
                    format!("Ada {{% set a = 1 %}}{{% set b = 1 %}}{sets}{{{{ a == b }}}}")
                }),
            ),
            (
                "`with` inside `with`",
                way(|levels| {
                    let withs = each(levels, |_| "{% with a = [a, a], b = [b, b] %}".to_owned());
                    let ends = "{% endwith %}".repeat(levels);
                    format!("Ada {{% set a = 1 %}}{{% set b = 1 %}}{withs}{{{{ a == b }}}}{ends}")
                }),
            ),
            (
                "a macro that calls itself",
                way(|levels| {
                    let again = "{% if n %}{{ m([a, a], [b, b], n - 1) }}{% else %}{{ a == b }}{% endif %}";
                    format!("Ada {{% macro m(a, b, n) %}}{again}{{% endmacro %}}{{{{ m(1, 1, {levels}) }}}}")
                }),
            ),
            (
                "a loop that calls itself",
                way(|levels| {
                    let again = format!(
                        "{{% if loop.depth < {levels} %}}{{{{ loop([[[p[0], p[0]], [p[1], p[1]]]]) }}}}{{% else \
                         %}}{{{{ p[0] == p[1] }}}}{{% endif %}}"
                    );
                    format!("Ada {{% for p in [[[1], [1]]] recursive %}}{again}{{% endfor %}}")
                }),
            ),
            (
                "mappings",
                way(|levels| {
                    let sets = each(levels, |_| {
                        "{% set a = {'a': a, 'b': a} %}{% set b = {'a': b, 'b': b} %}".to_owned()
                    });
                    format!("Ada {{% set a = 1 %}}{{% set b = 1 %}}{sets}{{{{ a == b }}}}")
                }),
            ),
            (
                "tuples",
                way(|levels| {
                    let sets = each(levels, |_| "{% set a = (a, a) %}{% set b = (b, b) %}".to_owned());
                    format!("Ada {{% set a = 1 %}}{{% set b = 1 %}}{sets}{{{{ a == b }}}}")
                }),
            ),
            (
                "dict()",
                way(|levels| {
                    let sets = each(levels, |_| {
                        "{% set a = dict(a=a, b=a) %}{% set b = dict(a=b, b=b) %}".to_owned()
                    });
                    format!("Ada {{% set a = 1 %}}{{% set b = 1 %}}{sets}{{{{ a == b }}}}")
                }),
            ),
            (
                "zip",
                way(|levels| {
                    let sets = each(levels, |_| {
                        "{% set a = [a]|zip([a])|list %}{% set b = [b]|zip([b])|list %}".to_owned()
                    });
                    format!("Ada {{% set a = 1 %}}{{% set b = 1 %}}{sets}{{{{ a == b }}}}")
                }),
            ),
            (
                "wide instead of deep",
                way(|levels| {
                    let sets =
                        each(levels / 4, |_| "{% set a = [a] * 9000 %}{% set b = [b] * 9000 %}".to_owned());
                    format!("Ada {{% set a = 1 %}}{{% set b = 1 %}}{sets}{{{{ a|list == b|list }}}}")
                }),
            ),
            (
                "what a loop remembers",
                way(|levels| {
                    format!(
                        "{}{{% for v in [s.x, t.x, s.x] %}}{{{{ loop.changed(v) }}}}{{% endfor %}}",
                        two(levels)
                    )
                }),
            ),
        ],
        (ORDINARY, HOSTILE),
    );
}

#[test]
fn values_that_hold_themselves_end_like_all_others() {
    let attempts: Vec<(&str, Box<dyn Fn(usize) -> String>)> = [
        "a == b", "a < b", "a in [b]", "[a, b]|sort", "[a, b]|unique|list", "a ~ ''", "a|string", "a|pprint",
        "a|tojson", "{a: 1}", "debug()",
    ]
    .into_iter()
    .map(|expression| {
        let template = move |is_circle: usize| {
            let held = |name| if is_circle == 1 { name } else { "1" };
            format!(
                "Ada {{% set a = namespace() %}}{{% set b = namespace() %}}{{% set a.x = {} %}}{{% set b.x = {} \
                 %}}{{% set r = {expression} %}}",
                held("a"),
                held("b")
            )
        };
        (expression, Box::new(template) as Box<dyn Fn(usize) -> String>)
    })
    .collect();
    set_off(&attempts, (0, 1));
}

#[test]
fn what_is_short_once_is_bounded_where_it_is_done_often() {
    let mut faults = String::new();
    let texts = |n: usize| {
        format!(
            "Ada {{% set a = 'x' * 4000000 %}}{{% set b = 'x' * 4000000 %}}{{% for i in range({n}) %}}{{% if a != \
             b %}}{{% endif %}}{{% endfor %}}"
        )
    };
    let values = format!("{}{{% set r = s.x == t.x %}}", two(20));
    type Lay<'a> = &'a dyn Fn(&Project, usize);
    let attempts: [(&str, Lay<'_>, usize, usize); 2] = [
        ("long texts compared N times", &|project, n| lay(project, &texts(n), 1), 5, 60_000),
        ("N cases, with a comparison that is short", &|project, n| lay(project, &values, n), 2, 3_000),
    ];
    for (name, lay, ordinary, hostile) in attempts {
        let run = |size: usize| measured(&laid(|project| lay(project, size)).command(PLAN));
        let control = run(ordinary);
        if control.status != Some(0) {
            let _ = writeln!(faults, "{name}, ordinary: {control}");
        }
        let hostile = run(hostile);
        println!("{name:<44} {hostile:#}");
        check(name, &hostile, TOO_MUCH, &mut faults);
    }
    assert!(faults.is_empty(), "\n{faults}");
}
