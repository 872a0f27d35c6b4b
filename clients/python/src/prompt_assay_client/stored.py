"""What a stored value says: `docs/stored-values.md`, held against `clients/contract/values.json`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from .errors import Damaged
from .template import LANGUAGES, language

ENVELOPE_MARK = '{"v":'
PACKAGE_MARK = '{"prompt":'
MANAGED = "the prompt is in Bedrock Prompt Management: pass the `arn` of the value to Converse as the model"
NEWER = "a newer prompt-assay wrote it, update prompt-assay-client"
# Which key holds the text, by the version of the envelope or of the package.
CONTENT_KEYS = {1: "text", 2: "content"}
ROLES = ("system", "user", "assistant")


@dataclass(frozen=True)
class Pointer:
    """Where in S3 a content lies."""

    bucket: str
    key: str
    version_id: Optional[str]
    sha256: str
    size: int

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def check(self, found: bytes) -> str:
        """The content, if these bytes are the ones that were released."""
        if len(found) != self.size:
            raise Damaged(f"{self} has {len(found)} bytes where {self.size} were released: it was altered")
        if hashlib.sha256(found).hexdigest() != self.sha256:
            raise Damaged(f"{self} does not have the SHA-256 that was released: it was altered")
        return found.decode()


@dataclass(frozen=True)
class Message:
    """One message: `role` is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True)
class Content:
    """A prompt's content, read."""

    fingerprint: str
    template: str
    messages: tuple[Message, ...]
    model: Optional[str] = None
    parameters: dict[str, Any] = field(default_factory=dict)
    tools: tuple[dict[str, Any], ...] = ()
    tool_choice: Union[str, dict[str, Any], None] = None


def sha256(text: str) -> str:
    """The name a content has in records and in `history`."""
    return hashlib.sha256(text.encode()).hexdigest()


def open_value(value: str) -> Union[str, Pointer]:
    """The content that a parameter's value holds, or where it is."""
    if not value.startswith(ENVELOPE_MARK):
        return value
    envelope = _object(value, "the envelope")
    version, kind = envelope.get("v"), envelope.get("kind")
    if kind == "text" and version in CONTENT_KEYS:
        key = CONTENT_KEYS[version]
        content = envelope.get(key)
        if not isinstance(content, str):
            raise Damaged(f"the envelope has no `{key}`")
        if sha256(content) != envelope.get("sha256"):
            raise Damaged("the envelope's text does not have the SHA-256 stated beside it: it was edited")
        return content
    if kind == "s3" and version == 1:
        return _pointer(envelope)
    if kind == "prompt" and version == 1:
        raise Damaged(MANAGED)
    raise Damaged(f"an envelope of version {version!r} and kind {kind!r}: {NEWER}")


def read_content(content: str) -> Content:
    """What a content says: a plain text, or messages with model and parameters."""
    if not content.startswith(PACKAGE_MARK):
        return Content(sha256(content), language(content), (Message("system", content),))
    package = _object(content, "the prompt")
    version, template = package.get("prompt"), package.get("template")
    if version not in CONTENT_KEYS:
        raise Damaged(f"a prompt of version {version!r}: {NEWER}")
    if template not in LANGUAGES:
        raise Damaged(f"the template language {template!r} is not known: {NEWER}")
    messages = tuple(_messages(package.get("messages"), CONTENT_KEYS[version]))
    return Content(
        fingerprint=sha256(content),
        template=template,
        messages=messages,
        model=package.get("model"),
        parameters=package.get("parameters") or {},
        tools=tuple(package.get("tools") or ()),
        tool_choice=package.get("tool_choice"),
    )


def _pointer(envelope: dict[str, Any]) -> Pointer:
    uri, digest, size = envelope.get("uri"), envelope.get("sha256"), envelope.get("bytes")
    bucket, _, key = uri[5:].partition("/") if isinstance(uri, str) and uri.startswith("s3://") else ("", "", "")
    if not bucket or not key or not isinstance(digest, str) or not isinstance(size, int):
        raise Damaged(f"the pointer {uri!r} is no s3:// address with `sha256` and `bytes`")
    return Pointer(bucket, key, envelope.get("versionId"), digest, size)


def _messages(found: Any, key: str) -> list[Message]:
    messages = []
    for item in found if isinstance(found, list) else []:
        role, content = (item.get("role"), item.get(key)) if isinstance(item, dict) else (None, None)
        if role not in ROLES or not isinstance(content, str):
            raise Damaged(f"its messages are not of the form {{role, {key}}}")
        messages.append(Message(role, content))
    if not messages:
        raise Damaged("it has no messages")
    return messages


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Damaged(f"{what} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise Damaged(f"{what} is no JSON object")
    return found
