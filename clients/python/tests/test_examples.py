"""The examples run, call the model with the fetched prompt, and see a release and a rollback."""

import importlib.util
import json
from pathlib import Path

from support import FakeClock, put

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_the_lambda_function_sees_a_release_and_a_rollback(aws, stand_in, monkeypatch):
    asked = []

    def answer(method, path, query, headers, body):
        asked.append((path, json.loads(body)))
        message = {"role": "assistant", "content": [{"text": "On its way."}]}
        usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
        reply = {"output": {"message": message}, "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 1}}
        return 200, {"content-type": "application/json"}, json.dumps(reply).encode()

    bedrock = stand_in(answer)
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", f"http://127.0.0.1:{bedrock.port}")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "support")
    monkeypatch.setenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "9")
    monkeypatch.setenv("PROMPTS", "/prod/llm/{name}")
    monkeypatch.setenv("MODEL_ID", "amazon.nova-lite-v1:0")
    specification = importlib.util.spec_from_file_location("handler", EXAMPLES / "lambda-python" / "handler.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    # Five minutes pass in no time.
    clock = FakeClock()
    monkeypatch.setattr(module.prompts, "_clock", clock)
    monkeypatch.setattr(module.prompts, "_now", clock.now)

    versions = []
    for text in ("Help {name}.", "Help {name} kindly.", "Help {name}."):
        put(aws, "/prod/llm/support", text)
        clock.time += 360
        told = module.handler({"name": "Ada", "question": "Where is my order?"}, None)
        versions.append(told["prompt"]["version"])
        path, request = asked[-1]
        assert path == "/model/amazon.nova-lite-v1%3A0/converse"
        assert request["system"] == [{"text": text.replace("{name}", "Ada")}]
        assert request["messages"] == [{"role": "user", "content": [{"text": "Where is my order?"}]}]
        assert told["answer"] == "On its way."
    assert versions == [1, 2, 3]
