//! `init` in repositories as people have them: from there to the first verdict in a few commands, each as typed.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a model would say, for all that follow.
const RULES: &str = "default: {text: '{\"intent\": \"refund\", \"reply\": \"Summary - done, bananas\"}'}\n";

/// The commands after the clone, and what each says: `init`, the rules of the scripted model, the verdict.
fn first_verdict(files: &[(&str, &str)]) -> (Project, String, String) {
    let project = Project::new(files);
    let init = project.run(&["init", "--yes", "--region", "eu-central-1"]);
    assert_eq!(init.status, 0, "{}", init.stderr);
    project.write("rules.yaml", RULES);
    let eval = project.run(&["eval", "--base", "none", "--scripted", "rules.yaml", "--quiet"]);
    let again = project.run(&["init", "--yes", "--region", "eu-central-1"]);
    assert!(again.stderr.contains("nothing is missing"), "{}{}", again.stdout, again.stderr);
    (project, init.stderr, format!("exit status {}\n{}{}", eval.status, eval.stdout, eval.stderr))
}

const UTILS: &str = r#""""Helpers of the service. You are reading a docstring, which is not a prompt for anybody at all."""
import textwrap

# SYSTEM_PROMPT = "You are a comment, and comments are not read as prompts of any kind."
SYSTEM_PROMPT = """You are a support agent of the shop.
Answer as JSON: {"intent": "...", "reply": "..."}."""

SUMMARY_PROMPT = (
    "Summarize the ticket in {language}: "
    "{ticket}"
)


def ask(user, ticket):
    prompt = f"Classify the ticket of {user.name} with {len(ticket)} letters: {ticket!r}"
    return call(prompt, "SELECT * FROM prompts WHERE a = 1")
"#;

#[test]
fn prompts_in_python() {
    let (project, said, verdict) = first_verdict(&[("app/utils.py", UTILS), ("README.md", "# Shop\n")]);
    assert_snapshot!(said, @"");
    assert_snapshot!(read(&project, "prompts.yaml"), @"");
    assert_snapshot!(read(&project, "prompt-assay.yaml"), @"");
    assert_snapshot!(read(&project, "golden/summary_prompt.yaml"), @"");
    assert!(verdict.starts_with("exit status 0\n") && verdict.contains("OK"), "{verdict}");
}

const PROMPTS_TS: &str = r#"// You are in a comment about prompts; nothing here is read.
export const SYSTEM_PROMPT: string = 'You are a travel agent. Don\'t invent prices.';
const matches = /["'`]You are not a string/.test(input);

export function itinerary(city: string, days: number) {
  const itineraryPrompt = `Write a plan for ${days} days in ${city.toUpperCase()}. Use ${`nested ${city}`} well.`;
  return chat({ system: `You are brief and kind, and you answer in one short sentence.`, user: itineraryPrompt });
}
"#;

#[test]
fn prompts_in_typescript() {
    let (project, said, verdict) = first_verdict(&[("src/prompts.ts", PROMPTS_TS)]);
    assert_snapshot!(said, @"");
    assert_snapshot!(read(&project, "prompts.yaml"), @"");
    assert!(verdict.starts_with("exit status 0\n") && verdict.contains("OK"), "{verdict}");
}

const PROMPTFOO: &str = "description: Tweets
prompts: [\"Write a tweet about {{topic}}\", file://prompts/tweet.txt]
providers: [openai:gpt-4o-mini]
defaultTest: {assert: [{type: icontains, value: \"{{topic}}\"}]}
tests:
  - vars: {topic: bananas}
  - vars: {topic: refund}
";

#[test]
fn a_configuration_of_promptfoo() {
    let files =
        [("promptfooconfig.yaml", PROMPTFOO), ("prompts/tweet.txt", "Tweet about {{topic}}, in one line.\n")];
    let (project, said, verdict) = first_verdict(&files);
    assert_snapshot!(said, @"");
    assert_snapshot!(read(&project, "prompt-assay.yaml"), @"");
    assert!(verdict.starts_with("exit status 0\n") && verdict.contains("OK"), "{verdict}");
}

const PROMPT_YML: &str = "name: Summarizer
model: openai/gpt-4o-mini
messages:
  - {role: system, content: Summarize.}
  - {role: user, content: \"{{input}}\"}
testData:
  - {input: Bananas are yellow., expected: bananas}
evaluators:
  - {name: Mentions it, string: {contains: \"{{expected}}\"}}
";

#[test]
fn files_of_github_models() {
    let (project, said, verdict) = first_verdict(&[(".github/prompts/summarize.prompt.yml", PROMPT_YML)]);
    assert_snapshot!(said, @"");
    assert_snapshot!(read(&project, "prompt-assay.yaml"), @"");
    assert!(verdict.starts_with("exit status 0\n") && verdict.contains("OK"), "{verdict}");
}

#[test]
fn without_a_person_to_ask_nothing_is_written() {
    let project = Project::new(&[("utils.py", UTILS)]);
    let ran = project.run(&["init"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("pass `--yes`") && ran.stdout.contains("+++ prompts.yaml"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert!(!project.root().join("prompts.yaml").exists());
}

#[test]
fn a_second_run_adds_only_what_is_new() {
    let project = Project::new(&[("utils.py", UTILS)]);
    project.run(&["init", "--yes"]);
    let catalog = read(&project, "prompts.yaml");
    project.write("more.py", "GREETING_PROMPT = \"Greet the customer by the name {name}, warmly.\"\n");
    project.edit("utils.py", "You are a support agent", "You are the support agent");
    let again = project.run(&["init", "--yes"]);
    assert!(read(&project, "prompts.yaml").starts_with(&catalog), "{}", again.stdout);
    assert!(read(&project, "prompts.yaml").contains("greeting_prompt:"), "{}", again.stdout);
    assert!(
        again.stderr.contains("utils.py:5 differs from the prompt `utils_system_prompt`"),
        "{}",
        again.stderr
    );
    assert!(
        !again.stdout.contains("prompt-assay.yml") && !again.stdout.contains(".gitignore"),
        "{}",
        again.stdout
    );
}
