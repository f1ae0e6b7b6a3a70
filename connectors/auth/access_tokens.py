"""Where does the next access token come from, and how is a token endpoint asked?

What all providers' logins share: one token is kept until shortly before its end, one thread at a
time fetches the next, and every question to a token endpoint goes through our transport.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from connectors.transport.client import Transport
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Answer, Call

#: An access token is not used in its last minutes [s]; google-auth does the same.
_EARLY = 225.0


class Tokens:
    """Keeps one access token until shortly before its end. Safe to share between threads."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def token(self) -> str:
        with self._lock:
            if not self._token or self.transport.clock.steady() >= self._until:
                self._fetch()
            return self._token

    def renew(self, refused: str) -> str:
        with self._lock:
            if self._token == refused:  # else another thread has renewed it meanwhile
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        began = self.transport.clock.steady()
        self._token, lasts = self._granted()
        self._until = began + lasts - _EARLY

    def _granted(self) -> tuple[str, float]:
        """A new access token and how long it lasts [s]."""
        raise NotImplementedError


def ask_for_token(transport: Transport, token_uri: str, form: Mapping[str, str]) -> Answer:
    """One question to the token endpoint; 400, 401 and 403 are answers, too.

    Safe to repeat but for a code: that is exchanged at most once, and a lost answer is an error.
    """
    return transport.send(
        Call(
            method="POST",
            url=token_uri,
            name=urlsplit(token_uri).path,
            asked=Asked.TOKEN,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form),
            safe=form.get("grant_type") != "authorization_code",
        )
    )
