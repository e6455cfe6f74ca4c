"""Who may come here: conditions on the caller, told apart from conditions on anything else.

A guard is a condition that a caller meets by being somebody: equal to a stored address, to an address in the code, to
what another contract says, or a member of a mapping whose members only others can name. A mapping that callers enter
by themselves guards nothing.

Known limits: a guard that needs arithmetic on the caller is named as unknown; a role is the mapping, not its members.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_

from tarazy.chains.evm.proxies import ADMIN_SLOT, OLD_ADMIN_SLOT
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.graph import Edge, edge_order
from tarazy.screening.bytecode.layout import Layout
from tarazy.screening.bytecode.locations import Field, field_of, locate
from tarazy.screening.bytecode.term import Term, Word, operators, walk
from tarazy.screening.model import Holder, HolderKind

ANYONE = Holder(HolderKind.ANYONE)
ADMIN_SLOTS = frozenset({ADMIN_SLOT, OLD_ADMIN_SLOT})  # where standards keep the admin of a proxy
CALLERS = ("caller", "origin")
COMPARISONS = ("eq", "lt", "slt")
ARITHMETIC = ("mul", "div", "mod", "exp")


class Guards:
    """Names the holders behind conditions of one contract."""

    def __init__(self, layout: Layout, open_roles: frozenset[int] = frozenset()) -> None:
        self.layout = layout
        self.open_roles = open_roles  # mappings that callers enter by themselves
        self.cache: dict[tuple[Term, bool, int], Holder | None] = {}
        self.paths: dict[int, dict[int, frozenset[int]]] = {}  # by the flow's identity
        self.known_holders: dict[tuple[int, int], tuple[Holder, ...]] = {}

    def holder(self, edge: Edge, flow: ValueFlow) -> Holder | None:
        """Return who can meet a condition by being who they are, or None where it is no guard."""
        key = (edge.term, edge.holds, id(flow))
        if key not in self.cache:
            self.cache[key] = self.find(edge, flow)
        return self.cache[key]

    def find(self, edge: Edge, flow: ValueFlow) -> Holder | None:
        """Work out `holder`."""
        term, holds = edge
        if term.op == "eq" and holds:
            return self.equal(term, flow)
        if term.op in COMPARISONS:
            return None
        if not holds:
            return None
        return self.member(term, flow)

    def equal(self, term: Term, flow: ValueFlow) -> Holder | None:
        """Name the holder where two words must be the same."""
        for side, other in ((term.args[0], term.args[1]), (term.args[1], term.args[0])):
            if is_caller(side):
                return self.named(other, flow)
            if type(side) is Term and side.op in ("ret", "memory", "top") and recovered(side, flow):
                found = self.named(other, flow) if isinstance(other, Term) or other >> 160 == 0 else None
                if found is not None:
                    return Holder(found.kind, found.where + " (by signature)", found.address)
            if type(side) is Term and side.op == "keccak" and type(other) is int and depends_on_caller(side):
                return Holder(HolderKind.FIXED_ADDRESS, f"hash {other:#x} in the code")
        if not operators(term).isdisjoint(ARITHMETIC):
            return None  # an amount is computed with, such as whether a product wrapped around
        for side in term.args:
            if type(side) is Term and depends_on_caller(side):
                inside = self.member(side, flow)
                if inside is not None:
                    return inside
        return None

    def named(self, other: Word, flow: ValueFlow) -> Holder | None:
        """Name the one with whom the caller is compared."""
        if type(other) is int:
            return Holder(HolderKind.FIXED_ADDRESS, "in the code", f"0x{other:040x}")
        assert type(other) is Term
        if other.op == "address":
            return Holder(HolderKind.CONTRACT, "the contract itself")
        field = field_of(other)
        if field is not None:
            if field.depth:
                if field.root in self.layout.balance_roots | self.layout.allowance_roots:
                    return None
                keys = locate_keys(other)
                if any(depends_on_input(key) for key in keys):
                    return Holder(HolderKind.ROLE, f"mapping {field}")
                return Holder(HolderKind.OWNER, f"storage {field}")
            if field.root in ADMIN_SLOTS:
                return Holder(HolderKind.PROXY_ADMIN, f"storage {field}")
            shown = any(shown.overlaps(field) for shown in self.layout.shown_owners)
            return Holder(HolderKind.OWNER if shown else HolderKind.HIDDEN_OWNER, f"storage {field}")
        if other.op == "ret":
            return Holder(HolderKind.CONTRACT, "the answer of another contract")
        moved = moved_by_constant(other)
        if moved is not None:
            inner = self.named(moved, flow)
            return inner and Holder(inner.kind, f"{inner.where}, moved by a constant")
        if "sload" in operators(other):
            return Holder(HolderKind.HIDDEN_OWNER, "computed from storage")
        return None

    def member(self, term: Term, flow: ValueFlow) -> Holder | None:
        """Name the role where a mapping's entry for the caller must be set."""
        if term.op == "field" and term.args[2] == 160:
            return None  # an address kept for the caller, such as who referred it
        if not operators(term).isdisjoint(ARITHMETIC):
            return None  # an amount is computed with, such as whether a product wrapped around
        for inner in walk(term):
            if inner.op == "sload":
                place = locate(inner.args[0])
                if place.root in self.layout.balance_roots | self.layout.allowance_roots:
                    continue
                if (
                    place.root is not None
                    and place.root not in self.open_roles
                    and any(map(depends_on_caller, place.keys))
                ):
                    if any(depends_on_caller_only_by_balance(key) for key in place.keys):
                        continue
                    return Holder(HolderKind.ROLE, f"mapping {place.root:#x}" + "[]" * len(place.keys))
            if inner.op == "ret" and type(inner.args[0]) is int:
                for call in flow.calls.get(inner.args[0], ()):
                    if any(map(depends_on_caller, call.arguments)) and call.selector not in NOT_A_ROLE:
                        return Holder(HolderKind.CONTRACT, "the answer of another contract")
        return None

    def relevant(self, flow: ValueFlow) -> Callable[[Edge], bool]:
        """Return the test for conditions that are guards."""
        return lambda edge: self.holder(edge, flow) is not None

    def holders(self, flow: ValueFlow, number: int) -> tuple[Holder, ...]:
        """Return who can reach a node: every holder of every path to it, or anyone where one way is open."""
        key = (id(flow), number)
        if key not in self.known_holders:
            self.known_holders[key] = self.find_holders(flow, number)
        return self.known_holders[key]

    def find_holders(self, flow: ValueFlow, number: int) -> tuple[Holder, ...]:
        """Work out `holders`."""
        paths = flow_paths(self, flow).get(number, frozenset({0}))
        if 0 in paths:
            return (ANYONE,)
        found: dict[Holder, None] = {}
        for edge in sorted(flow.conditions(reduce(or_, paths)), key=edge_order):
            holder = self.holder(edge, flow)
            if holder is not None:
                found[holder] = None
        return tuple(found)

    def users(self, flow: ValueFlow, number: int, conditions: frozenset[Edge]) -> tuple[Holder, ...]:
        """Return who can go one way to a node: those who can reach it at all, or whom the path's conditions name."""
        holders = self.holders(flow, number)
        if ANYONE not in holders:
            return holders
        named = (self.holder(edge, flow) for edge in sorted(conditions, key=edge_order))
        return tuple(dict.fromkeys(holder for holder in named if holder is not None)) or holders


# Answers that depend on the caller but make nobody a member: balances, allowances, transfers.
NOT_A_ROLE = frozenset({0x70A08231, 0xDD62ED3E, 0x23B872DD, 0xA9059CBB, 0x095EA7B3})


def flow_paths(guards: Guards, flow: ValueFlow) -> dict[int, frozenset[int]]:
    """Return the guard conditions of every path to every node, worked out once for each flow and set of open roles."""
    if id(flow) not in guards.paths:
        guards.paths[id(flow)] = flow.alternatives(guards.relevant(flow))
    return guards.paths[id(flow)]


def moved_by_constant(word: Term) -> Word | None:
    """Return the stored address to which a word adds a constant, as gateways to another chain have it, or None."""
    inner = word.args[0] if word.op == "field" and word.args[1:] == (0, 160) else word
    if type(inner) is not Term or inner.op not in ("add", "sub", "xor"):
        return None
    stored = [side for side in inner.args if type(side) is Term and field_of(side) is not None]
    return stored[0] if len(stored) == 1 and any(type(side) is int for side in inner.args) else None


def is_caller(word: Word) -> bool:
    """Return whether a word is the caller or the origin."""
    return type(word) is Term and word.op in CALLERS


def depends_on_caller(word: Word) -> bool:
    """Return whether a word contains the caller or the origin."""
    return not operators(word).isdisjoint(CALLERS)


def depends_on_caller_only_by_balance(word: Word) -> bool:
    """Return whether a key is itself a load that depends on the caller, such as an index kept per holder.

    A hash of the caller is none: it names him as he does himself.
    """
    if is_caller(word) or not depends_on_caller(word):
        return False
    return not (type(word) is Term and word.op == "keccak" and "sload" not in operators(word))


def depends_on_input(word: Word) -> bool:
    """Return whether a word contains something the caller chose."""
    return not operators(word).isdisjoint(("arg", "calldata", *CALLERS))


def recovered(word: Term, flow: ValueFlow) -> bool:
    """Return whether a word is what the signature precompile answered."""
    for term in walk(word):
        if term.op == "ret" and type(term.args[0]) is int:
            return any(call.target == 1 for call in flow.calls.get(term.args[0], ()))
        if term.op == "memory":
            return any(call.target == 1 for calls in flow.calls.values() for call in calls)
    return False


def locate_keys(term: Term) -> tuple[Word, ...]:
    """Return the mapping keys of a load or a field of one."""
    load = term.args[0] if term.op == "field" else term
    assert type(load) is Term
    return locate(load.args[0]).keys


def owner_fields(flows: list[ValueFlow]) -> tuple[Field, ...]:
    """Return every address field of depth zero that some condition compares with the caller, in order of finding."""
    found: dict[Field, None] = {}
    for flow in flows:
        for node in flow.nodes:
            term = node.condition
            if term is None or term.op != "eq":
                continue
            for side, other in ((term.args[0], term.args[1]), (term.args[1], term.args[0])):
                if is_caller(side) and type(other) is Term:
                    field = field_of(other)
                    if field is not None and field.depth == 0:
                        found[field] = None
    return tuple(found)
