"""How is one attempt of a request made: which session, how is it read, is it whole?

A pool of `requests` sessions, each used by one thread at a time; bodies are read under a byte cap
and a deadline; JSON is expected and what is not JSON is named. No retrying here: see
connectors.transport.client.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
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
from urllib3.util.ssl_ import create_urllib3_context

from config.clock import Clock
from config.endpoints import is_loopback, is_private
from config.errors import ConfigError
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Answer, Bounds, Broken, Call, host

# urllib3 writes whole addresses with their query into its log: ours says all that may be said.
logging.getLogger("urllib3").setLevel(logging.ERROR)

_CHUNK = 65_536
#: How http.client tells what a proxy answered to CONNECT.
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
#: By OpenSSL's words for it, what to do about a certificate that no authority can mend.
_UNFIT = {
    "certificate has expired": "check this machine's clock; if it is right, the server, or what "
    "answers in its place, needs a new certificate",
    "certificate is not yet valid": "set this machine's clock (timedatectl set-ntp true)",
    "mismatch": "sign in to the network: something on the way answers in the provider's place",
}
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
        if session.trust_env:
            options = session.merge_environment_settings(prepared.url, {}, True, None, None)
        else:
            options = {"proxies": {}, "stream": True, "verify": True, "cert": None}
        try:
            return session.send(
                prepared,
                timeout=(self._bounds.connect, self._bounds.silence),
                allow_redirects=False,
                **options,
            )
        except (requests.exceptions.RequestException, OSError) as error:
            bundle = options["verify"]
            named = isinstance(bundle, str) and not Path(bundle).exists()
            trusted = bundle if named else self._ca_file or bundle
            raise _trouble(error, host(call.url), trusted) from error

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
        trusting = not is_loopback(host(url))
        session: requests.Session | None = None
        if not fresh:
            with self._lock:
                if self._idle[trusting]:
                    session = self._idle[trusting].pop()
        if session is None:
            session = new_session(self._ca_file, trusting=trusting)
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


class _Adapter(HTTPAdapter):
    """Trusts a further authority beside those that are trusted anyway, also behind a proxy."""

    def __init__(self, ca_file: Path | None) -> None:
        self._more: dict[str, Any] = {}
        if ca_file is not None:
            context = create_urllib3_context()
            try:
                context.load_verify_locations(ca_file)
            except (OSError, ssl.SSLError) as error:
                raise _wrong_bundle(ca_file) from error
            self._more["ssl_context"] = context
        super().__init__(max_retries=0, pool_connections=4, pool_maxsize=1)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **more: Any
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **more, **self._more)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        return super().proxy_manager_for(proxy, **more, **self._more)


def new_session(ca_file: Path | None, *, trusting: bool = True) -> requests.Session:
    """A session without cookies and repetitions. `trusting`: the environment's proxies and authorities
    hold, too. Raises ConfigError for a `ca_file` that holds none.
    """
    session = requests.Session()
    session.trust_env = trusting
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(ca_file))
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


def _trouble(error: Exception, where: str, trusted: object) -> Broken | ConfigError:
    """What a failed attempt is: passing trouble, or a mistake that only the user can correct.

    `trusted`: the file of authorities that are not the program's own, where there is one.
    """
    broken: Broken | ConfigError = Broken(type(error).__name__)
    if isinstance(error, requests.exceptions.SSLError):
        broken = _untrusted(error, trusted)
    elif isinstance(error, requests.exceptions.ConnectTimeout):
        broken = Broken("no connection in time", sent=False, unreached=True)
    elif isinstance(error, requests.exceptions.ProxyError):
        broken = _by_the_proxy(str(error))
    elif isinstance(error, requests.exceptions.ConnectionError):
        never = _never_connected(error)
        broken = Broken("the connection failed or was dropped", sent=not never, unreached=never)
    elif isinstance(error, requests.exceptions.Timeout):
        broken = Broken("no answer in time", one_item=True)
    elif isinstance(trusted, str | Path) and not Path(trusted).exists():
        broken = _wrong_bundle(trusted)
    elif isinstance(error, requests.exceptions.RequestException):
        broken = ConfigError(
            f"{where} cannot be asked: {type(error).__name__}",
            hint="check the endpoints in the settings, and HTTPS_PROXY in the environment",
        )
    return broken


def _by_the_proxy(said: str) -> Broken | ConfigError:
    """It let nothing through. By its own answer it is passing, wants a login, or is the wrong one."""
    status = next(iter(_TUNNEL.findall(said)), "")
    if status in ("429", "500", "502", "503", "504"):
        return Broken(f"the proxy answered {status}", sent=False)
    if status == "407":
        return ConfigError(
            "the proxy that the environment names wants a login, or refuses the one that it got (407)",
            hint="write it as HTTPS_PROXY=http://user:password@proxy:port, with @ : / and % in them as "
            "%40 %3A %2F and %25",
        )
    if status:
        return ConfigError(
            f"the proxy that the environment names does not let noshow through ({status})",
            hint="ask its administrator to allow the host, or add it to NO_PROXY",
        )
    return ConfigError(
        "the proxy that the environment names cannot be used",
        hint="correct or unset HTTPS_PROXY, or add the host to NO_PROXY",
    )


def _untrusted(error: Exception, trusted: object) -> Broken | ConfigError:
    said = str(error)
    untrusted = "CERTIFICATE_VERIFY_FAILED" in said
    what = next((hint for sign, hint in _UNFIT.items() if sign in said), "") if untrusted else ""
    if not what and isinstance(trusted, str | Path) and (untrusted or "X509" in said):
        return _wrong_bundle(trusted)
    if untrusted and not what:
        what = (
            "sign in to the network, or name a company proxy's authority as ca_file in the "
            "settings; check this machine's clock"
        )
    return Broken("the certificate or the encryption was refused", sent=False, hint=what)


def _wrong_bundle(trusted: str | Path) -> ConfigError:
    """Other authorities are trusted than those of the program alone, and they do not serve."""
    return ConfigError(
        f"the CA file {trusted} does not vouch for this server",
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
