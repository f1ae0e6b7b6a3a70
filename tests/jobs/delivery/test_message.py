"""Is the mail well made, and does its Message-ID say what the ledger must know?"""

from __future__ import annotations

from email import message_from_bytes
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.delivery.envelope.message import letter
from jobs.delivery.envelope.sent_mail import message_key, sent_of
from reports.render.mail import Rendered
from tests.connectors.mailer.test_folder import PNG, mail


def test_text_comes_first_and_the_picture_belongs_to_the_page() -> None:
    made = mail()
    assert [part.get_content_type() for part in made.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    picture = list(made.walk())[-1]
    assert picture["Content-ID"] == "<twelve-weeks>"
    assert picture.get_content_disposition() == "inline"


def test_the_page_goes_along_as_a_file_and_the_headers_say_how_to_stop() -> None:
    rendered = Rendered(
        "Nothing",
        "a",
        "<p>a</p>",
        {"a": PNG},
        "<p>page</p>",
        True,
        "mailto:k@x.example?subject=noshow%20stop",
    )
    made = letter(rendered, sender="kate@ourco.example", recipient="kate@ourco.example", key="k@x", at=0,
                  name="weekly 2026-W47")  # fmt: skip
    assert [part.get_content_type() for part in made.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html",
        "image/png", "text/html",
    ]  # fmt: skip
    page = list(made.walk())[-1]
    assert page.get_filename() == "noshow-2026-W47.html"
    assert page.get_content().strip() == "<p>page</p>"
    assert made["List-Unsubscribe"] == "<mailto:k@x.example?subject=noshow%20stop>"
    assert made["List-Id"] == "noshow <weekly.noshow.ourco.example>"
    assert made["Auto-Submitted"] == "auto-generated"
    assert str(made["From"]) == "noshow <kate@ourco.example>"


def test_it_survives_the_wire_with_every_letter() -> None:
    rendered = Rendered("Grüße · 2 → 3", "Größe →\n", "<p>Größe → 日本</p>", {"a": PNG})
    made = letter(
        rendered,
        sender="kate@ourco.example",
        recipient="kate@ourco.example",
        key="k@x",
        at=0,
        name="weekly 2026-W47",
    )
    raw = made.as_bytes(policy=SMTP)
    assert raw.isascii()
    again = message_from_bytes(raw, policy=default)
    assert again["Subject"] == "Grüße · 2 → 3"
    page = again.get_body(("html",))
    assert page is not None
    assert "Größe → 日本" in page.get_content()


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@y.example", "a\nX: y", "a\rb"])
def test_no_subject_can_add_a_header(bad: str) -> None:
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        letter(
            Rendered(bad, "", "", {}),
            sender="kate@ourco.example",
            recipient="kate@ourco.example",
            key="k@x",
            at=0,
            name="weekly 2026-W47",
        )


@given(st.integers(1, 99), st.integers(0, 7_000_000_000))
def test_the_message_id_says_which_send_it_was_and_when(number: int, seconds: int) -> None:
    key = message_key("7Q3F2K", number, seconds * 1_000_000, "kate@ourco.example")
    sent = sent_of(key)
    assert sent is not None
    assert (sent.number, sent.at) == (number, seconds * 1_000_000)


@given(st.text(max_size=80))
def test_a_foreign_message_id_says_nothing(key: str) -> None:
    assert sent_of(key) is None or key.startswith("noshow.")
