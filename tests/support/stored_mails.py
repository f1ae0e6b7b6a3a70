"""What does a store hold of each mail, beyond what rules read of it?"""

from __future__ import annotations

import pandas as pd
from sqlalchemy import BigInteger, Boolean, select

from connectors.store.store import Store
from connectors.store.tables.schema import messages

_MOMENTS = [one.name for one in messages.c if one.name.endswith("_at") or one.name == "at"]
_FLAGS = [one.name for one in messages.c if isinstance(one.type, Boolean)]


def stored_mails(store: Store) -> pd.DataFrame:
    """All mails with all their columns, in the order of their numbers; deleted ones too."""
    assert all(isinstance(messages.c[name].type, BigInteger) for name in _MOMENTS)
    with store.database.reading() as connection:
        rows = connection.execute(select(messages).order_by(messages.c.message_id)).all()
    frame = pd.DataFrame(rows, columns=messages.c.keys())
    moments = {
        name: pd.to_datetime(frame[name].astype("Int64"), unit="us", utc=True) for name in _MOMENTS
    }
    return frame.astype(dict.fromkeys(_FLAGS, bool)).assign(**moments)
