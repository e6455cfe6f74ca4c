"""Does a token take the name of another? Compared as the eye reads it, on the chain where it stands.

How near a name or symbol comes to a known one:
    same       equal but for case and spacing
    disguised  equal to the eye, and made so with look-alike or invisible characters: honest issuers do not do that
    near       equal once digits are read as letters and separators dropped; of a name, one slip of the pen
    other      none of these
and what follows:
    a disguise of either                                     yes, on any chain
    name and symbol both same or near, true one on this chain yes
    the same, true one only on other chains                  unknown: a bridge or the issuer may have deployed it
    only one of the two the same                             unknown: tickers are not unique
    anything else, or the known token itself                 no
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tarazy.chains.evm.facts import TokenFacts
from tarazy.screening.identity.folding import Folded, distance, fold
from tarazy.screening.identity.known_tokens import KnownToken, KnownTokens, known_tokens
from tarazy.screening.model import Answer, Capability, Evidence

NAME = "impersonation"
NEAR_LENGTH_MIN = 6  # one slip in a shorter name makes another word
MAIN_CHAIN = 1
GRADES = {Answer.NO: 0, Answer.UNKNOWN: 1, Answer.YES: 2}


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a token stands to the known one that it comes nearest to; `known` is that token, None where there is none."""

    answer: Answer
    reason: str
    known: KnownToken | None = None

    @property
    def true_address(self) -> str | None:
        """Return where the token that is imitated truly stands."""
        return self.known.address if self.known and self.answer is Answer.YES else None


def answer_impersonation(
    token: TokenFacts, chain_id: int | None, address: str | None, table: KnownTokens | None = None
) -> Capability:
    """Answer the capability for a token at an address of a chain."""
    found = compare(token, chain_id, address, table)
    evidence: tuple[Evidence, ...] = ()
    if found.known:
        known = found.known
        detail = f"{known.name} ({known.symbol}) by {known.issuer} is {known.address} on chain {known.chain_id}"
        evidence = (Evidence("table", detail),)
    return Capability(NAME, found.answer, found.reason, evidence=evidence)


def compare(token: TokenFacts, chain_id: int | None, address: str | None, table: KnownTokens | None = None) -> Likeness:
    """Compare a token's name and symbol with every known one."""
    table = table or known_tokens()
    if chain_id is None or address is None:
        return Likeness(Answer.UNKNOWN, "the chain and address are not known, so the token may be the true one")
    itself = table.at(chain_id, address)
    if itself:
        return Likeness(Answer.NO, f"it is the listed {itself.name} ({itself.symbol}) by {itself.issuer}")
    if token.name is None and token.symbol is None:
        return Likeness(Answer.UNKNOWN, "neither name nor symbol was read")
    name, symbol = fold(token.name or ""), fold(token.symbol or "")
    here = {known.symbols.plain for known in table.rows if known.chain_id == chain_id}
    likenesses = [weigh(name, symbol, known, chain_id, known.symbols.plain in here) for known in table.rows]
    worst = max(likenesses, key=lambda each: (GRADES[each.answer], rank_of_place(each.known, chain_id)))
    if worst.answer is not Answer.NO:
        return worst
    unseen = sorted(set(name.unseen + symbol.unseen))
    hidden = f"; but it holds characters that are not seen: {', '.join(unseen)}" if unseen else ""
    return Likeness(Answer.NO, f"it resembles none of {len(table.rows)} well-known tokens{hidden}")


def rank_of_place(known: KnownToken | None, chain_id: int) -> int:
    """Prefer the true token of this chain, then that of the main chain."""
    if known is None:
        return 0
    return 3 if known.chain_id == chain_id else 2 if known.chain_id == MAIN_CHAIN else 1


def weigh(name: Folded, symbol: Folded, known: KnownToken, chain_id: int, stands_here: bool) -> Likeness:
    """Weigh one known token; `stands_here`: the same symbol is known on this chain."""
    by_name, by_symbol = resemble(name, known.names, slips=True), resemble(symbol, known.symbols)
    true = f"{known.name} ({known.symbol})"
    unseen = sorted(set(name.unseen + symbol.unseen))
    if "disguised" in (by_name, by_symbol):
        how = f" and characters that are not seen ({', '.join(unseen)})" if unseen else ""
        return Likeness(Answer.YES, f"it is written to look like {true}, with look-alike letters{how}", known)
    if by_name != "other" and by_symbol != "other":
        if stands_here:
            if known.chain_id != chain_id:  # the row of this chain says it
                return Likeness(Answer.NO, "")
            return Likeness(Answer.YES, f"name and symbol are those of {true}, which stands elsewhere", known)
        return Likeness(
            Answer.UNKNOWN,
            f"name and symbol are those of {true}, of which no deployment on chain {chain_id} is known",
            known,
        )
    if "same" in (by_name, by_symbol):
        shared = "symbol" if by_symbol == "same" else "name"
        return Likeness(Answer.UNKNOWN, f"it shares the {shared} of {true}, and {shared}s are not unique", known)
    return Likeness(Answer.NO, "")


def resemble(given: Folded, known: Folded, slips: bool = False) -> str:
    """Return how near a text comes to a known one: same, disguised, near or other."""
    if not given.plain:
        return "other"
    if given.plain == known.plain:
        return "same"
    if given.skeleton in cases(known.text):
        return "disguised"
    if given.rough == known.rough:
        return "near"
    long = slips and len(known.plain) >= NEAR_LENGTH_MIN and abs(len(given.plain) - len(known.plain)) <= 1
    return "near" if long and distance(given.plain, known.plain) == 1 else "other"


@cache
def cases(text: str) -> frozenset[str]:
    """Return the skeletons of a text as it is, in large and in small letters: I and l look alike, i does not."""
    return frozenset(fold(each).skeleton for each in (text, text.upper(), text.lower()))
