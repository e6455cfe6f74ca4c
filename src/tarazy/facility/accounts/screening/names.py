"""Names brought to one form, so that spellings of one name in Cyrillic, Kazakh and Latin letters meet.

Steps, each a table below that a reader can check:
1. Marks over letters are taken off, letters made small, and everything that is no letter or digit parts words.
2. Cyrillic is written in Latin by one letter table (Russian, Kazakh, Ukrainian, Kyrgyz letters).
3. Spellings of one sound are folded to one: kh and h, zh and j and dzh, ya and ia, yev and ev, q and k, ou and u.
   The tables are made from: the passport tables of Russia and Kazakhstan (ICAO Doc 9303), BGN/PCGN, GOST 7.79 B,
   Kazakhstan's Latin alphabet of 2021 (with q, s-cedilla, dotless i), and usual French, English and Turkish spellings.
4. Words without weight (bin, al, oglu; forms of companies) are dropped; endings of patronymics are cut.

Known limits: German j for y ("Jelzin"), Polish letter pairs, Ukrainian h for g, x for kh, and short forms of first
names ("Sasha") do not meet. Names in Arabic, Chinese or other scripts meet only where they are written the same.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Step 2. One Latin spelling for each letter; step 3 folds the others to it.
CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i",
    "ї": "i", "є": "e", "ґ": "g", "ў": "u", "ҳ": "h", "ҷ": "j", "ӣ": "i", "ӯ": "u",
}  # fmt: skip
# Latin letters that marks do not part from a plain one.
LATIN = {"ı": "y", "ə": "a", "ŋ": "n", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th"}
# Letters whose mark says which sound it is, before marks are taken off.
MARKED = {"ş": "sh", "ș": "sh", "š": "sh", "ç": "ch", "č": "ch", "ž": "zh"}
# Step 3, in this order: (pattern, what it becomes). S, C and J are the sounds sh, ch and zh.
FOLDS = (
    (r"shch|sch", "S"),
    (r"tch|ch", "C"),
    (r"sh", "S"),
    (r"dzh|zh|dj", "J"),
    (r"j", "J"),
    (r"kh|gh", lambda found: "h" if found[0] == "kh" else "g"),
    (r"ph", "f"),
    (r"ck|q", "k"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"w", "v"),
    (r"x", "ks"),
    (r"tz", "ts"),
    (r"ou|oo", "u"),
    (r"[yi]+(?=[aeou])", ""),
    (r"y|ii", "i"),
    (r"ff\b", "v"),
    (r"(.)\1+", r"\1"),
)  # fmt: skip
PATTERNS = tuple((re.compile(pattern), to) for pattern, to in FOLDS)
WORD = re.compile(r"[^\W_]+")
APART = re.compile(r"['’‘`ʼʻʹ\"ъьЪЬ]")
STEM_LETTERS_MIN = 3
VOWELS = str.maketrans("", "", "aeiou")
WORDS_MAX = 12


class FoldedName(NamedTuple):
    """A name as it is compared: its words, folded, in their order, and the stems of its patronymics."""

    words: tuple[str, ...]
    patronymics: tuple[str, ...]


@lru_cache(maxsize=1 << 17)
def fold_word(word: str) -> str:
    """Return one word in the form in which words are compared."""
    small = "".join(MARKED.get(letter, letter) for letter in unicodedata.normalize("NFC", word.lower()))
    plain = "".join(CYRILLIC.get(letter, LATIN.get(letter, letter)) for letter in small)
    parted = unicodedata.normalize("NFKD", plain)
    text = "".join(letter for letter in parted if not unicodedata.combining(letter))
    for pattern, to in PATTERNS:
        text = pattern.sub(to, text)
    return text


# Step 4, in folded spelling.
PARTICLES = frozenset(map(fold_word, "al el ul bin ibn ben bint abu umm van von der den de da di du la le dos".split()))
SONS = frozenset(map(fold_word, "uly ogly oglu kyzy kizi gyzy zade".split()))
FORMS = frozenset(
    map(
        fold_word,
        "llp llc ltd limited inc corp corporation co company jsc ojsc pjsc cjsc gmbh ag sa plc lp the "
        "тоо ооо оао зао пао ао нао кх жшс ақ еақ жк тдо".split(),
    )
)
ENDINGS = tuple(map(fold_word, "ovich evich ovna evna inichna ich uly kyzy ogly".split()))


def fold_name(text: str, *, is_company: bool = False) -> FoldedName:
    """Return a whole name. A patronymic is told by its ending, where two other words are left."""
    folded = [fold_word(word) for word in WORD.findall(APART.sub("", text))][:WORDS_MAX]
    dropped = FORMS if is_company else PARTICLES
    words = [word for word in folded if word and word not in dropped] or folded
    if is_company:
        return FoldedName(tuple(words), ())
    stems: list[str] = []
    for place in range(len(words) - 1, 0, -1):
        if words[place] in SONS and len(words) > 3:  # `Abish uly`: the word before is the father's name
            stems.append(words[place - 1])
            del words[place - 1 : place + 1]
            break
    fathers = [word for word in words if patronymic_stem(word)]
    if len(fathers) == 1 and len(words) > 2:  # two such words: one is a surname, and nobody knows which
        stems.append(patronymic_stem(fathers[0]))
        words.remove(fathers[0])
    return FoldedName(tuple(words), tuple(stems))


def patronymic_stem(word: str) -> str:
    """Return a father's name out of a folded patronymic, empty where the word is none."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM_LETTERS_MIN:
            return word.removesuffix(ending)
    return ""


def skeleton(word: str) -> str:
    """Return a folded word without its vowels; a word of vowels stays."""
    return word.translate(VOWELS) or word
