//! Names, times and tracks: files that are read on one side only, a false rename, a label that is
//! older than it seems, and a path that looks like another.

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, shop};
use prompt_assay_test_support::step::Step;
use serde_json::json;

use crate::proposal::{Files, Judged, configured, files, gutted, judged, of_shop, over, shop_with};

/// The shop with its catalog at another path, and a floor that a broken version passes.
fn cataloged(path: &str) -> Files {
    let mut files = shop();
    files.retain(|(known, _)| known != "prompts.yaml");
    let config =
        configured("catalogs: [\"texts/**/*.yaml\"]\n").replace("gate: {", "gate: {min_score: 0.1, ");
    over(files, &crate::proposal::files(&[("prompt-assay.yaml", &config), (path, &of_shop("prompts.yaml"))]))
}

#[test]
fn a_catalog_of_any_name_is_the_same_file_on_both_sides() {
    for name in [
        "plain.yaml",
        "a:b.yaml",
        "a\\b.yaml",
        ":.yaml",
        "c:\\windows.yaml",
        "a b.yaml",
        "a#b?c=d.yaml",
        "100%25.yaml",
        "d:e/prompts.yaml",
        "d\\e/prompts.yaml",
        "..\\prompts.yaml",
        "...yaml",
        "ä/日本.yaml",
    ] {
        let path = format!("texts/{name}");
        // The base is behind the API: the clone has one commit.
        let edit = |words: &str| {
            let text = format!("reply: \"Answer the customer. {words}\"\nother: \"Unchanged.\"\n");
            judged(&cataloged(&path), &vec![(path.clone(), text)], &[])
        };
        let broken = edit("A broken version.");
        broken.ends(1, name);
        broken.says("this edit breaks 4 of 30 cases", name);
        edit("Another wording.").ends(0, name);
    }
}

/// `reply` goes, and another prompt comes that shares no words with it.
fn renamed(declaration: &str, golden: &str, config: &str) -> Judged {
    let prompts =
        format!("answer: {{text: \"Write back in a broken way.\"{declaration}}}\nother: \"Unchanged.\"\n");
    let mut edits = files(&[
        ("prompts.yaml", &prompts),
        ("golden/reply.yaml", ""),
        ("prompt-assay.yaml", &configured(config)),
    ]);
    if !golden.is_empty() {
        edits.push(("golden/answer.yaml".to_owned(), golden.to_owned()));
    }
    judged(&shop(), &edits, &[("golden-changes", "fail")])
}

#[test]
fn a_rename_in_other_words_is_asked_no_less_than_the_prompt_that_went() {
    let golden = of_shop("golden/reply.yaml");
    for (name, declaration, golden, says) in [
        ("no floor", ", min_score: 0", golden.as_str(), "new with a floor of 0 instead of 0.8"),
        ("a lower floor", ", min_score: 0.5", golden.as_str(), "new with a floor of 0.5 instead of 0.8"),
        ("no golden set", "", "", "new without a golden set"),
        ("a gutted golden set", "", &gutted(), "new with 1 golden case instead of 30"),
    ] {
        let judged = renamed(declaration, golden, "");
        judged.ends(1, name);
        judged.says(says, name);
        judged.says("write `was: reply`", name);
        assert!(judged.first_bar.contains("and `reply` is removed"), "{name}: {}", judged.first_bar);
    }
    // Controls: named as what it is, it is compared; and a new prompt beside the others moves no bar.
    let named = renamed(", was: reply", &golden, "");
    named.ends(1, "named");
    named.says("this edit breaks 4 of 30 cases", "named");
    let beside = format!("{}answer: {{text: \"Write back.\", min_score: 0.5}}\n", of_shop("prompts.yaml"));
    let beside = files(&[("prompts.yaml", &beside), ("golden/answer.yaml", &golden)]);
    let beside = judged(&shop(), &beside, &[("golden-changes", "fail")]);
    beside.ends(0, "beside");
    assert_eq!(beside.first_bar, "");
}

#[test]
fn a_label_counts_only_when_it_is_later_than_the_push() {
    let origin = Origin::with_prompt("A broken version.");
    let pushed = "2026-01-05T09:00:00Z";
    for (put_on, status) in [
        ("2026-01-05T08:59:59Z", 1),
        ("2026-01-05T09:00:00Z", 1),
        // Controls.
        ("2026-01-05T09:00:01Z", 0),
        ("2026-01-06T00:00:00Z", 0),
    ] {
        let github = GitHub::start(Some(origin.path()));
        github.state().labels = vec![(true, "break-glass", put_on)];
        github.state().description = "Break-glass: incident 7".to_owned();
        let label = json!({"name": "break-glass"});
        let left = Step::pull_request(&origin, &github)
            .event("/action", json!("synchronize"))
            .event("/pull_request/updated_at", json!(pushed))
            .event("/pull_request/labels", json!([label]))
            .input("break-glass-label", "break-glass")
            .run();
        Judged::of(left).ends(status, put_on);
    }
}

#[test]
fn a_path_that_reads_as_another_is_in_no_annotation() {
    for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{ad}'] {
        let path = format!("texts/{hidden}lmay.yaml");
        let broken = "reply: \"Answer the customer. A broken version.\"\nother: \"Unchanged.\"\n";
        let judged = judged(&cataloged(&path), &files(&[(&path, broken)]), &[]);
        judged.ends(1, &path);
        let lines = || judged.left.log.lines().filter(|line| line.starts_with("::error "));
        assert!(lines().count() > 0, "{}", judged.left.log);
        assert!(!judged.left.log.contains(hidden), "{:?} in {}", hidden, judged.left.log);
        let shown = format!("(in texts/⟨U+{:04X}⟩lmay.yaml, line 1)", hidden as u32);
        assert!(lines().any(|line| line.contains(&shown)), "{shown}: {}", judged.left.log);
    }
    // The control: another path is the annotation's place.
    let broken = "reply: \"Answer the customer. A broken version.\"\nother: \"Unchanged.\"\n";
    let judged = judged(&cataloged("texts/lmay.yaml"), &files(&[("texts/lmay.yaml", broken)]), &[]);
    judged.says("file=texts/lmay.yaml,line=1::", "plain");
}

#[test]
fn what_takes_over_anothers_release_target_is_shown() {
    // Removed and new: neither has moved its own.
    let base = shop_with(&[(
        "prompts.yaml",
        "reply: {text: \"Answer the customer. First version.\", release: {ssm: /live/reply}}\nother: \"Unchanged.\"\n",
    )]);
    let golden = of_shop("golden/reply.yaml");
    let taken = |target: &str| {
        let prompts = format!(
            "answer: {{text: \"Write back in the perfect way.\", release: {{ssm: {target}}}}}\nother: \"Unchanged.\"\n"
        );
        let edits =
            files(&[("prompts.yaml", &prompts), ("golden/reply.yaml", ""), ("golden/answer.yaml", &golden)]);
        judged(&base, &edits, &[("golden-changes", "fail")])
    };
    let judged = taken("/live/reply");
    judged.ends(1, "taken over");
    judged.says("goes live where `reply` did", "taken over");
    taken("/live/answer").ends(0, "a target of its own");
}
