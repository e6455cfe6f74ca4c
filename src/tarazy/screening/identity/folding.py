"""Names as the eye reads them: what looks alike folds to the same text, what cannot be seen is taken out and reported.

    plain      the text itself, but for case, spacing and the sign of the tugrik, which Tether itself uses
    skeleton   look-alikes of other scripts, wide and styled letters, and I, l, 1 folded; marks and invisibles removed
    rough      the skeleton with digits read as letters (5 for s), rn as m, and separators removed
The table of look-alikes is our own and short (`confusables.csv`): letters that imitate Latin ones.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "confusables.csv"
LENGTH_MAX = 256  # of what a contract calls itself; the rest is cut, so that a long name costs nothing
BARS = str.maketrans({"I": "1", "l": "1", "|": "1", "!": "1"})
LEET = str.maketrans({"0": "o", "5": "s", "$": "s", "3": "e", "4": "a", "@": "a", "7": "t", "8": "b"})
TUGRIK = "\u20ae"
# Not of the category for format characters, and yet nothing is seen of them.
BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u180e")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in its three foldings, with the names of the characters that nobody sees."""

    text: str
    plain: str
    skeleton: str
    rough: str
    unseen: tuple[str, ...]


@cache
def look_alikes() -> dict[int, str]:
    """Return the table of look-alikes, for `str.translate`."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {int(row["code_point"], 16): row["looks_like"] for row in csv.DictReader(file)}


def is_unseen(character: str) -> bool:
    """Say whether a character changes the text without being seen: zero width, direction marks, blanks, controls."""
    return unicodedata.category(character) in ("Cf", "Cc", "Co", "Cn", "Cs") or character in BLANKS


def fold(text: str) -> Folded:
    """Fold a text."""
    text = text[:LENGTH_MAX]
    return Folded(
        text=text,
        plain=plain(text),
        skeleton=(skeleton := fold_skeleton(text)),
        rough=rough(skeleton),
        unseen=tuple(describe(character) for character in text if is_unseen(character)),
    )


def plain(text: str) -> str:
    """Return the text without regard to case and spacing."""
    return " ".join(unicodedata.normalize("NFC", text).replace(TUGRIK, "T").casefold().split())


def fold_skeleton(text: str) -> str:
    """Return the text as the eye reads it."""
    seen = "".join(character for character in text.replace(TUGRIK, "T") if not is_unseen(character))
    parts = unicodedata.normalize("NFKD", seen)
    bare = "".join(character for character in parts if unicodedata.category(character) not in ("Mn", "Me"))
    return " ".join(bare.translate(look_alikes()).translate(BARS).lower().split())


def rough(skeleton: str) -> str:
    """Return a skeleton with digits read as letters and without separators."""
    read = skeleton.translate(LEET).replace("rn", "m").replace("vv", "w")
    return "".join(character for character in read if character.isalnum())


def describe(character: str) -> str:
    """Return a character by code point and name."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"


def distance(left: str, right: str) -> int:
    """Return how many slips lie between texts: a character put in, taken out, replaced or swapped with its neighbour.

    Cost: the product of the lengths.
    """
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            least = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, above = above, row
    return above[-1]
