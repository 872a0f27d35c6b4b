//! The `jinja` language, by MiniJinja with strict undefined variables.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use minijinja::value::{Kwargs, Value as Held, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use minijinja_contrib::pycompat::unknown_method_callback;
use regex::{Captures, Regex};
use serde_json::Value;

use super::limits::{self, Allowance, FUEL, MOST_RENDERED};
use super::{Parts, Place, TemplateError};
use crate::tree::{directory, resolve};

/// What a rendering that failed is taken to have cost, in steps.
const FAILED: u64 = 1_000;

/// Names in `include`, `import`, `from` and `extends` tags that are literal strings.
static INCLUDES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\{%[-+]?\s*(?:include|import|from|extends)\s+(?:"([^"]+)"|'([^']+)')"#)
        .expect("the pattern is constant")
});

/// Parts of a template in which tags mean nothing.
static SILENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)\{#.*?#\}|\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}")
        .expect("the pattern is constant")
});

/// Paths that the template at `path` includes by literal name, in order of appearance.
///
/// A name that starts with `./` or `../` counts from the including file, any other from `root`
/// (the catalog's directory). Names that leave the repository are returned as errors.
pub fn include_names(root: &str, path: &str, text: &str) -> Vec<Result<String, TemplateError>> {
    let text = SILENT.replace_all(text, |silent: &Captures<'_>| "\n".repeat(silent[0].matches('\n').count()));
    let (mut line, mut counted) = (1, 0);
    INCLUDES
        .captures_iter(&text)
        .filter_map(|captures| {
            let name = captures.get(1).or_else(|| captures.get(2))?;
            line += text[counted..name.start()].matches('\n').count();
            counted = name.start();
            let fault = |message: String| TemplateError::new(message, Some(path), Some(line));
            Some(joined(root, path, name.as_str()).map_err(fault))
        })
        .collect()
}

/// Comments that begin like the anchor of a heading, `{#rules}`: the anchor, its line and the line in
/// which the comment ends. All between is not sent, which is hardly meant.
pub fn hidden_by_anchors(text: &str) -> Vec<(String, u32, u32)> {
    static ANCHORS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?s)\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}|\{#([\w.:-]+)\}.*?#\}|\{#.*?#\}",
        )
        .expect("the pattern is constant")
    });
    let line = |at: usize| text[..at].matches('\n').count() as u32 + 1;
    ANCHORS
        .captures_iter(text)
        .filter_map(|found| {
            let (all, anchor) = (found.get(0)?, found.get(1)?);
            Some((format!("{{#{}}}", anchor.as_str()), line(all.start()), line(all.end())))
        })
        .collect()
}

/// What an application without these files must get to say the same: plain includes by literal
/// name are replaced by their texts.
///
/// # Errors
/// Where a part is taken in otherwise (`import`, `extends`, `ignore missing`): then only the files
/// together are the prompt.
pub fn inlined(root: &str, path: &str, text: &str, parts: &Parts) -> Result<String, TemplateError> {
    inlined_into(root, path, text, parts, &mut MOST_INLINED.clone())
}

/// Includes of one text, those of what it includes among them.
const MOST_INLINED: usize = 10_000;

fn inlined_into(
    root: &str,
    path: &str,
    text: &str,
    parts: &Parts,
    left: &mut usize,
) -> Result<String, TemplateError> {
    static TAGS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?s)\{#.*?#\}|\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}|\{%(-?)\s*include\s+(?:"([^"]+)"|'([^']+)')\s*(-?)%\}"#,
        )
        .expect("the pattern is constant")
    });
    let (mut whole, mut rest) = (String::new(), 0);
    let (mut count, mut trims) = (0, false);
    for tag in TAGS.captures_iter(text) {
        let all = tag.get(0).expect("group 0 is the match");
        let before = &text[rest..all.start()];
        whole.push_str(if trims { before.trim_start() } else { before });
        (rest, trims) = (all.end(), false);
        let Some(name) = tag.get(2).or_else(|| tag.get(3)) else {
            whole.push_str(all.as_str());
            continue;
        };
        let fault = |message: String| TemplateError::new(message, Some(path), None);
        let name = joined(root, path, name.as_str()).map_err(fault)?;
        let missing = || TemplateError::new(format!("the part `{name}` does not exist"), None, None);
        *left =
            left.checked_sub(1).ok_or_else(|| fault(format!("it has more than {MOST_INLINED} includes")))?;
        let part = inlined_into(root, &name, parts.get(&name).ok_or_else(missing)?, parts, left)?;
        if whole.len() + part.len() > MOST_RENDERED {
            return Err(limits::too_long(path));
        }
        if &tag[1] == "-" {
            whole.truncate(whole.trim_end().len());
        }
        // A template's last line break is not rendered.
        whole.push_str(part.strip_suffix('\n').unwrap_or(&part));
        (count, trims) = (count + 1, &tag[4] == "-");
    }
    let tail = &text[rest..];
    whole.push_str(if trims { tail.trim_start() } else { tail });
    if include_names(root, path, text).len() != count {
        let message =
            "parts other than a plain `{% include \"name\" %}` cannot be released in one text".to_owned();
        return Err(TemplateError::new(message, Some(path), None));
    }
    Ok(whole)
}

fn joined(root: &str, path: &str, name: &str) -> Result<String, String> {
    let from = if name.starts_with("./") || name.starts_with("../") { directory(path) } else { root };
    resolve(from, name).map_err(|error| error.to_string())
}

/// A compiled template and the parts it may include.
#[derive(Debug)]
pub(super) struct Jinja {
    environment: Environment<'static>,
    name: String,
}

impl Jinja {
    pub(super) fn compile(place: Place<'_>, text: &str, parts: &Parts) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        // Else an error names neither the variable that has no value nor the line, in a release build.
        environment.set_debug(true);
        // `.strip()`, `.items()`: methods of Python that templates written for Jinja2 call.
        environment.set_unknown_method_callback(unknown_method_callback);
        // These write a list or mapping whole before fuel is taken for it, what it holds twice twice.
        environment.add_filter("tojson", json);
        environment.set_formatter(|out, state, value| {
            is_writable(value, 0)?;
            minijinja::escape_formatter(out, state, value)
        });
        let (root, path) = (place.root.to_owned(), place.path);
        environment.set_path_join_callback(move |name, parent| {
            joined(&root, parent, name).unwrap_or_else(|_| name.to_owned()).into()
        });
        for (part, source) in parts {
            limits::check(part, source)?;
            environment.add_template_owned(part.clone(), source.clone()).map_err(|e| explain(&e))?;
        }
        limits::check(path, text)?;
        environment.add_template_owned(path.to_owned(), text.to_owned()).map_err(|e| explain(&e))?;
        Ok(Self { environment, name: path.to_owned() })
    }

    /// The file it stands in.
    pub(super) fn path(&self) -> &str {
        &self.name
    }

    pub(super) fn render(
        &self,
        variables: &BTreeMap<String, Value>,
        allowance: &Allowance,
    ) -> Result<String, TemplateError> {
        let template = self.environment.get_template(&self.name).map_err(|e| explain(&e))?;
        match template.render_captured(minijinja::value::Serde(variables)) {
            Ok(rendered) => {
                let fuel = rendered.state().fuel_levels().map_or(0, |(consumed, _)| consumed);
                let text = rendered.into_output();
                if text.len() > MOST_RENDERED {
                    return Err(allowance.remembered(limits::too_long(&self.name)));
                }
                allowance.take(fuel, text.len(), &self.name)?;
                Ok(text)
            }
            Err(error) => {
                let problem = explain(&error);
                if innermost(&error).kind() == ErrorKind::OutOfFuel {
                    return Err(allowance.remembered(problem));
                }
                // How far it came is not known.
                allowance.take(FAILED, 0, &self.name)?;
                Err(problem)
            }
        }
    }

    pub(super) fn variables(&self) -> BTreeSet<String> {
        let globals: BTreeSet<&str> = self.environment.globals().map(|(name, _)| name).collect();
        self.environment
            .templates()
            .flat_map(|(_, template)| template.undeclared_variables(false))
            .filter(|name| !globals.contains(name.as_str()))
            .collect()
    }
}

/// `tojson`, for what can be written.
fn json(value: Held, indent: Option<Held>, options: Kwargs) -> Result<Held, Error> {
    let spaces = indent.clone().or_else(|| options.peek("indent").ok());
    let spaces = spaces.and_then(|spaces| usize::try_from(spaces).ok()).unwrap_or(2);
    is_writable(&value, spaces)?;
    minijinja::filters::tojson(&value, indent, options)
}

/// Refuses a list or a mapping that is longer than a rendered text may be, written out with so many
/// spaces for each level.
fn is_writable(value: &Held, spaces: usize) -> Result<(), Error> {
    let mut left = MOST_RENDERED;
    match is_within(value, spaces, 1, &mut left) {
        true => Ok(()),
        false => Err(Error::from(ErrorKind::OutOfFuel)),
    }
}

fn is_within(value: &Held, spaces: usize, depth: usize, left: &mut usize) -> bool {
    const DEEPEST: usize = 200;
    let own = value.as_str().map_or(1, str::len).saturating_add(spaces.saturating_mul(depth));
    let Some(rest) = left.checked_sub(own).filter(|_| depth < DEEPEST) else { return false };
    *left = rest;
    let is_map = value.kind() == ValueKind::Map;
    if !is_map && value.kind() != ValueKind::Seq {
        return true;
    }
    let Ok(mut inner) = value.try_iter() else { return true };
    inner.all(|item| {
        is_within(&item, spaces, depth + 1, left)
            && (!is_map || value.get_item(&item).is_ok_and(|held| is_within(&held, spaces, depth + 1, left)))
    })
}

fn innermost(error: &Error) -> &Error {
    let mut innermost = error;
    while let Some(source) = std::error::Error::source(innermost).and_then(|s| s.downcast_ref::<Error>()) {
        innermost = source;
    }
    innermost
}

fn explain(error: &Error) -> TemplateError {
    let innermost = innermost(error);
    let detail = innermost.detail().map(str::to_owned);
    let (path, line) = (innermost.name(), innermost.line());
    if let Some(name) = detail.as_deref().and_then(undefined) {
        return TemplateError::no_value(name, path, line);
    }
    let message = match (innermost.kind(), detail) {
        (ErrorKind::UndefinedError, None) => "a variable has no value".to_owned(),
        (ErrorKind::TemplateNotFound, _) => {
            "an included part was not found; include names must be literal strings".to_owned()
        }
        (ErrorKind::OutOfFuel, _) => limits::too_many_steps(),
        (_, Some(detail)) => detail,
        (kind, None) => kind.to_string(),
    };
    TemplateError::new(message, path, line)
}

/// What MiniJinja says is undefined.
fn undefined(detail: &str) -> Option<&str> {
    let (before, _) = detail.split_once("` is undefined")?;
    Some(before.rsplit_once('`')?.1)
}
