//! `watch` through the real binary: it evaluates again when a file that was read changes, within one budget.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::rules_over_http;

const RULES: &str = "\
rules:
  - {when: {system: in capitals}, text: 'YES'}
  - {when: {system: Say}, text: 'yes'}
default: {text: I would rather not say.}
";

fn project() -> Project {
    let golden: String = (1..=4)
        .map(|n| format!("- {{id: c{n}, input: question {n}, checks: [{{equals: 'yes'}}]}}\n"))
        .collect();
    Project::new(&[
        ("prompts.yaml", "agree:\n  system: {file: texts/agree.md}\n"),
        ("texts/agree.md", "Say yes.\n"),
        ("golden/agree.yaml", &format!("cases:\n{golden}")),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\nprovider: bedrock\n"),
        ("rules.yaml", RULES),
    ])
}

/// A watch that runs, and what it shows.
struct Watch {
    process: Child,
    shown: BufReader<ChildStdout>,
}

impl Watch {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("it starts");
        let shown = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, shown }
    }

    /// The next screen, to its last line; times and commits are named.
    fn screen(&mut self) -> String {
        let mut screen = String::new();
        while !screen.lines().last().is_some_and(|line| line.starts_with("Watching ")) {
            let read = self.shown.read_line(&mut screen).expect("UTF-8");
            assert!(read > 0, "it ended: {screen}");
        }
        let seconds = regex::Regex::new(r"\d+\.\d s\b").expect("a pattern");
        let commit = regex::Regex::new(r"\b[0-9a-f]{7}\b").expect("a pattern");
        commit.replace_all(&seconds.replace_all(&screen, "T s"), "COMMIT").into_owned()
    }

    fn interrupt(&self) {
        let sent = Command::new("kill").args(["-s", "INT", &self.process.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// Exit status and standard error.
    fn end(self) -> (Option<i32>, String) {
        let output = self.process.wait_with_output().expect("it ends");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    }
}

#[test]
fn it_evaluates_again_what_an_edit_affects_until_somebody_ends_it() {
    let project = project();
    let mut watch = Watch::start(&mut project.command(&["watch", "--scripted", "rules.yaml"]));
    assert_snapshot!(watch.screen(), @"
    ✓ Nothing to check: no prompt is affected

    No prompt is affected by this change (1 unaffected); nothing was evaluated.

    To know
      - Nothing differs from the last commit, COMMIT. To evaluate that commit itself, pass `--base
        HEAD~1`.

    No language model was called: answers come from a rules file (provider scripted).

    Run 1, T s: 0 calls, nothing was paid; 0 answers from the store. So far: 0 calls, nothing was
    paid.

    Watching 5 files; Ctrl-C ends it.
    ");

    project.write("texts/agree.md", "Say yes, in capitals.\n");
    assert_snapshot!(watch.screen(), @r#"
    ✗ Do not merge: this edit breaks 4 of 4 cases of `agree`

      old  ████████████████████  4 of 4
      new  ░░░░░░░░░░░░░░░░░░░░  0 of 4

    Not bad luck: the 4 cases were asked again, fresh: the old prompt passed 8 of 8, the new one 0 of 8.

        4  expected "yes", found "YES" – c4, c3, c2, c1

    What to do now: read a broken case, fix the prompt, run this again. Is a break intended? Accept it
    in `accepted_breaks`; `--verbose` shows the lines.

    The change in prompts.yaml:1 (edited: text, +1 -1)
      -Say yes.
      +Say yes, in capitals.

    ✗ c4
        because  expected "yes", found "YES"
        again    old 2 of 2, new 0 of 2
        input    question 4
        old      yes
        new      YES

    ✗ c3
        because  expected "yes", found "YES"
        again    old 2 of 2, new 0 of 2
        input    question 3
        old      yes
        new      YES

    2 more cases with both answers: `--verbose`

    No language model was called: answers come from a rules file (provider scripted).

    Run 2, T s: 24 calls, nothing was paid; 0 answers from the store. So far: 24 calls, nothing was
    paid.

    Watching 5 files; Ctrl-C ends it.
    "#);

    // A mistake on the way is shown, and does not end it.
    project.write("golden/agree.yaml", "cases: [");
    let mistaken = watch.screen();
    assert!(mistaken.starts_with("error: not valid YAML"), "{mistaken}");

    // Another golden set, by which the edit is right; a template that was there before it is new again.
    project.write("golden/agree.yaml", "cases:\n- {id: c1, input: question 1, checks: [{equals: 'YES'}]}\n");
    let mended = watch.screen();
    assert!(mended.contains("Run 3, ") && !mended.starts_with('✗'), "{mended}");

    project.write("texts/agree.md", "Say yes.\n");
    let back = watch.screen();
    assert!(back.contains("Run 4, T s: 0 calls"), "every answer is stored: {back}");

    watch.interrupt();
    assert_eq!(watch.end(), (Some(0), "watched 4 runs\n".to_owned()));
    let report = project.run(&["report"]);
    assert!(report.stderr.contains("no finished run is stored"), "{}", report.stderr);
}

#[test]
fn a_model_whose_id_is_half_typed_is_shown_and_ends_nothing() {
    let project = project();
    let standin = rules_over_http::start(RULES);
    let mut command = project.command(&["watch", "--max-cost", "1"]);
    let mut watch = Watch::start(rules_over_http::at(&mut command, &standin));
    watch.screen();
    project.edit("texts/agree.md", "Say yes.", "Say yes, please.");
    watch.screen();
    project.edit("prompt-assay.yaml", "amazon.nova-lite-v1:0", "amazon.nova-li");
    let screen = watch.screen();
    assert!(screen.contains("the price of model `amazon.nova-li` is unknown"), "{screen}");
    watch.interrupt();
    let (status, said) = watch.end();
    assert_eq!(status, Some(0), "{said}");
}

#[test]
fn the_budget_is_for_the_whole_watch_and_ends_it() {
    let project = project();
    let standin = rules_over_http::start(RULES);
    let refused = rules_over_http::at(&mut project.command(&["watch"]), &standin).output().expect("it runs");
    assert_eq!((refused.status.code(), standin.requests().len()), (Some(2), 0));
    assert_snapshot!(String::from_utf8_lossy(&refused.stderr), @"error: `watch` asks the model after every edit, so it needs a cap: pass `--max-cost USD` (or `--max-calls N`) for the whole watch, or set `budget` in prompt-assay.yaml");

    project.write("texts/agree.md", "Say yes, please.\n");
    let mut command = project.command(&["watch", "--max-calls", "14", "--concurrency", "1"]);
    let mut watch = Watch::start(rules_over_http::at(&mut command, &standin));
    let first = watch.screen();
    assert!(first.contains("So far: 8 of 14 calls"), "{first}");
    project.write("texts/agree.md", "Say yes, in capitals.\n");
    let second = watch.screen();
    let (status, told) = watch.end();
    assert_eq!((status, standin.requests().len()), (Some(3), 14), "{second}\n{told}");
    assert_snapshot!(told, @"
    the budget of this watch is used up: 14 of 14 calls, below 0.0001 USD
       = start it again with a larger one; stored answers cost nothing
    ");
}

#[test]
fn on_a_terminal_each_run_begins_on_a_clear_screen_with_the_verdict() {
    let project = project();
    let shown = |environment: &[(&str, &str)]| {
        // The names are ours: nothing in them means anything to the shell.
        let command = format!(
            "exec '{}' watch --base none --scripted rules.yaml --max-calls 1",
            prompt_assay_test_support::program().display()
        );
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).current_dir(project.root());
        script.env_clear().env("PATH", "/usr/bin:/bin").envs(environment.iter().copied());
        let output = script.output().expect("script, of util-linux");
        assert_eq!(output.status.code(), Some(3));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let screen = shown(&[("TERM", "xterm"), ("NO_COLOR", "1")]);
    assert!(screen.contains("\u{1b}[2J\u{1b}[H! Not measured: the budget ended before"), "{screen}");
    assert!(screen.contains("Run 1, ") && screen.contains("1 of 1 calls"), "{screen}");
    let plain = shown(&[("TERM", "dumb")]);
    assert!(!plain.contains("\u{1b}[2J"), "{plain}");
}
