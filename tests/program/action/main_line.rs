//! Merge queue and main (decisions.md#main-does-not-ratchet): what is compared with what, what is paid, what is kept
//! for a release, and the comment on the merged pull request.

use prompt_assay_test_support::main_line::{Line, calls};
use prompt_assay_test_support::repository::shop;
use prompt_assay_test_support::step::Step;
use serde_json::{Value, json};

#[test]
fn main_does_not_ratchet() {
    let line = Line::new();
    assert_eq!(line.push(line.base(), line.merge()).status, 0);
    // Breaks, and is merged all the same: it never passes.
    let broken = line.prompt("A broken version.", line.merge());
    assert_eq!(line.push(line.merge(), &broken).status, 1);
    let still = line.prompt("Still a broken version.", &broken);
    let left = line.push(&broken, &still);
    assert_eq!(left.status, 1, "compared with what passed, not with the commit before: {}", left.log);
    let note = format!("its content at {}, the newest that passed", &line.merge()[..7]);
    assert!(left.log.contains(&note), "{}", left.log);
    // Even a change of something else does not make it good; and nothing is paid to find that out.
    let readme = line.commit(&[("README.md", "# The new shop\n")], &still);
    let left = line.push(&still, &readme);
    assert_eq!((left.status, calls(&left)), (1, 0), "{}", left.log);
    let mended = line.prompt("Third version.", &readme);
    assert_eq!(line.push(&readme, &mended).status, 0);
}

#[test]
fn without_evidence_the_floor_decides_and_never_the_commit_before() {
    // The commit before fails in 26 of 30 cases, too: against it, nothing would be worse.
    let golden = shop().into_iter().find(|(path, _)| path == "golden/reply.yaml").unwrap().1;
    let hopeless = golden.replace("contains: \"yes\"", "contains: \"maybe\"");
    let line = Line::new();
    let before = line.commit(&[("golden/reply.yaml", &hopeless)], line.base());
    let after = line.prompt("Third version.", &before);
    let left = line.push(&before, &after);
    assert_eq!((left.status, left.outputs["reason"].as_str()), (1, "below_floor"), "{}", left.log);
    assert!(left.log.contains("its floor decides"), "{}", left.log);
    assert!(left.log.contains("No earlier runs on the main tier are known"), "{}", left.log);
}

#[test]
fn what_passed_exactly_so_is_not_paid_again() {
    let line = Line::new();
    let queued = line.queue(line.base(), line.merge());
    assert_eq!((queued.status, calls(&queued) > 0), (0, true), "{}", queued.log);
    assert!(queued.summary.contains("main tier"));
    let pushed = line.push(line.base(), line.merge());
    assert_eq!((pushed.status, calls(&pushed)), (0, 0), "{}", pushed.log);
    assert!(line.github.state().comments.is_empty());
    let evidence = std::fs::read_to_string(line.store.path().join(".prompt-assay/evidence.json"));
    assert!(evidence.is_err(), "the evidence file is of the run, not of the store");
}

#[test]
fn a_prompt_nobody_touched_is_proven_once_when_the_store_is_kept() {
    let line = Line::new();
    let readme = |n: u32, parent: &str| line.commit(&[("README.md", &format!("# {n}\n"))], parent);
    let first = readme(1, line.merge());
    let second = readme(2, &first);
    let third = readme(3, &second);
    // The first run cannot know whether its store will be kept: only what the push touches.
    assert_eq!(calls(&line.push(line.merge(), &first)), 0);
    // A queue decides about its own change.
    assert_eq!(calls(&line.queue(&first, &second)), 0);
    let left = line.push(&first, &second);
    assert_eq!((left.status, calls(&left)), (0, 30), "{}", left.log);
    assert_eq!(calls(&line.push(&second, &third)), 0);
}

#[test]
fn evidence_is_left_for_a_job_with_another_role() {
    let line = Line::new();
    line.github.state().merged = vec![line.merge().to_owned()];
    let step = line.pushing(line.base(), line.merge());
    let left = line.run(&step);
    let path = step.workspace().join(&left.outputs["evidence"]);
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let claim = &file["evidence"][0]["claim"];
    assert_eq!((&claim["prompt"], &claim["verdict"]), (&json!("reply"), &json!("OK")), "{file}");
    assert_eq!(claim["tier"], json!("main"));
    assert_eq!(
        claim["origin"],
        json!({
            "commit": line.merge(), "pull_request": 1, "actor": "alex",
            "run": "https://github.example/shop/prompts/actions/runs/100/attempts/1",
        })
    );
    let left = Step::pull_request(&line.origin, &line.github).run();
    assert_eq!(left.outputs["evidence"], "", "the branch tier releases nothing");
}

#[test]
fn break_glass_is_recorded_in_the_evidence() {
    let line = Line::new();
    line.push(line.base(), line.merge());
    let broken = line.prompt("A broken version.", line.merge());
    let glass = format!("{broken}: incident 7");
    let step = line.pushing(line.merge(), &broken).input("break-glass", &glass);
    let left = line.run(&step);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "REGRESSION"), "{}", left.log);
    let path = step.workspace().join(&left.outputs["evidence"]);
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let claim = &file["evidence"][0]["claim"];
    assert_eq!(claim["break_glass"], json!({"reason": "incident 7", "actor": "alex"}), "{file}");
    // What was let through did not pass: the next change is not measured against it.
    let still = line.prompt("Still a broken version.", &broken);
    assert_eq!(line.push(&broken, &still).status, 1);
}

#[test]
fn a_failed_gate_after_the_merge_is_said_on_the_merged_pull_request() {
    let line = Line::new();
    line.push(line.base(), line.merge());
    let broken = line.prompt("A broken version.", line.merge());
    line.github.state().merged = vec![broken.clone()];
    let left = line.push(line.merge(), &broken);
    assert_eq!(left.status, 1, "{}", left.log);
    let comment = line.github.comment();
    assert!(comment.contains("Nothing was released, and the live versions stay unchanged"), "{comment}");
    assert!(comment.contains("❌ Blocked") && comment.contains("case-01"), "{comment}");
    // A re-run edits it; a run that passes corrects it.
    line.run(&line.pushing(line.merge(), &broken).set("GITHUB_RUN_ATTEMPT", "2"));
    assert!(line.github.comment().contains("Nothing was released"));
    let glass = format!("{broken}: incident 7");
    let again = line.pushing(line.merge(), &broken).set("GITHUB_RUN_ATTEMPT", "3");
    line.run(&again.input("break-glass", &glass));
    let comment = line.github.comment();
    assert!(!comment.contains("Nothing was released") && comment.contains("Break-glass"), "{comment}");
}

#[test]
fn a_mistake_after_the_merge_is_said_on_the_merged_pull_request_too() {
    let line = Line::new();
    let broken = line.commit(&[("prompts.yaml", "reply: [\n")], line.merge());
    line.github.state().merged = vec![broken.clone()];
    let left = line.push(line.merge(), &broken);
    assert_eq!(left.status, 2, "{}", left.log);
    let comment = line.github.comment();
    assert!(comment.contains("Nothing was released") && comment.contains("Not measured"), "{comment}");
}

#[test]
fn what_passed_leaves_the_branch_model_s_answers_for_pull_requests() {
    let line = Line::new();
    let left = line.push(line.base(), line.merge());
    assert_eq!(left.status, 0, "{}", left.log);
    let prefetched: Value =
        serde_json::from_str(&left.outputs["prefetched"]).expect("something was prefetched");
    assert_eq!(
        (&prefetched["models"], &prefetched["calls"]),
        (&json!(["small"]), &json!(30)),
        "{}",
        left.log
    );
    assert!(left.summary.contains("Prefetched for pull requests: 30 answers"), "{}", left.summary);
    // A pull request from there buys its own side only.
    let next = line.prompt("Third version.", line.merge());
    let payload = json!({"repository": {"default_branch": "main"}, "pull_request": {
        "number": 1,
        "base": {"sha": line.merge(), "ref": "main", "repo": {"full_name": "shop/prompts"}},
        "head": {"sha": next, "ref": "edit", "repo": {"full_name": "shop/prompts"}},
    }});
    let pull_request = Step::new(&line.origin, &line.github, ("pull_request", payload), &next);
    let pull_request = pull_request.input("base", line.merge());
    let left = line.run(&pull_request);
    assert_eq!(left.status, 0, "{}", left.log);
    assert!(calls(&left) < 40, "30 baselines are stored: {}", left.log);
}

#[test]
fn nothing_is_prefetched_for_what_did_not_pass_or_is_not_wanted() {
    let line = Line::new();
    line.push(line.base(), line.merge());
    let broken = line.prompt("A broken version.", line.merge());
    let left = line.push(line.merge(), &broken);
    assert_eq!((left.status, left.outputs["prefetched"].as_str()), (1, ""), "{}", left.log);
    let third = line.prompt("Third version.", &broken);
    let left = line.run(&line.pushing(&broken, &third).input("branch-baselines", "false"));
    assert_eq!((left.status, left.outputs["prefetched"].as_str()), (0, ""), "{}", left.log);
    // The budget is the run's: what the evaluation has used up is not spent again.
    let fourth = line.prompt("Fourth version.", &third);
    let left = line.run(&line.pushing(&third, &fourth).input("max-calls", "45"));
    let prefetched: Value =
        serde_json::from_str(&left.outputs["prefetched"]).expect("a little was prefetched");
    let bought = u64::from(calls(&left)) + prefetched["calls"].as_u64().unwrap();
    assert_eq!((left.status, bought), (0, 45), "{}", left.log);
    assert!(left.summary.contains("are missing: the run or its budget ended"), "{}", left.summary);
    // A queue's caches are never read.
    let queued = line.queue(&third, &fourth);
    assert_eq!(queued.outputs["prefetched"], "", "{}", queued.log);
}

#[test]
fn one_shard_of_several_proves_nothing_for_the_commit() {
    let line = Line::new();
    for shard in ["1/2", "2/2"] {
        let left = line.run(&line.pushing(line.base(), line.merge()).input("shard", shard));
        assert_eq!((left.status, left.outputs["evidence"].as_str()), (0, ""), "{}", left.log);
    }
    // The job that merges would speak for the commit. It did not run, so nothing is known to have passed.
    let third = line.prompt("Third version.", line.merge());
    let left = line.push(line.merge(), &third);
    assert!(!left.log.contains("the newest that passed"), "{}", left.log);
    assert!(left.log.contains("No content of it is known to have passed"), "{}", left.log);
}
