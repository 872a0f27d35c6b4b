//! `--fix` changes what is safe to change, once, and nothing else is written by any `lint`.

use std::collections::BTreeMap;
use std::path::Path;

use prompt_assay_test_support::on_disk::Project;

use super::with;

/// Every file below a directory but Git's own.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below").display().to_string();
            if path.is_dir() && name != ".git" {
                open.push(path);
            } else if path.is_file() {
                found.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.root().join(path)).expect("a file")
}

#[test]
fn a_fix_is_written_once_and_touches_one_file() {
    let project = with(&[(".gitignore", "*.log")]);
    let before = files(&project.root());
    let first = project.run(&["lint", "--fix"]);
    assert_eq!((first.stderr.as_str(), first.stdout.as_str()), ("corrected .gitignore\n", "nothing found\n"));
    assert_eq!(read(&project, ".gitignore"), "*.log\n.prompt-assay/\n");
    let mut after = files(&project.root());
    let again = project.run(&["lint", "--fix"]);
    assert_eq!((again.stderr.as_str(), again.stdout.as_str()), ("", "nothing found\n"));
    assert_eq!(files(&project.root()), after, "the second time nothing changes");
    after.insert(".gitignore".to_owned(), before[".gitignore"].clone());
    assert_eq!(after, before, "nothing else changed");
}

#[test]
fn without_it_nothing_is_written_and_no_store_is_made() {
    let project =
        with(&[(".gitignore", ""), ("golden/greet.yaml", "cases: [{id: a, input: Hi, checks: []}]\n")]);
    let before = files(&project.root());
    project.run(&["lint", "--strict"]);
    assert_eq!(files(&project.root()), before);
}

#[test]
fn a_fix_follows_no_link() {
    let project = with(&[]);
    project.remove(".gitignore");
    project.write("../elsewhere", "kept\n");
    std::os::unix::fs::symlink("../elsewhere", project.root().join(".gitignore")).expect("a link");
    let ran = project.run(&["lint", "--fix"]);
    assert_eq!(read(&project, "../elsewhere"), "kept\n", "{}{}", ran.stdout, ran.stderr);
}
