//! MiniJinja as the evaluation sets it up, behind two functions and one buffer, so that Node renders
//! byte for byte what was evaluated. No binding on npm has this version of the engine.
//!
//! The host asks for room, writes a JSON request there, calls `render`, and reads the JSON reply at the
//! same place. The attributes below are all that WebAssembly needs to find the functions; there is
//! nothing unsafe in the code.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Steps one rendering may take, as in the evaluation.
const FUEL: u64 = 10_000_000;
/// Compiled prompts that are kept.
const KEPT: usize = 256;

static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// Compiled texts, by the host's name for them.
static COMPILED: Mutex<BTreeMap<String, Environment<'static>>> = Mutex::new(BTreeMap::new());

#[derive(Deserialize)]
struct Request {
    /// Names the texts: equal names have equal texts.
    id: String,
    texts: Vec<String>,
    variables: BTreeMap<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Texts(Vec<String>),
    Error(String),
}

/// Makes room for a request of `length` bytes; returns where.
#[no_mangle]
pub extern "C" fn reserve(length: usize) -> usize {
    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.clear();
    buffer.resize(length, 0);
    buffer.as_ptr() as usize
}

/// Renders the request in the buffer; returns the reply's length. It stands at `reply`.
#[no_mangle]
pub extern "C" fn render() -> usize {
    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    let reply = match serde_json::from_slice::<Request>(&buffer) {
        Ok(request) => answer(&request).map_or_else(Reply::Error, Reply::Texts),
        Err(error) => Reply::Error(format!("the variables are no JSON: {error}")),
    };
    *buffer = serde_json::to_vec(&reply).expect("strings are JSON");
    buffer.len()
}

/// Where the reply stands.
#[no_mangle]
pub extern "C" fn reply() -> usize {
    BUFFER.lock().unwrap_or_else(PoisonError::into_inner).as_ptr() as usize
}

fn answer(request: &Request) -> Result<Vec<String>, String> {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if !compiled.contains_key(&request.id) {
        if compiled.len() >= KEPT {
            compiled.pop_first();
        }
        compiled.insert(request.id.clone(), compile(&request.texts)?);
    }
    let environment = &compiled[&request.id];
    (0..request.texts.len()).map(|index| rendered(environment, index, &request.variables)).collect()
}

fn compile(texts: &[String]) -> Result<Environment<'static>, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    // Errors name the expression.
    environment.set_debug(true);
    for (index, text) in texts.iter().enumerate() {
        let added = environment.add_template_owned(index.to_string(), text.clone());
        added.map_err(|error| explained(&error, index, None))?;
    }
    Ok(environment)
}

fn rendered(
    environment: &Environment<'static>,
    index: usize,
    variables: &BTreeMap<String, Value>,
) -> Result<String, String> {
    let template = environment.get_template(&index.to_string()).map_err(|error| error.to_string())?;
    template.render(minijinja::value::Serde(variables)).map_err(|error| {
        let globals: Vec<&str> = environment.globals().map(|(name, _)| name).collect();
        let read = template.undeclared_variables(false).into_iter();
        let mut missing: Vec<String> =
            read.filter(|name| !globals.contains(&name.as_str()) && !variables.contains_key(name)).collect();
        missing.sort();
        explained(&error, index, missing.first())
    })
}

fn explained(error: &Error, index: usize, missing: Option<&String>) -> String {
    let mut innermost = error;
    while let Some(source) = std::error::Error::source(innermost).and_then(|s| s.downcast_ref::<Error>()) {
        innermost = source;
    }
    let message = match (innermost.kind(), missing, innermost.detail()) {
        (ErrorKind::UndefinedError, Some(name), _) => format!("the variable `{name}` has no value"),
        (ErrorKind::UndefinedError, None, None) => "a variable has no value".to_owned(),
        (ErrorKind::OutOfFuel, ..) => "rendering takes too many steps".to_owned(),
        (_, _, Some(detail)) => detail.to_owned(),
        (kind, _, None) => kind.to_string(),
    };
    let line = innermost.line().map_or_else(String::new, |line| format!(" (line {line} of message {})", index + 1));
    message + &line
}
