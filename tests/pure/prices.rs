//! Every model that the documents, the demo and the examples name has a price: what a reader copies works under a cap.

use std::fs;
use std::path::{Path, PathBuf};

use prompt_assay::price::PriceTable;
use regex::Regex;

fn texts_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["node_modules", "target", "__pycache__"].contains(&name.as_str()) {
                texts_below(&path, found);
            }
        } else if [".md", ".yaml", ".yml", ".js", ".py", ".rs", ".toml"].iter().any(|end| name.ends_with(end))
        {
            found.push(path);
        }
    }
}

/// Models have a hyphen in their names; one before a percent sign is a part of an address.
fn is_id(found: &str, after: &str) -> bool {
    found.contains('-') && !after.starts_with('%')
}

#[test]
fn every_documented_model_has_a_price() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> =
        ["README.md", "prompt-assay.yaml", "action.yml"].iter().map(|name| root.join(name)).collect();
    for directory in ["docs", "demo", "examples"] {
        texts_below(&root.join(directory), &mut files);
    }
    let id = r"\b(?:(?:us-gov|us|eu|apac|jp|au|global)\.)?(?:amazon|anthropic|meta|mistral|deepseek|openai|qwen)\.[a-z0-9][a-z0-9.:-]*[a-z0-9]";
    let id = Regex::new(id).expect("a constant pattern compiles");
    let prices = PriceTable::built_in();
    let (mut named, mut unpriced) = (0, Vec::new());
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        for found in id.find_iter(&text).filter(|found| is_id(found.as_str(), &text[found.end()..])) {
            named += 1;
            if prices.price(found.as_str()).is_none() {
                unpriced.push(format!("{}: {}", file.display(), found.as_str()));
            }
        }
    }
    assert!(named > 5, "the documents name models");
    assert!(unpriced.is_empty(), "without a price: {unpriced:#?}");
}
