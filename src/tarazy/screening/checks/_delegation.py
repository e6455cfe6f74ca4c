"""Code of others that runs on this storage: where its address comes from, and who can change it.

A call is handed on where the fallback delegates what it was given: then the contract is a proxy and behaves as the code
behind it, which is not this code.
Source: ERC-1167, ERC-1822, ERC-1967, EIP-7702; docs/reference/screening-checks.md
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tarazy.chains.evm.code import keccak256
from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.graph import Call
from tarazy.screening.bytecode.guards import ADMIN_SLOTS
from tarazy.screening.bytecode.locations import Field, field_of, format_word, locate
from tarazy.screening.bytecode.term import Term, Word, loads, walk
from tarazy.screening.checks.base import Check
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind

PRECOMPILE_MAX = 0xFFFF
DELEGATION = b"\xef\x01\x00"  # EIP-7702: an account that runs another contract's code


def named_slot(text: str, less: int = 0) -> int:
    """Return the slot that a standard derives from a text."""
    return int.from_bytes(keccak256(text.encode()), "big") - less


SLOTS = {
    named_slot("eip1967.proxy.implementation", 1): "ERC-1967 implementation",
    named_slot("eip1967.proxy.beacon", 1): "ERC-1967 beacon",
    named_slot("PROXIABLE"): "ERC-1822 logic",
    named_slot("org.zeppelinos.proxy.implementation"): "implementation of old OpenZeppelin proxies",
}


@dataclass(frozen=True)
class Delegation:
    """One place at which code of another contract runs on this storage.

    `source` says where its address comes from: code, storage, asked (another contract names it), chosen (by the
    caller), unclear.
    """

    entry: str
    node: int
    call: Call
    source: str
    field: Field | None
    holders: tuple[Holder, ...]

    @property
    def hands_on(self) -> bool:
        """Return whether what is delegated is the call as it came, not one that this code made."""
        return not self.call.selector  # what was copied from the calldata reads as nothing known

    @property
    def where(self) -> str:
        """Return in words where the address comes from."""
        if self.source == "code":
            return f"the code at {self.call.target:#042x}" if type(self.call.target) is int else "code that stays"
        slot = ""
        if self.field is not None:
            known = SLOTS.get(self.field.root or 0)
            slot = f"storage {self.field}" + (f" ({known} slot)" if known else "")
        if self.source == "asked":
            return f"the code that a beacon names{f', which stands in {slot}' if slot else ''}"
        return {
            "storage": f"the code whose address stands in {slot}",
            "chosen": "code that the caller chooses",
        }.get(self.source, "code whose address was not understood")

    @property
    def evidence(self) -> Evidence:
        """Return the place in the code."""
        detail = f"{self.entry} runs {self.where} on this storage"
        return Evidence("code", detail, offset=self.call.offset, selector=self.entry)


@cached
def delegations(facts: ContractFacts) -> tuple[Delegation, ...]:
    """Return every place at which code of another contract runs on this storage; the contract's own does not count."""
    found = []
    for entry, number, call in facts.calls:
        target = bare(call.target)
        own = isinstance(target, Term) and target.op == "address"
        fixed = type(target) is int and target <= PRECOMPILE_MAX
        if call.kind in ("DELEGATECALL", "CALLCODE") and not own and not fixed:
            found.append(delegation(facts, entry, number, call))
    return tuple(found)


def delegation(facts: ContractFacts, entry: str, number: int, call: Call) -> Delegation:
    """Work out where the address of one delegated call comes from."""
    flow = facts.flows[entry]
    target = bare(call.target)
    callers = facts.guards.holders(flow, number)
    if type(target) is int:
        return Delegation(entry, number, call, "code", None, (Holder(HolderKind.NOBODY, "the address is in the code"),))
    assert isinstance(target, Term)  # noqa: S101 - a word is a number or a term
    named = named_by(target, flow)
    if named is not None:
        field = first_field(named.target)
        return Delegation(entry, number, call, "asked", field, (Holder(HolderKind.CONTRACT, "the beacon's owner"),))
    field = first_field(target)
    if field is not None:
        return Delegation(entry, number, call, "storage", field, setters(facts, field))
    source = "chosen" if any(term.op in ("arg", "calldata", "memory") for term in walk(target)) else "unclear"
    return Delegation(entry, number, call, source, None, callers)


def named_by(target: Term, flow: ValueFlow) -> Call | None:
    """Return the call whose answer a target is."""
    for term in walk(target):
        if term.op == "ret" and type(term.args[0]) is int:
            return next(iter(flow.calls.get(term.args[0], ())), None)
    return None


def first_field(target: Word) -> Field | None:
    """Return the storage field from which a target is taken."""
    target = bare(target)
    if not isinstance(target, Term):
        return None
    field = field_of(target)
    if field is not None:
        return field
    for load in sorted(loads(target), key=lambda term: term.number):
        place = locate(load.args[0])
        return Field(place.root, len(place.keys), place.offset, 0, 256)
    return None


def setters(facts: ContractFacts, field: Field) -> tuple[Holder, ...]:
    """Return who can write the address of code: the proxy's admin, as far as this code says."""
    found: dict[Holder, None] = {}
    for writer in facts.writers_of(field):
        for holder in writer.holders:
            privileged = holder.kind in (HolderKind.OWNER, HolderKind.HIDDEN_OWNER) or (
                holder.kind is HolderKind.FIXED_ADDRESS and field.root in SLOTS
            )
            found[replace(holder, kind=HolderKind.PROXY_ADMIN) if privileged else holder] = None
    return tuple(found) or (Holder(HolderKind.UNKNOWN, f"storage {field} is written nowhere in this code"),)


@cached
def upgraders(facts: ContractFacts) -> dict[str, frozenset[str]]:
    """Return who names the code behind a proxy of a known form, by the entry points that do nothing else.

    A standard says where such a proxy keeps its admin, so that he is seen without a view.
    """
    proxied = forwarding(facts)
    if proxied is None or proxied.field is None or proxied.field.root not in SLOTS:
        return {}
    found: dict[str, frozenset[str]] = {}
    for writer in facts.writers_of(proxied.field):
        roots = {w.change.place.root for w in facts.writers_by_entry.get(writer.entry, ())}
        if roots <= SLOTS.keys() | ADMIN_SLOTS:
            found[writer.entry] = frozenset(h.where for h in writer.holders)
    changers = {w.entry for w in facts.writers if w.change.place.root in ADMIN_SLOTS}
    admins = frozenset[str]().union(*found.values())
    return {**dict.fromkeys(changers, admins), **found}


@cached
def forwarding(facts: ContractFacts) -> Delegation | None:
    """Return the place at which a proxy hands calls on, or None where the code is no proxy."""
    return next((each for each in delegations(facts) if each.entry == "fallback" and each.hands_on), None)


def designator(runtime: bytes) -> str | None:
    """Return the address whose code an account runs by EIP-7702."""
    return "0x" + runtime[3:].hex() if len(runtime) == 23 and runtime.startswith(DELEGATION) else None


def designation(check: Check, runtime: bytes) -> Capability | None:
    """Return a check's yes where the code is an account's designation of other code, else None."""
    account = designator(runtime)
    if account is None:
        return None
    return check.yes(
        f"the account runs the code of {account}",
        Evidence("code", f"the account runs the code of {account} (EIP-7702)", offset=0),
        holders=(Holder(HolderKind.FIXED_ADDRESS, "the account's own key"),),
    )


def elsewhere(facts: ContractFacts, any_code: bool) -> str:
    """Return why this code alone cannot say no: calls are handed on, or other code runs on the same storage."""
    proxied = forwarding(facts)
    if proxied is not None:
        return f"calls are handed on to {proxied.where}, which was not at hand"
    account = designator(facts.code.runtime)
    if account is not None:
        return f"the account runs the code of {account}, which was not at hand"
    if any_code:
        for each in delegations(facts):
            target = format_word(each.call.target)
            return f"{each.entry} runs {each.where} on this storage, which was not at hand: {target}"
    return ""
