//! What `drift` finds in a store that others wrote to, and how `--heal` repairs it.

use super::shop::Shop;
use crate::emulator::{Emulator, boto3_says};

/// What people and programs do to a store.
const DAMAGE: &str = r#"
import boto3
ssm, s3 = boto3.client("ssm"), boto3.client("s3")
ssm.put_parameter(Name="/drift/edited", Value="Be rude.", Overwrite=True)
ssm.delete_parameter(Name="/drift/missing")
ssm.put_parameter(Name="/drift/stranger", Value="Who am I?", Type="String")
ssm.label_parameter_version(Name="/drift/moved", ParameterVersion=1, Labels=["live"])
ssm.unlabel_parameter_version(Name="/drift/unlabelled", ParameterVersion=2, Labels=["live"])
bucket = "drifting-prompts"
for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]:
    if "/gone/" in entry["Key"]:
        s3.delete_object(Bucket=bucket, Key=entry["Key"])
    if "/damaged/" in entry["Key"]:
        s3.put_object(Bucket=bucket, Key=entry["Key"], Body=b"Be rude.")
"#;

#[test]
fn what_differs_is_found_and_healed_where_it_passed() {
    let moto = Emulator::shared_moto();
    boto3_says(&moto.url(), "import boto3\nboto3.client('s3').create_bucket(Bucket='drifting-prompts')\n");
    let long = |word: &str| format!("{word} {}", "A long sentence about refunds. ".repeat(300));
    let (gone, damaged) = (long("gone"), long("damaged"));
    let mut prompts = vec![("gone", gone.as_str()), ("damaged", damaged.as_str())];
    prompts.extend(["edited", "missing", "moved", "same", "unlabelled"].map(|name| (name, "Be kind one.")));
    let place = "{ssm: \"/drift/{name}\", s3: {bucket: drifting-prompts}}".to_owned();
    let shop = Shop::new(&prompts, &[("prod".to_owned(), place)]);
    let run = |arguments: &[&str]| shop.run(&moto.url(), arguments);
    assert_eq!(run(&["release"]).status, 0);
    shop.0.edit("prompts.yaml", "Be kind one.", "Be kind two.");
    shop.passed("two", "HEAD~1");
    assert_eq!(run(&["release"]).status, 0);
    assert_eq!(run(&["drift"]).status, 0);
    boto3_says(&moto.url(), DAMAGE);
    let drifted = run(&["drift"]);
    let calm = |text: &str| {
        let sha =
            regex::Regex::new("[0-9a-f]{64}").expect("a pattern").replace_all(text, "SHA256").into_owned();
        regex::Regex::new("ev-[0-9a-f]{16}").expect("a pattern").replace_all(&sha, "EVIDENCE").into_owned()
    };
    insta::assert_snapshot!(calm(&drifted.stdout), @"
    unreadable   /drift/gone        the object `s3://drifting-prompts/prompts/drift/gone/sha256/SHA256` is missing
    unreadable   /drift/damaged     the object `s3://drifting-prompts/prompts/drift/damaged/sha256/SHA256` does not have the SHA-256 that `/drift/damaged` states
    edited       /drift/edited      version 3 was not written by prompt-assay, but by `N/A`; readers without a label get it
    missing      /drift/missing     was never released
    rolled_back  /drift/moved       rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
    rolled_back  /drift/unlabelled  rolled back outside: nothing is live instead of version 2, the store does not say by whom or when
    extra        /drift/stranger    belongs to no prompt of the commit
    prod: 7 differ
      = `prompt-assay drift --heal` releases the commit's contents that passed
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`
    ");
    assert_eq!(drifted.status, 1);
    let left = run(&["drift", "--heal", "--format", "json"]);
    let outcome = |name: &str| {
        let healed = &left.json()["healed"]["prompts"];
        let line = healed
            .as_array()
            .expect("lines")
            .iter()
            .find(|line| line["prompt"] == name)
            .expect("a line")
            .clone();
        line["outcome"].as_str().expect("an outcome").to_owned()
    };
    assert_eq!(left.status, 1, "{}{}", left.stdout, left.stderr);
    let outcomes = ["gone", "damaged", "edited", "missing", "moved", "same", "unlabelled"].map(outcome);
    assert_eq!(outcomes, ["released", "released", "left alone", "released", "held", "unchanged", "held"]);
    let healed = run(&["drift", "--heal", "--overwrite", "nobody knows who it was", "--format", "json"]);
    // The stranger stays: nothing says whose it is.
    assert_eq!(healed.status, 1, "{}{}", healed.stdout, healed.stderr);
    assert_eq!(healed.json()["healed"]["exit_code"], 0, "{}", healed.stdout);
    let after = run(&["drift"]);
    insta::assert_snapshot!(calm(&after.stdout), @"
    extra  /drift/stranger  belongs to no prompt of the commit
    prod: 1 differ
    ");
    for (name, text) in [("gone", &gone), ("damaged", &damaged)] {
        assert_eq!(run(&["show", name]).stdout.trim_end(), text.trim_end());
    }
    assert_eq!(run(&["show", "edited"]).stdout.trim_end(), "Be kind two.");
    assert_eq!(run(&["show", "missing"]).stdout.trim_end(), "Be kind two.");
}
