use super::*;

fn found(language: Language, text: &str) -> Vec<String> {
    let one = |literal: &Literal| {
        let parts: String = literal
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Place(expression) => format!("⟨{expression}⟩"),
            })
            .collect();
        let name = literal.name.as_deref().unwrap_or("-");
        let sign = if literal.is_formatted { " formatted" } else { "" };
        format!("{} {name}{sign}: {parts}", literal.line)
    };
    literals(language, text).iter().map(one).collect()
}

#[test]
fn strings_of_python_are_read_as_python_reads_them() {
    let text = r##"# "no" 'comment'
A = "a\tb\x41\u00e9\
c"
b: str = r'raw\n' # tail
C = ("one "   # joined
     'two')
d = f"{x!r} {{brace}} {y["k"]:>{w}}"
e = """three "quotes"
lines""".format(q=1)
call(system="arg", other=1)
m = {"key": "value", 'k2': f'{z}'}
self.prompt = 'attribute'
if a == "compared": pass
G = textwrap.dedent("""
  dedented""")
"##;
    assert_eq!(
        found(Language::Python, text),
        [
            "2 A: a\tbAéc",
            "4 b: raw\\n",
            "5 C: one two",
            "7 d: ⟨x!r⟩ {brace} ⟨y[\"k\"]:>{w}⟩",
            "8 e formatted: three \"quotes\"\nlines",
            "10 system: arg",
            "11 key: value",
            "11 k2: ⟨z⟩",
            "12 prompt: attribute",
            "13 -: compared",
            "14 G: \n  dedented",
        ]
    );
}

#[test]
fn strings_of_javascript_and_typescript_are_read_as_they_read_them() {
    let text = r##"// "no"
/* `no` */
export const A: string = 'it\'s';
let b = `x ${user.name} ${f({a: "}"})} y`;
const re = /["'`]\/[/"]/g, c = 4 / 2 / "d".length;
send({ system: "S", 'user': `U` });
class P { private readonly prompt = "field"; }
"##;
    assert_eq!(
        found(Language::JavaScript, text),
        [
            "3 A: it's",
            "4 b: x ⟨user.name⟩ ⟨f({a: \"}\"})⟩ y",
            "5 c: d",
            "6 system: S",
            "6 user: U",
            "7 prompt: field"
        ]
    );
}

#[test]
fn strings_of_rust_are_read_as_rust_reads_them() {
    let text = r###"// "no" /* no */
/* "no" /* nested */ "no" */
pub const A: &str = "a \
    b\u{e9}";
static B: &'static str = r#"raw "quoted" \n"#;
let c = '"'; let d = format!("x {name}");
"###;
    assert_eq!(found(Language::Rust, text), ["3 A: a bé", "5 B: raw \"quoted\" \\n", "6 d: x {name}"]);
}

#[test]
fn expressions_become_names_of_variables() {
    let literal = &literals(Language::Python, "p = f'{user.name} {x:.2f} {len(a)} {1 + 2} {{b}}'")[0];
    let (text, explained) = literal.template(("{", "}"), true);
    assert_eq!(text, "{user_name} {x} {len} {value_4} {{b}}");
    let explained: Vec<String> =
        explained.iter().map(|(name, expression)| format!("{name}={expression}")).collect();
    assert_eq!(explained, ["len=len(a)", "user_name=user.name", "value_4=1 + 2", "x=x:.2f"]);
}

#[test]
fn no_text_makes_a_lexer_stop_or_panic() {
    for text in [
        "\"", "f\"{", "f'{a", "'''", "`${", "`${`${", "r#\"", "/*", "'", "\\", "\"\\u{", "\"\\x", "/[", "b'",
        "}})", "é\"ü",
    ] {
        for language in [Language::Python, Language::JavaScript, Language::Rust] {
            literals(language, text);
        }
    }
}
