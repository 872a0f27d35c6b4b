//! `import`: what people have becomes files of this tool. An existing file is never replaced.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::adapters::aws::{Connection, Options};
use crate::adapters::files::Root;
use crate::adapters::git::{Repository, relative_directory};
use crate::adapters::progress::say;
use crate::adapters::prompt_management::PromptManagement;
use crate::app::output;
use crate::cli::{EvalClass, ImportArgs, ImportBedrockPromptsArgs, ImportFrom};
use crate::document::{Document, Format, Source, parse, read_text};
use crate::import::bedrock_prompts;
use crate::import::openai_evals::{self, Class};
use crate::import::promptfoo::{self, Places};
use crate::import::{Imported, logs};
use crate::problem::{Problem, Problems};
use crate::release::prompt_management::{Listed, ManagedPrompts};
use crate::report::untrusted;
use crate::tree::{Tree, resolve};

/// Runs `import` in the current directory: 1 if something has no counterpart.
///
/// # Errors
/// What cannot be read or written.
pub fn run(args: &ImportArgs) -> anyhow::Result<u8> {
    let here = super::here()?;
    let repository = Repository::discover(&here)?;
    let below = relative_directory(repository.root(), &here);
    let place = |path: &Path| -> anyhow::Result<String> {
        Ok(resolve(&below, path.to_str().context("a path is not UTF-8")?)?)
    };
    let golden = |to: &Option<std::path::PathBuf>, file: &Path| match to {
        Some(to) => place(to),
        None => Ok(resolve(&below, &format!("golden/{}.yaml", stem(file)))?),
    };
    let imported = match &args.from {
        ImportFrom::Promptfoo(args) => {
            let tree = repository.working_directory();
            let document = document(&tree, &place(&args.file)?)?;
            let places = Places { catalog: place(&args.catalog)?, golden: golden(&args.to, &args.file)? };
            promptfoo::import(&document, &tree, &places)?
        }
        ImportFrom::Logs(args) => {
            let wanted = logs::Wanted {
                input: args.input.clone(),
                output: args.output.clone(),
                cases: args.cases,
                to: golden(&args.to, &args.file)?,
            };
            logs::import(&lines(&args.file)?, &wanted)?
        }
        ImportFrom::OpenaiEvals(args) => {
            let class = match args.class {
                EvalClass::Match => Class::Match,
                EvalClass::Includes => Class::Includes,
            };
            openai_evals::import(&lines(&args.file)?, class, &golden(&args.to, &args.file)?)?
        }
        ImportFrom::BedrockPrompts(args) => {
            let catalog = place(&args.catalog)?;
            bedrock_prompts::import(&managed(args)?, &catalog)?
        }
    };
    write(repository.root(), &imported)?;
    tell(&imported)
}

/// The prompts of Prompt Management that are wanted, whole.
fn managed(args: &ImportBedrockPromptsArgs) -> anyhow::Result<Vec<Value>> {
    let runtime = tokio::runtime::Runtime::new().context("no runtime for the calls")?;
    let options = Options {
        region: args.region.clone(),
        attempt_timeout: Duration::from_secs(20),
        ..Options::default()
    };
    let connection =
        runtime.block_on(Connection::open(options)).map_err(|error| anyhow::anyhow!("{error}"))?;
    let service = PromptManagement::connect(&connection, runtime.handle());
    let listed = service.prompts()?;
    let is_wanted = |prompt: &&Listed| {
        args.prompts.is_empty() || args.prompts.iter().any(|name| *name == prompt.name || *name == prompt.id)
    };
    for name in &args.prompts {
        let is_there = listed.iter().any(|prompt| *name == prompt.name || *name == prompt.id);
        anyhow::ensure!(is_there, "Prompt Management in {} has no prompt `{name}`", connection.region());
    }
    anyhow::ensure!(!listed.is_empty(), "Prompt Management in {} has no prompts", connection.region());
    let mut found = Vec::new();
    for prompt in listed.iter().filter(is_wanted) {
        let whole = service.whole(&prompt.id)?;
        found.push(whole.with_context(|| format!("the prompt `{}` was deleted meanwhile", prompt.name))?);
    }
    Ok(found)
}

/// The file's name without its endings.
fn stem(file: &Path) -> &str {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("imported");
    name.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or("imported")
}

fn document(tree: &dyn Tree, path: &str) -> anyhow::Result<Document> {
    let bytes = tree.read(path)?.with_context(|| format!("`{path}` does not exist"))?;
    let format = Format::of_path(path).with_context(|| format!("`{path}` is neither YAML nor JSON"))?;
    Ok(parse(path, &bytes, format).map_err(Problems::from)?)
}

/// A file that a person names may lie anywhere.
fn lines(path: &Path) -> anyhow::Result<Source> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(read_text(&path.to_string_lossy(), &bytes).map_err(Problems::from)?)
}

fn write(root: &Path, imported: &Imported) -> anyhow::Result<()> {
    let directory = Root::open(root).with_context(|| format!("cannot write below `{}`", root.display()))?;
    for (path, _) in &imported.files {
        let exists = directory.holds(path).with_context(|| format!("cannot write `{path}`"))?;
        anyhow::ensure!(
            !exists,
            "`{path}` exists, and nothing was written; name another file with `--to` or `--catalog`"
        );
    }
    for (path, text) in &imported.files {
        let is_new =
            directory.create(path, text.as_bytes()).with_context(|| format!("cannot write `{path}`"))?;
        anyhow::ensure!(is_new, "`{path}` exists now; it was not replaced");
    }
    Ok(())
}

fn tell(imported: &Imported) -> anyhow::Result<u8> {
    output::write(&untrusted::terminal(&imported.said.join("\n")), None)?;
    let count = imported.left.iter().filter(|problem| Problem::is_error(problem)).count();
    if imported.left.is_empty() {
        return Ok(0);
    }
    let heading = match count {
        0 => "not needed here:".to_owned(),
        1 => "1 thing is left out:".to_owned(),
        _ => format!("{count} things are left out:"),
    };
    say(&untrusted::terminal(&format!("\n{heading}\n\n{}", listed(&imported.left))));
    Ok(if count == 0 { 0 } else { 1 })
}

/// All of them; of very many, alike ones once and the rest counted.
fn listed(left: &[Problem]) -> String {
    const ALL: usize = 200;
    if left.len() <= ALL {
        return left.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n\n");
    }
    let mut problems = Problems::new();
    left.iter().for_each(|problem| problems.push(problem.clone()));
    problems.to_string()
}
