"""Do the phrase tables say what mail programs write, in every language?"""

from __future__ import annotations

import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from config import phrasing
from config.errors import ConfigError
from reports.detect.mail import subject_lines
from tests.support.facts.mail_box import PHRASES

LANGUAGES = [
    "en",
    "ru",
    "uk",
    "cs",
    "hu",
    "tr",
    "ro",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "pl",
    "ja",
    "zh",
    "ko",
]


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Accepted: Budget @ Wed Jan 11, 2017 10am - 11am (CET) (ada@ours.example)", "accept"),
        ("Tentatively Accepted: Budget", "tentative"),
        ("Invitation Declined: Budget", "decline"),
        ("Canceled event with note: Budget @ Tue 2023-06-13 15:00 - 16:00 (CEST)", "cancel"),
        ("Updated invitation: Budget", "update"),
        ("New Time Proposed: Budget", "counter"),
        ("Mit Vorbehalt: Budget", "tentative"),
        ("İptal edildi: Budget", "cancel"),
        ("İPTAL EDİLDİ: Budget", "cancel"),
        ("Absage: Budget", "either"),
        ("Refusée\u00a0: Budget", "decline"),
        ("Rechazado: Budget", "decline"),
        ("Invito rifiutato: Budget", "decline"),
        ("Convite recusado: Budget", "decline"),
        ("Afgewezen: Budget", "decline"),
        ("Möte inställt: Budget", "cancel"),
        ("Aflyst: Budget", "cancel"),
        ("Avlyst: Budget", "cancel"),
        ("Kutsu hylätty: Budget", "decline"),
        ("Odwołano: Budget", "cancel"),
        ("参加辞退：Budget", "decline"),
        ("已取消：Budget", "cancel"),
        ("새 시간 제안됨: Budget", "counter"),
        ("Re: Declined: Budget", ""),
        ("Declined Budget", ""),
        ("Undeclined: Budget", ""),
    ],
)
def test_a_subject_says_its_kind(subject: str, kind: str) -> None:
    assert subject_lines.kinds(pd.Series([subject], dtype="str"), PHRASES).tolist() == [kind]


@pytest.mark.parametrize(
    "subject",
    [
        "Declined: Budget 2027",
        "Refusée : Budget 2027 @ mar. 3 oct. 2023 10h (ada@ours.example)",
        "Budget 2027",
    ],
)
def test_the_title_is_what_is_left(subject: str) -> None:
    assert subject_lines.titles(pd.Series([subject], dtype="str"), PHRASES).tolist() == [
        "budget 2027"
    ]


def test_a_title_with_an_at_sign_but_no_date_is_kept() -> None:
    given = pd.Series(["Accepted: Lunch @ Dana's"], dtype="str")
    assert subject_lines.titles(given, PHRASES).tolist() == ["lunch @ dana's"]


def test_reply_prefixes_are_cut_as_often_as_they_stand() -> None:
    given = pd.Series(
        ["RE: [ext] AW: Re[2]: Offer", "Antw : Offer", "回复：Offer", "Report: Offer"], dtype="str"
    )
    assert subject_lines.base(given, PHRASES).tolist() == [
        "offer",
        "offer",
        "offer",
        "report: offer",
    ]


@pytest.mark.parametrize(
    "subject", ["Thanks!", "Re: thank you", "FYI: numbers", "Zur Info", "Danke dir", "谢谢你"]
)
def test_closing_words_close(subject: str) -> None:
    assert re.search(PHRASES.closing_pattern, phrasing.plain(subject))


@pytest.mark.parametrize("subject", ["Thanksgiving dates", "Offer", "Tackling costs"])
def test_words_that_only_contain_one_do_not_close(subject: str) -> None:
    assert not re.search(PHRASES.closing_pattern, phrasing.plain(subject))


def test_every_language_has_words_for_each_answer() -> None:
    import tomllib
    from importlib import resources

    text = (resources.files("config") / "phrases" / "meeting.toml").read_text("utf-8")
    tree = tomllib.loads(text)
    assert set(LANGUAGES) <= set(tree)
    for language in LANGUAGES:
        assert {"accept", "tentative", "decline", "cancel", "update"} <= set(tree[language]), (
            language
        )


def test_patterns_mean_the_same_in_re_and_in_arrow() -> None:
    texts = [phrasing.plain(f"{word}: Budget") for word in sorted(PHRASES.meeting)]
    texts += [
        phrasing.plain(word) for word in sorted(PHRASES.away | PHRASES.closing | PHRASES.delay)
    ]
    texts += ["re: offer", "[ext] aw: offer"]
    for pattern in (
        PHRASES.meeting_pattern,
        PHRASES.away_pattern,
        PHRASES.closing_pattern,
        PHRASES.bounce_pattern,
        PHRASES.prefix_pattern,
    ):
        by_arrow = pc.match_substring_regex(pa.array(texts), pattern).to_pylist()
        assert by_arrow == [bool(re.search(pattern, text)) for text in texts]
        assert any(by_arrow)


def test_machines_daemons_and_roles_are_told_by_their_address() -> None:
    assert PHRASES.is_machine("no-reply@client.example")
    assert PHRASES.is_machine("room@resource.calendar.google.com")
    assert PHRASES.is_machine("2_geytamrwhe4demjr@imip.me.com")
    assert not PHRASES.is_machine("a@me.com")
    assert not PHRASES.is_machine("nora@client.example")
    assert not PHRASES.is_machine("ownerson@client.example")
    assert not PHRASES.is_machine("info@client.example")
    assert PHRASES.is_role("info@client.example")
    assert PHRASES.is_daemon("mailer-daemon@client.example")
    assert not PHRASES.is_daemon("postmaster@client.example")


def test_freemail_is_known_in_its_families_and_below() -> None:
    assert PHRASES.is_freemail("gmail.com")
    assert PHRASES.is_freemail("yahoo.co.uk")
    assert not PHRASES.is_freemail("live.example")
    assert not PHRASES.is_freemail("client.example")


def test_a_word_that_means_two_things_is_named_with_its_place() -> None:
    with pytest.raises(ConfigError) as caught:
        phrasing.build(
            {"meeting": {"en": {"accept": ["Yes"]}, "de": {"decline": ["yes"], "odd": ["x"]}}}
        )
    assert len(caught.value.problems) == 2
    assert "meeting.de.decline" in caught.value.problems[0]


def test_a_table_of_the_wrong_type_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        phrasing.build({"closing": {"en": {"word": "thanks"}}})
    assert caught.value.problems == ("closing.en.word: not a list of words",)


def test_empty_tables_match_nothing() -> None:
    empty = phrasing.build({})
    assert not re.search(empty.closing_pattern, "thanks")
    assert not empty.is_machine("no-reply@client.example")


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Undeliverable: Offer", "bounce"),
        ("Delivery Notification: Delivery has failed", "bounce"),
        ("Benachrichtung zum Übermittlungsstatus (Fehlgeschlagen)", "bounce"),
        ("Non recapitabile: Offer", "bounce"),
        ("配信不能: Offer", "bounce"),
        ("Delivery Notification: Delivery has been delayed", "delay"),
        ("Verzögert: Offer", "delay"),
        ("Delivery Notification: Delivery has been successful", "delivered"),
        ("Zugestellt: Offer", "delivered"),
        ("Delivery report", ""),
        ("Automatikus válasz: Offer", "away"),
        ("Автоматический ответ: Offer", "away"),
        ("Verzögerte Antwort wegen Urlaub", ""),
        ("Forsinket svar", ""),
    ],
)
def test_a_report_says_failure_delay_success_or_nothing(subject: str, said: str) -> None:
    found, text = phrasing.load(), phrasing.plain(subject)
    delay = bool(re.search(found.delay_pattern, text))
    bounce = bool(re.search(found.bounce_pattern, text)) and not delay
    delivered = bool(re.search(found.delivered_pattern, text)) and not delay
    away = bool(re.search(found.away_pattern, text))
    flags = {"bounce": bounce, "delay": delay, "delivered": delivered, "away": away}
    assert [name for name, holds in flags.items() if holds] == ([said] if said else [])


@pytest.mark.parametrize(
    ("title", "off"),
    [
        ("[EXT] FW: Canceled: Review", True),
        ("Kopie: Abgesagt: Review", True),
        ("Doorst: Re: Geannuleerd: Review", False),
        ("VB: Geannuleerd: Review", True),
        ("İptal edildi: Review", True),
        ("(Annulé) Review", True),
        ("Cancelled flights: Review", False),
        ("Copy: Review", False),
    ],
)
def test_a_title_says_that_the_meeting_is_off_behind_any_prefix(title: str, off: bool) -> None:
    assert PHRASES.says_called_off(title) is off
