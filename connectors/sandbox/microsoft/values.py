"""How does Graph write an instant, a person, an id, a UID?

The small shapes that calendar and mail share. Facts: facts/microsoft.md 1.4, 1.5, 1.6 and 9;
MS-OXOCAL 2.2.1.27 (Global Object ID).
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import tz_win

from config.clock import from_micros, to_micros
from connectors.sandbox.world.people import Human

Json = dict[str, object]
NEVER = "0001-01-01T00:00:00Z"
NOT_RESPONDED = "4501-01-01T00:00:00Z"
_PREFIX = bytes.fromhex("040000008200E00074C5B7101A82E008")


def stamp(micros: int, digits: int = 0) -> str:
    """An instant as Graph writes it; the width of the fraction varies from field to field."""
    moment = from_micros(micros)
    whole = moment.strftime("%Y-%m-%dT%H:%M:%S")
    if not digits:
        return whole + "Z"
    return f"{whole}.{f'{moment.microsecond:06d}0'[:digits]}Z"


def wall(micros: int, zone: str = "UTC") -> Json:
    """A `dateTimeTimeZone`: a naive wall time and the zone's Windows name."""
    moment = from_micros(micros).astimezone(_zone(zone))
    name = "UTC" if zone == "UTC" else windows(zone)
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0", "timeZone": name}


def windows(zone: str) -> str:
    """The Windows name of an IANA zone, as mailboxes bear it."""
    return tz_win.get(zone, zone)


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)


def instant(text: str) -> int:
    """A query's moment [µs UTC]; without an offset it is UTC (facts 1.1). Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return to_micros(moment)


def person(human: Human) -> Json:
    """A `recipient`. Where nobody wrote a name, Exchange repeats the address."""
    return {"emailAddress": {"name": human.name or human.address, "address": human.address}}


def pack(kind: str, *parts: object, immutable: bool = True) -> str:
    """An id that only this server can read: case-sensitive, and with characters to be quoted.

    The immutable form differs from the default one, so a client that forgets to ask for it on
    one request sees other ids than before.
    """
    text = json.dumps([kind, *parts], separators=(",", ":"))
    form = "AAk" if immutable else "AAM"
    return form + base64.urlsafe_b64encode(text.encode()).decode() + "="


def unpack(text: str) -> list[object]:
    """What `pack` wrote; [] where the text is no id of ours."""
    if not text.startswith(("AAk", "AAM")):
        return []
    try:
        found = json.loads(base64.urlsafe_b64decode(text[3:-1]))
    except (ValueError, binascii.Error):
        return []
    return found if isinstance(found, list) else []


def global_object_id(uid: str, day: datetime | None) -> str:
    """`iCalUId`: an Exchange UID with the occurrence's day in it, or a foreign UID wrapped up."""
    date = b"\x00" * 4
    if day is not None:
        date = day.year.to_bytes(2, "big") + bytes((day.month, day.day))
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        raw = b""
    if raw.startswith(_PREFIX):
        return (raw[:16] + date + raw[20:]).hex().upper()
    inner = b"vCal-Uid\x01\x00\x00\x00" + uid.encode() + b"\x00"
    size = len(inner).to_bytes(4, "little")
    return (_PREFIX + date + b"\x00" * 16 + size + inner).hex().upper()
