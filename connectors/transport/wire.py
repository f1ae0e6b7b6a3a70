"""How is one attempt of a request made: which session, how is it read, is it whole?

A pool of `requests` sessions, each used by one thread at a time; bodies are read under a byte cap
and a deadline; JSON is expected and what is not JSON is named. No retrying here: see
connectors.transport.client.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from config.clock import Clock
from config.endpoints import is_loopback, is_private
from config.errors import ConfigError
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Answer, Bounds, Broken, Call, host

# urllib3 writes whole addresses with their query into its log: ours says all that may be said.
logging.getLogger("urllib3").setLevel(logging.ERROR)

_CHUNK = 65_536
#: Scheme, host, perhaps a port, a path and a query of the characters that RFC 3986 allows there.
_PLAIN_ADDRESS = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*(?::[0-9]+)?/[A-Za-z0-9._~!$&'()*+,;=:@/-]*"
    r"(?:%[0-9A-F]{2}[A-Za-z0-9._~!$&'()*+,;=:@/-]*)*"
    r"(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*(?:%[0-9A-F]{2}[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)*)?"
)


class Wire:
    """The sessions and the bounds; `exchange` makes one attempt. Safe to share between threads."""

    def __init__(self, clock: Clock, *, ca_file: Path | None, bounds: Bounds, agent: str) -> None:
        self._clock = clock
        self._ca_file = ca_file
        self._bounds = bounds
        self._agent = agent
        self._lock = threading.Lock()
        self._idle: dict[bool, list[requests.Session]] = {False: [], True: []}

    def close(self) -> None:
        """Close the sessions that are not in use; later attempts open new ones."""
        with self._lock:
            idle = [session for sessions in self._idle.values() for session in sessions]
            self._idle = {False: [], True: []}
        for session in idle:
            session.close()

    def exchange(self, call: Call, token: str) -> Answer:
        """One attempt: send, read, parse. Raises Broken where no whole answer came, ConfigError
        where the settings make it impossible to ask at all.
        """
        if not is_private(call.url):
            # Also a link of the other side's, or a token address in a key file, must not.
            raise ConfigError(
                f"{host(call.url)} is to be asked without encryption",
                hint="logins and mail headers travel over https only: check the endpoints in the "
                "settings",
            )
        began = self._clock.steady()
        headers = {
            "User-Agent": self._agent,
            "Accept": "application/json",
            **call.headers,
            "Accept-Encoding": "gzip",
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # A hand-over gets a connection of its own: on an old one that the other side has closed
        # meanwhile nobody could tell whether it arrived.
        with self._session(call.url, fresh=call.asked is Asked.SEND) as session:
            with self._open(session, call, headers) as response:
                status = response.status_code
                try:
                    content = self._read(response, began)
                except Broken:
                    if call.wants_json or not 200 <= status < 300:
                        raise
                    content = b""  # it was taken all the same
                return Answer(
                    status,
                    {name.lower(): value for name, value in response.headers.items()},
                    content,
                    _parse(call, status, response.headers, content),
                )

    def _open(
        self, session: requests.Session, call: Call, headers: Mapping[str, str]
    ) -> requests.Response:
        prepared = _prepared(session, call, headers)
        verify: bool | str = str(self._ca_file) if self._ca_file else True
        if session.trust_env:
            options = session.merge_environment_settings(prepared.url, {}, True, verify, None)
        else:
            options = {"proxies": {}, "stream": True, "verify": verify, "cert": None}
        try:
            return session.send(
                prepared,
                timeout=(self._bounds.connect, self._bounds.silence),
                allow_redirects=False,
                **options,
            )
        except (requests.exceptions.RequestException, OSError) as error:
            raise _trouble(error, host(call.url), options["verify"]) from error

    def _read(self, response: requests.Response, began: float) -> bytes:
        """The whole body, decoded, under the byte cap and the deadline of one attempt."""
        parts: list[bytes] = []
        size = 0
        try:
            # read1 comes back with what is there: a server that trickles cannot outlast us.
            while part := response.raw.read1(_CHUNK, decode_content=True):
                parts.append(part)
                size += len(part)
                if size > self._bounds.size:
                    raise Broken(f"a body of more than {self._bounds.size} bytes", one_item=True)
                if self._clock.steady() - began > self._bounds.total:
                    raise Broken("the body did not end in time", one_item=True)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Broken("the body was cut off", one_item=True) from error
        return b"".join(parts)

    @contextmanager
    def _session(self, url: str, *, fresh: bool) -> Iterator[requests.Session]:
        """A session that no other thread uses meanwhile; a healthy one is kept for the next."""
        trusting = self._ca_file is None and not is_loopback(host(url))
        session: requests.Session | None = None
        if not fresh:
            with self._lock:
                if self._idle[trusting]:
                    session = self._idle[trusting].pop()
        if session is None:
            session = _new_session(trusting)
        try:
            yield session
        except BaseException:
            session.close()
            raise
        if fresh:
            session.close()
            return
        with self._lock:
            self._idle[trusting].append(session)


def _new_session(trusting: bool) -> requests.Session:
    session = requests.Session()
    session.trust_env = trusting
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=0, pool_connections=4, pool_maxsize=1))
    return session


def _prepared(
    session: requests.Session, call: Call, headers: Mapping[str, str]
) -> requests.PreparedRequest:
    """The request as it goes out. An address that is as the standard writes it stays as it is.

    To take one apart and put it together again costs more than half of a request for a message,
    whose address names forty headers.
    """
    method = call.wire_method or call.method
    if call.body is not None or not _PLAIN_ADDRESS.fullmatch(call.url):
        request = requests.Request(method, call.url, headers=headers, data=call.body, auth=_as_is)
        return session.prepare_request(request)
    prepared = requests.PreparedRequest()
    prepared.prepare_method(method)
    prepared.url = call.url
    prepared.prepare_headers({**session.headers, **headers})
    prepared.prepare_cookies(session.cookies)
    prepared.prepare_content_length(None)
    return prepared


def _as_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps the Authorization header: without an auth, requests takes one from ~/.netrc."""
    return prepared


def _parse(call: Call, status: int, headers: Mapping[str, str], content: bytes) -> Any:
    if not content.strip():
        if 200 <= status < 300 and call.wants_json and status != 204:
            raise Broken("an empty body", one_item=True)
        return None
    try:
        data = json.loads(content)
    except ValueError as error:
        if status >= 300:
            return None
        kind = headers.get("content-type", "").split(";", 1)[0].strip().lower()
        begins = content.removeprefix(BOM_UTF8).lstrip()[:1]
        if kind in {"text/html", "application/xhtml+xml"} or begins == b"<":
            # Also where the answer is of no interest: whoever wrote this page took nothing over.
            raise Broken("expected JSON, got HTML: a proxy or a sign-in page?") from error
        if not call.wants_json and begins == b"{":
            return None  # the end of a provider's own word was lost
        raise Broken("expected JSON, got a truncated or broken text", one_item=True) from error
    if 200 <= status < 300:
        if call.wants_json and not isinstance(data, dict):
            raise Broken("expected a JSON object, got something else", one_item=True)
        if isinstance(data, dict) and data.get("error"):
            raise Broken("a success that holds an error: a gateway's word?", one_item=True)
    return data


def _trouble(error: Exception, where: str, verify: object) -> Broken | ConfigError:
    """What a failed attempt is: passing trouble, or a mistake that only the user can correct."""
    broken: Broken | ConfigError = Broken(type(error).__name__)
    if isinstance(error, requests.exceptions.SSLError):
        broken = _untrusted(error, verify)
    elif isinstance(error, requests.exceptions.ConnectTimeout):
        broken = Broken("no connection in time", sent=False, unreached=True)
    elif isinstance(error, requests.exceptions.ProxyError):
        broken = ConfigError(
            "the proxy that the environment names cannot be used",
            hint="correct or unset HTTPS_PROXY, or add the host to NO_PROXY",
        )
    elif isinstance(error, requests.exceptions.ConnectionError):
        never = _never_connected(error)
        broken = Broken("the connection failed or was dropped", sent=not never, unreached=never)
    elif isinstance(error, requests.exceptions.Timeout):
        broken = Broken("no answer in time", one_item=True)
    elif isinstance(verify, str) and not Path(verify).exists():
        broken = _wrong_bundle(verify)
    elif isinstance(error, requests.exceptions.RequestException):
        broken = ConfigError(
            f"{where} cannot be asked: {type(error).__name__}",
            hint="check the endpoints in the settings, and HTTPS_PROXY in the environment",
        )
    return broken


def _untrusted(error: Exception, verify: object) -> Broken | ConfigError:
    untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
    if isinstance(verify, str) and (untrusted or "X509" in str(error)):
        return _wrong_bundle(verify)
    return Broken(
        "the certificate or the encryption was refused",
        sent=False,
        hint="sign in to the network, or name a company proxy's authority as ca_file in the "
        "settings; check this machine's clock"
        if untrusted
        else "",
    )


def _wrong_bundle(verify: str) -> ConfigError:
    """Other authorities are trusted than those of the program, and they do not serve."""
    return ConfigError(
        f"the CA file {verify} does not vouch for this server",
        hint="correct ca_file in the settings, or REQUESTS_CA_BUNDLE in the environment: the file "
        "must be there, and hold the authority's certificate in PEM",
    )


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    cause: object = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(
        reason,
        urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError,
    )
