//! What operators type at night stays, and the next release and `drift` report it.

use super::shop::Shop;
use crate::emulator::{Emulator, boto3_says};

/// What operators type.
const CONSOLE: &str = r#"
import boto3
ssm = boto3.client("ssm")
ssm.label_parameter_version(Name="/console/back", ParameterVersion=1, Labels=["live"])
ssm.put_parameter(Name="/console/again", Value="again 1", Overwrite=True)
ssm.put_parameter(Name="/console/forward", Value="by hand", Overwrite=True)
ssm.label_parameter_version(Name="/console/forward", ParameterVersion=3, Labels=["live"])
ssm.unlabel_parameter_version(Name="/console/taken", ParameterVersion=2, Labels=["live"])
"#;

#[test]
fn what_operators_type_at_night_stays_and_is_told() {
    let moto = Emulator::shared_moto();
    let names = ["back", "again", "forward", "taken", "other"];
    let texts = names.map(|name| format!("{name} 1"));
    let prompts: Vec<(&str, &str)> = names.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let shop = Shop::new(&prompts, &[("prod".to_owned(), "{ssm: \"/console/{name}\"}".to_owned())]);
    let run = |arguments: &[&str]| shop.run(&moto.url(), arguments);
    assert_eq!(run(&["release"]).status, 0);
    for name in &names[..4] {
        shop.0.edit("prompts.yaml", &format!("{name} 1"), &format!("{name} 2"));
    }
    shop.passed("two", "HEAD~1");
    assert_eq!(run(&["release"]).status, 0);
    boto3_says(&moto.url(), CONSOLE);
    shop.0.edit("prompts.yaml", "other 1", "other 2");
    shop.passed("another prompt", "HEAD~1");
    let calm = |text: &str| {
        let text = regex::Regex::new("ev-[0-9a-f]{16}").unwrap().replace_all(text, "EVIDENCE").into_owned();
        regex::Regex::new(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
            .unwrap()
            .replace_all(&text, "MOMENT")
            .into_owned()
    };
    let released = run(&["release"]);
    assert_eq!(released.status, 1, "{}{}", released.stdout, released.stderr);
    let drift = run(&["drift"]);
    insta::assert_snapshot!(calm(&format!("{}\n{}", released.stdout, drift.stdout)), @"
    held        back     1       /console/back     rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
    left alone  again    2       /console/again    version 3 was not written by prompt-assay, but by `N/A`; readers without a label get it
    left alone  forward  3       /console/forward  version 3 was not written by prompt-assay, but by `N/A`, and it is live
    held        taken    -       /console/taken    rolled back outside: nothing is live instead of version 2, the store does not say by whom or when
    released    other    1 -> 2  /console/other    OK, 1 of 1 (EVIDENCE)
      = external changes stay; change the prompt, or pass `--overwrite REASON`
    prod: 1 released, 2 held, 2 left alone

    rolled_back  /console/back     rolled back outside: version 1 is live instead of version 2, the store does not say by whom or when
    edited       /console/again    version 3 was not written by prompt-assay, but by `N/A`; readers without a label get it
    edited       /console/forward  version 3 was not written by prompt-assay, but by `N/A`, and it is live
    rolled_back  /console/taken    rolled back outside: nothing is live instead of version 2, the store does not say by whom or when
    prod: 4 differ
      = external changes stay; change the prompt, or pass `--heal --overwrite REASON`
    ");
    assert_eq!(run(&["show", "back"]).stdout.trim_end(), "back 1");
    assert_eq!(run(&["show", "forward"]).stdout.trim_end(), "by hand");
    let healed = run(&["drift", "--heal", "--overwrite", "the night is over"]);
    assert_eq!(healed.status, 0, "{}{}", healed.stdout, healed.stderr);
    for name in &names[..4] {
        assert_eq!(run(&["show", name]).stdout.trim_end(), format!("{name} 2"));
    }
}
