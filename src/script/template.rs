//! Templates of answers: the text of a rule, with parts of the request inserted.

use std::collections::BTreeMap;
use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

/// What a template may refer to.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// The last user message, without the white space around it.
    pub input: &'a str,
    /// The system text; empty when the request has none.
    pub system: &'a str,
    /// Named groups of the rule's patterns; empty if a group did not match.
    pub capture: BTreeMap<&'a str, &'a str>,
}

/// The text of a template that is known to parse.
#[derive(Clone)]
pub(super) struct Template {
    source: String,
    variables: Vec<String>,
}

impl Template {
    /// Parses a template; the error is one line.
    pub fn parse(source: &str) -> Result<Self, String> {
        let environment = environment();
        let parsed = environment.template_from_str(source).map_err(|error| described(&error))?;
        let mut variables: Vec<String> = parsed.undeclared_variables(true).into_iter().collect();
        variables.sort();
        Ok(Self { source: source.to_owned(), variables })
    }

    /// The text with the scope's values inserted.
    pub fn render(&self, scope: &Scope<'_>) -> Result<String, String> {
        if self.variables.is_empty() && !self.source.contains("{%") && !self.source.contains("{#") {
            return Ok(self.source.clone());
        }
        let value = Value::from_pairs([
            ("input", Value::from(scope.input)),
            ("system", Value::from(scope.system)),
            ("capture", Value::from_pairs(scope.capture.iter().map(|(name, text)| (*name, *text)))),
        ]);
        environment().render_str(&self.source, value).map_err(|error| described(&error))
    }

    /// The first variable the template uses that no request will have.
    pub fn unknown_variable(&self, captures: &[&str]) -> Option<&str> {
        self.variables.iter().map(String::as_str).find(|variable| match variable.strip_prefix("capture.") {
            Some(name) => !captures.contains(&name),
            None => !["input", "system", "capture"].contains(variable),
        })
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_fuel(Some(100_000));
    environment
}

fn described(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
