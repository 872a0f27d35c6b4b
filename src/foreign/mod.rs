//! Files of other tools in the notation of this one: nodes in, nodes out, each at the place it was made of. Catalogs
//! and golden sets read the result, so that a mistake is shown in the file that the person wrote.

mod made;
mod places;
mod prompt_yml;
pub mod promptfoo;

use crate::document::{Datum, Key, Node, Source};
use crate::problem::{Problem, Problems};
use crate::tree::{MemoryTree, Tree};

/// The tool whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `.prompt.yml` of GitHub Models: one prompt with its data and evaluators.
    PromptYml,
    /// A configuration of promptfoo.
    Promptfoo,
}

impl Tool {
    /// The tool of a file, by its name or its keys; `None`: it is one of this tool's own.
    pub fn of(path: &str, root: &Node) -> Option<Self> {
        if prompt_yml::id(path).is_some() {
            return Some(Tool::PromptYml);
        }
        promptfoo::is_config(root).then_some(Tool::Promptfoo)
    }

    /// The tool of a file that cannot be read, by its name alone.
    pub fn of_name(path: &str) -> Option<Self> {
        prompt_yml::id(path).map(|_| Tool::PromptYml)
    }

    /// What to do about a file that looks like a tool's and has another name.
    pub fn misnamed(root: &Node) -> Option<(&'static str, &'static str)> {
        let is_conversation = |node: &Node| {
            let turns = items(Some(node));
            !turns.is_empty() && turns.iter().all(|turn| turn.entry("role").is_some())
        };
        root.entry("messages").filter(|(_, node)| is_conversation(node)).map(|_| {
            let message = "this is one prompt with its keys at the top, as in a .prompt.yml of GitHub Models";
            (
                message,
                "name the file NAME.prompt.yml, or write the prompt's name above: `name: {messages: …}`",
            )
        })
    }

    /// The prompts of a file, as entries of a catalog; files that it names are read from the tree.
    pub fn prompts(
        self,
        (source, root): (&Source, &Node),
        tree: &dyn Tree,
        problems: &mut Problems,
    ) -> Vec<(Key, Node)> {
        match self {
            Tool::PromptYml => prompt_yml::prompt(source, root, problems).into_iter().collect(),
            Tool::Promptfoo => {
                let mut reader = promptfoo::Reader::new(source, root, tree, false);
                let prompts = reader.prompts();
                if let Some((_, mark)) = reader.unread.first() {
                    let names: Vec<String> =
                        reader.unread.iter().map(|(name, _)| format!("`{name}`")).collect();
                    let message = format!("not needed here, and not read: {}", names.join(", "));
                    let help = "models, limits and reports are those of prompt-assay.yaml";
                    problems.push(source.warning(*mark, message).help(help));
                }
                refuse(reader.left, problems);
                prompts
            }
        }
    }

    /// Whether a file has cases of its own that can be scored.
    pub fn has_cases(self, root: &Node) -> bool {
        match self {
            Tool::PromptYml => prompt_yml::has_cases(root),
            Tool::Promptfoo => match root.entry("tests").map(|(_, tests)| &tests.datum) {
                Some(Datum::List(tests)) => !tests.is_empty(),
                tests => tests.is_some(),
            },
        }
    }

    /// The cases of a file, as parts of a golden set; `None` if its problems prevent that.
    pub fn cases(self, source: &Source, root: &Node, problems: &mut Problems) -> Option<Cases> {
        match self {
            Tool::PromptYml => prompt_yml::cases(source, root, problems),
            Tool::Promptfoo => {
                let nothing = MemoryTree::default();
                let mut reader = promptfoo::Reader::new(source, root, &nothing, false);
                let cases = reader.cases();
                refuse(reader.left, problems);
                cases
            }
        }
    }
}

/// In place nothing may be left out: a check that is not read could not fail.
fn refuse(left: Vec<Problem>, problems: &mut Problems) {
    left.into_iter().for_each(|problem| problems.push(problem));
}

/// What a golden set is made of.
#[derive(Debug, PartialEq)]
pub struct Cases {
    /// Its `defaults`.
    pub defaults: Node,
    /// Its cases.
    pub rows: Vec<Node>,
}

/// The items of a list, or nothing.
fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.datum) {
        Some(Datum::List(items)) => items,
        _ => &[],
    }
}
