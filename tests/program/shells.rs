//! What a shell and `man` get: scripts that the shells read, and pages with every option.

use prompt_assay_test_support::on_disk::Project;

#[test]
fn bash_completes_commands_options_and_values() {
    let project = Project::nowhere();
    let complete = |words: &str| {
        let script = format!(
            "source <(prompt-assay completions bash); COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
             _prompt__assay prompt-assay \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let ran = project.shell(&script);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        ran.stdout
    };
    assert_eq!(complete("prompt-assay rol"), "rollback\n");
    assert_eq!(complete("prompt-assay eval --shared-s"), "--shared-store\n");
    assert_eq!(complete("prompt-assay eval --tier m"), "main\n");
}

#[test]
fn each_shell_gets_a_script_that_knows_the_commands() {
    let project = Project::nowhere();
    for shell in ["bash", "fish", "zsh"] {
        let ran = project.run(&["completions", shell]);
        assert_eq!(ran.status, 0, "{shell}: {}", ran.stderr);
        for word in ["calibrate", "shared-store", "rollback"] {
            assert!(ran.stdout.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn the_manual_has_the_commands_and_a_page_for_each() {
    let project = Project::nowhere();
    let page = project.run(&["man"]);
    assert_eq!(page.status, 0, "{}", page.stderr);
    assert!(
        page.stdout.contains(".TH prompt-assay 1") && page.stdout.contains("rollback"),
        "{}",
        page.stdout
    );
    let page = project.run(&["man", "cache", "prune"]);
    assert_eq!(page.status, 0, "{}", page.stderr);
    assert!(
        page.stdout.contains(".TH prompt-assay-cache-prune 1") && page.stdout.contains("unused\\-for"),
        "{}",
        page.stdout
    );
    let wrong = project.run(&["man", "cache", "burn"]);
    insta::assert_snapshot!(wrong.told(), @"
    exit status 2
    error: there is no command `cache burn`
       = `prompt-assay --help` lists the commands

    1 error; nothing was evaluated
    ");
}
