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
    let comment = lines.collect::<Vec<_>>().join("\n");
    let pattern = regex::Regex::new(r" calls · [0-9.]+ s</summary>").expect("a pattern");
    pattern.replace_all(&comment, " calls · … s</summary>").into_owned()
}

#[test]
fn ok() {
    let (left, comment) = assayed("Second version.", &[]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "OK"), "{}", left.log);
    assert_snapshot!(comment, @"
    <!-- prompt-assay key=default commit=a203e5840ba9d157341ab4cbb385ceb97d5ab64c run=100.1 -->
    ## ✅ No break found in <code>reply</code>

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Passes |
    |:--|:--|
    | old | `██████████████▌░░░░░` 22&nbsp;of&nbsp;30 |
    | **new** | `██████████████▌░░░░░` 22&nbsp;of&nbsp;30 |

    No case got worse. With 30 cases, a drop of 16 points over all of them would be found four times in five; smaller ones can hide.

    **What to do now:** nothing; this may merge.

    <details><summary><b>The change</b> +1 -1 in <code>prompts.yaml:1</code> (edited: text)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. Second version.
    ````

    </details>

    <details><summary>How sure is this?</summary>

    - A prompt that behaves the same is blocked in fewer than 1 of 20 evaluations.
    - Change of the pass rate: 0.0 points (95 % interval -8.7 to +8.7).
    - With 30 cases, a drop of 16.0 points over all cases is found four times in five (simulated on a typical suite).
    - A single case that always passed and now always fails is found 94 times in 100.
    - Evidence that the new prompt is worse: 1. It begins at 1 and blocks at 26.7.
    - The first answers alone: if both prompts behave the same, such a result or a worse one has probability 1.00.
    - 30 cases: 30 compared, 0 only scored, 0 unaffected. Asked on both sides: 30 of 30. The old prompt's first answers were all bought for this comparison.

    [How the verdict comes about](https://github.com/prompt-assay/prompt-assay/blob/main/docs/statistics.md)

    </details>

    <details><summary>Nothing was paid · 60 calls · … s</summary>

    - 60 calls; nothing was paid (30 old prompt, 30 new prompt, 0 judge; 752 input and 60 output tokens).
    - The verdict rests on 60 answers of unknown price.
    - Wall time: … s.
    - Old prompt's model: <code>small</code>
    - New prompt's model: <code>small</code>
    - Seed <code>0</code>, provider scripted

    </details>

    <sub>prompt-assay: <code>9b15802</code> compared with <code>d636773</code>, branch models. 1 prompt affected, 1 not.</sub>

    <sub>Commit <code>a203e58</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    ");
}

#[test]
fn regression() {
    let (left, comment) = assayed("A broken version.", &[]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (1, "REGRESSION"), "{}", left.log);
    assert_snapshot!(comment, @r#"
    <!-- prompt-assay key=default commit=9ffdaae193024a11007779157531774926715bf4 run=100.1 -->
    ## ❌ Do not merge: this edit breaks 4 of 30 cases of <code>reply</code>

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Passes |
    |:--|:--|
    | old | `██████████████▌░░░░░` 22&nbsp;of&nbsp;30 |
    | **new** | `████████████░░░░░░░░` 18&nbsp;of&nbsp;30 |

    **Not bad luck:** the 4 cases were asked again, fresh: the old prompt passed 8 of 8, the new one 0 of 8.

    **What broke**

    - **4** "yes" not in "no" – <code>case-01</code>, <code>case-02</code>, <code>case-03</code>, <code>case-04</code>

    **What to do now:** read a broken case, fix the prompt, push. Is a break intended? Accept it with the lines below.

    <details><summary>Accept a break: lines for <code>prompt-assay.yaml</code></summary>

    ````yaml
    accepted_breaks:    # keep the lines of the breaks that you want, and say why
      - {prompt: reply, case: case-01, reason: }
      - {prompt: reply, case: case-02, reason: }
      - {prompt: reply, case: case-03, reason: }
      - {prompt: reply, case: case-04, reason: }
    ````

    </details>

    <details><summary><b>The change</b> +1 -1 in <code>prompts.yaml:1</code> (edited: text)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. A broken version.
    ````

    </details>

    <details><summary>❌ <code>case-01</code> – "yes" not in "no"</summary>

    Input:

    ````text
    question 1
    ````

    Answers (`-` old, `+` new):

    ````diff
    -yes
    +no
    ````

    The new answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Broken. Asked again: old 2 of 2, new 0 of 2.

    </details>

    <details><summary>❌ <code>case-02</code> – "yes" not in "no"</summary>

    Input:

    ````text
    question 2
    ````

    Answers (`-` old, `+` new):

    ````diff
    -yes
    +no
    ````

    The new answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Broken. Asked again: old 2 of 2, new 0 of 2.

    </details>

    <details><summary>❌ <code>case-03</code> – "yes" not in "no"</summary>

    Input:

    ````text
    question 3
    ````

    Answers (`-` old, `+` new):

    ````diff
    -yes
    +no
    ````

    The new answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Broken. Asked again: old 2 of 2, new 0 of 2.

    </details>

    <details><summary>❌ 1 more case</summary>

    <details><summary><code>case-04</code> – "yes" not in "no"</summary>

    Input:

    ````text
    question 4
    ````

    Answers (`-` old, `+` new):

    ````diff
    -yes
    +no
    ````

    The new answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Broken. Asked again: old 2 of 2, new 0 of 2.

    </details>

    </details>

    <details><summary>How sure is this?</summary>

    - If both prompts behaved the same, a result this clear would come up in fewer than 1 of 20 evaluations.
    - Change of the pass rate: -13.3 points (95 % interval -26.9 to +1.9).
    - With 30 cases, a drop of 16.0 points over all cases is found four times in five (simulated on a typical suite).
    - A single case that always passed and now always fails is found 94 times in 100.
    - Evidence that the new prompt is worse: 234. It begins at 1 and blocks at 26.7.
    - Of cases listed as broken, at most one in ten is expected to be listed wrongly.
    - Fixes against breaks, asked again in 8 pairs: -2.0 cases (95 % interval -3.2 to -0.8). A trade that a person weighs needs +0 or more (<code>gate.net</code>).
    - 30 cases: 30 compared, 0 only scored, 0 unaffected. Asked on both sides: 30 of 30. The old prompt's first answers were all bought for this comparison.

    [How the verdict comes about](https://github.com/prompt-assay/prompt-assay/blob/main/docs/statistics.md)

    </details>

    <details><summary>Nothing was paid · 76 calls · … s</summary>

    - 76 calls; nothing was paid (38 old prompt, 38 new prompt, 0 judge; 959 input and 76 output tokens).
    - The verdict rests on 76 answers of unknown price.
    - Wall time: … s.
    - Old prompt's model: <code>small</code>
    - New prompt's model: <code>small</code>
    - Seed <code>0</code>, provider scripted

    </details>

    <sub>prompt-assay: <code>63ed265</code> compared with <code>d636773</code>, branch models. 1 prompt affected, 1 not.</sub>

    <sub>Commit <code>9ffdaae</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    "#);
}

#[test]
fn improved() {
    let (left, comment) = assayed("A perfect version.", &[]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "IMPROVED"), "{}", left.log);
    assert_snapshot!(comment, @r#"
    <!-- prompt-assay key=default commit=7fcfd35f16877b8a86024ab63f39df3dd0dcad0d run=100.1 -->
    ## ✅ <code>reply</code> got better: 22 → 30 of 30 cases pass

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Passes |
    |:--|:--|
    | old | `██████████████▌░░░░░` 22&nbsp;of&nbsp;30 |
    | **new** | `████████████████████` 30&nbsp;of&nbsp;30 |

    More than luck explains, compared with the old prompt. No case is suspected of being worse.

    **What to do now:** nothing; this may merge.

    <details><summary><b>The change</b> +1 -1 in <code>prompts.yaml:1</code> (edited: text)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. A perfect version.
    ````

    </details>

    <details><summary>8 cases better, asked once</summary>

    <details><summary><code>case-23</code> – was: "yes" not in "no"</summary>

    Input:

    ````text
    question 23
    ````

    Answers (`-` old, `+` new):

    ````diff
    -no
    +yes
    ````

    The old answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Better.

    </details>

    <details><summary><code>case-24</code> – was: "yes" not in "no"</summary>

    Input:

    ````text
    question 24
    ````

    Answers (`-` old, `+` new):

    ````diff
    -no
    +yes
    ````

    The old answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Better.

    </details>

    <details><summary><code>case-25</code> – was: "yes" not in "no"</summary>

    Input:

    ````text
    question 25
    ````

    Answers (`-` old, `+` new):

    ````diff
    -no
    +yes
    ````

    The old answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Better.

    </details>

    <details><summary><code>case-26</code> – was: "yes" not in "no"</summary>

    Input:

    ````text
    question 26
    ````

    Answers (`-` old, `+` new):

    ````diff
    -no
    +yes
    ````

    The old answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Better.

    </details>

    <details><summary><code>case-27</code> – was: "yes" not in "no"</summary>

    Input:

    ````text
    question 27
    ````

    Answers (`-` old, `+` new):

    ````diff
    -no
    +yes
    ````

    The old answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Better.

    </details>

    <details><summary><code>case-28</code> – was: "yes" not in "no"</summary>

    Input:

    ````text
    question 28
    ````

    Answers (`-` old, `+` new):

    ````diff
    -no
    +yes
    ````

    The old answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Better.

    </details>

    <details><summary><code>case-29</code> – was: "yes" not in "no"</summary>

    Input:

    ````text
    question 29
    ````

    Answers (`-` old, `+` new):

    ````diff
    -no
    +yes
    ````

    The old answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Better.

    </details>

    <details><summary><code>case-30</code> – was: "yes" not in "no"</summary>

    Input:

    ````text
    question 30
    ````

    Answers (`-` old, `+` new):

    ````diff
    -no
    +yes
    ````

    The old answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Better.

    </details>

    </details>

    <details><summary>How sure is this?</summary>

    - A prompt that behaves the same is blocked in fewer than 1 of 20 evaluations.
    - Change of the pass rate: +26.7 points (95 % interval +7.7 to +42.3).
    - With 30 cases, a drop of 16.0 points over all cases is found four times in five (simulated on a typical suite).
    - A single case that always passed and now always fails is found 94 times in 100.
    - Evidence that the new prompt is worse: 1. It begins at 1 and blocks at 26.7.
    - The first answers alone: if both prompts behave the same, such a result or a worse one has probability 1.00.
    - 30 cases: 30 compared, 0 only scored, 0 unaffected. Asked on both sides: 30 of 30. The old prompt's first answers were all bought for this comparison.

    [How the verdict comes about](https://github.com/prompt-assay/prompt-assay/blob/main/docs/statistics.md)

    </details>

    <details><summary>Nothing was paid · 60 calls · … s</summary>

    - 60 calls; nothing was paid (30 old prompt, 30 new prompt, 0 judge; 770 input and 60 output tokens).
    - The verdict rests on 60 answers of unknown price.
    - Wall time: … s.
    - Old prompt's model: <code>small</code>
    - New prompt's model: <code>small</code>
    - Seed <code>0</code>, provider scripted

    </details>

    <sub>prompt-assay: <code>b64049a</code> compared with <code>d636773</code>, branch models. 1 prompt affected, 1 not.</sub>

    <sub>Commit <code>7fcfd35</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    "#);
}

#[test]
fn inconclusive() {
    let (left, comment) = assayed("A wobbly version 5.", &[("max-calls", "85")]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "INCONCLUSIVE"), "{}", left.log);
    assert_snapshot!(comment, @r#"
    <!-- prompt-assay key=default commit=c29900a66e45832104a674c99ab5444332ebd3ac run=100.1 -->
    ## ❓ Cannot tell: <code>reply</code> may be worse overall

    **No language model was called: answers come from a rules file (provider scripted).**

    | Prompt | Passes |
    |:--|:--|
    | old | `██████████████▌░░░░░` 22&nbsp;of&nbsp;30 |
    | **new** | `█████████████▌░░░░░░` 20&nbsp;of&nbsp;30 |

    Asked again, side by side, the old prompt did better 1 time, the new one never: too close to call (22 → 20 of 30 pass at first).

    **What to do now:** read the weakest cases; if the new answers are worse, fix the prompt. More cases would settle it. Nothing is blocked.

    <details><summary><b>The change</b> +1 -1 in <code>prompts.yaml:1</code> (edited: text)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. A wobbly version 5.
    ````

    </details>

    <details><summary>1 case passed in some repetitions only: too few to tell</summary>

    <details><summary><code>case-04</code> – "yes" not in "no"</summary>

    Input:

    ````text
    question 4
    ````

    Answers (`-` old, `+` new):

    ````diff
    -yes
    +no
    ````

    The new answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Passed when asked again. Asked again: old 2 of 2, new 2 of 3.

    </details>

    </details>

    <details><summary>1 case flaky: failed once, passed when asked again</summary>

    <details><summary><code>case-02</code> – "yes" not in "no"</summary>

    Input:

    ````text
    question 2
    ````

    Answers (`-` old, `+` new):

    ````diff
    -yes
    +no
    ````

    The new answer fails (score 0):

    - <code>contains "yes"</code>: "yes" not in "no"

    Passed when asked again. Asked again: new 1 of 1.

    </details>

    </details>

    - The budget ended the run before the fresh pairs did (max_calls: all 85 calls are used).

    <details><summary>How sure is this?</summary>

    - A prompt that behaves the same is blocked in fewer than 1 of 20 evaluations.
    - Change of the pass rate: -6.7 points (95 % interval -18.3 to +5.8).
    - With 30 cases, a drop of 16.0 points over all cases is found four times in five (simulated on a typical suite).
    - A single case that always passed and now always fails is found 94 times in 100.
    - Evidence that the new prompt is worse: 1.27. It begins at 1 and blocks at 26.7.
    - The first answers alone: if both prompts behave the same, such a result or a worse one has probability 0.25.
    - Asked again side by side: 8 pairs; the old prompt did better in 1, the new one in 0. They concentrate on suspicious cases: evidence, not a rate.
    - 30 cases: 30 compared, 0 only scored, 0 unaffected. Asked on both sides: 30 of 30. The old prompt's first answers were all bought for this comparison.

    [How the verdict comes about](https://github.com/prompt-assay/prompt-assay/blob/main/docs/statistics.md)

    </details>

    <details><summary>Nothing was paid · 85 calls · … s</summary>

    - 85 calls; nothing was paid (41 old prompt, 44 new prompt, 0 judge; 1,099 input and 85 output tokens).
    - The verdict rests on 85 answers of unknown price.
    - Wall time: … s.
    - Old prompt's model: <code>small</code>
    - New prompt's model: <code>small</code>
    - Seed <code>0</code>, provider scripted

    </details>

    <sub>prompt-assay: <code>e194258</code> compared with <code>d636773</code>, branch models. 1 prompt affected, 1 not.</sub>

    <sub>Commit <code>c29900a</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    "#);
}

#[test]
fn not_measured() {
    let (left, comment) = assayed("Second version.", &[("max-calls", "5")]);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (3, "NOT MEASURED"), "{}", left.log);
    assert_snapshot!(comment, @"
    <!-- prompt-assay key=default commit=a203e5840ba9d157341ab4cbb385ceb97d5ab64c run=100.1 -->
    ## ⚠️ Not measured: the budget ended before <code>reply</code> was decided

    **No language model was called: answers come from a rules file (provider scripted).**

    The budget ended the run before a verdict (max_calls: all 5 calls are used): 0 of 30 cases asked. The paid answers are stored: the next run continues from there.

    **What to do now:** run it again, with a larger budget if it ends in the same way.

    <details><summary><b>The change</b> +1 -1 in <code>prompts.yaml:1</code> (edited: text)</summary>

    ````diff
    -Answer the customer. First version.
    +Answer the customer. Second version.
    ````

    </details>

    <details><summary>How sure is this?</summary>

    - A prompt that behaves the same is blocked in fewer than 1 of 20 evaluations.
    - No interval for the change: the run stopped early, and the cases asked so far are no fair sample.
    - With 30 cases, a drop of 16.0 points over all cases is found four times in five (simulated on a typical suite).
    - Evidence that the new prompt is worse: 1. It begins at 1 and blocks at 26.7.
    - 30 cases: 30 compared, 0 only scored, 0 unaffected. Asked on both sides: 0 of 30. The old prompt's first answers were all bought for this comparison.

    [How the verdict comes about](https://github.com/prompt-assay/prompt-assay/blob/main/docs/statistics.md)

    </details>

    <details><summary>Nothing was paid · 5 calls · … s</summary>

    - 5 calls; nothing was paid (2 old prompt, 3 new prompt, 0 judge; 64 input and 5 output tokens).
    - The verdict rests on 5 answers of unknown price.
    - Wall time: … s.
    - Old prompt's model: <code>small</code>
    - New prompt's model: <code>small</code>
    - Seed <code>0</code>, provider scripted

    </details>

    <sub>prompt-assay: <code>9b15802</code> compared with <code>d636773</code>, branch models. 1 prompt affected, 1 not.</sub>

    <sub>Commit <code>a203e58</code> · [the job summary holds more](https://github.example/shop/prompts/actions/runs/100/attempts/1)</sub>
    ");
}
