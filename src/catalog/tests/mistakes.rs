//! The errors for a wrong catalog.

use insta::assert_snapshot;

use super::*;
use crate::tree::{EntryKind, TreeError};

#[test]
fn patterns_outside_the_repository_or_broken_are_refused() {
    let refused = |pattern: &str| {
        let config = Config { catalogs: vec![pattern.to_owned()], ..Config::default() };
        locate(&tree(&[]), &config).unwrap_err().to_string()
    };
    assert_snapshot!(refused("../*.yaml"), @r"
    error: catalog pattern: `../*.yaml` is outside the repository
       = see `catalogs` in prompt-assay.yaml
    ");
    assert_snapshot!(refused("a/[.yaml"), @r"
    error: catalog pattern error parsing glob 'a/[.yaml': unclosed character class; missing ']'
       = see `catalogs` in prompt-assay.yaml
    ");
}

#[test]
fn no_catalog_says_where_it_was_looked_for() {
    assert_snapshot!(complaints(&[("readme.md", "x")]), @r"
    error: no prompt catalog found: looked for `prompts.yaml`, `prompts.yml`, `prompts.json` in the repository's root
       = write prompts.yaml (`prompt-assay init` proposes one), or name your catalogs under `catalogs` in prompt-assay.yaml
    ");
    for empty in ["", "# nothing\n", "{}\n"] {
        insta::allow_duplicates! {
            assert_snapshot!(complaints(&[("prompts.yaml", empty)]), @r#"
            error: the catalog holds no prompts
              --> prompts.yaml
               = write one: name: "text of the prompt"
            "#);
        }
    }
    assert_snapshot!(complaints(&[("prompts.yaml", "- a\n- b\n")]), @r"
    error: a prompt in a list is a mapping with a `name`, found text
      --> prompts.yaml:1:3 (also in line 2)
       | - a
       = write - name: …, and its `text` below
    ");
}

#[test]
fn a_prompt_declared_twice_names_both_places() {
    assert_snapshot!(complaints(&[("prompts.yaml", "b: x\na: x\n"), ("prompts.json", "{\n\"a\": \"y\"}")]), @r"
    error: the prompt `a` is declared twice, first at prompts.json:2
      --> prompts.yaml:2:1
       | a: x
       = rename one of the two
    ");
}

#[test]
fn names_must_be_usable() {
    assert_snapshot!(complaints(&[("prompts.yaml", "\"\": x\n\" a\": x\n\"a\\tb\": x\nno: x\n")]), @r#"
    error: a prompt's name must not be empty
      --> prompts.yaml:1:1
       | "": x
       = give it a name

    error: the prompt name ` a` begins or ends with a space
      --> prompts.yaml:2:1
       | " a": x
       = remove the space

    error: the prompt name "a\tb" holds a control character
      --> prompts.yaml:3:1
       | "a\tb": x
       = remove it

    error: many YAML readers take the prompt name `no` for a boolean
      --> prompts.yaml:4:1
       | no: x
       = quote it: "no"
    "#);
}

#[test]
fn every_mistake_of_an_entry_is_reported() {
    let catalog = "none: {golden: g.yaml}
two: {text: a, file: b.md, golden: missing.yaml}
outside: {file: ../secret.md}
absolute: {file: /etc/passwd}
missing: {file: gone.md}
kind: 1.0
'null':
blank: \"  \"
typo: {txt: a, parameters: {top_k: 5, temperature: 2}, model: m, models: {brnch: x}}
wrong: {text: a, template: jinja2, score: 5, min_score: 80, tools: {}, was: wrong}
choice: {text: a, tool_choice: auto}
tools: {text: a, tools: [{name: a b, input_schema: {}}, {name: x}], tool_choice: {tool: y}}
list: {messages: [{role: user, content: a}, {role: system, content: b}, {content: c}, {role: bot}]}
empty: {messages: []}
mixed: {messages: [{role: user, content: a}], system: b}
";
    assert_snapshot!(complaints(&[("prompts.yaml", catalog), ("g.yaml", ""), ("b.md", "")]), @r#"
    error: the prompt `none` has no text
      --> prompts.yaml:1:7
       | none: {golden: g.yaml}
       = give it `text`, `file`, `system`, `user` or `messages`; what is no prompt has a name that begins with `x-`

    error: the golden set `missing.yaml` of `two` does not exist
      --> prompts.yaml:2:1
       | two: {text: a, file: b.md, golden: missing.yaml}
       = create it or correct the name; paths are relative to the catalog's directory

    error: `file` and `text` exclude each other
      --> prompts.yaml:2:7
       | two: {text: a, file: b.md, golden: missing.yaml}
       = keep one of the two

    error: `../secret.md` is outside the repository
      --> prompts.yaml:3:17
       | outside: {file: ../secret.md}
       = paths are relative to the catalog's directory and stay inside the repository

    error: `/etc/passwd` is outside the repository
      --> prompts.yaml:4:18
       | absolute: {file: /etc/passwd}
       = paths are relative to the catalog's directory and stay inside the repository

    error: the file `gone.md` of `missing` does not exist
      --> prompts.yaml:5:17
       | missing: {file: gone.md}
       = create it or correct the name; paths are relative to the catalog's directory

    error: the prompt `kind` must be text, found the number 1.0
      --> prompts.yaml:6:7
       | kind: 1.0
       = quote it: "1.0"

    error: the prompt `null` must be text, found nothing
      --> prompts.yaml:7:7
       | 'null':
       = write the text in quotes, or leave the key out

    error: the prompt `blank` is empty
      --> prompts.yaml:8:8
       | blank: "  "
       = write its text, or remove it

    error: the prompt `typo` has no text
      --> prompts.yaml:9:7
       | typo: {txt: a, parameters: {top_k: 5, temperature: 2}, model: m, models: {brnch: x}}
       = give it `text`, `file`, `system`, `user` or `messages`; what is no prompt has a name that begins with `x-`

    error: unknown key `txt` in a prompt
      --> prompts.yaml:9:8
       | typo: {txt: a, parameters: {top_k: 5, temperature: 2}, model: m, models: {brnch: x}}
       = did you mean `text`?

    error: `top_k` is a field of some models only
      --> prompts.yaml:9:36
       | typo: {txt: a, parameters: {top_k: 5, temperature: 2}, model: m, models: {brnch: x}}
       = write it as those models call it: extra: {top_k: 5}

    error: `temperature` must be a number, at least 0 and at most 1, found 2
      --> prompts.yaml:9:52
       | typo: {txt: a, parameters: {top_k: 5, temperature: 2}, model: m, models: {brnch: x}}

    error: `model` and `models` exclude each other
      --> prompts.yaml:9:66
       | typo: {txt: a, parameters: {top_k: 5, temperature: 2}, model: m, models: {brnch: x}}
       = keep one of the two

    error: `template` must be one of `jinja`, `python`, `braces`, `none`, found `jinja2`
      --> prompts.yaml:10:28
       | wrong: {text: a, template: jinja2, score: 5, min_score: 80, tools: {}, was: wrong}
       = did you mean `jinja`?

    error: `score` must be one of `pass_fail`, `mean`, found a number
      --> prompts.yaml:10:43
       | wrong: {text: a, template: jinja2, score: 5, min_score: 80, tools: {}, was: wrong}

    error: `min_score` must be a number, at least 0 and at most 1, found 80
      --> prompts.yaml:10:57
       | wrong: {text: a, template: jinja2, score: 5, min_score: 80, tools: {}, was: wrong}

    error: `tools` must be a list, found a mapping
      --> prompts.yaml:10:68
       | wrong: {text: a, template: jinja2, score: 5, min_score: 80, tools: {}, was: wrong}

    error: `was` names the prompt itself
      --> prompts.yaml:10:77
       | wrong: {text: a, template: jinja2, score: 5, min_score: 80, tools: {}, was: wrong}
       = write the key it had before

    error: `tool_choice` without `tools`
      --> prompts.yaml:11:32
       | choice: {text: a, tool_choice: auto}
       = add `tools`

    error: the tool name `a b` is not allowed
      --> prompts.yaml:12:33
       | tools: {text: a, tools: [{name: a b, input_schema: {}}, {name: x}], tool_choice: {tool: y}}
       = use letters, digits, `_` and `-`, at most 64

    error: a tool needs `input_schema`
      --> prompts.yaml:12:57
       | tools: {text: a, tools: [{name: a b, input_schema: {}}, {name: x}], tool_choice: {tool: y}}

    error: there is no tool `y`
      --> prompts.yaml:12:89
       | tools: {text: a, tools: [{name: a b, input_schema: {}}, {name: x}], tool_choice: {tool: y}}
       = name one of `tools`

    error: a system message must be the first, and there is at most one
      --> prompts.yaml:13:45
       | list: {messages: [{role: user, content: a}, {role: system, content: b}, {content: c}, {role: bot}]}

    error: a message needs a `role`
      --> prompts.yaml:13:73
       | list: {messages: [{role: user, content: a}, {role: system, content: b}, {content: c}, {role: bot}]}
       = add `role: system`, `role: user` or `role: assistant`

    error: a message needs `content` or `file`
      --> prompts.yaml:13:87
       | list: {messages: [{role: user, content: a}, {role: system, content: b}, {content: c}, {role: bot}]}
       = add `content: "text"` or `file: path`

    error: `role` must be one of `system`, `user`, `assistant`, found `bot`
      --> prompts.yaml:13:94
       | list: {messages: [{role: user, content: a}, {role: system, content: b}, {content: c}, {role: bot}]}

    error: `messages` is empty
      --> prompts.yaml:14:19
       | empty: {messages: []}
       = list at least one message

    error: `messages` and `system` exclude each other
      --> prompts.yaml:15:47
       | mixed: {messages: [{role: user, content: a}], system: b}
       = keep one of the two
    "#);
}

/// A tree in which every file but the catalog is a link that leads out of the repository.
struct Linked(MemoryTree);

impl Tree for Linked {
    fn name(&self) -> String {
        self.0.name()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError> {
        self.0.read(path)
    }

    fn blob(&self, path: &str) -> Result<Option<String>, TreeError> {
        match path {
            "prompts.yaml" => self.0.blob(path),
            _ => Err(TreeError::Outside(path.to_owned())),
        }
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, TreeError> {
        self.0.list(directory)
    }

    fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.0.entries(directory)
    }
}

#[test]
fn a_link_leading_out_is_refused_where_it_is_named() {
    let tree = Linked(tree(&[("prompts.yaml", "a: {file: link.md}\n")]));
    let mut problems = Problems::new();
    let config = Config { catalogs: vec!["prompts.yaml".to_owned()], ..Config::default() };
    read(&tree, &config, &mut problems);
    assert_snapshot!(problems, @r"
    error: `link.md` is outside the repository
      --> prompts.yaml:1:11
       | a: {file: link.md}
       = name a file inside the repository; `..` and links may not lead out of it
    ");
}
