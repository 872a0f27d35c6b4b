//! A project with one prompt and 60 cases, a third of them judged, and rules that answer it:
//! sometimes wrongly, and for six cases mostly wrongly after the prompt asks for brevity.

use crate::on_disk::Project;

/// Cases that the edit of [`briefer`] breaks.
pub const BREAKS: [u32; 6] = [7, 14, 21, 28, 35, 42];

/// What the rules say.
pub const RULES: &str = r#"
seed: 11
rules:
  - when: {tool: score, input: "I can look into that"}
    answers: [{tool: {score: 0.1, reasoning: "Names no order."}}]
  - when: {tool: score}
    answers:
      - {p: 0.5, tool: {score: 0.9, reasoning: "Names the order and what happens next."}}
      - {tool: {score: 1.0, reasoning: "Meets the rubric."}}
  - when: {input: "order 50\\b"}
    error: {class: throttled, times: 1}
    text: "Order 50 is on its way."
  - when: {system: "be brief", input: "order (?<number>7|14|21|28|35|42)\\b"}
    answers:
      - {p: 0.9, text: "I can look into that."}
      - {text: "Order {{ capture.number }} is on its way."}
  - when: {input: "order (?<number>\\d+)"}
    answers:
      - {p: 0.96, text: "Order {{ capture.number }} is on its way."}
      - {text: "I can look into that."}
"#;

const CATALOG: &str = "\
support:
  text: |
    You answer customers of a shop.
    Name the order and what happens next.
";

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, judge: amazon.nova-pro-v1:0}
parameters: {max_tokens: 200, temperature: 0.3, top_p: 0.9, stop: [END], extra: {top_k: 40, beam: {width: 2}}}
calls: {concurrency: 4}
";

fn golden() -> String {
    let mut set = "cases:\n".to_owned();
    for number in 1..=60 {
        let judge = if number % 3 == 0 { ", {judge: Names the order and the next step.}" } else { "" };
        set.push_str(&format!(
            "  - id: order-{number:02}\n    input: \"Where is my order {number}?\"\n    \
             checks: [{{contains: \"{number}\"}}{judge}]\n"
        ));
    }
    set
}

/// The repository: the base is committed, nothing is edited.
pub fn project() -> Project {
    Project::new(&[
        ("prompts.yaml", CATALOG),
        ("golden/support.yaml", &golden()),
        ("prompt-assay.yaml", CONFIG),
        ("rules.yaml", RULES),
    ])
}

/// The repository after an edit that breaks [`BREAKS`], committed.
pub fn briefer() -> Project {
    edited("Name the order and what happens next. Be brief.")
}

/// The repository after an edit that breaks nothing, committed.
pub fn reworded() -> Project {
    edited("Name the order, then say what happens next.")
}

fn edited(instruction: &str) -> Project {
    let project = project();
    project.edit("prompts.yaml", "Name the order and what happens next.", instruction);
    project.commit("Edit the prompt");
    project
}
