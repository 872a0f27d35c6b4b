//! Every rule, with files in which it finds something and files in which it finds nothing.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use prompt_assay::lint::RULES;

use super::{of_rule, with};

/// What a rule finds in the sound project with `bad` files; with `good` ones in their place it finds nothing.
fn shown(rule: &str, bad: &[(&str, &str)], good: &[(&str, &str)]) -> String {
    let found = |files| of_rule(&with(files).run(&["lint", "--format", "json"]), rule);
    assert_eq!(found(good), "", "nothing to find");
    let shown = found(bad);
    assert_ne!(shown, "", "something to find");
    shown
}

const PROMPTS: &str = "greet:\n  text: |\n    Greet {{ name }} warmly.\n  user: \"{{ input }}\"\n";

#[test]
fn a_sound_project_has_no_finding() {
    let ran = with(&[]).run(&["lint", "--strict"]);
    assert_snapshot!(format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr), @"
    exit status 0
    nothing found
    ");
}

#[test]
fn every_rule_is_shown_here() {
    let text = include_str!("rules.rs");
    let shown: BTreeSet<&str> =
        RULES.iter().map(|rule| rule.name).filter(|name| text.contains(&format!("\"{name}\""))).collect();
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(shown, all);
}

#[test]
fn what_the_readers_refuse() {
    let bad = [("prompts.yaml", "greet:\n  txt: Hello\n"), ("prompt-assay.yaml", "modles: {}\n")];
    assert_snapshot!(shown("invalid-file", &bad, &[]), @"
    error prompt-assay.yaml:1: unknown key `modles` in the configuration
      did you mean `models`?
    error prompts.yaml:2: the prompt `greet` has no text
      give it `text`, `file`, `system`, `user` or `messages`; what is no prompt has a name that begins with `x-`
    error prompts.yaml:2: unknown key `txt` in a prompt
      did you mean `text`?
    ");
}

#[test]
fn what_is_hardly_meant() {
    let cut = [(
        "prompts.yaml",
        "greet:\n  text: Greet {{ name }} as guest #1 of the day\n  user: \"{{ input }}\"\n",
    )];
    assert_snapshot!(shown("likely-mistake", &cut, &[("prompts.yaml", PROMPTS)]), @"
    warning prompts.yaml:2: `text` ends before `#1`: in YAML a comment begins there
      put the whole text in quotes; if it is a comment, write a space after `#`
    ");
}

#[test]
fn variables_that_are_not_given_and_those_that_are_not_used() {
    let set = |case: &str| format!("cases:\n  - {{id: a, input: Hi, {case}, checks: [{{contains: Ada}}]}}\n");
    let given = set("vars: {name: Ada}");
    let good = [("golden/greet.yaml", given.as_str())];
    let misspelt = set("vars: {nam: Ada}");
    let bad = [("golden/greet.yaml", misspelt.as_str())];
    assert_snapshot!(shown("unbound-variable", &bad, &good), @"
    error golden/greet.yaml:2: the case `a` of `greet`: the variable `name` has no value
      give it under `vars:`; it is used in `prompts.yaml`, line 3
    ");
    assert_snapshot!(shown("unused-variable", &bad, &good), @"
    warning golden/greet.yaml:2: the variable `nam` (1 case) is not used by the prompt `greet`
      remove it, or use it in the prompt's text
    ");
}

#[test]
fn input_that_never_reaches_the_model() {
    let bad = [("prompts.yaml", "greet:\n  text: Greet {{ name }}.\n  user: Hello!\n")];
    assert_snapshot!(shown("unsent-input", &bad, &[]), @"
    error prompts.yaml:3: the `input` of 30 cases of `greet` is never sent: the prompt's user message does not use it
      write `{{ input }}` where it belongs; or remove the user message, and the input is sent as it; or set `input: none` on the prompt if its cases are meant to ask the same
    ");
}

#[test]
fn placeholders_of_another_language() {
    let python = format!("{PROMPTS}reply: 'Answer {{question}} as {{{{\"intent\": \"...\"}}}}.'\n");
    let escaped = format!("{PROMPTS}reply: 'Answer as {{{{\"intent\": \"...\"}}}}.'\n");
    let single = format!("{PROMPTS}reply: |\n  Read the question.\n  Answer {{question}} politely.\n");
    let good = format!(
        "{PROMPTS}reply: {{template: python, text: 'Answer {{question}} as {{{{\"intent\": \"...\"}}}}.'}}\n"
    );
    let good = [("prompts.yaml", good.as_str())];
    assert_snapshot!(shown("other-syntax", &[("prompts.yaml", python.as_str())], &good), @"
    error prompts.yaml:5: the prompt `reply`: unexpected `:`, expected end of variable block
      for Python's `{question}`, set `template: python`
    ");
    assert_snapshot!(shown("other-syntax", &[("prompts.yaml", escaped.as_str())], &good), @"
    error prompts.yaml:5: the prompt `reply`: unexpected `:`, expected end of variable block
      copied from Python? set `template: python`, which sends `{{` as one brace; or set `template: none` to send both as they stand
    ");
    assert_snapshot!(shown("other-syntax", &[("prompts.yaml", single.as_str())], &good), @"
    warning prompts.yaml:7: `{question}` in the prompt `reply` is sent as it stands
      if it is to be filled in, write `{{ question }}`, or set `template: python` for single braces; else set `template: none`
    ");
}

#[test]
fn golden_sets_without_a_prompt() {
    let stray = "cases: [{id: a, input: Hi, checks: [{contains: Ada}]}]\n";
    assert_snapshot!(shown("stray-golden-set", &[("golden/gret.yaml", stray)], &[("golden/gret.json", "{}")]), @"
    warning golden/gret.yaml:null: the golden set `golden/gret.yaml` belongs to no prompt: its cases are not run
      give it its prompt's name, name it under the prompt's `golden`, or remove it
    ");
}

#[test]
fn catalogs_that_do_not_exist() {
    let named =
        |catalogs: &str| format!("catalogs: [{catalogs}]\nmodels: {{branch: amazon.nova-lite-v1:0}}\n");
    let (bad, good) = (named("prompts.yaml, more.yaml, 'apps/*.yaml'"), named("prompts.yaml"));
    let shown = shown("missing-catalog", &[("prompt-assay.yaml", &bad)], &[("prompt-assay.yaml", &good)]);
    assert_snapshot!(shown, @"
    error prompt-assay.yaml:null: `catalogs` names `more.yaml`, which does not exist
      commit the file (`git add`), correct its name, or take it out of `catalogs`
    warning prompt-assay.yaml:null: `catalogs` names `apps/*.yaml`, which no file matches
      correct the pattern, or take it out of `catalogs`
    ");
}

const MAIN: &str = "on: push\njobs:\n  a:\n    steps:\n      - uses: prompt-assay/prompt-assay@v1\n";

#[test]
fn models_that_will_be_missing() {
    let branch_only = ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n");
    let workflow = (".github/workflows/prompts.yml", MAIN);
    assert_snapshot!(shown("missing-model", &[branch_only, workflow], &[branch_only]), @"
    error prompts.yaml:1: no model for the prompt `greet` in the tier `main`, on which the workflow `.github/workflows/prompts.yml` evaluates
      add `main: MODEL_ID` under `models:` in prompt-assay.yaml
    ");
    assert_snapshot!(shown("missing-model", &[("prompt-assay.yaml", "models: {main: amazon.nova-pro-v1:0}\n")], &[workflow]), @"
    error prompts.yaml:1: no model for the prompt `greet` in the tier `branch`
      set `models: {branch: MODEL_ID}` in prompt-assay.yaml, or pass `--model MODEL_ID`
    ");
    let judged = "cases:\n  - {id: a, input: Hi, vars: {name: Ada}, checks: [{judge: Is it warm?}]}\n";
    let judge = "models: {branch: amazon.nova-lite-v1:0, judge: amazon.nova-pro-v1:0}\n";
    let bad = [branch_only, ("golden/greet.yaml", judged)];
    let good = [("prompt-assay.yaml", judge), ("golden/greet.yaml", judged)];
    assert_snapshot!(shown("missing-model", &bad, &good), @"
    error golden/greet.yaml:2: the case `a` has a judge check, but no judge model is named
      set `models: {judge: MODEL_ID}` in prompt-assay.yaml
    ");
}

#[test]
fn models_without_a_price_under_a_cap() {
    let bad = ("prompt-assay.yaml", "models: {branch: our.own-model}\nbudget: {max_cost: 2}\n");
    let uncapped = ("prompt-assay.yaml", "models: {branch: our.own-model}\n");
    let priced = (
        "prompt-assay.yaml",
        "models: {branch: our.own-model}\nbudget: {max_cost: 2}\nprices: {our.own-model: {input: 1, output: 2}}\n",
    );
    assert_snapshot!(shown("missing-price", &[bad], &[uncapped]), @r#"
    error prompt-assay.yaml:null: the model `our.own-model` has no known price, so that `max_cost: 2` cannot be kept
      write its price in US dollars per million tokens: prices: {"our.own-model": {input: …, output: …}}
    "#);
    shown("missing-price", &[bad], &[priced]);
    // A check asks a model, too.
    let capped = ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\nbudget: {max_cost: 2}\n");
    let asks = |model| {
        format!(
            "cases:\n  - {{id: a, input: Hi, vars: {{name: Ada}}, expected: Hello, checks: [{{semantic: {{model: \
             \"{model}\", threshold: 0.7}}}}]}}\n"
        )
    };
    let (unknown, known) = (asks("our.embed-v1"), asks("amazon.titan-embed-text-v2:0"));
    let found = shown(
        "missing-price",
        &[capped, ("golden/greet.yaml", &unknown)],
        &[capped, ("golden/greet.yaml", &known)],
    );
    assert!(found.contains("the model `our.embed-v1` has no known price"), "{found}");
}

#[test]
fn prompts_without_cases() {
    let two = format!("{PROMPTS}other: Say hello.\n");
    let bad = [("prompts.yaml", two.as_str())];
    assert_snapshot!(shown("missing-golden-set", &bad, &[]), @"
    warning prompts.yaml:5: the prompt `other` has no golden set: a change to it passes unseen, and it is never released
      write cases in golden/other.yaml (docs/golden-sets.md)
    ");
    let strict = "models: {branch: amazon.nova-lite-v1:0}\ngate: {uncovered: fail}\n";
    let bad = [("prompts.yaml", two.as_str()), ("prompt-assay.yaml", strict)];
    assert_snapshot!(shown("missing-golden-set", &bad, &[]), @"
    error prompts.yaml:5: the prompt `other` has no golden set: a change to it fails, and it is never released
      write cases in golden/other.yaml (docs/golden-sets.md)
    ");
}

#[test]
fn golden_sets_that_are_too_small() {
    let set = |cases: usize| {
        let case = |n| {
            format!(
                "  - {{id: a{n}, input: \"{n}\", vars: {{name: Ada}}, checks: [{{contains: \"{n}\"}}]}}\n"
            )
        };
        format!("cases:\n{}", (0..cases).map(case).collect::<String>())
    };
    let (three, twenty, thirty) = (set(3), set(25), set(30));
    let good = [("golden/greet.yaml", thirty.as_str())];
    assert_snapshot!(shown("small-golden-set", &[("golden/greet.yaml", three.as_str())], &good), @"
    warning golden/greet.yaml:null: the golden set of `greet` has 3 cases: its floor 0.8 (that of a new prompt) fails it only if 1 or fewer pass; a drop of the pass rate is mostly seen only if it is larger than 16 percentage points
      add real inputs until it has 30 cases or more, 100 if small drops matter (docs/golden-sets.md)
    ");
    assert_snapshot!(shown("small-golden-set", &[("golden/greet.yaml", twenty.as_str())], &good), @"
    note golden/greet.yaml:null: the golden set of `greet` has 25 cases: its floor 0.8 (that of a new prompt) fails it only if 16 or fewer pass; a drop of the pass rate is mostly seen only if it is larger than 16 percentage points
      add real inputs until it has 30 cases or more, 100 if small drops matter (docs/golden-sets.md)
    ");
}

#[test]
fn cases_that_nonsense_passes() {
    let set = |checks: &[&str]| {
        let case = |(n, checks): (usize, &&str)| {
            format!(
                "  - {{id: a{n}, input: Hi {n}, vars: {{name: Ada}}, expected: Hello Ada, checks: [{checks}]}}\n"
            )
        };
        format!("cases:\n{}", checks.iter().enumerate().map(case).collect::<String>())
    };
    let bad = set(&["{length: {max_words: 50}}", "{json: true}", "{regex: '.*'}, {latency: {max_ms: 100}}"]);
    let good = set(&[
        "{contains: Ada}",
        "{not: {contains: Bob}}",
        "{json_keys: [reply]}",
        "{similarity: 0.9}",
        "{length: {max_words: 50}}, {starts_with: Hello}",
        "{judge: Is it warm?}",
    ]);
    assert_snapshot!(shown("weak-checks", &[("golden/greet.yaml", &bad)], &[("golden/greet.yaml", &good)]), @"
    warning golden/greet.yaml:2 and [3,4]: nonsense such as `Qwx zvq.` passes all checks of the case `a0` of `greet` and those of 2 more cases: it asks for length at most 50 words
      add a check of what a good answer says: `contains`, `json_keys`, `json_path`, `number`, or a `judge` (docs/checks.md)
    ");
}

#[test]
fn cases_that_ask_the_same() {
    let set = |cases: &[(&str, &str)]| {
        let case = |(n, (input, wanted)): (usize, &(&str, &str))| {
            format!(
                "  - {{id: a{n}, input: \"{input}\", vars: {{name: Ada}}, checks: [{{contains: {wanted}}}]}}\n"
            )
        };
        format!("cases:\n{}", cases.iter().enumerate().map(case).collect::<String>())
    };
    let bad = set(&[
        ("Where is my order 1234?", "day"),
        ("I want my money back", "refund"),
        ("Where is my order 5678?", "day"),
        ("where is  my order 9012", "day"),
    ]);
    let good = set(&[
        ("Where is my order 1234?", "day"),
        ("I want my money back", "day"),
        ("Where is my order 5678?", "unknown"),
    ]);
    assert_snapshot!(shown("near-duplicates", &[("golden/greet.yaml", &bad)], &[("golden/greet.yaml", &good)]), @"
    note golden/greet.yaml:2 and [4,5]: the cases `a0`, `a2`, `a3` of `greet` ask nearly the same and demand the same: 3 cases that test one thing
      keep one of them, or let each ask something else; the statistics take them for independent
    ");
}

#[test]
fn prompts_that_fit_no_parameter() {
    let config = |environment: &str| {
        format!(
            "models: {{branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}}\nrelease: {{environments: {{prod: {{ssm: \
             \"/prod/llm/{{name}}\"{environment}}}}}}}\n"
        )
    };
    let long = |words: usize| {
        format!("greet:\n  text: |\n    {} {{{{ name }}}} {{{{ input }}}}\n", "word ".repeat(words).trim())
    };
    let (plain, advanced) = (config(", advanced: false"), config(""));
    let (medium, large) = (long(1_000), long(2_000));
    let bad = [("prompts.yaml", medium.as_str()), ("prompt-assay.yaml", plain.as_str())];
    let good = [("prompts.yaml", medium.as_str()), ("prompt-assay.yaml", advanced.as_str())];
    assert_snapshot!(shown("oversized-prompt", &bad, &good), @"
    error prompts.yaml:1: the prompt `greet` has 5,154 bytes as it is released to `prod`, and a parameter holds 4,096 bytes
      set `advanced: true` in the environment, which holds 8,192 bytes; or give the environment a bucket for long prompts: s3: {bucket: NAME}
    ");
    let bucket = config(", s3: {bucket: our-prompts}");
    let bad = [("prompts.yaml", large.as_str()), ("prompt-assay.yaml", advanced.as_str())];
    let good = [("prompts.yaml", large.as_str()), ("prompt-assay.yaml", bucket.as_str())];
    assert_snapshot!(shown("oversized-prompt", &bad, &good), @"
    error prompts.yaml:1: the prompt `greet` has 10,154 bytes as it is released to `prod`, and a parameter holds 8,192 bytes
      give the environment a bucket for long prompts: s3: {bucket: NAME}
    ");
}

#[test]
fn prompts_left_in_code() {
    let code = "SYSTEM_PROMPT = \"You are the support agent of a shop. Answer in one sentence.\"\n\nGREETING_PROMPT = \"Greet the guest of the house warmly.\"\n";
    let two = format!("{PROMPTS}greeting: Greet the guest of the house warmly.\n");
    let bad = [("app/agent.py", code), ("prompts.yaml", two.as_str())];
    let good = [("app/agent.py", "NAME = \"shop\"\n"), ("tests/test_agent.py", code)];
    assert_snapshot!(shown("hardcoded-prompt", &bad, &good), @"
    note app/agent.py:1: this text looks like a prompt, and no catalog has it: changes to it are not evaluated
      `prompt-assay init` proposes a catalog with it
    note app/agent.py:3: the prompt `greeting` of the catalog is written in the code, too: a change here is not evaluated
      let the application read it from the catalog or from its store (docs/runtime.md), and remove it here
    ");
}

#[test]
fn a_store_that_git_would_take() {
    assert_snapshot!(shown("store-not-ignored", &[(".gitignore", "*.log\n")], &[(".gitignore", "/.prompt-assay\n")]), @"
    note .gitignore:null: `.gitignore` does not name the store, `.prompt-assay/`
      add the line `.prompt-assay/`; `prompt-assay lint --fix` does it
    ");
}

#[test]
fn cases_that_turned_with_every_edit() {
    let prompt = |n: usize| {
        format!("greet:\n  text: Greet {{{{ name }}}}, version {n}.\n  user: \"{{{{ input }}}}\"\n")
    };
    let rooms: String = (1..=30).map(|n| format!("room {n}, ")).collect();
    let rules = format!(
        "rules:\n  - {{when: {{system: 'version [135].', input: 'Guest 7 '}}, text: The house is full.}}\ndefault: {{text: \"{rooms}\"}}\n"
    );
    let config = "models: {branch: amazon.nova-lite-v1:0}\nprovider: {scripted: rules.yaml}\n";
    let project =
        with(&[("prompts.yaml", &prompt(0)), ("prompt-assay.yaml", config), ("rules.yaml", &rules)]);
    let found = || of_rule(&project.run(&["lint", "--format", "json"]), "marginal-case");
    assert_eq!(found(), "");
    assert!(!project.root().join(".prompt-assay").exists(), "no store was made");
    for n in 1..=6 {
        project.write("prompts.yaml", prompt(n));
        project.run(&["eval", "--base", "HEAD"]);
        project.commit("edit");
    }
    assert_snapshot!(found(), @"
    note golden/greet.yaml:8: the case `guest-07` of `greet` passed 3 of 6 times, and turned with edits that need not concern it
      say in its checks what a good answer is, or in the prompt what is wanted; alone it never blocks (docs/statistics.md)
    ");
}
