//! `-v` logs every call, with any provider.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

#[test]
fn of_rules_in_a_file_too() {
    let project = Project::edited();
    project.edit(
        "rules.yaml",
        "default:",
        "rules:\n  - {when: {input: evening, system: kindly}, error: {class: transient, times: 1}, text: Hello Grace}\ndefault:",
    );
    let eval = ["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--concurrency", "1"];
    let quiet = project.run(&eval);
    assert_eq!(quiet.stderr, "");
    let loud = project.run(&[&eval[..], &["--no-cache", "-vv"]].concat());
    let took = regex::Regex::new("took=[^ ]+").expect("a pattern");
    let mut lines: Vec<String> =
        loud.stderr.lines().map(|line| took.replace(line.trim_start(), "took=T").into_owned()).collect();
    lines.sort();
    lines.dedup();
    assert_snapshot!(lines.join("\n"), @r#"
    DEBUG prompt_assay::runner::flights: answered prompt="greet" case="evening" side=Baseline phase=Screen lane=Prompt model="amazon.nova-lite-v1:0" took=T stop=EndTurn usage=Usage { input: 9, output: 6, cache_read: 0, cache_write: 0 }
    DEBUG prompt_assay::runner::flights: answered prompt="greet" case="evening" side=Candidate phase=Screen lane=Prompt model="amazon.nova-lite-v1:0" took=T stop=EndTurn usage=Usage { input: 9, output: 3, cache_read: 0, cache_write: 0 }
    DEBUG prompt_assay::runner::flights: answered prompt="greet" case="morning" side=Baseline phase=Screen lane=Prompt model="amazon.nova-lite-v1:0" took=T stop=EndTurn usage=Usage { input: 8, output: 6, cache_read: 0, cache_write: 0 }
    DEBUG prompt_assay::runner::flights: answered prompt="greet" case="morning" side=Candidate phase=Screen lane=Prompt model="amazon.nova-lite-v1:0" took=T stop=EndTurn usage=Usage { input: 8, output: 6, cache_read: 0, cache_write: 0 }
    DEBUG prompt_assay::runner::flights: failed prompt="greet" case="evening" side=Candidate phase=Screen lane=Prompt model="amazon.nova-lite-v1:0" took=T class=Transient
    "#);
}
