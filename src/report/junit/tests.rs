//! A whole document, and hostile text.

use proptest::prelude::*;

use super::*;
use crate::report::examples::{self, hostile};

#[test]
fn confirmed_breaks() {
    insta::assert_snapshot!(render(&examples::confirmed_breaks()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="prompt-assay" time="8.400">
    <testsuite name="customer_service_prompt" tests="5" failures="3" errors="0" skipped="1">
      <testcase classname="customer_service_prompt" name="verdict">
        <failure type="confirmed_breaks" message="Not bad luck: the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6. This was clear after 40 of 100 cases."/>
      </testcase>
      <testcase classname="customer_service_prompt" name="refund-late">
        <failure type="broken" message="broken; not contains: the answer contains &quot;refund is approved&quot;; judge: score 0.2, needs 0.7: promises money">input: I bought this 45 days ago, can I have my money back?
    baseline: {&quot;intent&quot;:&quot;refund&quot;,&quot;reply&quot;:&quot;I am sorry, refunds are possible within 30 days of purchase.&quot;}
    candidate: {&quot;intent&quot;:&quot;refund&quot;,&quot;reply&quot;:&quot;Good news: your refund is approved!&quot;}</failure>
      </testcase>
      <testcase classname="customer_service_prompt" name="angry-caps-de">
        <failure type="broken" message="broken; json_keys: the answer is not JSON: expected value at line 1 column 1">input: WO BLEIBT MEIN PAKET???
    baseline: {&quot;intent&quot;:&quot;delivery&quot;,&quot;reply&quot;:&quot;Das tut mir leid. Wie lautet die Bestellnummer?&quot;}
    candidate: Das tut mir leid! Wie lautet die Bestellnummer?</failure>
      </testcase>
      <testcase classname="customer_service_prompt" name="haiku-request">
        <skipped message="passed when asked again; json_keys: the answer is not JSON: expected value at line 1 column 1"/>
      </testcase>
      <testcase classname="customer_service_prompt" name="warranty-question"/>
    </testsuite>
    </testsuites>
    "#);
}

#[test]
fn what_does_not_block_does_not_fail() {
    assert!(!render(&examples::must_pass()).contains("type=\"must_pass\""), "not enforced");
    let inconclusive = render(&examples::inconclusive());
    assert!(inconclusive.contains("<skipped ") && !inconclusive.contains("<failure "));
    assert!(render(&examples::not_measured()).contains("<error type=\"lost_calls\""));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn hostile_text_stays_text(text in hostile()) {
        let xml = render(&examples::poisoned(&text));
        let calm = render(&examples::poisoned("calm"));
        prop_assert_eq!(xml.matches('<').count(), calm.matches('<').count());
        prop_assert_eq!(xml.matches('"').count(), calm.matches('"').count());
        prop_assert!(!xml.contains("##[") && xml.chars().all(|c| c == '\n' || !c.is_control()));
    }
}
