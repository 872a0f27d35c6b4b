"""`clients/contract`: what a stored value is to this reader."""

import json

import pytest
from support import cases

from prompt_assay_client import Damaged, PromptError, Prompts, Values
from prompt_assay_client.prompt import Rendered
from prompt_assay_client.stored import Message, Pointer, open_value, read_content
from prompt_assay_client.template import compile_all, json_values


def read(case):
    held = open_value(case["value"])
    if isinstance(held, Pointer):
        for one in case["objects"]:
            if (one["bucket"], one["key"], one.get("version_id")) == (held.bucket, held.key, held.version_id):
                return read_content(held.check(one["content"].encode()))
        raise Damaged(f"{held} does not exist")
    return read_content(held)


def said(content):
    messages = [{"role": one.role, "content": one.content} for one in content.messages]
    is_text = len(messages) == 1 and messages[0]["role"] == "system"
    return {
        "template": content.template,
        "messages": messages,
        "text": messages[0]["content"] if is_text else None,
        "model": content.model,
        "parameters": content.parameters,
        "tools": list(content.tools),
        "tool_choice": content.tool_choice,
        "fingerprint": content.fingerprint,
    }


@pytest.mark.parametrize("case", cases("values.json"), ids=lambda case: case["name"])
def test_a_value_is_read_as_the_contract_says(case):
    if "error" in case:
        with pytest.raises(Damaged) as raised:
            read(case)
        assert case["says"] in str(raised.value)
        return
    assert said(read(case)) == case["want"]
    if "content" in case:
        assert said(read_content(case["content"])) == case["want"], "from AppConfig"


@pytest.mark.parametrize("case", cases("rendering.json"), ids=lambda case: f"{case['template']} {case['text'][:40]!r}")
def test_a_template_renders_as_the_contract_says(case):
    if case["template"] == "jinja":
        pytest.importorskip("minijinja")
    if "error" in case:
        with pytest.raises(PromptError) as raised:
            compile_all(case["template"], [case["text"]])(json_values(case["variables"]))
        assert case["error"] in str(raised.value)
        return
    assert compile_all(case["template"], [case["text"]])(json_values(case["variables"])) == [case["out"]]


def test_the_whole_request_is_the_one_that_was_evaluated():
    by_name = {case["name"]: case["value"] for case in cases("values.json")}
    values = {"few": by_name["examples, and all parameters"], "tool": by_name["one text with tools"]}
    prompts = Prompts(Values(values))
    assert prompts.get("few").render(text="so so").converse() == {
        "modelId": "amazon.nova-pro-v1:0",
        "system": [{"text": "Classify so so."}],
        "messages": [
            {"role": "user", "content": [{"text": "great"}]},
            {"role": "assistant", "content": [{"text": "positive"}]},
            {"role": "user", "content": [{"text": "so so"}]},
        ],
        "inferenceConfig": {"maxTokens": 50, "temperature": 0.2, "topP": 0.9, "stopSequences": ["\n\n"]},
        "additionalModelRequestFields": {"top_k": 20},
    }
    pytest.importorskip("minijinja")
    tools = prompts.get("tool").render(order="A1").converse("Pay it back.", "Which?", "That one.")
    assert [one["role"] for one in tools["messages"]] == ["user", "assistant", "user"]
    assert tools["toolConfig"]["toolChoice"] == {"tool": {"name": "refund"}}
    assert tools["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]["required"] == ["order"]


def test_what_else_was_asked_of_bedrock_is_asked_of_it():
    schema = {"type": "object", "additionalProperties": False}
    parameters = {
        "guardrail": {"id": "gr1", "version": "3"},
        "response_format": {"name": "reply", "schema": schema},
        "performance": "optimized",
    }
    request = Rendered([Message("user", "Hi")], "m", parameters, [], None).converse()
    assert request["guardrailConfig"] == {"guardrailIdentifier": "gr1", "guardrailVersion": "3"}
    assert request["performanceConfig"] == {"latency": "optimized"}
    assert request["outputConfig"]["textFormat"]["type"] == "json_schema"
    written = request["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert written == {"name": "reply", "schema": json.dumps(schema)}


def test_variables_are_json_values():
    prompt = Prompts(Values({"p": "Hi {name[0]}"})).get("p")
    assert prompt.render({"name": ("Ada",)}).text == "Hi Ada"
    for odd in (object(), float("nan"), {1, 2}):
        with pytest.raises(PromptError, match="`name` is no JSON value"):
            prompt.render(name=odd)
    with pytest.raises(PromptError, match="`name` has no value"):
        prompt.render()
