"""What can go wrong, for the person who reads it."""

from __future__ import annotations


class PromptError(Exception):
    """A prompt could not be had. Every error of this package is one."""


class NotFound(PromptError):
    """The store has no prompt of that name, version or label."""


class AccessDenied(PromptError):
    """The role may not read it; `action` is the IAM action it lacks."""

    def __init__(self, message: str, action: str) -> None:
        super().__init__(message)
        self.action = action


class Damaged(PromptError):
    """What the store holds is not what was released: edited by hand, or an S3 object lost or altered."""


class Unavailable(PromptError):
    """The store did not answer: throttled, unreachable, or too slow."""


class RenderError(PromptError):
    """A template cannot be rendered with these variables."""
