//! Evidence that no trusted run wrote: with the store key it allows no release, neither from the
//! store nor from a file. The control is the same run without a key, which releases.

use prompt_assay::evidence::{Claim, Evidence};
use prompt_assay::verdict::{Reason, Verdict};
use prompt_assay_test_support::step::Left;
use rusqlite::{Connection, params};
use serde_json::Value;

use crate::trusted_line::{KEY, Line, Store, execute, seal_with_another_key};

/// What the broken prompt's run found, as if it had passed: the digest is right.
fn forged(store: &Store) -> Evidence {
    let mut found = None;
    store.edit(|connection| {
        let sql = "SELECT record FROM evidence WHERE record LIKE '%REGRESSION%'";
        let text: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        let record: Evidence = serde_json::from_str(&text).unwrap();
        let reason = Reason::NoRegressionFound;
        found = Some(Evidence::seal(Claim { verdict: Verdict::Ok, reason, ..record.claim }));
    });
    found.unwrap()
}

fn insert(connection: &Connection, evidence: &Evidence) {
    connection
        .execute("DELETE FROM evidence WHERE record LIKE '%REGRESSION%'", [])
        .and_then(|_| {
            connection.execute(
                "INSERT INTO evidence (id, content, record) VALUES (?1, ?2, ?3)",
                params![evidence.id, evidence.claim.content.as_bytes(), evidence.text()],
            )
        })
        .unwrap();
}

fn outcome(left: &Left) -> String {
    let prompts: Value = serde_json::from_str(&left.outputs["released"]).unwrap_or(Value::Null);
    let found = prompts.as_array().into_iter().flatten().find(|prompt| prompt["prompt"] == "reply");
    found.map_or("nothing", |prompt| prompt["outcome"].as_str().unwrap()).to_owned()
}

#[test]
fn forged_evidence_in_the_store_carries_no_release() {
    let line = Line::new();
    let honest = line.honest(KEY);
    let poisoned = line.with_the_broken_one(&honest, KEY);
    let record = forged(&poisoned);
    let with = |sql: &'static str| move |connection: &Connection| execute(sql)(connection);
    let attempts: [(&str, Box<dyn Fn(&Connection)>); 5] = [
        ("not sealed", Box::new(with(""))),
        ("sealed by another key", Box::new(seal_with_another_key)),
        (
            "with the seal of the good prompt's",
            Box::new(with(
                "UPDATE evidence SET seal = (SELECT seal FROM evidence WHERE seal IS NOT NULL) WHERE seal IS NULL",
            )),
        ),
        (
            "with an answer's seal",
            Box::new(with(
                "UPDATE evidence SET seal = (SELECT seal FROM answers LIMIT 1) WHERE seal IS NULL",
            )),
        ),
        ("sealed with zeros", Box::new(with("UPDATE evidence SET seal = zeroblob(32) WHERE seal IS NULL"))),
    ];
    for (attempt, tamper) in attempts {
        let run = |key: &str| {
            let store = poisoned.copy();
            store.edit(|connection| {
                insert(connection, &record);
                tamper(connection);
            });
            store.run(&line.broken().input("store-key", key))
        };
        let control = run("");
        assert_eq!(
            (control.status, outcome(&control).as_str()),
            (0, "released"),
            "{attempt}: {}",
            control.log
        );
        let left = run(KEY);
        assert_eq!((left.status, outcome(&left).as_str()), (1, "nothing"), "{attempt}: {}", left.log);
        assert!(
            left.log.contains("evidence was not sealed") || left.log.contains("evidence were not sealed"),
            "{attempt}: {}",
            left.log
        );
    }
}

/// Rules pass what they like: their answers go live only where the project itself says so.
#[test]
fn answers_by_rules_release_nothing_by_default() {
    let (models, rules) = (Line::of_models_only(), Line::new());
    let control = Store::empty().run(&rules.good());
    assert_eq!((control.status, outcome(&control).as_str()), (0, "released"), "{}", control.log);
    let left = Store::empty().run(&models.good());
    assert_eq!((left.status, outcome(&left).as_str()), (1, "refused"), "{}", left.log);
    assert!(left.log.contains("was evaluated with answers of `scripted` only"), "{}", left.log);
}

/// Whatever the column says, a record is about the content that it names.
#[test]
fn good_evidence_under_another_contents_name_says_nothing_about_it() {
    let line = Line::new();
    let poisoned = line.with_the_broken_one(&line.honest(KEY), KEY);
    poisoned.edit(execute(
        "UPDATE evidence SET content = (SELECT content FROM evidence WHERE record LIKE '%REGRESSION%') \
         WHERE record NOT LIKE '%REGRESSION%'; DELETE FROM evidence WHERE record LIKE '%REGRESSION%'",
    ));
    for key in ["", KEY] {
        let left = poisoned.copy().run(&line.broken().input("store-key", key));
        assert_eq!((left.status, outcome(&left).as_str()), (1, "nothing"), "{}", left.log);
    }
}

/// The second job, which has the role that releases and takes a file from the first.
#[test]
fn a_file_of_evidence_carries_a_release_only_under_the_seals_of_the_first_job() {
    let line = Line::new();
    let store = line.honest(KEY);
    let first = line.good().input("store-key", KEY);
    assert_eq!(store.run(&first).status, 0);
    let honest = std::fs::read_to_string(first.workspace().join(".prompt-assay/evidence.json")).unwrap();
    let release = |before: &str, after: &str, key: &str, text: &str| {
        let step = line.push(before, after).input("evidence", "evidence.json").input("store-key", key);
        std::fs::write(step.workspace().join("evidence.json"), text).unwrap();
        step.run()
    };
    let left = release(&line.before, &line.good, KEY, &honest);
    assert_eq!((left.status, outcome(&left).as_str()), (0, "released"), "control: {}", left.log);

    let poisoned = line.with_the_broken_one(&store, KEY);
    let record = forged(&poisoned);
    let file = |seals: Value| {
        let evidence = serde_json::to_value(&record).unwrap();
        let mut file = serde_json::json!({"schema_version": 1, "evidence": [evidence]});
        if !seals.is_null() {
            file["seals"] = serde_json::json!({&record.id: seals});
        }
        file.to_string()
    };
    let sealed: Value = serde_json::from_str(&honest).unwrap();
    let of_the_good_one = sealed["seals"].as_object().unwrap().values().next().unwrap().clone();
    let another = {
        use prompt_assay::seal::{Sealed, Seals, StoreKeys};
        let seals = Seals::of(&StoreKeys::read(crate::trusted_line::OTHER).unwrap().unwrap());
        serde_json::to_value(seals.seal(&Sealed::Evidence(&record.text()))).unwrap()
    };
    for (attempt, seal) in [
        ("not sealed", Value::Null),
        ("sealed by another key", another),
        ("with the seal of the good prompt's", of_the_good_one),
    ] {
        let text = file(seal);
        let control = release(&line.good, &line.broken, "", &text);
        assert_eq!(
            (control.status, outcome(&control).as_str()),
            (0, "released"),
            "{attempt}: {}",
            control.log
        );
        let left = release(&line.good, &line.broken, KEY, &text);
        assert_eq!((left.status, outcome(&left).as_str()), (1, "refused"), "{attempt}: {}", left.log);
        assert!(left.log.contains("1 record of evidence was not sealed"), "{attempt}: {}", left.log);
    }
}
