"""Fields of acts from the texts that people give, at the command line or in a form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

YES, NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


def body_from_texts(where: str, fields: Sequence[ActField], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return a body: a line for each entry of a list, JSON for a table, nothing for an empty text.

    Raises: ActRefusedError, which names the field.
    """
    known = {each.name: each for each in fields}
    if strange := sorted(set(texts) - set(known)):
        raise ActRefusedError(where, expected=f"the fields {', '.join(sorted(known))}", found=strange[0][:80])
    lines = {name: text.replace("\r\n", "\n").strip() for name, text in texts.items()}  # as browsers send them
    found = {name: value_from(f"{where}, {name}", known[name], text) for name, text in lines.items()}
    return {name: value for name, value in found.items() if value is not None}


def texts_from(body: Mapping[str, Any]) -> dict[str, str]:
    """Return a body as the texts that a form takes: what `body_from_texts` makes a body of."""
    found = {}
    for name, value in body.items():
        if isinstance(value, bool):
            found[name] = "yes" if value else "no"
        elif isinstance(value, list):
            found[name] = json.dumps(value) if value and isinstance(value[0], dict) else "\n".join(map(str, value))
        else:
            found[name] = str(value)
    return found


def value_from(where: str, field: ActField, text: str) -> Any:
    """Return the value that a text stands for, None for an empty one. Raises: ActRefusedError."""
    if not text:
        return None
    if field.kind in ("list", "wholes"):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines if field.kind == "list" else [_whole(where, field, line) for line in lines]
    if field.kind == "whole":
        return _whole(where, field, text)
    if field.kind == "flag":
        if text.casefold() not in YES + NO:
            raise ActRefusedError(where, expected=field.form, found=text[:80])
        return text.casefold() in YES
    return _table(where, field, text) if field.kind == "table" else text


def _whole(where: str, field: ActField, text: str) -> int:
    digits = text.replace("_", "").replace(",", "").replace(" ", "")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 31:
        raise ActRefusedError(where, expected=field.form, found=text[:80])
    return int(digits)


def _table(where: str, field: ActField, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ActRefusedError(where, expected=f"{field.form}, as JSON", found=str(error)[:80]) from None
