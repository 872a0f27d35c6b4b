//! Contents in Prompt Management: whatever call fails, no parameter points to anything but the content it states.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::library::Kept;
use super::memory::Aws;
use super::*;
use crate::problem::Problems;
use crate::prompt::Tier;
use crate::release::prompt_management::variant::{self, canonical, sent};
use crate::release::prompt_management::{Managed, VersionArn};
use crate::release::value::Held;
use crate::snapshot::{Choice, Resolved, Snapshot};
use crate::tree::MemoryTree;

fn content(text: &str) -> String {
    canonical(&json!({
        "templateType": "CHAT",
        "templateConfiguration": {"chat": {"messages": [], "system": [{"text": text}]}},
        "modelId": "amazon.nova-pro-v1:0",
        "inferenceConfiguration": {"text": {"maxTokens": 1024}},
    }))
}

fn managed(aws: &Arc<Aws>, keep: Option<usize>) -> Managed {
    let service = Arc::<Aws>::clone(aws);
    Managed { service, keep, known: Mutex::default() }
}

fn both(text: &str) -> Vec<Wanted> {
    ["a", "b"].map(|name| wanted(name, &content(&format!("{name} {text}")))).into()
}

/// One whole run of a new process.
fn release_managed(aws: &Arc<Aws>, run_name: &str, wishes: &[Wanted], keep: Option<usize>) -> Option<Done> {
    let managed = managed(aws, keep);
    let client = StoreClient { managed: Some(&managed), ..client(aws, run_name, false) };
    let mut items = Vec::new();
    for wanted in wishes {
        let history = client.again(|| client.parameters.history(&wanted.name)).ok()?;
        if let Step::Put(item) = step(&history, wanted, &around(run_name)) {
            items.push(*item);
        }
    }
    Some(run(&client, &items))
}

fn kept<'w>(world: &'w super::memory::World, name: &str) -> &'w Kept {
    world.library.values().find(|kept| kept.draft.name == name).expect("such a prompt")
}

/// What readers get by the label; every pointer leads to the content that it states.
fn live(aws: &Aws) -> Vec<String> {
    let world = aws.world();
    let mut live = Vec::new();
    for (name, versions) in world.parameters.iter().filter(|(name, _)| !archive::is_companion(name)) {
        for version in versions.iter().filter(|version| !version.labels.is_empty()) {
            let Ok(Held::Prompt(pointer)) = value::decode(&version.value) else {
                panic!("{name}: no pointer")
            };
            let (_, draft) = &world.library[&pointer.version.prompt].versions[&pointer.version.version];
            let held = canonical(draft.variant.as_ref().expect("a variant"));
            assert_eq!(value::digest(&held), pointer.sha256, "{name}");
            if version.carries("live") {
                live.push(held);
            }
        }
    }
    live
}

fn contents(wishes: &[Wanted]) -> Vec<String> {
    wishes.iter().map(|wanted| wanted.content.clone()).collect()
}

#[test]
fn whatever_call_fails_running_again_ends_in_the_same_state() {
    let (first, second) = (both("1"), both("2"));
    let calls = {
        let aws = Arc::new(Aws::default());
        assert!(is_complete(&release_managed(&aws, "r1", &first, None)));
        let before = aws.world().calls;
        assert!(is_complete(&release_managed(&aws, "r2", &second, None)));
        assert_eq!(live(&aws), contents(&second));
        let after = aws.world().calls;
        after - before
    };
    assert!(calls > 20, "{calls}");
    for start in [&[][..], &first] {
        for index in 0..calls {
            for fault in ALL {
                let aws = Arc::new(Aws::default());
                assert!(is_complete(&release_managed(&aws, "r1", start, None)));
                let offset = aws.world().calls;
                aws.world().faults.insert(offset + index, fault);
                let when = format!("{fault:?} at call {index}");
                let done = release_managed(&aws, "r2", &second, None);
                // A first release makes fewer calls.
                aws.world().faults.clear();
                live(&aws);
                if matches!(fault, Fault::TimeOut | Fault::Lost | Fault::Throttle) {
                    assert!(is_complete(&done), "{when}: {done:?}");
                }
                assert!(is_complete(&release_managed(&aws, "r3", &second, None)), "{when}");
                assert_eq!(live(&aws), contents(&second), "{when}");
                let versions = usize::from(!start.is_empty()) + 1;
                for name in ["prod-a", "prod-b"] {
                    assert_eq!(kept(&aws.world(), name).versions.len(), versions, "{when}: of {name}");
                }
            }
        }
    }
}

#[test]
fn an_old_content_is_the_version_that_holds_it() {
    let aws = Arc::new(Aws::default());
    for (run_name, text) in [("r1", "1"), ("r2", "2"), ("r3", "1")] {
        assert!(is_complete(&release_managed(&aws, run_name, &both(text), None)));
    }
    assert_eq!(live(&aws), contents(&both("1")));
    assert_eq!(kept(&aws.world(), "prod-a").versions.len(), 2);
}

#[test]
fn a_full_prompt_stops_the_release_and_says_what_can_go() {
    let aws = Arc::new(Aws::default());
    let one = |text: usize| [wanted("a", &content(&text.to_string()))];
    for text in 1..=10 {
        assert!(is_complete(&release_managed(&aws, &format!("r{text}"), &one(text), None)));
    }
    let stop = release_managed(&aws, "r11", &one(11), None).and_then(|done| done.stop).expect("it is full");
    insta::assert_snapshot!(stop, @"bedrock:CreatePromptVersion on `PROMPT0001`: at most 10 versions (the prompt has 10 versions; delete one that nothing uses: aws bedrock-agent delete-prompt --prompt-identifier PROMPT0001 --prompt-version 1; or let releases do it, with `prompt_management: {keep: N}` below the quota)");
    assert_eq!(live(&aws), contents(&one(10)), "what was live stays live");
    // The same with leave to make room: the oldest go, and never one that is live or was before.
    assert!(is_complete(&release_managed(&aws, "r12", &one(11), Some(4))));
    assert_eq!(live(&aws), contents(&one(11)));
    let numbers: Vec<u32> = kept(&aws.world(), "prod-a").versions.keys().copied().collect();
    assert_eq!(numbers, [8, 9, 10, 11]);
}

#[test]
fn versions_of_others_are_never_deleted() {
    let aws = Arc::new(Aws::default());
    let one = |text: usize| [wanted("a", &content(&text.to_string()))];
    assert!(is_complete(&release_managed(&aws, "r1", &one(1), Some(3))));
    let service: &dyn crate::release::prompt_management::ManagedPrompts = aws.as_ref();
    for _ in 0..3 {
        service.publish("PROMPT0001", "made in the console").expect("a version");
    }
    for text in 2..=5 {
        assert!(is_complete(&release_managed(&aws, &format!("r{text}"), &one(text), Some(3))));
    }
    let numbers: Vec<u32> = kept(&aws.world(), "prod-a").versions.keys().copied().collect();
    assert_eq!(numbers, [2, 3, 4, 6, 7, 8], "three of the console, and the newest three of the releases");
}

#[test]
fn somebody_s_unsaved_work_is_not_overwritten() {
    let aws = Arc::new(Aws::default());
    let (old, new) = ([wanted("a", &content("old"))], [wanted("a", &content("new"))]);
    assert!(is_complete(&release_managed(&aws, "r1", &old, None)));
    let mut edited = sent(&content("old"));
    edited["modelId"] = json!("edited in the console");
    aws.world().library.get_mut("PROMPT0001").expect("the prompt").draft.variant = Some(edited);
    let stop = release_managed(&aws, "r2", &new, None).and_then(|done| done.stop).expect("it is in the way");
    insta::assert_snapshot!(stop, @"bedrock:UpdatePrompt on `prompt prod-a`: the draft of the prompt `prod-a` was edited outside, and no version holds it (take the edit into Git and discard it there, or save it as a version (`aws bedrock-agent create-prompt-version --prompt-identifier PROMPT0001`), and run it again)");
    let service: &dyn crate::release::prompt_management::ManagedPrompts = aws.as_ref();
    service.publish("PROMPT0001", "saved").expect("a version");
    assert!(is_complete(&release_managed(&aws, "r3", &new, None)));
    assert_eq!(live(&aws), contents(&new));
}

#[test]
fn an_edit_between_two_calls_never_goes_live() {
    let calls = {
        let aws = Arc::new(Aws::default());
        assert!(is_complete(&release_managed(&aws, "r1", &[wanted("a", &content("new"))], None)));
        aws.world().calls
    };
    for moment in 0..calls {
        let world: Arc<Mutex<Option<std::sync::Weak<Aws>>>> = Arc::default();
        let reached = Arc::clone(&world);
        let edit = move |index: usize| {
            let aws = reached.lock().unwrap().as_ref().and_then(std::sync::Weak::upgrade);
            let Some(aws) = aws.filter(|_| index == moment) else { return };
            let mut edited = sent(&content("new"));
            edited["modelId"] = json!("edited in the console");
            if let Some(kept) = aws.world().library.get_mut("PROMPT0001") {
                kept.draft.variant = Some(edited);
            }
        };
        let aws = Arc::new(Aws(Mutex::default(), Some(Box::new(edit))));
        *world.lock().unwrap() = Some(Arc::downgrade(&aws));
        let done = release_managed(&aws, "r1", &[wanted("a", &content("new"))], None);
        match live(&aws).as_slice() {
            [] => assert!(!is_complete(&done), "at {moment}"),
            live => assert_eq!(live, [content("new")], "at {moment}"),
        }
    }
}

/// What the first prompt of a catalog is in Prompt Management, or why it is nothing there.
fn variant_of(catalog: &str) -> String {
    let config = "models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}\n";
    let tree = MemoryTree::new([("prompt-assay.yaml", config), ("prompts.yaml", catalog)]);
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(&tree, Some("prompt-assay.yaml"), &mut problems);
    let choice = Choice { tier: Tier::Main, ..Choice::default() };
    let resolved = Resolved::read(&snapshot, &snapshot.prompts[0], &choice, None, &mut problems);
    assert_eq!(problems.to_string(), "");
    match variant::content(&snapshot.prompts[0], &resolved.expect("a prompt")) {
        Ok(content) => serde_json::from_str::<serde_json::Value>(&content).expect("JSON").to_string(),
        Err(error) => format!("{error} = {}", error.help),
    }
}

#[test]
fn a_prompt_becomes_a_variant_with_all_that_a_call_needs() {
    let catalog = "\
p:
  messages:
    - {role: system, content: \"Greet {{ name }}.\"}
    - {role: user, content: \"{{ question }}\"}
  parameters: {max_tokens: 50, temperature: 0.2, top_p: 0.9, stop: [END], extra: {top_k: 20}}
  tools: [{name: refund, description: Pays back., input_schema: {type: object, properties: {}}}]
  tool_choice: {tool: refund}
";
    insta::assert_snapshot!(variant_of(catalog), @r#"{"additionalModelRequestFields":{"top_k":20},"inferenceConfiguration":{"text":{"maxTokens":50,"stopSequences":["END"],"temperature":0.2,"topP":0.9}},"modelId":"amazon.nova-pro-v1:0","templateConfiguration":{"chat":{"inputVariables":[{"name":"name"},{"name":"question"}],"messages":[{"content":[{"text":"{{question}}"}],"role":"user"}],"system":[{"text":"Greet {{name}}."}],"toolConfiguration":{"toolChoice":{"tool":{"name":"refund"}},"tools":[{"toolSpec":{"description":"Pays back.","inputSchema":{"json":{"properties":{},"type":"object"}},"name":"refund"}}]}}},"templateType":"CHAT"}"#);
}

#[test]
fn what_the_service_does_not_take_is_said_before_it_is_sent() {
    let many = (0..21).map(|n| format!("{{{{ v{n} }}}}")).collect::<String>();
    let all = [
        variant_of(&format!("p: \"{many}\"\n")),
        variant_of("p: \"{{ first__name }}\"\n"),
        variant_of("p: {text: A, parameters: {stop: [a, b, c, d, e]}}\n"),
        variant_of("p: {text: A, tools: [{name: look-up, input_schema: {type: object}}]}\n"),
        variant_of("p: {text: \"Write {{ name }}\", template: none}\n"),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    it has 21 variables, and Prompt Management allows 20 = use fewer variables, or release the prompt without `prompt_management`
    Prompt Management does not allow the variable's name `first__name` = use letters and digits with single `_` between them
    Prompt Management allows 4 `stop` sequences = use fewer, or release the prompt without `prompt_management`
    Prompt Management does not allow the tool's name `look-up` = use letters, digits and `_`, with a letter first
    `{{` in a text would begin or end a variable there = Prompt Management knows `{{name}}` and nothing else: write the text so, or release the prompt to an environment without `prompt_management`
    ");
}

#[test]
fn a_version_of_another_account_is_not_taken_for_ones_own() {
    let aws = Arc::new(Aws::default());
    assert!(is_complete(&release_managed(&aws, "r1", &both("1"), None)));
    let held = |account: &str| {
        let arn = format!("arn:aws:bedrock:eu-west-1:{account}:prompt/PROMPT0001:1");
        managed(&aws, None).content(&VersionArn::read(&arn).expect("an ARN")).expect("an answer")
    };
    assert_eq!(held("123456789012"), Some(content("a 1")));
    assert_eq!(held("999999999999"), None);
}
