use serde_json::json;

use super::*;

const PLACE: Place<'_> = Place { root: "", path: "prompts.yaml" };

fn variables(value: Value) -> BTreeMap<String, Value> {
    value.as_object().expect("an object").clone().into_iter().collect()
}

fn render(engine: Engine, text: &str, values: Value) -> Result<String, TemplateError> {
    Template::compile(engine, PLACE, text, &Parts::new())?.render(&variables(values), &Allowance::default())
}

#[test]
fn jinja_renders_without_escaping_and_strips_nothing_inside() {
    let text =
        render(Engine::Jinja, "Hi {{ name }}, \"{{ html }}\"\n\n", json!({"name": "Ada", "html": "<b>&"}));
    assert_eq!(text.as_deref(), Ok("Hi Ada, \"<b>&\"\n"));
}

#[test]
fn a_missing_variable_is_named_with_its_line() {
    let error = render(Engine::Jinja, "one\n{{ two }}", json!({})).expect_err("missing");
    assert_eq!((error.message.as_str(), error.line), ("the variable `two` has no value", Some(2)));
    let error = render(Engine::Python, "one\n{two}", json!({})).expect_err("missing");
    assert_eq!((error.message.as_str(), error.line), ("the variable `two` has no value", Some(2)));
}

#[test]
fn includes_resolve_from_the_catalog_or_from_the_including_file() {
    let parts: Parts = [
        ("shared/tone.md".to_owned(), "Be kind. {% include \"./legal.md\" %}".to_owned()),
        ("shared/legal.md".to_owned(), "No promises to {{ who }}.".to_owned()),
    ]
    .into();
    let template =
        Template::compile(Engine::Jinja, PLACE, "{% include 'shared/tone.md' %}", &parts).expect("valid");
    assert_eq!(
        template.render(&variables(json!({"who": "Bo"})), &Allowance::default()).as_deref(),
        Ok("Be kind. No promises to Bo.")
    );
    assert!(template.variables().contains("who"));
    let names = include_names("", "shared/tone.md", &parts["shared/tone.md"]);
    assert_eq!(names, vec![Ok("shared/legal.md".to_owned())]);
}

#[test]
fn an_include_that_leaves_the_repository_is_an_error() {
    let names = include_names("", "prompts.yaml", "\n{% include \"../../etc/passwd\" %}");
    let error = names[0].clone().expect_err("outside");
    assert_eq!(
        (error.message.as_str(), error.line),
        ("`../../etc/passwd` is outside the repository", Some(2))
    );
}

#[test]
fn python_formats_plain_names_and_refuses_what_needs_python() {
    let text =
        render(Engine::Python, "{{\"k\": {a}}} {b[x][0]} {c}", json!({"a": 1, "b": {"x": ["y"]}, "c": true}));
    assert_eq!(text.as_deref(), Ok("{\"k\": 1} y True"));
    for (bad, said) in [
        ("{a:>10}", "is not a plain `{name}`"),
        ("{a!r}", "is not a plain `{name}`"),
        ("{}", "is not a plain `{name}`"),
        ("a }", "a single `}`"),
        ("{a", "never closed"),
    ] {
        let error = render(Engine::Python, bad, json!({"a": 1})).expect_err(bad);
        assert!(error.message.contains(said), "{bad}: {}", error.message);
    }
}

#[test]
fn verbatim_text_is_sent_as_it_stands() {
    assert_eq!(render(Engine::None, "{{ x }} {y}", json!({})).as_deref(), Ok("{{ x }} {y}"));
}

#[test]
fn single_braces_in_a_jinja_text_are_noticed() {
    let known: BTreeSet<String> = ["name", "topic"].map(str::to_owned).into();
    assert_eq!(single_braced("Hi {name}, {{ topic }} {{topic}}", &known), vec!["name".to_owned()]);
}

#[test]
fn an_endless_loop_ends() {
    let error = render(
        Engine::Jinja,
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        json!({}),
    )
    .expect_err("out of fuel");
    assert_eq!(
        error.message,
        "rendering takes too many steps: more than 500000, or 30 MiB of text on the way"
    );
}

#[test]
fn a_text_in_a_file_of_its_own_includes_from_the_catalogs_directory_too() {
    let parts: Parts = [("shared/tone.md".to_owned(), "Be kind.".to_owned())].into();
    let place = Place { root: "", path: "texts/hello.md" };
    let template =
        Template::compile(Engine::Jinja, place, "{% include 'shared/tone.md' %}", &parts).expect("valid");
    assert_eq!(template.render(&BTreeMap::new(), &Allowance::default()).as_deref(), Ok("Be kind."));
}

#[test]
fn what_stands_in_a_comment_or_raw_block_includes_nothing() {
    let text =
        "{# {% include 'gone.md' %}\n#}{% raw %}{% include 'shown.md' %}{% endraw %}\n{% include 'a.md' %}";
    assert_eq!(include_names("", "prompts.yaml", text), vec![Ok("a.md".to_owned())]);
    let outside = include_names("", "prompts.yaml", "{#\n\n#}\n{% include '../x' %}");
    assert_eq!(outside[0].as_ref().map_err(|error| error.line), Err(Some(4)));
}

#[test]
fn a_text_with_its_includes_in_place_renders_as_before() {
    let parts: Parts = [("tone.md", "Be warm.\n"), ("deep.md", "{% include 'tone.md' %} {{ name }}\n")]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
    let place = Place { root: "", path: "p.md" };
    let variables: BTreeMap<String, Value> = BTreeMap::from([("name".to_owned(), Value::from("Ada"))]);
    for text in [
        "A {% include 'tone.md' %} B",
        "A\n{% include \"deep.md\" %}\nB\n",
        "A \n {%- include 'tone.md' -%} \n B",
        "{# {% include 'gone.md' %} #}{% raw %}{% include 'gone.md' %}{% endraw %} {{ name }}",
        "{% if name %}{% include 'tone.md' %}{% endif %}",
    ] {
        let rendered = |text: &str, parts: &Parts| {
            Template::compile(Engine::Jinja, place, text, parts)
                .unwrap()
                .render(&variables, &Allowance::default())
                .unwrap()
        };
        let whole = inlined("", "p.md", text, &parts).unwrap();
        assert_eq!(rendered(&whole, &Parts::new()), rendered(text, &parts), "{text}");
    }
    for text in
        ["{% extends 'tone.md' %}", "{% include 'tone.md' ignore missing %}", "{% import 'tone.md' as t %}"]
    {
        assert!(inlined("", "p.md", text, &parts).is_err(), "{text}");
    }
}
