//! Learns the schema of a file from its reader: values of every form are put at every place, and the reader says what it asks
//! of them and which of them it refuses.

use std::cell::RefCell;
use std::ops::Bound;

use prompt_assay::document::asked::{Asked, Form, while_reading};
use prompt_assay::document::{Datum, Document, Format, Node, parse};
use prompt_assay::problem::{Mark, Problems};
use serde_json::{Map, Value, json};

/// A step from a value into it.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Key(String),
    First,
}

/// Reads the text of a file and returns its problems.
pub type Read = fn(&str) -> Problems;

/// A word that is a day of the calendar.
pub const DAY: &str = "2026-01-31";

/// What learns one file's schema.
pub struct Learner {
    read: Read,
    /// The path that the file has for its reader.
    file: &'static str,
    /// Words that may have a meaning of their own somewhere: those of the documents.
    words: Vec<String>,
    /// Every file that was tried, and whether the reader took it.
    pub tried: RefCell<Vec<(Value, bool)>>,
}

/// What a reader did with a file.
struct Reading {
    /// What it asked of the value.
    forms: Vec<Form>,
    /// Whether it takes the value.
    takes: bool,
}

impl Learner {
    pub fn new(read: Read, file: &'static str, words: Vec<String>) -> Self {
        Self { read, file, words, tried: RefCell::default() }
    }

    /// The schema of the value at `path` of a file.
    pub fn learn(&self, file: &Value, path: &[Step]) -> Value {
        let read = |value: Value| {
            let reading = self.reading(&put(file, path, value.clone()), path);
            (value, reading)
        };
        let mut readings: Vec<(Value, Reading)> = candidates().into_iter().map(read).collect();
        let mut forms: Vec<Form> = Vec::new();
        for (_, reading) in &readings {
            forms.extend(
                reading.forms.iter().filter(|form| !forms.contains(form)).cloned().collect::<Vec<_>>(),
            );
        }
        // A word may have a meaning of its own where no other text is taken.
        let is_scalar = |form: &Form| !matches!(form, Form::Mapping(_) | Form::Map | Form::List);
        if !forms.iter().any(is_scalar) && !readings[0].1.takes {
            readings.extend(self.words.iter().map(String::as_str).chain([DAY]).map(|word| read(json!(word))));
        }
        let mut schemas: Vec<Value> = Vec::new();
        for form in &forms {
            let schema = self.of_form(form, file, path).filter(|schema| !schemas.contains(schema));
            schemas.extend(schema);
        }
        // What is taken without being asked for by its form: its type alone is known.
        let taken: Vec<&Value> =
            readings.iter().filter(|(_, reading)| reading.takes).map(|(value, _)| value).collect();
        let is_any = forms.is_empty() && taken.len() == readings.len();
        if is_any {
            return json!({});
        }
        let of_list = !has_type(&schemas, "array") && self.asks(file, path, json!([{}]), Step::First);
        let of_map =
            !has_type(&schemas, "object") && self.asks(file, path, json!({"x": {}}), Step::Key("x".into()));
        schemas.extend(of_list.then(|| self.of_form(&Form::List, file, path)).flatten());
        schemas.extend(of_map.then(|| self.of_form(&Form::Map, file, path)).flatten());
        for (kind, is_of_it) in [
            ("array", Value::is_array as fn(&Value) -> bool),
            ("object", Value::is_object),
            ("boolean", Value::is_boolean),
        ] {
            if !has_type(&schemas, kind) && taken.iter().any(|value| is_of_it(value)) {
                schemas.push(json!({"type": kind}));
            }
        }
        if !has_type(&schemas, "number") && !has_type(&schemas, "integer") && taken.contains(&&json!(7)) {
            schemas.push(json!({"type": "number"}));
        }
        if !has_type(&schemas, "string") {
            let words: Vec<&str> = taken.iter().filter_map(|value| value.as_str()).collect();
            match words.contains(&"x") {
                true => schemas.push(json!({"type": "string"})),
                false if words.is_empty() => {}
                false if words == [DAY] => schemas.push(json!({"type": "string", "format": "date"})),
                false => schemas.push(json!({"enum": words})),
            }
        }
        match schemas.len() {
            // Nothing is taken there.
            0 => json!(false),
            1 => schemas.remove(0),
            _ => json!({"anyOf": schemas}),
        }
    }

    /// The schema of the mapping with known keys that the value at `path` is, with what makes it one: each of `least` does.
    pub fn learn_mapping(&self, file: &Value, path: &[Step], least: &[Value]) -> Value {
        let forms = self.reading(&put(file, path, least[0].clone()), path).forms;
        let keys = forms.iter().find_map(|form| match form {
            Form::Mapping(keys) => Some(*keys),
            _ => None,
        });
        self.mapping(keys.expect("the value may be a mapping"), file, path, least)
    }

    /// The options that the check is asked for whose kind is the key at `path`.
    pub fn options(&self, file: &Value, path: &[Step]) -> Vec<&'static str> {
        let text = file.to_string();
        let (_, asked) = while_reading(|| (self.read)(&text));
        let document = self.parsed(&text);
        let of_key = place_of(&document.root, path).of_key;
        let options = asked.into_iter().filter_map(|one| match one.form {
            Form::Options(options) if Some(one.mark) == of_key => Some(options),
            _ => None,
        });
        options.flatten().collect()
    }

    fn parsed(&self, text: &str) -> Document {
        let notation = Format::of_path(self.file).expect("a notation");
        parse(self.file, text.as_bytes(), notation).expect("a document")
    }

    /// Whether the reader takes a file as a whole.
    pub fn takes(&self, file: &Value) -> bool {
        let takes = !(self.read)(&file.to_string()).has_errors();
        self.tried.borrow_mut().push((file.clone(), takes));
        takes
    }

    /// Whether the part of a value is asked for something.
    fn asks(&self, file: &Value, path: &[Step], value: Value, part: Step) -> bool {
        let inside = [path, &[part]].concat();
        !self.reading(&put(file, path, value), &inside).forms.is_empty()
    }

    fn of_form(&self, form: &Form, file: &Value, path: &[Step]) -> Option<Value> {
        let inside =
            |value: Value, step: Step| self.learn(&put(file, path, value), &[path, &[step]].concat());
        Some(match form {
            Form::Mapping(keys) => self.mapping(keys, file, path, &[json!({})]),
            Form::Text => json!({"type": "string"}),
            Form::Flag => json!({"type": "boolean"}),
            Form::Number(low, high) => bounded("number", bound(*low), bound(*high)),
            Form::Integer(low, high) => bounded("integer", bound(*low), bound(*high)),
            Form::List => json!({"type": "array", "items": inside(json!([{}]), Step::First)}),
            Form::Map => json!({
                "type": "object",
                "additionalProperties": inside(json!({"x": {}}), Step::Key("x".into())),
            }),
            Form::Texts => {
                json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
            }
            Form::Choice(words) => json!({"enum": words}),
            // Checks have a learner of their own.
            Form::Options(_) => return None,
        })
    }

    /// A mapping: each key by itself, then those of which nothing is known beside examples of all others, because some
    /// keys are read only beside another.
    fn mapping(&self, keys: &[&str], file: &Value, path: &[Step], least: &[Value]) -> Value {
        let at = |key: &str| [path, &[Step::Key(key.to_owned())]].concat();
        let alone = put(file, path, least[0].clone());
        let mut known: Map<String, Value> =
            keys.iter().map(|key| ((*key).to_owned(), self.learn(&alone, &at(key)))).collect();
        let is_open = |schema: &Value| *schema == json!({}) || *schema == json!(false);
        let examples: Map<String, Value> =
            known.iter().filter_map(|(key, schema)| Some((key.clone(), example(schema)?))).collect();
        for key in keys {
            let mut beside = examples.clone();
            beside.remove(*key);
            for other in least[1..].iter().chain([&Value::Object(beside)]) {
                if is_open(&known[*key]) {
                    known[*key] = self.learn(&put(file, path, other.clone()), &at(key));
                }
            }
        }
        json!({"type": "object", "additionalProperties": false, "properties": known})
    }

    /// Reads a file; what is asked of the value at `path`, and whether it is taken.
    fn reading(&self, file: &Value, path: &[Step]) -> Reading {
        let text = file.to_string();
        let (problems, asked) = while_reading(|| (self.read)(&text));
        self.tried.borrow_mut().push((file.clone(), !problems.has_errors()));
        let document = self.parsed(&text);
        let Place { above, of_key, node } = place_of(&document.root, path);
        let key = match path.last() {
            Some(Step::Key(key)) => Some(key.clone()),
            _ => None,
        };
        let is_meant = |one: &&Asked| match &one.key {
            _ if one.file != self.file => false,
            Some(asked) => above == Some(one.mark) && key.as_ref() == Some(asked),
            None => one.mark == node.mark,
        };
        let forms = asked.iter().filter(is_meant).map(|one| one.form.clone()).collect();
        let from = node.mark.column;
        let to =
            from + u32::try_from(value_at(file, path).to_string().chars().count()).expect("a short file");
        let errors = problems.sorted();
        // Some mistakes of a value are reported at its key.
        let is_of_it =
            |mark: Mark| mark.line == 1 && (from..to).contains(&mark.column) || Some(mark) == of_key;
        let takes = !errors.iter().any(|problem| problem.is_error() && is_of_it(problem.mark));
        Reading { forms, takes }
    }
}

/// A value of every form; the first is a text.
fn candidates() -> Vec<Value> {
    vec![
        json!("x"),
        json!(7),
        json!(0.5),
        json!(true),
        json!([]),
        json!(["x"]),
        json!([1, 2]),
        json!([{}]),
        json!({}),
        json!({"x": "x"}),
        json!({"x": {}}),
    ]
}

/// The value with another one at a place; mappings and lists on the way are there already, but for the last step.
fn put(file: &Value, path: &[Step], value: Value) -> Value {
    let Some((step, rest)) = path.split_first() else { return value };
    let mut file = file.clone();
    match step {
        Step::Key(key) => {
            let inner = file.get(key).cloned().unwrap_or(Value::Null);
            file[key] = put(&inner, rest, value);
        }
        Step::First => {
            let inner = file.get(0).cloned().unwrap_or(Value::Null);
            file = json!([put(&inner, rest, value)]);
        }
    }
    file
}

fn value_at<'v>(file: &'v Value, path: &[Step]) -> &'v Value {
    path.iter().fold(file, |value, step| match step {
        Step::Key(key) => &value[key],
        Step::First => &value[0],
    })
}

/// Where a value stands.
struct Place<'n> {
    /// Where the mapping that holds it begins.
    above: Option<Mark>,
    /// Where its key is.
    of_key: Option<Mark>,
    node: &'n Node,
}

fn place_of<'n>(root: &'n Node, path: &[Step]) -> Place<'n> {
    let mut place = Place { above: None, of_key: None, node: root };
    for step in path {
        let above = Some(place.node.mark);
        place = match (&place.node.datum, step) {
            (Datum::Map(entries), Step::Key(key)) => {
                let (key, node) =
                    entries.iter().find(|(own, _)| own.text == *key).expect("the key was put there");
                Place { above, of_key: Some(key.mark), node }
            }
            (Datum::List(items), Step::First) => Place { above, of_key: None, node: &items[0] },
            other => panic!("no {step:?} in {other:?}"),
        };
    }
    place
}

fn has_type(schemas: &[Value], kind: &str) -> bool {
    schemas.iter().any(|schema| {
        schema["type"] == kind
            || (kind == "string" && schema.get("enum").is_some())
            || schema["anyOf"].as_array().is_some_and(|inner| has_type(inner, kind))
    })
}

/// A bound and whether it is included.
fn bound<T: Into<Value>>(bound: Bound<T>) -> Option<(Value, bool)> {
    match bound {
        Bound::Included(value) => Some((value.into(), true)),
        Bound::Excluded(value) => Some((value.into(), false)),
        Bound::Unbounded => None,
    }
}

fn bounded(kind: &str, low: Option<(Value, bool)>, high: Option<(Value, bool)>) -> Value {
    let mut schema = json!({"type": kind});
    for (bound, included, excluded) in
        [(low, "minimum", "exclusiveMinimum"), (high, "maximum", "exclusiveMaximum")]
    {
        if let Some((value, is_included)) = bound {
            schema[if is_included { included } else { excluded }] = value;
        }
    }
    schema
}

/// A value that fits a schema.
fn example(schema: &Value) -> Option<Value> {
    if let Some(inner) = schema["anyOf"].as_array() {
        return inner.iter().find_map(example);
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.first().cloned();
    }
    Some(match schema["type"].as_str()? {
        "string" => json!("x"),
        "boolean" => json!(true),
        "number" | "integer" => schema.get("minimum").or(schema.get("maximum")).cloned().unwrap_or(json!(1)),
        "array" => match example(&schema["items"]) {
            Some(item) => json!([item]),
            None => json!([]),
        },
        _ => {
            let properties = schema["properties"].as_object();
            let inside = properties
                .into_iter()
                .flatten()
                .filter_map(|(key, inner)| Some((key.clone(), example(inner)?)));
            Value::Object(inside.collect())
        }
    })
}
