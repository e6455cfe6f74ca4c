"""What the traders' pages say in three languages; the catalogues are in the folder beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tarazy.console.layout.messages import (
    ENGLISH,
    KAZAKH,
    MADE_BY_MACHINE,
    NAMES,
    RUSSIAN,
    Translate,
    language_of,
    read_catalogue,
    translator_of,
)

__all__ = ["ENGLISH", "KAZAKH", "LANGUAGES", "MADE_BY_MACHINE", "RUSSIAN", "Translate", "language_of"]

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = NAMES


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return a catalogue; the English one is empty."""
    if language not in MADE_BY_MACHINE:
        return {}
    return {text: str(shown) for text, shown in read_catalogue(FOLDER / f"{language}.toml").items()}


@cache
def translator(language: str) -> Translate:
    """Return what puts a text into a language and fills in what it is told of."""
    return translator_of(catalogue(language))
