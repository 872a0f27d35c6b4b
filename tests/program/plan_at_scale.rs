//! `plan` on a large catalog names exactly the edited key, and parses no more than it must.
//! `benches/plan.rs` measures the speed.

use std::process::Command;

use prompt_assay_test_support::{big_catalog, program};
use serde_json::Value;

#[test]
fn one_edited_key_of_a_thousand_costs_one_prompts_cases() {
    let directory = prompt_assay_test_support::temporary::directory();
    big_catalog::make(directory.path(), 1_000, 100);
    for head in [&["--head", "edit"][..], &[]] {
        let output = Command::new(program())
            .env_clear()
            .current_dir(directory.path())
            .args(["plan", "--base", "main", "--format", "json"])
            .args(head)
            .output()
            .expect("plan runs");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let prompts = plan["prompts"].as_array().expect("a list");
        let ids: Vec<&str> = prompts.iter().filter_map(|prompt| prompt["id"].as_str()).collect();
        assert_eq!(ids, [big_catalog::EDITED]);
        assert_eq!(prompts[0]["cases"]["compare"].as_array().map(Vec::len), Some(100));
        assert_eq!(plan["unaffected"], 999);
    }
}
