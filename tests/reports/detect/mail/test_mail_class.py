"""Is the class of a mail decided by who sent it, and never by its subject alone?"""

from __future__ import annotations

import pytest

from tests.support.facts.mail_box import ADA, DANA, Box, found

NULL = "return-path: <>"
SUPPRESS = "x-auto-response-suppress: All"
LOOP = "x-ms-exchange-inbox-rules-loop: dana@client.example"


def class_of(headers: str = "", subject: str = "Offer", from_: str = DANA, **more: object) -> str:
    """The class of one mail to Ada."""
    box = Box()
    box.mail("2026-11-02 10:00", from_, headers=headers, subject=subject, **more)
    return found(box).classes()[0]


def test_a_plain_mail_was_written_by_a_person() -> None:
    assert class_of() == "human"


@pytest.mark.parametrize(
    "headers",
    [
        "content-type: text/calendar; method=reply",
        "content-class: urn:content-classes:calendarmessage",
        "x-mail-calendar-part: Yes",
        "x-ms-exchange-calendar-originator-id: 1",
        "x-ms-traffictypediagnostic: AM0:EE_MeetingMessage|DB9:EE_",
    ],
)
def test_a_calendar_header_makes_a_calendar_mail(headers: str) -> None:
    assert class_of(headers) == "calendar"


def test_a_providers_own_type_makes_a_calendar_mail() -> None:
    assert class_of(meeting_type="decline") == "calendar"


def test_googles_calendar_as_sender_makes_a_calendar_mail() -> None:
    assert class_of(sender_address="calendar-notification@google.com") == "calendar"


def test_googles_calendar_message_id_makes_a_calendar_mail() -> None:
    assert class_of(message_key="calendar-1a-2b@google.com") == "calendar"


def test_a_machine_that_sends_a_persons_answer_sends_a_calendar_mail() -> None:
    headers = f"auto-submitted: auto-generated\ncontent-type: text/calendar\n{NULL}"
    assert class_of(headers) == "calendar"


def test_a_meeting_word_in_the_subject_alone_is_a_persons_mail() -> None:
    assert class_of(subject="Cancelled: order 123") == "human"


def test_a_meeting_word_with_a_known_title_is_a_calendar_mail() -> None:
    box = Box()
    box.meeting("2026-11-10 10:00", subject="Budget")
    box.mail("2026-11-02 10:00", subject="Declined: Budget")
    box.mail("2026-11-02 10:00", subject="Declined: Budgets")
    box.mail("2026-11-02 10:00", subject="Re: Declined: Budget")
    assert found(box).classes() == ["calendar", "human", "human"]


@pytest.mark.parametrize(
    ("headers", "from_"),
    [
        ("x-failed-recipients: dana@client.example", "x@host.example"),
        ("x-ms-exchange-message-is-ndr: true", "x@host.example"),
    ],
)
def test_a_delivery_report_that_says_failure_is_a_bounce(headers: str, from_: str) -> None:
    assert class_of(headers, from_=from_) == "bounce"


@pytest.mark.parametrize(
    ("headers", "from_"),
    [
        ("content-type: multipart/report; report-type=delivery-status", "x@host.example"),
        ('content-type: multipart/report; report-type="delivery-status"', "x@host.example"),
        ("", "mailer-daemon@host.example"),
        ("", "microsoftexchange329e71ec88ae4615@host.example"),
        ("", ""),
    ],
)
@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Undeliverable: Offer", "bounce"),
        ("Successful Mail Delivery Report", "auto"),
        ("Relayed: Offer", "auto"),
        ("Report", "auto"),
    ],
)
def test_other_reports_are_bounces_only_where_their_subject_says_failure(
    headers: str, from_: str, subject: str, kind: str
) -> None:
    assert class_of(headers, from_=from_, subject=subject) == kind


@pytest.mark.parametrize(
    ("results", "kind"),
    [
        ("mx.ours.example; dmarc=fail (p=none) header.from=client.example", "unproven"),
        ("spf=softfail smtp.mailfrom=x.example; dkim=fail header.d=x.example", "unproven"),
        ("mx.ours.example; spf=fail smtp.mailfrom=x.example; dkim=fail; dmarc=pass", "human"),
        ("mx.ours.example; spf=fail smtp.mailfrom=x.example; dkim=pass", "human"),
        ("mx.ours.example; dmarc=pass header.from=client.example", "human"),
    ],
)
def test_a_mail_that_failed_its_sender_check_proves_nothing(results: str, kind: str) -> None:
    assert class_of(f"authentication-results: {results}") == kind


SERVICE = "shares@docs.example"


@pytest.mark.parametrize(
    ("name", "from_", "kind"),
    [
        ("Dana Kim (via Google Docs)", SERVICE, "auto"),
        ("Dana Kim via Docs", SERVICE, "auto"),
        ("Dana Kim via an e-sign tool", SERVICE, "auto"),
        ("Dana Kim über Dokumente", SERVICE, "auto"),
        ("Dana Kim (Google ドキュメント経由)", SERVICE, "auto"),
        ("Dana Kim (mediante Documentos de Google)", SERVICE, "auto"),
        ("Dana Kim (через Google Документы)", SERVICE, "auto"),
        ("Dana Kim (Google Dokümanlar aracılığıyla)", SERVICE, "auto"),
        ("Dana Kim（通过 Google 文档）", SERVICE, "auto"),
        ("Dana Kim via Acme", DANA, "human"),
        ("Kim via Acme", "d.kim@client.example", "human"),
        ("Dana Via", SERVICE, "human"),
        ("Via, Dana", SERVICE, "human"),
        ("Dana Via Romano", SERVICE, "human"),
        ("Olivia Kim", SERVICE, "human"),
        ("via Docs", SERVICE, "human"),
    ],
)
def test_a_service_that_writes_for_somebody_is_a_machine(name: str, from_: str, kind: str) -> None:
    assert class_of(name=name, from_=from_) == kind


def test_a_list_that_rewrites_the_author_is_no_service() -> None:
    listed = "list-id: <team.x.example>\nreply-to: Dana Kim <dana@client.example>"
    assert class_of(listed, name="Dana Kim via Team", from_="team@x.example") == "bulk"


@pytest.mark.parametrize(
    "kind", ["disposition-notification", "feedback-report", '"feedback-report"']
)
def test_receipts_and_complaints_are_no_bounces_whatever_their_subject(kind: str) -> None:
    report = f"content-type: multipart/report; report-type={kind}"
    assert class_of(report, subject="Undeliverable: Offer") == "auto"


def test_a_report_without_its_type_is_a_bounce_only_by_its_subject() -> None:
    report = "content-type: multipart/report"
    assert class_of(report, subject="Undeliverable: Offer") == "bounce"
    assert class_of(report, subject="Report") == "auto"


def test_what_a_rule_has_sent_on_stays_its_writers() -> None:
    rule = "x-ms-exchange-generated-message-source: Mailbox Rules Agent\nauto-submitted: auto-generated"
    assert class_of(rule) == "human"
    assert class_of(rule, subject="Automatic reply: Offer") == "auto"
    assert class_of(rule + "\nx-auto-response-suppress: All") == "auto"


def test_a_postmaster_needs_a_second_sign_to_be_a_bounce() -> None:
    assert class_of(subject="Undeliverable: Offer", from_="postmaster@host.example") == "bounce"
    assert class_of(subject="Your new quota", from_="postmaster@host.example") == "auto"


def test_a_bounces_subject_alone_is_a_persons_mail() -> None:
    assert class_of(subject="Undeliverable: Offer") == "human"


@pytest.mark.parametrize(
    "headers",
    [
        NULL,
        "return-path: ",
        'return-path: <"">',
        "return-path: <> (null sender)",
        "return-path: <MAILER-DAEMON>",
        "return-path: MAILER-DAEMON@mx.client.example",
        "auto-submitted: (help desk) auto-generated",
        'auto-submitted: "auto-replied"',
        "auto-submitted: auto-notified",
        "auto-submitted: yes",
        "auto-submitted: no\nauto-submitted: auto-generated",
        "auto-submitted: auto-replied",
        "auto-submitted: auto-generated (failure)",
        "x-autoreply: yes",
        "x-autorespond: away",
        "x-autoresponder: 1",
        "x-auto-reply: yes",
        "x-autoreply-from: dana@client.example",
        "x-autogenerated: Reply",
        "x-precedence: auto_reply",
        "precedence: auto_reply",
        "x-apple-action: VACATION",
        "content-type: multipart/report; report-type=disposition-notification",
    ],
)
def test_an_automatic_header_makes_an_auto_reply(headers: str) -> None:
    assert class_of(headers) == "auto"


def test_what_a_rule_of_communigate_sent_on_stays_its_writers() -> None:
    assert class_of("x-autogenerated: Redirect") == "human"


def test_a_return_path_that_names_somebody_is_no_sign() -> None:
    assert class_of("return-path: <dana@client.example>") == "human"
    assert class_of("return-path: dana@client.example") == "human"


@pytest.mark.parametrize("value", ["no", "No", '"no"', "(by hand) no", "no; comment", "no (typed)"])
def test_auto_submitted_no_is_a_person(value: str) -> None:
    assert class_of(f"auto-submitted: {value}") == "human"


def test_auto_submitted_that_only_begins_with_no_is_automatic() -> None:
    assert class_of("auto-submitted: notified") == "auto"


@pytest.mark.parametrize("weak", [SUPPRESS, LOOP, f"{SUPPRESS}\n{LOOP}"])
def test_weak_signs_need_a_null_sender_or_an_away_subject(weak: str) -> None:
    assert class_of(weak) == "human"
    assert class_of(f"{NULL}\n{weak}") == "auto"
    assert class_of(weak, subject="Automatic reply: Offer") == "auto"
    assert class_of(weak, subject="Réponse automatique : Offer") == "auto"


def test_an_away_subject_alone_is_a_persons_mail() -> None:
    assert class_of(subject="Out of office furniture") == "human"
    assert class_of(subject="Automatic reply: Offer") == "human"


@pytest.mark.parametrize(
    "headers",
    [
        "list-id: <news.client.example>",
        "list-unsubscribe: <mailto:off@client.example>",
        "precedence: bulk",
        "feedback-id: 1:2:3",
        "x-hs-email-campaign-id: 7",
        "x-sg-eid: abc",
    ],
)
def test_a_list_header_makes_bulk(headers: str) -> None:
    assert class_of(headers) == "bulk"


def test_a_no_reply_address_never_writes_by_hand() -> None:
    assert class_of(from_="no-reply@client.example") == "auto"


def test_a_known_contact_who_answers_us_is_a_person_whatever_bulk_headers_it_bears() -> None:
    box = Box()
    ours = box.sent("2026-11-02 10:00")
    box.mail("2026-11-03 10:00", re=ours, headers="list-unsubscribe: <x>\nfeedback-id: 1")
    assert found(box).classes() == ["human", "human"]


def test_a_known_contacts_bulk_mail_that_answers_nothing_stays_bulk() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-03 10:00", headers="list-unsubscribe: <x>")
    assert found(box).classes() == ["human", "bulk"]


def test_a_stranger_on_a_list_who_answers_us_stays_bulk() -> None:
    box = Box()
    ours = box.sent("2026-11-02 10:00", to="list@forum.example")
    box.mail("2026-11-03 10:00", re=ours, headers="list-id: <forum>")
    assert found(box).classes() == ["human", "bulk"]


def test_an_automatic_answer_to_ours_stays_automatic() -> None:
    box = Box()
    ours = box.sent("2026-11-02 10:00")
    box.mail("2026-11-02 10:01", re=ours, headers="auto-submitted: auto-replied\nprecedence: bulk")
    assert found(box).classes() == ["human", "auto"]


def test_a_mailing_of_ours_is_bulk_even_to_somebody_we_know() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", headers="list-unsubscribe: <mailto:off@ours.example>")
    assert found(box).classes() == ["bulk"]


def test_a_header_name_inside_a_value_decides_nothing() -> None:
    assert class_of("reply-to: list-id: x <dana@client.example>") == "human"


def test_drafts_chats_future_and_undated_mails_are_no_mails() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", draft=True)
    box.mail("2026-11-02 10:00", chat=True)
    box.mail("2026-11-24 10:00")
    kept = box.mail("2026-11-02 10:00")
    box.rows["messages"][1]["at"] = None
    assert found(box).mails["message_id"].tolist() == [kept]


def test_a_mail_in_our_mailbox_that_names_nobody_of_us_came_by_bcc_or_by_a_list() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", to="somebody@else.example")
    box.mail("2026-11-02 10:00", to="somebody@else.example", headers="list-id: <x>")
    box.mail("2026-11-02 10:00", to=ADA, headers="list-id: <x>")
    assert found(box).mails["to_us"].tolist() == [True, False, True]


def test_direction_is_out_in_or_internal() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-02 10:00")
    box.sent("2026-11-02 10:00", to="ben@ours.example")
    mails = found(box).mails
    assert mails["direction"].tolist() == ["out", "in", "internal"]
    assert mails["contact"].tolist() == ["", DANA, ""]
