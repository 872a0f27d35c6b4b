"""SSM Parameter Store, with S3 behind its pointers; inside Lambda through AWS's extension if it is there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any, Optional, Union
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from ..errors import NotFound, PromptError, Unavailable
from ..stored import Pointer, open_value
from . import Answers, Found, Key, http
from .aws import Clients, Objects, explained

EXTENSION_PORT = 2773
# Seconds for which the extension keeps a parameter unless it is told otherwise.
EXTENSION_TTL = 300.0


class Ssm:
    """Parameters, by the pattern of the release's environment: `Ssm("/prod/llm/{name}")`.

    A name that begins with `/`, or an ARN, is a parameter's own. `label` is the one that the release
    moves; None: the newest version. `extension`: whether to ask the Parameters and Secrets extension
    first; by default inside Lambda.
    """

    kind = "ssm"
    batch = 10

    def __init__(
        self,
        pattern: str = "{name}",
        *,
        label: Optional[str] = "live",
        session: Any = None,
        extension: Optional[bool] = None,
        seconds: float = 2.0,
    ) -> None:
        self._pattern = pattern
        self._label = label
        clients = Clients(session, seconds)
        self._client: Callable[[], Any] = lambda: clients.get("ssm")
        self._objects = Objects(lambda: clients.get("s3"))
        token = os.environ.get("AWS_SESSION_TOKEN")
        in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
        self._token = token if token and (in_lambda if extension is None else extension) else None
        self._port = int(os.environ.get("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", EXTENSION_PORT))
        self._seconds = seconds

    @property
    def lag(self) -> float:
        """See `Source`: the extension keeps what it read for up to five minutes."""
        return float(os.environ.get("SSM_PARAMETER_STORE_TTL", EXTENSION_TTL)) if self._token else 0.0

    def parameter(self, key: Key) -> tuple[str, Optional[str]]:
        """A parameter's name, and its version or label."""
        is_whole = key.name.startswith(("/", "arn:"))
        name = key.name if is_whole else self._pattern.replace("{name}", key.name)
        if key.version is not None:
            return name, str(key.version)
        return name, key.label or self._label

    def read(self, keys: Sequence[Key], seconds: float) -> Answers:
        """See `Source`."""
        answers: dict[Key, Union[Found, PromptError]] = {}
        left = list(keys)
        if self._token:
            for key in keys:
                parameter = self._from_extension(key)
                if parameter is not None:
                    answers[key] = self._found(key, parameter)
            left = [key for key in keys if key not in answers]
        # One call has one answer per name; other versions of a name go into the next.
        while left:
            call: dict[str, Key] = {}
            for key in left:
                call.setdefault(self.parameter(key)[0], key)
            answers.update(self._from_ssm(call))
            left = [key for key in left if key not in answers]
        return answers

    def _from_extension(self, key: Key) -> Any:
        name, which = self.parameter(key)
        query = {"name": name, "withDecryption": "true"}
        if which is not None:
            query["version" if key.version is not None else "label"] = which
        path = "/systemsmanager/parameters/get?" + urlencode(query)
        headers = {"X-Aws-Parameters-Secrets-Token": str(self._token)}
        reply = http.get(self._port, path, headers, self._seconds)
        try:
            return None if reply is None else json.loads(reply.body)["Parameter"]
        except (ValueError, KeyError, TypeError):
            return None

    def _from_ssm(self, call: dict[str, Key]) -> dict[Key, Union[Found, PromptError]]:
        asked = {name: ":".join(part for part in self.parameter(key) if part) for name, key in call.items()}
        what = " and ".join(f"the parameter {name}" for name in asked.values())
        try:
            found = self._client().get_parameters(Names=list(asked.values()), WithDecryption=True)
        except (ClientError, BotoCoreError, OSError) as error:
            problem = explained(error, what, "ssm:GetParameters")
            is_one_s = isinstance(error, ClientError) and not _is_everybody_s(error)
            if is_one_s and len(call) > 1:
                # One name that is denied or refused must not take the others with it.
                return {key: self._from_ssm({name: key})[key] for name, key in call.items()}
            return dict.fromkeys(call.values(), problem)
        by_name: dict[str, Any] = {}
        for parameter in found["Parameters"]:
            by_name[parameter.get("ARN", "")] = by_name[parameter["Name"]] = parameter
        answers: dict[Key, Union[Found, PromptError]] = {}
        for name, key in call.items():
            if name in by_name:
                answers[key] = self._found(key, by_name[name])
            else:
                answers[key] = NotFound(f"the parameter {asked[name]} does not exist: is it released?")
        return answers

    def _found(self, key: Key, parameter: Any) -> Union[Found, PromptError]:
        try:
            held = open_value(parameter["Value"])
            content = self._objects.read(held) if isinstance(held, Pointer) else held
            return Found(content, parameter.get("Version"))
        except PromptError as error:
            error.args = (f"the parameter {self.parameter(key)[0]}: {error.args[0]}", *error.args[1:])
            return error
        except Exception as error:
            return Unavailable(f"the parameter {self.parameter(key)[0]}: {error!r}")


def _is_everybody_s(error: ClientError) -> bool:
    """Whether an error is the service's own: asking one by one would only ask it more."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or "Throttl" in code or code in ("RequestLimitExceeded", "TooManyRequestsException")
