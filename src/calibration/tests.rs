//! Labels in and out, and what is told of a judge.

use super::figures::Misjudged;
use super::*;
use crate::problem::Problems;

fn read(path: &str, text: &str) -> String {
    let mut problems = Problems::new();
    match labels::read(path, text.as_bytes(), &mut problems) {
        Some(read) => {
            let line = |label: &Label| {
                format!(
                    "{}:{} {}/{} {:?} {:?} {:?} {:?}",
                    label.path,
                    label.mark.line,
                    label.prompt,
                    label.case,
                    label.answer,
                    label.other,
                    label.passes,
                    label.criteria
                )
            };
            let lines: Vec<String> = read.labels.iter().map(line).collect();
            format!("{}\n{} unlabelled", lines.join("\n"), read.unlabelled)
        }
        None => problems.to_string(),
    }
}

#[test]
fn labels_are_read_from_documents_and_tables() {
    let document = "prompt: greet\njudgements:\n\
                    - {case: a, answer: Hello, verdict: pass}\n\
                    - {case: b, answer: \"No.\", other: Hello, verdict: fail, criteria: {greets: false}}\n\
                    - {prompt: other, case: c, answer: \"?\", verdict: \"\"}\n";
    let table = "prompt,case,answer,verdict,note\n\
                 greet,a,\"Hello, \"\"Ada\"\"\nand all\",Pass,\n\
                 greet,b,'=1+1,fail,looks like a formula\n,,,,\n\
                 greet,c,Hm,,\n";
    insta::assert_snapshot!(read("golden/judge/x.yaml", document), @r#"
    golden/judge/x.yaml:3 greet/a "Hello" None true {}
    golden/judge/x.yaml:4 greet/b "No." Some("Hello") false {"greets": false}
    1 unlabelled
    "#);
    insta::assert_snapshot!(read("sheet.csv", table), @r#"
    sheet.csv:2 greet/a "Hello, \"Ada\"\nand all" None true {}
    sheet.csv:4 greet/b "=1+1" None false {}
    1 unlabelled
    "#);
}

#[test]
fn mistakes_are_told_with_their_place() {
    let document = "judgements:\n- {case: a, answr: x, verdict: good}\n- {case: b, answer: x, verdict: pass, criteria: {c: 1}}\n";
    insta::assert_snapshot!(read("x.yaml", document), @r#"
    error: a judgement names no prompt
      --> x.yaml:2:3 (also in line 3)
       | - {case: a, answr: x, verdict: good}
       = write `prompt:` at the top of the file

    error: unknown key `answr` in a judgement
      --> x.yaml:2:13
       | - {case: a, answr: x, verdict: good}
       = did you mean `answer`?

    error: `verdict` must be one of `pass`, `fail`, ``, found `good`
      --> x.yaml:2:32
       | - {case: a, answr: x, verdict: good}

    error: a criterion is `true` or `false`
      --> x.yaml:3:50
       | - {case: b, answer: x, verdict: pass, criteria: {c: 1}}
       = say whether it is met
    "#);
    insta::assert_snapshot!(read("x.csv", "prompt,case,verdict\n"), @"
    error: the table has no column `answer`
      --> x.csv:1:1
       | prompt,case,verdict
       = its first line names at least: prompt,case,answer,verdict
    ");
    insta::assert_snapshot!(read("x.csv", "prompt,case,answer,verdict\np,c,a,maybe\n"), @"
    error: a verdict is `pass` or `fail`
      --> x.csv:2:1
       | p,c,a,maybe
       = leave the cell empty if nobody has decided yet
    ");
}

fn rate(value: f64, n: usize) -> Option<Agreement> {
    Some(Agreement { value, low: value - 0.05, high: value + 0.04, n })
}

#[test]
fn a_judge_is_told_with_its_effect_on_the_gate() {
    let figures = Calibration {
        models: ["amazon.nova-pro-v1:0".to_owned()].into_iter().collect(),
        judge: "f".to_owned(),
        panel: None,
        votes: vec![OfVotes {
            model: "amazon.nova-pro-v1:0".to_owned(),
            agreement: rate(0.93, 120),
            sensitivity: rate(0.90, 60),
            specificity: rate(0.95, 60),
        }],
        labels: 121,
        unreadable: 1,
        agreement: rate(0.93, 120),
        sensitivity: rate(0.90, 60),
        specificity: rate(0.95, 60),
        kappa: None,
        self_agreement: Some(0.97),
        first_preferred: rate(0.55, 40),
        criteria: vec![("names the window".to_owned(), Agreement { value: 0.8, low: 0.6, high: 0.9, n: 20 })],
        usd_per_vote: Some(0.000_812),
        misjudged: vec![Misjudged {
            prompt: "greet".to_owned(),
            case: "a".to_owned(),
            people_pass: false,
            place: "golden/judge/x.yaml:3".to_owned(),
            reason: "It is\npolite.".to_owned(),
        }],
        people: Default::default(),
    };
    insta::assert_snapshot!(render(&figures, 40, 0.95), @r#"
    Judge amazon.nova-pro-v1:0: agrees with people 93 % [88, 97], n=120
      sensitivity           90 % [85, 94] of the answers that people pass
      specificity           95 % [90, 99] of the answers that people fail
      agrees with itself    97 % of pairs of votes on one answer
      prefers the first     55 % [50, 59] of its preferences; 50 % shows no bias
      unreadable            1 of 121 answers
      cost of a judgement   $0.000812
      criterion             names the window: 80 % [60, 90]
      the gate with it      40 cases: finds one broken case in 85 % of evaluations (96 % with a perfect judge), blocks a change that changes nothing in 0.2 %, 120 votes for such a change
      Warning: it agrees with people in 93 % of answers, less than 95 %: correct its prompt or its rubrics, or take another model, before you trust its verdicts.
      golden/judge/x.yaml:3: greet/a: people fail it, the judge passes it: It is polite.
    "#);
    let nothing = Calibration {
        agreement: None,
        sensitivity: None,
        specificity: None,
        misjudged: Vec::new(),
        ..figures
    };
    assert!(
        render(&nothing, 40, 0.95)
            .starts_with("Judge amazon.nova-pro-v1:0: none of its answers could be read")
    );
}

#[test]
fn a_sheet_holds_no_formula_and_is_read_again() {
    let report = crate::report::examples::confirmed_breaks();
    let text = labels::sheet(&report, 2);
    assert_eq!(text.lines().next(), Some("prompt,case,answer,verdict,note"));
    assert!(!text.contains(",=") && !text.contains("\"="), "{text}");
    let mut problems = Problems::new();
    let read = labels::read("sheet.csv", text.as_bytes(), &mut problems).expect("a table");
    assert_eq!((read.labels.len(), read.unlabelled), (0, 2), "nobody has labelled it yet");
}
