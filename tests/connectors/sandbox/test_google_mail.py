"""Does the sandbox's Gmail behave as Gmail does under the metadata scope, and remember as it does?"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.google.server import MAIL, SEND, GoogleSandbox
from connectors.sandbox.server.faults import Fault, Faults
from connectors.sandbox.world.mails import PRIVATE
from connectors.sandbox.world.world import World
from tests.support.providers.sandbox_requests import (
    GMAIL,
    KATE,
    OMAR,
    Asker,
    day,
    headers,
    world_of_kate,
)

_READ = "https://www.googleapis.com/auth/gmail.readonly"


@contextmanager
def asking(world: World, *scopes: str, quirks: Quirks | None = None) -> Iterator[Asker]:
    with GoogleSandbox(world, quirks=quirks) as google:
        yield Asker(google, *scopes)


def changes(asker: Asker, start: str, **query: Any) -> list[dict]:
    pages = asker.pages(GMAIL + "history", startHistoryId=start, **query)
    return [one for page in pages for one in page.get("history", [])]


def cursor(asker: Asker) -> str:
    return asker.get(GMAIL + "profile")["historyId"]


def test_the_metadata_scope_may_neither_search_nor_read() -> None:
    world = world_of_kate()
    world.mail(day(0), OMAR, KATE, "Hello")
    world.advance_to(day(1))
    for scopes in ((MAIL,), (MAIL, _READ)):
        with asking(world, *scopes) as asker:
            for path in ("messages", "threads"):
                reply = asker.ask(GMAIL + path, q="from:omar")
                assert reply.status_code == 403
                message = reply.json()["error"]["message"]
                assert message == "Metadata scope does not support 'q' parameter"
            (mail,) = asker.get(GMAIL + "messages")["messages"]
            for query in ({}, {"format": "full"}):
                for path in (f"messages/{mail['id']}", f"threads/{mail['threadId']}"):
                    reply = asker.ask(GMAIL + path, **query)
                    assert reply.status_code == 403
                    assert "doesn't allow format FULL" in reply.json()["error"]["message"]
            assert asker.ask(GMAIL + f"messages/{mail['id']}", format="minimal").status_code == 200


def test_headers_come_in_their_own_case_and_only_those_asked_for() -> None:
    world = world_of_kate()
    ask = world.mail(day(0), KATE, OMAR, "Offer")
    world.out_of_office(day(0, 10), OMAR, ask)
    world.advance_to(day(1))
    with asking(world) as asker:
        (mail, _) = asker.mails()
        fewer = asker.get(
            GMAIL + f"messages/{mail['id']}",
            format="metadata",
            metadataHeaders=["auto-submitted", "FROM"],
        )
        minimal = asker.get(GMAIL + f"messages/{mail['id']}", format="minimal")
    assert headers(mail)["subject"] == "Out of office: Offer"
    assert headers(mail)["return-path"] == "<>"
    assert [one["name"] for one in fewer["payload"]["headers"]] == ["From", "Auto-Submitted"]
    assert "payload" not in minimal


def test_a_snippet_is_shown_or_not_but_never_a_body() -> None:
    world = world_of_kate()
    world.mail(day(0), OMAR, KATE, "Hello")
    world.advance_to(day(1))
    for quirks, shown in ((Quirks(), True), (Quirks(snippet_under_metadata=False), False)):
        with asking(world, MAIL, quirks=quirks) as asker:
            (mail,) = asker.mails()
            assert (PRIVATE in mail.get("snippet", "")) is shown
            masked = asker.ask(
                GMAIL + f"messages/{mail['id']}",
                format="metadata",
                fields="id,threadId,labelIds,payload/headers",
            )
            assert PRIVATE not in masked.text


def test_lists_are_newest_first_leave_spam_and_trash_out_and_filter_by_all_labels() -> None:
    world = world_of_kate()
    world.mail(day(0), OMAR, KATE, "First")
    world.mail(day(1), OMAR, KATE, "Spam", spam=True)
    trashed = world.mail(day(2), OMAR, KATE, "Trash")
    starred = world.mail(day(3), OMAR, KATE, "Star")
    world.mail(day(4), KATE, OMAR, "Sent")
    world.label(day(5), KATE, trashed, add=["TRASH"], remove=["INBOX"])
    world.label(day(5), KATE, starred, add=["STARRED"])
    world.advance_to(day(6))
    with asking(world) as asker:

        def subjects(**query: Any) -> list[str]:
            return [headers(mail)["subject"] for mail in asker.mails(**query)]

        assert subjects() == ["Sent", "Star", "First"]
        assert subjects(includeSpamTrash=True) == ["Sent", "Star", "Trash", "Spam", "First"]
        assert subjects(labelIds="SPAM") == ["Spam"]
        assert subjects(labelIds=["INBOX", "STARRED"]) == ["Star"]
        assert subjects(maxResults=1) == ["Sent", "Star", "First"]
        assert "messages" not in asker.get(GMAIL + "messages", labelIds="CHAT")


def test_a_label_of_the_users_own_has_an_id_and_a_name() -> None:
    world = world_of_kate()
    mail = world.mail(day(0), OMAR, KATE, "Order")
    world.label(day(1), KATE, mail, add=["promised/2026-06-09"], remove=["UNREAD"])
    world.advance_to(day(2))
    with asking(world) as asker:
        labels = {one["name"]: one for one in asker.get(GMAIL + "labels")["labels"]}
        own = labels["promised/2026-06-09"]
        (held,) = asker.mails(labelIds=own["id"])
        counted = asker.get(GMAIL + f"labels/{own['id']}")
    assert own["type"] == "user"
    assert own["id"] in held["labelIds"]
    assert (counted["messagesTotal"], counted["messagesUnread"]) == (1, 0)


def test_a_reply_joins_its_thread_unless_its_subject_is_another() -> None:
    world = world_of_kate()
    ask = world.mail(day(0), KATE, OMAR, "Offer")
    world.mail(day(1), OMAR, KATE, "AW: Offer", reply_to=ask)
    world.mail(day(2), OMAR, KATE, "Something else", reply_to=ask)
    world.mail(day(3), OMAR, KATE, "Offer", reply_to=ask, new_thread=True)
    world.advance_to(day(4))
    with asking(world) as asker:
        threads = [one["id"] for one in asker.get(GMAIL + "threads")["threads"]]
        sizes = {
            thread: len(asker.get(GMAIL + f"threads/{thread}", format="minimal")["messages"])
            for thread in threads
        }
        mails = {headers(mail)["subject"]: mail for mail in asker.mails()}
    assert sorted(sizes.values()) == [1, 1, 2]
    assert headers(mails["Something else"])["in-reply-to"] == f"<{ask}>"
    assert mails["Something else"]["threadId"] != mails["AW: Offer"]["threadId"]


def test_history_tells_of_added_labelled_and_deleted_mails_since_an_id() -> None:
    world = world_of_kate()
    world.mail(day(0), OMAR, KATE, "Before")
    mail = world.mail(day(1), OMAR, KATE, "After")
    world.label(day(2), KATE, mail, add=["STARRED"], remove=["UNREAD"])
    world.delete_mail(day(3), KATE, mail)
    world.advance_to(day(0, 12))
    with asking(world) as asker:
        start = cursor(asker)
        assert changes(asker, start) == []
        world.advance_to(day(4))
        records = changes(asker, start)
        assert changes(asker, start, maxResults=1) == records
        added = changes(asker, start, historyTypes=["messageAdded"])
        gone = records[-1]["messagesDeleted"][0]["message"]["id"]
        assert asker.reason(GMAIL + f"messages/{gone}", format="metadata") == (404, "notFound")
        assert (
            asker.ask(
                GMAIL + "history", startHistoryId=start, historyTypes="messagesAdded"
            ).status_code
            == 400
        )
    kinds = [next(key for key in record if key not in ("id", "messages")) for record in records]
    assert kinds == ["messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted"]
    assert records[1]["labelsAdded"][0]["labelIds"] == ["STARRED"]
    assert [one["id"] for one in added] == [records[0]["id"]]


def test_a_filtered_page_of_history_may_be_empty_and_have_a_next_one() -> None:
    world = world_of_kate()
    for number in range(3):
        world.mail(day(1, number), OMAR, KATE, f"Mail {number}")
    world.mail(day(2), KATE, OMAR, "Mine")
    with asking(world) as asker:
        start = cursor(asker)
        world.advance_to(day(3))
        pages = list(
            asker.pages(GMAIL + "history", startHistoryId=start, labelId="SENT", maxResults=2)
        )
    assert ["history" in page for page in pages] == [False, True]


def test_history_is_forgotten_after_a_week_but_not_for_who_has_seen_all() -> None:
    world = world_of_kate()
    world.mail(day(1), OMAR, KATE, "One")
    with asking(world) as asker:
        before = cursor(asker)
        world.advance_to(day(2))
        after = cursor(asker)
        world.advance_to(day(9))
        assert asker.reason(GMAIL + "history", startHistoryId=before) == (404, "notFound")
        assert changes(asker, after) == []
        assert asker.reason(GMAIL + "history", startHistoryId="99999999999")[0] == 404
        assert asker.reason(GMAIL + "history")[0] == 400


def post(asker: Asker, mail: EmailMessage, **more: str) -> Any:
    raw = base64.urlsafe_b64encode(mail.as_bytes()).decode().rstrip("=")
    return asker.session.post(
        asker.google.api_root + GMAIL + "messages/send",
        json={"raw": raw} | more,
        headers={"Authorization": f"Bearer {asker.token}"},
        timeout=5,
    )


def report(to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Kate Lind <{KATE}>", to
    mail["Subject"] = "Your week 48 [7Q3F2K]"
    mail["Message-ID"] = "<report-48@noshow.example>"
    mail["X-Noshow-Report"] = "48"
    mail.set_content("secret body")
    mail.add_alternative("<p>secret body</p>", subtype="html")
    return mail


def test_a_mail_to_oneself_is_one_message_that_the_next_sync_finds() -> None:
    world = world_of_kate()
    world.advance_to(day(1))
    with GoogleSandbox(world) as google:
        reader, sender = Asker(google), Asker(google, SEND)
        start = cursor(reader)
        sent = post(sender, report(KATE)).json()
        assert sorted(sent["labelIds"]) == ["CATEGORY_PERSONAL", "INBOX", "SENT", "UNREAD"]
        (record,) = changes(reader, start)
        assert record["messagesAdded"][0]["message"]["id"] == sent["id"]
        (mail,) = reader.mails()
        assert headers(mail)["message-id"] == "<report-48@noshow.example>"
        assert headers(mail)["x-noshow-report"] == "48"
        # The send scope can send, and see nothing.
        assert sender.reason(GMAIL + "messages") == (403, "insufficientPermissions")
        assert post(reader, report(KATE)).status_code == 403
        assert google.log.units("gmail.users.messages.send") == 100


def test_a_sent_mail_reaches_other_mailboxes_and_dead_addresses_bounce() -> None:
    world = world_of_kate()
    world.account("jonas@ourco.example", "Jonas Weber")
    world.human("dead@client.example", dead_from=day(0))
    world.advance_to(day(1))
    with GoogleSandbox(world, quirks=Quirks(keeps_message_id=False)) as google:
        post(Asker(google, SEND), report("jonas@ourco.example, dead@client.example"))
        (received,) = Asker(google, who="jonas@ourco.example").mails()
        world.advance_to(day(1, 10))
        bounce, sent = Asker(google).mails()
    assert received["labelIds"] == ["CATEGORY_PERSONAL", "INBOX", "UNREAD"]
    assert headers(received)["message-id"].endswith("@mail.gmail.com>")
    assert sent["labelIds"] == ["SENT"]
    assert headers(bounce)["x-failed-recipients"] == "dead@client.example"
    assert headers(bounce)["content-type"].endswith("report-type=delivery-status")
    assert bounce["threadId"] == sent["threadId"]


def test_a_send_without_recipient_or_mime_is_refused() -> None:
    world = world_of_kate()
    with GoogleSandbox(world) as google:
        sender = Asker(google, SEND)
        assert post(sender, EmailMessage()).status_code == 400
        reply = sender.session.post(
            google.api_root + GMAIL + "messages/send",
            json={},
            headers={"Authorization": f"Bearer {sender.token}"},
            timeout=5,
        )
        assert reply.status_code == 400


def test_a_send_whose_answer_is_lost_was_still_done() -> None:
    world = world_of_kate()
    world.advance_to(day(1))
    faults = Faults(Fault("drop_after", where="gmail.users.messages.send"))
    with GoogleSandbox(world, faults=faults) as google:
        sender = Asker(google, SEND)
        try:
            post(sender, report(KATE))
            raise AssertionError("an answer came")
        except OSError:
            pass
        assert len(Asker(google).mails()) == 1


def test_calendar_mails_look_as_googles_and_exchanges_do() -> None:
    world = world_of_kate()
    petra = world.human("petra@vendor.example", "Petra Voss", system="exchange").address
    ana = world.human("ana@vendor.example", "Ana Pires").address
    first = world.invite(day(0), KATE, [OMAR, petra], day(9, 13), title="Pilot review")
    world.answer(day(1), first, OMAR, "declined")
    world.answer(day(2), first, petra, "declined", by=ana)
    theirs = world.invite(day(3), OMAR, [KATE], day(9, 15), title="Call")
    world.cancel(day(4), theirs)
    world.advance_to(day(5))
    with asking(world) as asker:
        canceled, invitation, exchange, google = asker.mails()
    lines = headers(google)
    assert lines["subject"] == (
        "Declined: Pilot review @ Wed Jun 10, 2026 3pm - 3:30pm (CEST) (kate@ourco.example)"
    )
    assert lines["from"] == "Omar Haddad <omar@client.example>"
    assert lines["sender"] == "Google Calendar <calendar-notification@google.com>"
    assert lines["message-id"].startswith("<calendar-")
    assert lines["auto-submitted"] == "auto-generated"
    lines = headers(exchange)
    assert lines["subject"] == "Declined: Pilot review"
    assert lines["from"] == "Petra Voss <petra@vendor.example>"
    assert lines["sender"] == "Ana Pires <ana@vendor.example>"
    assert "EE_MeetingMessage" in lines["x-ms-traffictypediagnostic"]
    assert headers(invitation)["subject"].startswith("Invitation: Call @ ")
    assert headers(canceled)["subject"].startswith("Canceled event: Call @ ")


def test_a_draft_lies_with_its_writer_and_goes_nowhere() -> None:
    world = world_of_kate()
    world.account("jonas@ourco.example", "Jonas Weber")
    draft = world.mail(day(0), KATE, "jonas@ourco.example", "Not yet", draft=True)
    world.delete_mail(day(1), KATE, draft)
    world.mail(day(1), KATE, "jonas@ourco.example", "Now")
    world.advance_to(day(0, 12))
    with GoogleSandbox(world) as google:
        kate, jonas = Asker(google), Asker(google, who="jonas@ourco.example")
        assert [mail["labelIds"] for mail in kate.mails()] == [["DRAFT"]]
        assert jonas.mails() == []
        world.advance_to(day(2))
        assert [mail["labelIds"] for mail in kate.mails()] == [["SENT"]]
        assert len(jonas.mails()) == 1
