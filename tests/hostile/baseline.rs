//! The baseline switched off: everything that makes the prompts of a base disappear, so that only an
//! emptied golden set and a floor are left. Each attempt has the same load: a broken prompt, and a
//! golden set with the one case that it passes.
//!
//! The control of all is the load without a trick, which is blocked, and the trick's base with an
//! honest edit, which passes.

use prompt_assay_test_support::repository::shop;

use crate::proposal::{Files, files, gutted, judged, of_shop, over};

const BROKEN: &str = "reply: \"Answer the customer. A broken version.\"\nother: \"Unchanged.\"\n";
const HONEST: &str = "reply: \"Answer the customer. Another wording.\"\nother: \"Unchanged.\"\n";

/// Nothing in common with the shop's prompts, so that no similarity pairs them.
const OTHER_NAMES: &str = "answer: \"Write back, please, in a broken way and short.\"\n";

/// Below a directory of a monorepo.
fn below(directory: &str, shop: Files) -> Files {
    let place = |(path, text)| (format!("{directory}/{path}"), text);
    shop.into_iter().map(place).collect()
}

/// The shop in `apps/support`, with its own configuration.
fn monorepo() -> Files {
    over(below("apps/support", shop()), &files(&[("README.md", "# Many\n")]))
}

/// The shop in `apps/support`, by a configuration at the root.
fn rooted() -> Files {
    let config = "provider: {scripted: apps/support/rules.yaml}\nmodels: {branch: small, main: large}\n\
                  gate: {fail_fast: false}\ncatalogs: [apps/support/prompts.yaml]\ngolden: apps/support/golden\n";
    let mut files = monorepo();
    files.retain(|(path, _)| path != "apps/support/prompt-assay.yaml");
    over(files, &self::files(&[("prompt-assay.yaml", config)]))
}

/// The shop moved as a whole, with the load on it.
fn moved(to: &str) -> Files {
    let gone = monorepo().into_iter().filter(|(path, _)| path.starts_with("apps/support/"));
    let gone: Files = gone.map(|(path, _)| (path, String::new())).collect();
    let there = over(shop(), &files(&[("prompts.yaml", OTHER_NAMES)]));
    let there = over(there, &vec![("golden/answer.yaml".to_owned(), gutted())]);
    over(gone, &below(to, there))
}

struct Attempt {
    name: &'static str,
    base: Files,
    /// What the trick does; the load comes with it.
    trick: Files,
    inputs: Vec<(&'static str, &'static str)>,
    /// How the first moved bar reads.
    first: &'static str,
}

/// The load in `apps/support`, where the trick does not bring its own.
fn loaded(trick: Files) -> Files {
    let load = vec![
        ("apps/support/prompts.yaml".to_owned(), BROKEN.to_owned()),
        ("apps/support/golden/reply.yaml".to_owned(), gutted()),
    ];
    over(load, &trick)
}

fn attempts() -> Vec<Attempt> {
    let config = of_shop("prompt-assay.yaml");
    let here = vec![("working-directory", "apps/support")];
    let elsewhere = "provider: {scripted: apps/support/rules.yaml}\nmodels: {branch: small}\n\
                     catalogs: [apps/support/prompts.yaml]\ngolden: apps/support/golden\n";
    let mine = format!("{config}catalogs: [mine.yaml]\ngolden: mine\n");
    let mine_alone =
        files(&[("apps/support/mine.yaml", OTHER_NAMES), ("apps/support/mine/answer.yaml", &gutted())]);
    let at = |path: &str, text: &str| files(&[(path, text)]);
    let attempt = |name, base: Files, trick: Files, first| Attempt {
        name,
        base,
        trick: loaded(trick),
        inputs: here.clone(),
        first,
    };
    let own = "apps/support/prompt-assay.yaml";
    let both = |path: &str| files(&[(own, ""), (path, &config)]);
    let with_mine = |trick: Files| over(trick, &mine_alone);
    let catalog_gone = |trick: Files| over(with_mine(trick), &at("apps/support/prompts.yaml", ""));
    let broken_base = |path: &str, text: &str| over(monorepo(), &at(path, text));
    let mended = |path: &str| at(&format!("apps/support/{path}"), &of_shop(path));
    let removed = "29 golden cases removed";
    let nothing = "nothing is compared";
    let unread = "the base cannot be read in full";
    let mut attempts = vec![
        attempt("renamed to `.yml`", monorepo(), both("apps/support/prompt-assay.yml"), removed),
        attempt(
            "renamed to another case, and a root configuration takes its place",
            monorepo(),
            over(both("apps/support/Prompt-Assay.yaml"), &at("prompt-assay.yaml", elsewhere)),
            "and no longer",
        ),
        attempt(
            "deleted, and a root configuration takes its place",
            monorepo(),
            files(&[(own, ""), ("prompt-assay.yaml", elsewhere)]),
            "and no longer",
        ),
        attempt(
            "deleted above a root configuration that is there",
            over(monorepo(), &at("prompt-assay.yaml", elsewhere)),
            at(own, ""),
            "and no longer",
        ),
        attempt("a nearer one above the root's", rooted(), at(own, &config), "and no longer"),
        attempt("a nearer `.yml`", rooted(), at("apps/support/prompt-assay.yml", &config), "and no longer"),
        attempt("a nearer one with its own catalogs", rooted(), with_mine(at(own, &mine)), nothing),
        attempt("`catalogs` edited", monorepo(), with_mine(at(own, &mine)), nothing),
        attempt(
            "`catalogs` edited, and the old one deleted",
            monorepo(),
            catalog_gone(at(own, &mine)),
            nothing,
        ),
        attempt(
            "`catalogs` narrowed to another letter case",
            monorepo(),
            over(
                at(own, &format!("{config}catalogs: [Prompts.yaml]\n")),
                &files(&[
                    ("apps/support/Prompts.yaml", OTHER_NAMES),
                    ("apps/support/golden/answer.yaml", &gutted()),
                ]),
            ),
            nothing,
        ),
        attempt(
            "the catalog deleted beside another default one",
            monorepo(),
            files(&[
                ("apps/support/prompts.yaml", ""),
                ("apps/support/prompts.yml", OTHER_NAMES),
                ("apps/support/golden/answer.yaml", &gutted()),
            ]),
            nothing,
        ),
        attempt(
            "all prompts under other names, in other words",
            monorepo(),
            files(&[
                ("apps/support/prompts.yaml", OTHER_NAMES),
                ("apps/support/golden/answer.yaml", &gutted()),
            ]),
            nothing,
        ),
        attempt(
            "a base whose configuration is broken",
            broken_base(own, "catalogs: [\n"),
            mended("prompt-assay.yaml"),
            unread,
        ),
        attempt(
            "a base with two configurations",
            broken_base("apps/support/prompt-assay.yml", &config),
            at("apps/support/prompt-assay.yml", ""),
            unread,
        ),
        attempt(
            "a base whose configuration names no catalog",
            broken_base(own, &format!("{config}catalogs: [none.yaml]\n")),
            mended("prompt-assay.yaml"),
            "nothing is compared: the base's configuration",
        ),
        attempt(
            "a base whose catalog is broken",
            broken_base("apps/support/prompts.yaml", "reply: \"no end\n"),
            Files::new(),
            unread,
        ),
        attempt(
            "a base whose golden set is broken",
            broken_base("apps/support/golden/reply.yaml", "cases: [\n"),
            Files::new(),
            "the base's golden set cannot be read",
        ),
        attempt(
            "a base whose prompt cannot be rendered",
            broken_base("apps/support/prompts.yaml", "reply: \"{% if %}\"\nother: \"Unchanged.\"\n"),
            Files::new(),
            "the base's version cannot be evaluated",
        ),
    ];
    for (name, to) in
        [("the working directory moved", "apps/help"), ("moved to another case", "apps/Support")]
    {
        let inputs = vec![("working-directory", to)];
        attempts.push(Attempt { name, base: monorepo(), trick: moved(to), inputs, first: nothing });
    }
    let named = vec![("config", "apps/support/strict.yaml")];
    let strict = at("apps/support/strict.yaml", &mine);
    attempts.push(Attempt {
        name: "`config` names a file that the base has not",
        base: rooted(),
        trick: loaded(with_mine(strict)),
        inputs: named,
        first: nothing,
    });
    attempts
}

#[test]
fn whatever_takes_the_baseline_away_is_shown_first_and_fails_where_moved_bars_do() {
    for attempt in attempts() {
        let mut inputs = attempt.inputs.clone();
        inputs.push(("golden-changes", "fail"));
        let judged = judged(&attempt.base, &attempt.trick, &inputs);
        judged.ends(1, attempt.name);
        let first = &judged.first_bar;
        assert!(first.contains(attempt.first), "{}: {first:?}\n{}", attempt.name, judged.left.summary);
        assert!(first.contains("(lowers the bar)"), "{}: {first}", attempt.name);
    }
}

#[test]
fn the_control_without_a_trick_is_blocked_and_an_honest_edit_passes() {
    let edit = |text: &str| files(&[("apps/support/prompts.yaml", text)]);
    let inputs = [("working-directory", "apps/support"), ("golden-changes", "fail")];
    for (layout, base) in [("nested", monorepo()), ("rooted", rooted())] {
        let broken = judged(&base, &edit(BROKEN), &inputs);
        broken.ends(1, layout);
        broken.says("REGRESSION", layout);
        judged(&base, &edit(HONEST), &inputs).ends(0, layout);
        judged(&base, &loaded(Files::new()), &inputs).says("29 golden cases removed", layout);
    }
}

#[test]
fn what_is_found_by_its_own_rule_is_compared_and_not_new() {
    // The configuration's place changes, and the cases stay: the comparison itself blocks.
    let edits = |path: &str, text: &str| {
        files(&[("apps/support/prompts.yaml", BROKEN), ("apps/support/prompt-assay.yaml", ""), (path, text)])
    };
    let config = of_shop("prompt-assay.yaml");
    let inputs = [("working-directory", "apps/support"), ("golden-changes", "allow")];
    let renamed = judged(&monorepo(), &edits("apps/support/prompt-assay.yml", &config), &inputs);
    renamed.ends(1, "renamed");
    renamed.says("this edit breaks 4 of 30 cases", "renamed");
    let nearer = files(&[("apps/support/prompts.yaml", BROKEN), ("apps/support/prompt-assay.yaml", &config)]);
    let nearer = judged(&rooted(), &nearer, &inputs);
    nearer.ends(1, "nearer");
    nearer.says("this edit breaks 4 of 30 cases", "nearer");
}

#[test]
fn a_repositorys_first_prompts_are_new_and_move_nothing() {
    let first = files(&[("README.md", "# Empty\n")]);
    let judged = judged(
        &first,
        &below("apps/support", over(shop(), &files(&[("rules.yaml", "default: {text: \"yes\"}\n")]))),
        &[("working-directory", "apps/support"), ("golden-changes", "fail")],
    );
    judged.ends(0, "adoption");
    assert_eq!(judged.first_bar, "", "{}", judged.left.summary);
}
