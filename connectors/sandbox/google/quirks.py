"""What do Google's documents leave open? Each of it is a switch here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Quirks:
    """What the facts leave open, as switches. The defaults are what public reports show.

    `rsvp_moves_updated`, `rsvp_in_delta`: an answer counts as a change. `stub_extras`: a stub has
    kind and etag beside id and status. `wrong_start_on_removal`: an uninvited guest's stub bears
    a start in the past. `bare_instances`: cancelled occurrences lack even originalStartTime.
    `tombstone_days`: when deleted entries disappear. `series_window_days`: how much of a deleted
    series comes under singleEvents. `sync_token_days`, `updated_min_days`, `history_days`: how
    far back Google remembers. `snippet_under_metadata`: gmail.metadata shows snippets.
    `keeps_message_id`: messages.send keeps the sender's Message-ID. `history_labels`: the history
    shows all labels of a message that was relabelled. `listed_last`: ids of mails that lists show
    behind all others, however new they are: their order is promised nowhere. `administrators`: who
    may read the domain's audit log, which shows an act after `audit_hours`, and its directory, which
    shows `directory_page` rows a page at most.
    """

    rsvp_moves_updated: bool = True
    rsvp_in_delta: bool = True
    stub_extras: bool = True
    wrong_start_on_removal: bool = False
    bare_instances: bool = False
    tombstone_days: int = 30
    series_window_days: int = 183
    sync_token_days: int = 28
    updated_min_days: int = 28
    history_days: int = 7
    snippet_under_metadata: bool = True
    keeps_message_id: bool = True
    history_labels: bool = False
    listed_last: frozenset[str] = frozenset()
    administrators: frozenset[str] = frozenset()
    audit_hours: float = 2.0
    directory_page: int = 500
