//! The page as text: it is well-formed, its policy names its own script and style, and foreign texts stay texts.

use proptest::prelude::*;

use super::*;
use crate::report::CaseResult;
use crate::report::examples::{self, hostile, poisoned};

/// Elements without an end.
const VOID: [&str; 5] = ["meta", "link", "input", "br", "circle"];
/// Shapes of SVG, which end themselves.
const SHAPES: [&str; 4] = ["line", "rect", "polyline", "circle"];
/// Every element that a page has.
const ELEMENTS: [&str; 54] = [
    "html", "head", "meta", "title", "link", "style", "body", "script", "a", "div", "header", "main",
    "footer", "section", "h1", "h2", "h3", "h4", "p", "b", "br", "code", "pre", "span", "ul", "li", "table",
    "thead", "tbody", "tr", "th", "td", "details", "summary", "ins", "del", "svg", "text", "line", "rect",
    "circle", "polyline", "nav", "button", "select", "option", "input", "label", "i", "em", "ol", "bdi",
    "hr", "noscript",
];
/// Every attribute.
const ATTRIBUTES: [&str; 44] = [
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "rel",
    "href",
    "class",
    "id",
    "role",
    "aria-label",
    "aria-hidden",
    "aria-pressed",
    "title",
    "tabindex",
    "type",
    "placeholder",
    "value",
    "hidden",
    "disabled",
    "scope",
    "open",
    "data-state",
    "data-tags",
    "data-checks",
    "data-look",
    "data-open",
    "viewBox",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "cx",
    "cy",
    "r",
    "points",
    "text-anchor",
    "aria-labelledby",
    "aria-live",
    "for",
];

/// What a page is made of: its elements with their attributes, after a check that they are nested well.
fn elements(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut rest = page.strip_prefix("<!doctype html>").expect("a page");
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    while let Some(at) = rest.find('<') {
        assert!(
            !rest[..at].contains('>') || open.last().is_some_and(|o| o == "style" || o == "script"),
            "a stray >: {}",
            &rest[..at]
        );
        let raw = open.last().filter(|o| *o == "style" || *o == "script");
        if let Some(element) = raw {
            let end = rest.find(&format!("</{element}>")).expect("an end");
            rest = &rest[end..];
        } else {
            rest = &rest[at..];
        }
        let end = rest.find('>').expect("a tag that ends");
        let (tag, after) = (&rest[1..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "{tag}");
            continue;
        }
        let (tag, is_closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(ELEMENTS.contains(&name), "<{tag}>");
        if is_closed {
            assert!(SHAPES.contains(&name), "<{tag}/>");
        } else if !VOID.contains(&name) || name == "circle" {
            open.push(name.to_owned());
        }
        found.push((name.to_owned(), attributes_of(attributes)));
    }
    assert_eq!(open, Vec::<String>::new(), "open elements");
    found
}

fn attributes_of(text: &str) -> Vec<(String, String)> {
    let mut rest = text.trim_start();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        assert!(ATTRIBUTES.contains(&name.as_str()), "{name:?} in {text}");
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').expect("a value that ends");
            value = quoted[..end].to_owned();
            rest = &quoted[end + 1..];
        }
        assert!(rest.is_empty() || rest.starts_with(' '), "{text}");
        rest = rest.trim_start();
        found.push((name, value));
    }
    found
}

/// A page that asks for nothing and runs nothing but its own script, whatever the report says.
fn assert_inert(page: &str) {
    let elements = elements(page);
    let count = |name: &str| elements.iter().filter(|(element, _)| element == name).count();
    assert_eq!((count("script"), count("style"), count("link")), (1, 1, 1));
    let mut ids = std::collections::BTreeSet::new();
    for (element, attributes) in &elements {
        for (name, value) in attributes {
            match name.as_str() {
                "href" if element == "link" => assert_eq!(value, "data:,"),
                "href" => assert!(is_anchor(value), "{value}"),
                "id" => assert!(ids.insert(value.clone()), "twice: {value}"),
                "class" | "role" | "name" | "points" | "data-state" | "data-tags" | "data-checks" => {
                    assert!(value.bytes().all(|b| b.is_ascii_graphic() || b == b' '), "{value}");
                }
                _ => {}
            }
        }
    }
    assert!(!page.contains("##["));
    assert!(page.lines().all(|line| !line.trim_start().starts_with("::")));
    assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(crate::report::untrusted::is_seen(page), "an invisible character");
}

fn is_anchor(href: &str) -> bool {
    href.strip_prefix('#').is_some_and(|id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

#[test]
fn every_report_is_a_page_that_needs_nothing_else() {
    for (name, report) in examples::all() {
        let page = render(&report);
        assert_inert(&page);
        assert!(page.contains(crate::report::wording::symbol(report.verdict)), "{name}");
    }
    assert_inert(&render_plan(&examples::plan()));
}

#[test]
fn the_policy_names_the_script_and_the_style_and_allows_no_request() {
    let page = render(&examples::ok());
    let inner = |element: &str| {
        let (_, rest) = page.split_once(&format!("<{element}>")).expect("its start");
        rest.split_once(&format!("</{element}>")).expect("its end").0
    };
    let policy = format!(
        "content=\"default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'\"",
        digest(inner("style")),
        digest(inner("script"))
    );
    assert!(page.contains(&policy), "{policy}");
    // No style or script could be added by a text that ends one of them.
    assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
}

#[test]
fn a_case_shows_both_answers_every_check_and_the_fresh_answers() {
    let report = examples::confirmed_breaks();
    let page = render(&report);
    let from = page.find("<details class=\"case\"").expect("a case");
    let case = &page[from..from + page[from..].find("</details>\n</div></details>").expect("its end")];
    insta::assert_snapshot!(case, @r#"
    <details class="case" id="c0-0" data-state="1" data-look data-tags="1 2" data-checks="2 3"><summary><span class="m s1"></span><b class="id">refund-late</b> <span class="why">broken: the answer contains &quot;refund is approved&quot;</span> <span class="tag">policy</span> <span class="tag">refund</span></summary><div class="body">
    <h4>Input</h4><pre>I bought this 45 days ago, can I have my money back?</pre>
    <h4>Expected</h4><pre>Refuses politely, names the 30-day window.</pre>
    <div class="two"><div><h4>Old prompt <span class="good-ink">passes</span></h4><pre>{"intent":"refund","reply":"<del>I am sorry, refunds are possible within 30 days of purchase.</del>"}</pre></div>
    <div><h4>New prompt <span class="bad-ink">fails</span></h4><pre>{"intent":"refund","reply":"<ins>Good news: your refund is approved!</ins>"}</pre></div>
    </div>
    <table><thead><tr><th scope="col">Check</th><th scope="col">Old</th><th scope="col">New</th><th scope="col">Reason</th></tr></thead><tbody>
    <tr><td><code>not contains</code></td><td><span class="good-ink">pass</span></td><td><span class="bad-ink">fail</span></td><td><b>old:</b> as wanted<br><b>new:</b> the answer contains &quot;refund is approved&quot;</td></tr>
    <tr><td><code>judge</code></td><td><span class="good-ink">pass</span></td><td><span class="bad-ink">fail</span></td><td><b>old:</b> as wanted<br><b>new:</b> score 0.2, needs 0.7: promises money</td></tr>
    <tr><td><code>length</code></td><td><span class="good-ink">pass</span></td><td><span class="good-ink">pass</span></td><td>12 words, at most 120</td></tr>
    </tbody></table>
    <p>Asked again, fresh: old 3 of 3, new 0 of 3.</p>
    <details class="fold"><summary>2 fresh answers</summary>
    <table><thead><tr><th scope="col">Which</th><th scope="col">Result</th><th scope="col">Reason and answer</th></tr></thead><tbody>
    <tr><td>old, asked again 1</td><td><span class="good-ink">pass</span></td><td><pre>{"intent":"refund","reply":"I am sorry, refunds are possible within 30 days of purchase."}</pre></td></tr>
    <tr><td>new, asked again 1</td><td><span class="bad-ink">fail</span></td><td>the answer contains &quot;refund is approved&quot;<br>score 0.2, needs 0.7: promises money<pre>{"intent":"refund","reply":"Good news: your refund is approved!"}</pre></td></tr>
    </tbody></table>
    "#);
}

#[test]
fn a_run_without_texts_says_where_they_are() {
    let mut report = examples::confirmed_breaks();
    for result in &mut report.prompts[0].results {
        result.detail = None;
    }
    let page = render(&report);
    assert_inert(&page);
    // What was found has its texts in any event.
    assert!(page.contains("your refund is approved!"));
    assert!(page.contains("were not kept with the run"));
}

#[test]
fn long_texts_are_cut_so_that_the_page_stays_small() {
    let mut report = examples::confirmed_breaks();
    let prompt = &mut report.prompts[0];
    let mut long = prompt.results[0].clone();
    let detail = std::sync::Arc::make_mut(long.detail.as_mut().expect("texts"));
    detail.candidate.as_mut().expect("an answer").text = "<b>\"quoted\" words & more</b> ".repeat(2_000);
    prompt.results = (0..400).map(|i| CaseResult { id: format!("long-{i}"), ..long.clone() }).collect();
    let page = render(&report);
    assert_inert(&page);
    assert!(page.len() < LONGEST, "{}", page.len());
    assert!(page.contains("more characters left out"), "it says how much is missing");
    assert!(page.contains("the JSON report has them whole"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_becomes_more_than_text(text in hostile()) {
        assert_inert(&render(&poisoned(&text)));
        let mut plan = examples::plan();
        for p in &mut plan.prompts {
            (p.head.id, p.head.catalog) = (text.clone(), text.clone());
            p.notes = vec![text.clone()];
        }
        plan.warnings = vec![text];
        assert_inert(&render_plan(&plan));
    }
}
