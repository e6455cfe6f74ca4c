"""Whose consent a path shows: the holder is the caller, gave the caller an allowance that is looked at, or signed.

A consent is the word that names the holder. A comparison of the caller, or of another word, with the same number is
kept as a pair, so that `holder == KEEPER and caller == KEEPER` is read as the holder being the caller.
"""

from __future__ import annotations

from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.guards import is_caller, recovered
from tarazy.screening.bytecode.layout import Layout
from tarazy.screening.bytecode.locations import Location, locate
from tarazy.screening.bytecode.term import Term, Word, loads, operators, walk
from tarazy.screening.bytecode.terms import TermPool

# Permit2 keeps allowances for holders and takes only by them, or with the holder's signature; its code and address are
# the same on every chain (github.com/Uniswap/permit2). Solady's tokens need no allowance of it.
PERMIT2 = 0x000000000022D473030F116DDEE9F6B43AC78BA3
RECOVERS = 1  # the precompiled contract that tells from a digest and a signature who signed
SIGNATURE_ASKED = 0x1626BA7E  # isValidSignature(bytes32,bytes) of EIP-1271, which answers with its own selector
SIGNATURE_IS_VALID = (SIGNATURE_ASKED, SIGNATURE_ASKED << 224)


class FlowConsents:
    """The consents that one entry point's conditions and writes show."""

    def __init__(
        self,
        pool: TermPool,
        layout: Layout,
        flow: ValueFlow,
        operators: frozenset[tuple[int, int]],
        speaks_for_signers: bool = False,
    ) -> None:
        self.pool = pool
        self.layout = layout
        self.flow = flow
        self.speaks_for_signers = speaks_for_signers  # the contract calls itself only with what somebody signed
        self.operators = operators  # (root, place of the holder among the keys): holders fill them
        self.edges: dict[Edge, frozenset[Word]] = {}

    def of_edge(self, edge: Edge) -> frozenset[Word]:
        """Return the holders who agreed where a condition held."""
        if edge not in self.edges:
            self.edges[edge] = frozenset(self.find(edge))
        return self.edges[edge]

    def find(self, edge: Edge) -> set[Word]:
        """Work out `of_edge`."""
        found = {holder for load in loads(edge.term) if (holder := self.allowing(locate(load.args[0]))) is not None}
        if edge.holds:
            found |= {h for load in loads(edge.term) if (h := self.appointed(locate(load.args[0]))) is not None}
        if edge.holds:
            for term in walk(edge.term):
                if term.op == "ret" and type(term.args[0]) is int:
                    for call in self.flow.calls.get(term.args[0], ()):
                        found |= {asked(self.pool, argument) for argument in call.arguments}
        if edge.term.op == "eq" and edge.holds:
            sides = [bare(side) for side in edge.term.args]
            if self.speaks_for_signers and {s.op for s in sides if isinstance(s, Term)} == {"caller", "address"}:
                found.add(self.pool.term("forwarded"))
            found |= {asked(self.pool, signer) for signer in self.signers_asked(sides)}
            if PERMIT2 in sides and any(map(is_caller, sides)):
                found.add(self.pool.term("kept"))
            for side, other in (sides, sides[::-1]):
                if is_caller(side) or (isinstance(side, Term) and recovered(side, self.flow) and self.binds()):
                    found.add(other)
                if type(side) is int and isinstance(other, Term):
                    found.add(self.pool.term("same", side, self.pool.term("caller") if is_caller(other) else other))
        return found

    def binds(self) -> bool:
        """Return whether what was signed is worked out here: a digest that is passed on may have meant anything."""
        recoveries = (call for made in self.flow.calls.values() for call in made if call.target == RECOVERS)
        return not any(call.arguments and is_passed_on(call.arguments[0]) for call in recoveries)

    def signers_asked(self, sides: list[Word]) -> list[Word]:
        """Return the accounts that were asked whether a signature is theirs, where an answer is held against a yes."""
        if not any(type(side) is int and side in SIGNATURE_IS_VALID for side in sides):
            return []
        calls = (call for made in self.flow.calls.values() for call in made)
        asked_so = (call for call in calls if call.selector in (SIGNATURE_ASKED, None) and call.kind == "STATICCALL")
        return [call.target for call in asked_so if type(call.target) is Term]

    def allowing(self, place: Location) -> Word | None:
        """Return the holder where a place is somebody's allowance to the caller."""
        if len(place.keys) < 2 or place.root in self.layout.balance_roots:
            return None
        keys = [bare(key) for key in place.keys]
        if self.layout.allowance_roots and place.root not in self.layout.allowance_roots:
            return None
        return keys[0] if any(is_caller(key) or is_self(key) for key in keys[1:]) else None

    def appointed(self, place: Location) -> Word | None:
        """Return the holder where a place says whether the caller is an operator whom the holder appointed."""
        keys = [bare(key) for key in place.keys]
        for root, position in sorted(self.operators):
            if place.root == root and len(keys) == 2 and is_caller(keys[1 - position]):
                return keys[position]
        return None


def is_passed_on(digest: Word) -> bool:
    """Return whether a digest is one argument as it came, or with nothing but a fixed text before it."""
    leaves = {term for term in walk(digest) if not any(type(part) is Term for part in term.args)}
    return len(leaves) == 1 and next(iter(leaves)).op == "arg"


def asked(pool: TermPool, holder: Word) -> Term:
    """Return the mark of a holder about whom another contract was asked: whether that is consent is not known."""
    return pool.term("asked", bare(holder))


def is_self(word: Word) -> bool:
    """Return whether a word is the contract itself, to which an allowance may be given."""
    return type(word) is Term and word.op == "address"


def agreed(pool: TermPool, holder: Word, consents: frozenset[Word]) -> bool:
    """Return whether a holder is among those who agreed."""
    holder = bare(holder)
    if pool.term("kept") in consents:
        return True
    if holder in consents or (is_appended(holder) and pool.term("forwarded") in consents):
        return True
    caller = pool.term("caller")
    for consent in consents:
        if isinstance(consent, Term) and consent.op == "same" and consent.args[1] is caller:
            number = consent.args[0]
            if holder == number or pool.term("same", number, holder) in consents:
                return True
    return False


def is_appended(holder: Word) -> bool:
    """Return whether a holder stands at the end of the calldata, where a forwarder puts whom it speaks for."""
    if type(holder) is not Term or "calldatasize" not in operators(holder):
        return False
    return holder.op == "memory" or "calldata" in operators(holder)  # read there, or from a copy of all of it


def bare(word: Word) -> Word:
    """Return a word without a mask to twenty bytes."""
    if type(word) is Term and word.op == "field" and word.args[1] == 0 and word.args[2] == 160:
        return word.args[0]
    return word
