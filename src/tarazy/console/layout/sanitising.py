"""What a template prints for a value: nothing unseen, nothing endless, never None."""

from __future__ import annotations

from markupsafe import Markup

from tarazy.platform.sanitising import cut, sanitised

SHOWN_CHARACTERS_MAX = 20_000


def finalize(value: object) -> object:
    """Return what a template prints for a value: every text goes through `sanitised`, None is an error.

    Raises: ValueError for None, so that no page ever says None.
    """
    if value is None:
        raise ValueError("expected something to show, found None: let the template say what is not known")
    if isinstance(value, str) and not isinstance(value, Markup):
        return sanitised(cut(value, SHOWN_CHARACTERS_MAX))
    return value
