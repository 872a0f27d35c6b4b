//! docs/aws.md and the templates of deploy/: the prices, dates and limits that they state follow from their sources.

use std::fs;
use std::path::Path;

use prompt_assay::model::Usage;
use prompt_assay::price::{COLLECTED, PriceTable};

/// The region of the page.
const REGION: &str = "us-east-1";
/// What the page takes as a yardstick: calls, and their tokens.
const YARDSTICK: (u64, u64, u64) = (120, 500, 300);
/// Longest name of a report group.
const LONGEST_GROUP: usize = 128;
/// Longest prefix of a role's name that Terraform's provider takes.
const LONGEST_ROLE_PREFIX: usize = 38;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of the repository")
}

/// Dollars with two digits that say something.
fn usd(amount: f64) -> String {
    if amount < 0.1 { format!("{amount:.3}") } else { format!("{amount:.2}") }
}

#[test]
fn the_prices_of_the_page_are_those_of_the_table() {
    let page = read("docs/aws.md");
    let prices = PriceTable::built_in().in_region(Some(REGION));
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>())
        .filter(|cells| cells[0].contains('.'))
        .collect();
    let (calls, input, output) = YARDSTICK;
    let usage = Usage { input: calls * input, output: calls * output, cache_read: 0, cache_write: 0 };
    for cells in &rows {
        let model = cells[0].trim_matches('`');
        let price = prices.price(model).unwrap_or_else(|| panic!("{model} has no price"));
        let cost = usd(prices.money(model, usage).expect("a price").usd());
        let stated = [format!("{}", price.input), format!("{}", price.output), cost];
        assert_eq!(cells[1..], stated, "{model}");
    }
    // The models that the page says to choose, each once.
    let chosen = page.lines().skip_while(|line| *line != "models:").skip(1).take(3);
    let mut chosen: Vec<&str> = chosen.filter_map(|line| line.split(": ").nth(1)).collect();
    let mut priced: Vec<&str> = rows.iter().map(|cells| cells[0].trim_matches('`')).collect();
    chosen.sort_unstable();
    priced.sort_unstable();
    assert_eq!(chosen, priced);
    assert!(page.contains(&format!("as of {}", *COLLECTED)), "the day of the prices is {}", *COLLECTED);
    let words = format!("{calls} calls of {input} tokens in and {output} out");
    assert!(page.contains(&words), "{words}");
}

#[test]
fn report_groups_keep_to_codebuilds_limit_for_names_as_long_as_the_page_allows() {
    let template = read("deploy/pipeline.yaml");
    // CodeBuild puts the project's name before the group's, which is `prompts` in the buildspec.
    let projects =
        template.lines().filter_map(|line| line.trim().strip_prefix("Name: !Sub \"${AWS::StackName}"));
    let longest = projects.map(|rest| rest.trim_end_matches(['"', ' '])).map(|rest| match rest {
        group if group.ends_with("-prompts") => group.len(),
        project => project.len() + "-prompts".len(),
    });
    let most = LONGEST_GROUP - longest.max().expect("projects");
    let stated = format!("a name of at most {most} characters");
    assert!(read("docs/aws.md").contains(&stated), "docs/aws.md must say: {stated}");
    assert!(read("deploy/buildspec.eval.yml").contains("\n  prompts:\n"), "the group's name");
}

#[test]
fn terraform_refuses_a_name_that_makes_a_role_s_too_long() {
    let builds = ["evaluate", "release", "drift", "pull-requests"];
    let template = read("deploy/terraform/pipeline.tf");
    for build in builds {
        assert!(
            template.contains(&format!("{build} ")) || template.contains(&format!("{build}\"")),
            "{build}"
        );
    }
    assert!(
        template.contains("name_prefix        = \"${var.name}-${each.key}-build-\""),
        "the longest prefix"
    );
    let longest = builds.map(|build| format!("-{build}-build-").len()).into_iter().max().expect("builds");
    let most = LONGEST_ROLE_PREFIX - longest;
    let rule = format!("length(var.name) <= {most}");
    assert!(read("deploy/terraform/variables.tf").contains(&rule), "variables.tf must check {rule}");
}
