"""How does `noshow connect google` end where a service account opens the mailboxes?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.auth.google.consent import SCOPES
from tests.support.providers.house import KATE, House

WHO = "1029384756"


def with_robot(kates: House, scopes: tuple[str, ...] = SCOPES["read"], **google: Any) -> None:
    """Kate's installation with a service account instead of her own login."""
    assert kates.google is not None
    key = kates.home / "robot.json"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text(json.dumps(kates.google.service_account(scopes)), "utf-8")
    for entry in kates.paths.tokens.glob("*"):
        entry.unlink()
    kates.settings(google={"service_account_file": str(key), **google})


def test_a_service_account_is_proved_and_the_next_sync_reads_with_it(kates: House) -> None:
    with_robot(kates)
    typed = kates.type("connect", "google")
    assert typed.code == 0, typed.said
    assert f"the service account opens {KATE} for read" in typed.out
    assert "next: noshow sync" in typed.out
    assert kates.google is not None
    assert kates.google.log.counts()["gmail.users.getProfile"] == 1
    assert list(kates.paths.tokens.glob("*.json")) == []
    assert kates.type("sync").code == 0


def test_a_domain_that_does_not_allow_it_is_told_what_to_allow(kates: House) -> None:
    with_robot(kates, scopes=())
    typed = kates.type("connect", "google")
    assert typed.code != 0
    assert WHO in typed.err
    assert all(scope in typed.err for scope in SCOPES["read"])
    assert "domainwidedelegation" in typed.err


def test_the_steps_for_an_administrator_name_the_account_and_exactly_its_scopes(
    kates: House,
) -> None:
    with_robot(kates)
    told = kates.type("connect", "google", "--explain")
    assert told.code == 0
    assert f"Client ID:  {WHO}" in told.out
    assert ",".join(SCOPES["read"]) in told.out
    assert "Desktop app" not in told.out
    sending = kates.type("connect", "google", "--for", "sending", "--explain")
    assert ",".join(SCOPES["send"]) in sending.out


def test_several_mailboxes_of_a_domain_are_shown_both_ways(kates: House) -> None:
    alone = kates.type("connect", "google", "--explain")
    assert "Desktop app" in alone.out
    assert "domainwidedelegation" not in alone.out
    text = kates.settings_file.read_text("utf-8")
    lee = '[[mailbox]]\naddress = "lee@ourco.example"\nprovider = "google"\n'
    kates.write(text.replace("[[mailbox]]\n", f"{lee}[[mailbox]]\n", 1))
    both = kates.type("connect", "google", "-m", KATE, "--explain")
    assert "Desktop app" in both.out
    assert "domainwidedelegation" in both.out
    assert "client_id in the key file" in both.out


@pytest.mark.parametrize("way", ["--export", "--import"])
def test_there_is_no_login_of_a_service_account_to_carry(kates: House, way: str) -> None:
    with_robot(kates)
    typed = kates.type("connect", "google", way, str(kates.home / "token.json"))
    assert typed.code == 2
    assert "key file" in typed.err
    assert not (kates.home / "token.json").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type": "service_account"}', None])
def test_a_key_file_that_is_none_is_named_before_anything_is_asked(
    kates: House, text: str | None
) -> None:
    with_robot(kates)
    key = kates.home / "robot.json"
    key.unlink() if text is None else key.write_text(text, "utf-8")
    assert kates.google is not None
    kates.google.log.clear()
    for words in (("connect", "google"), ("connect", "google", "--explain")):
        typed = kates.type(*words)
        assert typed.code == 2
        assert "robot.json" in typed.err
        assert "Traceback" not in typed.said
    assert len(kates.google.log) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no exported login"), ("{", "no exported login"), ("[1]", "no exported login"),
        ("null", "no exported login"), ("{}", "no login for Google"),
        ('{"installed": {"client_id": "x"}}', "no login for Google"),
        ('{"provider": "microsoft", "version": 1, "purpose": "read"}', "no login for Google"),
        ('{"provider": "google", "version": 1, "purpose": "send"}', "not given for 'read'"),
        ('{"provider": "google", "version": 1, "purpose": "read"}', "incomplete"), (None, "cannot be read"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_login_to_take_over_is_named(
    kates: House, text: str | None, said: str
) -> None:
    carried = kates.home / "carried.json"
    if text is not None:
        carried.write_text(text, "utf-8")
    before = {one.name: one.read_text("utf-8") for one in kates.paths.tokens.glob("*.json")}
    typed = kates.type("connect", "google", "--import", str(carried))
    assert typed.code == 2
    assert str(carried) in typed.err
    assert said in typed.err
    assert "noshow connect google --export carried.json" in typed.err
    assert {one.name: one.read_text("utf-8") for one in kates.paths.tokens.glob("*.json")} == before


def test_a_carried_login_for_another_purpose_is_made_by_the_command_for_it(kates: House) -> None:
    carried = kates.home / "carried.json"
    carried.write_text('{"provider": "google", "version": 1, "purpose": "read"}', "utf-8")
    typed = kates.type("connect", "google", "--for", "sending", "--import", str(carried))
    assert typed.code == 2
    assert "noshow connect google --for sending --export carried.json" in typed.err


@pytest.mark.parametrize("where", ["missing/token.json", "there.json"])
def test_where_no_login_can_be_written_nobody_logs_in_for_it(kates: House, where: str) -> None:
    (kates.home / "there.json").write_text("kept", "utf-8")
    assert kates.google is not None
    kates.google.log.clear()
    typed = kates.type("connect", "google", "--export", str(kates.home / where))
    assert typed.code == 2
    assert where in typed.err
    assert len(kates.google.log) == 0
    assert (kates.home / "there.json").read_text("utf-8") == "kept"
