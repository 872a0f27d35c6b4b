"""A directory that `prompt-assay release` writes: for trying out, for tests, and as a packaged fallback."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Optional, Union

from ..errors import AccessDenied, Damaged, NotFound, PromptError, Unavailable
from ..stored import Pointer, open_value
from . import Answers, Found, Key

_NAME = re.compile(r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*\Z")


class Directory:
    """Prompts below a directory: `Directory("released", "/try/{name}")`."""

    kind = "directory"
    batch = 10
    lag = 0.0

    def __init__(self, root: Union[str, Path], pattern: str = "{name}", *, label: Optional[str] = "live") -> None:
        self._root = Path(root)
        self._pattern = pattern
        self._label = label

    def read(self, keys: Sequence[Key], seconds: float) -> Answers:
        """See `Source`."""
        answers: dict[Key, Union[Found, PromptError]] = {}
        for key in keys:
            try:
                answers[key] = self._read(key)
            except FileNotFoundError:
                answers[key] = NotFound(f"{self._root} has no prompt {key}: is it released there?")
            except PermissionError as error:
                answers[key] = AccessDenied(f"{error.filename} may not be read", "read")
            except OSError as error:
                answers[key] = Unavailable(str(error))
            except (ValueError, KeyError, TypeError) as error:
                answers[key] = Damaged(f"the files of {key} below {self._root} are damaged: {error!r}")
            except PromptError as error:
                answers[key] = error
        return answers

    def _read(self, key: Key) -> Found:
        name = key.name if key.name.startswith("/") else self._pattern.replace("{name}", key.name)
        if not _NAME.match(name) or {".", ".."} & set(name.split("/")):
            raise NotFound(f"`{name}` is no parameter's name")
        folder = self._root / "parameters" / name.lstrip("/") / "@"
        version = key.version
        label = key.label or self._label
        if version is None and label is not None:
            version = json.loads((folder / "labels.json").read_text("utf-8")).get(label)
            if version is None:
                raise NotFound(f"the prompt {name} below {self._root} has no version with the label `{label}`")
        if version is None:
            version = max(int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit())
        held = open_value(json.loads((folder / f"{version}.json").read_text("utf-8"))["value"])
        return Found(self._object(held) if isinstance(held, Pointer) else held, version)

    def _object(self, pointer: Pointer) -> str:
        if {"", ".", ".."} & set(pointer.key.split("/")):
            raise Damaged(f"{pointer} is no place below {self._root}")
        try:
            return pointer.check((self._root / "objects" / pointer.key).read_bytes())
        except FileNotFoundError:
            raise Damaged(f"{pointer}, where the prompt's content lies, does not exist") from None
