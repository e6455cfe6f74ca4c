"""Sentences of a report in another language: each was composed from a template, and is taken apart by the same one.

A screening answers in English, and its reports are kept and signed so. A catalogue of sentences has every template
with its blanks: `"{who} can {act}" = "..."`. A sentence is held against the templates, those with the most words of
their own first. What fills a blank is put into the language too where it is a phrase, and stays as it is where it is a
name, an address, a number or a text of a stranger. A sentence that no template fits is shown in English.

What a blank takes is told by its name, with or without a number behind it:

    n percent state     a number, a share, a state of the simulation
    who act acts        holders of a power, what a power lets do, several of that
    name                a name of the catalogue, such as that of an actor; a number may stand behind it
    code                names and texts of others, as they are
    say says            a sentence; several, between them "; "
    why                 why something reverted: often a text of a stranger, else a sentence
    word words          a phrase; several, between them ", "

Cost: linear in the length of a sentence for each template; a sentence is asked for once and remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tarazy.console.layout.messages import Texts, form_of

CHARACTERS_MAX = 4_000
DEPTH_MAX = 8
UNCOUNTED = 5  # what is no whole number takes the form of many
BLANK = re.compile(r"\{([a-z]+)(\d*)\}")
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?(e[+-]?\d+)?")
PERCENT = re.compile(r"-?[\d.,]+(e[+-]?\d+)? %")
STATES = ("synthetic", "deployed", "forked")
WHERE = re.compile(r"(.+?) (\((?:[^()]|\([^()]*\))*\))")
# What needs no words of a language: numbers, hexadecimal digits, signatures, names in capitals.
NEUTRAL = re.compile(
    r"(0x[0-9a-f…]+( bits \d+\.\.\d+)?|[\w$.]+\([\w,\[\]() ]*\)|[\d.,]+|[A-Z][A-Za-z]*[A-Z0-9]\w*|\W*)"
)

EXPRESSION = re.compile(r"(?:a stored value)?[a-z0-9]*[(\[]")
INSIDE = re.compile(r"a stored value|a list|whoever is named|what the caller names|\bcaller\b")


@dataclass(frozen=True, slots=True)
class Said:
    """A text in another language; `is_whole` where nothing of it had to stay English."""

    text: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class SentenceTemplate:
    """One template: the texts between its blanks, the blanks, and what is said instead in each form."""

    between: tuple[str, ...]
    blanks: tuple[tuple[str, str], ...]  # what it takes, its whole name
    forms: tuple[str, ...]

    @property
    def weight(self) -> int:
        """Return how many characters are the template's own."""
        return sum(map(len, self.between))

    def taken_from(self, text: str) -> list[str] | None:
        """Return what fills the blanks of a text, or None where it is not of this template.

        Each text between blanks is looked for from the left, the last one from the end.
        """
        first, *others = self.between
        if not text.startswith(first):
            return None
        if not others:
            return [] if text == first else None
        place, found = len(first), []
        for between in others[:-1]:
            end = text.find(between, place + 1)
            if end < 0:
                return None
            found.append(text[place:end])
            place = end + len(between)
        end = len(text) - len(others[-1])
        if end <= place or not text.endswith(others[-1]):
            return None
        return [*found, text[place:end]]


def templates_of(texts: Texts) -> tuple[SentenceTemplate, ...]:
    """Return the templates of a catalogue, those with the most words of their own first."""
    made = []
    for key, shown in texts.items():
        for variant in key.split("|"):
            pieces = BLANK.split(variant)
            blanks = tuple((kind, kind + number) for kind, number in zip(pieces[1::3], pieces[2::3], strict=True))
            made.append(
                SentenceTemplate(tuple(pieces[::3]), blanks, (shown,) if isinstance(shown, str) else tuple(shown))
            )
    return tuple(sorted(made, key=lambda each: -each.weight))


class Sentences:
    """Puts sentences of reports into one language."""

    def __init__(self, texts: Texts, language: str) -> None:
        self.language = language
        self.whole = {t.between[0]: t.forms[0] for t in templates_of(texts) if not t.blanks}
        self.templates = tuple(each for each in templates_of(texts) if each.blanks)
        self._remembered = lru_cache(maxsize=8_192)(self._said)

    def say(self, text: str) -> str:
        """Return a sentence in the language; as it is where no template fits."""
        return self.said(text).text

    def said(self, text: str, depth: int = 0) -> Said:
        """Return a sentence in the language, and whether nothing of it had to stay English."""
        if depth > DEPTH_MAX or len(text) > CHARACTERS_MAX:
            return Said(text, False)
        return self._remembered(text, depth)

    def _said(self, text: str, depth: int) -> Said:
        if text in self.whole:
            return Said(self.whole[text], True)
        if NEUTRAL.fullmatch(text):
            return Said(text, True)
        if is_expression(text):
            return Said(INSIDE.sub(lambda match: self.whole.get(match[0], match[0]), text), True)
        partly: Said | None = None
        for template in self.templates:
            taken = template.taken_from(text)
            said = None if taken is None else self.filled(template, taken, depth + 1)
            if said is not None and said.is_whole:
                return said
            partly = partly or said
        lists = (self.joined(text, between, depth + 1) for between in ("; ", ", ") if between in text)
        return next((each for each in lists if each.is_whole), None) or partly or Said(text, False)

    def filled(self, template: SentenceTemplate, taken: list[str], depth: int) -> Said | None:
        """Return what a template says with its blanks filled; None where something does not belong into its blank."""
        shown, is_whole, number = {}, True, UNCOUNTED
        for (kind, name), value in zip(template.blanks, taken, strict=True):
            said = KINDS[kind](self, value, depth)
            if said is None:
                return None
            if name == "n" and value.replace(",", "").isdecimal():
                number = int(value.replace(",", ""))
            shown[name], is_whole = said.text, is_whole and said.is_whole
        form = form_of(list(template.forms), self.language, number)
        return Said(BLANK.sub(lambda blank: shown[blank[1] + blank[2]], form), is_whole)

    def joined(self, value: str, between: str, depth: int) -> Said:
        """Return several phrases, each in the language."""
        parts = [(part, self.said(part.strip("[]"), depth)) for part in value.split(between)]
        shown = [f"{'[' * part.startswith('[')}{said.text}{']' * part.endswith(']')}" for part, said in parts]
        return Said(between.join(shown), all(said.is_whole for _, said in parts))


def is_expression(text: str) -> bool:
    """Say whether a text is one expression of the code: `mul(arg0, 0x64)`, and not a sentence behind a call."""
    if not EXPRESSION.match(text):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in ")]" and place + 1 < len(text) and text[place + 1] not in "[, +":
            return False
    return depth == 0 and text[-1] in ")]"


def whole(sentences: Sentences, value: str, depth: int) -> Said | None:
    """Return a phrase that must be in the catalogue as it stands."""
    found = sentences.whole.get(value)
    return None if found is None else Said(found, True)


def numbered(sentences: Sentences, value: str, depth: int) -> Said | None:
    """Return a name of the catalogue, with the number behind it."""
    name, _, number = value.rpartition(" ") if value[-1:].isdecimal() else (value, "", "")
    found = sentences.whole.get(name)
    return None if found is None else Said(f"{found} {number}".strip(), True)


def several(sentences: Sentences, value: str, depth: int) -> Said | None:
    """Return several phrases that must be in the catalogue."""
    parts = [sentences.whole.get(part) for part in value.split(", ")]
    known = [part for part in parts if part is not None]
    return Said(", ".join(known), True) if len(known) == len(parts) else None


def holders(sentences: Sentences, value: str, depth: int) -> Said | None:
    """Return holders of a power, with where each stands and its address."""
    shown = []
    for each in value.split(" or "):
        place = WHERE.fullmatch(each)
        name = place[1] if place else each
        found = sentences.whole.get(name) or (f"«{name[4:]}»" if name.startswith("the ") else None)
        if found is None or len(name) > 60:
            return None
        where = sentences.joined(place[2][1:-1], ", ", depth).text if place else ""
        shown.append(f"{found} ({where})" if where else found)
    return Said(sentences.whole.get(" or ", " / ").join(shown), True)


def pattern_kind(pattern: re.Pattern[str]) -> Kind:
    """Return a kind of blank whose filling has a form and stays as it is."""
    return lambda sentences, value, depth: Said(value, True) if pattern.fullmatch(value) else None


Kind = Callable[[Sentences, str, int], Said | None]
KINDS: dict[str, Kind] = {
    "n": pattern_kind(NUMBER),
    "percent": pattern_kind(PERCENT),
    "state": lambda sentences, value, depth: whole(sentences, value, depth) if value in STATES else None,
    "who": holders,
    "act": whole,
    "acts": several,
    "name": numbered,
    "code": lambda sentences, value, depth: Said(value, True),
    "say": lambda sentences, value, depth: sentences.said(value, depth),
    "why": lambda sentences, value, depth: Said(sentences.said(value, depth).text, True),
    "says": lambda sentences, value, depth: sentences.joined(value, "; ", depth),
    "word": lambda sentences, value, depth: sentences.said(value, depth),
    "words": lambda sentences, value, depth: sentences.joined(value, ", ", depth),
}
