//! Answers that no trusted run bought, in the store of a trusted run: with the store key they are
//! treated as absent, in every variant. The control is the same run without a key, which they let
//! pass.

use prompt_assay_test_support::step::Left;
use rusqlite::Connection;

use crate::trusted_line::{KEY, Line, OTHER, execute, seal_with_another_key};

/// Whatever the model said about the broken prompt, it says yes now.
const FORGE: &str = "UPDATE answers SET response = replace(response, '\"text\":\"no\"', '\"text\":\"yes\"'); \
                     DELETE FROM evidence WHERE record LIKE '%REGRESSION%';";

/// A good prompt's sealed row.
const HONEST: &str = "FROM answers WHERE seal IS NOT NULL AND response LIKE '%\"yes\"%'";

fn forged(more: &str) -> Box<dyn Fn(&Connection)> {
    Box::new(execute(&format!("{FORGE}{more}")))
}

fn calls(left: &Left) -> u32 {
    left.outputs["calls"].parse().unwrap_or_else(|_| panic!("{}", left.log))
}

#[test]
fn forged_answers_do_not_clear_a_broken_prompt() {
    let line = Line::new();
    let honest = line.honest(KEY);
    // What the attacker's own runs leave: one without a key, one that was sealed by a trusted run.
    let (unsealed, sealed) = (line.with_the_broken_one(&honest, ""), line.with_the_broken_one(&honest, KEY));
    type Tamper = Box<dyn Fn(&Connection)>;
    let attempts: Vec<(&str, bool, Tamper)> = vec![
        ("not sealed", false, forged("")),
        ("sealed honestly, edited after it", true, forged("")),
        (
            "sealed by another key",
            false,
            Box::new(|connection| {
                forged("")(connection);
                seal_with_another_key(connection);
            }),
        ),
        (
            "with the seal of a good prompt's answer",
            false,
            forged(&format!("UPDATE answers SET seal = (SELECT seal {HONEST} LIMIT 1) WHERE seal IS NULL")),
        ),
        (
            "a good prompt's whole row under their names",
            true,
            forged(&format!(
                "UPDATE answers SET (model, request, response, bought_by, seal) = \
             (SELECT model, request, response, bought_by, seal {HONEST} LIMIT 1)"
            )),
        ),
        (
            "with a comparison's seal",
            false,
            forged("UPDATE answers SET seal = (SELECT seal FROM comparisons WHERE seal IS NOT NULL LIMIT 1)"),
        ),
        (
            "with an evidence's seal",
            false,
            forged("UPDATE answers SET seal = (SELECT seal FROM evidence WHERE seal IS NOT NULL LIMIT 1)"),
        ),
        ("sealed with zeros", false, forged("UPDATE answers SET seal = zeroblob(32)")),
        ("sealed with nothing", false, forged("UPDATE answers SET seal = x''")),
        ("with half of the seal", true, forged("UPDATE answers SET seal = substr(seal, 1, 16)")),
        ("with more than the seal", true, forged("UPDATE answers SET seal = CAST(seal || x'00' AS BLOB)")),
        (
            "with a bit of the seal turned",
            true,
            forged("UPDATE answers SET seal = CAST(substr(seal, 1, 31) || x'00' AS BLOB)"),
        ),
        (
            "in a table of other types, the seal as digits",
            true,
            forged(
                "CREATE TABLE loose AS SELECT * FROM answers; DROP TABLE answers; \
             ALTER TABLE loose RENAME TO answers; CREATE UNIQUE INDEX loosely ON answers (key); \
             UPDATE answers SET seal = lower(hex(seal))",
            ),
        ),
    ];
    for (attempt, is_sealed, tamper) in attempts {
        let poisoned = if is_sealed { &sealed } else { &unsealed };
        let run = |key: &str| {
            let store = poisoned.copy();
            store.edit(&tamper);
            store.run(&line.broken().input("store-key", key))
        };
        let control = run("");
        assert_eq!((control.status, calls(&control)), (0, 0), "{attempt}: control: {}", control.log);
        assert_eq!(control.outputs["verdict"], "OK", "{attempt}: control: {}", control.log);
        let left = run(KEY);
        assert_eq!(
            (left.status, left.outputs["verdict"].as_str()),
            (1, "REGRESSION"),
            "{attempt}: {}",
            left.log
        );
        assert!(calls(&left) > 0, "{attempt}: {}", left.log);
        assert!(left.log.contains("not sealed with the store key of this run"), "{attempt}: {}", left.log);
        assert_eq!(left.outputs["released"], "", "{attempt}: {}", left.log);
    }
}

#[test]
fn a_store_that_carries_programs_is_refused() {
    let line = Line::new();
    let honest = line.honest(KEY);
    let run = |tamper: &str, key: &str| {
        let store = honest.copy();
        store.edit(execute(tamper));
        store.run(&line.good().input("store-key", key))
    };
    let attempts = [
        (
            "a view in the place of the answers",
            "ALTER TABLE answers RENAME TO kept; CREATE VIEW answers AS SELECT * FROM kept; \
             CREATE TRIGGER kept_nothing INSTEAD OF INSERT ON answers BEGIN SELECT 1; END; \
             CREATE TRIGGER changed_nothing INSTEAD OF UPDATE ON answers BEGIN SELECT 1; END",
        ),
        ("a view beside them", "CREATE VIEW more AS SELECT * FROM answers"),
        (
            "a trigger that takes what is bought",
            "CREATE TRIGGER taken AFTER INSERT ON answers BEGIN DELETE FROM answers; END",
        ),
        (
            "a trigger that rewrites what is bought",
            "CREATE TRIGGER rewritten AFTER INSERT ON answers BEGIN \
             UPDATE answers SET response = replace(response, 'no', 'yes'); END",
        ),
        (
            "a trigger on the evidence",
            "CREATE TRIGGER forgotten AFTER INSERT ON evidence BEGIN DELETE FROM evidence; END",
        ),
    ];
    for key in ["", KEY] {
        let control = run("CREATE TABLE more (x); CREATE INDEX more_x ON more (x)", key);
        assert_eq!((control.status, calls(&control)), (0, 0), "control: {}", control.log);
        for (attempt, tamper) in attempts {
            let left = run(tamper, key);
            assert!(left.status > 1, "{attempt}: {}", left.log);
            assert!(
                left.log.contains("has triggers or views, which prompt-assay never makes"),
                "{attempt}: {}",
                left.log
            );
        }
    }
}

/// The honest store without its evidence, so that the good prompt is evaluated again from its answers.
const AGAIN: &str = "DELETE FROM evidence;";

#[test]
fn an_honest_row_counts_only_as_it_was_sealed_and_is_healed_by_the_run_that_buys_it_again() {
    let line = Line::new();
    let honest = line.honest(KEY);
    let run = |tamper: &str, key: &str| {
        let store = honest.copy();
        store.edit(execute(&format!("{AGAIN}{tamper}")));
        (store.run(&line.good().input("store-key", key)), store)
    };
    let (control, _) = run("", KEY);
    assert_eq!((control.status, calls(&control)), (0, 0), "control: {}", control.log);
    assert!(!control.log.contains("not sealed"), "{}", control.log);
    let one = "WHERE rowid = (SELECT min(rowid) FROM answers)";
    let two = "WHERE rowid IN (SELECT rowid FROM answers ORDER BY rowid LIMIT 2)";
    let attempts = [
        (
            "its text",
            1,
            format!(
                "UPDATE answers SET response = replace(response, '\"text\":\"', '\"text\":\"Oh, ') {one}"
            ),
        ),
        ("a space in its JSON", 1, format!("UPDATE answers SET response = response || ' ' {one}")),
        ("JSON that cannot be read", 1, format!("UPDATE answers SET response = '{{' {one}")),
        ("the request", 1, format!("UPDATE answers SET request = zeroblob(32) {one}")),
        ("who bought it", 1, format!("UPDATE answers SET bought_by = zeroblob(32) {one}")),
        ("its seal taken off", 1, format!("UPDATE answers SET seal = NULL {one}")),
        ("all seals taken off", 30, "UPDATE answers SET seal = NULL".to_owned()),
        (
            "two under each other's name",
            2,
            format!(
                "CREATE TEMP TABLE pair AS SELECT rowid AS place, key FROM answers {two}; \
                 UPDATE answers SET key = randomblob(32) WHERE rowid IN (SELECT place FROM pair); \
                 UPDATE answers SET key = (SELECT key FROM pair WHERE place <> answers.rowid) \
                 WHERE rowid IN (SELECT place FROM pair)"
            ),
        ),
    ];
    for (attempt, lost, tamper) in attempts {
        let (left, store) = run(&tamper, KEY);
        assert_eq!((left.status, calls(&left)), (0, lost), "{attempt}: {}", left.log);
        let again = match lost {
            1 => "1 stored answer was not sealed".to_owned(),
            lost => format!("{lost} stored answers were not sealed"),
        };
        assert_eq!(left.log.matches(&again).count(), 1, "said once: {attempt}: {}", left.log);
        store.edit(execute(AGAIN));
        let healed = store.run(&line.good().input("store-key", KEY));
        assert_eq!((healed.status, calls(&healed)), (0, 0), "{attempt}: {}", healed.log);
        assert!(!healed.log.contains("not sealed"), "{attempt}: {}", healed.log);
    }
}

#[test]
fn how_a_comparison_began_counts_only_as_it_was_sealed() {
    let line = Line::new();
    let store = line.with_the_broken_one(&line.honest(KEY), KEY);
    let run = |tamper: &str| {
        let store = store.copy();
        store.edit(execute(&format!("DELETE FROM evidence WHERE record LIKE '%REGRESSION%'; {tamper}")));
        store.run(&line.broken().input("store-key", KEY))
    };
    let control = run("");
    assert_eq!((control.status, calls(&control)), (1, 0), "control: {}", control.log);
    let some = "WHERE key IN (SELECT key FROM comparisons)";
    for (attempt, tamper) in [
        ("its word", format!("UPDATE comparisons SET paid = 1 - paid {some}")),
        ("no seal", format!("UPDATE comparisons SET seal = NULL {some}")),
        (
            "an answer's seal",
            format!("UPDATE comparisons SET seal = (SELECT seal FROM answers LIMIT 1) {some}"),
        ),
    ] {
        let left = run(&tamper);
        assert_eq!(left.status, 1, "{attempt}: {}", left.log);
        assert!(left.log.contains("1 comparison was not sealed"), "{attempt}: {}", left.log);
    }
}

#[test]
fn a_key_is_replaced_while_what_the_old_one_sealed_still_counts() {
    let line = Line::new();
    let honest = line.honest(KEY);
    let run = |keys: &str| {
        let store = honest.copy();
        store.edit(execute(AGAIN));
        calls(&store.run(&line.good().input("store-key", keys)))
    };
    assert_eq!(run(KEY), 0, "control");
    assert_eq!(run(&format!("{OTHER}, {KEY}")), 0, "new and old");
    assert!(run(OTHER) >= 30, "the new one alone");
}

/// Runs on what anybody may propose do not seal, even where a workflow hands them the key.
#[test]
fn a_pull_request_that_has_the_key_cannot_seal_with_it() {
    use serde_json::json;

    use prompt_assay_test_support::step::Step;
    let line = Line::new();
    let honest = line.honest(KEY);
    let pull_request = |tier: &str| {
        Step::pull_request(&line.origin, &line.github).input("store-key", KEY).input("tier", tier)
    };
    let on_a_branch = line
        .push(&line.before, &line.good)
        .set("GITHUB_REF_NAME", "topic")
        .event("/repository/default_branch", json!("main"))
        .input("base", &line.before)
        .input("store-key", KEY);
    let target = json!({"repository": {"default_branch": "main"}, "pull_request": {
        "number": 1,
        "base": {"sha": line.origin.base, "repo": {"full_name": "shop/prompts"}},
        "head": {"sha": line.origin.head, "repo": {"full_name": "mallory/prompts"}},
    }});
    let target = Step::new(&line.origin, &line.github, ("pull_request_target", target), &line.origin.base)
        .input("store-key", KEY);
    let attempts = [
        ("a pull request", pull_request("auto")),
        ("a pull request that asks for the main tier", pull_request("main")),
        (
            "a push to another branch, on the main tier",
            on_a_branch.input("tier", "main").input("release", ""),
        ),
        ("pull_request_target", target),
    ];
    let sealed = "SELECT count(*) FROM answers WHERE seal IS NOT NULL";
    let unsealed = "SELECT count(*) FROM answers WHERE seal IS NULL";
    assert!(honest.count(sealed) > 0, "control: a trusted run seals");
    for (attempt, step) in attempts {
        let store = honest.copy();
        store.edit(execute("DELETE FROM answers; DELETE FROM evidence"));
        let left = store.run(&step);
        assert!(store.count(unsealed) > 0, "{attempt}: it bought something: {}", left.log);
        assert_eq!(store.count(sealed), 0, "{attempt}: {}", left.log);
        assert_eq!(store.count("SELECT count(*) FROM evidence WHERE seal IS NOT NULL"), 0, "{attempt}");
    }
}

#[test]
fn without_a_key_everything_is_as_it_was() {
    let line = Line::new();
    let store = line.honest("");
    assert_eq!(store.count("SELECT count(*) FROM answers WHERE seal IS NOT NULL"), 0);
    store.edit(execute(AGAIN));
    let left = store.run(&line.good());
    assert_eq!((left.status, calls(&left)), (0, 0), "{}", left.log);
    assert!(!left.log.contains("sealed with the store key"), "{}", left.log);
}

#[test]
fn lines_that_somebody_exports_are_imported_with_the_seals_they_have() {
    let line = Line::new();
    let honest = line.honest(KEY);
    let assay = |arguments: &[&str]| {
        let output = std::process::Command::new(prompt_assay_test_support::program())
            .args(arguments)
            .env("PROMPT_ASSAY_STORE_KEY", KEY)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let files = prompt_assay_test_support::temporary::directory();
    let file = files.path().join("lines").display().to_string();
    let arrive = |from: &crate::trusted_line::Store| {
        let store = honest.copy();
        store.edit(execute("DELETE FROM answers; DELETE FROM evidence; DELETE FROM comparisons"));
        assay(&["cache", "export", &file, "--database", &from.database()]);
        assay(&["cache", "import", &file, "--database", &store.database()]);
        store
    };
    // An honest export is as good as the store it comes from.
    let whole = arrive(&honest);
    let left = whole.run(&line.good().input("store-key", KEY));
    assert_eq!((left.status, calls(&left)), (0, 0), "control: {}", left.log);
    // A forged one clears a run without a key, and no other.
    let poisoned = line.with_the_broken_one(&honest, "");
    poisoned.edit(forged(""));
    for (key, status) in [("", 0), (KEY, 1)] {
        let left = arrive(&poisoned).run(&line.broken().input("store-key", key));
        assert_eq!(left.status, status, "{}", left.log);
    }
}

#[test]
fn a_key_that_can_be_guessed_is_refused_and_no_key_is_ever_shown() {
    let line = Line::with_words(&format!("A broken version, {KEY}."));
    let lists = [KEY; 3].join(" ");
    for (attempt, key) in [
        ("short", "hunter2"),
        ("short, beside a good one", &format!("{KEY},hunter2")),
        ("three", lists.as_str()),
        ("not ASCII", &"ż".repeat(40)),
    ] {
        let left = line.broken().input("store-key", key).run();
        assert_eq!(left.status, 2, "{attempt}: {}", left.log);
        assert!(left.log.contains("`store-key` "), "{attempt}: {}", left.log);
        for part in key.split([',', ' ']) {
            assert!(!left.log.contains(part) && !left.summary.contains(part), "{attempt}: {}", left.log);
        }
    }
    // Even where the prompt itself says it.
    let step = line.broken().input("store-key", KEY);
    let honest = line.honest(KEY);
    let left = honest.run(&step);
    assert_eq!(left.status, 1, "{}", left.log);
    let mut seen = format!("{}{}{:?}", left.log, left.summary, left.outputs);
    for file in ["report.json", "report.md", "report.html", "evidence.json"] {
        seen += &std::fs::read_to_string(step.workspace().join(".prompt-assay").join(file)).unwrap();
    }
    assert!(seen.contains("[redacted]"), "control: the prompt's words are shown: {seen}");
    assert!(!seen.contains(KEY), "{seen}");
}
