"""May a mail at an unknown time be the answer? Only to what was asked before we saw it."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.facts.mail_box import ADA, DANA, EMIL, Box, found, instant


def asked() -> tuple[Box, list[int]]:
    """A box in which Dana, who has written before, was asked on 2, 9 and 12 November; and the asks."""
    box = Box()
    first = box.mail("2026-02-02 10:00")
    box.sent("2026-02-02 11:00", re=first)
    asks = [box.sent(f"2026-11-{day} 10:00", subject=f"Offer {day}") for day in ("02", "09", "12")]
    return box, asks


def asked_with_an_undated(seen: str, from_: str = DANA, *, in_thread: bool = False) -> str:
    """The rule and the reason of Dana's silence: asked three times."""
    box, asks = asked()
    undated = box.mail("2026-11-20 10:00", from_, re=asks[-1] if in_thread else None)
    row = box.rows["messages"][undated - 1]
    row["at"], row["first_seen_at"] = pd.NaT, pd.NaT if seen == "" else instant(seen)
    silences = found(box).silences.set_index("contact")
    return " ".join(silences.loc[DANA, ["rule", "why"]]).strip()


@pytest.mark.parametrize("seen", ["2026-11-20 12:00", "2026-11-02 10:01", ""])
def test_a_mail_at_an_unknown_time_may_be_the_answer(seen: str) -> None:
    assert asked_with_an_undated(seen) == "unknown undated-answer"


def test_a_mail_that_we_saw_before_we_asked_is_no_answer() -> None:
    assert asked_with_an_undated("2026-11-01 12:00") == "T2+"


def test_somebody_elses_counts_only_in_the_thread() -> None:
    assert asked_with_an_undated("2026-11-20 12:00", EMIL) == "T2+"
    late = asked_with_an_undated("2026-11-20 12:00", EMIL, in_thread=True)
    assert late == "unknown undated-answer"


DAEMON = "mailer-daemon@client.example"
RELAY = "mailer-daemon@relay.example"
UNTYPED = "content-type: multipart/report"
FAILED = "authentication-results: mx.ours.example; dmarc=fail header.from=client.example"


@pytest.mark.parametrize(
    ("from_", "headers", "why"),
    [
        ("mailer-daemon@client.example", "", "unclear-report"),
        ("", "", "unclear-report"),
        ("post@client.example", UNTYPED, "unclear-report"),
        ("post@client.example", f"{UNTYPED}; report-type=delivery-status", "unclear-report"),
        ("post@client.example", f"{UNTYPED}; report-type=feedback-report", ""),
        (DANA, f"{UNTYPED}; report-type=disposition-notification", ""),
        (DANA, f"{UNTYPED}; report-type=disposition-notification\nauto-submitted: yes", ""),
        ("", f"{UNTYPED}; report-type=feedback-report", ""),
        (DANA, "auto-submitted: auto-generated", "generated-answer"),
        (DANA, "auto-submitted: auto-notified", "generated-answer"),
        (DANA, "auto-submitted: (desk) yes", "generated-answer"),
        (DANA, FAILED, "sender-check"),
    ],
)
def test_what_a_machine_answered_in_the_thread(from_: str, headers: str, why: str) -> None:
    box, asks = asked()
    box.mail("2026-11-13 10:00", from_, re=asks[-1], subject="Report", headers=headers)
    silences = found(box).silences.set_index("contact")
    assert silences.loc[DANA, "why"] == why
    assert silences.loc[DANA, "rule"] == ("unknown" if why else "T2+")


GENERATED = "auto-submitted: auto-generated"


@pytest.mark.parametrize(
    ("from_", "name", "headers", "to", "why"),
    [
        ("sales@ours.example", "Dana Kim", "reply-to: Dana Kim <dana@client.example>", ADA, True),
        ("sales@ours.example", "Desk", "reply-to: office@client.example", ADA, True),
        ("sales@ours.example", "Dana Kim via Sales", "", ADA, True),
        ("dana=client.example@ours.example", "Dana Kim (via Mail)", "", ADA, True),
        ("support@ours.example", "Dana Kim (Ours)", "auto-submitted: auto-generated", ADA, True),
        ("ben@ours.example", "Ben", "", ADA, False),
        ("ben@ours.example", "Ben Via", "reply-to: ben@ours.example", ADA, False),
        ("ben@ours.example", "Ben", "reply-to: ticket@desk.example", ADA, False),
        ("ben@ours.example", "Ben", "auto-submitted: auto-replied", ADA, False),
        ("support@ours.example", "Desk", "auto-submitted: auto-generated", DANA, False),
        (ADA, "Ada", "reply-to: dana@client.example", DANA, True),
    ],
)
def test_who_writes_through_an_address_of_ours_may_have_answered(
    from_: str, name: str, headers: str, to: str, why: bool
) -> None:
    """A forwarder, a group or a help desk of ours that puts its own address into From."""
    box, asks = asked()
    more = {"name": name, "headers": headers, "sent": False}
    box.mail("2026-11-13 10:00", from_, to, re=asks[-1], subject="Re: Offer 12", **more)
    silences = found(box).silences.set_index("contact")
    assert silences.loc[DANA, "why"] == (f"thread-answer {from_}" if why else "")


def test_a_mail_of_ours_that_asks_for_an_answer_elsewhere_is_ours() -> None:
    box, asks = asked()
    box.sent("2026-11-13 10:00", re=asks[-1], headers="reply-to: dana@client.example")
    assert found(box).silences.set_index("contact").loc[DANA, "why"] == ""


@pytest.mark.parametrize(
    ("subject", "why"), [("Xyzzy: Offer", "unclear-report"), ("Delivered: Offer", "")]
)
def test_a_server_of_ours_that_does_not_say_what_became_of_a_mail_makes_it_unknown(
    subject: str, why: str
) -> None:
    box, asks = asked()
    report = "content-type: multipart/report; report-type=delivery-status"
    server = "mailer-daemon@ours.example"
    box.mail("2026-11-12 10:01", server, re=asks[-1], subject=subject, headers=report)
    assert found(box).silences.set_index("contact").loc[DANA, "why"] == why


@pytest.mark.parametrize(
    ("subject", "headers", "why"),
    [
        ("Re: Offer 12", GENERATED, "generated-answer"),
        ("[Ticket 4711] RE: Offer 12", GENERATED, "generated-answer"),
        ("Offer 12 [#4711]", GENERATED, "generated-answer"),
        ("Your invoice", GENERATED, ""),
        ("Hello", "return-path: <>", "generated-answer"),
        ("Hello", "return-path: <>\nx-auto-response-suppress: All", ""),
        ("Hello", "return-path: <>\ncontent-type: multipart/report; report-type=x", ""),
    ],
)
def test_what_names_no_mail_of_ours_answers_by_its_subject(
    subject: str, headers: str, why: str
) -> None:
    box, _ = asked()
    box.mail("2026-11-13 10:00", subject=subject, headers=headers)
    silences = found(box).silences.set_index("contact")
    assert silences.loc[DANA, "why"] == why


@pytest.mark.parametrize(
    ("at", "from_", "headers", "subject", "rule"),
    [
        ("2026-11-12 10:00:30", DAEMON, "", "failure notice", "unknown unclear-report"),
        ("2026-11-12 10:59", DAEMON, "", "failure notice", "unknown unclear-report"),
        ("2026-11-12 15:00", DAEMON, "", "failure notice", "T2+"),
        ("2026-11-12 09:59", DAEMON, "", "failure notice", "T2+"),
        ("2026-11-12 10:01", DAEMON, "", "Warning: delivery delayed", "T2+"),
        ("2026-11-12 10:00", RELAY, "", "failure notice", "unknown unclear-report"),
        ("2026-11-12 10:05", RELAY, "", "failure notice", "unknown unclear-report"),
        ("2026-11-12 10:05", RELAY, "", "Xyzzy", "unknown unclear-report"),
        ("2026-11-12 10:06", RELAY, "", "failure notice", "T2+"),
        ("2026-11-12 10:01", RELAY, "", "Delivered: Offer", "T2+"),
        ("2026-11-12 10:01", RELAY, "x-failed-recipients: z@other.example", "failed", "T2+"),
        ("2026-11-12 10:01", DAEMON, "x-failed-recipients: x@client.example", "failed", "T2+"),
    ],
)
def test_a_report_of_failure_that_names_nobody_is_about_what_went_there_last(
    at: str, from_: str, headers: str, subject: str, rule: str
) -> None:
    """qmail writes into the text alone which address failed."""
    box, _ = asked()
    box.mail(at, from_, subject=subject, headers=headers)
    silences = found(box).silences.set_index("contact")
    assert " ".join(silences.loc[DANA, ["rule", "why"]]).strip() == rule
