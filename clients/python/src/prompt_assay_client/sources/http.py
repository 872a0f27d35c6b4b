"""The small HTTP servers that AWS puts beside a process: on loopback, without TLS and proxies."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import NamedTuple, Optional


class Reply(NamedTuple):
    """A reply with status 200."""

    body: bytes
    headers: Mapping[str, str]


def get(port: int, path: str, headers: Mapping[str, str], seconds: float) -> Optional[Reply]:
    """What the server says; None if there is none, or if it has no good answer.

    The store itself is asked then, and says what is wrong.
    """
    connection = http.client.HTTPConnection("localhost", port, timeout=seconds)
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        body = response.read()
        if response.status != http.client.OK:
            return None
        return Reply(body, {name.lower(): value for name, value in response.getheaders()})
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
