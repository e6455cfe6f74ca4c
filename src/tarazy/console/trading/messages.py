"""What the pages say in three languages: the English text is the key, a catalogue has the others.

A catalogue is TOML: `"English text" = "text"`. What stands in `{braces}` is filled in. A text that is missing in a
catalogue is shown in English; a test finds it. The Russian and the Kazakh texts were made by a machine and nobody has
read them since, and every page in these languages says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "messages"
ENGLISH, RUSSIAN, KAZAKH = "en", "ru", "kk"
NAMES = {ENGLISH: "English", RUSSIAN: "Русский", KAZAKH: "Қазақша"}
LANGUAGES = {code: name for code, name in NAMES.items() if code == ENGLISH or (FOLDER / f"{code}.toml").exists()}
MADE_BY_MACHINE = frozenset({RUSSIAN, KAZAKH})

Translate = Callable[..., str]


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return a catalogue; the English one is empty."""
    if language not in MADE_BY_MACHINE:
        return {}
    return dict(tomllib.loads((FOLDER / f"{language}.toml").read_text()))


@cache
def translator(language: str) -> Translate:
    """Return what puts a text into a language and fills in what it is told of."""
    texts = catalogue(language)

    def translate(text: str, /, **filled: Any) -> str:
        found = texts.get(text, text)
        for name, value in filled.items():
            found = found.replace(f"{{{name}}}", str(value))
        return found

    return translate


def language_of(wanted: str | None, kept: str | None, accepted: str) -> str:
    """Return the language of a page: asked for, else kept from before, else the first that the browser accepts."""
    for each in (wanted, kept):
        if each in LANGUAGES:
            return str(each)
    for part in accepted.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return ENGLISH
