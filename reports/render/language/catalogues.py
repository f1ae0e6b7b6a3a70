"""In which language is the report written? English sentences in the code, others by gettext.

A sentence is one message with `{places}`, never glued from parts that another language would order
otherwise. Translators find them in reports/render/language/locale/*.po (`make messages`); a message without a
translation would stay English, so a test looks for those.
"""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale"
SOURCE = "en"


@lru_cache(maxsize=8)
def catalogue(language: str) -> gettext.NullTranslations:
    """The translations of a language. Raises KeyError for one that has none."""
    if language == SOURCE:
        return gettext.NullTranslations()
    path = FOLDER / f"{language}.po"
    if not path.is_file():
        raise KeyError(language)
    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Customs:
    """What a language's letters do otherwise, beside their words.

    `whole_names`: they greet and sign with the whole name, as people do who say "Sie". `short_zones`:
    a zone is written as its short name of that day ("MEZ"), where the language has one.
    """

    whole_names: bool = False
    short_zones: bool = False


_CUSTOMS = {"de": Customs(whole_names=True, short_zones=True)}


def customs(language: str) -> Customs:
    """A language's customs; those of English where none are known."""
    return _CUSTOMS.get(language, Customs())


def languages() -> tuple[str, ...]:
    """All that a report can be written in."""
    return (SOURCE, *sorted(path.stem for path in FOLDER.glob("*.po")))
