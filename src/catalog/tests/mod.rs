//! What a catalog may contain.

mod formatting;
mod mistakes;

use insta::assert_snapshot;

use super::*;
use crate::prompt::{Models, ScoreMode, Speaker, TextSource};
use crate::tree::MemoryTree;

fn tree(files: &[(&str, &str)]) -> MemoryTree {
    MemoryTree::new(files.iter().map(|(path, text)| (*path, *text)))
}

fn all(files: &[(&str, &str)]) -> Catalogs {
    let mut problems = Problems::new();
    let catalogs = read(&tree(files), &Config::default(), &mut problems);
    assert!(problems.is_empty(), "{problems}");
    catalogs
}

fn complaints(files: &[(&str, &str)]) -> String {
    let mut problems = Problems::new();
    read(&tree(files), &Config::default(), &mut problems);
    problems.to_string()
}

fn texts(prompt: &Prompt) -> Vec<(Speaker, TextSource)> {
    prompt.messages.iter().map(|message| (message.speaker, message.text.clone())).collect()
}

fn inline(text: &str) -> TextSource {
    TextSource::Inline(text.to_owned())
}

#[test]
fn a_plain_map_is_a_catalog_in_both_notations() {
    let yaml = all(&[("prompts.yaml", "b: Be kind.\na: |\n  Be brief.\n")]);
    let json = all(&[("prompts.json", r#"{"b": "Be kind.", "a": "Be brief.\n"}"#)]);
    let ids: Vec<&str> = yaml.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    assert_eq!(ids, ["b", "a"], "in the order of the file");
    assert_eq!(texts(&yaml.prompts[1]), [(Speaker::System, inline("Be brief.\n"))]);
    for (one, other) in yaml.prompts.iter().zip(&json.prompts) {
        assert_eq!(texts(one), texts(other));
    }
}

#[test]
fn an_entry_declares_everything() {
    let text = "summarize:
  description: Short summaries
  file: ../texts/summarize.md
  user: \"{{ document }}\"
  golden: golden/s.jsonl
  models: {branch: amazon.nova-micro-v1:0, main: amazon.nova-pro-v1:0}
  parameters: {max_tokens: 600, temperature: 0, top_p: 0.9, stop: [END], extra: {top_k: 5}}
  tools:
    - {name: look_up, description: Finds, input_schema: {type: object}}
  tool_choice: {tool: look_up}
  template: python
  score: mean
  min_score: 0.9
  was: summary
  release: {ssm: /prod/summarize}
chat:
  model: m
  messages:
    - {role: system, file: chat.md}
    - {role: user, content: Hi}
    - {role: assistant, content: Hello}
";
    let mut problems = Problems::new();
    let prompts =
        read_one(&MemoryTree::default(), ("llm/prompts.yaml", text.as_bytes()), Engine::Jinja, &mut problems);
    assert!(problems.is_empty(), "{problems}");
    let [summarize, chat] = prompts.as_slice() else { panic!("{prompts:?}") };
    let file = |path: &str| TextSource::File(path.to_owned());
    assert_eq!(
        texts(summarize),
        [(Speaker::System, file("texts/summarize.md")), (Speaker::User, inline("{{ document }}"))]
    );
    assert_eq!(
        texts(chat),
        [
            (Speaker::System, file("llm/chat.md")),
            (Speaker::User, inline("Hi")),
            (Speaker::Assistant, inline("Hello"))
        ]
    );
    let both = Some("m".to_owned());
    assert_eq!(chat.models, Models { branch: both.clone(), main: both, judge: None });
    assert_eq!((summarize.mark.line, chat.mark.line), (1, 16));
    assert_eq!((summarize.score, chat.score), (ScoreMode::Mean, ScoreMode::PassFail));
    assert_snapshot!(serde_json::to_string_pretty(summarize).unwrap(), @r#"
    {
      "id": "summarize",
      "engine": "python",
      "messages": [
        {
          "speaker": "system",
          "text": {
            "file": "texts/summarize.md"
          }
        },
        {
          "speaker": "user",
          "text": {
            "inline": "{{ document }}"
          }
        }
      ],
      "golden": "llm/golden/s.jsonl",
      "models": {
        "branch": "amazon.nova-micro-v1:0",
        "main": "amazon.nova-pro-v1:0"
      },
      "parameters": {
        "max_tokens": 600,
        "temperature": 0.0,
        "top_p": 0.9,
        "stop": [
          "END"
        ],
        "extra": {
          "top_k": 5
        }
      },
      "tools": [
        {
          "name": "look_up",
          "description": "Finds",
          "input_schema": {
            "type": "object"
          }
        }
      ],
      "tool_choice": {
        "tool": "look_up"
      },
      "score": "mean",
      "min_score": 0.9,
      "was": "summary",
      "release": {
        "ssm": "/prod/summarize"
      }
    }
    "#);
}

#[test]
fn globs_find_catalogs_below_their_directory() {
    let files =
        tree(&[("llm/a/prompts.yaml", "a: x"), ("llm/prompts.yaml", "b: x"), ("prompts.yaml", "c: x")]);
    let found = |pattern: &str| {
        let config = Config { catalogs: vec![pattern.to_owned()], ..Config::default() };
        locate(&files, &config).unwrap()
    };
    assert_eq!(found("llm/**/*.yaml"), ["llm/a/prompts.yaml", "llm/prompts.yaml"]);
    assert_eq!(found("llm/*.yaml"), ["llm/prompts.yaml"]);
    assert_eq!(found("**/prompts.{yaml,json}"), ["llm/a/prompts.yaml", "llm/prompts.yaml", "prompts.yaml"]);
    let config = Config {
        path: Some("llm/prompt-assay.yaml".to_owned()),
        catalogs: vec!["prompts.yaml".to_owned(), "../prompts.yaml".to_owned()],
        ..Config::default()
    };
    assert_eq!(locate(&files, &config).unwrap(), ["llm/prompts.yaml", "prompts.yaml"]);
}

#[test]
fn golden_sets_are_found_by_name() {
    let files = [("prompts.yaml", "a: x\nb: x\nc/d: x\n"), ("golden/a.csv", ""), ("golden/c/d.yml", "")];
    let golden: Vec<Option<String>> = all(&files).prompts.into_iter().map(|prompt| prompt.golden).collect();
    assert_eq!(golden, [Some("golden/a.csv".to_owned()), None, Some("golden/c/d.yml".to_owned())]);
    assert_snapshot!(complaints(&[("prompts.yaml", "a: x\n"), ("golden/a.csv", ""), ("golden/a.json", "")]), @r"
    error: the prompt `a` has two golden sets: `golden/a.json` and `golden/a.csv`
      --> prompts.yaml:1:1
       | a: x
       = remove one, or name one under `golden`
    ");
}
