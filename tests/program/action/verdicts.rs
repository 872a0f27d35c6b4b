//! Whole comments, one for every verdict.

use insta::assert_snapshot;
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::Origin;
use prompt_assay_test_support::step::{Left, Step};

fn assayed(words: &str, inputs: &[(&str, &str)]) -> (Left, String) {
    let origin = Origin::with_prompt(words);
    let github = GitHub::start(Some(origin.path()));
    let mut step = Step::pull_request(&origin, &github);
    for (name, value) in inputs {
        step = step.input(name, value);
    }
    let left = step.run();
    (left, without_time(&github.comment()))
}

/// Without the count of evaluations, the one line of a comment that is never the same twice, and its
/// seal, which follows it.
fn without_time(comment: &str) -> String {
    let lines = comment.lines().filter(|line| !line.starts_with("<!-- prompt-assay evaluations ")).map(
        |line| match (line.starts_with("- Wall time: "), line.split_once(" seal=")) {
            (true, _) => "- Wall time: … s.".to_owned(),
            (_, Some((marker, _))) if line.starts_with("<!-- ") => format!("{marker} -->"),
            _ => line.to_owned(),
        },
    );
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn ok() {
    let (left, comment) = assayed("Second version.", &[]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "OK"), "{}", left.log);
    assert_snapshot!(comment, @"
    <!-- prompt-assay key=default commit=a203e5840ba9d157341ab4cbb385ceb97d5ab64c run=100.1 -->
    ## ✓ prompt-assay: OK

    No regression found. No case got worse. 22 -> 22 of 30 pass, change 0.0 pt (95 % CI -8.7 to +8.7); a drop of more than 7.3 pt is ruled out (95 %). One case going from always-pass to always-fail would have been caught with about 94 % probability.

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>reply</code> | OK | <code>small</code> | 22/30 (73.3 %) | 22/30 (73.3 %) | 0.0 pt [-8.7, +8.7] | 0 / 0 | unknown |

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:1</code>)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. Second version.
    ````

    </details>

    <details><summary>What this evaluation could see</summary>

    - 30 cases: 30 to compare, 0 to score only, 0 unaffected.
    - Screened on both sides: 30 of 30.
    - Change of the mean score: 0.0 pt, 95 % interval -8.7 to +8.7 pt; a drop of more than 7.3 pt is ruled out (95 %).
    - Smallest drop over all cases that 30 cases would show 4 times in 5 (simulated on a typical suite): 16.0 pt.
    - Evidence 1, blocks at 26.7.
    - Evidence of the confirmations: 1.
    - Screening alone, exact one-sided p: 1.00.
    - Baseline screening answers: all bought in this comparison.
    - Baseline passed 22/30 (73.3 %) at screening.
    - Candidate passed 22/30 (73.3 %) at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: unknown for 60 calls (30 baseline, 30 candidate, 0 judge; 752 input and 60 output tokens).
    - The verdict rests on 60 answers of unknown price.
    - No price is known for <code>small</code>; set it under <code>prices</code>.
    - Wall time: … s.
    - Baseline model: <code>small</code>
    - Candidate model: <code>small</code>
    - Seed <code>0</code>, provider scripted
    - Base <code>d636773</code>, head <code>9b15802</code>

    </details>

    <sub><code>9b15802</code> compared with <code>d636773</code> on the branch tier; 1 prompt affected, 1 unaffected.</sub>

    <sub>Commit <code>a203e58</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    ");
}

#[test]
fn regression() {
    let (left, comment) = assayed("A broken version.", &[]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (1, "REGRESSION"), "{}", left.log);
    assert_snapshot!(comment, @r#"
    <!-- prompt-assay key=default commit=9ffdaae193024a11007779157531774926715bf4 run=100.1 -->
    ## ✗ prompt-assay: REGRESSION – 4 broken

    4 of 30 cases checked pass with the baseline and fail with this change, and did so again in 2 fresh A/B re-runs each (baseline 8/8, candidate 0/8). If the prompts behaved the same, evidence this strong (234, limit 26.7) would appear in fewer than 1 of 20 evaluations.

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>reply</code> | REGRESSION | <code>small</code> | 22/30 (73.3 %) | 18/30 (60.0 %) | -13.3 pt [-26.9, +1.9] | 4 / 0 | unknown |

    **Broken by this change (4)**

    <details><summary><code>case-01</code> – "yes" not in "no"</summary>

    Status: broken. Passed: baseline 2/2, candidate 0/2 on re-run.

    Input:

    ````text
    question 1
    ````

    The candidate fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -yes
    +no
    ````

    </details>

    <details><summary><code>case-02</code> – "yes" not in "no"</summary>

    Status: broken. Passed: baseline 2/2, candidate 0/2 on re-run.

    Input:

    ````text
    question 2
    ````

    The candidate fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -yes
    +no
    ````

    </details>

    <details><summary><code>case-03</code> – "yes" not in "no"</summary>

    Status: broken. Passed: baseline 2/2, candidate 0/2 on re-run.

    Input:

    ````text
    question 3
    ````

    The candidate fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -yes
    +no
    ````

    </details>

    <details><summary><code>case-04</code> – "yes" not in "no"</summary>

    Status: broken. Passed: baseline 2/2, candidate 0/2 on re-run.

    Input:

    ````text
    question 4
    ````

    The candidate fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -yes
    +no
    ````

    </details>

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:1</code>)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. A broken version.
    ````

    </details>

    <details><summary>What this evaluation could see</summary>

    - 30 cases: 30 to compare, 0 to score only, 0 unaffected.
    - Screened on both sides: 30 of 30.
    - Change of the mean score: -13.3 pt, 95 % interval -26.9 to +1.9 pt; a drop of more than 24.6 pt is ruled out (95 %).
    - Smallest drop over all cases that 30 cases would show 4 times in 5 (simulated on a typical suite): 16.0 pt.
    - Evidence 234, blocks at 26.7.
    - Evidence of the confirmations: 935.
    - Baseline screening answers: all bought in this comparison.
    - Baseline passed 22/30 (73.3 %) at screening.
    - Candidate passed 18/30 (60.0 %) at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: unknown for 76 calls (38 baseline, 38 candidate, 0 judge; 959 input and 76 output tokens).
    - The verdict rests on 76 answers of unknown price.
    - No price is known for <code>small</code>; set it under <code>prices</code>.
    - Wall time: … s.
    - Baseline model: <code>small</code>
    - Candidate model: <code>small</code>
    - Seed <code>0</code>, provider scripted
    - Base <code>d636773</code>, head <code>63ed265</code>

    </details>

    <sub><code>63ed265</code> compared with <code>d636773</code> on the branch tier; 1 prompt affected, 1 unaffected.</sub>

    <sub>Commit <code>9ffdaae</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    "#);
}

#[test]
fn improved() {
    let (left, comment) = assayed("A perfect version.", &[]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "IMPROVED"), "{}", left.log);
    assert_snapshot!(comment, @r#"
    <!-- prompt-assay key=default commit=7fcfd35f16877b8a86024ab63f39df3dd0dcad0d run=100.1 -->
    ## ▲ prompt-assay: IMPROVED – 8 fixed

    Better than the baseline: 22 -> 30 of 30 pass, change +26.7 pt (95 % CI +7.7 to +42.3), significant by the exact sign test; no suspect is left.

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>reply</code> | IMPROVED | <code>small</code> | 22/30 (73.3 %) | 30/30 (100.0 %) | +26.7 pt [+7.7, +42.3] | 0 / 8 | unknown |

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:1</code>)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. A perfect version.
    ````

    </details>

    <details><summary>8 cases fixed at screening, not re-run</summary>

    <details><summary><code>case-23</code> – was: "yes" not in "no"</summary>

    Status: fixed.

    Input:

    ````text
    question 23
    ````

    The baseline fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -no
    +yes
    ````

    </details>

    <details><summary><code>case-24</code> – was: "yes" not in "no"</summary>

    Status: fixed.

    Input:

    ````text
    question 24
    ````

    The baseline fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -no
    +yes
    ````

    </details>

    <details><summary><code>case-25</code> – was: "yes" not in "no"</summary>

    Status: fixed.

    Input:

    ````text
    question 25
    ````

    The baseline fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -no
    +yes
    ````

    </details>

    <details><summary><code>case-26</code> – was: "yes" not in "no"</summary>

    Status: fixed.

    Input:

    ````text
    question 26
    ````

    The baseline fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -no
    +yes
    ````

    </details>

    <details><summary><code>case-27</code> – was: "yes" not in "no"</summary>

    Status: fixed.

    Input:

    ````text
    question 27
    ````

    The baseline fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -no
    +yes
    ````

    </details>

    <details><summary><code>case-28</code> – was: "yes" not in "no"</summary>

    Status: fixed.

    Input:

    ````text
    question 28
    ````

    The baseline fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -no
    +yes
    ````

    </details>

    <details><summary><code>case-29</code> – was: "yes" not in "no"</summary>

    Status: fixed.

    Input:

    ````text
    question 29
    ````

    The baseline fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -no
    +yes
    ````

    </details>

    <details><summary><code>case-30</code> – was: "yes" not in "no"</summary>

    Status: fixed.

    Input:

    ````text
    question 30
    ````

    The baseline fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -no
    +yes
    ````

    </details>

    </details>

    <details><summary>What this evaluation could see</summary>

    - 30 cases: 30 to compare, 0 to score only, 0 unaffected.
    - Screened on both sides: 30 of 30.
    - Change of the mean score: +26.7 pt, 95 % interval +7.7 to +42.3 pt; a drop is ruled out (95 %).
    - Smallest drop over all cases that 30 cases would show 4 times in 5 (simulated on a typical suite): 16.0 pt.
    - Evidence 1, blocks at 26.7.
    - Evidence of the confirmations: 1.
    - Screening alone, exact one-sided p: 1.00.
    - Baseline screening answers: all bought in this comparison.
    - Baseline passed 22/30 (73.3 %) at screening.
    - Candidate passed 30/30 (100.0 %) at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: unknown for 60 calls (30 baseline, 30 candidate, 0 judge; 770 input and 60 output tokens).
    - The verdict rests on 60 answers of unknown price.
    - No price is known for <code>small</code>; set it under <code>prices</code>.
    - Wall time: … s.
    - Baseline model: <code>small</code>
    - Candidate model: <code>small</code>
    - Seed <code>0</code>, provider scripted
    - Base <code>d636773</code>, head <code>b64049a</code>

    </details>

    <sub><code>b64049a</code> compared with <code>d636773</code> on the branch tier; 1 prompt affected, 1 unaffected.</sub>

    <sub>Commit <code>7fcfd35</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    "#);
}

#[test]
fn inconclusive() {
    let (left, comment) = assayed("A wobbly version 5.", &[("max-calls", "85")]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "INCONCLUSIVE"), "{}", left.log);
    assert_snapshot!(comment, @r#"
    <!-- prompt-assay key=default commit=c29900a66e45832104a674c99ab5444332ebd3ac run=100.1 -->
    ## ? prompt-assay: INCONCLUSIVE

    A drop was neither confirmed nor dismissed in 8 fresh A/B pairs (1 baseline better, 0 candidate better): 22 -> 20 of 30 pass (evidence 1.27, blocks at 26.7).

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>reply</code> | INCONCLUSIVE | <code>small</code> | 22/30 (73.3 %) | 20/30 (66.7 %) | -6.7 pt [-18.3, +5.8] | 0 / 0 | unknown |

    - The budget ended the run before the fresh pairs did (max_calls: all 85 calls are used).

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:1</code>)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. A wobbly version 5.
    ````

    </details>

    <details><summary>2 cases flaky: worse once, not again</summary>

    <details><summary><code>case-02</code> – "yes" not in "no"</summary>

    Status: passed on re-run. Passed: candidate 1/1 on re-run.

    Input:

    ````text
    question 2
    ````

    The candidate fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -yes
    +no
    ````

    </details>

    <details><summary><code>case-04</code> – "yes" not in "no"</summary>

    Status: passed on re-run. Passed: baseline 2/2, candidate 2/3 on re-run.

    Input:

    ````text
    question 4
    ````

    The candidate fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Answers (`-` baseline, `+` candidate):

    ````diff
    -yes
    +no
    ````

    </details>

    </details>

    <details><summary>What this evaluation could see</summary>

    - 30 cases: 30 to compare, 0 to score only, 0 unaffected.
    - Screened on both sides: 30 of 30.
    - Change of the mean score: -6.7 pt, 95 % interval -18.3 to +5.8 pt; a drop of more than 16.4 pt is ruled out (95 %).
    - Smallest drop over all cases that 30 cases would show 4 times in 5 (simulated on a typical suite): 16.0 pt.
    - Evidence 1.27, blocks at 26.7.
    - Evidence of the confirmations: 0.18.
    - Screening alone, exact one-sided p: 0.25.
    - Fresh A/B pairs on suspicious cases: 8; baseline better in 1, candidate better in 0.
    - Baseline screening answers: all bought in this comparison.
    - Baseline passed 22/30 (73.3 %) at screening.
    - Candidate passed 20/30 (66.7 %) at screening.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: unknown for 85 calls (41 baseline, 44 candidate, 0 judge; 1,099 input and 85 output tokens).
    - The verdict rests on 85 answers of unknown price.
    - No price is known for <code>small</code>; set it under <code>prices</code>.
    - Wall time: … s.
    - Baseline model: <code>small</code>
    - Candidate model: <code>small</code>
    - Seed <code>0</code>, provider scripted
    - Base <code>d636773</code>, head <code>e194258</code>

    </details>

    <sub><code>e194258</code> compared with <code>d636773</code> on the branch tier; 1 prompt affected, 1 unaffected.</sub>

    <sub>Commit <code>c29900a</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    "#);
}

#[test]
fn not_measured() {
    let (left, comment) = assayed("Second version.", &[("max-calls", "5")]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (3, "NOT MEASURED"), "{}", left.log);
    assert_snapshot!(comment, @"
    <!-- prompt-assay key=default commit=a203e5840ba9d157341ab4cbb385ceb97d5ab64c run=100.1 -->
    ## ! prompt-assay: NOT MEASURED

    The budget ended the run before a verdict (max_calls: all 5 calls are used): 0 of 30 cases screened. The paid answers are stored: the next run continues from there.

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |
    |---|---|---|--:|--:|---|--:|--:|
    | <code>reply</code> | NOT MEASURED | <code>small</code> | - | - | stopped early: 0 of 30 run | 0 / 0 | unknown |

    <details><summary><b>Prompt diff</b> +1 -1 (edited: text; <code>prompts.yaml:1</code>)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. Second version.
    ````

    </details>

    <details><summary>What this evaluation could see</summary>

    - 30 cases: 30 to compare, 0 to score only, 0 unaffected.
    - Screened on both sides: 0 of 30.
    - No interval for the change: the run stopped early, and the cases run so far are no fair sample.
    - Smallest drop over all cases that 30 cases would show 4 times in 5 (simulated on a typical suite): 16.0 pt.
    - Evidence 1, blocks at 26.7.
    - Evidence of the confirmations: 1.
    - Baseline screening answers: all bought in this comparison.

    </details>

    <details><summary>Spend, models and seed</summary>

    - Paid now: unknown for 5 calls (2 baseline, 3 candidate, 0 judge; 64 input and 5 output tokens).
    - The verdict rests on 5 answers of unknown price.
    - No price is known for <code>small</code>; set it under <code>prices</code>.
    - Wall time: … s.
    - Baseline model: <code>small</code>
    - Candidate model: <code>small</code>
    - Seed <code>0</code>, provider scripted
    - Base <code>d636773</code>, head <code>9b15802</code>

    </details>

    <sub><code>9b15802</code> compared with <code>d636773</code> on the branch tier; 1 prompt affected, 1 unaffected.</sub>

    <sub>Commit <code>a203e58</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    ");
}
