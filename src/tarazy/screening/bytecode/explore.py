"""Explore runtime code symbolically: every entry point once, within a budget of steps.

Each undecided branch is taken both ways. A branch target is entered once for each combination of place, return places
on the stack, effect sites already passed and unknown words on the stack, so loops end and the work is linear in the
code but for contrived code. Of more than `VARIANTS_MAX` variants with the same effects, words that differ become a phi:
into one that is one of several, and conditions that were decided differently are open again. Branches whose condition
folds to a constant, or was decided earlier on the same path, are followed one way. The budget counts instructions,
never time, so that the result is deterministic.

Known limits: no solver; a condition that is not constant and was not met before is taken both ways. Paths that join
with the same words are taken for one though they decided conditions differently: what the second would decide is not
seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import evmole

from tarazy.chains.evm.code import Code
from tarazy.chains.evm.opcodes import (
    DUP1,
    DUP16,
    INVALID,
    JUMP,
    JUMPDEST,
    JUMPI,
    PUSH0,
    PUSH1,
    PUSH32,
    RETURN,
    REVERT,
    SELFDESTRUCT,
    STOP,
    SWAP1,
    SWAP16,
)
from tarazy.screening.bytecode.graph import DEAD, Graph, GraphNode
from tarazy.screening.bytecode.machine import Instructions, Machine
from tarazy.screening.bytecode.memory import MachineState
from tarazy.screening.bytecode.term import Term, Word
from tarazy.screening.bytecode.terms import TermPool

Variant = tuple[int, tuple[Word, ...], tuple[int, ...]]  # effect sites; words and truth values on the stack; numbers
Arrival = tuple[tuple[int, ...], Variant]  # return places on the stack, and the variant
Variants = dict[tuple[int, tuple[int, ...]], dict[Variant, int]]

NOBODYS = (0x0BADF00D, 0x1BADF00E, 0x2BADF010)  # selectors of nobody, to see where the unknown end
VARIANTS_MAX = 2
VARIANTS_OF_TRANSFERS_MAX = 4  # a tax has several rates
WIDE_MAX = 1  # places at which words became a phi, for each place and set of sites
PATH_BLOCKS_MAX = 3_000
NUMBERS_MAX = 4  # arrivals that differ in numbers alone: the sides of a choice between rates
NUMBER_LARGEST = 10_000  # what a rate may be: larger numbers are amounts, masks or hashes
PLACE_MAX = 6
TRANSFERS = (0xA9059CBB, 0x23B872DD)  # transfer and transferFrom
FLAGS = (0, 1)
TERMINAL = frozenset({STOP, JUMP, JUMPI, RETURN, REVERT, INVALID, SELFDESTRUCT})


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits in instructions: in all, and for one entry point; nodes for one entry point."""

    steps: int = 1_500_000
    steps_entry: int = 400_000
    nodes_entry: int = 3_000


class Explorer(Machine):
    """Explores one code. Use `explore`."""

    def __init__(self, code: Code, pool: TermPool, budget: Budget) -> None:
        self.code = code
        self.pool = pool
        self.budget = budget
        self.steps = 0
        self.bytes = code.body
        self.jumpdests = code.jumpdests
        self.blocks: dict[int, Instructions] = {}
        self.dead: dict[int, bool] = {}
        self.site_bits: dict[int, int] = {}
        self.call_idents: dict[tuple[int, int], int] = {}
        self.asked_again: set[Term] = set()  # conditions that a path met again after they were decided
        self.starts: dict[int, MachineState] = {}  # what was known where each node of the entry point begins
        self.parents: dict[int, int] = {}  # from which node each node of the entry point was first reached
        self.entries: list[tuple[int, MachineState]] = []
        self.seen_selectors: set[int] = set()
        self.asked_selector, self.selector = None, 0

    def run(self) -> list[Graph]:
        """Return the graph of what runs without a selector first, then one for each selector in order of finding."""
        graphs = [self.entry(None, MachineState())]
        place = 0
        while place < len(self.entries):
            selector, state = self.entries[place]
            place += 1
            graphs.append(self.entry(selector, state))
        if any(node.end == "unresolved" for node in graphs[0].nodes):
            return self.by_table() or graphs
        return graphs

    def by_table(self) -> list[Graph]:
        """Return the graphs where the selector counts a place in a table, as Vyper does from 0.3.10 on.

        Each selector that the code may know is followed from the start as a number, so that the table is read. One that
        ends where selectors of nobody end is not known to it. Nothing where no selector is.
        """
        word = self.pool.shr(224, self.calldata(0))
        assert type(word) is Term
        self.asked_selector = word
        nobody = [self.following(selector) for selector in NOBODYS]
        unknown = set(map(shape, nobody))
        known = [self.following(selector) for selector in sorted(selectors_in(self.code))]
        found = [graph for graph in known if shape(graph) not in unknown]
        self.asked_selector = None
        nobody[0].selector = None
        return [nobody[0], *found] if found else []

    def following(self, selector: int) -> Graph:
        """Return what calldata with this selector runs."""
        self.selector = selector
        return self.entry(selector, MachineState())

    # One entry point.

    def entry(self, selector: int | None, start: MachineState) -> Graph:
        """Explore from one state until every branch is taken or the budget is used up."""
        graph = Graph(selector, [GraphNode(DEAD, 0, "revert"), GraphNode(1, start.offset)])
        graph.payable = start.decided.get(self.pool.term("callvalue")) is not False
        start.node = 1
        start.blocks = 0
        limit = min(self.steps + self.budget.steps_entry, self.budget.steps)
        variants: Variants = {}
        self.starts, self.parents = {}, {}
        work = [start]
        while work:
            state = work.pop()
            if self.steps >= limit or len(graph.nodes) > self.budget.nodes_entry:
                graph.complete = False
                break
            self.path(graph, state, variants, work)
        if any(node.end in ("cut", "unresolved") for node in graph.nodes):
            graph.complete = False
        return graph

    def path(self, graph: Graph, state: MachineState, variants: Variants, work: list[MachineState]) -> None:
        """Run one path to its next undecided branch or its end."""
        node = graph.nodes[state.node]
        while True:
            state.blocks += 1
            if state.blocks > PATH_BLOCKS_MAX:
                node.end, node.end_offset = "cut", state.offset
                return
            block = self.blocks.get(state.offset)
            if block is None:
                block = self.block(state.offset)
            self.steps += len(block)
            try:
                outcome = self.execute(block, state, node)
            except IndexError:  # the stack was empty: the machine would stop with an error here
                node.end, node.end_offset = "invalid", state.offset
                return
            if outcome is None:
                return
            if outcome is True:
                continue
            assert isinstance(outcome, tuple)
            condition, holds, target, following = outcome
            node.end, node.end_offset, node.condition = "branch", block[-1][2], condition
            arrival = self.arrival(state)
            sides = ((holds, target), (not holds, following))
            for truth, offset in sides:
                number = self.side(graph, state, variants, arrival, work, condition, truth, offset)
                if truth:
                    node.if_true = number
                else:
                    node.if_false = number
            return

    def arrival(self, state: MachineState) -> Arrival:
        """Return what tells arrivals at one place apart: return places, then effect sites and unknown words."""
        stack, jumpdests = state.stack, self.jumpdests
        places = [word for word in stack if type(word) is int and word in jumpdests]
        if stack and type(stack[-1]) is int and stack[-1] in FLAGS:
            places.append(stack[-1] - 2)  # an answer that is about to be asked for: `a && b` where a failed
        return tuple(places), variant_of(state)

    def side(
        self,
        graph: Graph,
        state: MachineState,
        variants: Variants,
        arrival: Arrival,
        work: list[MachineState],
        condition: Term,
        truth: bool,
        offset: int,
    ) -> int:
        """Return the node at which one side of a branch goes on, made when it is new."""
        if offset < 0 or self.is_dead(offset):
            return DEAD
        if truth and condition.op == "eq" and type(condition.args[0]) is int and graph.selector is None:
            other = condition.args[1]
            if type(other) is Term and other.op == "selector":
                selector = condition.args[0]
                if selector not in self.seen_selectors:
                    self.seen_selectors.add(selector)
                    entry = state.branch(offset)
                    entry.decided[condition] = True
                    self.entries.append((selector, entry))
                return DEAD
        places, variant = arrival
        found = variants.setdefault((offset, places), {})
        number = found.get(variant)
        if number is not None:
            return number
        following = state.branch(offset)
        following.decided[condition] = truth
        same = [number for known, number in found.items() if known[:2] == variant[:2]]
        if same and (len(same) >= NUMBERS_MAX or self.counts(graph, state.node)):
            return same[-1]
        most = VARIANTS_OF_TRANSFERS_MAX if graph.selector in TRANSFERS else VARIANTS_MAX
        distinct = {known[:2]: number for known, number in found.items()}  # those that differ in more than numbers
        alike = [number for (sites, _), number in distinct.items() if sites == state.sites]
        if not same and (len(alike) >= most or len(distinct) >= PLACE_MAX):
            last = alike[-1] if alike else next(reversed(found.values()))
            full = len(alike) >= most + WIDE_MAX or len(distinct) >= PLACE_MAX + WIDE_MAX
            if full or not widen(self.pool, following, self.starts[last], self.asked_again):
                return last
            variant = variant_of(following)
        number = len(graph.nodes)
        graph.nodes.append(GraphNode(number, offset))
        found[variant] = following.node = number
        self.starts[number] = following
        self.parents[number] = state.node
        work.append(following.branch(offset))
        if condition.op == "callvalue" and not truth:
            graph.payable = False
        return number

    def counts(self, graph: Graph, number: int) -> bool:
        """Return whether a node's branch was met before on the way to it: numbers that differ there count rounds."""
        branch, before = graph.nodes[number].end_offset, self.parents.get(number)
        while before is not None:
            if graph.nodes[before].end_offset == branch:
                return True
            before = self.parents.get(before)
        return False

    # Blocks.

    def block(self, offset: int) -> Instructions:
        """Return the instructions from an offset to the next that may go elsewhere.

        Every PUSH has the opcode of the first, and so have DUP and SWAP, with the place on the stack as operand.
        """
        body, found, place = self.bytes, list[tuple[int, int, int]](), offset
        while place < len(body):
            opcode = body[place]
            if PUSH0 <= opcode <= PUSH32:
                following = place + opcode - PUSH0 + 1
                operand = body[place + 1 : following].ljust(opcode - PUSH0, b"\0")
                found.append((PUSH1, int.from_bytes(operand, "big"), place))
                place = following
                continue
            if DUP1 <= opcode <= DUP16:
                found.append((DUP1, DUP1 - 1 - opcode, place))
            elif SWAP1 <= opcode <= SWAP16:
                found.append((SWAP1, SWAP1 - 2 - opcode, place))
            elif opcode == JUMPDEST and found:
                found.append((-1, place, place))  # falls through into the next block
                break
            else:
                found.append((opcode, 0, place))
                if opcode in TERMINAL:
                    break
            place += 1
        else:
            found.append((STOP, 0, offset))  # past the end of the code: STOP
        self.blocks[offset] = found
        return found

    def is_dead(self, offset: int) -> bool:
        """Return whether a block reverts without a further choice, over constant jumps."""
        known = self.dead.get(offset)
        if known is not None:
            return known
        self.dead[offset] = False  # a loop of constant jumps is not dead but endless
        block = self.blocks.get(offset) or self.block(offset)
        last, before = block[-1][0], block[-2] if len(block) > 1 else (0, 0, 0)
        answer = last in (REVERT, INVALID)
        if last == JUMP and before[0] == PUSH1:
            answer = before[1] not in self.jumpdests or self.is_dead(before[1])
        self.dead[offset] = answer
        return answer


def shape(graph: Graph) -> tuple[tuple[int, str, int], ...]:
    """Return what tells ways into a contract apart: where they branch and end."""
    return tuple([(node.offset if node.number > 1 else 0, node.end, node.end_offset) for node in graph.nodes])


def selectors_in(code: Code) -> set[int]:
    """Return the selectors that code may answer: as evmole reads tables, and every number of four bytes in the code."""
    pushed = {item.operand for item in code.instructions if item.name == "PUSH4" and item.operand is not None}
    try:
        read = evmole.contract_info(code.runtime, selectors=True).functions or ()
    except Exception:  # a reader of hostile code may give up in its own ways
        read = ()
    return pushed | {int(function.selector, 16) for function in read}


def variant_of(state: MachineState) -> Variant:
    """Return what tells arrivals at one place apart: effect sites passed, truth values decided, words not known, rates.

    Places of the code are told apart by the return places already.
    """
    words, numbers = list[Word](), list[int]()
    for word in state.stack:
        if type(word) is not int or word in FLAGS:
            words.append(word)
        elif word <= NUMBER_LARGEST and (word < 0x80 or word % 32 != 0):  # no place in memory
            numbers.append(word)
    return state.sites, tuple(words), tuple(numbers)


def widen(pool: TermPool, state: MachineState, other: MachineState, asked_again: set[Term]) -> bool:
    """Join the words of a path with those of another at the same place; False where the other's say it all already."""
    changed = False
    if len(state.stack) != len(other.stack):
        return False
    for place, word in enumerate(state.stack):
        known = other.stack[place]
        if word is known or (type(word) is int and type(known) is int and (word == known or word not in FLAGS)):
            continue
        state.stack[place] = merged = pool.phi(known, word)
        changed = changed or merged is not known
    untouched(pool, state.storage, other.storage)
    untouched(pool, other.storage, state.storage)
    for mine, theirs in ((state.storage, other.storage), (state.memory, other.memory)):
        changed = widen_words(pool, mine, theirs) or changed
    state.ordinal = max(state.ordinal, other.ordinal)
    lost = [term for term, truth in other.decided.items() if state.decided.get(term) is not truth]
    state.decided = {term: truth for term, truth in state.decided.items() if other.decided.get(term) is truth}
    return changed or not asked_again.isdisjoint(lost)


def untouched(pool: TermPool, mine: dict[Any, Word], theirs: dict[Any, Word]) -> None:
    """Note what storage holds as it was where only the other path wrote."""
    for place in [key for key in theirs if key not in mine]:
        mine[place] = 0 if type(place) is tuple else pool.term("sload", place)


def widen_words(pool: TermPool, mine: dict[Any, Word], theirs: dict[Any, Word]) -> bool:
    """Join the words of two stores place by place; False where the other's say it all already."""
    changed = False
    for place, word in mine.items():
        known = theirs.get(place)
        if known is None or word is known or (type(word) is int and word == known):
            continue
        mine[place] = merged = pool.phi(known, word)
        changed = changed or merged is not known
    return changed


def explore(code: Code, pool: TermPool, budget: Budget = Budget()) -> tuple[list[Graph], bool]:
    """Return a graph for each entry point, and whether everything was explored within the budget."""
    explorer = Explorer(code, pool, budget)
    graphs = explorer.run()
    return graphs, all(graph.complete for graph in graphs) and explorer.steps < budget.steps
