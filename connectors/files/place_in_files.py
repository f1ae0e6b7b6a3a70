"""Where does an import stand, so that a stopped one goes on and loses no word on what was lost?

The cursor of an import: a text that the store keeps beside each page and never looks into.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from connectors.files.problems import SPANS, Reach
from connectors.model.records import Loss

_VERSION = 3


@dataclass
class State:
    """Where an import stands: the moments of the exports of each calendar that were read, the files
    that are done, the place in the one that is not (its key, a byte offset, the number of messages
    before it), and of what was read so far how far it reaches and what of it was lost.
    """

    exports: dict[str, list[int]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    at: tuple[str, int, int] | None = None
    mail: dict[str, list[int]] = field(default_factory=dict)
    lost: list[Loss] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str | None) -> State:
        """The state in a cursor; a fresh one where it is missing or of another version."""
        try:
            held = json.loads(text or "{}")
            exports = {
                str(key): [int(one) for one in value] for key, value in held["exports"].items()
            }
            if held["v"] != _VERSION:
                # How new each calendar was is worth keeping; a stopped import begins anew.
                return cls(exports)
            at = held["at"]
            return cls(
                exports,
                [str(key) for key in held["done"]],
                (str(at[0]), int(at[1]), int(at[2])) if at else None,
                {name: [int(one) for one in held["mail"].get(name, ())] for name in SPANS},
                [
                    Loss(str(place), str(why), int(count), None if until is None else int(until))
                    for place, why, count, until in held["lost"]
                ],
            )
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return cls()

    def text(self) -> str:
        held = {
            "v": _VERSION,
            "exports": self.exports,
            "done": self.done,
            "at": self.at,
            "mail": self.mail,
            "lost": [(one.place, one.reason, one.count, one.not_after) for one in self.lost],
        }
        return json.dumps(held, separators=(",", ":"), sort_keys=True)

    def tell(self, reach: Reach) -> None:
        """Give a reach what the import had read before it was stopped."""
        for name, span in self.mail.items():
            getattr(reach, name)[:] = span
        for loss in self.lost:
            reach.lost[loss.place, loss.reason] = loss

    def hear(self, reach: Reach) -> None:
        """Take what was read by now from a reach."""
        self.mail = {name: list(getattr(reach, name)) for name in SPANS}
        self.lost = list(reach.lost.values())
