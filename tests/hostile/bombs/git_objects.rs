//! Bombs in what Git stores: trees of trees, blobs that are small in a pack only, links in circles.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use prompt_assay_test_support::on_disk::{GREETING, Project};

use super::measure::MOST_MEMORY;
use super::{Bomb, JUST_MUCH, PLAN, set_off};

/// Writes an object.
fn object(project: &Project, arguments: &[&str], content: &[u8]) -> String {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(project.root())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git is installed");
    child.stdin.take().expect("a pipe").write_all(content).expect("Git reads");
    let output = child.wait_with_output().expect("Git ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// Commits a tree whose `llm` is this one, beside the files of the project; `HEAD` is on it.
fn commit_with(project: &Project, mode: &str, kind: &str, id: &str) {
    let listed = project.git(&["ls-tree", "HEAD"]);
    let tree =
        object(project, &["mktree", "--missing"], format!("{listed}{mode} {kind} {id}\tllm\n").as_bytes());
    let commit = project.git(&["commit-tree", "-p", "HEAD", "-m", "bomb", &tree]);
    project.git(&["update-ref", "HEAD", commit.trim()]);
}

/// A glob over everything, and a base that has it, too.
fn everything(project: &Project) {
    project.write(
        "prompt-assay.yaml",
        "models: {branch: amazon.nova-lite-v1:0}\ncatalogs: [prompts.yaml, \"llm/**/prompts.yaml\"]\n",
    );
    project.edit("prompts.yaml", "warmly", "kindly");
    project.commit("globs");
}

/// Mebibytes that no bomb may take, so that content of this size is never read whole.
const LARGER_THAN_MEMORY: usize = MOST_MEMORY as usize + 100;

const HEAD: &[&str] = &["plan", "--base", "HEAD~2", "--head", "HEAD"];
const TOO_MANY: &str = "too many files below `llm`";

/// Trees of ten times the same tree, that many levels of them.
fn tree_of_trees(project: &Project, levels: usize, each: usize, leaf: Option<&str>) -> String {
    let blob = leaf.map(|name| {
        let id = object(project, &["hash-object", "-w", "--stdin"], b"nothing");
        format!("100644 blob {id}\t{name}\n")
    });
    let mut tree = object(project, &["mktree"], blob.unwrap_or_default().as_bytes());
    for _ in 0..levels {
        let entries: String = (0..each).map(|n| format!("040000 tree {tree}\td{n}\n")).collect();
        tree = object(project, &["mktree"], entries.as_bytes());
    }
    tree
}

#[test]
fn trees_are_bounded() {
    set_off(
        &[
            Bomb {
                name: "10^N paths of shared trees",
                lay: |project, n| {
                    everything(project);
                    let tree = tree_of_trees(project, n, 10, Some("a.md"));
                    commit_with(project, "040000", "tree", &tree);
                },
                ordinary: 2,
                hostile: 9,
                says: TOO_MANY,
            },
            Bomb {
                name: "10^N empty directories",
                lay: |project, n| {
                    everything(project);
                    let tree = tree_of_trees(project, n, 10, None);
                    commit_with(project, "040000", "tree", &tree);
                },
                ordinary: 2,
                hostile: 9,
                says: TOO_MANY,
            },
            Bomb {
                name: "N directories inside each other",
                lay: |project, n| {
                    everything(project);
                    let tree = tree_of_trees(project, n, 1, Some("a.md"));
                    commit_with(project, "040000", "tree", &tree);
                },
                ordinary: 10,
                hostile: 1_000,
                says: TOO_MANY,
            },
            Bomb {
                name: "a catalog of N megabytes of zeros",
                lay: |project, n| {
                    everything(project);
                    let zeros = if n > 1 { vec![0; n << 20] } else { b"reply: Hello\n".to_vec() };
                    let blob = object(project, &["hash-object", "-w", "--stdin"], &zeros);
                    let tree = object(
                        project,
                        &["mktree"],
                        format!("100644 blob {blob}\tprompts.yaml\n").as_bytes(),
                    );
                    commit_with(project, "040000", "tree", &tree);
                },
                ordinary: 1,
                hostile: LARGER_THAN_MEMORY,
                says: "at most 16777216 (16 MiB) are read",
            },
            Bomb {
                name: "a link whose target has N megabytes",
                lay: |project, n| {
                    everything(project);
                    let target = if n > 1 { vec![b'a'; n << 20] } else { b"../prompts.yaml".to_vec() };
                    let blob = object(project, &["hash-object", "-w", "--stdin"], &target);
                    let named = if n > 1 { "prompts.yaml" } else { "other.yaml" };
                    let tree =
                        object(project, &["mktree"], format!("120000 blob {blob}\t{named}\n").as_bytes());
                    commit_with(project, "040000", "tree", &tree);
                },
                ordinary: 1,
                hostile: LARGER_THAN_MEMORY,
                says: "at most 4096 are read",
            },
            Bomb {
                name: "a golden set of N megabytes in the history",
                lay: |project, n| {
                    project.write("golden/greet.yaml", vec![b'#'; n << 10]);
                    project.commit("long");
                    project.write("golden/greet.yaml", GREETING[1].1);
                    project.edit("prompts.yaml", "warmly", "kindly");
                    project.commit("short again");
                },
                ordinary: 1,
                hostile: 60_000,
                says: JUST_MUCH,
            },
        ],
        HEAD,
    );
}

#[test]
fn the_working_directory_is_bounded() {
    set_off(
        &[
            Bomb {
                name: "N links in a circle",
                lay: |project, n| {
                    project.edit("prompts.yaml", "warmly", "kindly");
                    for at in 0..n {
                        let link = project.root().join(format!("l{at}.yaml"));
                        std::os::unix::fs::symlink(format!("l{}.yaml", (at + 1) % n), link).expect("a link");
                    }
                    if n > 1 {
                        fs::remove_file(project.root().join("golden/greet.yaml")).expect("a file");
                        std::os::unix::fs::symlink("../l0.yaml", project.root().join("golden/greet.yaml"))
                            .expect("a link");
                    }
                },
                ordinary: 1,
                hostile: 3,
                says: "Too many levels of symbolic links",
            },
            Bomb {
                name: "a pipe for a golden set",
                lay: |project, n| {
                    project.edit("prompts.yaml", "warmly", "kindly");
                    if n > 1 {
                        project.remove("golden/greet.yaml");
                        let pipe = project.root().join("golden/greet.yaml");
                        assert!(Command::new("mkfifo").arg(pipe).status().expect("mkfifo").success());
                    }
                },
                ordinary: 1,
                hostile: 2,
                says: "is not a regular file",
            },
            Bomb {
                name: "N directories inside each other on disk",
                lay: |project, n| {
                    project.edit("prompts.yaml", "warmly", "kindly");
                    let deep = vec!["d"; n].join("/");
                    project.write(&format!("golden/{deep}/a.yaml"), "cases: []\n");
                },
                ordinary: 10,
                hostile: 1_000,
                says: "too many files below `golden`",
            },
        ],
        PLAN,
    );
}
