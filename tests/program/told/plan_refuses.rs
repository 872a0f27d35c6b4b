//! What `eval` refuses before its first call is no plan.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

#[test]
fn whatever_eval_refuses() {
    let mut told = Vec::new();
    for config in [
        "models: {branch: my.own-model}\nbudget: {max_cost: 0.5}\n",
        "models: {branch: amazon.nova-lite-v1:0}\nprovider: {scripted: missing.yaml}\n",
        "models: {branch: amazon.nova-lite-v1:0}\nprovider: {scripted: prompts.yaml}\n",
    ] {
        let project = Project::edited();
        project.write("prompt-assay.yaml", config);
        let [plan, eval] = ["plan", "eval"].map(|command| project.run(&[command, "--base", "HEAD"]).told());
        assert_eq!(plan, eval);
        told.push(plan);
    }
    assert_snapshot!(told.join("\n"), @"
    exit status 2
    error: the price of model `my.own-model` is unknown, so `max_cost` cannot be kept; if the id is right, add the price that AWS states (https://aws.amazon.com/bedrock/pricing), in US dollars per million tokens, under `prices:` in prompt-assay.yaml
      prices:
        my.own-model: {input: …, output: …}

    exit status 2
    error: the scripted model's rules `missing.yaml` do not exist
       = create the file and commit it, or name another one

    1 error; nothing was evaluated

    exit status 2
    error: unknown key `greet` in a file of rules
      --> prompts.yaml:1:1
       | greet:
       = its keys are `seed`, `latency_ms`, `rules`, `default`

    1 error; nothing was evaluated
    ");
}
