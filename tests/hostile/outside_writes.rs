//! Writes outside the repository: names and links in a checkout that redirect a release, the
//! database or the result files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, git};
use prompt_assay_test_support::step::Step;
use tempfile::TempDir;

const CONFIG: &str = "provider: {scripted: rules.yaml}\nmodels: {branch: small, main: large}\n\
                      gate: {fail_fast: false}\n";
const RELEASE: &str =
    "release: {release_on_scripted: true, environments: {prod: {directory: live, ssm: \"/prod/{name}\"}}}\n";
const PROMPTS: &str = "reply: \"Answer the customer. Second version.\"\nother: \"Unchanged.\"\n";

/// A checkout, and beside it a directory of somebody else.
struct Bench {
    place: TempDir,
}

impl Bench {
    /// The shop, with a configuration and a catalog, and what `prepare` makes of the checkout.
    fn new(config: &str, prompts: &str, prepare: impl FnOnce(&Path, &Path)) -> Self {
        let origin = Origin::with_prompt("Second version.");
        let place = prompt_assay_test_support::temporary::directory();
        let bench = Self { place };
        let root = bench.root();
        let url = format!("file://{}", origin.path().display());
        git(bench.place.path(), &["clone", "--quiet", &url, "checkout"]).expect("a clone");
        fs::create_dir(bench.outside()).expect("a directory");
        fs::write(bench.outside().join("theirs.json"), "{}").expect("a file");
        fs::write(root.join("prompt-assay.yaml"), config).expect("a file");
        fs::write(root.join("prompts.yaml"), prompts).expect("a file");
        prepare(&root, &bench.outside());
        git(&root, &["add", "--all"]).expect("it is staged");
        git(&root, &["commit", "--quiet", "-m", "More"]).expect("a commit");
        bench
    }

    fn root(&self) -> PathBuf {
        self.place.path().join("checkout")
    }

    fn outside(&self) -> PathBuf {
        self.place.path().join("outside")
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(prompt_assay_test_support::program());
        command.args(arguments).current_dir(self.root()).env_clear().env("AWS_EC2_METADATA_DISABLED", "true");
        let output = command.output().expect("it starts");
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        (output.status.code().expect("a status"), told + &String::from_utf8_lossy(&output.stdout))
    }

    /// Nothing of somebody else's is new, gone or different.
    #[track_caller]
    fn is_untouched(&self, what: &str, told: &str) {
        let names = |directory: PathBuf| {
            let mut names: Vec<String> = fs::read_dir(directory)
                .expect("a directory")
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names(self.outside()), ["theirs.json"], "{what}: {told}");
        assert_eq!(names(self.place.path().to_owned()), ["checkout", "outside"], "{what}: {told}");
        let theirs = fs::read_to_string(self.outside().join("theirs.json")).expect("a file");
        assert_eq!(theirs, "{}", "{what}: {told}");
    }
}

const RELEASING: [&str; 5] = ["release", "--env", "prod", "--without-evidence", "a try"];

#[test]
fn a_release_to_a_directory_stays_in_it() {
    let bench = Bench::new(&format!("{CONFIG}{RELEASE}"), PROMPTS, |_, _| {});
    let (status, told) = bench.run(&RELEASING);
    assert_eq!(status, 0, "{told}");
    assert!(bench.root().join("live/parameters/prod/reply/@/1.json").exists(), "{told}");
    bench.is_untouched("the control", &told);
}

#[test]
fn no_parameter_s_name_leads_a_directory_out() {
    let own = |name: &str| format!("reply: {{text: \"Answer.\", release: {{ssm: \"{name}\"}}}}\n");
    let pattern = |ssm: &str| {
        format!(
            "{CONFIG}release: {{release_on_scripted: true, environments: {{prod: {{directory: live, ssm: \"{ssm}\"}}}}}}\n"
        )
    };
    let plain = format!("{CONFIG}{RELEASE}");
    let attempts = [
        ("a prompt's own, through three levels", plain.clone(), own("/a/../../../../outside/x")),
        ("a prompt's own, at once", plain.clone(), own("/../../../outside/x")),
        ("a prompt's own, at its end", plain.clone(), own("/a/..")),
        ("a prompt's own, without a slash", plain.clone(), own("..")),
        ("a prompt's own, in its place", plain, own("/a/./b")),
        ("the environment's pattern", pattern("/a/../../../../outside/{name}"), PROMPTS.to_owned()),
        (
            "the environment's pattern, after the name",
            pattern("/{name}/../../../../outside"),
            PROMPTS.to_owned(),
        ),
    ];
    for (what, config, prompts) in attempts {
        let bench = Bench::new(&config, &prompts, |_, _| {});
        let (status, told) = bench.run(&RELEASING);
        assert_eq!(status, 2, "{what}: {told}");
        assert!(told.contains("has a level `.` or `..`"), "{what}: {told}");
        bench.is_untouched(what, &told);
        assert!(!bench.root().join("live").exists(), "{what}: {told}");
    }
    let bench = Bench::new(&format!("{CONFIG}{RELEASE}"), &own("/a/b..c/x"), |_, _| {});
    assert_eq!(bench.run(&RELEASING).0, 0, "dots are no way out");
}

#[test]
fn no_link_in_a_checkout_leads_a_release_out() {
    let attempts: [(&str, fn(&Path, &Path)); 7] = [
        ("the directory, absolute", |root, outside| link(outside, root, "live")),
        ("the directory, relative", |root, _| link(Path::new("../outside"), root, "live")),
        ("its parameters", |root, outside| link(outside, root, "live/parameters")),
        ("a level", |root, outside| link(outside, root, "live/parameters/prod")),
        ("a parameter", |root, outside| link(outside, root, "live/parameters/prod/reply")),
        ("a parameter's versions", |root, outside| link(outside, root, "live/parameters/prod/reply/@")),
        ("its labels", |root, outside| {
            link(&outside.join("theirs.json"), root, "live/parameters/prod/reply/@/labels.json");
        }),
    ];
    for (what, prepare) in attempts {
        let bench = Bench::new(&format!("{CONFIG}{RELEASE}"), PROMPTS, prepare);
        let (status, told) = bench.run(&RELEASING);
        assert!(status >= 2, "{what}: {told}");
        assert!(told.contains("is a symbolic link"), "{what}: {told}");
        bench.is_untouched(what, &told);
    }
}

#[test]
fn no_link_in_a_checkout_shows_a_file_from_outside_as_what_is_live() {
    let secret = r#"{"value": "a secret", "secure": false, "advanced": false, "description": "",
                     "modified_at": 0, "modified_by": "x"}"#;
    let show = ["show", "reply:1", "--env", "prod"];
    let bench = Bench::new(&format!("{CONFIG}{RELEASE}"), PROMPTS, |root, outside| {
        fs::write(outside.join("secret.json"), secret).expect("a file");
        link(&outside.join("secret.json"), root, "live/parameters/prod/reply/@/1.json");
    });
    let (status, told) = bench.run(&show);
    assert!(status != 0 && !told.contains("a secret"), "{told}");
    let bench = Bench::new(&format!("{CONFIG}{RELEASE}"), PROMPTS, |root, _| {
        let file = root.join("live/parameters/prod/reply/@/1.json");
        fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
        fs::write(file, secret).expect("a file");
    });
    let (_, told) = bench.run(&show);
    assert!(told.contains("a secret"), "the control: {told}");
}

fn link(target: &Path, root: &Path, path: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    symlink(target, path).expect("a link");
}

const EVAL: [&str; 5] = ["eval", "--base", "HEAD~1", "--format", "json"];

#[test]
fn no_link_leads_the_database_out() {
    let attempts: [(&str, &str, fn(&Path, &Path)); 6] = [
        ("a directory", "x/evil.db", |root, outside| link(outside, root, "x")),
        ("a directory further up", "x/y/evil.db", |root, outside| link(outside, root, "x")),
        ("a directory inside", "x/evil.db", |root, _| link(Path::new("golden"), root, "x")),
        ("the file", "evil.db", |root, outside| link(&outside.join("evil.db"), root, "evil.db")),
        ("the file's log", "evil.db", |root, outside| link(&outside.join("log"), root, "evil.db-wal")),
        ("the program's own directory", ".prompt-assay/assay.db", |root, outside| {
            link(outside, root, ".prompt-assay");
        }),
    ];
    for (what, database, prepare) in attempts {
        for committed in [true, false] {
            let config = format!("database: {database}\n{CONFIG}");
            let bench = Bench::new(&config, PROMPTS, |root, outside| {
                if committed {
                    prepare(root, outside);
                }
            });
            if !committed {
                prepare(&bench.root(), &bench.outside());
            }
            let (status, told) = bench.run(&EVAL);
            assert_eq!(status, 2, "{what}: {told}");
            let named = told.contains("is a committed link") || told.contains("is a symbolic link");
            assert!(named, "{what}: {told}");
            bench.is_untouched(what, &told);
        }
    }
    let bench = Bench::new(&format!("database: x/y/good.db\n{CONFIG}"), PROMPTS, |_, _| {});
    let (status, told) = bench.run(&EVAL);
    assert_eq!((status, bench.root().join("x/y/good.db").exists()), (0, true), "{told}");
}

#[test]
fn no_link_leads_the_action_s_files_out() {
    // What is in the workspace when the step begins, by whomever; and the input `cache`.
    let attempts: [(&str, &str, fn(&Path, &Path)); 7] = [
        ("the directory", ".prompt-assay", |root, outside| link(outside, root, ".prompt-assay")),
        ("a directory above, one below not made", "a/b/c", |root, outside| link(outside, root, "a")),
        ("the database", ".prompt-assay", |root, outside| {
            link(&outside.join("assay.db"), root, ".prompt-assay/assay.db");
        }),
        ("the report", ".prompt-assay", |root, outside| {
            link(&outside.join("theirs.json"), root, ".prompt-assay/report.json");
        }),
        ("the comment's text", ".prompt-assay", |root, outside| {
            link(&outside.join("theirs.json"), root, ".prompt-assay/report.md");
        }),
        ("the page", ".prompt-assay", |root, outside| {
            link(&outside.join("theirs.json"), root, ".prompt-assay/report.html");
        }),
        ("the log", ".prompt-assay", |root, outside| {
            link(&outside.join("theirs.json"), root, ".prompt-assay/assay.db-wal");
        }),
    ];
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    for (what, cache, prepare) in attempts {
        let place = prompt_assay_test_support::temporary::directory();
        let outside = place.path().join("outside");
        fs::create_dir(&outside).expect("a directory");
        fs::write(outside.join("theirs.json"), "{}").expect("a file");
        let step = Step::pull_request(&origin, &github).input("cache", cache);
        prepare(step.workspace(), &outside);
        let left = step.run();
        // A link in the place of a result file is replaced by the file, all others are refused.
        let is_replaced = ["the report", "the comment's text", "the page"].contains(&what);
        assert_eq!(left.status, if is_replaced { 0 } else { 2 }, "{what}: {}", left.log);
        assert!(is_replaced || left.log.contains("is a symbolic link"), "{what}: {}", left.log);
        let names: Vec<_> = fs::read_dir(&outside).expect("a directory").collect();
        assert_eq!(names.len(), 1, "{what}: {}", left.log);
        let theirs = fs::read_to_string(outside.join("theirs.json")).expect("a file");
        assert_eq!(theirs, "{}", "{what}: {}", left.log);
    }
    for cache in ["../outside", "/tmp/outside", "a/../../outside", "."] {
        let left = Step::pull_request(&origin, &github).input("cache", cache).run();
        assert_eq!(left.status, 2, "{cache}: {}", left.log);
    }
    let step = Step::pull_request(&origin, &github).input("cache", "a/b/c");
    assert_eq!(step.run().status, 0);
    assert!(step.workspace().join("a/b/c/report.json").exists(), "the control");
}

/// What a person names on the command line is his own business.
#[test]
fn a_file_that_a_person_names_may_lie_anywhere() {
    let bench = Bench::new(CONFIG, PROMPTS, |_, _| {});
    let output = bench.place.path().join("report.json");
    let mut command = EVAL.to_vec();
    command.extend(["--output", output.to_str().expect("UTF-8")]);
    let (status, told) = bench.run(&command);
    assert_eq!((status, output.exists()), (0, true), "{told}");
    let database = bench.place.path().join("elsewhere/copy.db");
    let exported = bench.place.path().join("answers.jsonl");
    let (database, exported) = (database.to_str().expect("UTF-8"), exported.to_str().expect("UTF-8"));
    assert_eq!(bench.run(&["cache", "export", exported]).0, 0);
    assert_eq!(bench.run(&["cache", "import", "--database", database, exported]).0, 0);
    let linked = bench.place.path().join("linked.db");
    symlink(database, &linked).expect("a link");
    let (status, told) = bench.run(&["cache", "stats", "--database", linked.to_str().expect("UTF-8")]);
    assert_eq!(status, 0, "{told}");
}
