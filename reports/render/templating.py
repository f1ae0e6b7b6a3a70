"""How does text become HTML: escaped, from the templates beside this module?"""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

_LOADER = PackageLoader("reports.render", "templates")


def environment(*, lstrip: bool = False) -> Environment:
    """Templates that escape all text and refuse a name that nobody gave.

    lstrip: white space before a block's tag is left out.
    """
    return Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=lstrip,
    )


@lru_cache(maxsize=8)
def source(name: str) -> str:
    """A file beside the templates, as it stands: a style sheet, a script."""
    return _LOADER.get_source(environment(), name)[0]
