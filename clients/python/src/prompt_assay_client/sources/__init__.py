"""Where prompts come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional, Protocol, Union

from ..errors import Damaged, NotFound, PromptError
from ..stored import Pointer, open_value


class Key(NamedTuple):
    """What is asked for: a prompt as it is live, or one version, or one label of it."""

    name: str
    version: Optional[int] = None
    label: Optional[str] = None

    def __str__(self) -> str:
        which = self.version if self.version is not None else self.label
        return self.name if which is None else f"{self.name}:{which}"


@dataclass(frozen=True)
class Found:
    """A content, and its version where the store says so."""

    content: str
    version: Optional[int] = None


Answers = Mapping[Key, Union[Found, PromptError]]


class Source(Protocol):
    """A store of prompts. Called from several threads at once, never twice at once for one key."""

    @property
    def kind(self) -> str:
        """For `Prompt.source`."""
        ...

    @property
    def batch(self) -> int:
        """How many prompts one read may ask for."""
        ...

    @property
    def lag(self) -> float:
        """How many seconds old its answers may be: it keeps a cache of its own."""
        ...

    def read(self, keys: Sequence[Key], seconds: float) -> Answers:
        """Reads; an answer or an error for every key, within so many seconds."""
        ...


class Values:
    """Values at hand, by name: a fallback in the program itself, or a test."""

    kind = "values"
    batch = 10
    lag = 0.0

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def read(self, keys: Sequence[Key], seconds: float) -> Answers:
        """See `Source`."""
        answers: dict[Key, Union[Found, PromptError]] = {}
        for key in keys:
            if key.name not in self._values:
                answers[key] = NotFound(f"no value is given for the prompt `{key.name}`")
                continue
            try:
                held = open_value(self._values[key.name])
            except PromptError as error:
                answers[key] = error
                continue
            is_far = isinstance(held, Pointer)
            answers[key] = Damaged(f"{held} cannot be read from here") if is_far else Found(str(held))
        return answers
