"""Reads the prompts that prompt-assay releases: from memory, with SSM or AppConfig behind it.

prompts = Prompts(Ssm("/prod/llm/{name}"))
answer = bedrock.converse(**prompts.get("support").render(name="Ada").converse("Where is my order?"))
"""

from .cache import Event, Prompts
from .clock import Clock
from .errors import AccessDenied, Damaged, NotFound, PromptError, RenderError, Unavailable
from .prompt import Prompt, Rendered
from .sources import Answers, Found, Key, Source, Values
from .sources.appconfig import AppConfig
from .sources.directory import Directory
from .sources.ssm import Ssm
from .stored import Message

__all__ = [
    "AccessDenied",
    "Answers",
    "AppConfig",
    "Clock",
    "Damaged",
    "Directory",
    "Event",
    "Found",
    "Key",
    "Message",
    "NotFound",
    "Prompt",
    "PromptError",
    "Prompts",
    "RenderError",
    "Rendered",
    "Source",
    "Ssm",
    "Unavailable",
    "Values",
]
