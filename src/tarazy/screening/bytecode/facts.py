"""Everything static that checks ask for: entry points, layout, writers and their holders, movements of balances."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import evmole

from tarazy.chains.evm.code import Code, keccak256
from tarazy.screening.bytecode.cached import Cache
from tarazy.screening.bytecode.consents import FlowConsents
from tarazy.screening.bytecode.explore import Budget, explore
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.graph import Call, Graph
from tarazy.screening.bytecode.guards import Guards, is_caller, owner_fields
from tarazy.screening.bytecode.layout import ALLOWANCE, BALANCE_OF, TRANSFER, TRANSFER_FROM, Layout, read_layout
from tarazy.screening.bytecode.list_lengths import fixed_lengths, is_counted
from tarazy.screening.bytecode.locations import Field, Location, StorageChange, changes, field_of
from tarazy.screening.bytecode.mappings import (
    REACH_BITS,
    account_mappings,
    chosen_number,
    is_any_slot,
    is_signature_test,
    open_roles,
)
from tarazy.screening.bytecode.movements import Movement, PathSum, movement_of, path_sums
from tarazy.screening.bytecode.term import Term, Word, walk, width
from tarazy.screening.bytecode.terms import TermPool
from tarazy.screening.bytecode.writer import EntryPoint, Writer
from tarazy.screening.collector import collector_paused
from tarazy.screening.model import Holder, HolderKind

CONSTANTS_MAX = 24
HASHED = 1 << 64  # numbers of slots from here on are hashes, or chosen to collide with none
BURNT = (0, 1, 0xDEAD)
# What only a collection answers: ownerOf and setApprovalForAll; safeTransferFrom with an id and an amount.
COLLECTIONS = {"ERC-721": (0x6352211E, 0xA22CB465), "ERC-1155": (0xF242432A, 0xA22CB465)}


@dataclass
class ContractFacts:
    """What the code says. `complete` is False where a limit ended the reading; `notes` say which."""

    code: Code
    pool: TermPool
    graphs: list[Graph]
    flows: dict[str, ValueFlow]
    layout: Layout
    guards: Guards
    complete: bool
    notes: tuple[str, ...] = ()
    stored: Mapping[Field, int] = dataclasses.field(default_factory=dict)  # by state, where it bounds
    cache: Cache = dataclasses.field(default_factory=Cache, init=False, compare=False, repr=False)

    @property
    def is_token(self) -> bool:
        """Return whether the code answers balanceOf and transfer, and is no collection of single things."""
        names = self.flows
        return not self.collection and f"0x{BALANCE_OF:08x}" in names and f"0x{TRANSFER:08x}" in names

    @property
    def collection(self) -> str:
        """Return what the code is where it keeps single things: ERC-721, ERC-1155, or both that and an ERC-20."""
        has = {name for name, selectors in COLLECTIONS.items() if all(f"0x{s:08x}" in self.flows for s in selectors)}
        kind = " and ".join(sorted(has))
        fungible = all(f"0x{s:08x}" in self.flows for s in (TRANSFER, ALLOWANCE))
        return f"{kind} and ERC-20 at once" if kind and fungible else kind

    @cached_property
    def types(self) -> dict[str, tuple[str, ...]]:
        """Return the ABI types of each entry point's arguments; only those who call entry points ask for them."""
        return argument_types(self.code.runtime)

    @cached_property
    def changes(self) -> dict[str, dict[int, list[StorageChange]]]:
        """Return the fields that each node of each entry point changes, where the node can succeed."""
        found: dict[str, dict[int, list[StorageChange]]] = {}
        for name, flow in self.flows.items():
            per_node = {}
            for number in flow.order:
                if number in flow.can_succeed and flow.nodes[number].writes:
                    made = [c for write in flow.nodes[number].writes for c in changes(self.pool, write)]
                    per_node[number] = [self.resolved(change) for change in made]
            found[name] = per_node
        return found

    def resolved(self, change: StorageChange) -> StorageChange:
        """Return a change at a number that a compiler worked out as the entry that it is, where that is known."""
        root = change.place.root
        if root is None or root < HASHED or root not in self.folded:
            return change
        slot, account = self.folded[root]
        place = Location(slot, (account, *change.place.keys), change.place.offset)
        field = change.field._replace(root=slot, depth=len(place.keys))
        return change._replace(place=place, field=field)

    @cached_property
    def folded(self) -> dict[int, tuple[int, int]]:
        """Return the places of entries whose keys the code names, by number: (mapping, key).

        They are accounts with balances and allowances, and the keys under which other places read a mapping.
        """
        named = {item.operand for item in self.code.instructions if item.operand and 2**64 < item.operand < 2**160}
        roots = [root for root in self.layout.balance_roots | self.layout.allowance_roots if root < HASHED]
        slot_first = self.layout.balances_style == "vyper"
        found = {}
        for account in sorted(named | set(BURNT)):
            for root in roots:
                pair = (root, account) if slot_first else (account, root)
                digest = keccak256(b"".join(part.to_bytes(32, "big") for part in pair))
                found[int.from_bytes(digest, "big")] = (root, account)
        for args in [term.args for term in self.pool.known.values() if term.op == "map" and len(term.args) == 2]:
            slot, key = args
            if isinstance(slot, int) and isinstance(key, int) and slot < HASHED:
                digest = keccak256(key.to_bytes(32, "big") + slot.to_bytes(32, "big"))
                found.setdefault(int.from_bytes(digest, "big"), (slot, key))
        return found

    @cached_property
    def writers(self) -> tuple[Writer, ...]:
        """Return every write of every entry point that can succeed."""
        return tuple(
            Writer(name, number, change, self.guards.holders(self.flows[name], number))
            for name, per_node in self.changes.items()
            for number, made in per_node.items()
            for change in made
        )

    def happens_once(self, entry: str, node: int, guard: Field | None = None) -> bool:
        """Return whether a node's way asks that a flag, other than a guard, is unset, and the entry point sets it."""
        key = (entry, node)
        if key not in self.known_flags:
            unset = [field_of(edge.term) for edge in self.flows[entry].dominating.get(node, ()) if not edge.holds]
            self.known_flags[key] = [flag for flag in unset if flag and not flag.depth and self.sets(entry, flag)]
        return any(guard is None or not flag.overlaps(guard) for flag in self.known_flags[key])

    @cached_property
    def known_flags(self) -> dict[tuple[str, int], list[Field]]:
        """Keep the flags that `happens_once` found."""
        return {}

    def sets(self, entry: str, flag: Field) -> bool:
        """Return whether an entry point sets a flag to what is not zero."""
        for change in (change for made in self.changes[entry].values() for change in made):
            if change.field.overlaps(flag) and change.field.low <= flag.low:
                value = self.pool.extract(change.value, flag.low - change.field.low, flag.bits)
                if type(value) is int and value:
                    return True
        return False

    def writers_of(self, target: Field) -> list[Writer]:
        """Return the writes that touch a field, those among them that reach any slot."""
        place = (target.root, target.depth, target.offset)
        found = [writer for writer in self.writers_at.get(place, ()) if writer.change.field.overlaps(target)]
        if not self.any_slot:
            return found
        return found + [self.reaching(w, target) for w in (self.any_entry if target.depth else self.any_slot)]

    @cached_property
    def any_slot(self) -> tuple[Writer, ...]:
        """Return the writes whose slot the caller chooses: whatever a slot can hold, they can bring about."""
        chosen = [writer for writer in self.writers if is_any_slot(writer.change)]
        return tuple(w for w in chosen if not is_counted(w, self.flows, self.writers_at, self.stored))

    @property
    def fixed_lengths(self) -> set[Field]:
        """Return the stored lengths that alone keep a caller who chooses a slot inside a list."""
        chosen = [writer for writer in self.writers if is_any_slot(writer.change)]
        return fixed_lengths(chosen, self.flows, self.writers_at)

    @cached_property
    def any_entry(self) -> tuple[Writer, ...]:
        """Return those of them that reach the entries of mappings: a key of twenty bytes does not, which are hashes."""
        chosen = [w for w in self.any_slot if not self.names_account(w)]
        return tuple(w for w in chosen if width(chosen_number(w.change.place)) > REACH_BITS)

    def names_account(self, writer: Writer) -> bool:
        """Return whether a chosen slot is an argument of the type of an address."""
        key, types = chosen_number(writer.change.place), self.types.get(writer.entry, ())
        place = key.args[0] if type(key) is Term and key.op == "arg" else None
        number = (place - 4) // 32 if type(place) is int else len(types)
        return number < len(types) and types[number] == "address"

    def reaching(self, writer: Writer, target: Field) -> Writer:
        """Return the write of a chosen slot as one of a field."""
        key = (id(writer), target)
        if key not in self.known_reaching:
            change, field = writer.change, target._replace(low=0, bits=256)
            place = Location(target.root, (chosen_number(change.place),) * target.depth, target.offset)
            self.known_reaching[key] = replace(writer, change=change._replace(place=place, field=field))
        return self.known_reaching[key]

    @cached_property
    def known_reaching(self) -> dict[tuple[int, Field], Writer]:
        """Keep what `reaching` returned: checks know writers by identity."""
        return {}

    @cached_property
    def writers_at(self) -> dict[tuple[int | None, int, int], list[Writer]]:
        """Return the writes by place."""
        found: dict[tuple[int | None, int, int], list[Writer]] = {}
        for writer in self.writers:
            field = writer.change.field
            found.setdefault((field.root, field.depth, field.offset), []).append(writer)
        return found

    @cached_property
    def movements(self) -> dict[str, dict[int, list[Movement]]]:
        """Return what each node does to holders' balances."""
        return {
            name: {
                number: [
                    movement_of(number, change, self.layout.balance_field, self.pool)
                    for change in made
                    if self.layout.keeps_balance(change.field)
                ]
                for number, made in per_node.items()
            }
            for name, per_node in self.changes.items()
        }

    @cached_property
    def sums(self) -> dict[str, tuple[list[PathSum], bool]]:
        """Return what each entry point's paths do to each balance mapping."""
        return {
            name: path_sums(self.flows[name], per_node, self.consents(name)) if any(per_node.values()) else ([], True)
            for name, per_node in self.movements.items()
        }

    def consents(self, name: str) -> FlowConsents:
        """Return what shows the consent of holders in one entry point."""
        if name not in self.known_consents:
            self.known_consents[name] = FlowConsents(
                self.pool, self.layout, self.flows[name], self.operators, self.speaks_for_signers
            )
        return self.known_consents[name]

    @cached_property
    def known_consents(self) -> dict[str, FlowConsents]:
        """Keep what `consents` returned."""
        return {}

    @cached_property
    def speaks_for_signers(self) -> bool:
        """Return whether every call of the contract to itself comes after a signature was checked."""
        own = [
            (self.flows[name], number)
            for name, number, call in self.calls
            if call.kind == "CALL" and type(call.target) is Term and call.target.op == "address"
        ]
        return bool(own) and all(
            any(edge.holds and is_signature_test(edge.term, flow) for edge in flow.dominating.get(number, ()))
            for flow, number in own
        )

    @cached_property
    def operators(self) -> frozenset[tuple[int, int]]:
        """Return the mappings of two keys that only holders fill: (root, place of the holder among the keys)."""
        found: dict[int, set[int]] = {}
        for writer in self.writers:
            place = writer.change.place
            if place.root is None or place.root in self.layout.balance_roots | self.layout.allowance_roots:
                continue
            if writer.change.value != 0:
                own = {n for n, key in enumerate(place.keys) if is_caller(key)} if len(place.keys) == 2 else set[int]()
                found[place.root] = found.get(place.root, own) & own
        return frozenset((root, position) for root, positions in found.items() for position in positions)

    @cached_property
    def calls(self) -> list[tuple[str, int, Call]]:
        """Return every call of every entry point that can succeed: (entry, node, call)."""
        return [
            (name, number, call)
            for name, flow in self.flows.items()
            for number in flow.order
            if number in flow.can_succeed
            for call in flow.nodes[number].calls
        ]

    @cached_property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """Return the entry points with their types, guards, constants and writes."""
        return tuple(self.entry_point(graph) for graph in self.graphs if graph.selector is not None)

    @cached_property
    def writers_by_entry(self) -> dict[str, list[Writer]]:
        """Return the writes by entry point."""
        found: dict[str, list[Writer]] = {}
        for writer in self.writers:
            found.setdefault(writer.entry, []).append(writer)
        return found

    def entry_point(self, graph: Graph) -> EntryPoint:
        """Describe one entry point for those who call it."""
        name, flow = graph.name, self.flows[graph.name]
        written = self.writers_by_entry.get(name, [])
        effects = [(n, c) for entry, n, c in self.calls if entry == name and c.kind != "STATICCALL"]
        guards: dict[Holder, None] = {}
        for number in [w.node for w in written] + [n for n, _ in effects]:
            for holder in self.guards.holders(flow, number):
                guards[holder] = None
        holders = tuple(guards) if Holder(HolderKind.ANYONE) not in guards else ()
        return EntryPoint(
            selector=name,
            types=self.types.get(name, ()),
            payable=graph.payable,
            view=not written and not effects,
            guards=holders,
            interesting=constants(flow),
            writes=tuple(dict.fromkeys(str(w.change.place) for w in written)),
        )

    @cached_property
    def transfers(self) -> list[str]:
        """Return the names of the standard transfer entry points that the code has."""
        return [name for name in (f"0x{TRANSFER:08x}", f"0x{TRANSFER_FROM:08x}") if name in self.flows]


def constants(flow: ValueFlow) -> tuple[int, ...]:
    """Return the numbers that an entry point compares with or stores, least first."""
    found: set[int] = set()
    for node in flow.nodes:
        words: list[Word] = [write.value for write in node.writes]
        if node.condition is not None:
            words.append(node.condition)
        for word in words:
            if type(word) is int:
                found.add(word)
            for term in walk(word):
                if term.op in ("eq", "lt", "slt", "mul", "div", "mod"):
                    found.update(argument for argument in term.args if type(argument) is int)
    return tuple(sorted(found)[:CONSTANTS_MAX])


@lru_cache(maxsize=32)  # clones are common, and facts never change
@collector_paused()
def analyse(runtime: bytes, budget: Budget = Budget()) -> ContractFacts:  # noqa: B008 - frozen
    """Read runtime code once and return its facts.

    Cost: linear in the code for code as compilers write it; bounded by the budget otherwise.
    """
    code, pool = Code(runtime), TermPool()
    graphs, complete = explore(code, pool, budget)
    flows = {graph.name: ValueFlow(graph) for graph in graphs}
    layout = read_layout(graphs)
    owners = owner_fields(list(flows.values()))
    layout = replace(layout, owners=tuple((f.root, f.low // 8) for f in owners if f.root is not None))
    notes = tuple(f"{graph.name} was not read to the end" for graph in graphs if not graph.complete)
    facts = ContractFacts(code, pool, graphs, flows, layout, Guards(layout), complete, notes)
    accounts = frozenset[int]() if layout.balance_roots else account_mappings(facts.writers)
    opened = open_roles(facts.writers, flows, facts.happens_once)
    if opened or accounts:
        if accounts:
            layout = replace(layout, balance_roots=accounts, inferred=True)
        read = facts.changes
        facts = ContractFacts(code, pool, graphs, flows, layout, Guards(layout, opened), complete, notes)
        facts.changes = read  # what is written does not depend on the layout
    return facts


def argument_types(runtime: bytes) -> dict[str, tuple[str, ...]]:
    """Return the ABI types of each entry point's arguments as evmole reads them; empty where it cannot."""
    try:
        info = evmole.contract_info(runtime, selectors=True, arguments=True)
    except Exception:  # a reader of hostile code may give up in its own ways; types are only a help
        return {}
    return {
        "0x" + item.selector.removeprefix("0x"): tuple(split_types(item.arguments or ""))
        for item in info.functions or ()
    }


def split_types(text: str) -> list[str]:
    """Split a list of ABI types at its top-level commas."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            found.append(text[start:place])
            start = place + 1
    return found + [text[start:]] if text else []
