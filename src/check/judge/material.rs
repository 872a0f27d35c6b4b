//! The material that the judge is shown: blocks that no text inside them can end or imitate, because all of it may be
//! hostile, and after the last one the demand, with a control code that nothing inside the blocks can know.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use super::super::quote::stop_reason;
use super::task::CODE;
use super::task::JudgeQuestion;
use crate::fingerprint::Fingerprint;
use crate::model::{Message, Request, Role};

/// What is shown, and the code that the judge must repeat.
pub(super) struct Material {
    pub text: String,
    pub code: String,
}

impl Material {
    /// `conversation`: what the model was shown, without variation and without its system text. Each vote is shown
    /// other marks, so that votes are draws of their own also where a model is not sampled.
    pub fn of(conversation: &[Message], question: &JudgeQuestion, vote: u32) -> Self {
        let mark = Fingerprint::of_json(&(conversation, question, vote)).short(16);
        let code = Fingerprint::of_json(&("control code", &mark)).short(8);
        let asks = question.task.asks();
        let mut text = format!("MARK is {mark}.\n\n");
        let mut add = |name: &str, content: &str| {
            text.push_str(&block(name, &mark, content));
            text.push_str("\n\n");
        };
        for message in conversation {
            let speaker = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            add(speaker, &message.text);
        }
        for (name, content) in asks.materials() {
            add(name, &content);
        }
        if let Some(expected) = question.expected.as_ref().filter(|_| asks.shows_expected()) {
            add("expected", expected);
        }
        for (name, content) in asks.answers(answer(question)) {
            add(name, &content);
        }
        if !question.stop.is_complete() {
            add("stop_reason", &stop_reason(&question.stop));
        }
        let calls = if question.tool_calls.is_empty() { "" } else { " and the tool_call blocks" };
        let demand = asks.demand().replace("{answer}", &format!("what is in the answer block{calls}"));
        text.push_str(&format!("{demand} {CODE_ASKED}{code} into `{CODE}`."));
        Self { text, code }
    }
}

const CODE_ASKED: &str = "Write the control code ";

/// The control code that a judge's request asks to repeat, for models that are scripted.
pub fn control_code(request: &Request) -> Option<&str> {
    let text = &request.messages.last()?.text;
    let code = text.rsplit_once(CODE_ASKED)?.1.get(..8)?;
    code.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(code)
}

fn answer(question: &JudgeQuestion) -> Vec<(&'static str, String)> {
    let calls = question.tool_calls.iter();
    let calls =
        calls.map(|call| ("tool_call", json!({"name": call.name, "arguments": call.input}).to_string()));
    [("answer", question.answer.clone())].into_iter().chain(calls).collect()
}

/// A block that nothing inside it can end or imitate: neither with its own mark, which is removed, nor with something
/// that looks like a delimiter, be it spelt with other letters, spaces or invisible characters.
pub(in crate::check) fn block(name: &str, mark: &str, content: &str) -> String {
    static LOOKALIKE: LazyLock<Regex> = LazyLock::new(|| {
        let gap = r"[\s\p{Cf}]*";
        let opening = "[<\u{ff1c}\u{fe64}\u{2039}\u{276e}\u{27e8}\u{3008}]";
        let pattern = format!(
            r"{opening}({gap}[/\x{{2044}}\x{{2215}}\x{{ff0f}}]?{gap}[\p{{L}}_\p{{Cf}}]+{gap}[\p{{Pd}}_]{gap}[\p{{Nd}}a-fA-F\p{{Cf}}]{{8,}})"
        );
        Regex::new(&pattern).expect("a constant pattern compiles")
    });
    let content = content.replace(mark, "(mark removed)");
    let content = LOOKALIKE.replace_all(&content, "\u{203a}$1");
    format!("<{name}-{mark}>\n{content}\n</{name}-{mark}>")
}
