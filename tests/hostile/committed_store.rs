//! A store that comes with the checkout: a person who commits the database, or only the log beside
//! it, would choose the model's answers. Filled from an endpoint that always says yes, it lets a
//! prompt that breaks cases pass without a call, and its evidence releases the prompt.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use prompt_assay::adapters::database::Database;
use prompt_assay_standin::Standin;
use prompt_assay_test_support::github::{GitHub, REPOSITORY};
use prompt_assay_test_support::repository::{Origin, git, shop};
use prompt_assay_test_support::rules_over_http;
use prompt_assay_test_support::step::{Left, Step, queued};
use serde_json::json;

const CONFIG: &str = "models: {branch: small, main: large}\ngate: {fail_fast: false}\n\
                      release: {release_on_scripted: true, environments: {prod: {directory: live, ssm: \"/prod/{name}\"}}}\n";

const YES: &str = "default: {text: \"yes\"}\n";

/// A repository whose pull request breaks the prompt, GitHub, and the model that tells the truth.
struct Bench {
    origin: Origin,
    github: GitHub,
    honest: Standin,
}

/// What starts the run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    Fork,
    PullRequest,
    Queue,
    Release,
}

const MOMENTS: [Moment; 4] = [Moment::Fork, Moment::PullRequest, Moment::Queue, Moment::Release];

impl Bench {
    /// The shop below a directory (`""`: at the root).
    fn new(directory: &str) -> Self {
        let below =
            |path: &str| if directory.is_empty() { path.to_owned() } else { format!("{directory}/{path}") };
        let mut base: Vec<(String, String)> = Vec::new();
        for (path, text) in shop() {
            let text = if path == "prompt-assay.yaml" { CONFIG.to_owned() } else { text };
            base.push((below(&path), text));
        }
        let broken = "reply: \"Answer the customer. A broken version.\"\nother: \"Unchanged.\"\n";
        let origin = Origin::between(&base, &[(&below("prompts.yaml"), broken)]);
        let github = GitHub::start(Some(origin.path()));
        let rules = shop().into_iter().find(|(path, _)| path == "rules.yaml").expect("rules").1;
        Self { origin, github, honest: rules_over_http::start(&rules) }
    }

    /// Adds to what the pull request commits: `stage` writes and stages it.
    fn smuggle(&mut self, stage: impl FnOnce(&Path)) {
        let root = self.origin.path().to_owned();
        let must = |arguments: &[&str]| git(&root, arguments).unwrap_or_else(|| panic!("git {arguments:?}"));
        must(&["checkout", "--quiet", "--detach", &self.origin.head]);
        stage(&root);
        must(&["commit", "--quiet", "--allow-empty", "-m", "More"]);
        self.origin.head = must(&["rev-parse", "HEAD"]).trim().to_owned();
        must(&["checkout", "--quiet", "--force", "--detach", &self.origin.base]);
        must(&["clean", "--quiet", "-ffdx"]);
        must(&["merge", "--quiet", "--no-ff", "-m", "Merge", &self.origin.head]);
        self.origin.merge = must(&["rev-parse", "HEAD"]).trim().to_owned();
        must(&["update-ref", "refs/pull/1/merge", &self.origin.merge]);
    }

    fn step(&self, moment: Moment, model: &Standin) -> Step<'_> {
        let (base, merge) = (&self.origin.base, &self.origin.merge);
        let step = match moment {
            Moment::Fork => {
                return Step::pull_request(&self.origin, &self.github)
                    .event("/pull_request/head/repo", json!({"full_name": "mallory/prompts"}));
            }
            Moment::PullRequest => Step::pull_request(&self.origin, &self.github),
            Moment::Queue => {
                let payload = queued(merge, base);
                Step::new(&self.origin, &self.github, ("merge_group", payload), merge)
            }
            Moment::Release => {
                let payload =
                    json!({"before": base, "after": merge, "repository": {"default_branch": "main"}});
                Step::new(&self.origin, &self.github, ("push", payload), merge)
                    .set("GITHUB_REF_NAME", "main")
                    .input("release", "prod")
            }
        };
        step.set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &model.url())
            .set("AWS_REGION", "us-east-1")
            .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .set("AWS_SECRET_ACCESS_KEY", "secret")
    }
}

/// What an attacker makes at home, for the very contents of the pull request.
struct Forged {
    database: Vec<u8>,
    /// A log that makes any database beside it the forged one.
    log: Vec<u8>,
    evidence: String,
}

/// One that clears the pull request on both tiers, made by the program itself before a model that
/// always says yes.
fn forged() -> &'static Forged {
    static FORGED: OnceLock<Forged> = OnceLock::new();
    FORGED.get_or_init(|| {
        let (bench, liar) = (Bench::new(""), rules_over_http::start(YES));
        let place = prompt_assay_test_support::temporary::directory();
        let database = place.path().join("assay.db");
        let mut evidence = String::new();
        for moment in [Moment::PullRequest, Moment::Queue] {
            let step = bench.step(moment, &liar);
            if database.exists() {
                write(step.workspace(), ".prompt-assay/assay.db", &fs::read(&database).expect("a database"));
            }
            let left = step.run();
            assert_eq!(left.status, 0, "before a model that says yes it passes: {}", left.log);
            fs::copy(step.workspace().join(".prompt-assay/assay.db"), &database).expect("a database");
            if let Some(path) = left.outputs.get("evidence").filter(|path| !path.is_empty()) {
                evidence = fs::read_to_string(step.workspace().join(path)).expect("evidence");
            }
        }
        let bytes = fs::read(&database).expect("a database");
        let connection = rusqlite::Connection::open(&database).expect("it opens");
        connection
            .execute_batch("PRAGMA wal_autocheckpoint = 0; VACUUM")
            .expect("every page goes into the log");
        let log = fs::read(place.path().join("assay.db-wal")).expect("a log");
        Forged { database: bytes, log, evidence }
    })
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    fs::write(file, bytes).expect("a file");
}

fn stage(root: &Path) {
    git(root, &["add", "--all", "--force"]).expect("it is staged");
}

fn link(root: &Path, target: &str, path: &str) {
    std::os::unix::fs::symlink(target, root.join(path)).expect("a link");
}

/// An honest database, as a cache restores it.
fn restore_honest(workspace: &Path) {
    fs::create_dir_all(workspace.join(".prompt-assay")).expect("a directory");
    drop(Database::open(&workspace.join(".prompt-assay/assay.db")).expect("it opens"));
}

/// One way to bring a store.
struct Trick {
    name: &'static str,
    /// What the pull request commits.
    commit: fn(&Path, &Forged),
    /// What the runner adds to the checkout: a restored cache, a submodule, a disk that folds case.
    runner: fn(&Path, &Forged),
    inputs: &'static [(&'static str, &'static str)],
    /// What the error names.
    named: &'static str,
}

fn nothing(_: &Path, _: &Forged) {}

const TRICKS: &[Trick] = &[
    Trick {
        name: "the database itself",
        commit: |root, forged| {
            write(root, ".prompt-assay/assay.db", &forged.database);
            stage(root);
        },
        runner: nothing,
        inputs: &[],
        named: "`.prompt-assay/assay.db` is a committed file",
    },
    Trick {
        name: "only the log, beside a database that an honest cache restores",
        commit: |root, forged| {
            write(root, ".prompt-assay/assay.db-wal", &forged.log);
            stage(root);
        },
        runner: |workspace, forged| {
            restore_honest(workspace);
            write(workspace, ".prompt-assay/assay.db-wal", &forged.log);
        },
        inputs: &[],
        named: "`.prompt-assay/assay.db-wal` is a committed file",
    },
    Trick {
        name: "the directory as a link to another one",
        commit: |root, forged| {
            write(root, "docs/assets/assay.db", &forged.database);
            link(root, "docs/assets", ".prompt-assay");
            stage(root);
        },
        runner: nothing,
        inputs: &[],
        named: "`.prompt-assay` is a symbolic link",
    },
    Trick {
        name: "the file as a link to another one",
        commit: |root, forged| {
            write(root, "docs/logo.png", &forged.database);
            fs::create_dir_all(root.join(".prompt-assay")).expect("a directory");
            link(root, "../docs/logo.png", ".prompt-assay/assay.db");
            stage(root);
        },
        runner: nothing,
        inputs: &[],
        named: "`.prompt-assay/assay.db` is a symbolic link",
    },
    Trick {
        name: "a link above a directory of the workflow's choice",
        commit: |root, forged| {
            write(root, "docs/assets/pa/assay.db", &forged.database);
            link(root, "docs/assets", ".cache");
            stage(root);
        },
        runner: nothing,
        inputs: &[("cache", ".cache/pa")],
        named: "`.cache` is a symbolic link",
    },
    Trick {
        name: "a submodule in the place of the directory",
        commit: |root, _| {
            let commit = git(root, &["rev-parse", "HEAD"]).expect("a commit");
            let entry = format!("160000,{},.prompt-assay", commit.trim());
            git(root, &["update-index", "--add", "--cacheinfo", &entry]).expect("it is staged");
        },
        runner: |workspace, forged| write(workspace, ".prompt-assay/assay.db", &forged.database),
        inputs: &[],
        named: "`.prompt-assay` is a submodule",
    },
    Trick {
        name: "another letter case, on a disk that makes no difference",
        commit: |root, forged| {
            write(root, ".Prompt-Assay/assay.db", &forged.database);
            stage(root);
        },
        runner: |workspace, forged| write(workspace, ".prompt-assay/assay.db", &forged.database),
        inputs: &[],
        named: "`.Prompt-Assay/assay.db` is a committed file",
    },
    Trick {
        name: "a letter that such a disk takes for another",
        commit: |root, forged| {
            write(root, ".prompt-a\u{17f}say/ASSAY.DB", &forged.database);
            stage(root);
        },
        runner: |workspace, forged| write(workspace, ".prompt-assay/assay.db", &forged.database),
        inputs: &[],
        named: "`.prompt-a\u{17f}say/ASSAY.DB` is a committed file",
    },
    Trick {
        name: "the directory of the workflow's choice",
        commit: |root, forged| {
            write(root, "var/assay/assay.db", &forged.database);
            stage(root);
        },
        runner: nothing,
        inputs: &[("cache", "./var//assay/")],
        named: "`var/assay/assay.db` is a committed file",
    },
    Trick {
        name: "a journal to be rolled back into a restored database",
        commit: |root, forged| {
            write(root, ".prompt-assay/assay.db-journal", &forged.log);
            stage(root);
        },
        runner: |workspace, _| restore_honest(workspace),
        inputs: &[],
        named: "`.prompt-assay/assay.db-journal` is a committed file",
    },
    Trick {
        name: "a checkout without an index",
        commit: |root, forged| {
            write(root, ".prompt-assay/assay.db", &forged.database);
            stage(root);
        },
        runner: |workspace, _| fs::remove_file(workspace.join(".git/index")).expect("it was there"),
        inputs: &[],
        named: "`.prompt-assay/assay.db` is a committed file",
    },
    Trick {
        name: "`database:` moved to a committed file",
        commit: |root, forged| {
            write(root, "docs/answers.db", &forged.database);
            write(root, "prompt-assay.yaml", format!("database: docs/answers.db\n{CONFIG}").as_bytes());
            stage(root);
        },
        runner: nothing,
        inputs: &[],
        named: "`docs/answers.db` is a committed file",
    },
];

/// What a checkout is told that holds a store: nothing is called and nothing is released.
#[track_caller]
fn is_refused(what: &str, step: &Step<'_>, left: &Left, (bench, named): (&Bench, &str)) {
    assert_eq!(left.status, 2, "{what}: {}", left.log);
    assert!(left.log.contains(named), "{what}: {named}: {}", left.log);
    assert_eq!(bench.honest.counters().total, 0, "{what}: {}", left.log);
    assert!(!step.workspace().join("live").exists(), "{what}: {}", left.log);
}

#[test]
fn without_a_store_the_same_pull_request_is_blocked_at_every_moment() {
    let bench = Bench::new("");
    for moment in MOMENTS {
        let step = bench.step(moment, &bench.honest);
        let left = step.run();
        let expected = if moment == Moment::Fork { 3 } else { 1 };
        assert_eq!(left.status, expected, "{moment:?}: {}", left.log);
        assert!(!step.workspace().join("live").exists(), "{moment:?}: {}", left.log);
    }
}

/// The whole attempt, with one thing left out: Git does not keep it. So a store is read where a cache
/// brought it, and the forged one would clear the pull request.
#[test]
fn the_forged_store_would_clear_the_pull_request_if_it_were_read() {
    let bench = Bench::new("");
    let step = bench.step(Moment::PullRequest, &bench.honest);
    write(step.workspace(), ".prompt-assay/assay.db", &forged().database);
    let left = step.run();
    assert_eq!((left.status, left.outputs["calls"].as_str()), (0, "0"), "{}", left.log);
}

fn at(moment: Moment) {
    for trick in TRICKS {
        let mut bench = Bench::new("");
        bench.smuggle(|root| (trick.commit)(root, forged()));
        let mut step = bench.step(moment, &bench.honest);
        for (name, value) in trick.inputs {
            step = step.input(name, value);
        }
        (trick.runner)(step.workspace(), forged());
        let left = step.run();
        is_refused(&format!("{moment:?}, {}", trick.name), &step, &left, (&bench, trick.named));
    }
}

#[test]
fn in_a_pull_request_of_a_fork() {
    at(Moment::Fork);
}

#[test]
fn in_a_pull_request_of_the_repository() {
    at(Moment::PullRequest);
}

#[test]
fn in_a_merge_queue() {
    at(Moment::Queue);
}

#[test]
fn in_a_push_that_releases() {
    at(Moment::Release);
}

#[test]
fn below_a_nested_working_directory() {
    for moment in MOMENTS {
        let mut bench = Bench::new("apps/support");
        let inputs = |step: Step<'_>| {
            step.input("working-directory", "apps/support").input("cache", "apps/support/.prompt-assay").run()
        };
        let honest = inputs(bench.step(moment, &bench.honest));
        assert_eq!(honest.status, if moment == Moment::Fork { 3 } else { 1 }, "{moment:?}: {}", honest.log);
        bench.honest = rules_over_http::start(YES);
        bench.smuggle(|root| {
            write(root, "apps/support/.prompt-assay/assay.db", &forged().database);
            stage(root);
        });
        let left = inputs(bench.step(moment, &bench.honest));
        let named = "`apps/support/.prompt-assay/assay.db` is a committed file";
        assert_eq!((left.status, left.log.contains(named)), (2, true), "{moment:?}: {}", left.log);
        assert_eq!(bench.honest.counters().total, 0);
    }
}

/// The queue would seal its evidence into the trusted area, and a later clean push would call nothing.
#[test]
fn committed_answers_never_reach_the_shared_store() {
    let mut bench = Bench::new("");
    bench.smuggle(|root| (TRICKS[0].commit)(root, forged()));
    let ear = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    ear.set_nonblocking(true).expect("it may");
    let url = format!("http://{}", ear.local_addr().expect("an address"));
    for moment in [Moment::Queue, Moment::Release, Moment::PullRequest] {
        let step = bench
            .step(moment, &bench.honest)
            .input("shared-store", "s3://line/assay")
            .set("AWS_ENDPOINT_URL_S3", &url);
        let left = step.run();
        is_refused(&format!("{moment:?}"), &step, &left, (&bench, TRICKS[0].named));
        assert!(ear.accept().is_err(), "{moment:?}: nobody asked the shared store for anything");
    }
}

/// Only the index says it: `pull_request_target` evaluates the head as data, and a workflow that
/// checks the head out has its files on disk.
#[test]
fn in_the_checkout_of_another_commit_than_the_evaluated_one() {
    let mut bench = Bench::new("");
    let clean = bench.origin.head.clone();
    bench.smuggle(|root| (TRICKS[0].commit)(root, forged()));
    let payload = json!({"repository": {"default_branch": "main"}, "pull_request": {
        "number": 1,
        "base": {"sha": bench.origin.base, "ref": "main", "repo": {"full_name": REPOSITORY}},
        "head": {"sha": clean, "ref": "edit", "repo": {"full_name": REPOSITORY}},
    }});
    let target = |commit: &str| {
        let event = ("pull_request_target", payload.clone());
        Step::new(&bench.origin, &bench.github, event, &bench.origin.base)
            .checkout(commit)
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &bench.honest.url())
            .set("AWS_REGION", "us-east-1")
            .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .set("AWS_SECRET_ACCESS_KEY", "secret")
    };
    let step = target(&bench.origin.merge);
    let left = step.run();
    is_refused("another commit", &step, &left, (&bench, TRICKS[0].named));
    let honest = target(&bench.origin.base).run();
    assert_eq!(honest.status, 1, "{}", honest.log);
}

/// An untracked log beside a restored database: it cannot be known whether it is of a killed run or
/// of another database.
#[test]
fn a_stray_log_is_not_replayed_into_a_restored_database() {
    let bench = Bench::new("");
    for sibling in ["assay.db-wal", "assay.db-shm", "assay.db-journal"] {
        let step = bench.step(Moment::PullRequest, &bench.honest);
        restore_honest(step.workspace());
        write(step.workspace(), &format!(".prompt-assay/{sibling}"), &forged().log);
        let left = step.run();
        assert_eq!(left.status, 1, "{sibling}: {}", left.log);
        assert!(!step.workspace().join(".prompt-assay").join(sibling).exists(), "{sibling}");
    }
}

/// The release job trusts a file of an earlier job.
#[test]
fn evidence_that_came_with_the_checkout_releases_nothing() {
    let ways: [(&str, fn(&Path, &Forged), &str); 4] = [
        (
            "the file",
            |root, forged| {
                write(root, "evidence/evidence.json", forged.evidence.as_bytes());
                stage(root);
            },
            "`evidence/evidence.json` is a committed file",
        ),
        (
            "the file as a link",
            |root, forged| {
                write(root, "docs/example.json", forged.evidence.as_bytes());
                fs::create_dir_all(root.join("evidence")).expect("a directory");
                link(root, "../docs/example.json", "evidence/evidence.json");
                stage(root);
            },
            "`evidence/evidence.json` is a committed link",
        ),
        (
            "the directory as a link",
            |root, forged| {
                write(root, "docs/evidence.json", forged.evidence.as_bytes());
                link(root, "docs", "evidence");
                stage(root);
            },
            "`evidence` is a committed link",
        ),
        (
            "a store beside it",
            |root, forged| {
                write(root, ".prompt-assay/assay.db", &forged.database);
                stage(root);
            },
            "`.prompt-assay/assay.db` is a committed file",
        ),
    ];
    for (name, commit, named) in ways {
        let mut bench = Bench::new("");
        bench.smuggle(|root| commit(root, forged()));
        let step = bench.step(Moment::Release, &bench.honest).input("evidence", "evidence/evidence.json");
        if !step.workspace().join("evidence").exists() {
            write(step.workspace(), "evidence/evidence.json", forged().evidence.as_bytes());
        }
        let left = step.run();
        is_refused(name, &step, &left, (&bench, named));
    }
    // Brought by an earlier job, the same file releases: only where it came from differs.
    let bench = Bench::new("");
    let step = bench.step(Moment::Release, &bench.honest).input("evidence", "evidence/evidence.json");
    write(step.workspace(), "evidence/evidence.json", forged().evidence.as_bytes());
    let left = step.run();
    assert_eq!((left.status, step.workspace().join("live").exists()), (0, true), "{}", left.log);
}

/// The same on the command line: every command that reads a store, or what was exported of one.
#[test]
fn every_command_refuses_a_store_that_git_keeps() {
    const COMMANDS: &[&[&str]] = &[
        &["eval", "--base", "HEAD~1", "--head", "HEAD"],
        &["eval", "--base", "HEAD~1"],
        &["eval", "--base", "HEAD~1", "--head", "HEAD", "--tier", "main", "--offline"],
        &["plan", "--base", "HEAD~1", "--head", "HEAD"],
        &["report"],
        &["cache", "stats"],
        &["cache", "prune", "--unused-for", "1"],
        &["cache", "export"],
        &["cache", "import", "outside.jsonl"],
        &["cache", "stats", "--database", ".prompt-assay/assay.db"],
        &["release"],
        &["release", "--dry-run", "--without-evidence", "a try"],
    ];
    let bench = Bench::new("");
    let prepared = |tracked: bool| {
        let checkout = bench.origin.checkout(&bench.origin.merge);
        let root = checkout.path();
        write(root, ".prompt-assay/assay.db", &forged().database);
        write(root, "README.md", b"# Another shop\n");
        if tracked {
            stage(root);
        } else {
            git(root, &["add", "README.md"]).expect("it is staged");
        }
        git(root, &["commit", "--quiet", "-m", "More"]).expect("a commit");
        let exported = run(root, &["cache", "export"], &bench.honest);
        write(root, "outside.jsonl", exported.1.as_bytes());
        checkout
    };
    let (tracked, clean) = (prepared(true), prepared(false));
    for command in COMMANDS {
        let (status, _, told) = run(tracked.path(), command, &bench.honest);
        assert_eq!(status, 2, "{command:?}: {told}");
        assert!(told.contains("`.prompt-assay/assay.db` is a committed file"), "{command:?}: {told}");
        assert!(told.contains("git rm -r --cached"), "{command:?}: {told}");
        let (_, _, told) = run(clean.path(), command, &bench.honest);
        assert!(!told.contains("committed"), "{command:?}: {told}");
    }
    assert!(!tracked.path().join("live").exists());
}

/// Files of earlier runs that a command takes the word of.
#[test]
fn what_earlier_runs_left_is_not_taken_from_git() {
    let bench = Bench::new("");
    let checkout = bench.origin.checkout(&bench.origin.merge);
    let root = checkout.path();
    write(root, ".prompt-assay/assay.db", &forged().database);
    let exported = run(root, &["cache", "export"], &bench.honest).1;
    write(root, "README.md", b"# Another shop\n");
    git(root, &["commit", "--quiet", "--all", "-m", "More"]).expect("a commit");
    let shard = ["eval", "--base", "HEAD~1", "--head", "HEAD", "--shard", "1/1", "--format", "json"];
    let report = run(root, &shard, &bench.honest).1;
    write(root, "answers.jsonl", exported.as_bytes());
    write(root, "proof.json", forged().evidence.as_bytes());
    write(root, "shards/1.json", report.as_bytes());
    let commands: [&[&str]; 4] = [
        &["cache", "import", "answers.jsonl"],
        &["release", "--evidence", "proof.json"],
        &["merge", "shards"],
        &["merge", "shards/1.json"],
    ];
    let told = |command: &[&str]| run(root, command, &bench.honest);
    for command in commands {
        let (status, _, told) = told(command);
        assert_eq!((status, told.contains("committed")), (0, false), "control, {command:?}: {told}");
    }
    assert!(root.join("live").exists(), "from an earlier job, the evidence releases");
    fs::remove_dir_all(root.join("live")).expect("it was there");
    git(root, &["add", "--force", "answers.jsonl", "proof.json", "shards"]).expect("they are staged");
    for command in commands {
        let (status, _, told) = told(command);
        assert_eq!((status, told.contains("is a committed file")), (2, true), "{command:?}: {told}");
    }
    assert!(!root.join("live").exists());
}

/// Status, standard output and standard error of a command in a checkout.
fn run(root: &Path, arguments: &[&str], model: &Standin) -> (i32, String, String) {
    let mut command = Command::new(prompt_assay_test_support::program());
    command.args(arguments).current_dir(root).env_clear();
    rules_over_http::at(&mut command, model).env("AWS_EC2_METADATA_DISABLED", "true");
    let output = command.output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("a status"), text(output.stdout), text(output.stderr))
}
