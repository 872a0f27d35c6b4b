//! Bars moved by the change that they measure: every key that lowers one, who may move it, what the
//! base protects, and what could hide it.

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, git};
use prompt_assay_test_support::step::{Step, queued};
use serde_json::json;

use crate::proposal::{
    Files, Judged, configured, files, from_fork, judged, of_shop, over, shop_with, with_step,
};

/// One part of the bar, moved.
struct Move {
    /// The name in `protect`.
    part: &'static str,
    /// What the base has beside the shop.
    base: Files,
    edit: Files,
    /// How it is listed.
    says: &'static str,
}

/// The golden set of the shop, whose first case must pass.
fn with_must_pass(extra: &str) -> String {
    of_shop("golden/reply.yaml").replacen("{id: case-01,", &format!("{{id: case-01, {extra}"), 1)
}

/// Moves of the configuration: the part, a line of the base, the line of the head, and what is said.
fn of_configuration() -> Vec<Move> {
    let gate = |old: &str, new: &str| (format!("gate: {{{old}}}\n"), format!("gate: {{{new}}}\n"));
    let line = |old: &str, new: &str| (old.to_owned(), new.to_owned());
    [
        ("gate", gate("alpha: 0.05", "alpha: 0.01"), "`gate.alpha`: 0.05 → 0.01 (lowers the bar"),
        ("gate", gate("delta: 0.2", "delta: 0.9"), "`gate.delta`: 0.2 → 0.9 (lowers the bar"),
        ("gate", gate("drop_pairs: 3", "drop_pairs: 0"), "`gate.drop_pairs`: 3 → 0 (lowers the bar"),
        ("gate", gate("trigger: 0.4", "trigger: 0.01"), "`gate.trigger`: 0.4 → 0.01 (lowers the bar"),
        ("gate", gate("trigger_graded: 0.2", "trigger_graded: 0.01"), "`gate.trigger_graded`: 0.2 → 0.01"),
        ("gate", gate("fail_fast: false", "fail_fast: true"), "`gate.fail_fast`: false → true"),
        ("gate", gate("min_score: 0.9", "min_score: 0"), "`gate.min_score`: 0.9 → 0 (lowers the bar"),
        (
            "gate",
            gate("budget_per_call: {latency_ms: {p95: 100}}", "budget_per_call: {latency_ms: {p95: 900}}"),
            "`gate.budget_per_call.latency_ms.p95`: 100 → 900 (lowers the bar",
        ),
        ("gate", gate("on_inconclusive: fail", "fail_fast: true"), "`gate.on_inconclusive`: fail → neutral"),
        (
            "gate",
            gate("on_mixed: fail", "on_mixed: neutral"),
            "`gate.on_mixed`: fail → neutral (lowers the bar",
        ),
        ("gate", gate("net: 2", "net: 0"), "`gate.net`: 2 → 0 (lowers the bar"),
        ("gate", gate("protect: all", "protect: [money]"), "`gate.protect`: all → money (lowers the bar"),
        ("gate", gate("uncovered: fail", "uncovered: pass"), "`gate.uncovered`: fail → pass (lowers the bar"),
        ("gate", gate("enforce: true", "enforce: false"), "`gate.enforce`: true → false (lowers the bar"),
        (
            "gate",
            gate("jitter: whitespace", "jitter: none"),
            "`gate.jitter`: whitespace → none (lowers the bar",
        ),
        ("gate", gate("seed: a", "seed: b"), "`gate.seed`: a → b"),
        (
            "budget",
            line("budget: {max_calls: 900}\n", "budget: {max_calls: 1}\n"),
            "`budget.max_calls`: 900 → 1",
        ),
        ("budget", line("", "budget: {max_tokens: 9}\n"), "`budget.max_tokens`: none → 9"),
        (
            "budget",
            line(
                "budget: {max_cost: 5}\nprices: {small: {input: 1, output: 1}}\n",
                "prices: {small: {input: 1, output: 1}}\n",
            ),
            "`budget.max_cost`: 5 → none",
        ),
        (
            "prices",
            line("prices: {small: {input: 1, output: 1}}\n", "prices: {small: {input: 0, output: 0}}\n"),
            "`prices` of `small`: input 1, output 1 → input 0, output 0 (lowers the bar",
        ),
        (
            "prices",
            line(
                "prices: {small: {input: 1, output: 1}}\n",
                "prices: {small: {input: 1, output: 1, cache_read: 0}}\n",
            ),
            "cache_read 0 (lowers the bar",
        ),
        (
            "prices",
            line("", "prices: {huge: {input: 0, output: 0}}\n"),
            "`prices` of `huge`: none → input 0, output 0",
        ),
        (
            "prices",
            line("prices: {small: {input: 1, output: 1}}\n", ""),
            "`prices` of `small`: input 1, output 1 → none",
        ),
        (
            "models",
            line("models: {judge: strict}\n", "models: {judge: kind}\n"),
            "`models.judge`: strict → kind",
        ),
        (
            "judge",
            line("judge: {threshold: 0.7}\n", "judge: {threshold: 0}\n"),
            "`judge.threshold`: 0.7 → 0 (lowers",
        ),
        (
            "accepted_breaks",
            line("", "accepted_breaks: [{prompt: reply, case: case-01, reason: \"because\"}]\n"),
            "the break of case `case-01` is accepted: because (lowers the bar",
        ),
        (
            "accepted_breaks",
            line(
                "accepted_breaks: [{prompt: reply, case: case-01, reason: why, until: 2026-01-01}]\n",
                "accepted_breaks: [{prompt: reply, case: case-01, reason: why}]\n",
            ),
            "the break of case `case-01` is accepted: why",
        ),
        (
            "redact",
            line("", "redact: [\"sk-[a-z]+\"]\n"),
            "`redact` gains the pattern `sk-[a-z]+` (lowers the bar",
        ),
        ("redact", line("redact: [\"sk-[0-9]+\"]\n", ""), "`redact` loses the pattern `sk-[0-9]+`"),
        (
            "database",
            line("", "database: other/assay.db\n"),
            "`database`: .prompt-assay/assay.db → other/assay.db (lowers",
        ),
        (
            "shared_store",
            line("", "shared_store: s3://mallory/x\n"),
            "`shared_store`: none → s3://mallory/x (lowers",
        ),
        (
            "provider",
            line(
                "",
                "calls: {batch: {role_arn: \"arn:aws:iam::123456789012:role/b\", s3: s3://mallory/x}}\n",
            ),
            "`calls.batch`: none → {",
        ),
        (
            "catalogs",
            line("", "catalogs: [prompts.yaml]\n"),
            "`catalogs`: prompts.yaml, prompts.yml, prompts.json →",
        ),
        (
            "release",
            line(
                "release: {environments: {prod: {ssm: \"/a/{name}\"}}}\n",
                "release: {environments: {prod: {ssm: \"/b/{name}\"}}}\n",
            ),
            "`release` of `environments`:",
        ),
        ("protect", line("", "protect: [gate]\n"), "`protect`: none → gate"),
    ]
    .into_iter()
    .map(|(part, (old, new), says)| {
        let config = |more: &str| {
            // A key of the shop's own is replaced.
            let key = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
            let written: Vec<String> = old.lines().chain(new.lines()).map(key).collect();
            let own = of_shop("prompt-assay.yaml");
            let models = "models: {branch: small, main: large, ";
            let more = more.replace("models: {", models);
            let kept: String = own
                .lines()
                .filter(|line| !written.contains(&key(line)))
                .map(|line| format!("{line}\n"))
                .collect();
            vec![("prompt-assay.yaml".to_owned(), format!("{kept}{more}"))]
        };
        Move { part, base: config(&old), edit: config(&new), says }
    })
    .collect()
}

/// Moves of prompts and golden sets.
fn of_prompts() -> Vec<Move> {
    let golden = |text: String| vec![("golden/reply.yaml".to_owned(), text)];
    let must = || golden(with_must_pass("must_pass: true, "));
    let prompts = |more: &str| {
        let text = format!(
            "reply: {{text: \"Answer the customer. First version.\"{more}}}\nother: \"Unchanged.\"\n"
        );
        vec![("prompts.yaml".to_owned(), text)]
    };
    let fewer: String =
        of_shop("golden/reply.yaml").lines().take(25).map(|line| format!("{line}\n")).collect();
    let without_first: String = of_shop("golden/reply.yaml")
        .lines()
        .filter(|line| !line.contains("case-01"))
        .map(|line| format!("{line}\n"))
        .collect();
    let weaker = with_must_pass("must_pass: true, ").replacen("contains: \"yes\"", "contains: \"y\"", 1);
    let other_question = with_must_pass("must_pass: true, ").replacen("question 1\"", "question 9\"", 1);
    let alone = files(&[("prompts.yaml", "other: \"Unchanged.\"\n"), ("golden/reply.yaml", "")]);
    let scored = |old: &str, new: &str| (prompts(old), prompts(new));
    let floor = scored(", min_score: 0.7", ", min_score: 0");
    // 22 of 30 pass: a floor of the configuration's that a prompt's own undercuts.
    let under = (
        over(
            prompts(""),
            &files(&[("prompt-assay.yaml", &configured("").replace("gate: {", "gate: {min_score: 0.7, "))]),
        ),
        prompts(", min_score: 0.1"),
    );
    // A new prompt comes with a bar of its own, below the configuration's.
    let new = |config: &str, own: &str| {
        let config = configured("").replace("gate: {", &format!("gate: {{{config}, "));
        let mut edit = prompts("");
        edit[0].1.push_str(&format!("newcomer: {{text: Hello., {own}}}\n"));
        (over(prompts(""), &files(&[("prompt-assay.yaml", &config)])), edit)
    };
    let undercut = new("min_score: 0.7", "min_score: 0.1");
    let looser =
        new("budget_per_call: {latency_ms: {p95: 200}}", "budget_per_call: {latency_ms: {p95: 300}}");
    let mode = scored("", ", score: mean");
    let target = scored(", release: {ssm: /a}", ", release: {ssm: /b}");
    let never = scored(", release: {ssm: /a}", ", release: false");
    let first = scored("", ", release: {ssm: /b}");
    let model = scored(", models: {main: large}", ", models: {main: tiny}");
    [
        ("must_pass", (must(), golden(without_first)), "1 golden case removed: `case-01`"),
        (
            "must_pass",
            (must(), golden(of_shop("golden/reply.yaml"))),
            "1 golden case no longer must-pass: `case-01`",
        ),
        ("must_pass", (must(), golden(weaker)), "1 golden case with other checks or expectations: `case-01`"),
        ("must_pass", (must(), golden(other_question)), "1 golden case with another input: `case-01`"),
        ("must_pass", (must(), alone.clone()), "the prompt is removed, with 1 must-pass case"),
        ("golden", (Files::new(), golden(fewer)), "6 golden cases removed: `case-25`"),
        (
            "golden",
            (must(), golden(of_shop("golden/reply.yaml"))),
            "1 golden case no longer must-pass: `case-01`",
        ),
        ("gate", floor, "`min_score`: 0.7 → 0 (lowers the bar"),
        ("gate", under, "`min_score`: none → 0.1 (lowers the bar"),
        (
            "gate",
            scored(", budget_per_call: {cost_usd: {p95: 0.1}}", ""),
            "`budget_per_call.cost_usd.p95`: 0.1 → none (lowers the bar",
        ),
        ("gate", undercut, "`min_score` of a new prompt: 0.7 → 0.1 (lowers the bar"),
        ("gate", looser, "`budget_per_call.latency_ms.p95`: 200 → 300 in a new prompt (lowers the bar"),
        ("gate", mode, "how checks become a score (`score`) changed"),
        ("release", target, "`release`: {\"ssm\":\"/a\"} → {\"ssm\":\"/b\"}"),
        ("release", never, "`release`: {\"ssm\":\"/a\"} → false"),
        ("release", first, "`release`: none → {\"ssm\":\"/b\"}"),
        ("models", model, "`models.main`: large → tiny"),
    ]
    .into_iter()
    .map(|(part, (base, edit), says)| Move { part, base, edit, says })
    .collect()
}

impl Move {
    /// The base, with a line in its configuration. The head's configuration keeps the line.
    fn with(&self, line: &str) -> (Files, Files) {
        let base = over(shop_with(&[]), &self.base);
        let mut edit = self.edit.clone();
        let add = |files: &mut Files| {
            for (_, text) in files.iter_mut().filter(|(path, _)| path == "prompt-assay.yaml") {
                if !text.lines().any(|line| line.starts_with("protect:")) {
                    text.push_str(line);
                }
            }
        };
        let mut base = base;
        add(&mut base);
        add(&mut edit);
        (base, edit)
    }
}

#[test]
fn no_key_that_the_base_protects_moves_in_a_change_that_passes() {
    bound(of_configuration());
}

#[test]
fn no_prompt_and_no_golden_case_that_the_base_protects_moves_in_a_change_that_passes() {
    bound(of_prompts());
}

fn bound(moves: Vec<Move>) {
    for moved in moves {
        // The control: an unprotected part is listed, and passes with a warning.
        let (base, edit) = moved.with("");
        let free = judged(&base, &edit, &[]);
        free.ends(0, moved.says);
        free.says(moved.says, moved.part);
        free.says("::warning title=prompt-assay%3A moved bar", moved.says);
        // The protected part: no input helps.
        if moved.part == "protect" {
            continue;
        }
        let (base, edit) = moved.with(&format!("protect: [{}]\n", moved.part));
        let inputs = [("golden-changes", "allow"), ("fail-on", "never"), ("on-fork", "skip")];
        let bound = judged(&base, &edit, &inputs);
        bound.ends(1, moved.says);
        bound.says("protected)", moved.says);
        bound.says("The base protects", moved.says);
        bound.says("no proposed change may move that and pass", moved.says);
    }
}

/// Rules that answer as the author likes, in the place of a model.
#[test]
fn no_change_that_puts_rules_in_the_place_of_a_model_passes() {
    let scripted = of_shop("prompt-assay.yaml");
    let rest = scripted.replace("provider: {scripted: rules.yaml}\n", "");
    let broken = "reply: \"Answer the customer. A broken version.\"\nother: \"Unchanged.\"\n";
    let edits = |config: &str| {
        files(&[
            ("prompt-assay.yaml", config),
            ("prompts.yaml", broken),
            ("rules.yaml", "default: {text: \"yes\"}\n"),
        ])
    };
    let elsewhere = scripted.replace("rules.yaml", "other.yaml");
    let silent = format!("{scripted}redact: [\".+\"]\n");
    for (attempt, base, head) in [
        ("a model by default", rest.clone(), scripted.clone()),
        ("a model by name", format!("provider: bedrock\n{rest}"), scripted.clone()),
        ("no configuration", String::new(), scripted.clone()),
        ("rules of another name", rest.clone(), elsewhere.clone()),
        ("and all is hidden", rest.clone(), silent),
    ] {
        let mut files = shop_with(&[("prompt-assay.yaml", &base)]);
        files.retain(|(_, text)| !text.is_empty());
        let mut edits = edits(&head);
        edits.push(("other.yaml".to_owned(), "default: {text: \"yes\"}\n".to_owned()));
        for inputs in [&[][..], &[("golden-changes", "allow"), ("fail-on", "never"), ("on-fork", "skip")]] {
            let judged = judged(&files, &edits, inputs);
            judged.ends(1, attempt);
            judged.says("The base protects `provider`: no proposed change may move that and pass", attempt);
            assert!(judged.first_bar.contains("`provider`: "), "{attempt}: {}", judged.first_bar);
            assert!(
                judged.first_bar.ends_with("(lowers the bar; protected)"),
                "{attempt}: {}",
                judged.first_bar
            );
            let (told, bars) = judged.left.summary.split_once("lowers its own bar**").expect("bars");
            assert!(told.contains("**No language model was called"), "{attempt}: {told}");
            assert!(bars.contains("protected"), "{attempt}");
        }
    }
    // Controls: the same change where rules answered before, with them and with others of the author's.
    let base = shop_with(&[]);
    judged(&base, &files(&[("prompts.yaml", broken)]), &[]).ends(1, "the rules of the base");
    judged(&base, &edits(&scripted), &[]).ends(0, "rules before, rules now");
    let mut moved = edits(&elsewhere);
    moved.push(("other.yaml".to_owned(), "default: {text: \"yes\"}\n".to_owned()));
    judged(&base, &moved, &[]).ends(0, "rules before, rules of another name now");
}

#[test]
fn rules_in_the_place_of_a_model_bind_the_merge_queue_too() {
    let scripted = of_shop("prompt-assay.yaml");
    let rest = scripted.replace("provider: {scripted: rules.yaml}\n", "");
    for (base, of_queue) in [(rest.as_str(), 1), (scripted.as_str(), 0)] {
        let head = format!("{scripted}# An edit.\n");
        let origin =
            Origin::between(&shop_with(&[("prompt-assay.yaml", base)]), &[("prompt-assay.yaml", &head)]);
        let github = GitHub::start(Some(origin.path()));
        let payload = queued(&origin.merge, &origin.base);
        let queue = Step::new(&origin, &github, ("merge_group", payload), &origin.merge).run();
        Judged::of(queue).ends(of_queue, base);
    }
}

/// The base's configuration with `protect`, and what a change makes of it.
fn protecting(edit: &str, with: &[(&str, &str)]) -> Judged {
    let base = shop_with(&[("prompt-assay.yaml", &configured("protect: [gate]\n"))]);
    let edits = over(files(&[("prompt-assay.yaml", edit)]), &files(with));
    judged(&base, &edits, &[])
}

#[test]
fn the_bases_list_binds_the_change_that_edits_it() {
    let config = of_shop("prompt-assay.yaml");
    let lowered = config.replace("gate: {", "gate: {enforce: false, ");
    let lowered_beside = format!("{lowered}protect: []\n");
    let swapped = format!("{config}protect: [budget]\n");
    let kept = format!("{config}protect: [gate]\n");
    for (name, edit, with, status) in [
        ("emptied, and the gate lowered", lowered_beside.as_str(), &[][..], 1),
        ("left out, and the gate lowered", lowered.as_str(), &[], 1),
        ("left out alone, for the next change", config.as_str(), &[], 1),
        ("another part in its place", swapped.as_str(), &[], 1),
        ("the configuration renamed without it", "", &[("prompt-assay.yml", config.as_str())], 1),
        // Controls.
        ("one more part", &configured("protect: [gate, budget]\n"), &[], 0),
        ("nothing of it moves", &format!("# A comment.\n{kept}"), &[], 0),
        ("the configuration renamed with it", "", &[("prompt-assay.yml", kept.as_str())], 0),
    ] {
        protecting(edit, with).ends(status, name);
    }
}

#[test]
fn a_base_that_cannot_be_read_protects_everything_if_it_speaks_of_protection() {
    for (name, more, status) in [("speaks of it", "protect: [gate]\n", 1), ("does not", "", 0)] {
        let broken = shop_with(&[("prompt-assay.yaml", &configured(&format!("{more}catalogs: [\n")))]);
        let mended = files(&[("prompt-assay.yaml", &configured(more))]);
        judged(&broken, &mended, &[]).ends(status, name);
    }
}

#[test]
fn an_unknown_name_protects_nothing_and_is_an_error() {
    for (written, help) in [("gates", "did you mean `gate`?"), ("musst_pass", "did you mean `must_pass`?")] {
        let edits = files(&[("prompt-assay.yaml", &configured(&format!("protect: [{written}]\n")))]);
        let judged = judged(&shop_with(&[]), &edits, &[]);
        judged.ends(2, written);
        judged.says(help, written);
    }
}

#[test]
fn what_the_tip_protects_binds_a_branch_that_left_before() {
    let base = shop_with(&[]);
    let lowered = of_shop("prompt-assay.yaml").replace("gate: {", "gate: {enforce: false, ");
    let origin = Origin::between(&base, &[("prompt-assay.yaml", &lowered)]);
    let root = origin.path();
    let tip = |text: &str| {
        git(root, &["checkout", "--quiet", "--detach", &origin.base]).unwrap();
        std::fs::write(root.join("prompt-assay.yaml"), text).unwrap();
        git(root, &["commit", "--quiet", "--allow-empty", "--all", "--message", "Later"]).unwrap();
        git(root, &["rev-parse", "HEAD"]).unwrap().trim().to_owned()
    };
    for (tip, status) in [(tip(&configured("protect: [gate]\n")), 1), (tip(&configured("# Nothing.\n")), 0)] {
        let github = GitHub::start(Some(root));
        // The pull request's own head is checked out: its base is where it left.
        let left = Step::pull_request(&origin, &github)
            .event("/pull_request/base/sha", json!(tip))
            .checkout(&origin.head)
            .run();
        Judged::of(left).ends(status, &tip);
    }
}

#[test]
fn protection_binds_the_merge_queue_and_only_tells_main() {
    let config = of_shop("prompt-assay.yaml");
    for (line, of_queue) in [("protect: [gate]\n", 1), ("", 0)] {
        let base = shop_with(&[("prompt-assay.yaml", &format!("{config}{line}"))]);
        let lowered = config.replace("gate: {", "gate: {trigger: 0.01, ");
        let origin = Origin::between(&base, &[("prompt-assay.yaml", &format!("{lowered}{line}"))]);
        let github = GitHub::start(Some(origin.path()));
        let payload = queued(&origin.merge, &origin.base);
        let queue = Step::new(&origin, &github, ("merge_group", payload), &origin.merge).run();
        Judged::of(queue).ends(of_queue, "merge_group");
        let payload =
            json!({"before": origin.base, "after": origin.merge, "repository": {"default_branch": "main"}});
        let push = Step::new(&origin, &github, ("push", payload.clone()), &origin.merge);
        let push = Judged::of(push.set("GITHUB_REF_NAME", "main").run());
        push.ends(0, "push to main: what is merged is told, and main stays green");
        push.says("`gate.trigger`: 0.4 → 0.01 (lowers the bar", "main");
        // A push to another branch is a proposal.
        let step = Step::new(&origin, &github, ("push", payload), &origin.merge);
        Judged::of(step.set("GITHUB_REF_NAME", "edit").run()).ends(of_queue, "another branch");
    }
}

#[test]
fn whoever_may_break_glass_moves_what_is_protected() {
    let base = shop_with(&[("prompt-assay.yaml", &configured("protect: [gate]\n"))]);
    let edits = files(&[("prompt-assay.yaml", &of_shop("prompt-assay.yaml"))]);
    let text: Vec<(&str, &str)> = edits.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let origin = Origin::between(&base, &text);
    let github = GitHub::start(Some(origin.path()));
    let glass = |commit: &str| {
        let step = Step::pull_request(&origin, &github);
        Judged::of(step.input("break-glass", &format!("{commit}: agreed in the team")).run())
    };
    glass(&origin.head).ends(0, "this commit");
    glass(&origin.base).ends(1, "another commit");
}

#[test]
fn an_author_without_write_access_moves_no_bar_unless_the_workflow_lets_them() {
    let base = shop_with(&[]);
    let edits = files(&[("prompt-assay.yaml", &configured("redact: [\"sk-[a-z]+\"]\n"))]);
    let text: Vec<(&str, &str)> = edits.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let origin = Origin::between(&base, &text);
    for (association, permission, inputs, status) in [
        ("NONE", Some("read"), &[][..], 1),
        ("NONE", Some("none"), &[], 1),
        ("CONTRIBUTOR", Some("read"), &[], 1),
        ("FIRST_TIME_CONTRIBUTOR", Some("read"), &[], 1),
        // A member of the organisation may have read access alone.
        ("MEMBER", Some("read"), &[], 1),
        ("COLLABORATOR", Some("read"), &[], 1),
        // The API does not answer: the event's word has to do.
        ("NONE", None, &[], 1),
        ("CONTRIBUTOR", None, &[], 1),
        ("MANNEQUIN", None, &[], 1),
        ("", None, &[], 1),
        ("member", None, &[], 1),
        ("NONE", Some("read"), &[("golden-changes", "auto")], 1),
        // Controls.
        ("CONTRIBUTOR", Some("write"), &[], 0),
        ("NONE", Some("admin"), &[], 0),
        ("MEMBER", None, &[], 0),
        ("OWNER", None, &[], 0),
        ("COLLABORATOR", None, &[], 0),
        ("NONE", Some("read"), &[("golden-changes", "warn")], 0),
        ("NONE", Some("read"), &[("golden-changes", "allow")], 0),
    ] {
        let github = GitHub::start(Some(origin.path()));
        github.state().permission = permission;
        let mut step = from_fork(Step::pull_request(&origin, &github), "mallory", association);
        for (name, value) in inputs {
            step = step.input(name, value);
        }
        let attempt = format!("{association} with {permission:?} and {inputs:?}");
        let judged = Judged::of(step.run());
        judged.ends(status, &attempt);
        if status == 1 {
            judged.says("mallory", &attempt);
            judged.says("write access to this repository", &attempt);
        }
    }
    // In the repository itself somebody with write access has pushed it: no request is made.
    let github = GitHub::start(Some(origin.path()));
    Judged::of(Step::pull_request(&origin, &github).run()).ends(0, "own branch");
    assert!(!github.log().iter().any(|line| line.contains("/permission")), "{:?}", github.log());
}

#[test]
fn an_author_without_write_access_may_change_what_moves_no_bar() {
    let edits = files(&[(
        "prompts.yaml",
        "reply: \"Answer the customer. Another wording.\"\nother: \"Unchanged.\"\n",
    )]);
    with_step(&shop_with(&[]), &edits, |step| from_fork(step, "mallory", "NONE")).ends(0, "a good edit");
}

#[test]
fn no_pattern_hides_what_the_program_says_of_a_moved_bar() {
    let lowered = of_shop("prompt-assay.yaml").replace("gate: {", "gate: {enforce: false, seed: hidden, ");
    for pattern in [
        "(?s).+",
        ".",
        "enforce",
        "gate.*",
        "→",
        "`[^`]*`",
        "(?i)lowers|bar|true|false",
        "\\\\w+",
        "[^a]",
        "^.*$",
    ] {
        let edits = files(&[("prompt-assay.yaml", &format!("{lowered}redact: [\"{pattern}\"]\n"))]);
        let judged = judged(&shop_with(&[]), &edits, &[("golden-changes", "fail")]);
        judged.ends(1, pattern);
        judged.says("`gate.enforce`: true → false (lowers the bar)", pattern);
        judged.says("`redact` gains the pattern", pattern);
    }
    // What it is for: a foreign text is hidden.
    let edits = files(&[("prompt-assay.yaml", &format!("{lowered}redact: [\"hid+en\"]\n"))]);
    let judged = judged(&shop_with(&[]), &edits, &[]);
    judged.says("`gate.seed`: 0 → [redacted]", "the seed");
    assert!(!judged.left.summary.contains("hidden"), "{}", judged.left.summary);
}

/// A pull request that sends 60 calls of some tokens each, under a cap of the workflow's.
fn capped(base: &str, head: &str, max_cost: &str) -> Judged {
    let base = shop_with(&[("prompt-assay.yaml", &format!("{}{base}", of_gate()))]);
    let prompt = "reply: \"Answer the customer. Another wording.\"\nother: \"Unchanged.\"\n";
    let edits = files(&[("prompt-assay.yaml", &format!("{}{head}", of_gate())), ("prompts.yaml", prompt)]);
    judged(&base, &edits, &[("max-cost", max_cost)])
}

fn of_gate() -> String {
    "provider: {scripted: rules.yaml}\ngate: {fail_fast: false}\n".to_owned()
}

#[test]
fn a_cap_of_the_workflows_counts_by_prices_that_the_change_did_not_write() {
    let small = |price: &str| format!("models: {{branch: small}}\nprices: {{small: {price}}}\n");
    let (dear, free) = (small("{input: 100, output: 100}"), small("{input: 0, output: 0}"));
    let sonnet = "us.anthropic.claude-sonnet-4-6";
    let of_model = |model: &str, price: &str| {
        format!("models: {{branch: \"{model}\"}}\nprices: {{\"{model}\": {price}}}\n")
    };
    let built_in = |model: &str| format!("models: {{branch: \"{model}\"}}\n");
    let arn = format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{sonnet}");
    let zero = "{input: 0, output: 0}";
    for (name, base, head) in [
        ("a price of nothing", dear.clone(), free.clone()),
        ("a lower price", dear.clone(), small("{input: 0.01, output: 0.01}")),
        ("free output", dear.clone(), small("{input: 0, output: 0, cache_write: 0}")),
        ("the built-in one overwritten", built_in(sonnet), of_model(sonnet, zero)),
        ("the built-in one by its ARN", built_in(sonnet), of_model(&arn, zero)),
        ("a base that is below the built-in one", of_model(sonnet, zero), of_model(sonnet, zero)),
    ] {
        let cut = capped(&base, &head, "0.0005");
        cut.ends(3, name);
        cut.says("NOT MEASURED", name);
        // Controls: the honest price ends the same way, and the cap that suffices lets it pass.
        capped(&base, &base, "0.0005").ends(3, name);
        capped(&base, &head, "100").ends(0, name);
    }
    // Answers by rules cost nothing: a model whose price is only in the change needs none. With a real model the same is
    // refused (`runner::tests::budget`).
    capped(&dear, &of_model("huge", zero), "100").ends(0, "a model that only the change prices");
    capped(&of_model("huge", "{input: 1, output: 1}"), &of_model("huge", zero), "100")
        .ends(0, "priced before");
}
