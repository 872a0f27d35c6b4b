//! What a repository has: catalogs, files of other tools, and prompts as literals in its code.

use std::collections::BTreeSet;

use crate::document::{Format, parse};
use crate::foreign::Tool;
use crate::prompt::Engine;
use crate::template::{Parts, Place, Template};
use crate::tree::{Tree, TreeError};

use super::literal::{Language, Literal, Part, literals};

/// Directories whose code is not the team's own, and tests.
const NOT_SEARCHED: [&str; 16] = [
    "node_modules",
    "vendor",
    "third_party",
    "dist",
    "build",
    "target",
    ".venv",
    "venv",
    "site-packages",
    "__pycache__",
    "migrations",
    "tests",
    "test",
    "__tests__",
    "fixtures",
    "locales",
];

/// The largest source file that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// Words of names that prompts are given.
const NAMES: [&str; 4] = ["prompt", "instruction", "system_message", "systemmessage"];

/// How prompts begin.
const BEGINNINGS: [&str; 16] = [
    "you are ",
    "you're ",
    "your task ",
    "your job ",
    "act as ",
    "answer ",
    "reply ",
    "respond ",
    "summarize ",
    "summarise ",
    "classify ",
    "extract ",
    "translate ",
    "rewrite ",
    "given ",
    "write a ",
];

/// A literal that looks like a prompt, as an entry of a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The name in the catalog.
    pub id: String,
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The language of the file.
    pub language: Language,
    /// The text as a template.
    pub text: String,
    /// The template language.
    pub engine: Engine,
    /// The variables, in their order of the alphabet.
    pub variables: Vec<String>,
    /// Variables that stand for another expression: name and expression.
    pub explained: Vec<(String, String)>,
}

/// What a repository has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Files of GitHub Models.
    pub prompt_yml: Vec<String>,
    /// Configurations of promptfoo.
    pub promptfoo: Vec<String>,
    /// Prompts in code.
    pub literals: Vec<Candidate>,
    /// Whether a workflow runs prompt-assay.
    pub has_workflow: bool,
}

/// Looks at all files of a tree.
///
/// # Errors
/// A tree that cannot be listed. A file that cannot be read is passed over.
pub fn look(tree: &dyn Tree) -> Result<Found, TreeError> {
    let paths = own_paths(tree)?;
    let mut found = Found { literals: in_code(tree, &paths), ..Found::default() };
    for path in paths {
        if Language::of_path(&path).is_some() {
            continue;
        }
        if path.starts_with(".github/workflows/") {
            let runs = |text: String| text.contains("prompt-assay");
            found.has_workflow |= text(tree, &path).is_some_and(runs);
        } else if let Some(format) = Format::of_path(&path) {
            match of_tool(tree, &path, format) {
                Some(Tool::PromptYml) => found.prompt_yml.push(path),
                Some(Tool::Promptfoo) => found.promptfoo.push(path),
                None => {}
            }
        }
    }
    Ok(found)
}

/// The prompts in a tree's code, each text once.
///
/// # Errors
/// As [`look`].
pub fn prompts_in_code(tree: &dyn Tree) -> Result<Vec<Candidate>, TreeError> {
    Ok(in_code(tree, &own_paths(tree)?))
}

/// The files that are the team's own.
fn own_paths(tree: &dyn Tree) -> Result<Vec<String>, TreeError> {
    let is_own = |path: &String| !path.split('/').any(|part| NOT_SEARCHED.contains(&part));
    Ok(tree.list("")?.into_iter().filter(is_own).collect())
}

fn in_code(tree: &dyn Tree, paths: &[String]) -> Vec<Candidate> {
    let (mut found, mut ids): (Vec<Candidate>, _) = (Vec::new(), BTreeSet::new());
    for path in paths {
        let Some(language) = Language::of_path(path).filter(|_| !is_generated(path)) else { continue };
        let Some(text) = text(tree, path) else { continue };
        let candidates =
            literals(language, &text).into_iter().filter_map(|one| candidate(path, language, &one));
        for mut candidate in candidates {
            if found.iter().any(|known| known.text == candidate.text) {
                continue;
            }
            let base = candidate.id.clone();
            let mut number = 2;
            while !ids.insert(candidate.id.clone()) {
                candidate.id = format!("{base}_{number}");
                number += 1;
            }
            found.push(candidate);
        }
    }
    found
}

fn is_generated(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_test = name.starts_with("test_")
        || name.contains(".test.")
        || name.contains(".spec.")
        || name.strip_suffix(".py").is_some_and(|stem| stem.ends_with("_test"));
    is_test || name.contains(".min.") || name.ends_with(".d.ts")
}

fn text(tree: &dyn Tree, path: &str) -> Option<String> {
    let bytes = tree.read(path).ok().flatten().filter(|bytes| bytes.len() <= LARGEST)?;
    String::from_utf8(bytes).ok()
}

fn of_tool(tree: &dyn Tree, path: &str, format: Format) -> Option<Tool> {
    let text = text(tree, path)?;
    let may_be = path.contains(".prompt.") || text.contains("prompts");
    let document = may_be.then(|| parse(path, text.as_bytes(), format).ok()).flatten();
    match document {
        Some(document) => Tool::of(path, &document.root),
        // A broken file is still the tool's.
        None => Tool::of_name(path),
    }
}

/// The literal as an entry, if it looks like a prompt.
fn candidate(path: &str, language: Language, literal: &Literal) -> Option<Candidate> {
    let plain: String = literal
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Place(_) => "x",
        })
        .collect();
    if !is_prompt(literal.name.as_deref(), &plain) {
        return None;
    }
    let (text, engine, explained) = template(language, literal, &plain);
    let stem = path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or_default();
    let id = id(literal.name.as_deref(), stem);
    let nowhere = Place { root: "", path: "" };
    let compiled = Template::compile(engine, nowhere, &text, &Parts::new()).ok();
    let variables = compiled.map(|template| template.variables().into_iter().collect()).unwrap_or_default();
    let path = path.to_owned();
    Some(Candidate { id, path, line: literal.line, language, text, engine, variables, explained })
}

fn is_prompt(name: Option<&str>, text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let words = lower.split_whitespace().count();
    let is_named = name.is_some_and(|name| {
        let name = name.to_lowercase();
        NAMES.iter().any(|known| name.contains(known))
    });
    let begins = BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning));
    // Markup, queries and paths are not sent to a model.
    let is_code = lower.starts_with(['<', '{', '/', '#', '['])
        || lower.starts_with("select ")
        || lower.starts_with("http");
    !is_code && ((is_named && words >= 4) || (begins && words >= 8))
}

/// The text in a template language that fills it in as the program does.
fn template(language: Language, literal: &Literal, plain: &str) -> (String, Engine, Vec<(String, String)>) {
    let has_signs = ["{{", "{%", "{#"].iter().any(|sign| plain.contains(sign));
    if literal.is_filled {
        let (pair, engine, escape) = match language {
            Language::JavaScript if has_signs => (("{", "}"), Engine::Braces, false),
            Language::JavaScript => (("{{ ", " }}"), Engine::Jinja, false),
            Language::Python | Language::Rust => (("{", "}"), Engine::Python, true),
        };
        let (text, explained) = literal.template(pair, escape);
        return (text, engine, explained.into_iter().collect());
    }
    let compiles = |engine| {
        let nowhere = Place { root: "", path: "" };
        let compiled = Template::compile(engine, nowhere, plain, &Parts::new()).ok()?;
        (!compiled.variables().is_empty()).then_some(())
    };
    let engine = if literal.is_formatted && compiles(Engine::Python).is_some() {
        Engine::Python
    } else if has_signs && compiles(Engine::Jinja).is_some() {
        Engine::Jinja
    } else if compiles(Engine::Python).is_some() {
        Engine::Python
    } else if compiles(Engine::Braces).is_some() {
        Engine::Braces
    } else if has_signs {
        Engine::None
    } else {
        Engine::Jinja
    };
    (plain.to_owned(), engine, Vec::new())
}

/// A name for the catalog: that of the constant, with the file's where it says nothing.
fn id(name: Option<&str>, stem: &str) -> String {
    const GENERIC: [&str; 9] = [
        "prompt",
        "system",
        "user",
        "content",
        "text",
        "message",
        "template",
        "instructions",
        "systemprompt",
    ];
    let snake = |name: &str| {
        let mut snake = String::new();
        let mut before_is_small = false;
        for c in name.chars() {
            if c.is_uppercase() && before_is_small {
                snake.push('_');
            }
            before_is_small = c.is_lowercase() || c.is_ascii_digit();
            match c {
                c if c.is_alphanumeric() => snake.extend(c.to_lowercase()),
                _ if !snake.ends_with('_') && !snake.is_empty() => snake.push('_'),
                _ => {}
            }
        }
        snake.trim_end_matches('_').to_owned()
    };
    let stem = snake(stem);
    match name.map(snake).filter(|name| !name.is_empty()) {
        Some(name) if GENERIC.contains(&name.replace('_', "").as_str()) => format!("{stem}_{name}"),
        Some(name) => name,
        None => format!("{stem}_prompt"),
    }
}
