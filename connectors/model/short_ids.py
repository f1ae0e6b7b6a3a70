"""What does an id look like that a person reads in a mail and types into another?

Six characters of Crockford's base 32, which has no I, L, O and U, so that an id survives being read
aloud: https://www.crockford.com/base32.html. Claims and the subjects of reports bear them.
"""

from __future__ import annotations

import re
import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 6

_READS = str.maketrans("OIL", "011")
_WHOLE = re.compile(rf"[{CROCKFORD}]{{{LENGTH}}}")


def drawn() -> str:
    """Six random characters (30 bits); whether it is free, its keeper must look."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(LENGTH))


def as_drawn(typed: str) -> str:
    """The id that was meant, however its letters were typed: `iqaof2` -> `1QA0F2`."""
    return typed.strip().upper().translate(_READS)


def is_short_id(text: str) -> bool:
    """Is this, as it stands, an id of ours?"""
    return _WHOLE.fullmatch(text) is not None
