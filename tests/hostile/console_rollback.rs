//! Console rollbacks and what others write: a merge of another prompt leaves what somebody chose, and says so. The real
//! binary, with a directory instead of AWS; `tests/emulators/release_wire/console.rs` does the same to SSM.
//!
//! The control of each attempt: the same state, and the prompt itself changes in Git. Then it is replaced, which shows
//! that a release was possible.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use prompt_assay_test_support::on_disk::{Project, Ran};
use serde_json::{Value, json};

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
provider: {scripted: rules.yaml}
release: {release_on_scripted: true, environments: {prod: {directory: released, ssm: \"/prod/{name}\"}}}
";

/// What an operator, another program, or a colleague with `prompt-assay` does to `s`.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Moves the label.
    Label(u64),
    /// Takes the label off.
    Unlabel,
    /// Writes a text as the next version.
    Write(&'static str),
    /// Writes an earlier version's text as the next version.
    Again(u64),
    /// The same, with its record.
    Copy(u64),
    /// Writes a text as the next version, with the record of an earlier one.
    Forge(&'static str, u64),
    /// `prompt-assay rollback`.
    RollBack,
    /// A merge of `t` in between.
    Merge,
    /// `drift --heal`.
    Heal,
}

use Deed::*;

/// A project of two prompts, of which `s` was released as version 1 (`s one`) and 2 (`s two`).
struct Shop {
    project: Project,
    /// All passed: the one that is released, three merges of other prompts, one that changes `t`, one that changes `s`.
    commits: Vec<String>,
    /// How many merges were released.
    merged: Cell<usize>,
}

const T_CHANGED: usize = 4;
const S_CHANGED: usize = 5;

impl Shop {
    fn new() -> Self {
        let project = Project::nowhere();
        project.git(&["init", "--quiet", "--initial-branch", "main"]);
        project.write("prompt-assay.yaml", CONFIG);
        project.write("rules.yaml", "default: {text: \"Hello Ada\"}\n");
        project.write(".gitignore", "released/\n.prompt-assay/\n");
        project.write("prompts.yaml", "s: s one\nt: t one\n");
        for name in ["s", "t"] {
            let case = "cases:\n  - {id: a, input: Hi, checks: [{contains: Ada}]}\n";
            project.write(&format!("golden/{name}.yaml"), case);
        }
        let mut shop = Self { project, commits: Vec::new(), merged: Cell::new(0) };
        shop.passes("none");
        shop.ends(0, &["release"]);
        shop.commits.push(shop.merge("s one", "s two"));
        shop.ends(0, &["release"]);
        for other in ["u", "v", "w"] {
            shop.commits.push(shop.merge("t: t", &format!("{other}: {other}\nt: t")));
        }
        shop.commits.push(shop.merge("t one", "t two"));
        shop.commits.push(shop.merge("s two", "s three"));
        shop
    }

    /// The same project, the store and what passed included.
    fn copy(&self) -> Self {
        let project = Project::nowhere();
        let copied = std::process::Command::new("cp")
            .arg("-a")
            .arg(self.project.root().join("."))
            .arg(project.root())
            .status();
        assert!(copied.is_ok_and(|status| status.success()));
        Self { project, commits: self.commits.clone(), merged: Cell::new(0) }
    }

    fn passes(&self, base: &str) -> String {
        let commit = self.project.commit("a commit");
        self.ends(0, &["eval", "--tier", "main", "--base", base]);
        commit
    }

    fn merge(&self, from: &str, to: &str) -> String {
        self.project.edit("prompts.yaml", from, to);
        self.passes("HEAD~1")
    }

    /// Runs a command that ends with this status.
    fn ends(&self, status: i32, command: &[&str]) -> Ran {
        let ran = self.project.run(command);
        assert_eq!(ran.status, status, "{command:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Runs a command about a commit.
    fn run(&self, commit: usize, command: &[&str]) -> Ran {
        self.project.run(&[command, &["--head", &self.commits[commit]]].concat())
    }

    fn text(&self) -> String {
        self.project.run(&["show", "s"]).stdout.trim_end().to_owned()
    }

    fn place(&self) -> PathBuf {
        self.project.root().join("released/parameters/prod/s/@")
    }

    fn read(&self, file: &str) -> Value {
        serde_json::from_slice(&fs::read(self.place().join(file)).expect("a file")).expect("JSON")
    }

    /// All that readers can get.
    fn state(&self) -> Vec<(String, Value)> {
        let files =
            fs::read_dir(self.place()).expect("a directory").map(|entry| entry.expect("a file").file_name());
        let names = files.map(|name| name.into_string().expect("UTF-8")).filter(|name| name != "tags.json");
        let mut state: Vec<(String, Value)> = names.map(|name| (name.clone(), self.read(&name))).collect();
        state.sort_by(|one, other| one.0.cmp(&other.0));
        state
    }

    fn write(&self, value: Value, description: Value) {
        let next = (1..).find(|next| !self.place().join(format!("{next}.json")).exists()).expect("a number");
        let mut version = self.read("1.json");
        version["value"] = value;
        version["description"] = description;
        version["modified_by"] = json!("arn:aws:iam::123456789012:user/grace");
        fs::write(self.place().join(format!("{next}.json")), version.to_string()).expect("a file");
    }

    fn does(&self, deed: Deed) {
        let file = |version: u64| self.read(&format!("{version}.json"));
        match deed {
            Label(version) => {
                let mut labels = self.read("labels.json");
                labels["live"] = version.into();
                fs::write(self.place().join("labels.json"), labels.to_string()).expect("a file");
            }
            Unlabel => {
                let mut labels = self.read("labels.json");
                labels.as_object_mut().expect("labels").shift_remove("live");
                fs::write(self.place().join("labels.json"), labels.to_string()).expect("a file");
            }
            Write(text) => self.write(text.into(), "Managed by Terraform".into()),
            Again(of) => self.write(file(of)["value"].clone(), "".into()),
            Copy(of) => self.write(file(of)["value"].clone(), file(of)["description"].clone()),
            Forge(text, of) => self.write(text.into(), file(of)["description"].clone()),
            RollBack => {
                let ran = self.run(0, &["rollback", "s", "--reason", "complaints"]);
                assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
            }
            Merge => {
                self.merged.set(self.merged.get() + 1);
                let ran = self.run(self.merged.get(), &["release"]);
                assert!(ran.status <= 1, "{}{}", ran.stdout, ran.stderr);
            }
            Heal => {
                let ran = self.run(0, &["drift", "--heal"]);
                assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
            }
        }
    }
}

/// Deeds, and what the next merge of `t` says of `s`.
type Attempt = (&'static [Deed], &'static str);

const ATTEMPTS: &[Attempt] = &[
    (&[], "unchanged  s  2"),
    (
        &[Label(1)],
        "held      s  1       /prod/s  rolled back outside: version 1 is live instead of version 2",
    ),
    (&[Label(1), Merge, Merge], "held      s  1"),
    (&[Label(1), Label(2)], "unchanged  s  2"),
    (&[Label(1), Label(2), Label(1)], "held      s  1"),
    (&[Label(1), Merge, Label(2), Merge, Label(1)], "held      s  1"),
    (&[Label(1), Heal], "held      s  1"),
    (&[Unlabel], "held      s  -       /prod/s  rolled back outside: nothing is live instead of version 2"),
    (&[Unlabel, Label(1)], "held      s  1"),
    (&[Again(1)], "left alone  s  2       /prod/s  version 3 was not written by prompt-assay"),
    (&[Again(1), Label(3)], "left alone  s  3"),
    (&[Again(1), Merge, Label(3), Merge], "left alone  s  3"),
    (&[Again(1), Heal], "left alone  s  2"),
    (&[Copy(1)], "left alone  s  2"),
    (&[Copy(1), Label(3)], "left alone  s  3"),
    (&[Again(2)], "unchanged  s  2"),
    (&[Copy(2), Label(3)], "unchanged  s  3"),
    (&[Write("by hand")], "left alone  s  2"),
    (
        &[Write("by hand"), Label(3)],
        "left alone  s  3       /prod/s  version 3 was not written by prompt-assay, but by `arn:aws:iam::123456789012:user/grace`, and it is live",
    ),
    (&[Write("by hand"), Label(3), Label(2)], "left alone  s  2"),
    (&[Write("by hand"), Label(3), Label(1)], "left alone  s  1"),
    (&[Write("by hand"), Write("by hand again")], "left alone  s  2"),
    (&[Forge("by hand", 2)], "left alone  s  2"),
    (&[Forge("by hand", 2), Label(3)], "left alone  s  3"),
    (&[RollBack], "held      s  3       /prod/s  this content was rolled back"),
    (&[RollBack, Label(2)], "unchanged  s  2"),
    (&[RollBack, Label(2), Label(3)], "held      s  3"),
    (&[RollBack, Label(1)], "held      s  1"),
    (&[RollBack, Write("by hand"), Label(4)], "left alone  s  4"),
    (&[Label(1), RollBack], "held      s  3       /prod/s  this content was rolled back"),
    (&[Write("by hand"), Label(3), RollBack], "s  4"),
];

#[test]
fn a_merge_of_another_prompt_leaves_what_somebody_chose_and_says_so() {
    let origin = Shop::new();
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (deeds, says) in ATTEMPTS {
        let shop = origin.copy();
        deeds.iter().for_each(|deed| shop.does(*deed));
        let before = shop.state();
        let ran = shop.run(T_CHANGED, &["release"]);
        let when = format!("{deeds:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(shop.state(), before, "{when}");
        assert!(squeezed(&ran.stdout).contains(&squeezed(says)), "not `{says}`: {when}");
        assert_eq!(ran.status, i32::from(says.starts_with("left alone")), "{when}");
        assert!(squeezed(&ran.stdout).contains("released t 1 -> 2"), "the other prompt: {when}");
        // The control: its content changes in Git.
        let control = shop.run(S_CHANGED, &["release"]);
        assert!(squeezed(&control.stdout).contains("released s "), "{deeds:?}: {}", control.stdout);
        assert_eq!((control.status, shop.text().as_str()), (0, "s three"), "{deeds:?}");
    }
}

#[test]
fn a_person_may_overwrite_it_and_the_reason_stays() {
    let origin = Shop::new();
    let deeds: [&[Deed]; 5] =
        [&[Label(1)], &[Unlabel], &[Write("by hand")], &[Write("by hand"), Label(3)], &[Copy(1), Label(3)]];
    for (deeds, command) in
        deeds.iter().flat_map(|deeds| [(deeds, &["release"][..]), (deeds, &["drift", "--heal"])])
    {
        let shop = origin.copy();
        deeds.iter().for_each(|deed| shop.does(*deed));
        let before = shop.state();
        let without = shop.run(0, command);
        assert_eq!(shop.state(), before, "{deeds:?}: {}", without.stdout);
        let empty = shop.run(0, &[command, &["--overwrite", " "]].concat());
        assert_eq!((empty.status, shop.state() == before), (2, true), "{}", empty.told());
        let overwritten = shop.run(0, &[command, &["--overwrite", "grace agreed"]].concat());
        let told = format!("{deeds:?} {command:?}: {}{}", overwritten.stdout, overwritten.stderr);
        assert_eq!((overwritten.status, shop.text().as_str()), (0, "s two"), "{told}");
        let history = shop.run(0, &["history", "s"]).stdout;
        assert!(history.contains("live, \"overwritten: grace agreed\""), "{history}");
        assert_eq!(shop.run(0, &["drift"]).status, 0);
    }
}

#[test]
fn what_was_rolled_back_outside_stays_out_behind_a_later_release() {
    let origin = Shop::new();
    for (deeds, stays) in [(&[Label(1)][..], "s three"), (&[], "s two")] {
        let shop = origin.copy();
        deeds.iter().for_each(|deed| shop.does(*deed));
        assert_eq!(shop.run(S_CHANGED, &["release"]).status, 0);
        // Git returns to the text that was rolled back; the control: the label had not moved.
        let again = shop.run(0, &["release"]);
        assert_eq!((again.status, shop.text().as_str()), (0, stays), "{}", again.stdout);
        assert_eq!(
            again.stdout.contains("this content was rolled back"),
            !deeds.is_empty(),
            "{}",
            again.stdout
        );
    }
}
