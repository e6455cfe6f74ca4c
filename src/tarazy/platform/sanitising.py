"""Text from strangers made safe to look at: what cannot be seen is written out, what is too long is cut and said so.

Names of tokens, revert reasons, file names and a node's errors are chosen by whoever deployed or sent them. Pages, the
command line and logs let every text through here, each at its one place: `console/layout/page_layout.py`,
`cli/output.py`, `platform/logs.py`. Taken away is what escaping for HTML leaves: control codes of terminals, text that
turns its direction, hides, stacks marks or never ends.
"""

from __future__ import annotations

import unicodedata

MARKS_IN_A_ROW_MAX = 3
RUN_SHOWN_MAX = 4
WRITTEN_OUT = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
HARMLESS = frozenset("\n\t")
# Letters without ink that are no format characters: Hangul fillers, Braille blank, Khmer inherent vowels.
BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def sanitised(text: str) -> str:
    """Return text in which every character that hides or turns the line is written as [U+202E], long runs in short."""
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = run = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        hidden = category in WRITTEN_OUT and character not in HARMLESS
        if hidden or character in BLANK_LETTERS or marks > MARKS_IN_A_ROW_MAX:
            run += 1
            if run <= RUN_SHOWN_MAX:
                shown.append(f"[U+{ord(character):04X}]")
            continue
        shown.append(rest_of_run(run) + character)
        run = 0
    return "".join(shown) + rest_of_run(run)


def one_line(text: str) -> str:
    """Return text that is sanitised and makes no line of its own: line ends are written out as well."""
    return sanitised(text).replace("\n", "[U+000A]").replace("\t", " ")


def rest_of_run(run: int) -> str:
    """Return how many characters of a run were not written out."""
    return f"[{run - RUN_SHOWN_MAX} more like these]" if run > RUN_SHOWN_MAX else ""


def cut(text: object, characters_max: int) -> str:
    """Return the beginning of a text and, where it was longer, how long it is."""
    words = str(text)
    if len(words) <= characters_max:
        return words
    return f"{words[:characters_max]}… ({len(words):,} characters)"
