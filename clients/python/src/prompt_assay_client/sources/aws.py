"""What the AWS sources share: clients that give up in time, errors in words, contents in S3."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Optional

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..errors import AccessDenied, Damaged, NotFound, PromptError, Unavailable
from ..stored import Pointer

MISSING = {"ParameterNotFound", "ParameterVersionNotFound", "ResourceNotFoundException"}
DENIED = {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "Forbidden", "403"}
GONE = {"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404"}
# Contents by their SHA-256 never change; this many are kept.
KEPT = 256


def explained(error: Exception, what: str, action: str) -> PromptError:
    """An error of boto3 for the person who reads it."""
    if not isinstance(error, ClientError):
        # No credentials, no connection, no answer in time.
        return Unavailable(f"{what}: {error}")
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = str(error.response.get("Error", {}).get("Message", ""))
    if code in MISSING:
        return NotFound(f"{what} does not exist ({code})")
    if code in DENIED:
        named = re.search(r"perform: ([a-z0-9-]+:[A-Za-z]+)", message)
        action = named[1] if named else action
        return AccessDenied(f"{what}: the role lacks `{action}` ({code}: {message})", action)
    return Unavailable(f"{what}: {code}: {message}")


class Clients:
    """Clients made on first use, because making one takes longer than a read."""

    def __init__(self, session: Any, seconds: float) -> None:
        self._session = session
        self._config = Config(
            connect_timeout=min(1.0, seconds),
            read_timeout=seconds,
            retries={"total_max_attempts": 2, "mode": "standard"},
        )
        self._lock = threading.Lock()
        self._made: dict[str, Any] = {}

    def get(self, service: str) -> Any:
        """The client of a service."""
        with self._lock:
            if service not in self._made:
                if self._session is None:
                    import boto3

                    self._session = boto3.session.Session()
                self._made[service] = self._session.client(service, config=self._config)
            return self._made[service]


class Objects:
    """Contents in S3, checked, and kept: what lies under a SHA-256 is always the same."""

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, str] = OrderedDict()

    def read(self, pointer: Pointer) -> str:
        """The content that a pointer names."""
        with self._lock:
            if pointer.sha256 in self._kept:
                self._kept.move_to_end(pointer.sha256)
                return self._kept[pointer.sha256]
        content = pointer.check(self._fetch(pointer))
        with self._lock:
            self._kept[pointer.sha256] = content
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return content

    def _fetch(self, pointer: Pointer) -> bytes:
        version: Optional[str] = pointer.version_id
        which = {"VersionId": version} if version else {}
        action = "s3:GetObjectVersion" if version else "s3:GetObject"
        try:
            found = self._client().get_object(Bucket=pointer.bucket, Key=pointer.key, **which)
            # One byte more than there should be is enough to see that it was altered.
            body: bytes = found["Body"].read(pointer.size + 1)
            return body
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code", "")) in GONE:
                raise Damaged(f"{pointer}, where the prompt's content lies, does not exist") from None
            raise explained(error, str(pointer), action) from None
        except (BotoCoreError, OSError) as error:
            raise explained(error, str(pointer), action) from None
