"""AppConfig: through its agent if one runs beside the process, else through AppConfigData."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from ..clock import Clock
from ..errors import Damaged, NotFound, PromptError
from . import Answers, Found, Key, http
from .aws import Clients, explained

AGENT_PORT = 2772
# Seconds between two polls of the agent unless it is told otherwise.
AGENT_POLL = 45.0


@dataclass
class _Session:
    token: str
    due: float = 0.0
    content: Optional[str] = None


class AppConfig:
    """Configuration profiles of an environment: `AppConfig("shop", "prod", profile="{name}")`.

    `agent`: whether to ask the agent on localhost first. What is live is what is deployed; there are no
    versions or labels to choose from.
    """

    kind = "appconfig"
    batch = 1

    def __init__(
        self,
        application: str,
        environment: str,
        profile: str = "{name}",
        *,
        session: Any = None,
        agent: bool = True,
        seconds: float = 2.0,
        clock: Optional[Clock] = None,
    ) -> None:
        self._place = (application, environment)
        self._profile = profile
        clients = Clients(session, seconds)
        self._client: Callable[[], Any] = lambda: clients.get("appconfigdata")
        self._agent = agent
        self._port = int(os.environ.get("AWS_APPCONFIG_EXTENSION_HTTP_PORT", AGENT_PORT))
        self._seconds = seconds
        self._now = (clock or Clock()).now
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        self._answered = False

    @property
    def lag(self) -> float:
        """See `Source`: the agent polls at intervals of its own."""
        if not self._answered:
            return 0.0
        return float(os.environ.get("AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS", AGENT_POLL))

    def read(self, keys: Sequence[Key], seconds: float) -> Answers:
        """See `Source`."""
        return {key: self._read(key) for key in keys}

    def _read(self, key: Key) -> Union[Found, PromptError]:
        if key.version is not None or key.label is not None:
            return NotFound(f"{key}: AppConfig gives what is deployed, no version or label of one's choice")
        profile = self._profile.replace("{name}", key.name)
        what = f"the configuration {'/'.join(self._place)}/{profile}"
        try:
            found = self._from_agent(profile) if self._agent else None
            self._answered = found is not None
            return found or Found(self._from_service(profile))
        except UnicodeDecodeError:
            return Damaged(f"{what} is no text")
        except (ClientError, BotoCoreError, OSError) as error:
            return explained(error, what, "appconfig:GetLatestConfiguration")
        except PromptError as error:
            return error

    def _from_agent(self, profile: str) -> Optional[Found]:
        application, environment = (quote(part, safe="") for part in self._place)
        path = f"/applications/{application}/environments/{environment}/configurations/{quote(profile, safe='')}"
        reply = http.get(self._port, path, {}, self._seconds)
        if reply is None:
            return None
        version = reply.headers.get("configuration-version", "")
        return Found(reply.body.decode(), int(version) if version.isdigit() else None)

    def _from_service(self, profile: str) -> str:
        with self._lock:
            session = self._sessions.get(profile)
        if session is not None and session.content is not None and self._now() < session.due:
            return session.content
        if session is None:
            session = self._begin(profile)
        try:
            answer = self._client().get_latest_configuration(ConfigurationToken=session.token)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "BadRequestException":
                raise
            # A token is good for one answer, and that may have been lost; or it is a day old.
            kept, session = session.content, self._begin(profile)
            session.content = kept
            answer = self._client().get_latest_configuration(ConfigurationToken=session.token)
        content = answer["Configuration"].read().decode()
        # Nothing means: as before. A new session is told everything again.
        content = content or session.content or ""
        due = self._now() + float(answer.get("NextPollIntervalInSeconds") or 0)
        with self._lock:
            self._sessions[profile] = _Session(answer["NextPollConfigurationToken"], due, content)
        return content

    def _begin(self, profile: str) -> _Session:
        application, environment = self._place
        answer = self._client().start_configuration_session(
            ApplicationIdentifier=application,
            EnvironmentIdentifier=environment,
            ConfigurationProfileIdentifier=profile,
        )
        return _Session(answer["InitialConfigurationToken"])
