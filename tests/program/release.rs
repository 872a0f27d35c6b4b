//! From a passing evaluation to what readers get, and back: through the real binary, into a
//! directory instead of AWS.

use std::path::Path;

use insta::assert_snapshot;
use prompt_assay::evidence::{self, Evidence};
use prompt_assay::release::audit::{Action, Audit};
use prompt_assay::release::value;
use prompt_assay::seal::Seals;
use prompt_assay_test_support::on_disk;
use prompt_assay_test_support::on_disk::{Project, Ran};
use serde_json::Value;

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
provider: {scripted: rules.yaml}
release:
  release_on_scripted: true
  environments:
    prod: {directory: released, ssm: \"/prod/llm/{name}\"}
";

/// A project whose first commit passed on the main tier.
fn passed() -> Project {
    let project = Project::new(on_disk::GREETING);
    project.write("prompt-assay.yaml", CONFIG);
    project.write(".gitignore", "released/\n.prompt-assay/\n");
    project.commit("configure");
    project.evaluated("none");
    project
}

trait Release {
    fn evaluated(&self, base: &str);
    fn edited_to(&self, from: &str, to: &str);
    fn text(&self) -> String;
}

impl Release for Project {
    fn evaluated(&self, base: &str) {
        let ran = self.run(&["eval", "--tier", "main", "--base", base]);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    }

    /// Edits, commits, and evaluates against the commit before.
    fn edited_to(&self, from: &str, to: &str) {
        self.edit("prompts.yaml", from, to);
        self.commit("edit");
        self.evaluated("HEAD~1");
    }

    /// What readers get by label.
    fn text(&self) -> String {
        self.run(&["show", "greet"]).stdout
    }
}

/// Output with ids, commits and times that differ from run to run named instead.
fn calm(ran: &Ran) -> String {
    let text = format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr);
    let id = regex::Regex::new("ev-[0-9a-f]{16}").unwrap();
    let commit = regex::Regex::new(r"\b[0-9a-f]{7}\b").unwrap();
    let time = regex::Regex::new(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}").unwrap();
    let text = id.replace_all(&text, "EVIDENCE");
    let text = time.replace_all(&text, "DATE       TIME    ");
    commit.replace_all(&text, "COMMIT ").into_owned()
}

#[test]
fn what_passed_goes_live_once() {
    let project = passed();
    let dry = calm(&project.run(&["release", "--dry-run"]));
    let first = calm(&project.run(&["release"]));
    let again = calm(&project.run(&["release"]));
    assert_snapshot!([dry, first, again].join("\n"), @"
    exit status 0
    to be released  greet  -  /prod/llm/greet  OK, 2 of 2 (EVIDENCE)
    prod: 1 to be released; nothing was written (--dry-run)

    exit status 0
    released  greet  1  /prod/llm/greet  OK, 2 of 2 (EVIDENCE)
    prod: 1 released

    exit status 0
    unchanged  greet  1  /prod/llm/greet  the live version equals the commit
    prod: 1 unchanged
    ");
}

#[test]
fn what_was_rolled_back_stays_out_until_the_hold_is_lifted() {
    let project = passed();
    assert_eq!(project.run(&["release"]).status, 0);
    project.edited_to("warmly", "kindly");
    assert_eq!(project.run(&["release"]).status, 0);
    let bad = project.text();
    let rolled = calm(&project.run(&["rollback", "greet", "--reason", "customers complain"]));
    assert_ne!(project.text(), bad);
    let again = calm(&project.run(&["rollback", "greet", "--reason", "the job was started again"]));
    let held = calm(&project.run(&["release"]));
    assert_ne!(project.text(), bad);
    let named = project.run(&["release", "--prompt", "greet"]);
    assert_eq!(named.status, 0, "held is as a person decided, however it is asked for");
    let lifted = calm(&project.run(&["release", "--lift-hold", "it was the weather"]));
    assert_eq!(project.text(), bad);
    let history = calm(&project.run(&["history", "greet"]));
    let diff = calm(&project.run(&["diff", "greet", "1", "2"]));
    assert_snapshot!([rolled, again, held, lifted, history, diff].join("\n"), @r#"
    exit status 0
    released  greet  2 -> 3  /prod/llm/greet  the content of version 1; what was live is held
    prod: 1 released

    exit status 2
    error: the rollback of `/prod/llm/greet` to version 3, which is live, is already done; to go further back, name the version with `--to`

    exit status 0
    held  greet  3  /prod/llm/greet  this content was rolled back
      = change it, or pass `--lift-hold REASON`
    prod: 1 held

    exit status 0
    released  greet  3 -> 4  /prod/llm/greet  OK, 2 of 2 (EVIDENCE)
    prod: 1 released

    exit status 0
    version  written              what      by        commit   pr  score  state
    4        DATE       TIME      release   somebody  COMMIT   -   2/2    live, "hold lifted: it was the weather"
    3        DATE       TIME      rollback  somebody  COMMIT   -   2/2    "customers complain"
    2        DATE       TIME      release   somebody  COMMIT   -   2/2    rolled back by 3
    1        DATE       TIME      release   somebody  COMMIT   -   2/2

    exit status 0
    --- greet:1
    +++ greet:2
    @@ -1 +1 @@
    -{"prompt":2,"template":"jinja","messages":[{"role":"system","content":"Greet \u007b\u007b name }} warmly.\n"},{"role":"user","content":"\u007b\u007b input }}"}],"model":"amazon.nova-pro-v1:0","parameters":{"max_tokens":1024}}
    \ No newline at end of file
    +{"prompt":2,"template":"jinja","messages":[{"role":"system","content":"Greet \u007b\u007b name }} kindly.\n"},{"role":"user","content":"\u007b\u007b input }}"}],"model":"amazon.nova-pro-v1:0","parameters":{"max_tokens":1024}}
    \ No newline at end of file
    "#);
}

#[test]
fn nothing_goes_live_that_did_not_pass_and_live_stays() {
    let project = passed();
    assert_eq!(project.run(&["release"]).status, 0);
    let live = project.text();
    project.edit("prompts.yaml", "warmly", "kindly");
    project.commit("not evaluated");
    let unknown = calm(&project.run(&["release"]));
    project.evaluated("HEAD~1");
    project.edit("golden/greet.yaml", "input: Good evening", "input: Good night");
    project.commit("another golden set");
    let other = calm(&project.run(&["release"]));
    assert_eq!(project.text(), live);
    let without = calm(&project.run(&["release", "--without-evidence", "outage"]));
    assert_ne!(project.text(), live);
    assert_snapshot!([unknown, other, without].join("\n"), @"
    exit status 1
    refused  greet  -  /prod/llm/greet  was never evaluated in this form with the full model
      = run `prompt-assay eval --tier main`, for a prompt that was never evaluated with `--base none`; evidence of another machine is passed with `--evidence FILE`
    prod: 1 refused; nothing was written, the live version stays

    exit status 1
    refused  greet  -  /prod/llm/greet  passed another golden set than today's (EVIDENCE)
      = run `prompt-assay eval --tier main` again with today's golden set (stored answers cost nothing)
    prod: 1 refused; nothing was written, the live version stays

    exit status 0
    released  greet  1 -> 2  /prod/llm/greet  without evidence: outage
    prod: 1 released
    ");
}

#[test]
fn another_job_releases_from_the_evidence_file_and_notices_an_edit() {
    let project = passed();
    project.edit("prompts.yaml", "warmly", "kindly");
    project.commit("edit");
    let file = ["eval", "--tier", "main", "--base", "HEAD~1", "--evidence", "evidence.json"];
    assert_eq!(project.run(&file).status, 0);
    project.run(&["cache", "clear"]);
    let text = std::fs::read_to_string(project.root().join("evidence.json")).unwrap();
    project.write("forged.json", text.replace("\"passed\": 2", "\"passed\": 1"));
    let forged = project.run(&["release", "--evidence", "forged.json"]);
    assert_snapshot!(calm(&forged), @"
    exit status 2
    error: `forged.json`: the evidence `EVIDENCE` of `greet` has a digest that does not match its content: it was edited or damaged
      = write it again with `prompt-assay eval --tier main --evidence FILE` (stored answers cost nothing)
    ");
    let released = project.run(&["release", "--evidence", "evidence.json", "--format", "json"]);
    assert_eq!(released.status, 0, "{}", released.told());
    assert_eq!(released.json()["prompts"][0]["outcome"], "released");
}

#[test]
fn the_store_is_compared_with_the_commit_and_healed() {
    let project = passed();
    assert_eq!(project.run(&["release"]).status, 0);
    let calm_store = calm(&project.run(&["drift"]));
    let version = "released/parameters/prod/llm/greet/@/1.json";
    let text = std::fs::read_to_string(project.root().join(version)).unwrap();
    let mut edited: Value = serde_json::from_str(&text).unwrap();
    edited["value"] = "Greet rudely.".into();
    edited["modified_by"] = "somebody in the console".into();
    project.write("released/parameters/prod/llm/greet/@/2.json", edited.to_string());
    project.write("released/parameters/prod/llm/gone/@/1.json", edited.to_string());
    let drifted = calm(&project.run(&["drift"]));
    let markdown = calm(&project.run(&["drift", "--format", "markdown"]));
    let left = project.run(&["drift", "--heal"]);
    assert!(left.stdout.contains("left alone") && left.status == 1, "{}", left.stdout);
    let healed = calm(&project.run(&["drift", "--heal", "--overwrite", "nobody knows who it was"]));
    let after = calm(&project.run(&["history", "greet"]));
    assert_snapshot!([calm_store, drifted, markdown, healed, after].join("\n"), @r#"
    exit status 0
    prod: the store equals the commit

    exit status 1
    edited  /prod/llm/greet  version 2 was not written by prompt-assay, but by `somebody in the console`; readers without a label get it
    extra   /prod/llm/gone   belongs to no prompt of the commit
    prod: 2 differ
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`

    exit status 1
    **2 of <code>prod</code> differ from the commit**

    | parameter | kind | what |
    |---|---|---|
    | <code>/prod/llm/greet</code> | edited | version 2 was not written by prompt-assay, but by <code>somebody in the console</code>; readers without a label get it |
    | <code>/prod/llm/gone</code> | extra | belongs to no prompt of the commit |

    exit status 1
    edited  /prod/llm/greet  version 2 was not written by prompt-assay, but by `somebody in the console`; readers without a label get it
    extra   /prod/llm/gone   belongs to no prompt of the commit
    prod: 2 differ
    released  greet  1 -> 3  /prod/llm/greet  OK, 2 of 2 (EVIDENCE)
    prod: 1 released

    exit status 0
    version  written              what     by                       commit   pr  score  state
    3        DATE       TIME      heal     somebody                 COMMIT   -   2/2    live, "overwritten: nobody knows who it was"
    2        DATE       TIME      outside  somebody in the console  -        -   -
    1        DATE       TIME      release  somebody                 COMMIT   -   2/2
    "#);
}

/// What an operator does to the store.
struct Console<'a>(&'a Project);

impl Console<'_> {
    const PLACE: &'static str = "released/parameters/prod/llm/greet/@";

    fn read(&self, file: &str) -> Value {
        let place = self.0.root().join(Self::PLACE).join(file);
        serde_json::from_str(&std::fs::read_to_string(place).expect("a file")).expect("JSON")
    }

    fn label(&self, version: u64) {
        let mut labels = self.read("labels.json");
        labels["live"] = version.into();
        self.0.write(&format!("{}/labels.json", Self::PLACE), labels.to_string());
    }

    fn write(&self, version: u64, text: &str, description: &str) {
        let mut written = self.read("1.json");
        (written["value"], written["description"]) = (text.into(), description.into());
        written["modified_by"] = "grace".into();
        self.0.write(&format!("{}/{version}.json", Self::PLACE), written.to_string());
    }
}

#[test]
fn what_somebody_decided_outside_is_told_wherever_a_person_looks() {
    let project = passed();
    assert_eq!(project.run(&["release"]).status, 0);
    project.edited_to("warmly", "kindly");
    assert_eq!(project.run(&["release"]).status, 0);
    let console = Console(&project);
    let said = |commands: &[&[&str]]| {
        let said = commands
            .iter()
            .map(|command| format!("$ {}\n{}", command.join(" "), calm(&project.run(command))));
        said.collect::<Vec<_>>().join("\n")
    };
    console.label(1);
    let looks: &[&[&str]] = &[
        &["release"],
        &["drift"],
        &["drift", "--heal"],
        &["history", "greet"],
        &["blame", "greet", "--at", "2999-01-01"],
    ];
    assert_snapshot!(said(looks), @"
    $ release
    exit status 0
    held  greet  1  /prod/llm/greet  rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 1 held

    $ drift
    exit status 1
    rolled_back  /prod/llm/greet  rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
    prod: 1 differ
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`

    $ drift --heal
    exit status 1
    rolled_back  /prod/llm/greet  rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
    prod: 1 differ
    held  greet  1  /prod/llm/greet  rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 1 held

    $ history greet
    exit status 0
    version  written              what     by        commit   pr  score  state
    2        DATE       TIME      release  somebody  COMMIT   -   2/2    away: 1 was made live outside, the store does not say by whom or when
    1        DATE       TIME      release  somebody  COMMIT   -   2/2    live

    $ blame greet --at 2999-01-01
    exit status 0
    version  written              what     by        commit   pr  score  state
    2        DATE       TIME      release  somebody  COMMIT   -   2/2    away: 1 was made live outside, the store does not say by whom or when
    1        DATE       TIME      release  somebody  COMMIT   -   2/2    live
      = one of the two was live: somebody else replaced one by the other, and the store does not say when
    ");
    console.label(2);
    console.write(3, "Greet as another program says.", "Managed by Terraform");
    assert_snapshot!(said(&[&["release"], &["drift"]]), @"
    $ release
    exit status 1
    left alone  greet  2  /prod/llm/greet  version 3 was not written by prompt-assay, but by `grace`; readers without a label get it
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 1 left alone

    $ drift
    exit status 1
    edited  /prod/llm/greet  version 3 was not written by prompt-assay, but by `grace`; readers without a label get it
    prod: 1 differ
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`
    ");
    console.label(3);
    assert_snapshot!(said(looks), @"
    $ release
    exit status 1
    left alone  greet  3  /prod/llm/greet  version 3 was not written by prompt-assay, but by `grace`, and it is live
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 1 left alone

    $ drift
    exit status 1
    edited  /prod/llm/greet  version 3 was not written by prompt-assay, but by `grace`, and it is live
    prod: 1 differ
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`

    $ drift --heal
    exit status 1
    edited  /prod/llm/greet  version 3 was not written by prompt-assay, but by `grace`, and it is live
    prod: 1 differ
    left alone  greet  3  /prod/llm/greet  version 3 was not written by prompt-assay, but by `grace`, and it is live
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 1 left alone

    $ history greet
    exit status 0
    version  written              what     by        commit   pr  score  state
    3        DATE       TIME      outside  grace     -        -   -      live
    2        DATE       TIME      release  somebody  COMMIT   -   2/2    away: 3 was made live outside, the store does not say by whom or when
    1        DATE       TIME      release  somebody  COMMIT   -   2/2

    $ blame greet --at 2999-01-01
    exit status 0
    version  written              what     by        commit   pr  score  state
    2        DATE       TIME      release  somebody  COMMIT   -   2/2    away: 3 was made live outside, the store does not say by whom or when
    3        DATE       TIME      outside  grace     -        -   -      live
      = one of the two was live: somebody else replaced one by the other, and the store does not say when
    ");
    let overwritten = said(&[&["release", "--overwrite", "Grace agreed"], &["history", "greet"]]);
    assert_snapshot!(overwritten, @r#"
    $ release --overwrite Grace agreed
    exit status 0
    released  greet  3 -> 4  /prod/llm/greet  OK, 2 of 2 (EVIDENCE)
    prod: 1 released

    $ history greet
    exit status 0
    version  written              what     by        commit   pr  score  state
    4        DATE       TIME      release  somebody  COMMIT   -   2/2    live, "overwritten: Grace agreed"
    3        DATE       TIME      outside  grace     -        -   -
    2        DATE       TIME      release  somebody  COMMIT   -   2/2    away until 4: 3 was made live outside, the store does not say by whom or when
    1        DATE       TIME      release  somebody  COMMIT   -   2/2
    "#);
    let text = "Greet as nobody ever tried.";
    let mut died = Audit::new(Action::Release, "died", value::digest(text));
    died.after = 4;
    console.write(5, text, &died.write());
    assert_snapshot!(said(&[&["drift"]]), @"
    $ drift
    exit status 1
    unfinished  /prod/llm/greet  version 5 was written and not made live, version 4 is
    prod: 1 differ
      = `prompt-assay drift --heal` releases the commit's contents that passed
    ");
    console.label(5);
    assert_snapshot!(said(&[&["release"], &["release", "--format", "markdown"], &["drift"], &["history", "greet"]]), @r#"
    $ release
    exit status 1
    left alone  greet  5  /prod/llm/greet  version 5, which is not known to have passed, was made live outside instead of version 4, the store does not say by whom or when
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 1 left alone

    $ release --format markdown
    exit status 1
    **prod: 1 left alone**

    | prompt | outcome | version | because |
    |---|---|---|---|
    | <code>greet</code> | left alone | 5 | version 5, which is not known to have passed, was made live outside instead of version 4, the store does not say by whom or when |

    $ drift
    exit status 1
    label_moved  /prod/llm/greet  version 5, which is not known to have passed, was made live outside instead of version 4, the store does not say by whom or when
    prod: 1 differ
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`

    $ history greet
    exit status 0
    version  written              what     by        commit   pr  score  state
    5        DATE       TIME      release  grace     -        -   -      live
    4        DATE       TIME      release  somebody  COMMIT   -   2/2    away: 5 was made live outside, the store does not say by whom or when, "overwritten: Grace agreed"
    3        DATE       TIME      outside  grace     -        -   -
    2        DATE       TIME      release  somebody  COMMIT   -   2/2    away until 4: 3 was made live outside, the store does not say by whom or when
    1        DATE       TIME      release  somebody  COMMIT   -   2/2
    "#);
}

/// Holds what was written against a schema, which must also refuse what has a key too many.
fn assert_fits(schema: &str, written: &Value) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{schema}.schema.json"));
    let text = std::fs::read_to_string(&place).expect("the schema");
    let value = serde_json::from_str(&text).expect("JSON");
    jsonschema::draft202012::meta::validate(&value).expect("a valid schema");
    let validator = jsonschema::validator_for(&value).expect("a schema that compiles");
    let errors: Vec<String> =
        validator.iter_errors(written).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new(), "{schema}: {written:#}");
    let mut more = written.clone();
    more["unknown"] = 1.into();
    assert!(!validator.is_valid(&more), "{schema}");
    for key in written.as_object().expect("an object").keys() {
        let mut less = written.clone();
        less.as_object_mut().expect("an object").shift_remove(key);
        assert!(!validator.is_valid(&less), "{schema} without {key}");
    }
}

#[test]
fn what_programs_read_is_what_the_schemas_say() {
    let project = passed();
    let json = |arguments: &[&str]| project.run(&[arguments, &["--format", "json"]].concat()).json();
    assert_fits("release", &json(&["release", "--dry-run"]));
    assert_fits("release", &json(&["release"]));
    project.edited_to("warmly", "kindly");
    assert_fits("release", &json(&["release"]));
    assert_fits("release", &json(&["rollback", "greet", "--reason", "customers complain"]));
    assert_fits("release", &json(&["release"]));
    let version = project.root().join("released/parameters/prod/llm/greet/@/3.json");
    let mut edited: Value = serde_json::from_str(&std::fs::read_to_string(version).unwrap()).unwrap();
    edited["value"] = "Greet rudely.".into();
    project.write("released/parameters/prod/llm/greet/@/4.json", edited.to_string());
    project.write("released/parameters/prod/llm/gone/@/1.json", edited.to_string());
    let drift = json(&["drift"]);
    assert_eq!(drift["findings"].as_array().map(Vec::len), Some(2), "{drift:#}");
    assert_fits("drift", &drift);
    let history = json(&["history", "greet"]);
    assert_eq!(history["versions"][2]["record"]["reason"], "customers complain");
    assert_eq!(history["versions"][3]["record"], Value::Null);
    assert_fits("history", &history);
    let blame = json(&["blame", "greet", "--at", "2999-01-01"]);
    assert_eq!(
        (&blame["version"]["version"], &blame["or_version"]["version"]),
        (&3.into(), &4.into()),
        "{blame:#}"
    );
    assert_fits("blame", &blame);
    Console(&project).label(4);
    let history = json(&["history", "greet"]);
    assert_eq!(history["versions"][2]["taken_off"]["to_version"], 4, "{history:#}");
    assert_fits("history", &history);
    assert_fits("release", &json(&["release"]));
    assert_fits("drift", &json(&["drift"]));
    project.edit("prompts.yaml", "kindly", "sincerely");
    project.commit("not evaluated");
    assert_fits("release", &json(&["release"]));
    project.evaluated("HEAD~1");
    let healed = json(&["drift", "--heal", "--overwrite", "nobody knows who it was"]);
    assert_eq!(healed["healed"]["prompts"][0]["outcome"], "released", "{healed:#}");
    assert_fits("drift", &healed);
}

#[test]
fn a_version_and_a_record_are_the_same_in_history_and_in_blame_and_so_is_a_release_in_drift() {
    let definitions = |schema: &str| {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{schema}.schema.json"));
        serde_json::from_str::<Value>(&std::fs::read_to_string(place).expect("the schema")).expect("JSON")
    };
    let (history, blame) = (definitions("history"), definitions("blame"));
    assert_eq!(history["$defs"], blame["$defs"]);
    let (release, drift) = (definitions("release"), definitions("drift"));
    assert_eq!(release["$defs"]["line"], drift["$defs"]["line"]);
    for key in ["required", "properties"] {
        assert_eq!(release[key], drift["$defs"]["release"][key]);
    }
}

#[test]
fn the_pull_request_is_read_from_the_message_of_the_merge() {
    let project = passed();
    project.edit("prompts.yaml", "warmly", "kindly");
    project.commit("Greet kindly (#41)");
    project.evaluated("HEAD~1");
    assert_eq!(project.run(&["release"]).status, 0);
    let history = project.run(&["history", "greet", "--format", "json"]).json();
    assert_eq!(history["versions"][0]["record"]["pull_request"], 41);
    assert!(project.run(&["history", "greet"]).stdout.contains("#41"));
}

#[test]
fn the_pull_request_that_the_evidence_knows_comes_before_the_one_of_the_commit() {
    let project = passed();
    project.edit("prompts.yaml", "warmly", "kindly");
    project.commit("Greet kindly (#41)");
    let file = ["eval", "--tier", "main", "--base", "HEAD~1", "--evidence", "evidence.json"];
    assert_eq!(project.run(&file).status, 0);
    let text = std::fs::read_to_string(project.root().join("evidence.json")).unwrap();
    let known = evidence::parse(&text, &Seals::default()).expect("evidence");
    let of_a_pull_request = known.into_iter().map(|mut known| {
        known.claim.origin.pull_request = Some(40);
        Evidence::seal(known.claim)
    });
    project
        .write("evidence.json", evidence::render(&of_a_pull_request.collect::<Vec<_>>(), &Seals::default()));
    assert_eq!(project.run(&["release", "--evidence", "evidence.json"]).status, 0);
    let history = project.run(&["history", "greet", "--format", "json"]).json();
    assert_eq!(history["versions"][0]["record"]["pull_request"], 40);
}

#[test]
fn nothing_is_released_whose_result_cannot_be_said() {
    let project = passed();
    let mut said = Vec::new();
    for arguments in [&["--format", "junit"][..], &["--output", "nowhere/result.json"]] {
        said.push(calm(&project.run(&[&["release"], arguments].concat())));
        said.push(calm(&project.run(&[&["drift", "--heal"], arguments].concat())));
    }
    assert!(!project.root().join("released").exists());
    assert_snapshot!(said.join("\n"), @"
    exit status 2
    error: a release has no test results; use `--format terminal|markdown|json`

    exit status 2
    error: a release has no test results; use `--format terminal|markdown|json`

    exit status 2
    error: cannot write `nowhere/result.json`: No such file or directory (os error 2)

    exit status 2
    error: cannot write `nowhere/result.json`: No such file or directory (os error 2)
    ");
}

#[test]
fn what_is_live_stands_in_the_tags_unless_they_are_not_wanted() {
    let project = passed();
    assert_eq!(project.run(&["release"]).status, 0);
    let place = project.root().join("released/parameters/prod/llm/greet/@/tags.json");
    let tags: Value = serde_json::from_str(&std::fs::read_to_string(&place).expect("tags")).expect("JSON");
    assert_eq!(tags["prompt-assay:prompt"], "greet");
    assert_eq!(tags["prompt-assay:score"], "2/2");
    std::fs::remove_file(&place).unwrap();
    project.edit("prompt-assay.yaml", "directory: released,", "directory: released, tags: false,");
    project.edited_to("warmly", "kindly");
    assert_eq!(project.run(&["release"]).status, 0);
    assert!(!place.exists());
}

#[test]
fn bad_input_says_what_to_write_instead() {
    let project = passed();
    let mut said = Vec::new();
    for arguments in [
        &["release", "--env", "prd"][..],
        &["release", "--prompt", "great"],
        &["rollback", "greet", "--reason", "x"],
        &["history", "greet"],
        &["show", "greet:7"],
        &["release", "--evidence", "nowhere.json"],
    ] {
        said.push(format!("{arguments:?}: {}", calm(&project.run(arguments))));
    }
    assert_eq!(project.run(&["release"]).status, 0);
    for arguments in [
        &["rollback", "greet", "--reason", "x"][..],
        &["rollback", "greet", "--to", "9", "--reason", "x"],
        &["blame", "greet", "--at", "yesterday"],
        &["blame", "greet", "--at", "1999-01-01"],
        &["show", "greet:nolabel"],
    ] {
        said.push(format!("{arguments:?}: {}", calm(&project.run(arguments))));
    }
    assert_snapshot!(said.join("\n"), @r#"
    ["release", "--env", "prd"]: exit status 2
    error: there is no environment `prd`
       = there are `prod`

    1 error; nothing was released

    ["release", "--prompt", "great"]: exit status 2
    error: no prompt `great` is released to `prod`; did you mean `greet`?

    ["rollback", "greet", "--reason", "x"]: exit status 2
    error: `/prod/llm/greet` was never released in the directory `released`

    ["history", "greet"]: exit status 2
    error: `greet` was never released to `/prod/llm/greet` in the directory `released`

    ["show", "greet:7"]: exit status 2
    error: `/prod/llm/greet` has no version 7 (it was never released)

    ["release", "--evidence", "nowhere.json"]: exit status 2
    error: cannot read `nowhere.json`: No such file or directory (os error 2)

    ["rollback", "greet", "--reason", "x"]: exit status 2
    error: `/prod/llm/greet` has no earlier version to go back to

    ["rollback", "greet", "--to", "9", "--reason", "x"]: exit status 2
    error: `/prod/llm/greet` has no version 9 (kept: 1 to 1)

    ["blame", "greet", "--at", "yesterday"]: exit status 2
    error: `yesterday` is not a time; write it as 2026-01-31 12:00 (UTC)

    ["blame", "greet", "--at", "1999-01-01"]: exit status 2
    error: nothing was live at 1999-01-01: the first version is newer

    ["show", "greet:nolabel"]: exit status 2
    error: no version carries the label `nolabel`
    "#);
}

#[test]
fn a_long_release_says_how_far_it_is_unless_it_shall_be_quiet() {
    let names: Vec<String> = (1..=12).map(|number| format!("p{number:02}")).collect();
    let catalog: String = names.iter().map(|name| format!("{name}: Greet warmly as {name}.\n")).collect();
    let project = Project::new(&[("prompts.yaml", &catalog), ("prompt-assay.yaml", CONFIG)]);
    project.write("rules.yaml", "default: {text: \"Hello Ada\"}\n");
    for name in &names {
        project.write(
            &format!("golden/{name}.yaml"),
            "cases: [{id: a, input: Hi, checks: [{contains: Ada}]}]\n",
        );
    }
    project.write(".gitignore", "released/\n.prompt-assay/\n");
    project.commit("configure");
    project.evaluated("none");
    let released = project.run(&["release"]);
    assert_eq!(released.status, 0, "{}", released.told());
    let lines: Vec<&str> = released.stderr.lines().collect();
    assert_eq!(lines.len(), 30, "{}", released.stderr);
    assert_eq!((lines[0], lines[9], lines[29]), ("2 of 12 looked at", "12 of 12 looked at", "12 of 12 live"));
    project.edit("prompts.yaml", "warmly", "kindly");
    let again = project.run(&["release", "--quiet", "--format", "json"]);
    assert_eq!((again.status, again.stderr.as_str()), (0, ""));
    assert_eq!(again.json()["calls"], Value::from(12), "one look at each");
}
