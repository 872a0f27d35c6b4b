//! Console rollbacks and what others write: a merge of another prompt leaves what somebody chose, and says so. The real
//! binary, with a directory in the place of AWS; `tests/release_wire/console.rs` does the same to SSM.
//!
//! The control of each attempt: the same state, and the prompt itself changes in Git. Then it is replaced, so that what
//! stayed did not stay because nothing could be released.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::on_disk::{Project, Ran};

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
provider: {scripted: rules.yaml}
release: {environments: {prod: {directory: released, ssm: \"/prod/{name}\"}}}
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
    /// The same, with the record that stands beside it.
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

/// A project of two prompts: `s` was released as version 1 (`s one`) and 2 (`s two`).
struct Shop(Project);

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
        let shop = Self(project);
        shop.passes("none");
        shop.releases(0);
        shop.merge("s one", "s two");
        shop.releases(0);
        shop
    }

    fn passes(&self, base: &str) {
        self.0.commit("a commit");
        let ran = self.0.run(&["eval", "--tier", "main", "--base", base]);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    }

    fn merge(&self, from: &str, to: &str) {
        self.0.edit("prompts.yaml", from, to);
        self.passes("HEAD~1");
    }

    fn releases(&self, status: i32) -> Ran {
        let ran = self.0.run(&["release"]);
        assert_eq!(ran.status, status, "{}{}", ran.stdout, ran.stderr);
        ran
    }

    fn place(&self) -> PathBuf {
        self.0.root().join("released/parameters/prod/s/@")
    }

    fn read(&self, file: &str) -> Value {
        serde_json::from_slice(&fs::read(self.place().join(file)).expect("a file")).expect("JSON")
    }

    /// All that readers can get.
    fn state(&self) -> Vec<(String, Value)> {
        let files = fs::read_dir(self.place()).expect("a directory").map(|entry| entry.expect("a file").file_name());
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

    fn does(&self, deed: Deed, turn: usize) {
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
                let ran = self.0.run(&["rollback", "s", "--reason", "complaints"]);
                assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
            }
            Merge => {
                self.merge("s two\n", &format!("s two\nu{turn}: u{turn}\n"));
                let ran = self.0.run(&["release"]);
                assert!(ran.status <= 1, "{}{}", ran.stdout, ran.stderr);
            }
            Heal => {
                let ran = self.0.run(&["drift", "--heal"]);
                assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
            }
        }
    }
}

/// Deeds, and what the next merge of `t` says of `s`.
type Attempt = (&'static [Deed], &'static str);

const ATTEMPTS: &[Attempt] = &[
    (&[], "unchanged  s  2"),
    (&[Label(1)], "held      s  1       /prod/s  rolled back outside: version 1 is live in the place of version 2"),
    (&[Label(1), Merge, Merge], "held      s  1"),
    (&[Label(1), Label(2)], "unchanged  s  2"),
    (&[Label(1), Label(2), Label(1)], "held      s  1"),
    (&[Label(1), Merge, Label(2), Merge, Label(1)], "held      s  1"),
    (&[Label(1), Heal], "held      s  1"),
    (&[Unlabel], "held      s  -       /prod/s  rolled back outside: nothing is live in the place of version 2"),
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
    (&[Write("by hand"), Label(3)], "left alone  s  3       /prod/s  version 3 was not written by prompt-assay, but by `arn:aws:iam::123456789012:user/grace`, and it is live"),
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
    for (deeds, says) in ATTEMPTS {
        let shop = Shop::new();
        for (turn, deed) in deeds.iter().enumerate() {
            shop.does(*deed, turn);
        }
        let before = shop.state();
        shop.merge("t one", "t two");
        let ran = shop.0.run(&["release"]);
        let when = format!("{deeds:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(shop.state(), before, "{when}");
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed(&ran.stdout).contains(&squeezed(says)), "not `{says}`: {when}");
        assert_eq!(ran.status, i32::from(says.starts_with("left alone")), "{when}");
        assert!(squeezed(&ran.stdout).contains("released t 1 -> 2"), "the other prompt: {when}");
        // The control: its content changes in Git.
        shop.merge("s two", "s three");
        let control = shop.releases(0);
        assert!(squeezed(&control.stdout).contains("released s "), "{deeds:?}: {}", control.stdout);
        assert_eq!(shop.0.run(&["show", "s"]).stdout.trim_end(), "s three");
    }
}

#[test]
fn a_person_may_overwrite_it_and_the_reason_stays() {
    for deeds in [&[Label(1)][..], &[Unlabel], &[Write("by hand")], &[Write("by hand"), Label(3)], &[Copy(1), Label(3)]] {
        for command in [&["release"][..], &["drift", "--heal"]] {
            let shop = Shop::new();
            for deed in deeds {
                shop.does(*deed, 0);
            }
            let before = shop.state();
            let without = shop.0.run(command);
            assert_eq!(shop.state(), before, "{deeds:?}: {}", without.stdout);
            let empty = shop.0.run(&[command, &["--overwrite", " "]].concat());
            assert_eq!((empty.status, shop.state() == before), (2, true), "{}", empty.told());
            let overwritten = shop.0.run(&[command, &["--overwrite", "grace agreed"]].concat());
            assert_eq!(overwritten.status, 0, "{deeds:?} {command:?}: {}{}", overwritten.stdout, overwritten.stderr);
            assert_eq!(shop.0.run(&["show", "s"]).stdout.trim_end(), "s two", "{deeds:?} {command:?}");
            let history = shop.0.run(&["history", "s"]).stdout;
            assert!(history.contains("live, \"overwritten: grace agreed\""), "{history}");
            assert_eq!(shop.0.run(&["drift"]).status, 0);
        }
    }
}

#[test]
fn what_was_rolled_back_outside_stays_out_behind_a_later_release() {
    let shop = Shop::new();
    shop.does(Label(1), 0);
    shop.merge("s two", "s three");
    shop.releases(0);
    shop.merge("s three", "s two");
    let held = shop.releases(0);
    assert!(held.stdout.contains("this content was rolled back"), "{}", held.stdout);
    assert_eq!(shop.0.run(&["show", "s"]).stdout.trim_end(), "s three");
    // The control: nobody had moved the label.
    let control = Shop::new();
    control.merge("s two", "s three");
    control.releases(0);
    control.merge("s three", "s two");
    control.releases(0);
    assert_eq!(control.0.run(&["show", "s"]).stdout.trim_end(), "s two");
}
