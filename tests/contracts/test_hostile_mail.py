"""Is one hostile mailbox told alike, whichever source it is read from?

Each contact wrote in July and was asked three times in October; a newsletter of 22 November closes
the mailbox. By itself that is T3. Then one mail as programs and strangers really write them comes in,
and Google's API, Graph and exported files must tell the same of it. What a provider forces to be
otherwise is named here, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from config import phrasing
from config.clock import to_micros
from config.ours import Ours
from config.policy import Policy
from connectors.sandbox.world.acts import Deliver
from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.world import World
from tests.contracts.readers import WAYS, reader
from tests.contracts.world import KATE
from tests.support.facts.asked import detect

OURS = Ours(
    mailboxes=MappingProxyType({KATE: KATE}),
    domains=frozenset({"ourco.example"}),
    zone="Europe/Berlin",
)
END = datetime(2026, 11, 23, 9, tzinfo=UTC)
ARRIVED = datetime(2026, 11, 10, 9, tzinfo=UTC)
ASKED = (
    datetime(2026, 10, 5, 9, tzinfo=UTC),
    datetime(2026, 10, 13, 9, tzinfo=UTC),
    datetime(2026, 10, 27, 9, tzinfo=UTC),
)
Header = tuple[str, str]
REPORT = 'multipart/report; report-type=delivery-status; boundary="r"'


@dataclass(frozen=True)
class Came:
    """What came on 10 November, and what must be told of the contact's silence.

    `sender`: by default the contact; `at client` stands for their own domain. `answers`: it names
    our first question in In-Reply-To. `headers` may hold {ask}, its Message-ID. `otherwise`: what
    a source must tell instead, by its name, because its provider forces it.
    """

    rule: str
    sender: str = "dana@{client}"
    headers: tuple[Header, ...] = ()
    answers: bool = True
    subject: str = "Re: Proposal {n}"
    content_type: str = 'text/plain; charset="UTF-8"'
    sent_at: datetime | None = None
    spam: bool = False
    null_path: bool = False
    same_key: bool = False
    asks: tuple[Header, ...] = ()
    to_all: int = 0
    otherwise: dict[str, str] = field(default_factory=dict)


AUTO = (("Auto-Submitted", "auto-generated"),)
EMIL = "emil@{client}"
CASES: dict[str, Came] = {
    "a plain answer": Came(""),
    "an answer in the spam folder": Came("", spam=True),
    "an answer whose own clock is months behind": Came(
        "", sent_at=datetime(2026, 7, 29, 9, tzinfo=UTC)
    ),
    "a second mail under one Message-ID": Came("", same_key=True),
    **{
        f"a colleague who names it as {written!r}": Came(
            "", EMIL, headers=((name, written),), answers=False
        )
        for name, written in (
            ("In-Reply-To", "=?utf-8?q?=3C{ask_q}=3E?="),
            ("In-Reply-To", "<{ask_capitals}>"),
            ("References", "<X@Y.EXAMPLE> <{ask_capitals}>"),
            ("In-Reply-To", "<ticket-7@desk.example> <{ask}>"),
            ("In-Reply-To", "<{ask}> (your mail of Monday)"),
            ("In-Reply-To", "{ask}"),
            ("In-Reply-To", "&lt;{ask}&gt;"),
            ("References", "<x@y.example> {ask}"),
        )
    },
    "a colleague who names it in the second of two headers": Came(
        "", EMIL, (("In-Reply-To", "<x@y.example>"), ("In-Reply-To", "<{ask}>")), answers=False
    ),
    "a colleague on a list": Came("unknown bulk-answer", EMIL, (("List-Id", "<team.{client}>"),)),
    "an address that nobody knows": Came(
        "unknown thread-answer dana.kim@newgroup.example", "dana.kim@newgroup.example"
    ),
    "a help desk's program": Came("unknown generated-answer", headers=AUTO),
    "a service that answers": Came("unknown generated-answer", "notifications@board.example"),
    "a service that answers nothing": Came("T3", "notifications@board.example", answers=False),
    "a rule that sent it on": Came(
        "", headers=(("X-MS-Exchange-Generated-Message-Source", "Mailbox Rules Agent"), *AUTO)
    ),
    "a confirmation": Came("unknown generated-answer", null_path=True, headers=AUTO),
    "a mailing of theirs": Came(
        "unknown bulk-answer",
        answers=False,
        headers=(("List-Unsubscribe", "<mailto:off@x.example>"),),
    ),
    "a failed sender check": Came(
        "unknown sender-check",
        headers=(("Authentication-Results", "mx.ourco.example; dmarc=fail header.from=x.example"),),
    ),
    "a forged check under our own": Came(
        "",
        headers=(
            ("Authentication-Results", "mx.ourco.example; dmarc=pass header.from=x.example"),
            ("Authentication-Results", "mx.ourco.example; dmarc=fail header.from=x.example"),
        ),
    ),
    "a report of success": Came(
        "T3",
        "mailer-daemon@{client}",
        subject="Successful Mail Delivery Report",
        content_type=REPORT,
    ),
    "a report of success behind a gateway": Came(
        "T3", "mailer-daemon@{client}", subject="[EXT] Relayed: Proposal {n}", content_type=REPORT
    ),
    "a report that does not say": Came(
        "unknown unclear-report", "mailer-daemon@{client}", subject="Report", content_type=REPORT
    ),
    "a receipt": Came(
        "T3",
        subject="Read: Proposal {n}",
        content_type="multipart/report; report-type=disposition-notification",
    ),
    "six recipients": Came("", answers=False, sender="news@lists.example", to_all=5),
    "a mailing of ours": Came(
        "",
        "news@lists.example",
        answers=False,
        asks=(("List-Unsubscribe", "<mailto:off@ourco.example>"),),
        # Sent items bear no headers at Graph, and three mails to one person are no mailing by number.
        otherwise={"microsoft": "T3"},
    ),
}


def hostile() -> World:
    """All cases in one mailbox, each with a contact of its own."""
    world = World(datetime(2026, 6, 29, 8, tzinfo=UTC))
    world.account(KATE, "Kate Lind", zone="Europe/Berlin")
    world.human("news@lists.example", "News")
    for number, case in enumerate(CASES.values()):
        world.add(_told(world, number, case))
    world.newsletter(
        datetime(2026, 11, 22, 20, tzinfo=UTC), world.human("news@fieldnotes.example", "Notes"),
        KATE, "Field Notes",
    )  # fmt: skip
    world.advance_to(END)
    return world


def _told(world: World, n: int, case: Came) -> Deliver:
    """The history with this case's contact; what came on 10 November."""
    client, dana = f"client{n}.example", f"dana@client{n}.example"
    names = {"client": client, "n": n}
    for local in ("dana", "emil", "mailer-daemon"):
        world.human(f"{local}@{client}", local.title())
    more = [f"p{one}@firm{n}{one}.example" for one in range(case.to_all)]
    for one in more:
        world.human(one, "P")
    sender = case.sender.format(**names)
    world.human(sender, sender.partition("@")[0].title())
    july = datetime(2026, 7, 1, 9, tzinfo=UTC) + timedelta(minutes=n)
    first = world.mail(july, dana, KATE, f"Hello {n}")
    world.mail(july + timedelta(days=1), KATE, dana, f"Re: Hello {n}", reply_to=first)
    asks: list[str] = []
    for day in ASKED:
        re = asks[0] if asks else ""
        title = f"Re: Proposal {n}" if asks else f"Proposal {n}"
        asks.append(
            world.mail(
                day + timedelta(minutes=n),
                KATE,
                [dana, *more],
                title,
                reply_to=re,
                headers=case.asks,
            )
        )
    ask = asks[0]
    headers = tuple(
        (
            name,
            value.format(ask=ask, ask_q=ask.replace("@", "=40"), ask_capitals=ask.upper(), **names),
        )
        for name, value in case.headers
    )
    letter = Letter(
        key=first if case.same_key else f"answer{n}@{client}",
        at=to_micros(ARRIVED + timedelta(minutes=n)),
        from_=world.human(sender, sender.partition("@")[0].title()),
        to=(world.state.human(KATE),),
        subject=case.subject.format(**names),
        in_reply_to=ask if case.answers else "",
        headers=headers,
        content_type=case.content_type,
        sent_at=None if case.sent_at is None else to_micros(case.sent_at),
        null_path=case.null_path,
        spam=case.spam,
    )
    return Deliver(letter.at, letter)


def told(way: str, folder: Path) -> dict[str, str]:
    """The rule and the reason of each contact's silence, as this way reads the mailbox."""
    folder.mkdir()
    world = hostile()
    with reader(way, folder, world) as source:
        assert all(one.complete for one in source.poll())
        frames = source.store.frames(to_micros(END))
    moment = pd.Timestamp(END)
    found = detect(frames, OURS, Policy(), phrasing.load(), moment).silences
    lines = {row.contact: f"{row.rule} {row.why}".strip() for row in found.itertuples()}
    return {name: lines.get(f"dana@client{n}.example", "") for n, name in enumerate(CASES)}


@pytest.fixture(scope="module")
def by_way(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    folder = tmp_path_factory.mktemp("ways")
    return {way: told(way, folder / way) for way in WAYS}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("way", WAYS)
def test_every_source_tells_the_same_of_a_hostile_mail(
    by_way: dict[str, dict[str, str]], way: str, name: str
) -> None:
    case = CASES[name]
    assert by_way[way][name] == case.otherwise.get(way, case.rule)


def test_most_of_what_is_told_is_forced_by_no_provider() -> None:
    forced = {name: case.otherwise for name, case in CASES.items() if case.otherwise}
    assert forced == {"a mailing of ours": {"microsoft": "T3"}}
