//! Lines of logs become candidates for a golden set: personal data masked, near-duplicates in groups, a varied choice.
//! What a good answer is, a person must say: the file is refused until every case has a check.

use serde_json::Value;

use super::likeness::{self, Group};
use super::personal::{self, Masked};
use super::{Imported, yaml};
use crate::check::Path;
use crate::document::{Allowance, Source, parse_line};
use crate::problem::{Problem, Problems};

/// What a person asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The place of the input in a line.
    pub input: String,
    /// The place of the answer in a line, if it is kept as a note.
    pub output: Option<String>,
    /// How many cases.
    pub cases: usize,
    /// The file to write.
    pub to: String,
}

/// One line of the log.
struct Line {
    number: u32,
    input: String,
    output: Option<String>,
}

/// Reads a log and makes the golden set.
///
/// # Errors
/// A path that is none, and a log of which no line has an input.
pub fn import(source: &Source, wanted: &Wanted) -> Result<Imported, Problems> {
    let input = path("--input", &wanted.input)?;
    let output = wanted.output.as_deref().map(|written| path("--output", written)).transpose()?;
    let (mut masked, mut lines, mut left) = (Masked::new(), Vec::new(), Vec::new());
    let (mut without, mut first_keys) = (0_usize, None);
    let allowance = Allowance::default();
    for (line, number) in source.text.lines().zip(1_u32..) {
        if line.trim().is_empty() {
            continue;
        }
        let value = match parse_line(source, line, number, &allowance) {
            Ok(node) => node.to_value(),
            Err(mut problem) => {
                // What is printed may be kept, too.
                problem.line = problem.line.map(|line| personal::masked(&line, &mut Masked::new()));
                left.push(problem);
                if allowance.is_exceeded() {
                    break;
                }
                continue;
            }
        };
        match at(&input, &value) {
            Some(text) => {
                let output = output.as_ref().and_then(|path| at(path, &value));
                let input = personal::masked(&text, &mut masked);
                let output = output.map(|text| personal::masked(&text, &mut masked));
                lines.push(Line { number, input, output });
            }
            None => {
                without += 1;
                first_keys.get_or_insert_with(|| keys(&value));
            }
        }
    }
    if lines.is_empty() {
        return Err(nothing(source, wanted, first_keys, left));
    }
    let distinct = distinct(&lines);
    let texts: Vec<String> = distinct.iter().map(|group| lines[group[0]].input.clone()).collect();
    let groups = likeness::groups(&texts);
    let chosen = likeness::varied(&groups, &texts, wanted.cases);
    let count = |group: &Group| group.members.iter().map(|member| distinct[*member].len()).sum::<usize>();
    let cases: Vec<(&Line, usize)> =
        chosen.iter().map(|at| (&lines[distinct[groups[*at].first][0]], count(&groups[*at]))).collect();
    let mut said = vec![format!(
        "{} of {} lines have an input: {} different ones, in {} groups of near-duplicates; {} are in `{}`",
        lines.len(),
        lines.len() + without + left.len(),
        distinct.len(),
        groups.len(),
        cases.len(),
        wanted.to
    )];
    if distinct.len() > likeness::MOST {
        said.push(format!("only the first {} different inputs were compared", likeness::MOST));
    }
    said.push(
        personal::told(&masked).unwrap_or_else(|| "nothing looked like personal data or a secret".to_owned()),
    );
    said.push(
        "masking goes by form: names and addresses stay, so read every case before you commit it".to_owned(),
    );
    said.push(format!(
        "next: write `expected` and `checks` for each case of `{}`; it is refused until then",
        wanted.to
    ));
    Ok(Imported { files: vec![(wanted.to.clone(), written(source, &cases))], left, said })
}

fn path(option: &str, written: &str) -> Result<Path, Problems> {
    Path::parse(written).map_err(|why| {
        let problem = Problem::error(format!("`{option} {written}` is not a path: {why}"));
        problem.help("for example request.messages[-1].content").into()
    })
}

/// The value at a path as text.
fn at(path: &Path, value: &Value) -> Option<String> {
    match path.select(value).first()? {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

fn keys(value: &Value) -> String {
    const SHOWN: usize = 12;
    match value {
        Value::Object(entries) => {
            let keys: Vec<String> = entries.keys().take(SHOWN).map(|key| format!("`{key}`")).collect();
            format!("the first such line has the keys {}", keys.join(", "))
        }
        _ => "the first such line is not a mapping".to_owned(),
    }
}

fn nothing(source: &Source, wanted: &Wanted, keys: Option<String>, broken: Vec<Problem>) -> Problems {
    let mut problems = Problems::new();
    broken.into_iter().for_each(|problem| problems.push(problem));
    let message = format!("no line of the log has a text at `--input {}`", wanted.input);
    let help = keys.unwrap_or_else(|| "a log is a file with one JSON value in each line".to_owned());
    problems.push(Problem::error(message).path(&source.path).help(help));
    problems
}

/// The positions of lines with the same input, in the order of the file.
fn distinct(lines: &[Line]) -> Vec<Vec<usize>> {
    let mut known = std::collections::BTreeMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.input.split_whitespace().collect();
        let group = *known.entry(words.join(" ").to_lowercase()).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

fn written(source: &Source, cases: &[(&Line, usize)]) -> String {
    let name = source.path.rsplit('/').next().unwrap_or(&source.path);
    let mut text =
        yaml::comment(&format!("Candidates from {name}. Write for each case what a good answer is:"), 0);
    text.push_str(&yaml::comment(
        "`expected` in words, and `checks` that decide; remove what is not worth a case.",
        0,
    ));
    text.push_str("cases:\n");
    for (line, alike) in cases {
        let entry = |key: &str, value: &str| {
            use crate::document::{Datum, Key, Node};
            let mark = crate::problem::Mark::default();
            let node = Node { mark, datum: Datum::Text(value.to_owned()) };
            let map = Datum::Map(vec![(Key { mark, text: key.to_owned() }, node)]);
            yaml::block(&Node { mark, datum: map }, 4)
        };
        text.push_str(&format!("  - {}", entry("id", &format!("line-{}", line.number)).trim_start()));
        text.push_str(&entry("input", &line.input));
        if *alike > 1 {
            text.push_str(&yaml::comment(&format!("{alike} lines of the log are like this one."), 4));
        }
        if let Some(output) = &line.output {
            text.push_str(&yaml::comment(&format!("The answer then: {output}"), 4));
        }
        text.push_str("    # expected:\n    checks: []\n");
    }
    text
}
