"""What did our own receiving side say of a mail's sender? The verdicts of Authentication-Results.

RFC 8601. Around the verdicts stands what the sender chose: an address in quotes or in a comment can
look like a verdict, and dozens of signatures push the last verdict, the policy's, past any limit. So
only the verdicts are kept, the policy's first.
"""

from __future__ import annotations

import re
from typing import Final

_SPECIAL: Final = re.compile(r'["()]')
_ESCAPED: Final = re.compile(r"\\.")
_VERDICT: Final = re.compile(r"^\s*(dmarc|spf|dkim)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)\b", re.IGNORECASE)
_FAILED: Final = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
_DOMAIN: Final = re.compile(r"\bheader\.(?:from|[id])\s*=\s*@?[\w.@+-]{1,255}", re.IGNORECASE)
_ORDER: Final = ("dmarc", "spf", "dkim")
#: More verdicts of one kind say no more.
_MOST: Final = 12


def verdicts(value: str) -> str:
    """`mx.ours; dmarc=fail header.from=x; spf=fail; dkim=pass header.d=y`, of a whole header.

    The value may be folded. The server's name stays where there is one. Linear in the text.
    """
    flat = " ".join(value.split())
    outside, whole = _outside(flat)
    parts = outside.split(";")
    found: dict[str, list[str]] = {method: [] for method in _ORDER}
    for part in parts:
        if said := _VERDICT.match(part):
            domains = (one.replace(" ", "") for one in _DOMAIN.findall(part))
            line = " ".join((f"{said[1].lower()}={said[2].lower()}", *domains))
            found[said[1].lower()].append(line)
    if not whole and not found["dmarc"] and _FAILED.search(flat):
        # What an open quote hides may not be a failure.
        found["dmarc"].append("dmarc=fail")
    server = "" if _VERDICT.match(parts[0]) else " ".join(parts[0].split())[:255].strip()
    kept = [one for method in _ORDER for one in _sure_first(found[method])]
    return "; ".join([server, *kept] if server else kept)


def _sure_first(lines: list[str]) -> list[str]:
    """Each once; the proofs before the failures, which are many where somebody made them up."""
    once = dict.fromkeys(lines)
    return sorted(once, key=lambda one: not one.partition("=")[2].startswith("pass"))[:_MOST]


def _outside(text: str) -> tuple[str, bool]:
    """The text without its comments and quoted strings, and whether all of them were closed.

    An open one hides all that follows.
    """
    text = _ESCAPED.sub("", text)
    pieces: list[str] = []
    depth, quoted, begin = 0, False, 0
    for found in _SPECIAL.finditer(text):
        place, sign = found.start(), found.group()
        if not depth and not quoted:
            pieces.append(text[begin:place])
        if sign == '"':
            # In a comment it is a sign like any other.
            quoted ^= not depth
        elif not quoted:
            depth = max(0, depth + (1 if sign == "(" else -1))
        if not depth and not quoted:
            begin = place + 1
    whole = not quoted and not depth
    return "".join([*pieces, text[begin:]] if whole else pieces), whole
