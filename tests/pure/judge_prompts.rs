//! The judge's instructions are prompts of this project: the golden sets are the labelled judgements, and every label can
//! be put to the judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use prompt_assay::calibration::labels;
use prompt_assay::catalog;
use prompt_assay::check::default_prompt;
use prompt_assay::config::{self, JudgeKind};
use prompt_assay::golden::{self, GoldenSet};
use prompt_assay::problem::Problems;
use prompt_assay::prompt::TextSource;
use prompt_assay::tree::MemoryTree;

fn tree() -> MemoryTree {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tree = MemoryTree::default();
    let mut folders = vec![root.join("golden"), root.join("src/check/judge/prompts")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                    tree.insert(name, fs::read(&path).unwrap());
                }
            }
        }
    }
    for name in ["prompts.yaml", "prompt-assay.yaml"] {
        tree.insert(name, fs::read(root.join(name)).unwrap());
    }
    tree
}

fn golden(tree: &MemoryTree, name: &str) -> GoldenSet {
    let mut problems = Problems::new();
    let set = golden::read(tree, &format!("golden/{name}.yaml"), &mut BTreeSet::new(), &mut problems);
    assert!(problems.is_empty(), "{problems}");
    set.unwrap()
}

#[test]
fn the_built_in_instructions_are_prompts_with_golden_sets() {
    let (tree, mut problems) = (tree(), Problems::new());
    let config = config::read(&tree, None).unwrap_or_else(|problems| panic!("{problems}"));
    let prompts = catalog::read(&tree, &config, &mut problems).prompts;
    assert!(problems.is_empty(), "{problems}");
    let mut judgements = 0;
    for kind in JudgeKind::ALL {
        let name = format!("judge_{}", kind.as_str());
        let prompt =
            prompts.iter().find(|prompt| prompt.id == name).unwrap_or_else(|| panic!("no prompt {name}"));
        let TextSource::File(path) = &prompt.messages[0].text else { panic!("{name} is no file") };
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        assert_eq!(text, default_prompt(kind), "{name}");
        judgements += golden(&tree, &name).cases.len();
    }
    assert!(judgements >= 120, "{judgements}");
}

#[test]
fn labels_and_the_golden_set_of_the_rubric_judge_are_the_same_judgements() {
    let tree = tree();
    let path = "golden/judge/customer_service_prompt.yaml";
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let mut problems = Problems::new();
    let read = labels::read(path, &bytes, &mut problems).unwrap_or_else(|| panic!("{problems}"));
    assert_eq!(read.unlabelled, 0);
    assert!(read.labels.len() >= 120);
    let cases = golden(&tree, "customer_service_prompt");
    let by_id: BTreeMap<&str, _> = cases.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let asked = golden(&tree, "judge_rubric");
    assert_eq!(asked.cases.len(), read.labels.len());
    for (label, question) in read.labels.iter().zip(&asked.cases) {
        let case = by_id.get(label.case.as_str()).unwrap_or_else(|| panic!("no case {}", label.case));
        assert!(
            case.checks.iter().any(prompt_assay::check::Check::asks_judge),
            "{} asks no judge",
            label.case
        );
        let golden::CaseInput::Text(input) = &question.input else { panic!("{} has no text", question.id) };
        assert!(question.id.starts_with(&label.case) && input.contains(&label.answer), "{}", question.id);
        let wants = serde_json::to_string(&question.checks[0]).unwrap();
        assert_eq!(wants.contains("exclusiveMaximum"), !label.passes, "{}: {wants}", question.id);
    }
    let passing = read.labels.iter().filter(|label| label.passes).count();
    assert!(passing >= 40 && read.labels.len() - passing >= 40, "both verdicts are there");
}
