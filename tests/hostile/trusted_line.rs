//! The main branch of a repository whose trusted runs have a store key: an honest store, one that
//! an attacker filled, and the run that must distinguish them.

use std::path::{Path, PathBuf};

use prompt_assay::fingerprint::Fingerprint;
use prompt_assay::seal::{Sealed, Seals, StoreKeys};
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, edited, git, shop_of_the_main_line};
use prompt_assay_test_support::step::{Left, Step};
use rusqlite::{Connection, params};
use serde_json::json;
use tempfile::TempDir;

/// What trusted runs have.
pub const KEY: &str = "trusted-0123456789abcdef0123456789abcdef";
/// What an attacker can make for himself.
pub const OTHER: &str = "another-fedcba9876543210fedcba9876543210";

const CONFIG: &str = "provider: {scripted: rules.yaml}\nmodels: {branch: small, main: large}\n\
                      gate: {fail_fast: false}\n\
                      release: {release_on_scripted: true, environments: {prod: {directory: live, ssm: \"/prod/{name}\"}}}\n";

/// Three commits of the default branch: what was there, a good prompt, and a broken one.
pub struct Line {
    pub origin: Origin,
    pub github: GitHub,
    pub before: String,
    pub good: String,
    pub broken: String,
}

/// What `actions/cache` carries from run to run, as a file of its own.
pub struct Store {
    directory: TempDir,
}

impl Line {
    pub fn new() -> Self {
        Self::with_words("A broken version.")
    }

    /// The same; the last commit's prompt has these words.
    pub fn with_words(words: &str) -> Self {
        Self::configured(CONFIG, words)
    }

    /// The same, of a project that lets no answers by rules go live.
    pub fn of_models_only() -> Self {
        Self::configured(&CONFIG.replace("release_on_scripted: true, ", ""), "A broken version.")
    }

    fn configured(config: &str, words: &str) -> Self {
        let base = shop_of_the_main_line();
        let origin = Origin::between(&base, &[("prompts.yaml", &edited("Second version."))]);
        let github = GitHub::start(Some(origin.path()));
        let before = commit(&origin, "prompt-assay.yaml", config, &origin.base);
        let prompt = |words: &str, parent: &str| {
            let text = format!("reply: \"Answer the customer. {words}\"\nother: \"Unchanged.\"\n");
            commit(&origin, "prompts.yaml", &text, parent)
        };
        let good = prompt("Second version.", &before);
        let broken = prompt(words, &good);
        Self { origin, github, before, good, broken }
    }

    /// A push to the default branch that would go live.
    pub fn push(&self, before: &str, after: &str) -> Step<'_> {
        let payload = json!({"before": before, "after": after, "repository": {"default_branch": "main"}});
        Step::new(&self.origin, &self.github, ("push", payload), after)
            .set("GITHUB_REF_NAME", "main")
            .input("branch-baselines", "false")
            .input("release", "prod")
    }

    /// The push of the good prompt.
    pub fn good(&self) -> Step<'_> {
        self.push(&self.before, &self.good)
    }

    /// The push of the broken one, after it.
    pub fn broken(&self) -> Step<'_> {
        self.push(&self.good, &self.broken)
    }

    /// The store after the good prompt passed with this key.
    pub fn honest(&self, key: &str) -> Store {
        let store = Store::empty();
        let left = store.run(&self.good().input("store-key", key));
        assert_eq!(left.status, 0, "{}", left.log);
        store
    }

    /// That store, and in it the answers to the broken prompt, bought by a run with this key.
    pub fn with_the_broken_one(&self, honest: &Store, key: &str) -> Store {
        let store = honest.copy();
        let left = store.run(&self.broken().input("store-key", key));
        assert_eq!(left.status, 1, "the control of all: {}", left.log);
        store
    }
}

fn commit(origin: &Origin, path: &str, text: &str, parent: &str) -> String {
    let root = origin.path();
    git(root, &["checkout", "--quiet", "--detach", parent]).unwrap();
    std::fs::write(root.join(path), text).unwrap();
    git(root, &["add", "--all"]).unwrap();
    git(root, &["commit", "--quiet", "--message", "Edit"]).unwrap();
    git(root, &["rev-parse", "HEAD"]).unwrap().trim().to_owned()
}

impl Store {
    /// None yet.
    pub fn empty() -> Self {
        Self { directory: prompt_assay_test_support::temporary::directory() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("assay.db")
    }

    pub fn copy(&self) -> Self {
        let copy = Self::empty();
        carry(&self.path(), &copy.path());
        copy
    }

    /// A run that finds this store, and leaves what it makes of it.
    pub fn run(&self, step: &Step<'_>) -> Left {
        let inside = step.workspace().join(".prompt-assay/assay.db");
        carry(&self.path(), &inside);
        let left = step.run();
        carry(&inside, &self.path());
        left
    }

    /// Changes it by hand.
    pub fn edit(&self, tamper: impl FnOnce(&Connection)) -> &Self {
        let connection = Connection::open(self.path()).unwrap();
        tamper(&connection);
        connection.close().unwrap();
        self
    }

    pub fn count(&self, sql: &str) -> u32 {
        let connection = Connection::open(self.path()).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Where it lies, for commands that are given a database.
    pub fn database(&self) -> String {
        self.path().display().to_string()
    }
}

fn carry(from: &Path, to: &Path) {
    if from.exists() {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    }
}

pub fn execute(sql: &str) -> impl Fn(&Connection) + use<> {
    let sql = sql.to_owned();
    move |connection| connection.execute_batch(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Seals every row with another key, as an attacker would who has read the source.
pub fn seal_with_another_key(connection: &Connection) {
    let seals = Seals::of(&StoreKeys::read(OTHER).unwrap().unwrap());
    let seal = |content: &Sealed<'_>| *seals.seal(content).unwrap().as_bytes();
    let mut rows =
        connection.prepare("SELECT rowid, key, request, bought_by, response FROM answers").unwrap();
    let mut rows = rows.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let name = |column| Fingerprint::from_bytes(row.get(column).unwrap());
        let response: String = row.get(4).unwrap();
        let content =
            Sealed::Answer { key: name(1), request: name(2), bought_by: name(3), response: &response };
        let rowid: i64 = row.get(0).unwrap();
        connection
            .execute("UPDATE answers SET seal = ?1 WHERE rowid = ?2", params![seal(&content), rowid])
            .unwrap();
    }
    let mut rows = connection.prepare("SELECT number, record FROM evidence").unwrap();
    let mut rows = rows.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let record: String = row.get(1).unwrap();
        let number: i64 = row.get(0).unwrap();
        connection
            .execute(
                "UPDATE evidence SET seal = ?1 WHERE number = ?2",
                params![seal(&Sealed::Evidence(&record)), number],
            )
            .unwrap();
    }
}
