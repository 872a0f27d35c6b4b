//! The page of a report in Chromium, as a person reads it: filtered, opened, by keyboard alone, in both colour schemes
//! and on a phone; with answers that try to be more than text; and with 5,000 cases.

use std::path::Path;
use std::process::Command;

use prompt_assay_test_support::program;
use serde_json::{Value, json};

use crate::node_environment::browser_script;

/// Texts that would do something if they were more than text.
const HOSTILE: [&str; 9] = [
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 1</script>",
    "</pre></details></section><img src=x onerror=\"window.pwned = 1\">",
    "\"><svg onload=window.pwned=1><a href=\"javascript:window.pwned=1\">x</a>",
    "' autofocus onfocus='window.pwned = 1",
    "</style><style>* { display: none }</style><link rel=stylesheet href=https://evil.example/x.css>",
    "<iframe src=\"https://evil.example\"></iframe><base href=\"https://evil.example\">",
    "\u{202e}desrever\u{202c} \u{200b}\u{feff} ::set-output name=x::y ##[error]",
    "&lt;script&gt; <!-- --> <![CDATA[ ]]> {{ 7*7 }} ${7*7}",
];

/// The demo's report, which is the same everywhere: a broken prompt with 50 cases.
fn demo(place: &Path) -> Value {
    let mut demo = Command::new(program());
    let output = demo.env_clear().arg("demo").arg("--directory").arg(place.join("demo")).output();
    let output = output.expect("the demo runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report = std::fs::read_to_string(place.join("demo/report.json")).expect("the report");
    serde_json::from_str(&report).expect("JSON")
}

/// A report as a page.
fn page(place: &Path, report: &Value) -> std::path::PathBuf {
    let (json, html) = (place.join("given.json"), place.join("page.html"));
    std::fs::write(&json, report.to_string()).expect("a file");
    let mut render = Command::new(program());
    render.env_clear().arg("report").arg(&json).args(["--format", "html", "--output"]).arg(&html);
    let output = render.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    html
}

/// What a script says of pages.
fn driven(script: &str, pages: &[&Path], environment: &[(&str, &str)]) -> Value {
    let mut node = Command::new("node");
    node.arg(browser_script(script)).args(pages).envs(environment.iter().copied());
    // For a person who wants to look at it.
    node.args(std::env::var_os("PAGE_SCREENSHOTS"));
    let output = node.output().expect("node (install Node 20 or newer)");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} (it needs Chromium: Debian's package `chromium`): {told}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What must hold of every page.
fn assert_calm(told: &Value) {
    assert_eq!(told["requests"], json!([]), "a request left the page");
    assert_eq!(told["errors"], json!([]));
    assert_eq!(told["alien"], json!({"ran": false, "scripts": 1, "elements": 0, "handlers": 0, "links": 0}));
    for (what, found) in told["axe"].as_object().expect("an object") {
        match what.ends_with("wide") {
            true => assert_eq!(found, &json!(0), "{what}: the page is wider than the window"),
            false => assert_eq!(found, &json!([]), "{what}"),
        }
    }
}

#[test]
fn a_person_filters_opens_and_reads_the_demo_s_page() {
    let place = tempfile::tempdir().expect("a directory");
    demo(place.path());
    let told = driven("drive.js", &[&place.path().join("demo/report.html")], &[("SEARCH", "voucher")]);
    assert_calm(&told);
    let state = |at: &Value| format!("{} / {} / {}", at["shown"], at["said"], at["pressed"]);
    insta::assert_snapshot!(
        ["first", "all", "tag", "check", "search"].map(|at| format!("{at}: {}\n", state(&told[at]))).concat(),
        @r#"
    first: 12 / "12 of 50 cases shown" / "To look at 12"
    all: 50 / "50 of 50 cases shown" / "all 50"
    tag: 1 / "1 of 50 cases shown" / "all 50"
    check: 1 / "1 of 50 cases shown" / "all 50"
    search: 4 / "4 of 50 cases shown" / "all 50"
    "#
    );
    assert_eq!(told["opened"], json!({"hidden": false, "isTarget": true, "focused": true, "visible": true}));
    let keyboard = &told["keyboard"];
    assert_eq!(keyboard["first"], "a To the content");
    for what in ["mark", "moved", "button", "summary", "opened", "closed"] {
        assert_eq!(keyboard[what], true, "{what}: {keyboard}");
    }
    assert_eq!(keyboard["all"]["shown"], 50);
}

#[test]
fn hostile_texts_stay_texts() {
    let place = tempfile::tempdir().expect("a directory");
    let mut report = demo(place.path());
    let prompt = &mut report["prompts"][0];
    for (i, result) in prompt["results"].as_array_mut().expect("a list").iter_mut().enumerate() {
        let text = HOSTILE[i % HOSTILE.len()];
        result["id"] = json!(format!("{text} {i}"));
        result["tags"] = json!([text, "ordinary"]);
        let detail = &mut result["detail"];
        detail["input"] = json!(text);
        detail["expected"] = json!(text);
        for side in ["baseline", "candidate"] {
            let answer = &mut detail[side];
            answer["text"] =
                json!(if i == 0 { "A long answer. ".repeat(70_000) } else { format!("{text} {side}") });
            for check in answer["checks"].as_array_mut().expect("a list") {
                (check["check"], check["reason"]) = (json!(text), json!(text));
            }
        }
    }
    prompt["id"] = json!(HOSTILE[2]);
    prompt["catalog"] = json!(HOSTILE[3]);
    prompt["notes"] = json!(HOSTILE);
    prompt["diff"] = json!(HOSTILE.map(|text| json!({"added": text})));
    prompt["history"] = json!([{
        "ended_at": 1, "head": {"name": HOSTILE[0], "commit": HOSTILE[1]}, "verdict": "OK",
        "candidate": {"passed": 1, "of": 2},
    }]);
    report["warnings"] = json!(HOSTILE);
    report["revisions"]["head"] = json!({"name": HOSTILE[4], "commit": HOSTILE[5]});
    let page = page(place.path(), &report);
    let told = driven("drive.js", &[&page], &[("SEARCH", "pwned")]);
    assert_calm(&told);
    let text = std::fs::read_to_string(page).expect("the page");
    assert!(text.contains("more characters left out"), "the long answer is cut, and says by how much");
    assert!(text.len() < 2_000_000, "{}", text.len());
}

/// Prints what it took; `docs/performance.md` has figures of a quiet machine.
#[test]
fn five_thousand_cases_open_and_filter() {
    let place = tempfile::tempdir().expect("a directory");
    let mut report = demo(place.path());
    let prompt = &mut report["prompts"][0];
    let few = prompt["results"].as_array().expect("a list").clone();
    let many: Vec<Value> = (0..5_000)
        .map(|i| {
            // The demo's cases of every kind, and many more that pass, as in a large golden set.
            let mut case =
                if i < 500 { few[i % few.len()].clone() } else { few[few.len() - 1 - i % 25].clone() };
            case["id"] = json!(format!("case-{i:04}"));
            let hostile = HOSTILE[i % HOSTILE.len()];
            let words = "What about my order, and when will it come? ".repeat(20);
            case["detail"]["input"] = json!(format!("{i} {hostile} {words}"));
            case
        })
        .collect();
    prompt["results"] = json!(many);
    let page = page(place.path(), &report);
    let bytes = std::fs::metadata(&page).expect("the page").len();
    assert!(bytes <= 12_000_000, "{bytes}");
    let floor = place.path().join("floor.html");
    let comment = "x".repeat(bytes as usize);
    std::fs::write(&floor, format!("<!doctype html><title>Floor</title><!--{comment}-->")).expect("a file");
    let told = driven("measure.js", &[&page, &floor], &[]);
    println!("5,000 cases, {bytes} bytes: {told}");
    assert_eq!((&told["errors"], &told["without_script"]), (&json!([]), &json!(5_000)));
    let filtered = |name: &str| format!("{} / {}", told["found"][name], told["shown"][name]);
    insta::assert_snapshot!(
        ["all", "more", "text", "text_again", "no_text", "look", "link"].map(|name| format!("{name}: {}\n", filtered(name))).concat(),
        @r#"
    all: "5000 of 5000 cases found, the first 200 shown" / 200
    more: "5000 of 5000 cases found, the first 400 shown" / 400
    text: "1 of 5000 cases shown" / 1
    text_again: "4595 of 5000 cases found, the first 200 shown" / 200
    no_text: "5000 of 5000 cases found, the first 200 shown" / 200
    look: "1560 of 5000 cases found, the first 200 shown" / 200
    link: "5000 of 5000 cases found, the first 200 shown" / 201
    "#
    );
    assert_eq!(told["linked"], json!([true, true]), "a link leads to a case that was not shown");
    // Measured in time of the processor, because others may use the machine meanwhile.
    let used = |name: &str| told["processor"][name].as_f64().expect("milliseconds");
    assert!(used("open") <= 4.0 * used("floor"), "reading as many bytes is what may cost: {told}");
    for name in ["all", "more", "text", "text_again", "no_text", "look", "link"] {
        assert!(used(name) <= used("open"), "{name}: {told}");
    }
    let input = told["opened"].as_str().expect("a text");
    assert!(input.starts_with(&format!("4711 {}", HOSTILE[4_711 % HOSTILE.len()])), "{input}");
    assert_eq!(told["alien"], json!([false, 0]));
}
