"""What the pages of the screening say texts with: words of pages, numbers with their nouns, sentences of reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from tarazy.console.layout.messages import MADE_BY_MACHINE, Texts, counter_of, read_catalogue, translator_of
from tarazy.console.screening.sentences import Sentences

FOLDER = Path(__file__).parent / "messages"


def page_texts(language: str) -> Texts:
    """Return the catalogue of what pages say; that of English is empty."""
    return read_catalogue(FOLDER / f"pages.{language}.toml") if language in MADE_BY_MACHINE else {}


def sentence_texts(language: str) -> Texts:
    """Return the catalogue of what reports say; that of English is empty."""
    return read_catalogue(FOLDER / f"sentences.{language}.toml") if language in MADE_BY_MACHINE else {}


@cache
def sentences_in(language: str) -> Sentences:
    """Return what puts sentences of reports into a language."""
    return Sentences(sentence_texts(language), language)


@cache
def tools(language: str) -> Mapping[str, Callable[..., str]]:
    """Return what templates say texts with."""
    texts = page_texts(language)
    say = sentences_in(language).say if language in MADE_BY_MACHINE else as_it_is
    return {"_": translator_of(texts), "_n": counter_of(texts, language), "say": say}


def as_it_is(text: str) -> str:
    """Return a sentence of a report in English."""
    return text
