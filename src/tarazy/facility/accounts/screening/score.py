"""How much a party looks like an entry of a list: a sum in parts of a thousand, and the parts that it is made of.

Name: each word of the shorter name finds its likest word in the other; the order of words is free. What is found of the
shorter name counts for 800, what is found of the longer one for 200; a patronymic that both have and that differs takes
60 off. Then the evidence beside the name: birth date, country. An identifier or an address that is the same is a hit by
itself. Nothing else goes in, so that whoever reads a hit can add it up.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from tarazy.facility.accounts.parties import PartyFacts
from tarazy.facility.accounts.screening.countries import code_of
from tarazy.facility.accounts.screening.listed import ListedParty
from tarazy.facility.accounts.screening.names import FoldedName, fold_name, skeleton

FULL = 1_000
SHORTER, LONGER = 800, 200
ALIKE_MIN = 700  # two words that are less alike are two words
SAME_SKELETON = 900
SKELETON_LETTERS_MIN = 3
PATRONYMIC_DIFFERS = -60
WEAK_NAME = -50
SAME_DAY, SAME_YEAR, NEAR_YEAR, OTHER_YEAR = 60, 40, 0, -100
SAME_COUNTRY, OTHER_COUNTRY = 20, -20
NEAR_YEARS = 2


class NameLikeness(NamedTuple):
    """A score and what it is made of. Units: parts of a thousand, from 0 to 1,000."""

    score: int
    own_name: str
    listed_name: str
    name: int
    patronymic: int
    weak: int
    birth: int
    country: int
    identifier: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs and for the hit."""
        return self._asdict()


def likeness(party: PartyFacts, listed: ListedParty) -> NameLikeness:
    """Return how much a party looks like an entry, by the pair of names that are most alike."""
    best = NameLikeness(0, party.names[0], "", 0, 0, 0, 0, 0, "")
    for own in party.names:
        mine = fold_name(own, is_company=party.kind == "company")
        for weak, names in ((0, listed.names), (WEAK_NAME, listed.weak_names)):
            for other in names:
                theirs = fold_name(other, is_company=listed.kind == "company")
                name, patronymic = name_score(mine, theirs), patronymic_score(mine, theirs)
                if name + patronymic + weak > best.name + best.patronymic + best.weak:
                    best = NameLikeness(0, own, other, name, patronymic, weak, 0, 0, "")
    evidence = birth_score(party.birth_date, listed.births), country_score(party, listed)
    same = party.identifier if party.identifier and party.identifier in listed.identifiers else ""
    total = best.name + best.patronymic + best.weak + sum(evidence) if best.name else 0
    score = FULL if same else max(0, min(FULL, total))
    return best._replace(score=score, birth=evidence[0], country=evidence[1], identifier=same)


def name_score(one: FoldedName, other: FoldedName) -> int:
    """Return how much two names have in common, also where one parts a word that the other writes in one.

    One word alone is compared only with one word alone.
    """
    shorter, longer = sorted((one.words, other.words), key=len)
    variants = [longer]
    if len(longer) > len(shorter):
        variants += [(*longer[:i], longer[i] + longer[i + 1], *longer[i + 2 :]) for i in range(len(longer) - 1)]
    return max(words_score(shorter, variant) for variant in variants)


def words_score(shorter: tuple[str, ...], longer: tuple[str, ...]) -> int:
    """Return the score of two lists of words: the likest pairs first, each word once."""
    if not shorter or (len(shorter) == 1) != (len(longer) == 1):
        return 0
    pairs = sorted(((alike(a, b), i, j) for i, a in enumerate(shorter) for j, b in enumerate(longer)), reverse=True)
    found, mine, theirs = 0, set[int](), set[int]()
    for value, i, j in pairs:
        if value >= ALIKE_MIN and i not in mine and j not in theirs:
            mine.add(i)
            theirs.add(j)
            found += value
    return found * SHORTER // (len(shorter) * FULL) + found * LONGER // (len(longer) * FULL)


@lru_cache(maxsize=1 << 17)
def alike(one: str, other: str) -> int:
    """Return how alike two folded words are, of a thousand."""
    if one == other:
        return FULL
    if len(one) == 1 or len(other) == 1:
        return ALIKE_MIN if one[0] == other[0] else 0
    mine, theirs = skeleton(one), skeleton(other)
    if mine == theirs and len(mine) >= SKELETON_LETTERS_MIN:
        return SAME_SKELETON
    longest = max(len(one), len(other))
    return FULL - FULL * edits(one, other) // longest


def edits(one: str, other: str) -> int:
    """Return how many letters are put in, left out, changed or swapped with their neighbour between two words."""
    two_back: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, two_back[j - 2] + 1)
            row.append(cost)
        two_back, last = last, row
    return last[-1]


def patronymic_score(one: FoldedName, other: FoldedName) -> int:
    """Take off where both names have a patronymic and no two of them are alike."""
    if not one.patronymics or not other.patronymics:
        return 0
    best = max(alike(a, b) for a in one.patronymics for b in other.patronymics)
    return 0 if best >= ALIKE_MIN else PATRONYMIC_DIFFERS


def birth_score(own: str, births: tuple[str, ...]) -> int:
    """Return what the birth date says: the likest of those that the list gives; nothing where one side is silent."""
    return max((one_birth(own, each) for each in births), default=0) if own else 0


def one_birth(own: str, listed: str) -> int:
    """Return what one date of the list says."""
    if own == listed:
        return SAME_DAY
    first, _, last = listed.partition("..")
    year, begins, ends = int(own[:4]), int(first[:4]), int((last or first)[:4])
    if begins <= year <= ends:
        return SAME_YEAR
    return NEAR_YEAR if begins - NEAR_YEARS <= year <= ends + NEAR_YEARS else OTHER_YEAR


def country_score(party: PartyFacts, listed: ListedParty) -> int:
    """Return what countries say; a country that the table does not know says nothing."""
    own = {code for code in (party.country, party.residence) if code}
    theirs = {code for text in listed.countries if (code := code_of(text))}
    if not own or not theirs:
        return 0
    return SAME_COUNTRY if own & theirs else OTHER_COUNTRY
