//! Bombs in what is compared: renames of everything, and diffs of long texts.

use prompt_assay_test_support::on_disk::Project;

use super::{Bomb, JUST_MUCH, PLAN, set_off};

/// The same words of a small vocabulary in another order for every seed.
fn words(seed: usize, count: usize) -> String {
    let mut state = seed as u64 * 7_919 + 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("word{} ", (state >> 33) % 500)
    };
    (0..count).map(next).collect()
}

/// A catalog of prompts by name, whose texts are that many words long.
fn catalog(project: &Project, name: &str, prompts: usize, seed: usize, count: usize) {
    let entries: String =
        (0..prompts).map(|n| format!("{name}{n}: \"{}\"\n", words(seed + n, count))).collect();
    project.write("prompts.yaml", entries);
}

/// The base's files, committed.
fn committed(project: &Project) {
    project.remove("golden/greet.yaml");
    project.commit("base");
}

#[test]
fn comparisons_are_bounded() {
    set_off(
        &[
            Bomb {
                name: "50 prompts of N words, all renamed and reworded",
                lay: |project, n| {
                    catalog(project, "old", n.div_ceil(300).min(50), 0, n);
                    committed(project);
                    catalog(project, "new", n.div_ceil(300).min(50), 1_000, n);
                },
                ordinary: 100,
                hostile: 15_000,
                says: JUST_MUCH,
            },
            Bomb {
                name: "N prompts of the same text, all renamed",
                lay: |project, n| {
                    let all = |name: &str| {
                        (0..n).map(|n| format!("{name}{n}: \"The same text.\"\n")).collect::<String>()
                    };
                    project.write("prompts.yaml", all("old"));
                    committed(project);
                    project.write("prompts.yaml", all("new"));
                },
                ordinary: 5,
                hostile: 10_000,
                says: JUST_MUCH,
            },
            Bomb {
                name: "a diff of two texts of N lines",
                lay: |project, n| {
                    let text = |seed: usize| words(seed, n).replace(' ', "\n");
                    project.write("prompts.yaml", "greet: {file: greet.md, template: none}\n");
                    project.write("greet.md", text(1));
                    committed(project);
                    project.write("greet.md", text(2));
                },
                ordinary: 100,
                hostile: 800_000,
                says: JUST_MUCH,
            },
            Bomb {
                name: "a diff of two lines of N words",
                lay: |project, n| {
                    project.write("prompts.yaml", "greet: {file: greet.md, template: none}\n");
                    project.write("greet.md", words(1, n));
                    committed(project);
                    project.write("greet.md", words(2, n));
                },
                ordinary: 100,
                hostile: 800_000,
                says: JUST_MUCH,
            },
        ],
        PLAN,
    );
}
