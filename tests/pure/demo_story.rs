//! The project's own data read by the real readers, and the demo's answers scored by the real
//! checks: what passes before the edit, what breaks, what is fixed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use prompt_assay::check::{Inquiry, Judge, Score, Subject};
use prompt_assay::config::JudgeKind;
use prompt_assay::golden::{self, Case, CaseInput, GoldenSet};
use prompt_assay::model::{Message, ModelError, Parameters, Request, Role};
use prompt_assay::problem::Problems;
use prompt_assay::prompt::{Prompt, ScoreMode, TextSource};
use prompt_assay::script::Rules;
use prompt_assay::tree::{MemoryTree, Tree};
use prompt_assay::variation::Variation;
use prompt_assay::{catalog, config};

const GOLDEN: &str = "golden/customer_service_prompt.yaml";

/// The files below directories of the package, later ones over earlier ones.
fn tree(layers: &[&str]) -> MemoryTree {
    let mut tree = MemoryTree::default();
    for layer in layers {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(layer);
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                    tree.insert(name, fs::read(&path).unwrap());
                }
            }
        }
    }
    tree
}

fn text_of(prompts: &[Prompt], name: &str) -> String {
    let prompt = prompts.iter().find(|prompt| prompt.id == name).unwrap();
    match &prompt.messages[0].text {
        TextSource::Inline(text) => text.clone(),
        TextSource::File(path) => panic!("{name} is in {path}"),
    }
}

struct Side {
    rules: Rules,
    judge: Judge,
    system: String,
    set: GoldenSet,
}

impl Side {
    fn read(layers: &[&str]) -> Self {
        let tree = tree(layers);
        let config = config::read(&tree, None).unwrap_or_else(|problems| panic!("{problems}"));
        let mut problems = Problems::new();
        let prompts = catalog::read(&tree, &config, &mut problems).prompts;
        let set = golden::read(&tree, GOLDEN, &mut BTreeSet::new(), &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let rules = String::from_utf8(tree.read("rules.yaml").unwrap().unwrap()).unwrap();
        Self {
            rules: Rules::read("rules.yaml", &rules).unwrap_or_else(|problem| panic!("{problem}")),
            judge: Judge::new(
                ["judge".to_owned()].into_iter().collect(),
                &[(JudgeKind::Rubric, text_of(&prompts, "judge_prompt"))].into(),
                &config.judge,
            ),
            system: text_of(&prompts, "customer_service_prompt"),
            set: set.unwrap(),
        }
    }

    fn request(&self, case: &Case) -> Request {
        let messages = match &case.input {
            CaseInput::Text(text) => vec![Message { role: Role::User, text: text.clone() }],
            CaseInput::Messages(messages) => messages.clone(),
            CaseInput::Variables => Vec::new(),
        };
        Request {
            system: Some(self.system.clone()),
            messages,
            parameters: Parameters { max_tokens: 500, temperature: Some(0.0), ..Parameters::default() },
            ..Request::new("amazon.nova-lite-v1:0", "")
        }
    }

    fn passes(&self, case: &Case, draw: u64) -> bool {
        let request = self.request(case);
        let response = self.rules.answer(&Variation::member(draw).applied_to(&request), 1).unwrap();
        let scoring = case.scoring(ScoreMode::PassFail, Some(&self.judge));
        let subject = Subject { response: &response, cost_usd: None };
        let known = |inquiry: &Inquiry| {
            let verdict = self.rules.answer(&inquiry.request, 1)?;
            Ok::<_, ModelError>(Some(inquiry.read(&verdict)))
        };
        let readings = scoring.consult(subject, &request.messages, known).unwrap().readings;
        match scoring.score(subject, &readings).score {
            Score::Scored { passed, .. } => passed,
            other => panic!("{}: {other:?}", case.id),
        }
    }

    /// How many of 20 draws pass, by case.
    fn passed(&self) -> BTreeMap<&str, usize> {
        let often = |case| (0..20).filter(|draw| self.passes(case, *draw)).count();
        self.set.cases.iter().map(|case| (case.id.as_str(), often(case))).collect()
    }
}

#[test]
fn the_edit_fixes_two_cases_and_breaks_seven() {
    let (base, head) = (Side::read(&["demo/base"]), Side::read(&["demo/base", "demo/head"]));
    let (before, after) = (base.passed(), head.passed());
    let which = |such: &dyn Fn(usize, usize) -> bool| -> Vec<&str> {
        before.iter().filter(|(case, often)| such(**often, after[*case])).map(|(case, _)| *case).collect()
    };
    assert_eq!(
        which(&|before, after| before == 0 && after == 20),
        ["bereavement-order", "long-camping-story"]
    );
    assert_eq!(
        which(&|before, after| before == 20 && after <= 4),
        [
            "angry-caps-late",
            "angry-spanish-late",
            "angry-third-contact",
            "legal-threat",
            "price-drop-two-days-later",
            "refund-one-glass-broken",
            "turns-pressure-after-refusal",
        ]
    );
    assert_eq!(which(&|before, after| before == 20 && (5..20).contains(&after)), ["warranty-expired"]);
    assert_eq!(which(&|before, _| (1..20).contains(&before)), ["ambiguous-it-broke", "typos-heavy"]);
    let must_pass = base.set.cases.iter().filter(|case| case.must_pass);
    assert!(must_pass.map(|case| case.id.as_str()).all(|case| before[case] == 20 && after[case] == 20));
}

#[test]
fn the_projects_own_data_reads_without_a_problem() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = ["prompts.yaml", "prompt-assay.yaml", GOLDEN, "golden/schema/reply.json"].map(str::to_owned);
    let judges = JudgeKind::ALL.map(|kind| format!("src/check/judge/prompts/{}.md", kind.as_str()));
    let files = names.into_iter().chain(judges);
    let tree = MemoryTree::new(files.map(|name| (name.clone(), fs::read(root.join(name)).unwrap())));
    let config = config::read(&tree, None).unwrap_or_else(|problems| panic!("{problems}"));
    let mut problems = Problems::new();
    assert_eq!(catalog::read(&tree, &config, &mut problems).prompts.len(), 6);
    let set = golden::read(&tree, GOLDEN, &mut BTreeSet::new(), &mut problems).unwrap();
    assert!(problems.is_empty(), "{problems}");
    assert!(set.cases.len() >= 60);
}
