"""Which entries may look like a party: found by the sounds of single words, so that not all pairs are compared.

Each word of a name stands under its consonants, those of one place of the mouth as one (b and p, d and t, g, k and h,
all hissing sounds), and, where it has four or more, under each form that lacks one of them: a letter that differs, is
missing or is too much is still found. An entry is a candidate where two of the party's words
lead to it, or one where either name has one word alone. Identifiers and addresses are looked up as they are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tarazy.facility.accounts.parties import PartyFacts
from tarazy.facility.accounts.screening.listed import ListedParty
from tarazy.facility.accounts.screening.names import fold_name, skeleton

DELETED_MIN = 4
PLACES = str.maketrans("bdghqvzSCJ", "ptkkkfssss")


class ListIndex:
    """Entries of a list by the sounds of their words."""

    def __init__(self, entries: list[ListedParty]) -> None:
        self.entries = entries
        self._by_sound: defaultdict[str, set[int]] = defaultdict(set)
        self._single: set[int] = set()
        self._by_identifier: defaultdict[str, set[int]] = defaultdict(set)
        self._by_address: defaultdict[str, set[int]] = defaultdict(set)
        for place, entry in enumerate(entries):
            self._add(place, entry)

    def _add(self, place: int, entry: ListedParty) -> None:
        for name in (*entry.names, *entry.weak_names):
            words = all_words(name, entry.kind)
            if len(words) == 1:
                self._single.add(place)
            for word in (*words, *joined(words)):
                for sound in sounds(word):
                    self._by_sound[sound].add(place)
        for number in entry.identifiers:
            self._by_identifier[number].add(place)
        for address in entry.addresses:
            self._by_address[plain_address(address)].add(place)

    def candidates(self, party: PartyFacts) -> list[ListedParty]:
        """Return the entries that are worth comparing, in the list's order."""
        found = set(self._by_identifier.get(party.identifier, ())) if party.identifier else set()
        for name in party.names:
            words = all_words(name, party.kind)
            counted: Counter[int] = Counter()
            for word in (*words, *joined(words)):
                counted.update(set().union(*(self._by_sound.get(sound, ()) for sound in sounds(word))))
            needed = min(2, len(words))
            found.update(p for p, n in counted.items() if n >= needed or p in self._single)
        return [self.entries[place] for place in sorted(found)]

    def with_address(self, address: str) -> list[ListedParty]:
        """Return the entries that name an address."""
        return [self.entries[place] for place in sorted(self._by_address.get(plain_address(address), ()))]


def all_words(name: str, kind: str) -> tuple[str, ...]:
    """Return the folded words of a name, its patronymics among them."""
    folded = fold_name(name, is_company=kind == "company")
    return folded.words + folded.patronymics


def joined(words: tuple[str, ...]) -> list[str]:
    """Return each two neighbours as one word: `Kassym Jomart` is written in one as well."""
    return [one + other for one, other in pairwise(words)]


def sounds(word: str) -> Iterator[str]:
    """Yield under which sounds a folded word stands."""
    bones = skeleton(word).translate(PLACES)
    yield bones
    if len(bones) >= DELETED_MIN:
        yield from (bones[:place] + bones[place + 1 :] for place in range(len(bones)))


def plain_address(address: str) -> str:
    """Return an address as it is compared: hexadecimal ones in small letters, all others as they are."""
    text = address.strip()
    return text.lower() if text.lower().startswith("0x") else text
