//! `init` in repositories as people have them: from there to the first verdict in a few commands, each as typed.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The commands that a person was shown, each as it stands.
fn shown(said: &str) -> Vec<&str> {
    let commands = said.lines().filter_map(|line| line.strip_prefix("  prompt-assay "));
    commands.map(|command| command.split("    ").next().unwrap_or(command)).collect()
}

/// From the clone to a verdict: `init`, and then only commands that it shows, as typed in a shell.
fn first_verdict(files: &[(&str, &str)]) -> (Project, String, String) {
    let project = Project::new(files);
    let init = project.shell("prompt-assay init --yes --region eu-central-1");
    assert_eq!(init.status, 0, "{}", init.stderr);
    let next = shown(&init.stderr);
    let is_free = |command: &&&str| command.contains("--scripted") || command.starts_with("plan ");
    assert_eq!(next.iter().filter(is_free).count(), 2, "{}", init.stderr);
    let (mut typed, mut verdict) = (1, String::new());
    for command in next.iter().filter(is_free) {
        let ran = project.shell(&format!("prompt-assay {command}"));
        typed += 1;
        assert_eq!(ran.status, 0, "{command}: {}{}", ran.stdout, ran.stderr);
        if command.starts_with("eval ") {
            verdict = ran.stdout;
        }
    }
    assert!(typed <= 6, "{next:?}");
    let (_, verdict) = verdict.split_once("(provider scripted).\n\n").unwrap_or_else(|| panic!("{verdict}"));
    let again = project.run(&["init", "--yes", "--region", "eu-central-1"]);
    assert!(again.stderr.contains("nothing is missing"), "{}{}", again.stdout, again.stderr);
    (project, init.stderr, verdict.to_owned())
}

/// The rules that answer in place of a model, without what all files begin with.
fn rules(project: &Project) -> String {
    let text = read(project, ".prompt-assay/rules.yaml");
    let own = text.lines().filter(|line| !line.starts_with('#'));
    own.map(|line| format!("{line}\n")).collect()
}

const UTILS: &str = include_str!("samples/python/app/utils.py");

#[test]
fn prompts_in_python() {
    let (project, said, verdict) = first_verdict(&[("app/utils.py", UTILS), ("README.md", "# Shop\n")]);
    assert_snapshot!(said, @r#"
    app/utils.py:5 becomes the prompt `utils_system_prompt`; the application reads it with prompts.get("utils_system_prompt").render()
    app/utils.py:9 becomes the prompt `summary_prompt`; the application reads it with prompts.get("summary_prompt").render(language=language, ticket=ticket)
    app/utils.py:15 becomes the prompt `utils_prompt`; the application reads it with prompts.get("utils_prompt").render(len=len(ticket), ticket=ticket, user_name=user.name)
      its variable `len` is `len(ticket)` there
      its variable `ticket` is `ticket!r` there
      its variable `user_name` is `user.name` there
    `.github/workflows/prompt-assay.yml` takes the role in the repository's variable PROMPT_ASSAY_ROLE: docs/aws.md makes it

    8 files written for models in eu-central-1.
    next, free and without an account: rules in that file answer in place of a model
      prompt-assay eval --base none --scripted .prompt-assay/rules.yaml
    then put real inputs in place of the starter cases in golden/; with a model:
      prompt-assay plan --base none    what an evaluation would run and cost; calls no model
      prompt-assay eval --base none    evaluates every prompt by its floor; spends money on Bedrock
      prompt-assay doctor              says what a run on Bedrock still needs
    "#);
    assert_snapshot!(read(&project, "prompts.yaml"), @r#"
    # yaml-language-server: $schema=https://raw.githubusercontent.com/prompt-assay/prompt-assay/main/schemas/catalog.schema.json
    # Written by `prompt-assay init`: docs/configuration.md
    utils_system_prompt:
      description: from app/utils.py
      text: |-
        You are a support agent of the shop.
        Answer as JSON: {"intent": "...", "reply": "..."}.
    summary_prompt:
      description: from app/utils.py
      template: python
      user: "Summarize the ticket in {language}: {ticket}"
    utils_prompt:
      description: from app/utils.py
      template: python
      user: "Classify the ticket of {user_name} with {len} letters: {ticket}"
    "#);
    assert_snapshot!(read(&project, "prompt-assay.yaml"), @"
    # yaml-language-server: $schema=https://raw.githubusercontent.com/prompt-assay/prompt-assay/main/schemas/config.schema.json
    # Written by `prompt-assay init`. Everything else has a default: docs/configuration.md
    models: # as they are called from eu-central-1
      branch: eu.amazon.nova-lite-v1:0 # pull requests and laptops
      main: eu.amazon.nova-pro-v1:0 # merge queue, main and releases
      judge: eu.amazon.nova-pro-v1:0 # scores `judge` checks
    ");
    assert_snapshot!(read(&project, "golden/summary_prompt.yaml"), @r#"
    # yaml-language-server: $schema=https://raw.githubusercontent.com/prompt-assay/prompt-assay/main/schemas/golden.schema.json
    # Starter cases of summary_prompt: they show that an answer comes, and no more. Put real inputs in
    # their place, and say with `checks` what a good answer is: docs/checks.md
    cases:
      - id: example-1
        vars:
          language: "Replace this value (1)."
          ticket: "Replace this value (1)."
        checks:
          - length: {min_words: 1}
      - id: example-2
        vars:
          language: "Replace this value (2)."
          ticket: "Replace this value (2)."
        checks:
          - length: {min_words: 1}
    "#);
    assert_snapshot!(rules(&project), @r#"default: {text: "{\"answer\": \"yes\"}"}"#);
    assert_snapshot!(verdict, @"
    ✓ No break found in 3 prompts

       prompt               old     new
    ─  ───────────────────  ───  ──────  ───────────
    ✓  utils_system_prompt       2 of 2  new; passes
    ✓  summary_prompt            2 of 2  new; passes
    ✓  utils_prompt              2 of 2  new; passes

    What to do now: nothing; commit it.
    ");
}

const PROMPTS_TS: &str = include_str!("samples/typescript/src/prompts.ts");

#[test]
fn prompts_in_typescript() {
    let (project, said, verdict) = first_verdict(&[("src/prompts.ts", PROMPTS_TS)]);
    assert_snapshot!(said, @r#"
    src/prompts.ts:2 becomes the prompt `prompts_system_prompt`; the application reads it with (await prompts.get("prompts_system_prompt")).render({})
    src/prompts.ts:6 becomes the prompt `itinerary_prompt`; the application reads it with (await prompts.get("itinerary_prompt")).render({ city_toUpperCase: city.toUpperCase(), days: days, nested: `nested ${city}` })
      its variable `city_toUpperCase` is `city.toUpperCase()` there
      its variable `nested` is ``nested ${city}`` there
    src/prompts.ts:7 becomes the prompt `prompts_system`; the application reads it with (await prompts.get("prompts_system")).render({})
    `.github/workflows/prompt-assay.yml` takes the role in the repository's variable PROMPT_ASSAY_ROLE: docs/aws.md makes it

    8 files written for models in eu-central-1.
    next, free and without an account: rules in that file answer in place of a model
      prompt-assay eval --base none --scripted .prompt-assay/rules.yaml
    then put real inputs in place of the starter cases in golden/; with a model:
      prompt-assay plan --base none    what an evaluation would run and cost; calls no model
      prompt-assay eval --base none    evaluates every prompt by its floor; spends money on Bedrock
      prompt-assay doctor              says what a run on Bedrock still needs
    "#);
    assert_snapshot!(read(&project, "prompts.yaml"), @r#"
    # yaml-language-server: $schema=https://raw.githubusercontent.com/prompt-assay/prompt-assay/main/schemas/catalog.schema.json
    # Written by `prompt-assay init`: docs/configuration.md
    prompts_system_prompt: {description: from src/prompts.ts, text: "You are a travel agent. Don't invent prices."}
    itinerary_prompt:
      description: from src/prompts.ts
      user: "Write a plan for {{ days }} days in {{ city_toUpperCase }}. Use {{ nested }} well."
    prompts_system:
      description: from src/prompts.ts
      text: "You are brief and kind, and you answer in one short sentence."
    "#);
    assert_snapshot!(rules(&project), @r#"default: {text: "{{ input }}"}"#);
    assert_snapshot!(verdict, @"
    ✓ No break found in 3 prompts

       prompt                 old     new
    ─  ─────────────────────  ───  ──────  ───────────
    ✓  prompts_system_prompt       2 of 2  new; passes
    ✓  itinerary_prompt            2 of 2  new; passes
    ✓  prompts_system              2 of 2  new; passes

    What to do now: nothing; commit it.
    ");
}

const PROMPTFOO: &str = include_str!("samples/promptfoo/promptfooconfig.yaml");

#[test]
fn a_configuration_of_promptfoo() {
    let files = [
        ("promptfooconfig.yaml", PROMPTFOO),
        ("prompts/tweet.txt", include_str!("samples/promptfoo/prompts/tweet.txt")),
    ];
    let (project, said, verdict) = first_verdict(&files);
    assert_snapshot!(said, @"
    `promptfooconfig.yaml` of promptfoo is read in place
    `.github/workflows/prompt-assay.yml` takes the role in the repository's variable PROMPT_ASSAY_ROLE: docs/aws.md makes it

    4 files written for models in eu-central-1.
    next, free and without an account: rules in that file answer in place of a model
      prompt-assay eval --base none --scripted .prompt-assay/rules.yaml
    then, with a model:
      prompt-assay plan --base none    what an evaluation would run and cost; calls no model
      prompt-assay eval --base none    evaluates every prompt by its floor; spends money on Bedrock
      prompt-assay doctor              says what a run on Bedrock still needs
    ");
    assert_snapshot!(read(&project, "prompt-assay.yaml"), @"
    # yaml-language-server: $schema=https://raw.githubusercontent.com/prompt-assay/prompt-assay/main/schemas/config.schema.json
    # Written by `prompt-assay init`. Everything else has a default: docs/configuration.md
    catalogs: [promptfooconfig.yaml]
    models: # as they are called from eu-central-1
      branch: eu.amazon.nova-lite-v1:0 # pull requests and laptops
      main: eu.amazon.nova-pro-v1:0 # merge queue, main and releases
      judge: eu.amazon.nova-pro-v1:0 # scores `judge` checks
    ");
    assert_snapshot!(rules(&project), @r#"
    rules:
      - when: {tool: score}
        answers:
          - tool: {score: 1, reasoning: "By a rule, not by a judge."}
      - when: {input: Write a tweet about opening hours}
        text: "9 am opening hours"
      - when: {input: "Tweet about opening hours, in one line\\."}
        text: "9 am opening hours"
    default: {text: "{{ input }}"}
    "#);
    assert_snapshot!(verdict, @"
    ✓ No break found in 2 prompts

       prompt       old     new
    ─  ───────────  ───  ──────  ───────────
    ✓  promptfoo-1       3 of 3  new; passes
    ✓  tweet             3 of 3  new; passes

    What to do now: nothing; commit it.
    ");
}

const PROMPT_YML: &str = include_str!("samples/prompt_yml/.github/prompts/summarize.prompt.yml");

#[test]
fn files_of_github_models() {
    let (project, said, verdict) = first_verdict(&[(".github/prompts/summarize.prompt.yml", PROMPT_YML)]);
    assert_snapshot!(said, @"
    1 .prompt.yml file is read in place
    `.github/workflows/prompt-assay.yml` takes the role in the repository's variable PROMPT_ASSAY_ROLE: docs/aws.md makes it

    4 files written for models in eu-central-1.
    next, free and without an account: rules in that file answer in place of a model
      prompt-assay eval --base none --scripted .prompt-assay/rules.yaml
    then, with a model:
      prompt-assay plan --base none    what an evaluation would run and cost; calls no model
      prompt-assay eval --base none    evaluates every prompt by its floor; spends money on Bedrock
      prompt-assay doctor              says what a run on Bedrock still needs
    ");
    assert_snapshot!(read(&project, "prompt-assay.yaml"), @r#"
    # yaml-language-server: $schema=https://raw.githubusercontent.com/prompt-assay/prompt-assay/main/schemas/config.schema.json
    # Written by `prompt-assay init`. Everything else has a default: docs/configuration.md
    catalogs: ["**/*.prompt.yml"]
    models: # as they are called from eu-central-1
      branch: eu.amazon.nova-lite-v1:0 # pull requests and laptops
      main: eu.amazon.nova-pro-v1:0 # merge queue, main and releases
      judge: eu.amazon.nova-pro-v1:0 # scores `judge` checks
    "#);
    assert_snapshot!(rules(&project), @r#"
    rules:
      - when: {tool: score}
        answers:
          - tool: {score: 1, reasoning: "By a rule, not by a judge."}
      - when: {input: "Bananas are yellow\\."}
        text: Summary - yellow bananas
      - when: {input: "The quick brown fox jumped over the lazy dog\\."}
        text: Summary - A fox jumped over a lazy dog.
    default: {text: "{{ input }}"}
    "#);
    assert_snapshot!(verdict, @"
    ✓ `summarize` is new and passes 2 of 2 cases

      new  ████████████████████  2 of 2

    There is no old prompt to compare with; the mean score is 100.0 %, the minimum 80.0 %.

    What to do now: nothing; commit it.
    ");
}

#[test]
fn rules_tell_prompts_apart_and_name_the_cases_that_nothing_known_passes() {
    let project = Project::new(&[
        ("prompts.yaml", "loud: {text: Answer in capitals.}\nlow: {text: Answer in small letters.}\n"),
        (
            "golden/loud.yaml",
            "cases:\n  - {id: so, input: Is it so?, checks: [{equals: \"YES\"}]}\n  \
             - {id: template, input: Show the template, expected: \"{{ name }}\", checks: [{equals: {expected: true}}]}\n  \
             - {id: year, input: Which year?, checks: [{regex: '^\\d{4}$'}]}\n",
        ),
        ("golden/low.yaml", "cases: [{id: so, input: Is it so?, checks: [{equals: \"yes\"}]}]\n"),
    ]);
    let init = project.run(&["init", "--yes"]);
    assert_eq!(init.status, 0, "{}", init.stderr);
    let told = "# No answer is known that passes the case year of loud: write one.\n";
    assert!(read(&project, ".prompt-assay/rules.yaml").contains(told));
    assert_snapshot!(rules(&project), @r#"
    rules:
      - when: {system: "Answer in capitals\\.", input: "Is it so\\?"}
        text: "YES"
      - when: {input: Show the template}
        text: "{% raw %}{{ name }}{% endraw %}"
      - when: {system: "Answer in small letters\\.", input: "Is it so\\?"}
        text: "yes"
    default: {text: "{{ input }}"}
    "#);
    let verdict =
        project.run(&["eval", "--base", "none", "--scripted", ".prompt-assay/rules.yaml", "--verbose"]);
    assert!(verdict.stdout.contains("2 of 3") && verdict.stdout.contains("1 of 1"), "{}", verdict.stdout);
}

#[test]
fn rules_are_never_written_through_a_link_nor_read_from_a_commit() {
    let project = Project::new(&[("utils.py", UTILS)]);
    let elsewhere = project.root().join("../home");
    std::os::unix::fs::symlink(&elsewhere, project.root().join(".prompt-assay")).expect("a link");
    let init = project.run(&["init", "--yes"]);
    assert_eq!(init.status, 2, "{}", init.stderr);
    assert!(init.stderr.contains("`.prompt-assay` is a symbolic link"), "{}", init.stderr);
    assert_eq!(std::fs::read_dir(&elsewhere).expect("the home").count(), 0);
    let project =
        Project::new(&[("utils.py", UTILS), (".prompt-assay/rules.yaml", "default: {text: \"{}\"}\n")]);
    assert_eq!(project.run(&["init", "--yes"]).status, 0);
    let eval = project.run(&["eval", "--base", "none", "--scripted", ".prompt-assay/rules.yaml"]);
    assert!(eval.status == 2 && eval.stderr.contains("is a committed file"), "{}", eval.stderr);
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

/// Bytes that are no text stand for every file that is there and cannot be read.
#[test]
fn a_file_that_is_there_is_never_written_over() {
    let project = Project::new(&[("utils.py", UTILS)]);
    let bytes = b"\xff\xfe not text\n";
    for path in
        [".prompt-assay/rules.yaml", ".gitignore", "prompts.yaml", ".github/workflows/prompt-assay.yml"]
    {
        let place = project.root().join(path);
        std::fs::create_dir_all(place.parent().expect("a directory")).expect("made");
        std::fs::write(place, bytes).expect("written");
    }
    let kept = |path: &str| std::fs::read(project.root().join(path)).expect("a file") == bytes;
    let init = project.run(&["init", "--yes"]);
    assert!(init.stderr.contains("prompts.yaml"), "{}", init.stderr);
    assert!(kept("prompts.yaml") && kept(".gitignore") && !project.root().join("golden").exists());
    std::fs::remove_file(project.root().join("prompts.yaml")).expect("removed");
    let init = project.run(&["init", "--yes", "--region", "eu-central-1"]);
    assert_eq!(init.status, 0, "{}", init.stderr);
    assert!(
        kept(".prompt-assay/rules.yaml") && kept(".gitignore") && kept(".github/workflows/prompt-assay.yml")
    );
    let (_, told) =
        init.stderr.split_once("is `user.name` there\n").unwrap_or_else(|| panic!("{}", init.stderr));
    assert_snapshot!(told, @"
    `.github/workflows/prompt-assay.yml` is not UTF-8 text: it stays as it is; move it away and run this again for a new one
    `.gitignore` is not UTF-8 text: add the line `.prompt-assay/` to it yourself
    `.prompt-assay/rules.yaml` is not UTF-8 text: it stays as it is; move it away and run this again for a new one

    5 files written for models in eu-central-1.
    then put real inputs in place of the starter cases in golden/; with a model:
      prompt-assay plan --base none    what an evaluation would run and cost; calls no model
      prompt-assay eval --base none    evaluates every prompt by its floor; spends money on Bedrock
      prompt-assay doctor              says what a run on Bedrock still needs
    ");
}

#[test]
fn a_committed_store_is_named_before_an_evaluation_refuses_it() {
    let rules = (".prompt-assay/rules.yaml", "default: {text: \"{\\\"intent\\\": 1}\"}\n");
    let project = Project::new(&[("utils.py", UTILS), rules]);
    let init = project.run(&["init", "--yes"]);
    assert_eq!(init.status, 0, "{}", init.stderr);
    let (_, next) = init.stderr.split_once("first ").unwrap_or_else(|| panic!("{}", init.stderr));
    assert_snapshot!(next.lines().take(4).collect::<Vec<_>>().join("\n"), @"
    take `.prompt-assay/rules.yaml` out of Git and commit that; an evaluation refuses it, because whoever commits it chooses the answers
      git rm -r --cached -- .prompt-assay/rules.yaml
    next, free and without an account: rules in that file answer in place of a model
      prompt-assay eval --base none --scripted .prompt-assay/rules.yaml
    ");
    let eval = ["eval", "--base", "none", "--scripted", ".prompt-assay/rules.yaml"];
    assert_eq!(project.run(&eval).status, 2);
    let taken_out = project.shell("git rm -r --cached -q -- .prompt-assay/rules.yaml");
    assert_eq!(taken_out.status, 0, "{}", taken_out.stderr);
    let verdict = project.run(&eval);
    assert_eq!(verdict.status, 0, "{}{}", verdict.stdout, verdict.stderr);
}

#[test]
fn where_one_place_is_refused_nothing_is_written() {
    let project = Project::new(&[("utils.py", UTILS)]);
    std::os::unix::fs::symlink("nowhere", project.root().join("prompts.yaml")).expect("a link");
    let init = project.run(&["init", "--yes"]);
    assert_eq!(init.status, 2, "{}", init.stderr);
    assert!(init.stderr.contains("`prompts.yaml` is a symbolic link"), "{}", init.stderr);
    for path in ["golden", "prompt-assay.yaml", ".gitignore", ".github", ".prompt-assay"] {
        assert!(!project.root().join(path).exists(), "{path}");
    }
}

/// More lines before the input than are tried, one line that is longer than a condition, and more cases than are looked at.
#[test]
fn rules_are_found_behind_a_long_template_and_say_how_many_cases_they_leave_out() {
    let lines: String = (1..=50).map(|line| format!("    Rule number {line} of the house.\n")).collect();
    let long = "Answer the question of a customer as our shop does, kindly, at once, and with one word only";
    let case = |number: usize| {
        format!(
            "  - {{id: c{number}, vars: {{q: \"question {number} of a customer\"}}, checks: [{{equals: \"answer {number}\"}}]}}\n"
        )
    };
    let cases: String = (1..=203).map(case).collect();
    let project = Project::new(&[
        (
            "prompts.yaml",
            &format!("long: {{user: \"{long}: {{{{ q }}}}\"}}\nmany:\n  user: |\n{lines}    {{{{ q }}}}\n"),
        ),
        ("golden/long.yaml", &format!("cases:\n{}", case(1) + &case(2))),
        ("golden/many.yaml", &format!("cases:\n{cases}")),
    ]);
    let init = project.run(&["init", "--yes"]);
    assert_eq!(init.status, 0, "{}", init.stderr);
    let written = read(&project, ".prompt-assay/rules.yaml");
    let comments: Vec<&str> = written.lines().filter(|line| line.starts_with('#')).skip(3).collect();
    assert_eq!(comments, ["# 5 more cases were not looked at: these rules are made for the first 200."]);
    assert!(
        written.contains("\"one word only: question 2 of a customer") && written.contains("question 150 of"),
        "{written}"
    );
}
