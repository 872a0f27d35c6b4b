//! A whole document, and hostile text.

use proptest::prelude::*;

use super::*;
use crate::report::examples::{self, hostile};

#[test]
fn confirmed_breaks() {
    insta::assert_snapshot!(render(&examples::confirmed_breaks()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="prompt-assay" time="8.400">
    <testsuite name="customer_service_prompt" tests="101" failures="3" errors="0" skipped="0">
      <testcase classname="customer_service_prompt" name="verdict">
        <failure type="confirmed_breaks" message="This edit breaks at least 2 of 100 cases of `customer_service_prompt`. Not bad luck: the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6. This was clear after 40 of 100 cases."/>
      </testcase>
      <testcase classname="customer_service_prompt" name="refund-late">
        <failure type="broken" message="broken; not contains: the answer contains &quot;refund is approved&quot;; judge: score 0.2, needs 0.7: promises money">input: I bought this 45 days ago, can I have my money back?
    old: {&quot;intent&quot;:&quot;refund&quot;,&quot;reply&quot;:&quot;I am sorry, refunds are possible within 30 days of purchase.&quot;}
    new: {&quot;intent&quot;:&quot;refund&quot;,&quot;reply&quot;:&quot;Good news: your refund is approved!&quot;}</failure>
      </testcase>
      <testcase classname="customer_service_prompt" name="angry-caps-de">
        <failure type="broken" message="broken; json_keys: the answer is not JSON: expected value at line 1 column 1">input: WO BLEIBT MEIN PAKET???
    old: {&quot;intent&quot;:&quot;delivery&quot;,&quot;reply&quot;:&quot;Das tut mir leid. Wie lautet die Bestellnummer?&quot;}
    new: Das tut mir leid! Wie lautet die Bestellnummer?</failure>
      </testcase>
      <testcase classname="customer_service_prompt" name="haiku-request"/>
      <testcase classname="customer_service_prompt" name="warranty-question"/>
      <testcase classname="customer_service_prompt" name="case-004"/>
      <testcase classname="customer_service_prompt" name="case-005"/>
      <testcase classname="customer_service_prompt" name="case-006"/>
      <testcase classname="customer_service_prompt" name="case-007"/>
      <testcase classname="customer_service_prompt" name="case-008"/>
      <testcase classname="customer_service_prompt" name="case-009"/>
      <testcase classname="customer_service_prompt" name="case-010"/>
      <testcase classname="customer_service_prompt" name="case-011"/>
      <testcase classname="customer_service_prompt" name="case-012"/>
      <testcase classname="customer_service_prompt" name="case-013"/>
      <testcase classname="customer_service_prompt" name="case-014"/>
      <testcase classname="customer_service_prompt" name="case-015"/>
      <testcase classname="customer_service_prompt" name="case-016"/>
      <testcase classname="customer_service_prompt" name="case-017"/>
      <testcase classname="customer_service_prompt" name="case-018"/>
      <testcase classname="customer_service_prompt" name="case-019"/>
      <testcase classname="customer_service_prompt" name="case-020"/>
      <testcase classname="customer_service_prompt" name="case-021"/>
      <testcase classname="customer_service_prompt" name="case-022"/>
      <testcase classname="customer_service_prompt" name="case-023"/>
      <testcase classname="customer_service_prompt" name="case-024"/>
      <testcase classname="customer_service_prompt" name="case-025"/>
      <testcase classname="customer_service_prompt" name="case-026"/>
      <testcase classname="customer_service_prompt" name="case-027"/>
      <testcase classname="customer_service_prompt" name="case-028"/>
      <testcase classname="customer_service_prompt" name="case-029"/>
      <testcase classname="customer_service_prompt" name="case-030"/>
      <testcase classname="customer_service_prompt" name="case-031"/>
      <testcase classname="customer_service_prompt" name="case-032"/>
      <testcase classname="customer_service_prompt" name="case-033"/>
      <testcase classname="customer_service_prompt" name="case-034"/>
      <testcase classname="customer_service_prompt" name="case-035"/>
      <testcase classname="customer_service_prompt" name="case-036"/>
      <testcase classname="customer_service_prompt" name="case-037"/>
      <testcase classname="customer_service_prompt" name="case-038"/>
      <testcase classname="customer_service_prompt" name="case-039"/>
      <testcase classname="customer_service_prompt" name="case-040"/>
      <testcase classname="customer_service_prompt" name="case-041"/>
      <testcase classname="customer_service_prompt" name="case-042"/>
      <testcase classname="customer_service_prompt" name="case-043"/>
      <testcase classname="customer_service_prompt" name="case-044"/>
      <testcase classname="customer_service_prompt" name="case-045"/>
      <testcase classname="customer_service_prompt" name="case-046"/>
      <testcase classname="customer_service_prompt" name="case-047"/>
      <testcase classname="customer_service_prompt" name="case-048"/>
      <testcase classname="customer_service_prompt" name="case-049"/>
      <testcase classname="customer_service_prompt" name="case-050"/>
      <testcase classname="customer_service_prompt" name="case-051"/>
      <testcase classname="customer_service_prompt" name="case-052"/>
      <testcase classname="customer_service_prompt" name="case-053"/>
      <testcase classname="customer_service_prompt" name="case-054"/>
      <testcase classname="customer_service_prompt" name="case-055"/>
      <testcase classname="customer_service_prompt" name="case-056"/>
      <testcase classname="customer_service_prompt" name="case-057"/>
      <testcase classname="customer_service_prompt" name="case-058"/>
      <testcase classname="customer_service_prompt" name="case-059"/>
      <testcase classname="customer_service_prompt" name="case-060"/>
      <testcase classname="customer_service_prompt" name="case-061"/>
      <testcase classname="customer_service_prompt" name="case-062"/>
      <testcase classname="customer_service_prompt" name="case-063"/>
      <testcase classname="customer_service_prompt" name="case-064"/>
      <testcase classname="customer_service_prompt" name="case-065"/>
      <testcase classname="customer_service_prompt" name="case-066"/>
      <testcase classname="customer_service_prompt" name="case-067"/>
      <testcase classname="customer_service_prompt" name="case-068"/>
      <testcase classname="customer_service_prompt" name="case-069"/>
      <testcase classname="customer_service_prompt" name="case-070"/>
      <testcase classname="customer_service_prompt" name="case-071"/>
      <testcase classname="customer_service_prompt" name="case-072"/>
      <testcase classname="customer_service_prompt" name="case-073"/>
      <testcase classname="customer_service_prompt" name="case-074"/>
      <testcase classname="customer_service_prompt" name="case-075"/>
      <testcase classname="customer_service_prompt" name="case-076"/>
      <testcase classname="customer_service_prompt" name="case-077"/>
      <testcase classname="customer_service_prompt" name="case-078"/>
      <testcase classname="customer_service_prompt" name="case-079"/>
      <testcase classname="customer_service_prompt" name="case-080"/>
      <testcase classname="customer_service_prompt" name="case-081"/>
      <testcase classname="customer_service_prompt" name="case-082"/>
      <testcase classname="customer_service_prompt" name="case-083"/>
      <testcase classname="customer_service_prompt" name="case-084"/>
      <testcase classname="customer_service_prompt" name="case-085"/>
      <testcase classname="customer_service_prompt" name="case-086"/>
      <testcase classname="customer_service_prompt" name="case-087"/>
      <testcase classname="customer_service_prompt" name="case-088"/>
      <testcase classname="customer_service_prompt" name="case-089"/>
      <testcase classname="customer_service_prompt" name="case-090"/>
      <testcase classname="customer_service_prompt" name="case-091"/>
      <testcase classname="customer_service_prompt" name="case-092"/>
      <testcase classname="customer_service_prompt" name="case-093"/>
      <testcase classname="customer_service_prompt" name="case-094"/>
      <testcase classname="customer_service_prompt" name="case-095"/>
      <testcase classname="customer_service_prompt" name="case-096"/>
      <testcase classname="customer_service_prompt" name="case-097"/>
      <testcase classname="customer_service_prompt" name="case-098"/>
      <testcase classname="customer_service_prompt" name="case-099"/>
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
