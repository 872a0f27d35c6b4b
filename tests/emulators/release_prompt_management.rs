//! Releases to Bedrock Prompt Management through the real binary: the pointers in an emulator of SSM, the prompts in the
//! stand-in, and the documented lines that call them.

use std::path::Path;

use prompt_assay_standin::{Answer, Config, Fault, Operation, Standin, Strike};
use prompt_assay_test_support::on_disk::{Project, Ran};
use serde_json::json;

use crate::emulator::{Emulator, boto3_says, environment};

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
parameters: {temperature: 0.1, max_tokens: 300}
provider: {scripted: rules.yaml}
release:
  release_on_scripted: true
  environments:
    prod: {region: us-east-1, ssm: \"/prod/llm/{name}\", prompt_management: {}}
";

struct Cloud {
    project: Project,
    moto: Emulator,
    bedrock: Standin,
}

impl Cloud {
    fn new() -> Self {
        let catalog = "greet:\n  text: \"Greet {{ name }}.\"\nreply:\n  template: braces\n  text: \"Be kind to {name}.\"\n  \
                       user: \"Reply to {name}\"\n";
        let project = Project::new(&[("prompts.yaml", catalog), ("prompt-assay.yaml", CONFIG)]);
        project.write("rules.yaml", "default: {text: \"Hello Ada\"}\n");
        let case = "cases:\n  - {id: a, input: Hi, vars: {name: Ada}, checks: [{contains: Ada}]}\n";
        project.write("golden/greet.yaml", case);
        project.write("golden/reply.yaml", case.replace("input: Hi, ", ""));
        project.write(".gitignore", ".prompt-assay/\n");
        project.commit("configure");
        let passed = project.run(&["eval", "--tier", "main", "--base", "none"]);
        assert_eq!(passed.status, 0, "{}", passed.told());
        let config = Config { most_versions: 4, ..Config::default() };
        let bedrock =
            Standin::start(config, |_| Answer::text("Hello Ada").into()).expect("a free loopback port");
        Self { project, moto: Emulator::moto(), bedrock }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.project.command(arguments);
        command.envs(environment(&self.moto.url())).env("AWS_ENDPOINT_URL_BEDROCK_AGENT", self.bedrock.url());
        self.project.ran(&mut command)
    }

    /// Changes a text of the prompts, and what changed passes.
    fn changed(&self, old: &str, new: &str) {
        self.project.edit("prompts.yaml", old, new);
        self.project.commit("edit");
        let passed = self.project.run(&["eval", "--tier", "main", "--base", "HEAD~1"]);
        assert_eq!(passed.status, 0, "{}", passed.told());
    }

    fn released(&self) {
        let ran = self.run(&["release"]);
        assert_eq!(ran.status, 0, "{}", ran.told());
    }

    /// The value of a pointer, by its label.
    fn pointer(&self, name: &str) -> String {
        let program = format!(
            "import boto3\nprint(boto3.client('ssm').get_parameter(Name='/prod/llm/{name}:live')['Parameter']['Value'])"
        );
        boto3_says(&self.moto.url(), &program).trim_end().to_owned()
    }

    /// The lines of the documentation, with this call behind them.
    fn asks(&self, call: &str) {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/release.md");
        let page = std::fs::read_to_string(page).expect("the page");
        let (_, rest) = page.split_once("## Bedrock Prompt Management").expect("the section");
        let (_, rest) = rest.split_once("```python\n").expect("the lines");
        let (lines, _) = rest.split_once("```").expect("their end");
        let models =
            format!("import os\nos.environ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'] = {:?}\n", self.bedrock.url());
        boto3_says(&self.moto.url(), &format!("{models}{lines}\n{call}\n"));
    }
}

/// What a release says, without its evidence, whose ids change.
fn said(ran: &Ran) -> String {
    let told = ran.stdout.lines().map(|line| line.split(" (ev-").next().unwrap_or(line).trim_end());
    format!("{}\nexit {}", told.collect::<Vec<_>>().join("\n"), ran.status)
}

#[test]
fn an_application_calls_by_arn_what_was_evaluated() {
    let cloud = Cloud::new();
    cloud.released();
    insta::assert_snapshot!(cloud.pointer("greet"), @r#"{"v":1,"kind":"prompt","arn":"arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT0001:1","sha256":"9be156f317c1cf792246f0f4eb48431999252c7f473505580b3fd0a1104f4a8e"}"#);
    cloud.asks("ask('/prod/llm/greet', 'Hi', name='Ada')");
    let sent = cloud.bedrock.requests();
    let call = sent.iter().find(|request| request.operation == Operation::Converse).expect("a call");
    assert_eq!(call.call.model, "amazon.nova-pro-v1:0");
    assert_eq!(call.call.body["system"], json!([{"text": "Greet Ada."}]));
    assert_eq!(call.call.body["messages"], json!([{"role": "user", "content": [{"text": "Hi"}]}]));
    assert_eq!(call.call.body["inferenceConfig"]["maxTokens"], 300);
    insta::assert_snapshot!(cloud.run(&["show", "reply"]).stdout, @r#"
    {
      "inferenceConfiguration": {
        "text": {
          "maxTokens": 300,
          "temperature": 0.1
        }
      },
      "modelId": "amazon.nova-pro-v1:0",
      "templateConfiguration": {
        "chat": {
          "inputVariables": [
            {
              "name": "name"
            }
          ],
          "messages": [
            {
              "content": [
                {
                  "text": "Reply to {{name}}"
                }
              ],
              "role": "user"
            }
          ],
          "system": [
            {
              "text": "Be kind to {{name}}."
            }
          ]
        }
      },
      "templateType": "CHAT"
    }
    "#);
    assert!(cloud.run(&["release"]).stdout.contains("2 unchanged"));
}

#[test]
fn a_rollback_points_back_holds_and_is_read_in_the_history() {
    let cloud = Cloud::new();
    cloud.released();
    let good = cloud.pointer("greet");
    cloud.changed("Greet {{", "Insult {{");
    cloud.released();
    assert_ne!(cloud.pointer("greet"), good);
    let back = cloud.run(&["rollback", "greet", "--reason", "complaints"]);
    assert_eq!(back.status, 0, "{}", back.told());
    assert_eq!(cloud.pointer("greet"), good, "the same version, and no new one");
    assert_eq!(cloud.bedrock.library().versions("prod-llm-greet"), [1, 2]);
    insta::assert_snapshot!(said(&cloud.run(&["release"])), @"
    held       greet  3  /prod/llm/greet  this content was rolled back
    unchanged  reply  1  /prod/llm/reply  the live version equals the commit
      = change it, or pass `--lift-hold REASON`
    prod: 1 unchanged, 1 held
    exit 0
    ");
    insta::assert_snapshot!(cloud.run(&["diff", "greet", "1", "2"]).stdout, @r#"
    --- greet:1
    +++ greet:2
    @@ -15,7 +15,7 @@
           ],
           "system": [
             {
    -          "text": "Greet {{name}}."
    +          "text": "Insult {{name}}."
             }
           ]
         }
    "#);
    insta::assert_snapshot!(said(&cloud.run(&["drift"])), @"
    held  /prod/llm/greet  the commit's content was rolled back, and is held
    prod: 1 held, as decided; nothing else differs
      = contents that were rolled back stay held: change the prompt, or pass `--lift-hold REASON` to `prompt-assay release`
    exit 0
    ");
}

#[test]
fn a_version_that_somebody_deletes_is_drift_and_is_healed() {
    let cloud = Cloud::new();
    cloud.released();
    cloud.bedrock.library().delete("prod-llm-greet", 1);
    insta::assert_snapshot!(said(&cloud.run(&["drift"])), @"
    unreadable  /prod/llm/greet  the prompt version `arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT0001:1` is missing
    prod: 1 differ
      = `prompt-assay drift --heal` releases the commit's contents that passed
    exit 1
    ");
    let healed = cloud.run(&["drift", "--heal"]);
    assert_eq!(healed.status, 0, "{}", healed.told());
    assert_eq!(cloud.bedrock.library().versions("prod-llm-greet"), [2]);
    assert_eq!(cloud.run(&["drift"]).status, 0);
}

#[test]
fn a_full_prompt_stops_before_the_label_and_says_how_to_go_on() {
    let cloud = Cloud::new();
    cloud.released();
    for (old, new) in [("Greet {{", "Meet {{"), ("Meet {{", "Hail {{"), ("Hail {{", "Welcome {{")] {
        cloud.changed(old, new);
        cloud.released();
    }
    let live = cloud.pointer("greet");
    cloud.changed("Welcome {{", "Salute {{");
    insta::assert_snapshot!(said(&cloud.run(&["release"])), @"
    not released  greet  4 -> next  /prod/llm/greet  OK, 1 of 1
    unchanged     reply  1          /prod/llm/reply  the live version equals the commit
    stopped: bedrock:CreatePromptVersion on `prompt PROMPT0001`: The number of versions of a prompt must be at most 4. (the prompt has 4 versions; delete one that nothing uses: aws bedrock-agent delete-prompt --prompt-identifier PROMPT0001 --prompt-version 1; or let releases do it, with `prompt_management: {keep: N}` below the quota)
      = prompts that were not released are unchanged; after this is fixed, the same command completes the release
    prod: 1 not released, 1 unchanged
    exit 3
    ");
    assert_eq!(cloud.pointer("greet"), live);
    cloud.project.edit("prompt-assay.yaml", "prompt_management: {}", "prompt_management: {keep: 3}");
    cloud.project.commit("let releases make room");
    cloud.released();
    assert_eq!(cloud.bedrock.library().versions("prod-llm-greet"), [3, 4, 5]);
}

#[test]
fn throttling_conflicts_and_lost_answers_end_in_one_version() {
    let cloud = Cloud::new();
    let library = cloud.bedrock.library();
    let conflict = || Fault::Error {
        status: 409,
        code: "ConflictException".to_owned(),
        message: "The prompt is being changed by another request.".to_owned(),
    };
    for operation in ["ListPrompts", "CreatePrompt", "CreatePromptVersion", "GetPrompt"] {
        library.strike(operation, Strike::Instead(Fault::Throttling));
        library.strike(operation, Strike::AfterIt);
    }
    library.strike("CreatePromptVersion", Strike::Instead(conflict()));
    cloud.released();
    for name in ["prod-llm-greet", "prod-llm-reply"] {
        assert_eq!(library.versions(name), [1], "{:?}", library.calls());
    }
}

#[test]
fn what_prompt_management_cannot_say_is_refused_before_the_first_write() {
    let cloud = Cloud::new();
    cloud.changed("Greet {{ name }}.", "{% if name %}Greet {{ name }}{% endif %}");
    let refused = cloud.run(&["release"]);
    insta::assert_snapshot!(format!("{}{}\nexit {}", refused.stdout, refused.stderr, refused.status), @"
    error: the prompt `greet` cannot be released: `{% if name %}` does more than to fill in a value
      --> prompts.yaml
       = Prompt Management knows `{{name}}` and nothing else: write the text so, or release the prompt to an environment without `prompt_management`

    1 error; nothing was released

    exit 2
    ");
    assert_eq!(cloud.bedrock.library().calls(), Vec::<String>::new());
}

#[test]
fn an_edited_draft_stops_the_release() {
    let cloud = Cloud::new();
    cloud.released();
    cloud
        .bedrock
        .library()
        .edit("prod-llm-greet", |draft| draft["variants"][0]["modelId"] = json!("amazon.nova-lite-v1:0"));
    cloud.changed("Greet {{", "Welcome {{");
    insta::assert_snapshot!(said(&cloud.run(&["release"])), @"
    not released  greet  1 -> next  /prod/llm/greet  OK, 1 of 1
    unchanged     reply  1          /prod/llm/reply  the live version equals the commit
    stopped: bedrock:UpdatePrompt on `prompt prod-llm-greet`: the draft of the prompt `prod-llm-greet` was edited outside, and no version holds it (take the edit into Git and discard it there, or save it as a version (`aws bedrock-agent create-prompt-version --prompt-identifier PROMPT0001`), and run it again)
      = prompts that were not released are unchanged; after this is fixed, the same command completes the release
    prod: 1 not released, 1 unchanged
    exit 3
    ");
}
