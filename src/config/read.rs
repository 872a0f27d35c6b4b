//! Reads `prompt-assay.yaml`: every key checked, every mistake reported, defaults for the rest.

use std::collections::BTreeSet;

use super::{BarPart, CallPolicy, Config, judge, policy, protect, provider, records, redact};
use crate::document::{Datum, Document, Fields, Format, Shape, parse};
use crate::problem::{Problem, Problems};
use crate::s3_location::S3Location;
use crate::settings::{self, ENGINES};
use crate::tree::{Tree, directory, resolve};

/// Where the configuration is looked for when no path is given.
pub const DEFAULT_PATHS: [&str; 2] = ["prompt-assay.yaml", "prompt-assay.yml"];

const CONFIG: Shape = Shape {
    name: "the configuration",
    keys: &[
        "catalogs",
        "golden",
        "template",
        "models",
        "parameters",
        "provider",
        "gate",
        "budget",
        "calls",
        "judge",
        "prices",
        "accepted_breaks",
        "redact",
        "database",
        "shared_store",
        "release",
        "protect",
    ],
};

/// Reads the configuration of a tree: the file at `path`, else one of [`DEFAULT_PATHS`], else
/// all defaults.
///
/// # Errors
/// All problems of the file at once.
pub fn read(tree: &dyn Tree, path: Option<&str>) -> Result<Config, Problems> {
    let mut problems = Problems::new();
    let config = read_into(tree, path, &mut problems);
    config.filter(|_| !problems.has_errors()).ok_or(problems)
}

/// The same with the problems collected: the readable part, so that the files that the configuration
/// names are read too; `None` if even its place is not known. A configuration that exists and cannot
/// be read protects every part, unless it is known not to mention `protect`.
pub fn read_into(tree: &dyn Tree, path: Option<&str>, problems: &mut Problems) -> Option<Config> {
    let path = match path.map_or_else(|| find(tree, ""), |path| named(path).map(Some)) {
        Ok(Some(path)) => path,
        Ok(None) => return Some(Config::default()),
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let unread = |protect| Config { path: Some(path.clone()), protect, ..Config::default() };
    let bytes = match tree.read(&path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let missing = Problem::error(format!("the configuration `{path}` does not exist"));
            problems
                .push(missing.help("name another file, or leave the option out to use prompt-assay.yaml"));
            return None;
        }
        Err(error) => {
            problems.push(Problem::error(error.to_string()).path(&path).help(error.help()));
            return Some(unread(BarPart::all()));
        }
    };
    match parse(&path, &bytes, Format::of_path(&path).unwrap_or(Format::Yaml)) {
        Ok(document) => Some(validated(&document, problems)),
        Err(problem) => {
            problems.push(problem);
            let speaks_of_it = String::from_utf8_lossy(&bytes).contains("protect");
            Some(unread(if speaks_of_it { BarPart::all() } else { BTreeSet::new() }))
        }
    }
}

fn named(path: &str) -> Result<String, Problem> {
    resolve("", path).map_err(|error| Problem::error(error.to_string()).help(error.help()))
}

/// Where a tree's configuration is when none is named: in the directory `here`, else at the root;
/// `None` when there is none. Each tree of a comparison is asked by itself.
///
/// # Errors
/// When two stand side by side.
pub fn find(tree: &dyn Tree, here: &str) -> Result<Option<String>, Problem> {
    for directory in [here, ""] {
        let mut found = Vec::new();
        for name in DEFAULT_PATHS {
            let path = resolve(directory, name)
                .map_err(|error| Problem::error(error.to_string()).help(error.help()))?;
            // What cannot be read is reported where it is read.
            if !matches!(tree.blob(&path), Ok(None)) {
                found.push(path);
            }
        }
        match found.as_slice() {
            [] => {}
            [path] => return Ok(Some(path.clone())),
            [first, second, ..] => {
                // If a value cannot be read, it is not known whether it is present.
                if let Err(error) = tree.blob(first) {
                    return Err(Problem::error(error.to_string()).path(first).help(error.help()));
                }
                let both = Problem::error(format!("both `{first}` and `{second}` exist"));
                return Err(both.path(first).help("keep one of the two"));
            }
        }
    }
    Ok(None)
}

fn validated(document: &Document, problems: &mut Problems) -> Config {
    let source = &document.source;
    let mut config = Config { path: Some(source.path.clone()), ..Config::default() };
    if document.root.datum == Datum::Null {
        return config;
    }
    let Some(fields) = Fields::read(source, &document.root, &CONFIG, problems) else {
        return config;
    };
    if let Some(mut catalogs) = fields.texts("catalogs", problems) {
        if catalogs.is_empty() {
            problems
                .push(fields.error("catalogs", "`catalogs` is empty").help("name at least one file or glob"));
        }
        catalogs.retain(|pattern| match resolve(directory(&source.path), pattern) {
            Ok(_) => true,
            Err(error) => {
                let help = "write a path or a glob inside the repository";
                problems.push(fields.error("catalogs", error.to_string()).help(help));
                false
            }
        });
        config.catalogs = catalogs;
    }
    config.golden = settings::path(&fields, "golden", problems).unwrap_or(config.golden);
    config.template = fields.choice("template", ENGINES, problems).unwrap_or_default();
    config.models = settings::models(&fields, problems);
    config.parameters = settings::parameters(&fields, problems);
    config.provider = provider::provider(&fields, problems).unwrap_or_default();
    config.gate = policy::gate(&fields, problems);
    config.budget = policy::budget(&fields, problems);
    config.calls = policy::calls(&fields, problems);
    config.judge = judge::judge(&fields, config.models.judge.as_deref(), problems);
    config.prices = records::prices(&fields, problems);
    config.accepted_breaks = records::accepted_breaks(&fields, problems);
    config.redact = redact::redact(&fields, problems);
    config.release = fields.kept("release");
    config.database = database(&fields, problems).unwrap_or(config.database);
    config.shared_store = shared_store(&fields, problems);
    config.protect = protect::protect(&fields, problems);
    of_bedrock_only(&config, &fields, problems);
    config
}

/// What another provider could not keep is refused, and not passed over.
fn of_bedrock_only(config: &Config, fields: &Fields<'_>, problems: &mut Problems) {
    if !config.provider.capabilities().is_third_party() {
        return;
    }
    let has_guardrail = config.parameters.guardrail.is_some() || config.parameters.performance.is_some();
    let found = [
        ("parameters", "`guardrail` and `performance` exist", has_guardrail),
        ("judge", "`guardrail` exists", config.judge.guardrail.is_some()),
        ("calls", "`batch` exists", config.calls.batch.is_some()),
        ("calls", "`service_tier` exists", config.calls.service_tier != CallPolicy::default().service_tier),
    ];
    for (key, what, _) in found.into_iter().filter(|(_, _, is_there)| *is_there) {
        let provider = config.provider.kind();
        let problem =
            fields.error(key, format!("{what} on Amazon Bedrock only, and the provider is `{provider}`"));
        problems.push(problem.help(format!("leave it out of `{key}`")));
    }
}

/// A path relative to the repository's root that stays inside it: the configuration of a pull
/// request must not choose where on the machine something is written.
fn database(fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    let written = fields.text("database", problems)?;
    if written.trim().is_empty() {
        problems.push(fields.error("database", "`database` is empty").help("write a path, or leave it out"));
    }
    if let Err(error) = resolve("", written) {
        problems.push(fields.error("database", error.to_string()).help("write a path inside the repository"));
    }
    Some(written.to_owned())
}

/// A place in S3.
fn shared_store(fields: &Fields<'_>, problems: &mut Problems) -> Option<S3Location> {
    let place = fields.text("shared_store", problems)?.parse();
    place.map_err(|error: String| problems.push(fields.error("shared_store", error))).ok()
}
