"""What pages say in three languages: the English text is the key, a catalogue has the others.

A catalogue is TOML: `"English text" = "text"`. What stands in `{braces}` is filled in. A text with a number has as many
forms as the language: `"{count} byte|{count} bytes" = ["...", "...", "..."]`. A text that is missing in a catalogue is
shown in English; a test finds it. The Russian and the Kazakh texts were made by a machine and nobody has read them
since, and every page in these languages says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

ENGLISH, RUSSIAN, KAZAKH = "en", "ru", "kk"
NAMES = {ENGLISH: "English", RUSSIAN: "Русский", KAZAKH: "Қазақша"}
MADE_BY_MACHINE = frozenset({RUSSIAN, KAZAKH})

Translate = Callable[..., str]
Texts = Mapping[str, str | list[str]]


@cache
def read_catalogue(path: Path) -> Texts:
    """Return a catalogue; one that is not there is empty, as the English one is."""
    return dict(tomllib.loads(path.read_text())) if path.exists() else {}


def filled_in(text: str, filled: Mapping[str, Any]) -> str:
    """Return a text with its blanks filled."""
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def translator_of(texts: Texts) -> Translate:
    """Return what puts a text into a language and fills in what it is told of."""

    def translate(text: str, /, **filled: Any) -> str:
        found = texts.get(text, text)
        return filled_in(found if isinstance(found, str) else text, filled)

    return translate


def counter_of(texts: Texts, language: str) -> Translate:
    """Return what says a number with its noun in the form that the number asks for."""

    def count(one: str, many: str, number: int, /) -> str:
        forms = texts.get(f"{one}|{many}")
        text = form_of(forms, language, number) if isinstance(forms, list) else one if number == 1 else many
        return filled_in(text, {"count": f"{number:,}"})

    return count


def form_of(forms: list[str], language: str, number: int) -> str:
    """Return the form of a text for a number.

    Source: Unicode CLDR, plural rules: Russian one (1, 21, not 11), few (2 to 4, not 12 to 14), many; Kazakh sets the
    noun behind a number in the singular.
    """
    if language != RUSSIAN or len(forms) < 3:
        return forms[0]
    last, last_two = number % 10, number % 100
    if last == 1 and last_two != 11:
        return forms[0]
    return forms[1] if last in (2, 3, 4) and last_two not in (12, 13, 14) else forms[2]


def language_of(wanted: str | None, kept: str | None, accepted: str) -> str:
    """Return the language of a page: asked for, else kept from before, else the first that the browser accepts."""
    for each in (wanted, kept):
        if each in NAMES:
            return str(each)
    for part in accepted.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in NAMES:
            return code
    return ENGLISH
