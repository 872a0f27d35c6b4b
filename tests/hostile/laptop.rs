//! A repository from another person, and a user who runs the program in it: nothing in the
//! repository starts a program, and nothing in it replaces the repository.
//!
//! The control of each trap is Git itself, which does start it: without that, a trap that is never
//! set would pass.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use prompt_assay_test_support::on_disk::{GREETING, Project, Ran};

/// A command line that leaves a trace, and where the trace is.
struct Trap(PathBuf);

impl Trap {
    fn beside(project: &Project) -> Self {
        Self(project.root().join("../fired"))
    }

    /// As a shell runs it; it hands its input on, as a filter does.
    fn command(&self) -> String {
        format!("touch {}; cat", self.0.display())
    }

    /// As a program of its own, for settings that take no shell's words.
    fn program(&self) -> PathBuf {
        let path = self.0.with_file_name("trap.sh");
        std::fs::write(&path, format!("#!/bin/sh\ntouch {}\n", self.0.display())).unwrap();
        assert!(Command::new("chmod").args(["+x".as_ref(), path.as_os_str()]).status().unwrap().success());
        path
    }

    fn has_fired(&self) -> bool {
        self.0.exists()
    }
}

/// Git as a person would run it, whatever comes of it. It hears what asks for a password.
fn git(place: &Path, arguments: &[&str]) -> Output {
    heard(
        Command::new("git")
            .current_dir(place)
            .args(arguments)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", place.join("../home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@example.invalid"))),
    )
}

fn heard(command: &mut Command) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("git is installed");
    // What does not listen closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(b"protocol=https\nhost=nowhere.invalid\n\n");
    child.wait_with_output().unwrap()
}

/// A prompt whose text is a file, so that line endings and filters of that file matter.
fn with_text() -> Project {
    let project = Project::new(GREETING);
    project.write("prompts.yaml", "greet:\n  file: greet.md\n  user: \"{{ input }}\"\n");
    project.write("greet.md", "Greet {{ name }} warmly.\nAlways.\n");
    project.commit("A text of its own");
    project
}

/// Everything that a person does with a checkout and that reads it.
const USES: &[&[&str]] = &[
    &["plan"],
    &["plan", "--base", "HEAD"],
    &["plan", "--base", "HEAD~1", "--head", "HEAD"],
    &["eval", "--base", "HEAD", "--scripted", "rules.yaml"],
    &["eval", "--base", "HEAD~1", "--head", "HEAD", "--scripted", "rules.yaml"],
    &["cache", "stats"],
    &["report"],
    &["release", "--dry-run"],
];

/// A trap: what the repository's configuration says (`{shell}` and `{program}` are the trap), its
/// `.gitattributes`, and what Git must do for it to spring.
type Set = (&'static str, &'static str, &'static str, &'static [&'static str]);

const TRAPS: &[Set] = &[
    ("clean filter", "[filter \"x\"]\nclean = \"{shell}\"", "*.md filter=x", &["add", "greet.md"]),
    (
        "required filter",
        "[filter \"x\"]\nclean = \"{shell}\"\nrequired = true",
        "* filter=x",
        &["add", "greet.md"],
    ),
    ("filter process", "[filter \"x\"]\nprocess = \"{program}\"", "*.md filter=x", &["add", "greet.md"]),
    (
        "smudge filter",
        "[filter \"x\"]\nsmudge = \"{shell}\"",
        "*.md filter=x",
        &["checkout", "HEAD~1", "--", "."],
    ),
    (
        "filter by macro",
        "[filter \"x\"]\nclean = \"{shell}\"",
        "[attr]y filter=x\n*.md y",
        &["add", "greet.md"],
    ),
    ("filter by include", "[include]\npath = ../more.cfg", "*.md filter=x", &["add", "greet.md"]),
    (
        "filter by includeIf",
        "[includeIf \"gitdir:**\"]\npath = ../more.cfg",
        "*.md filter=x",
        &["add", "greet.md"],
    ),
    ("fsmonitor", "[core]\nfsmonitor = \"{program}\"", "", &["status"]),
    ("hooks", "[core]\nhooksPath = hooks", "", &["commit", "--allow-empty", "-m", "x"]),
    ("editor", "[core]\neditor = \"{program}\"", "", &["commit", "--allow-empty"]),
    (
        "signing",
        "[commit]\ngpgSign = true\n[gpg]\nprogram = \"{program}\"",
        "",
        &["commit", "--allow-empty", "-m", "x"],
    ),
    (
        "ssh",
        "[core]\nsshCommand = \"{shell}\"\n[remote \"origin\"]\nurl = ssh://nowhere.invalid/x",
        "",
        &["ls-remote", "origin"],
    ),
    (
        "proxy",
        "[core]\ngitProxy = \"{program}\"\n[remote \"origin\"]\nurl = git://nowhere.invalid/x",
        "",
        &["ls-remote", "origin"],
    ),
    (
        "remote helper",
        "[protocol \"ext\"]\nallow = always\n[remote \"origin\"]\nurl = ext::{program}",
        "",
        &["ls-remote", "origin"],
    ),
    ("upload pack", "[remote \"origin\"]\nurl = .\nuploadpack = \"{program}\"", "", &["ls-remote", "origin"]),
    ("external diff", "[diff]\nexternal = \"{program}\"", "", &["diff", "HEAD~1", "HEAD"]),
    ("diff driver", "[diff \"x\"]\ncommand = \"{program}\"", "* diff=x", &["diff", "HEAD~1", "HEAD"]),
    ("textconv", "[diff \"x\"]\ntextconv = \"{program}\"", "* diff=x", &["diff", "HEAD~1", "HEAD"]),
    (
        "difftool",
        "[diff]\ntool = x\n[difftool \"x\"]\ncmd = \"{shell}\"",
        "",
        &["difftool", "-y", "HEAD~1", "HEAD"],
    ),
    ("alias", "[alias]\nplan = \"!{shell}\"", "", &["plan"]),
    ("credential helper", "[credential]\nhelper = \"!{shell}\"", "", &["credential", "fill"]),
    ("askpass", "[core]\naskPass = \"{program}\"", "", &["credential", "fill"]),
    ("trailer", "[trailer \"x\"]\ncmd = \"{program}\"", "", &["interpret-trailers", "--trailer", "x=1"]),
    ("alternates", "[core]\nalternateRefsCommand = \"{program}\"", "", &["rev-list", "--alternate-refs"]),
    (
        "partial clone",
        "[extensions]\npartialClone = origin\n[core]\nrepositoryFormatVersion = 1\nsshCommand = \"{shell}\"\n\
         [remote \"origin\"]\nurl = ssh://nowhere.invalid/x\npromisor = true",
        "",
        &["cat-file", "-p", "HEAD~1:greet.md"],
    ),
];

/// A repository with a trap in its own configuration, and the trap.
fn trapped((name, config, attributes, _): &Set) -> (Project, Trap) {
    let project = with_text();
    project.edit("greet.md", "warmly", "kindly");
    project.commit("Another text");
    // With line endings that have to be converted.
    project.write("greet.md", "Greet {{ name }} politely.\r\nAlways.\r\n");
    let trap = Trap::beside(&project);
    let (shell, program) = (trap.command(), trap.program());
    let filled =
        |text: &str| text.replace("{shell}", &shell).replace("{program}", &program.display().to_string());
    if !attributes.is_empty() {
        project.write(".gitattributes", format!("{attributes}\n"));
    }
    match *name {
        "filter by include" | "filter by includeIf" => {
            project.write("more.cfg", filled("[filter \"x\"]\nclean = \"{shell}\"\n"));
        }
        "hooks" => {
            project.write("hooks/README", "");
            std::fs::copy(&program, project.root().join("hooks/pre-commit")).unwrap();
        }
        "alternates" => {
            let other = project.root().join("../other");
            let url = project.root();
            project.git(&["clone", "--quiet", "--bare", url.to_str().unwrap(), other.to_str().unwrap()]);
            project.write(".git/objects/info/alternates", format!("{}\n", other.join("objects").display()));
        }
        "partial clone" => {
            let id = project.git(&["rev-parse", "HEAD~1:greet.md"]);
            let (folder, rest) = id.trim().split_at(2);
            project.remove(&format!(".git/objects/{folder}/{rest}"));
        }
        _ => {}
    }
    let own = std::fs::read_to_string(project.root().join(".git/config")).unwrap();
    project.write(".git/config", format!("{own}{}\n", filled(config)));
    (project, trap)
}

#[test]
fn a_repository_starts_no_program() {
    for set in TRAPS {
        let (name, .., springs) = set;
        let (project, trap) = trapped(set);
        let ran: Vec<Ran> = USES.iter().map(|arguments| project.run(arguments)).collect();
        assert!(!trap.has_fired(), "{name}: the trap has sprung");
        let planned = &ran[1];
        match name.contains("filter") {
            true => {
                assert_eq!(planned.status, 2, "{name}: {}", planned.stderr);
                assert!(
                    planned.stderr.contains("goes through the Git filter `x`"),
                    "{name}: {}",
                    planned.stderr
                );
            }
            false => assert_eq!(planned.status, 0, "{name}: {}", planned.stderr),
        }
        git(&project.root(), springs);
        assert!(trap.has_fired(), "{name}: the control: Git springs it");
    }
}

/// Values that Git takes from the environment are a person's own; no program of theirs is needed.
#[test]
fn the_environment_starts_no_program_either() {
    let variables: [(&str, &[&str]); 4] = [
        ("GIT_EXTERNAL_DIFF", &["diff"]),
        ("GIT_SSH_COMMAND", &["ls-remote", "ssh://nowhere.invalid/x"]),
        ("GIT_EDITOR", &["commit", "--allow-empty"]),
        ("GIT_ASKPASS", &["credential", "fill"]),
    ];
    for (name, springs) in variables {
        let project = with_text();
        project.edit("greet.md", "warmly", "kindly");
        let trap = Trap::beside(&project);
        let program = trap.program();
        let mut command = project.command(&["eval", "--base", "HEAD", "--scripted", "rules.yaml"]);
        let ran = project.ran(command.env(name, &program));
        assert!(!trap.has_fired() && ran.status < 2, "{name}: {}", ran.stderr);
        let mut control = Command::new("git");
        control.current_dir(project.root()).args(springs).env(name, &program).env("GIT_TERMINAL_PROMPT", "0");
        heard(&mut control);
        assert!(trap.has_fired(), "{name}: the control: Git starts it");
    }
}

/// Programs that a library might ask for by name, found where a person's are found.
#[test]
fn no_program_of_the_path_is_started() {
    let project = with_text();
    project.edit("greet.md", "warmly", "kindly");
    let trap = Trap::beside(&project);
    let program = trap.program();
    let path = project.root().join("../path");
    std::fs::create_dir(&path).unwrap();
    for name in ["git", "sh", "bash", "ssh", "gpg", "git-lfs", "less", "vi", "git-upload-pack", "aws"] {
        std::os::unix::fs::symlink(&program, path.join(name)).unwrap();
    }
    for arguments in USES {
        project.ran(project.command(arguments).env("PATH", &path));
        assert!(!trap.has_fired(), "{arguments:?}");
    }
    Command::new(path.join("git")).status().unwrap();
    assert!(trap.has_fired(), "the control: they leave their trace");
}

/// How a repository carries a second one, which shall be found instead.
#[derive(Clone, Copy, Debug)]
enum Carried {
    /// Files of a Git directory, in the directory that a person goes to.
    Plain,
    /// The same one level below, where a person goes.
    Below,
    /// A directory named as bare repositories are.
    Named,
    /// A `.git`, as an archive can bring it.
    DotGit,
    /// A `.git` that says that its working directory is another one.
    Elsewhere,
    /// A `.git` that says that it has no working directory.
    Bare,
    /// A `.git` file that leads to plain files beside it.
    File,
    /// A link instead of the file.
    Link,
}

const CARRIED: [Carried; 8] = [
    Carried::Plain,
    Carried::Below,
    Carried::Named,
    Carried::DotGit,
    Carried::Elsewhere,
    Carried::Bare,
    Carried::File,
    Carried::Link,
];

/// A repository with another one in `llm/` that has a clean filter in its configuration; the
/// directory in which a person works.
fn carrying(carried: Carried) -> (Project, Trap, PathBuf) {
    let project = with_text();
    let trap = Trap::beside(&project);
    project.write("llm/prompts.yaml", "greet: Other.\r\n");
    project.write("llm/.gitattributes", "* filter=x\n");
    let (directory, here) = match carried {
        Carried::Plain => ("llm", "llm"),
        Carried::Below => ("llm/store", "llm/store"),
        Carried::Named => ("llm/store.git", "llm/store.git"),
        Carried::DotGit | Carried::Elsewhere | Carried::Bare => ("llm/.git", "llm"),
        Carried::File | Carried::Link => ("llm/store", "llm"),
    };
    let worktree = match carried {
        Carried::Plain => ".",
        Carried::Below | Carried::Named | Carried::DotGit | Carried::File | Carried::Link => "..",
        Carried::Elsewhere => "/",
        Carried::Bare => "",
    };
    project.write(&format!("{directory}/HEAD"), "ref: refs/heads/main\n");
    for below in ["objects/info", "refs/heads"] {
        project.write(&format!("{directory}/{below}/.keep"), "");
    }
    let told = match worktree {
        "" => "bare = true".to_owned(),
        worktree => format!("bare = false\n\tworktree = {worktree}"),
    };
    let shell = trap.command();
    let config =
        format!("[core]\n\trepositoryformatversion = 0\n\t{told}\n[filter \"x\"]\n\tclean = \"{shell}\"\n");
    project.write(&format!("{directory}/config"), config);
    match carried {
        Carried::File => project.write("llm/.git", "gitdir: store\n"),
        Carried::Link => std::os::unix::fs::symlink("store", project.root().join("llm/.git")).unwrap(),
        _ => {}
    }
    let here = project.root().join(here);
    (project, trap, here)
}

#[test]
fn a_repository_that_is_carried_in_starts_nothing_and_stands_in_for_nothing() {
    for carried in CARRIED {
        let (project, trap, here) = carrying(carried);
        for arguments in
            [&["plan"][..], &["plan", "--base", "none"], &["eval", "--base", "none", "--offline"]]
        {
            let ran = project.ran(project.command(arguments).current_dir(&here));
            assert!(!trap.has_fired(), "{carried:?}: the trap has sprung");
            let said = &ran.stderr;
            match carried {
                // The repository around it is found, and these are files of it.
                Carried::Plain | Carried::Below | Carried::Named => {
                    let honest =
                        project.ran(project.command(arguments).current_dir(project.root().join("golden")));
                    assert_eq!(
                        (ran.status, said),
                        (honest.status, &honest.stderr),
                        "{carried:?} {arguments:?}"
                    );
                    assert!(
                        arguments[0] == "eval" || ran.stdout == honest.stdout,
                        "{carried:?}: {}",
                        ran.stdout
                    );
                }
                // It is a repository, and its filter is not started.
                Carried::DotGit => assert_eq!(ran.status, 2, "{said}"),
                Carried::Elsewhere => assert!(said.contains("its working directory is `/`"), "{said}"),
                Carried::Bare => assert!(said.contains("the repository is bare"), "{said}"),
                Carried::File | Carried::Link => {
                    assert!(said.contains("an archive can have put it"), "{said}")
                }
            }
        }
        match carried {
            Carried::Elsewhere | Carried::Bare => {
                let found = git(&here, &["rev-parse", "--absolute-git-dir"]);
                let found = String::from_utf8_lossy(&found.stdout).into_owned();
                assert!(
                    found.trim().ends_with("llm/.git"),
                    "{carried:?}: the control: Git takes it: {found}"
                );
            }
            _ => {
                git(&project.root().join("llm"), &["-C", here.to_str().unwrap(), "add", "--all", ":/"]);
                assert!(trap.has_fired(), "{carried:?}: the control: Git starts the filter");
            }
        }
    }
}

#[test]
fn the_refusals_say_what_is_wrong_and_what_to_do() {
    let said = |carried| {
        let (project, _, here) = carrying(carried);
        project.ran(project.command(&["plan"]).current_dir(&here)).stderr
    };
    insta::assert_snapshot!(said(Carried::File), @r"
    error: `.git` in `[repository]/llm` leads to `[repository]/llm/store`, among the files of its own working directory, where a commit or an archive can have put it
       = if this repository is yours, move that directory out of the working directory (`git init --separate-git-dir`); if it came from elsewhere, clone it again
    ");
    insta::assert_snapshot!(said(Carried::Elsewhere), @r"
    error: the repository in `[repository]/llm` says that its working directory is `/`
       = the working directory is the one that contains `.git`: remove `core.worktree` from its configuration, or unset GIT_WORK_TREE
    ");
    let (project, _) = trapped(&TRAPS[0]);
    insta::assert_snapshot!(project.run(&["plan", "--base", "HEAD"]).stderr, @r"
    error: `greet.md` goes through the Git filter `x`, a program that is not run here, so that its stored form is not known
      --> prompts.yaml:2:9
       |   file: greet.md
       = take the file out of the filter in `.gitattributes` (`PATH -filter`), or compare commits: `--head HEAD`

    1 error; nothing was evaluated
    ");
}

/// Files under a filter, by what they are for. Git LFS is the filter that people have.
#[test]
fn what_goes_through_a_filter_is_refused_by_name() {
    for path in ["prompts.yaml", "greet.md", "golden/greet.yaml", "prompt-assay.yaml"] {
        for (attributes, is_refused) in [
            ("PATH filter=lfs diff=lfs merge=lfs -text", true),
            ("PATH filter=git-crypt", true),
            ("* filter=lfs", true),
            ("* filter=lfs\nPATH -filter", false),
            ("PATH -filter", false),
            ("PATH text", false),
        ] {
            let project = with_text();
            project.edit("greet.md", "warmly", "kindly");
            // Everything else stays out of it.
            let others = "prompts.yaml -filter\ngreet.md -filter\ngolden/greet.yaml -filter\nprompt-assay.yaml -filter\n";
            let others: String =
                others.lines().filter(|line| !line.starts_with(path)).map(|l| format!("{l}\n")).collect();
            project.write(".gitattributes", format!("{}\n{others}", attributes.replace("PATH", path)));
            let ran = project.run(&["plan", "--base", "HEAD"]);
            let named = ran.stderr.contains(&format!("`{path}` goes through the Git filter"));
            assert_eq!(
                (ran.status, named),
                (if is_refused { 2 } else { 0 }, is_refused),
                "{path}, {attributes}: {}",
                ran.stderr
            );
        }
    }
}

/// Configuration of the repository, of the person, and attributes; whether Git stores the same text for CRLF then.
const ENDINGS: &[(&str, &str, &str, bool)] = &[
    ("", "", "", false),
    ("autocrlf = false", "", "", false),
    ("autocrlf = true", "", "", true),
    ("autocrlf = input", "", "", true),
    ("autocrlf = true\nsafecrlf = true", "", "", true),
    ("autocrlf = true\neol = lf", "", "", true),
    ("", "[core]\nautocrlf = true", "", true),
    ("", "[include]\npath = endings.cfg", "", true),
    ("autocrlf = false", "[include]\npath = endings.cfg", "", false),
    ("", "", "* text=auto", true),
    ("", "", "*.md text", true),
    ("", "", "*.md text eol=crlf", true),
    ("", "", "*.md eol=lf", true),
    ("autocrlf = true", "", "*.md -text", false),
    ("autocrlf = true", "", "*.md binary", false),
];

#[test]
fn line_endings_affect_nothing_however_git_stores_them() {
    for (own, person, attributes, is_same) in ENDINGS {
        let project = with_text();
        let config = std::fs::read_to_string(project.root().join(".git/config")).unwrap();
        project.write(".git/config", format!("{config}[core]\n{own}\n"));
        project.write("../home/.gitconfig", person);
        project.write("../home/endings.cfg", "[core]\nautocrlf = true\n");
        project.write(".gitattributes", attributes);
        project.write("greet.md", "Greet {{ name }} warmly.\r\nAlways.\r\n");
        let ran = project.run(&["plan", "--base", "HEAD", "--format", "json"]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let plan: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let affected = plan["prompts"].as_array().unwrap().len();
        assert_eq!(affected, 0, "{own:?}, {person:?}, {attributes:?}");
        let stored = git(&project.root(), &["hash-object", "--path", "greet.md", "greet.md"]).stdout;
        let committed = git(&project.root(), &["rev-parse", "HEAD:greet.md"]).stdout;
        assert_eq!(
            stored == committed,
            *is_same,
            "the control: Git itself: {own:?}, {person:?}, {attributes:?}"
        );
        project.write("greet.md", "Greet {{ name }} kindly.\r\nAlways.\r\n");
        let edited = project.run(&["plan", "--base", "HEAD", "--format", "json"]);
        let plan: serde_json::Value = serde_json::from_str(&edited.stdout).unwrap();
        assert_eq!(plan["prompts"].as_array().unwrap().len(), 1, "the control: another word");
    }
}

/// Repositories whose `.git` is rightly a file, or is named by the environment.
#[test]
fn worktrees_submodules_and_separate_directories_are_repositories() {
    let origin = with_text();
    let url = origin.root();
    let edited = |place: PathBuf, from: &Project| {
        let text = std::fs::read_to_string(place.join("greet.md")).unwrap();
        std::fs::write(place.join("greet.md"), text.replace("warmly", "kindly")).unwrap();
        let ran = from.ran(from.command(&["plan", "--base", "HEAD", "--format", "json"]).current_dir(&place));
        let plan: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        (ran.status, plan["prompts"].as_array().map_or(0, Vec::len), ran.stderr)
    };
    let worktrees = origin.cloned(&[]);
    worktrees.git(&["worktree", "add", "--quiet", "../tree"]);
    worktrees.git(&["worktree", "add", "--quiet", "inside"]);
    for place in ["../tree", "inside"] {
        assert_eq!(edited(worktrees.root().join(place), &worktrees), (0, 1, String::new()), "{place}");
    }
    let around = Project::new(&[("README.md", "around\n")]);
    around.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url.to_str().unwrap(),
        "below",
    ]);
    assert!(around.root().join("below/.git").is_file());
    assert_eq!(edited(around.root().join("below"), &around), (0, 1, String::new()));
    let apart = Project::nowhere();
    apart.git(&["clone", "--quiet", "--separate-git-dir", "../apart", url.to_str().unwrap(), "."]);
    assert!(apart.root().join(".git").is_file());
    assert_eq!(edited(apart.root(), &apart), (0, 1, String::new()));
}

#[test]
fn the_environment_does_not_say_where_the_repository_is() {
    let other = Project::new(&[("README.md", "other\n")]);
    let elsewhere = other.root().display().to_string();
    for (name, value, is_refused) in [
        ("GIT_DIR", format!("{elsewhere}/.git"), false),
        ("GIT_COMMON_DIR", format!("{elsewhere}/.git"), false),
        ("GIT_CEILING_DIRECTORIES", "/".to_owned(), false),
        ("GIT_WORK_TREE", elsewhere.clone(), true),
        ("GIT_WORK_TREE", ".".to_owned(), false),
    ] {
        let project = with_text();
        project.edit("greet.md", "warmly", "kindly");
        let mut command = project.command(&["plan", "--base", "HEAD"]);
        let ran = project.ran(command.env(name, &value));
        assert_eq!(ran.status, if is_refused { 2 } else { 0 }, "{name}={value}: {}", ran.stderr);
        assert_eq!(ran.stderr.contains("unset GIT_WORK_TREE"), is_refused, "{name}: {}", ran.stderr);
        assert_eq!(
            ran.stdout.contains("greet"),
            !is_refused,
            "{name}: this repository's prompt: {}",
            ran.stdout
        );
    }
}

/// What is no regular file would keep a reader for ever.
#[test]
fn a_pipe_is_no_file() {
    for path in ["prompts.yaml", "greet.md", "golden/greet.yaml", "prompt-assay.yaml"] {
        let project = with_text();
        project.remove(path);
        let pipe = project.root().join(path);
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let program = project.command(&[]);
        let mut command = Command::new("timeout");
        command
            .arg("60")
            .arg(program.get_program())
            .args(["plan", "--base", "HEAD"])
            .current_dir(project.root());
        let ran = project.ran(&mut command);
        assert_eq!(ran.status, 2, "{path}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("`{path}` is not a regular file")), "{path}: {}", ran.stderr);
    }
}

fn of_the_project(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The crates of gix that can start programs, by what they depend on: a new one needs a look at what
/// this project calls of it, and a trap above.
///
/// `gix` prepares editors, signing and filters, on calls of their own; `gix-filter` starts the
/// drivers that it is given, and it is given none; `gix-object` signs and verifies when asked;
/// `gix-transport` speaks to remotes, in features that are off. `gix-path` asks the `git` on the
/// person's path where it is installed only for a configuration that is not asked for.
#[test]
fn the_crates_of_gix_that_can_start_a_program_are_these() {
    let lock = of_the_project("Cargo.lock");
    let mut found: Vec<&str> = lock
        .split("[[package]]")
        .filter(|package| package.contains("\n \"gix-command\","))
        .filter_map(|package| package.split("name = \"").nth(1)?.split('"').next())
        .collect();
    found.sort_unstable();
    insta::assert_snapshot!(found.join("\n"), @r"
    gix
    gix-filter
    gix-object
    gix-transport
    ");
    let manifest = of_the_project("Cargo.toml");
    let features = manifest.lines().find(|line| line.starts_with("gix = ")).unwrap();
    insta::assert_snapshot!(features, @r#"gix = { version = "0.90", default-features = false, features = ["sha1", "revision", "index", "attributes", "parallel", "pack-cache-lru-static"] }"#);
}

/// Where the sources meet what can start a program: one file holds the pipeline of filters and
/// takes its drivers out, and nothing else asks for a pipeline or starts a process.
#[test]
fn the_sources_ask_for_no_program() {
    let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut met = Vec::new();
    while let Some(place) = files.pop() {
        if place.is_dir() {
            files.extend(std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&place).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in [
            "process::Command",
            "gix::command",
            "gix::filter",
            "filter_pipeline",
            "gix::diff",
            "diff_resource_cache",
            "command_context",
            "trusted_program",
            "find_remote",
            "gix::discover(",
            "worktree_stream",
            "gix::prepare_clone",
        ] {
            if code.contains(word) {
                let path = place.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                met.push(format!("{}: {word}", path.display()));
            }
        }
    }
    met.sort();
    insta::assert_snapshot!(met.join("\n"), @"src/adapters/git/stored.rs: gix::filter");
    assert!(of_the_project("src/adapters/git/stored.rs").contains("options.drivers.clear();"));
}
