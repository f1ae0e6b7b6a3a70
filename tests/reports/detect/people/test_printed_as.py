"""Of whom is a claim that was printed before addresses were joined, or parted?"""

from __future__ import annotations

import pytest

from reports.detect.people.printed_as import key_of

OLD, NEW = "dana@client.example", "amy@home.example"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (f"uid |{OLD}|2026-11-16T09:00|declined", f"uid |{NEW}|2026-11-16T09:00|declined"),
        (f"{OLD} a@mail.example", f"{NEW} a@mail.example"),
        # mails and promises name nobody, and an organiser may write anything into a UID
        ("a@mail.example", "a@mail.example"),
        ("promise 3", "promise 3"),
        (f"x|{OLD}|y |{OLD}|2026-11-16T09:00|M6", f"x|{OLD}|y |{NEW}|2026-11-16T09:00|M6"),
        (f"x{OLD} a@mail.example", f"x{OLD} a@mail.example"),
    ],
)
def test_the_key_names_the_person_once(key: str, expected: str) -> None:
    assert key_of(key, OLD, NEW) == expected
