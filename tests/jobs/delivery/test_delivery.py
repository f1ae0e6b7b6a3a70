"""Is a report sent once, never twice without saying so, and never silently not at all?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from config.errors import (
    AuthError,
    ConfigError,
    DeliveryError,
    ProviderError,
    Stopped,
    StoreError,
    TransientError,
)
from config.settings import Mailbox, Report, Settings
from connectors.mailer.folder import FolderMailer
from connectors.mailer.smtp import SmtpMailer
from connectors.store.ledger import ReportClaim
from jobs.console.outcome import DONE, NOTHING, PARTLY
from jobs.delivery import arrival, delivery
from jobs.delivery.envelope.audience import WEEKLY
from jobs.providers.mailers import Channel
from tests.support.facts import findings as b
from tests.support.facts.deliveries import ALLOWED, KATE, Office, Pigeon, plain_report
from tests.support.providers.house import wait_until
from tests.support.servers.smtp import smtp_server

TAKEN_OR_NOT = DeliveryError("the server fell silent", handed_over=None)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office.open(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def pigeon(office: Office) -> Pigeon:
    carrier = Pigeon()
    office.mailer = carrier
    return carrier


def test_a_report_is_claimed_sent_and_seen(office: Office, pigeon: Pigeon) -> None:
    outcome = office.deliver()
    assert (outcome.code, office.state) == (DONE, "handed_over")
    office.arrive(pigeon.carried[0])
    (line,) = arrival.confirm(office.store.ledger, office.facts())
    assert line.recipient == KATE
    assert office.state == "seen"


def test_a_second_run_sends_nothing(office: Office, pigeon: Pigeon) -> None:
    office.deliver()
    for _ in range(3):
        assert office.deliver().code == DONE
    assert len(pigeon.carried) == 1


def test_the_claims_are_answerable_by_the_ids_that_the_mail_prints(
    office: Office, pigeon: Pigeon
) -> None:
    office.deliver()
    text = pigeon.carried[0].get_body(("plain",))
    assert text is not None
    (ident, *_) = re.findall(r"noshow (\w{6}) them", text.get_content())
    claim = office.store.claims.find(1, ident)
    assert claim is not None
    assert (claim.kind, claim.contact) == ("M6", "dana@pilot.example")


def test_a_killed_run_that_had_sent_nothing_is_made_up_for_at_once(
    office: Office, pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "with_store_ids", killed)
        with pytest.raises(Killed):
            office.deliver()
    assert office.state == "claimed"
    assert office.deliver().code == DONE
    (mail,) = pigeon.carried
    assert "sent again" not in str(mail["Subject"])


def test_a_report_that_cannot_be_made_is_taken_up_by_the_next_run(
    office: Office, pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a mistake")

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "render", broken)
        with pytest.raises(ValueError, match="a mistake"):
            office.deliver()
    assert office.state == "released"
    assert office.deliver().code == DONE
    assert len(pigeon.carried) == 1


@pytest.mark.parametrize("taken", [True, False])
def test_a_crash_while_handing_over_is_settled_by_the_mailbox(
    office: Office, pigeon: Pigeon, taken: bool
) -> None:
    pigeon.troubles, pigeon.takes_before_trouble = [Killed()], taken
    with pytest.raises(Killed):
        office.deliver()
    assert office.state == "claimed"
    office.sync()
    office.deliver()
    assert len(pigeon.carried) == taken, "after one sync it is too early to send it again"
    if taken:
        office.arrive(pigeon.carried[0])
    office.sync()
    office.deliver()
    assert office.state == ("seen" if taken else "handed_over")
    assert len(pigeon.carried) == 1


def test_a_crash_between_the_hand_over_and_its_note_sends_no_second_mail(
    office: Office, pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(office.store.ledger, "handed_over", killed)
        with pytest.raises(Killed):
            office.deliver()
    office.arrive(pigeon.carried[0])
    for _ in range(3):
        office.sync()
        office.deliver()
    assert office.state == "seen"
    assert len(pigeon.carried) == 1


def test_a_report_that_is_not_seen_is_sent_once_more_and_says_so(
    office: Office, pigeon: Pigeon
) -> None:
    office.deliver()
    office.sync()
    office.sync()
    assert [line.recipient for line in overdue(office)] == [KATE]
    office.deliver()
    first, second = pigeon.carried
    assert first["Message-ID"] != second["Message-ID"], "the same one would be dropped unseen"
    assert "sent again" in str(second["Subject"])
    text = second.get_body(("plain",))
    assert text is not None
    assert "Sent again: the copy of" in text.get_content()
    assert "Mon 23 Nov, 07:00" in " ".join(text.get_content().split())


def test_a_report_is_never_sent_a_third_time_and_its_loss_is_said(
    office: Office, pigeon: Pigeon
) -> None:
    for _ in range(8):
        outcome = office.deliver()
        office.sync()
    assert len(pigeon.carried) == 2
    assert outcome.code == PARTLY
    assert "sent twice and is not in the mailbox" in outcome.problems[0]


@pytest.mark.parametrize(("syncs", "hours"), [(1, 30.0), (5, 1.0)])
def test_two_syncs_and_six_hours_must_both_have_passed(
    office: Office, pigeon: Pigeon, syncs: int, hours: float
) -> None:
    office.deliver()
    for _ in range(syncs):
        office.sync(hours=hours)
    office.deliver()
    assert len(pigeon.carried) == 1


def test_failed_looks_and_other_streams_are_no_syncs(office: Office, pigeon: Pigeon) -> None:
    office.deliver()
    for _ in range(4):
        office.sync()
    office.polls[0]["problem"] = "timeout"
    office.polls[1]["finished_at"] = pd.NaT
    office.polls[2]["stream"] = "calendar:primary"
    office.deliver()
    assert len(pigeon.carried) == 1


def test_resend_never_sends_once_and_says_that_it_is_missing(
    office: Office, pigeon: Pigeon
) -> None:
    office.resend = "never"
    office.deliver()
    office.sync()
    office.sync()
    outcome = office.deliver()
    assert len(pigeon.carried) == 1
    assert outcome.code == PARTLY
    assert "sent once and is not in the mailbox" in outcome.problems[0]


def test_to_a_mailbox_that_is_not_read_a_doubtful_report_is_said_and_not_repeated(
    office: Office, pigeon: Pigeon
) -> None:
    office.read = False
    pigeon.troubles = [TAKEN_OR_NOT]
    first = office.deliver()
    assert first.code == PARTLY
    assert any("nobody knows" in problem for problem in first.problems)
    for _ in range(3):
        office.sync()
        later = office.deliver()
    assert later.code == PARTLY
    assert "nobody knows" in later.problems[0]
    assert pigeon.carried == []


def test_to_a_mailbox_that_is_not_read_a_taken_report_is_done(
    office: Office, pigeon: Pigeon
) -> None:
    office.read = False
    office.deliver()
    for _ in range(3):
        office.sync()
        assert office.deliver().code == DONE
    assert len(pigeon.carried) == 1


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (TransientError("greylisted", retry_after=900), PARTLY),
        (DeliveryError("refused", handed_over=False), NOTHING),
        (AuthError("the consent to send has ended"), NOTHING),
    ],
)
def test_a_surely_refused_report_is_tried_again_as_a_first_one(
    office: Office, pigeon: Pigeon, trouble: Exception, code: int
) -> None:
    pigeon.troubles = [trouble]
    outcome = office.deliver()
    assert outcome.code == code
    assert trouble.args[0] in outcome.problems[0]
    assert (office.state, office.sends) == ("released", 0)
    assert office.deliver().code == DONE
    (mail,) = pigeon.carried
    assert "sent again" not in str(mail["Subject"])


def test_a_resend_that_was_refused_still_says_that_it_is_one(
    office: Office, pigeon: Pigeon
) -> None:
    office.deliver()
    office.sync()
    office.sync()
    pigeon.troubles = [TransientError("greylisted")]
    office.deliver()
    assert (office.state, office.sends) == ("released", 1)
    office.deliver()
    assert "sent again" in str(pigeon.carried[1]["Subject"])
    assert len(pigeon.carried) == 2


def test_an_error_of_which_nothing_is_known_counts_as_perhaps_sent(
    office: Office, pigeon: Pigeon
) -> None:
    pigeon.troubles = [ProviderError("what is this")]
    assert office.deliver().code == PARTLY
    assert office.state == "claimed"
    office.deliver()
    assert pigeon.carried == []


@pytest.mark.parametrize(
    "trouble",
    [
        UnicodeEncodeError("ascii", "pä", 1, 2, "ordinal not in range"),
        ValueError("odd"),
        ConfigError("the CA file cannot be read"),
        StoreError("the quota cannot be counted"),
    ],
)
def test_whatever_a_mailer_raises_before_it_sent_leaves_the_report_due(
    office: Office, pigeon: Pigeon, trouble: Exception
) -> None:
    pigeon.troubles = [trouble]
    outcome = office.deliver()
    assert outcome.code != DONE
    assert outcome.problems
    assert office.state == "released"
    assert office.deliver().code == DONE
    (mail,) = pigeon.carried
    assert "sent again" not in str(mail["Subject"])


def test_a_stop_before_it_left_gives_the_report_back(office: Office, pigeon: Pigeon) -> None:
    pigeon.troubles = [Stopped("asked to")]
    with pytest.raises(Stopped):
        office.deliver()
    assert office.state == "released"


def test_the_next_way_is_taken_only_where_the_first_surely_failed(
    office: Office, pigeon: Pigeon
) -> None:
    for trouble, expected in ((TransientError("busy"), 1), (TAKEN_OR_NOT, 0)):
        first, second = Pigeon(troubles=[trouble]), Pigeon()
        send = sender_of(office, "2026-W46" if expected else "2026-W47")
        send(Channel("provider", first), Channel("smtp", second))
        assert len(second.carried) == expected


def sender_of(office: Office, week: str) -> Callable[..., None]:
    """Sends the report of this week by the given channels."""

    def send(*channels: Channel) -> None:
        with office.store.locks.report():
            post = delivery.Post(
                channels=channels,
                recipient=KATE,
                sender=KATE,
                sight=office.facts(),
                may_receive=ALLOWED,
            )
            report = replace(plain_report(), week=week)
            delivery.deliver(office.store, report, office.hands.clock, post)

    return send


def test_a_report_in_the_spam_folder_has_arrived(office: Office, pigeon: Pigeon) -> None:
    office.deliver()
    office.arrive(pigeon.carried[0], inbox=False, spam=True)
    assert arrival.confirm(office.store.ledger, office.facts())


def test_a_server_that_rewrites_the_message_id_is_no_obstacle(
    office: Office, pigeon: Pigeon
) -> None:
    office.deliver()
    office.arrive(pigeon.carried[0], message_key="rewritten@server.example")
    assert arrival.confirm(office.store.ledger, office.facts())


def test_the_copy_among_the_sent_mail_proves_no_arrival(office: Office, pigeon: Pigeon) -> None:
    office.deliver()
    office.arrive(pigeon.carried[0], inbox=False, sent=True)
    assert arrival.confirm(office.store.ledger, office.facts()) == ()
    office.messages[0]["inbox"] = True
    assert arrival.confirm(office.store.ledger, office.facts()), "sent to oneself, it lies in both"


def test_another_reports_mail_is_not_this_ones(office: Office, pigeon: Pigeon) -> None:
    office.deliver()
    line = office.store.ledger.report(KATE, b.WEEK)
    assert line is not None
    other = "ZZZZZZ" if line.token != "ZZZZZZ" else "YYYYYY"
    office.messages.append(
        {"message_key": f"noshow.{other}.1.1@ourco.example", "subject": f"3 to talk to ({other})"}
    )
    office.messages.append({"message_key": "x@y.example", "subject": f"Re: {line.token}"})
    assert arrival.confirm(office.store.ledger, office.facts()) == ()


def test_nobody_but_the_allowed_receives_a_report(office: Office, pigeon: Pigeon) -> None:
    office.recipient = "rival@other.example"
    with pytest.raises(ConfigError, match="neither an owner") as refused:
        office.deliver()
    assert "rival" not in str(refused.value)
    assert pigeon.carried == []
    assert office.store.ledger.reports() == []


@pytest.mark.parametrize(
    "spelt", ["Kate+news@OURCO.example", "KATE@ourco.example.", "kate@ｏurco.example"]
)
def test_what_the_allow_list_compares_is_what_is_mailed(
    office: Office, pigeon: Pigeon, spelt: str
) -> None:
    office.recipient = spelt
    office.deliver()
    (carried,) = pigeon.carried
    assert carried["To"] == KATE
    (line,) = office.store.ledger.reports()
    assert line.recipient == KATE


def test_by_default_only_the_mailboxes_owners_are_allowed() -> None:
    boxes = (Mailbox(address="Kate@OurCo.example", provider="files", aliases=("k@ourco.example",)),)
    assert delivery.allowed(Settings(mailbox=boxes))[WEEKLY] == {KATE, "k@ourco.example"}
    more = Settings(mailbox=boxes, report=Report(allowed=("Boss@OurCo.example",)))
    assert "boss@ourco.example" in delivery.allowed(more)[WEEKLY]


def test_a_folder_alone_is_done_when_it_is_written(office: Office, tmp_path: Path) -> None:
    folder = Channel("folder", FolderMailer(tmp_path / "out"), local=True)
    send = sender_of(office, b.WEEK)
    send(folder)
    assert office.state == "seen"
    send(folder)
    assert len(list((tmp_path / "out").glob("*.eml"))) == 1


def test_a_folder_that_cannot_be_written_leaves_the_report_to_the_next_run(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    send = sender_of(office, b.WEEK)
    send(Channel("folder", FolderMailer(tmp_path / "file"), local=True))
    assert office.state == "released"


def test_a_broken_folder_does_not_keep_the_mail_back(
    office: Office, pigeon: Pigeon, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    outcome = office.deliver(Channel("folder", FolderMailer(tmp_path / "file"), local=True))
    assert len(pigeon.carried) == 1
    assert outcome.code == PARTLY
    assert outcome.problems[0].startswith("folder:")


def test_by_hand_writes_as_often_as_wanted_and_claims_nothing(
    office: Office, tmp_path: Path
) -> None:
    folder = Channel("folder", FolderMailer(tmp_path / "out"), local=True)
    for preview in (True, True, False):
        outcome = delivery.by_hand(
            office.store,
            plain_report(),
            [folder],
            office.hands.clock,
            recipient=KATE,
            sender=KATE,
            may_receive=ALLOWED,
            preview=preview,
        )
        assert outcome.code == DONE
        known = office.store.frames(office.hands.now).claims
        assert bool(len(known)) is not preview, "a preview's claims do not count as printed"
    assert office.store.ledger.reports() == []


# --- over a real server ---------------------------------------------------------------------


def test_over_smtp_a_report_arrives_whole(office: Office, tmp_path: Path) -> None:
    with smtp_server(tmp_path, "starttls") as server:
        office.mailer = SmtpMailer("127.0.0.1", server.port, ca_file=server.ca_file)
        assert office.deliver().code == DONE
    (mail,) = server.post.taken
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert str(mail["List-Id"]).startswith("noshow <weekly.noshow.")
    line = office.store.ledger.report(KATE, b.WEEK)
    assert line is not None
    assert f"({line.token})" in str(mail["Subject"])
    office.arrive(mail)
    assert arrival.confirm(office.store.ledger, office.facts())


def test_over_smtp_greylisting_delays_and_does_not_double(office: Office, tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        office.mailer = SmtpMailer("127.0.0.1", server.port, security="none")
        server.post.rcpt = "451 4.7.1 later"
        assert office.deliver().code == PARTLY
        server.post.rcpt = "250 OK"
        assert office.deliver().code == DONE
    (mail,) = server.post.taken
    assert "sent again" not in str(mail["Subject"])


def test_over_smtp_silence_after_the_data_is_settled_by_the_next_syncs(
    office: Office, tmp_path: Path
) -> None:
    with smtp_server(tmp_path) as server:
        office.mailer = SmtpMailer(
            "127.0.0.1", server.port, security="none", timeout=2.0, final_timeout=2.0
        )
        server.post.silent = 600.0
        assert office.deliver().code == PARTLY
        assert office.state == "claimed"
        # The server may come to it only now: all was sent.
        wait_until(lambda: len(server.post.taken) == 1)
        office.arrive(server.post.taken[0])
        office.sync()
        office.sync()
        assert office.deliver().code == DONE
    assert office.state == "seen"
    assert len(server.post.taken) == 1


def test_over_smtp_a_crash_right_after_the_server_took_it_sends_no_second(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with smtp_server(tmp_path) as server:
        office.mailer = SmtpMailer("127.0.0.1", server.port, security="none")
        with monkeypatch.context() as patched:
            patched.setattr(office.store.ledger, "handed_over", killed)
            with pytest.raises(Killed):
                office.deliver()
        office.arrive(server.post.taken[0])
        for _ in range(3):
            office.sync()
            office.deliver()
    assert len(server.post.taken) == 1
    assert office.state == "seen"


def overdue(office: Office) -> tuple[ReportClaim, ...]:
    return arrival.overdue(
        office.store.ledger, office.facts(), office.hands.clock.micros(), office.resend
    )
