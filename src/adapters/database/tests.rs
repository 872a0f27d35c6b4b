use std::sync::Arc;

use insta::assert_snapshot;
use rusqlite::ffi;

use super::*;
use crate::model::{StopReason, ToolCall, Usage};
use crate::seal::StoreKeys;
use crate::store::pending::PendingRecord;
use crate::store::stats::Pruning;

fn request() -> Request {
    Request::new("m", "hi")
}

fn answer(text: &str) -> StoredAnswer {
    let response = Response {
        text: text.to_owned(),
        tool_calls: vec![ToolCall { name: "score".to_owned(), input: serde_json::json!({"b": 1, "a": 0.5}) }],
        stop: StopReason::Other("newer".to_owned()),
        usage: Usage { input: 1, output: 2, cache_read: 3, cache_write: 4 },
        latency_ms: Some(5),
    };
    StoredAnswer { response, bought_by: Fingerprint::of_bytes(b"comparison") }
}

fn key(name: &str) -> AnswerKey {
    AnswerKey(Fingerprint::of_bytes(name.as_bytes()))
}

/// The error of opening a file, without the directory that differs from run to run.
fn refusal(path: &Path) -> String {
    let error = Database::open(path).expect_err("the file is not usable").to_string();
    error.replace(&path.parent().unwrap().display().to_string(), "DIR")
}

#[test]
fn an_answer_comes_back_whole_after_reopening_and_the_last_word_stands() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join(".prompt-assay/assay.db");
    let first = Database::open(&path).unwrap();
    assert_eq!(first.answer(key("a")), Ok(None));
    first.keep_answer(key("a"), &request(), &answer("zażółć \0 gęślą")).unwrap();
    drop(first);
    let second = Database::open(&path).unwrap();
    assert_eq!(second.answer(key("a")), Ok(Some(answer("zażółć \0 gęślą"))));
    second.keep_answer(key("a"), &request(), &answer("anew")).unwrap();
    assert_eq!(second.answer(key("a")), Ok(Some(answer("anew"))));
}

#[test]
fn the_directory_it_makes_is_ignored_by_git_and_others_are_left_alone() {
    let directory = prompt_assay_test_support::temporary::directory();
    Database::open(&directory.path().join("made/assay.db")).unwrap();
    Database::open(&directory.path().join("assay.db")).unwrap();
    assert_eq!(std::fs::read_to_string(directory.path().join("made/.gitignore")).unwrap(), "*\n");
    assert!(!directory.path().join(".gitignore").exists());
}

#[test]
fn the_first_word_on_a_comparison_stands() {
    let database = Database::in_memory().unwrap();
    let comparison = Fingerprint::of_bytes(b"c");
    assert_eq!(database.comparison(comparison), Ok(None));
    database.begin_comparison(comparison, ComparisonStart { paid: true }).unwrap();
    database.begin_comparison(comparison, ComparisonStart { paid: false }).unwrap();
    assert_eq!(database.comparison(comparison), Ok(Some(ComparisonStart { paid: true })));
    database.restart_comparison(comparison, ComparisonStart { paid: false }).unwrap();
    assert_eq!(database.comparison(comparison), Ok(Some(ComparisonStart { paid: false })));
}

/// When the newest runs ended.
fn newest_runs(database: &Database, limit: usize) -> Vec<u64> {
    let mut ended = Vec::new();
    database.look_at_runs(limit, &mut |run| ended.push(run.ended_at)).unwrap();
    ended
}

#[test]
fn runs_come_newest_first() {
    let database = Database::in_memory().unwrap();
    for ended_at in [10, 30, 20] {
        database.keep_run(&RunRecord { ended_at, report: format!("{{\"n\":{ended_at}}}") }).unwrap();
    }
    assert_eq!(newest_runs(&database, 2), [20, 30]);
    assert_eq!(newest_runs(&database, usize::MAX).len(), 3);
}

#[test]
fn many_may_open_and_use_a_new_file_at_once() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = Arc::new(directory.path().join("new/assay.db"));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let path = path.clone();
            std::thread::spawn(move || {
                let database = Database::open(&path).unwrap();
                for i in 0..20 {
                    let name = format!("{writer}-{i}");
                    database.keep_answer(key(&name), &request(), &answer(&name)).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let database = Database::open(&path).unwrap();
    for name in (0..8).flat_map(|writer| (0..20).map(move |i| format!("{writer}-{i}"))) {
        assert_eq!(database.answer(key(&name)), Ok(Some(answer(&name))));
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    std::fs::write(&path, "not a database, but long enough to have a header ".repeat(50)).unwrap();
    assert_snapshot!(refusal(&path), @"the database `DIR/assay.db` is not a database; delete the file (answers will be bought again), or name another with `database:` in prompt-assay.yaml");
}

#[test]
fn a_damaged_database_says_so_when_it_is_read() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    let database = Database::open(&path).unwrap();
    for i in 0..200 {
        database.keep_answer(key(&i.to_string()), &request(), &answer(&"x".repeat(500))).unwrap();
    }
    drop(database);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let database = Database::open(&path).unwrap();
    assert_snapshot!(database.answer(key("1")).unwrap_err().what, @"is damaged; delete the file (answers will be bought again)");
}

#[test]
fn tables_of_a_newer_version_are_refused_and_left_alone() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    Database::open(&path).unwrap().connection().pragma_update(None, "user_version", 99).unwrap();
    assert_snapshot!(refusal(&path), @"the database `DIR/assay.db` was made by a newer prompt-assay (its tables have version 99, this program knows 6); update prompt-assay, or name another file with `database:` in prompt-assay.yaml");
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert_snapshot!(refusal(&path), @"the database `DIR/other.db` belongs to another program; name another file with `database:` in prompt-assay.yaml");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_read_only_file_is_refused() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    drop(Database::open(&path).unwrap());
    let opened = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    let refused = Database::prepared("assay.db".to_owned(), opened).unwrap_err();
    assert_snapshot!(refused, @"the database `assay.db` is read-only; make the file and its directory writable (`eval` also runs without a store: `--no-cache`)");
}

#[test]
fn readers_and_a_writer_work_side_by_side() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    let (reader, writer) = (Database::open(&path).unwrap(), Database::open(&path).unwrap());
    writer.keep_answer(key("a"), &request(), &answer("a")).unwrap();
    let half_written = writer.connection();
    half_written.execute_batch("BEGIN EXCLUSIVE; DELETE FROM answers").unwrap();
    assert_eq!(reader.answer(key("a")), Ok(Some(answer("a"))));
}

#[test]
fn a_directory_in_the_file_s_place_is_refused() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    std::fs::create_dir(&path).unwrap();
    assert_snapshot!(refusal(&path), @"the database `DIR/assay.db` cannot be opened; check that it is a file, and that it and its directory may be read and written");
}

#[test]
fn a_file_in_the_directory_s_place_is_refused() {
    let directory = prompt_assay_test_support::temporary::directory();
    std::fs::write(directory.path().join("file"), "").unwrap();
    let error = Database::open(&directory.path().join("file/assay.db/x.db")).unwrap_err();
    assert_snapshot!(error.what, @"cannot be made: `file` is not a directory: remove it, or name another path; let its directory be writable, or name another file with `database:` in prompt-assay.yaml");
}

#[test]
fn what_the_disk_and_others_do_is_said_in_words() {
    let said = |code| in_words(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
    assert_snapshot!(said(ffi::SQLITE_FULL), @"cannot grow: the disk is full; free some space and run again, stored answers are kept");
    assert_snapshot!(said(ffi::SQLITE_BUSY), @"stays locked by another process; end it, or wait, and run again");
    assert_snapshot!(said(ffi::SQLITE_READONLY), @"is read-only; make the file and its directory writable (`eval` also runs without a store: `--no-cache`)");
    assert_snapshot!(said(ffi::SQLITE_IOERR), @"cannot be read or written: the disk reports an error; check it and its free space");
}

#[test]
fn an_answer_that_cannot_be_parsed_is_an_error_and_not_a_miss() {
    let database = Database::in_memory().unwrap();
    database.keep_answer(key("a"), &request(), &answer("a")).unwrap();
    database.connection().execute("UPDATE answers SET response = '{'", []).unwrap();
    assert_snapshot!(database.answer(key("a")).unwrap_err(), @"the database `:memory:` holds an answer that cannot be read (EOF while parsing an object at line 1 column 1); it is damaged: delete the file");
}

#[test]
fn an_older_file_gets_what_it_lacks_and_loses_nothing() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    let database = Database::open(&path).unwrap();
    database.keep_answer(key("a"), &request(), &answer("a")).unwrap();
    database
        .connection()
        .execute_batch(
            "DROP TABLE evidence; DROP TABLE jobs; DROP TABLE notes; ALTER TABLE answers DROP COLUMN used_at; \
             ALTER TABLE comparisons DROP COLUMN used_at; ALTER TABLE comparisons DROP COLUMN pruned_at; \
             ALTER TABLE answers DROP COLUMN seal; ALTER TABLE comparisons DROP COLUMN seal; \
             PRAGMA user_version = 1",
        )
        .unwrap();
    drop(database);
    let database = Database::open(&path).unwrap();
    assert_eq!(database.answer(key("a")), Ok(Some(answer("a"))));
    assert_eq!(database.evidence(Fingerprint::of_bytes(b"c")), Ok(Vec::new()));
    assert_eq!(database.pending_jobs(), Ok(Vec::new()));
}

#[test]
fn a_batch_job_is_remembered_until_its_answers_are_stored() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    let record = |name: &str| PendingRecord {
        key: key(name),
        request: Fingerprint::of_bytes(name.as_bytes()),
        comparison: Fingerprint::of_bytes(b"comparison"),
    };
    let job = |name: &str, arn: Option<&str>| PendingJob {
        name: name.to_owned(),
        arn: arn.map(str::to_owned),
        model: "m".to_owned(),
        output: "s3://bucket/output/".to_owned(),
        records: vec![record("a"), record("b")],
    };
    let database = Database::open(&path).unwrap();
    database.keep_job(&job("second", None)).unwrap();
    database.keep_job(&job("first", None)).unwrap();
    database.keep_job(&job("second", Some("arn"))).unwrap();
    drop(database);
    let database = Database::open(&path).unwrap();
    assert_eq!(database.pending_jobs(), Ok(vec![job("first", None), job("second", Some("arn"))]));
    database.forget_job("first").unwrap();
    assert_eq!(database.pending_jobs(), Ok(vec![job("second", Some("arn"))]));
}

fn seals(letter: &str) -> Arc<Seals> {
    Arc::new(Seals::of(&StoreKeys::read(&letter.repeat(32)).unwrap().unwrap()))
}

/// A batch job of a run with these seals, in a separate file.
fn with_a_job(path: &Path, seals: &Arc<Seals>) -> PendingJob {
    let job = PendingJob {
        name: "job".to_owned(),
        arn: Some("arn".to_owned()),
        model: "m".to_owned(),
        output: "s3://bucket/output/".to_owned(),
        records: Vec::new(),
    };
    Database::open(path).unwrap().sealed(seals).keep_job(&job).unwrap();
    job
}

#[test]
fn a_batch_job_that_no_trusted_run_submitted_is_not_waited_for() {
    let directory = prompt_assay_test_support::temporary::directory();
    let jobs = |path: &Path| Database::open(path).unwrap().sealed(&seals("a")).pending_jobs().unwrap();
    let path = directory.path().join("honest.db");
    let job = with_a_job(&path, &seals("a"));
    assert_eq!(jobs(&path), [job], "control");
    for forged in ["name", "arn", "model", "output"].map(|part| format!("UPDATE jobs SET {part} = 'forged'"))
    {
        let path = directory.path().join("forged.db");
        std::fs::copy(directory.path().join("honest.db"), &path).unwrap();
        Database::open(&path).unwrap().connection().execute_batch(&forged).unwrap();
        assert_eq!(jobs(&path), [], "{forged}");
    }
    for (others, seals) in [("not sealed", Arc::default()), ("by another key", seals("b"))] {
        let path = directory.path().join(others);
        with_a_job(&path, &seals);
        assert_eq!(jobs(&path), [], "{others}");
    }
}

#[test]
fn an_answer_of_a_batch_job_that_nobody_asks_any_more_is_sealed_as_bought_here() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    let foreign = |seal| AnswerEntry {
        key: key("a"),
        request: request().fingerprint(),
        model: "m".to_owned(),
        bought_by: Fingerprint::of_bytes(b"comparison"),
        at: 1,
        response: answer("a").response,
        seal,
    };
    let database = Database::open(&path).unwrap().sealed(&seals("a"));
    database.keep_foreign(&foreign(None)).unwrap();
    assert_eq!(database.answer(key("a")), Ok(Some(answer("a"))));
    // An entry with another run's seal keeps it and is treated as absent; an entry that counts replaces it.
    let others = foreign(None).sealed(&seals("b"));
    database.connection().execute("DELETE FROM answers", []).unwrap();
    database.keep_foreign(&others).unwrap();
    assert_eq!(database.answer(key("a")), Ok(None));
    database.keep_foreign(&foreign(None).sealed(&seals("a"))).unwrap();
    assert_eq!(database.answer(key("a")), Ok(Some(answer("a"))));
    database.keep_foreign(&others).unwrap();
    assert_eq!(database.answer(key("a")), Ok(Some(answer("a"))), "what counts stays");
}

fn exported(database: &Database) -> String {
    let mut out = Vec::new();
    database.export(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// One answer, one comparison and one run.
fn furnished() -> Database {
    let database = Database::in_memory().unwrap();
    database.keep_answer(key("a"), &request(), &answer("kept")).unwrap();
    database.begin_comparison(Fingerprint::of_bytes(b"c"), ComparisonStart { paid: true }).unwrap();
    database.keep_run(&RunRecord { ended_at: 10, report: "{}".to_owned() }).unwrap();
    database
}

#[test]
fn what_is_exported_can_be_imported_twice_and_the_first_word_stands() {
    let lines = exported(&furnished());
    let other = Database::in_memory().unwrap();
    other.begin_comparison(Fingerprint::of_bytes(b"c"), ComparisonStart { paid: false }).unwrap();
    let first = other.import(&mut lines.as_bytes()).unwrap();
    assert_eq!((first.answers, first.comparisons, first.runs, first.known), (1, 0, 1, 1));
    assert_eq!(other.import(&mut lines.as_bytes()).unwrap().known, 3);
    assert_eq!(other.answer(key("a")), Ok(Some(answer("kept"))));
    assert_eq!(other.comparison(Fingerprint::of_bytes(b"c")), Ok(Some(ComparisonStart { paid: false })));
    assert_eq!(
        other.stats().unwrap().models[0].usage,
        Usage { input: 1, output: 2, cache_read: 3, cache_write: 4 }
    );
}

#[test]
fn a_damaged_cut_or_foreign_export_is_refused_whole() {
    let lines = exported(&furnished());
    let refused = |text: &str| {
        let database = Database::in_memory().unwrap();
        let error = database.import(&mut text.as_bytes()).unwrap_err().to_string();
        assert_eq!(database.stats().unwrap().answers, 0);
        error
    };
    assert_snapshot!(refused(&lines.replace("kept", "forged")), @"line 3 is damaged: its content does not have the digest it names; nothing was imported");
    let cut: Vec<&str> = lines.lines().take(3).collect();
    assert_snapshot!(refused(&cut.join("\n")), @"line 3 is not followed by its end: the file is truncated; nothing was imported");
    assert_snapshot!(refused("id,input\n"), @"line 1 is not a line that prompt-assay wrote; nothing was imported");
    assert_snapshot!(refused(""), @"line 0 is not followed by its end: the file is truncated; nothing was imported");
}

#[test]
fn pruning_marks_the_comparisons_that_may_lack_answers() {
    let database = Database::in_memory().unwrap();
    let (old, new) = (Fingerprint::of_bytes(b"old"), Fingerprint::of_bytes(b"new"));
    for (name, comparison) in [("a", old), ("b", new)] {
        database.keep_answer(key(name), &request(), &answer(name)).unwrap();
        database.begin_comparison(comparison, ComparisonStart { paid: true }).unwrap();
    }
    let aged = "UPDATE answers SET created_at = 1000 WHERE key = ?1";
    database.connection().execute(aged, params![key("a").0.as_bytes()]).unwrap();
    let aged = "UPDATE comparisons SET begun_at = 1000 WHERE key = ?1";
    database.connection().execute(aged, params![old.as_bytes()]).unwrap();

    let pruning = Pruning { unused_since: Some(2000), ..Pruning::default() };
    assert_eq!(database.prune(&pruning, true).unwrap().answers, 1, "said");
    assert_eq!(database.answer(key("a")), Ok(Some(answer("a"))), "and not done");
    // It was used just now, so it is not old any more.
    assert_eq!(database.prune(&pruning, false).unwrap().answers, 0);

    let everything = Pruning { max_bytes: Some(0), ..Pruning::default() };
    assert_eq!(database.prune(&everything, false).unwrap().answers, 2);
    assert_eq!((database.is_pruned(old), database.is_pruned(new)), (Ok(true), Ok(true)));
    assert_eq!(database.comparison(old), Ok(Some(ComparisonStart { paid: true })));
    database.restart_comparison(old, ComparisonStart { paid: false }).unwrap();
    assert_eq!(database.is_pruned(old), Ok(false));
}

#[test]
fn runs_that_are_baselines_on_main_outlive_pruning() {
    let database = Database::in_memory().unwrap();
    for (ended_at, report) in [
        (1, r#"{"tier": "main", "verdict": "OK"}"#),
        (2, r#"{"tier": "main", "verdict": "REGRESSION"}"#),
        (3, r#"{"tier": "branch", "verdict": "OK"}"#),
        (4, "not JSON"),
        (5, "{}"),
    ] {
        database.keep_run(&RunRecord { ended_at, report: report.to_owned() }).unwrap();
    }
    let pruning = Pruning { unused_since: Some(100), ..Pruning::default() };
    assert_eq!(database.prune(&pruning, false).unwrap().runs, 3);
    assert_eq!(newest_runs(&database, 9), [5, 1]);
}

#[test]
fn one_file_holds_everything_when_the_last_one_closes_it() {
    let directory = prompt_assay_test_support::temporary::directory();
    let path = directory.path().join("assay.db");
    let (first, second) = (Database::open(&path).unwrap(), Database::open(&path).unwrap());
    first.keep_answer(key("a"), &request(), &answer("a")).unwrap();
    drop(first);
    second.keep_answer(key("b"), &request(), &answer("b")).unwrap();
    drop(second);
    let files: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["assay.db"]);
}
