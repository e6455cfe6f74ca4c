"""The token passes itself off as another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tarazy.chains.evm.facts import TokenFacts
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.layout import returned_words
from tarazy.screening.bytecode.term import Word
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.identity.impersonation import MAIN_CHAIN, answer_impersonation
from tarazy.screening.model import Answer, Capability, Holder, HolderKind

NAME, SYMBOL = "0x06fdde03", "0x95d89b41"
NOWHERE = "0x" + "0" * 40  # what was only just deployed in a simulation stands at no address yet
TEXT_MAX = 96  # bytes of a text that the reading keeps in full


class Impersonation(Check):
    """Compare name and symbol with those of well-known tokens."""

    name = "impersonation"
    title = "It takes the name of another token"
    sees = (
        "Name and symbol as the contract answers them, or as they stand in its code, compared as the eye reads them "
        "with the table of well-known tokens and with where those truly stand."
    )
    cannot_see = "Tokens that the table does not know, and names that are kept in storage that was not read: unknown."
    impact = "high"
    confidence = "medium"
    goplus = ("is_true_token", "fake_token")
    fires = "impersonation/vulnerable"
    must_not_fire = "impersonation/benign"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        chain_id, address = place_of(subject)
        table: Any = subject.known.get("tokens")
        found = answer_impersonation(named(subject), chain_id, address, table)
        nobody = Holder(HolderKind.NOBODY, "the name is what it is")
        return replace(found, holders=(nobody,)) if found.answer is Answer.YES else found


def place_of(subject: Subject) -> tuple[int | None, str | None]:
    """Return the chain and the address at which the token stands.

    What a constructor just left in a simulation stands nowhere, so it is not the true token.
    """
    chain = subject.chain
    chain_id = subject.known.get("chain_id") if chain is None else chain.chain_id
    address = subject.known.get("address") if chain is None else chain.address
    simulation = subject.simulation
    if address is None and simulation is not None and simulation.state == "deployed":
        return chain_id or MAIN_CHAIN, NOWHERE
    return chain_id, address


def named(subject: Subject) -> TokenFacts:
    """Return what the token calls itself: as it was read, else as it stands in the code."""
    token = subject.token
    return replace(
        token,
        name=text_in(subject.facts, NAME) if token.name is None else token.name,
        symbol=text_in(subject.facts, SYMBOL) if token.symbol is None else token.symbol,
    )


def text_in(facts: ContractFacts, view: str) -> str | None:
    """Return the text that a view answers from the code alone, None where it reads storage."""
    flow = facts.flows.get(view)
    if flow is None:
        return None
    answers = {node.returned for node in flow.graph.nodes if node.end == "return"}
    return decoded(next(iter(answers))) if len(answers) == 1 and returned_words(flow.graph) else None


def decoded(words: tuple[Word, ...]) -> str | None:
    """Return a text from the words of an answer: offset, length and bytes, all known."""
    numbers = [word for word in words if type(word) is int]
    if len(numbers) != len(words) or len(words) < 3 or numbers[0] != 32 or not 0 < numbers[1] <= TEXT_MAX:
        return None
    data = b"".join(number.to_bytes(32, "big") for number in numbers[2:])
    return data[: numbers[1]].decode("utf-8", "replace") if numbers[1] <= len(data) else None
