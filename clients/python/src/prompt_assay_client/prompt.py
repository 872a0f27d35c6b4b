"""What a reader gets: a prompt, and what it renders to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from .stored import Content, Message
from .template import Renderer, compile_all, json_values


def _text(messages: Sequence[Message]) -> Optional[str]:
    return messages[0].content if len(messages) == 1 and messages[0].role == "system" else None


@dataclass(frozen=True)
class Rendered:
    """What is to be sent, for one set of variables."""

    messages: tuple[Message, ...]
    model: Optional[str]
    parameters: dict[str, Any]
    tools: tuple[dict[str, Any], ...]
    tool_choice: Union[str, dict[str, Any], None]

    @property
    def text(self) -> Optional[str]:
        """The text of a prompt that is one system text; None if it is more."""
        return _text(self.messages)

    @property
    def system(self) -> Optional[str]:
        """All system texts as the evaluation sends them: one, with a blank line between; None if blank."""
        joined = "\n\n".join(message.content for message in self.messages if message.role == "system")
        return joined if joined.strip() else None

    def converse(self, *turns: str, model: Optional[str] = None) -> dict[str, Any]:
        """The arguments of Bedrock's `converse`, as the evaluation sends them.

        `turns` are what the conversation goes on with, the user's and the assistant's in turn, the user's
        first; `model` where the prompt names none, or another is meant.
        """
        said = [(message.role, message.content) for message in self.messages if message.role != "system"]
        said += [("assistant" if index % 2 else "user", turn) for index, turn in enumerate(turns)]
        request: dict[str, Any] = {"messages": [{"role": role, "content": [{"text": text}]} for role, text in said]}
        if model or self.model:
            request["modelId"] = model or self.model
        if self.system is not None:
            request["system"] = [{"text": self.system}]
        names = {"max_tokens": "maxTokens", "temperature": "temperature", "top_p": "topP", "stop": "stopSequences"}
        inference = {names[key]: value for key, value in self.parameters.items() if key in names}
        if inference:
            request["inferenceConfig"] = inference
        if self.parameters.get("extra"):
            request["additionalModelRequestFields"] = self.parameters["extra"]
        if guardrail := self.parameters.get("guardrail"):
            request["guardrailConfig"] = {
                "guardrailIdentifier": guardrail["id"],
                "guardrailVersion": guardrail["version"],
            }
        if response_format := self.parameters.get("response_format"):
            schema = {**response_format, "schema": json.dumps(response_format["schema"])}
            text_format = {"type": "json_schema", "structure": {"jsonSchema": schema}}
            request["outputConfig"] = {"textFormat": text_format}
        if self.parameters.get("performance"):
            request["performanceConfig"] = {"latency": self.parameters["performance"]}
        if self.tools:
            request["toolConfig"] = {"tools": [_tool(tool) for tool in self.tools]}
            if self.tool_choice:
                request["toolConfig"]["toolChoice"] = _choice(self.tool_choice)
        return request


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    specification = {"name": tool["name"], "inputSchema": {"json": tool["input_schema"]}}
    if tool.get("description"):
        specification["description"] = tool["description"]
    return {"toolSpec": specification}


def _choice(choice: Union[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {choice: {}} if isinstance(choice, str) else {"tool": {"name": choice["tool"]}}


class Prompt:
    """A prompt as it was released. It does not change; `age` and `stale` say how it stands now."""

    __slots__ = (
        "_fetched_at",
        "_must_at",
        "_now",
        "_render",
        "content",
        "fingerprint",
        "messages",
        "model",
        "name",
        "parameters",
        "source",
        "template",
        "text",
        "tool_choice",
        "tools",
        "version",
    )

    def __init__(
        self,
        name: str,
        content: Content,
        version: Optional[int],
        source: str,
        times: tuple[Callable[[], float], float, float],
        known: Optional[Prompt] = None,
    ) -> None:
        self.name = name
        #: The version in the store; None where it does not say.
        self.version = version
        #: Where it comes from: "ssm", "appconfig", "directory", "fallback", and so on.
        self.source = source
        self.content = content
        #: SHA-256 of the content, as `prompt-assay history` shows it.
        self.fingerprint = content.fingerprint
        #: "jinja", "python", "braces" or "none".
        self.template = content.template
        self.messages = content.messages
        #: The template of a prompt that is one system text; None if it is more.
        self.text = _text(content.messages)
        #: The model it was evaluated with; None for a plain text.
        self.model = content.model
        self.parameters = content.parameters
        self.tools = content.tools
        self.tool_choice = content.tool_choice
        self._now, self._fetched_at, self._must_at = times
        is_known = known is not None and known.fingerprint == content.fingerprint
        self._render: Optional[Renderer] = known._render if known is not None and is_known else None

    @property
    def age(self) -> float:
        """Seconds since the store was asked for it."""
        return max(0.0, self._now() - self._fetched_at)

    @property
    def stale(self) -> bool:
        """Whether it is older than it should be: the store does not answer, or this is the fallback."""
        return self._now() >= self._must_at

    def render(self, variables: Optional[Mapping[str, Any]] = None, /, **more: Any) -> Rendered:
        """Renders all messages, exactly as the evaluation did; a missing variable is an error."""
        if self._render is None:
            # Two threads may do it at once; both results are the same.
            self._render = compile_all(self.template, [message.content for message in self.messages])
        texts = self._render(json_values({**(variables or {}), **more}))
        messages = tuple(Message(one.role, text) for one, text in zip(self.messages, texts))
        return Rendered(messages, self.model, self.parameters, self.tools, self.tool_choice)

    def __repr__(self) -> str:
        return f"<Prompt {self.name} version {self.version} {self.fingerprint[:12]} from {self.source}>"
