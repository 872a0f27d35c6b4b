//! What hostile text must not do, on every surface.

use proptest::prelude::*;

use super::*;
use crate::report::examples::hostile;

#[test]
fn a_fence_outgrows_the_backticks_inside() {
    insta::assert_snapshot!(fenced("text", "a\n````\n# free\n`````x", 100), @"
    ``````text
    a
    ````
    # free
    `````x
    ``````
    ");
}

#[test]
fn mentions_references_links_and_markup_do_nothing_inline() {
    insta::assert_snapshot!(
        inline_code("@octocat fixes #1 <b>|`*_x_ https://e.vil www.e.vil a_b"), @"<code>&#64;<wbr>octocat fixes &#35;<wbr>1 &lt;b>&#124;&#96;&#42;&#95;x&#95; https:<wbr>//e.vil www<wbr>.e.vil a_b</code>");
}

#[test]
fn what_acts_unseen_is_seen() {
    insta::assert_snapshot!(
        terminal("\u{1b}[31mred\u{7}\r\u{202e}abc\u{200b}\u{e0041}\tend"), @"␛[31mred␇␍⟨U+202E⟩abc⟨U+200B⟩⟨U+E0041⟩    end");
}

#[test]
fn workflow_commands_are_broken() {
    insta::assert_snapshot!(
        fenced("text", "  ::set-output name=passed::true\nstd::io ##[error]x", 100), @"
    ````text
      : :set-output name=passed: :true
    std::io ## [error]x
    ````
    ");
    insta::assert_snapshot!(terminal(":::warning::x ###[group]"), @": : :warning: :x ### [group]");
    insta::assert_snapshot!(
        terminal("allow it on arn:aws:bedrock:us-east-1::foundation-model/x ::stop-commands::x"), @"allow it on arn:aws:bedrock:us-east-1::foundation-model/x : :stop-commands: :x");
    insta::assert_snapshot!(prose("::error::x ##[group]", 100), @":<wbr>:error:<wbr>:x &#35;<wbr>&#35;<wbr>&#91;group&#93;");
}

#[test]
fn a_forged_marker_is_broken() {
    insta::assert_snapshot!(fenced("text", "<!-- prompt-assay:key=x -->", 100), @"
    ````text
    <! -- prompt-assay:key=x -->
    ````
    ");
    insta::assert_snapshot!(prose("a `<!-- x -->` b", 100), @"a <code>&lt;!-- x --></code> b");
}

#[test]
fn prose_keeps_quoted_names_and_cannot_open_a_block() {
    insta::assert_snapshot!(prose("case `refund-late` fails: 93 -> 92", 100), @"case <code>refund-late</code> fails: 93 -> 92");
    insta::assert_snapshot!(prose("- 1. `unbalanced", 100), @"&#45; 1. &#96;unbalanced");
    insta::assert_snapshot!(prose("1) x", 100), @"1&#41; x");
}

#[test]
fn xml_has_no_markup_and_no_command() {
    insta::assert_snapshot!(xml("<a b=\"&\">\n::error::\u{0}##[x]"), @"
    &lt;a b=&quot;&amp;&quot;&gt;
    &#58;&#58;error&#58;&#58;␀&#35;&#35;[x]
    ");
}

proptest! {
    #[test]
    fn no_surface_lets_text_act(text in hostile()) {
        for shown in [inline_code(&text), prose(&text, 500)] {
            prop_assert!(!shown.contains('\n'));
            prop_assert!(!shown.contains("<!--") && !shown.contains("##["));
            prop_assert!(!shown.contains("::") && !shown.contains("://"));
            prop_assert!(!shown.contains(['@', '|', '`', '*', '[', '\\']));
            let tags_gone = shown.replace("<code>", "").replace("</code>", "").replace("<wbr>", "");
            prop_assert!(!tags_gone.contains('<'));
        }
        let fence = fenced("diff", &text, 10_000);
        let ticks = fence.chars().take_while(|c| *c == '`').count();
        let inner: Vec<&str> = fence.lines().skip(1).collect();
        let (close, body) = inner.split_last().expect("a closing line");
        prop_assert!(ticks >= 4 && *close == "`".repeat(ticks));
        prop_assert!(body.iter().all(|line| !line.contains(close)));
        prop_assert!(!fence.contains("<!--") && !fence.contains("##["));
        prop_assert!(body.iter().all(|line| !line.trim_start().starts_with("::")));
        let plain = terminal(&text);
        prop_assert!(plain.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(!plain.split_whitespace().any(|word| word.starts_with("::")) && !plain.contains("##["));
        prop_assert!(quoted(&text).matches('`').count() == 2);
        let escaped = xml(&text);
        prop_assert!(!escaped.contains(['<', '>', '"']) && !escaped.contains("##["));
    }
}
