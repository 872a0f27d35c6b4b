//! Catalogs in the shapes that people have: nested, wrapped, listed, with anchors and other people's braces.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

/// Every prompt of a new catalog, with the text that is sent or rendered.
fn read_as(path: &str, text: &str) -> String {
    let project = Project::new(&[("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n")]);
    project.write(path, text);
    project.git(&["add", "--all"]);
    let ran = project.run(&["plan", "--base", "none", "--format", "json"]);
    if ran.status != 0 {
        return ran.told();
    }
    let plan = ran.json();
    let prompts = plan["prompts"].as_array().expect("prompts").iter().map(|prompt| {
        let lines = prompt["diff"].as_array().expect("a diff").iter();
        let texts: String =
            lines.map(|line| format!("    {}\n", line["added"].as_str().expect("new"))).collect();
        format!("{} (line {})\n{texts}", prompt["id"].as_str().expect("an id"), prompt["line"])
    });
    let warnings =
        plan["warnings"].as_array().expect("a list").iter().map(|said| said.as_str().expect("a text"));
    let warnings: String = warnings.map(|said| format!("{said}\n")).collect();
    format!("{warnings}{}", prompts.collect::<String>())
}

macro_rules! read_from {
    ($name:literal) => {{
        let text = include_str!(concat!("catalogs/", $name));
        read_as(if $name.ends_with(".json") { "prompts.json" } else { "prompts.yaml" }, text)
    }};
}

#[test]
fn one_text_for_each_name() {
    assert_snapshot!(read_from!("01-flat.yaml"), @r"
    greeting (line 2)
        Greet {{ name }} warmly.
    farewell (line 3)
        Say goodbye to {{ name }}.
        
        Keep it short.
    ");
}

#[test]
fn two_levels_and_a_version() {
    assert_snapshot!(read_from!("02-levels.yaml"), @r"
    support.refund (line 3)
        Decide whether {{ customer }} gets a refund.
    support.shipping (line 4)
        Say where the parcel of {{ customer }} is.
    sales.upsell (line 7)
        Suggest one more thing.
    ");
}

#[test]
fn three_levels() {
    assert_snapshot!(read_from!("03-three-levels.yaml"), @r"
    agents.research.planner (line 3)
        You plan the research on {{ topic }}.
    agents.research.writer (line 5)
        [system]
        You write about {{ topic }}.
        [user]
        {{ notes }}
    agents.review.critic (line 9)
        Be strict, and name the line.
    ");
}

#[test]
fn a_wrapper_with_notes_beside_it() {
    assert_snapshot!(read_from!("04-wrapped.yaml"), @r"
    classify (line 4)
        [system]
        Classify the ticket. Answer with one word.
        [user]
        {{ input }}
    summarize (line 10)
        Summarize: {{ input }}
    ");
}

#[test]
fn a_list_in_a_wrapper() {
    assert_snapshot!(read_from!("05-wrapped-list.yaml"), @r"
    extract_entities (line 4)
        [system]
        Extract people and places.
        [user]
        {{ document }}
    detect_language (line 7)
        Which language is this?
    ");
}

#[test]
fn a_list() {
    assert_snapshot!(read_from!("06-list.yaml"), @r"
    tone (line 1)
        Rewrite it in our tone of voice.
    length (line 4)
        Make it shorter.
    ");
}

#[test]
fn a_list_in_a_level() {
    assert_snapshot!(read_from!("07-list-in-level.yaml"), @r"
    legal.summary (line 2)
        Summarize the contract.
    legal.risks (line 4)
        List the risks.
    ");
}

#[test]
fn anchors_stand_under_x() {
    assert_snapshot!(read_from!("08-anchors.yaml"), @r"
    help (line 6)
        [system]
        You are friendly and brief.
        [user]
        {{ question }}
    news (line 10)
        Write the news of the week.
    ");
}

#[test]
fn latex() {
    assert_snapshot!(read_from!("09-latex.yaml"), @r"
    math.solve (line 2)
        Solve {problem}. Write fractions as \frac{a}{b} and sums as \sum_{i=1}^{n} x_i.
        Put the result into \boxed{}.
    math.check (line 7)
        Is \int_{0}^{1} x^2 \, dx = \frac{1}{3}?
    ");
}

#[test]
fn json_in_braces() {
    assert_snapshot!(read_from!("10-json-braces.yaml"), @r#"
    intent (line 1)
        Answer in JSON: {"intent": "refund" | "other", "reply": "..."}.
        The customer is called {customer}.
    order (line 6)
        Answer in JSON: {{"order": "..."}} for {customer}.
    "#);
}

#[test]
fn russian() {
    assert_snapshot!(read_from!("11-russian.yaml"), @r"
    поддержка.возврат (line 2)
        Ты помогаешь покупателю {{ имя }}. Отвечай вежливо: «вы», не «ты».
    поддержка.доставка (line 4)
        Где посылка?
    ");
}

#[test]
fn chinese() {
    assert_snapshot!(read_from!("12-chinese.yaml"), @r"
    客服.退款 (line 2)
        你是客服。请用中文回答{{ 姓名 }}的问题，不要超过五十个字。
    客服.物流 (line 4)
        包裹在哪里？
    ");
}

#[test]
fn json() {
    assert_snapshot!(read_from!("13-json.json"), @r"
    chat (line 4)
        [system]
        You are a bot of {{ shop }}.
        [user]
        {{ input }}
    faq.short (line 10)
        Answer in one sentence.
    faq.long (line 10)
        Answer in three sentences.
    ");
}

#[test]
fn names_with_dots_digits_and_accents() {
    assert_snapshot!(read_from!("14-names.yaml"), @r"
    gpt-4.1.Résumé (line 2)
        Write a résumé of {{ name }}.
    2024.q1 (line 4)
        Report on the first quarter.
    ");
}

#[test]
fn everything_at_once() {
    assert_snapshot!(read_from!("15-mixed.yaml"), @r"
    plain (line 5)
        Be kind.
    chat (line 6)
        [system]
        Rule 1: no promises.
        Rule 2: no prices.
        [user]
        {{ input }}
    teams.emea (line 13)
        Answer in English.
    teams.apac.jp (line 15)
        日本語で答えてください。
    teams.apac.kr (line 16)
        한국어로 대답하세요.
    ");
}

#[test]
fn a_level_does_not_swallow_a_typo() {
    assert_snapshot!(read_as("prompts.yaml", "support:\n  txet: Be kind.\nsales:\n  usr: Hi\n  system: Sell.\n"), @r"
    exit status 2
    error: unknown key `txet` in a prompt
      --> prompts.yaml:2:3
       |   txet: Be kind.
       = did you mean `text`?

    error: the prompt `support` has no text
      --> prompts.yaml:2:3
       |   txet: Be kind.
       = give it `text`, `file`, `system`, `user` or `messages`; what is no prompt has a name that begins with `x-`

    error: unknown key `usr` in a prompt
      --> prompts.yaml:4:3
       |   usr: Hi
       = did you mean `user`?

    3 errors; nothing was evaluated
    ");
    assert_snapshot!(read_as("prompts.yaml", "team:\n  description: Ours\n  refund: Be kind.\n"), @r"
    exit status 2
    error: the prompt `team` has no text
      --> prompts.yaml:2:3
       |   description: Ours
       = give it `text`, `file`, `system`, `user` or `messages`; what is no prompt has a name that begins with `x-`

    error: unknown key `refund` in a prompt
      --> prompts.yaml:3:3
       |   refund: Be kind.
       = its keys are `file`, `text`, `system`, `user`, `messages`, `input`, `golden`, `models`, `model`, `parameters`, `tools`, `tool_choice`, `template`, `score`, `min_score`, `budget_per_call`, `was`, `release`, `description`, `name`, `id`, `version`

    2 errors; nothing was evaluated
    ");
    assert_snapshot!(read_as("prompts.yaml", "settings:\n  temperature_of: 0.2\ngreet: Hi\n"), @r#"
    exit status 2
    error: the prompt `settings.temperature_of` must be text, found the number 0.2
      --> prompts.yaml:2:19
       |   temperature_of: 0.2
       = quote it: "0.2"

    1 error; nothing was evaluated
    "#);
}

#[test]
fn what_stands_beside_the_wrapper_is_no_prompt_and_says_so() {
    assert_snapshot!(read_as("prompts.yaml", "prompts:\n  greet: Hi.\nfarewell: Bye.\n"), @r"
    exit status 2
    error: `farewell` is beside `prompts`, which contains this catalog's prompts
      --> prompts.yaml:3:1
       | farewell: Bye.
       = move it under `prompts`, or give it a name that begins with `x-` if it is no prompt

    1 error; nothing was evaluated
    ");
    assert_snapshot!(read_as("prompts.yaml", "x-ray: Describe the picture.\ngreet: Hi.\n"), @r"
    `x-ray` is not read as a prompt (prompts.yaml:1:1); names that begin with `x-` are places for anchors; rename it if it is a prompt
    greet (line 2)
        Hi.
    ");
    assert_snapshot!(read_as("prompts.yaml", "prompts: You are a bot.\nversion: You are version two.\n"), @r"
    prompts (line 1)
        You are a bot.
    version (line 2)
        You are version two.
    ");
}

#[test]
fn an_item_of_a_list_has_a_name() {
    let catalog = "- text: Be kind.\n- Be brief.\n- {name: 7, text: x}\n- {role: user, content: Hi}\n- {name: a, txt: x}\n";
    assert_snapshot!(read_as("prompts.yaml", catalog), @r"
    exit status 2
    error: a prompt in a list needs a `name` or an `id`
      --> prompts.yaml:1:3 (also in line 3)
       | - text: Be kind.
       = add `name: a-short-name`

    error: a prompt in a list is a mapping with a `name`, found text
      --> prompts.yaml:2:3
       | - Be brief.
       = write - name: …, and its `text` below

    error: a prompt in a list needs a `name` or an `id`
      --> prompts.yaml:4:3
       | - {role: user, content: Hi}
       = a list of messages belongs under `messages` of a prompt

    error: the prompt `a` has no text
      --> prompts.yaml:5:3
       | - {name: a, txt: x}
       = give it `text`, `file`, `system`, `user` or `messages`; what is no prompt has a name that begins with `x-`

    error: unknown key `txt` in a prompt
      --> prompts.yaml:5:13
       | - {name: a, txt: x}
       = did you mean `text`?

    5 errors; nothing was evaluated
    ");
    assert_snapshot!(read_as("prompts.yaml", "a: {b: One.}\na.b: Two.\n"), @r"
    exit status 2
    error: the prompt `a.b` is declared twice, first at prompts.yaml:1
      --> prompts.yaml:2:1
       | a.b: Two.
       = rename one of the two

    1 error; nothing was evaluated
    ");
}

#[test]
fn braces_of_variables_are_filled_and_all_others_stay() {
    let project = Project::new(&[
        (
            "prompts.yaml",
            "solve:\n  template: braces\n  text: |\n    Solve {problem}, {\"as\": \"JSON\"}. Not {prolbem}.\n  user: Go\n",
        ),
        (
            "golden/solve.yaml",
            "cases:\n  - {id: a, vars: {problem: 1 + 1}, checks: [{contains: \"2\"}]}\n  - {id: b, vars: {other: x}, checks: [{contains: \"2\"}]}\n",
        ),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n"),
        (
            "rules.yaml",
            "rules:\n  - when: {system: 'Solve 1 \\+ 1, \\{\"as\": \"JSON\"\\}'}\n    text: '2'\ndefault: {text: none}\n",
        ),
    ]);
    let run = || project.run(&["eval", "--base", "none", "--scripted", "rules.yaml"]);
    assert_snapshot!(run().told(), @r#"
    exit status 2
    error: the case `b` of `solve`: the variable `problem` has no value
      --> golden/solve.yaml:3:5
       |   - {id: b, vars: {other: x}, checks: [{contains: "2"}]}
       = give it under `vars:`; it is used in the prompt's text

    error: nothing of the case `b` is ever sent: no text of the prompt `solve` uses `other`
      --> golden/solve.yaml:3:5
       |   - {id: b, vars: {other: x}, checks: [{contains: "2"}]}
       = use it in the prompt's text, or set `input: none` on the prompt if its cases are meant to ask the same

    warning: `{prolbem}` in the prompt `solve` is sent as it stands: no case gives it
      --> prompts.yaml:4:1
       | Solve {problem}, {"as": "JSON"}. Not {prolbem}.
       = did you mean `{problem}`?

    2 errors; nothing was evaluated
    "#);
    project.edit("golden/solve.yaml", "vars: {other: x}", "vars: {problem: 1 + 1, other: x}");
    let ran = run();
    assert_snapshot!(ran.told(), @r#"
    exit status 0
    warning: the variable `other` (1 case) is not used by the prompt `solve`
      --> golden/solve.yaml:3:5
       |   - {id: b, vars: {problem: 1 + 1, other: x}, checks: [{contains: "2"}]}
       = remove it, or use it in the prompt's text

    warning: `{prolbem}` in the prompt `solve` is sent as it stands: no case gives it
      --> prompts.yaml:4:1
       | Solve {problem}, {"as": "JSON"}. Not {prolbem}.
       = did you mean `{problem}`?
    "#);
    assert!(ran.stdout.contains("passes 2 of 2 cases"), "{}", ran.stdout);
}

#[test]
fn the_name_of_a_nested_prompt_names_its_golden_set() {
    let project = Project::new(&[
        ("prompts.yaml", "agents:\n  review:\n    critic: Be strict.\n"),
        ("golden/agents.review.critic.yaml", "- {id: a, input: x, checks: [{contains: \"2\"}]}\n"),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n"),
        ("rules.yaml", "default: {text: '2'}\n"),
    ]);
    project.edit("prompts.yaml", "strict", "gentle");
    let ran = project.eval();
    assert_eq!(ran.told(), "exit status 0\n");
    assert!(ran.stdout.contains("agents.review.critic"), "{}", ran.stdout);
}
