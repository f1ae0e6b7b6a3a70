"""Do secrets stay what they are, unsaid, and on encrypted ways?"""

from __future__ import annotations

import socket
import threading
import tomllib
import traceback
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from config.clock import Clock
from config.endpoints import is_loopback, is_private
from config.errors import ConfigError, NoshowError
from config.loading import load, parse
from connectors.auth.browser_answer import BrowserAnswer
from connectors.auth.microsoft.consent import by_browser, scopes_for
from connectors.transport.client import Transport
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Call
from tests.support.providers.house import House
from tests.support.providers.microsoft_office import KATE, office
from tests.support.providers.signing_in import Browser
from tests.support.servers.scripted_http import Purse

MAILBOX = '[[mailbox]]\naddress = "kate@ourco.example"\nprovider = "google"\n'
SECRET = "hunter2-aa:bb@cc"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "noshow.toml"
    path.write_text(MAILBOX + '[smtp]\nhost = "mail.ourco.example"\n', "utf-8")
    return path


@pytest.mark.parametrize(
    "secret", ["123456", "null", '"abc"', "true", "[1]", '{"a": 1}', "1e5", " x ", "0123"]
)
def test_a_secret_of_the_environment_is_the_text_that_it_is(file: Path, secret: str) -> None:
    settings = load(
        file,
        {
            "NOSHOW__SMTP__PASSWORD": secret,
            "NOSHOW__MICROSOFT__CLIENT_SECRET": secret,
            "NOSHOW__SMTP__USER": secret,
        },
    )
    assert settings.smtp.password is not None
    assert settings.microsoft.client_secret is not None
    assert settings.smtp.password.get_secret_value() == secret
    assert settings.microsoft.client_secret.get_secret_value() == secret
    assert settings.smtp.user == secret


def test_numbers_lists_and_switches_of_the_environment_are_still_read_as_such(file: Path) -> None:
    settings = load(
        file,
        {
            "NOSHOW__SMTP__PORT": "2525",
            "NOSHOW__REPORT__DELIVER": '["stdout", "folder"]',
            "NOSHOW__GOOGLE__ATTENDANCE": "true",
            "NOSHOW__POLICY__BASELINE": "0.25",
            "NOSHOW__MAILBOX__0__NAME": "1234",
        },
    )
    assert settings.smtp.port == 2525
    assert settings.report.deliver == ("stdout", "folder")
    assert settings.google.attendance is True
    assert settings.policy.baseline == 0.25
    assert settings.mailbox[0].name == "1234"


@pytest.mark.parametrize(
    "name",
    [
        "NOSHOW__STORE",
        "NOSHOW__SMTP",
        "NOSHOW__MAILBOX",
        "NOSHOW__ZONE",
        "NOSHOW__STORE__URI",
        "NOSHOW__STORE__KEEP_DAYS",
        "NOSHOW__SMTP__PORT",
        "NOSHOW__SMTP__SECURITY",
        "NOSHOW__REPORT__SENDER",
        "NOSHOW__REPORT__ALLOWED",
        "NOSHOW__GOOGLE__TOKEN_URI",
        "NOSHOW__MAILBOX__0__ADDRESS",
        "NOSHOW__SMTP__PASSWORD__MORE",
        "NOSHOW__SCHEDULE__REPORT_TIME",
    ],
)
@pytest.mark.parametrize(
    "value", [f"postgresql://noshow:{SECRET}@db/noshow", SECRET, f'["{SECRET}"]']
)
def test_a_secret_in_the_wrong_variable_is_never_printed(file: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(file, {name: value})
    shown = "".join(traceback.format_exception(caught.value))
    shown += caught.value.message + caught.value.hint + "".join(caught.value.problems)
    assert SECRET not in shown
    # But it is said which variable it is.
    assert name in shown or "NOSHOW__SMTP__PASSWORD" in shown


def test_the_command_line_does_not_print_it_either(house: House) -> None:
    house.settings()
    house.environ["NOSHOW__STORE"] = f"postgresql://noshow:{SECRET}@db/noshow"
    house.environ["NOSHOW_LOG"] = "debug"
    typed = house.type("status")
    assert typed.code == 2
    assert SECRET not in typed.said
    assert "NOSHOW__STORE__URL" in typed.said


def test_what_a_file_says_wrongly_is_still_quoted_where_it_is_no_secret() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(tomllib.loads('[smtp]\nport = 99999\nsecurity = "tsl"\n'))
    assert any("99999" in one for one in caught.value.problems)
    assert any("'tsl'" in one for one in caught.value.problems)


@pytest.mark.parametrize(
    "host",
    ["127.example.com", "127.0.0.1.example.com", "x.localhost", "localhost.example", "10.0.0.1"],
)
def test_a_name_that_only_looks_like_this_machine_is_not_it(host: str) -> None:
    assert not is_loopback(host)
    assert not is_private(f"http://{host}/")
    assert is_private(f"https://{host}/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]"])
def test_http_inside_this_machine_is_allowed(host: str) -> None:
    assert is_private(f"http://{host}:8080/x")


@pytest.mark.parametrize(
    ("table", "key"),
    [
        *[("google", key) for key in ("calendar_root", "gmail_root", "meet_root", "reports_root")],
        *[("google", key) for key in ("token_uri", "auth_uri")],
        *[("microsoft", key) for key in ("authority", "graph_root")],
    ],
)
def test_an_endpoint_without_encryption_is_refused(table: str, key: str) -> None:
    for url in ("http://proxy.ourco.example/", "ftp://x.example/", "//x.example", "https://u:p@x/"):
        with pytest.raises(ConfigError) as caught:
            parse(tomllib.loads(f'[{table}]\n{key} = "{url}"\n'))
        assert url not in "".join(caught.value.problems)
    for url in ("https://proxy.ourco.example/", "http://127.0.0.1:8080/"):
        parse(tomllib.loads(f'[{table}]\n{key} = "{url}"\n'))


class Bearer:
    def token(self) -> str:
        return "ya29.secret"

    def renew(self, refused: str) -> str:
        return "ya29.secret"


def test_no_token_leaves_without_encryption_wherever_a_link_leads() -> None:
    """A link to the next page comes from outside, and a key file can name a token address."""
    with Transport(Clock(), Purse()) as transport:
        for url in ("http://graph.example/next", "http://127.example.com/", "file:///etc/passwd"):
            with pytest.raises(ConfigError, match="without encryption"):
                transport.send(
                    Call(method="GET", url=url, name="next", asked=Asked.LISTING, bearer=Bearer())
                )


@pytest.fixture
def idle() -> Iterator[Callable[[int], None]]:
    """Connects so many times to a port of this machine, and says nothing."""
    with ExitStack() as stack:

        def connect(port: int) -> None:
            for _ in range(4):
                stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))

        yield connect


def test_connections_that_say_nothing_do_not_keep_googles_answer_out(
    idle: Callable[[int], None],
) -> None:
    with BrowserAnswer() as page:
        port = page.server_address[1]
        idle(port)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def browser() -> None:
            opener.open(f"{page.redirect_uri}?code=c&state=right", timeout=20).close()

        threading.Thread(target=browser, daemon=True).start()
        assert page.wait("right", 5.0) == "/?code=c&state=right"


def test_a_stranger_cannot_answer_for_the_browser() -> None:
    with BrowserAnswer() as page:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def stranger() -> None:
            for query in ("?code=c&state=guess", "?code=c", ""):
                try:
                    opener.open(f"{page.redirect_uri}{query}", timeout=60).close()
                except urllib.error.HTTPError as error:
                    refused.append(error.code)
            # Only now the browser comes: nothing before it was taken for it.
            opener.open(f"{page.redirect_uri}?code=ours&state=right", timeout=60).close()

        refused: list[int] = []
        asking = threading.Thread(target=stranger, daemon=True)
        asking.start()
        assert "code=ours" in page.wait("right", 120.0)
        asking.join(60)
        assert len(refused) == 3


def test_connections_that_say_nothing_do_not_keep_microsofts_answer_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, idle: Callable[[int], None]
) -> None:
    with office(tmp_path) as made:
        made.sandbox.sign_in.approves = KATE
        browser = Browser(made.sandbox.ca_file)

        def open_(url: str, *more: object) -> bool:
            back = parse_qs(urlsplit(url).query)["redirect_uri"][0]
            port = urlsplit(back).port
            assert port is not None
            with socket.create_connection(("localhost", port), timeout=5):
                # One that is there first: it is waited for, and not without end.
                browser.open(url)
                held.wait(120)
            return True

        held = threading.Event()
        monkeypatch.setattr(
            webbrowser,
            "open",
            lambda url, *more: threading.Thread(target=open_, args=(url,)).start() or True,
        )
        stored = by_browser(
            made.registration, "read", scopes_for("read"), made.transport, timeout=100
        )
        held.set()
    assert stored.username == KATE


def test_an_error_of_the_settings_is_no_bug(house: House) -> None:
    house.write(MAILBOX + '[google]\ntoken_uri = "http://evil.example/token"\n')
    typed = house.type("sync")
    assert typed.code == NoshowError.exit_code + 1
    assert "https" in typed.said
