"""Running sums that transfers keep beside the balances, such as votes: their arithmetic bars nobody.

A transfer lowers the sum of one party and raises that of another by what it moves, in place or as a new entry of a
history. Such a mapping follows balances, as long as whoever else writes it does so for everybody alike: where some
privileged account writes it, it is a quota.
"""

from __future__ import annotations

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.locations import Field, locate
from tarazy.screening.bytecode.term import Term, Word, loads, walk
from tarazy.screening.checks._amounts import is_about_amount


@cached
def tallies(facts: ContractFacts) -> frozenset[int]:
    """Return the roots of the mappings that keep running sums, and of those that count their entries."""
    signs: dict[int, set[str]] = {}
    counters = set[int]()
    guarded = {w.change.place.root for w in facts.writers if not w.open and w.entry not in facts.transfers}
    for name in facts.transfers:
        for made in facts.changes[name].values():
            for change in made:
                root = change.place.root
                if root is None or not change.field.depth or facts.layout.keeps_books(change.field) or root in guarded:
                    continue
                for term in walk(change.value):
                    if term.op in ("add", "sub") and rests_on(term, root):
                        if is_about_amount(name, term):
                            signs.setdefault(root, set()).add(term.op)
                        elif 1 in term.args:
                            counters.add(root)
    sums = frozenset(root for root, found in signs.items() if found == {"add", "sub"})
    return sums | frozenset(counters) if sums else sums


def rests_on(word: Word, root: int) -> bool:
    """Return whether a word reads a mapping."""
    return isinstance(word, Term) and any(locate(load.args[0]).root == root for load in loads(word))


def keeps_tallies(facts: ContractFacts, field: Field) -> bool:
    """Return whether a field is part of a running sum."""
    return field.root in tallies(facts)
