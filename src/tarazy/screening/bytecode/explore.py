"""Explore runtime code symbolically: every entry point once, within a budget of steps.

Each undecided branch is taken both ways. A branch target is entered once for each combination of place, return places
on the stack, effect sites already passed and unknown words on the stack (at most `VARIANTS_MAX` variants a place), so
loops end and the work is linear in the code for all but contrived code. Branches whose condition folds to a constant,
or was decided earlier on the same path, are followed one way. The budget counts instructions, never time, so that the
result is deterministic.

The file is one machine, and its instruction loop is long on purpose (above 400 lines): an auditor reads it beside the
instruction set, and calls per instruction would double its cost.

Known limits: no solver; other contracts do not call back; memory at offsets that are not constant is kept per base;
gas and code of other accounts are unknown words.
"""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.code import Code
from tarazy.screening.bytecode.graph import DEAD, Call, Graph, Log, Node, Write
from tarazy.screening.bytecode.terms import WORD, Pool, Term, Word, power_of_two, run_of_bits, signed

MemoryKey = int | tuple[Term, int]
Instructions = list[tuple[int, int, int]]  # (opcode, operand, offset)

Variants = dict[tuple[int, tuple[int, ...]], dict[tuple[int, tuple[Term, ...]], int]]

VARIANTS_MAX = 6
RETURN_WORDS_MAX = 6
PATH_BLOCKS_MAX = 3_000
ENVIRONMENT = {
    0x30: "address", 0x32: "origin", 0x33: "caller", 0x34: "callvalue", 0x36: "calldatasize", 0x3A: "gasprice",
    0x41: "coinbase", 0x42: "timestamp", 0x43: "number", 0x44: "prevrandao", 0x45: "gaslimit", 0x46: "chainid",
    0x47: "selfbalance", 0x48: "basefee", 0x4A: "blobbasefee",
}  # fmt: skip
CALLS = {0xF1: "CALL", 0xF2: "CALLCODE", 0xF4: "DELEGATECALL", 0xFA: "STATICCALL"}
TERMINAL = frozenset({0x00, 0x56, 0x57, 0xF3, 0xFD, 0xFE, 0xFF})


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits in instructions: in all, and for one entry point; nodes for one entry point."""

    steps: int = 600_000
    steps_entry: int = 60_000
    nodes_entry: int = 1_500


class State:
    """One path: where it is and what it knows."""

    __slots__ = (
        "blocks",
        "decided",
        "memory",
        "node",
        "offset",
        "ordinal",
        "returned",
        "sites",
        "smear",
        "stack",
        "storage",
    )

    def __init__(self) -> None:
        self.offset = 0
        self.stack: list[Word] = []
        self.memory: dict[MemoryKey, Word] = {}
        self.smear = 1 << 62  # from this constant offset on, memory that was not written since is unknown
        self.storage: dict[Word, Word] = {}
        self.decided: dict[Term, bool] = {}
        self.sites = 0
        self.ordinal = 0  # calls made so far
        self.returned: Word = 0  # RETURNDATASIZE
        self.node = 0
        self.blocks = 0

    def fork(self, offset: int) -> State:
        """Return a copy that goes on at another place."""
        other = State.__new__(State)
        other.offset = offset
        other.stack = self.stack[:]
        other.memory = self.memory.copy()
        other.smear = self.smear
        other.storage = self.storage.copy()
        other.decided = self.decided.copy()
        other.sites = self.sites
        other.ordinal = self.ordinal
        other.returned = self.returned
        other.node = self.node
        other.blocks = self.blocks
        return other


class Explorer:
    """Explores one code. Use `explore`."""

    def __init__(self, code: Code, pool: Pool, budget: Budget) -> None:
        self.code = code
        self.pool = pool
        self.budget = budget
        self.steps = 0
        self.bytes = code.body
        self.jumpdests = frozenset(item.offset for item in code.instructions if item.opcode == 0x5B)
        self.position = {item.offset: place for place, item in enumerate(code.instructions)}
        self.blocks: dict[int, Instructions] = {}
        self.dead: dict[int, bool] = {}
        self.site_bits: dict[int, int] = {}
        self.entries: list[tuple[int, State]] = []
        self.seen_selectors: set[int] = set()

    def run(self) -> list[Graph]:
        """Return the graph of what runs without a selector first, then one for each selector in order of finding."""
        graphs = [self.entry(None, State())]
        place = 0
        while place < len(self.entries):
            selector, state = self.entries[place]
            place += 1
            graphs.append(self.entry(selector, state))
        return graphs

    # One entry point.

    def entry(self, selector: int | None, start: State) -> Graph:
        """Explore from one state until every branch is taken or the budget is used up."""
        graph = Graph(selector, [Node(DEAD, 0, "revert"), Node(1, start.offset)])
        graph.payable = start.decided.get(self.pool.term("callvalue")) is not False
        start.node = 1
        start.blocks = 0
        limit = min(self.steps + self.budget.steps_entry, self.budget.steps)
        variants: Variants = {}
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

    def path(self, graph: Graph, state: State, variants: Variants, work: list[State]) -> None:
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
            node.end, node.end_offset, node.condition = "fork", block[-1][2], condition
            sides = ((holds, target), (not holds, following))
            for truth, offset in sides:
                number = self.side(graph, state, variants, work, condition, truth, offset)
                if truth:
                    node.if_true = number
                else:
                    node.if_false = number
            return

    def side(
        self,
        graph: Graph,
        state: State,
        variants: Variants,
        work: list[State],
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
                    entry = state.fork(offset)
                    entry.decided[condition] = True
                    self.entries.append((selector, entry))
                return DEAD
        stack, jumpdests = state.stack, self.jumpdests
        place = (offset, tuple([word for word in stack if type(word) is int and word in jumpdests]))
        found = variants.setdefault(place, {})
        variant = (state.sites, tuple([word for word in stack if type(word) is Term]))
        number = found.get(variant)
        if number is not None:
            return number
        if len(found) >= VARIANTS_MAX:
            alike = [other for (sites, _), other in found.items() if sites == state.sites]
            return alike[-1] if alike else next(reversed(found.values()))
        number = len(graph.nodes)
        graph.nodes.append(Node(number, offset))
        found[variant] = number
        following = state.fork(offset)
        following.decided[condition] = truth
        following.node = number
        if condition.op == "callvalue" and not truth:
            graph.payable = False
        work.append(following)
        return number

    # Blocks.

    def block(self, offset: int) -> Instructions:
        """Return the instructions from an offset to the next that may go elsewhere."""
        found: Instructions = []
        instructions = self.code.instructions
        place = self.position.get(offset, len(instructions))
        while place < len(instructions):
            item = instructions[place]
            if item.opcode == 0x5B and found:
                found.append((-1, item.offset, item.offset))  # falls through into the next block
                break
            found.append((item.opcode, item.operand or 0, item.offset))
            if item.opcode in TERMINAL:
                break
            place += 1
        else:
            found.append((0x00, 0, offset))  # past the end of the code: STOP
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
        answer = last in (0xFD, 0xFE)
        if last == 0x56 and 0x60 <= before[0] <= 0x7F:
            answer = before[1] not in self.jumpdests or self.is_dead(before[1])
        self.dead[offset] = answer
        return answer

    # Instructions.

    def execute(self, block: Instructions, state: State, node: Node) -> bool | tuple[Term, bool, int, int] | None:
        """Run one block: True to go on at state.offset, None at an end, or an undecided branch."""
        stack, pool = state.stack, self.pool
        push, pop = stack.append, stack.pop
        for opcode, operand, offset in block:
            if 0x5F <= opcode <= 0x7F:
                push(operand)
            elif 0x80 <= opcode <= 0x8F:
                push(stack[0x7F - opcode])
            elif 0x90 <= opcode <= 0x9F:
                place = 0x8E - opcode
                stack[-1], stack[place] = stack[place], stack[-1]
            elif opcode == 0x50:
                pop()
            elif opcode == 0x5B:
                pass
            elif opcode == 0x01:
                push(pool.add(pop(), pop()))
            elif opcode == 0x52:
                self.store(state, pop(), pop())
            elif opcode == 0x51:
                push(self.load(state, pop(), offset))
            elif opcode == 0x56:
                return self.jump(state, pop(), node, offset)
            elif opcode == 0x57:
                return self.branch(state, pop(), pop(), node, offset)
            elif opcode == 0x16:
                push(pool.both(pop(), pop()))
            elif opcode == 0x03:
                push(pool.sub(pop(), pop()))
            elif opcode == 0x15:
                push(pool.iszero(pop()))
            elif opcode == 0x14:
                push(pool.eq(pop(), pop()))
            elif opcode == 0x10:
                push(less(pool, pop(), pop()))
            elif opcode == 0x11:
                b, a = pop(), pop()
                push(less(pool, a, b))
            elif opcode == 0x54:
                key = pop()
                value = state.storage.get(key)
                push(pool.term("sload", key) if value is None else value)
            elif opcode == 0x55:
                key, value = pop(), pop()
                before = state.storage.get(key)
                node.writes.append(Write(offset, key, value, pool.term("sload", key) if before is None else before))
                state.storage[key] = value
                state.sites |= self.site(offset)
            elif opcode == 0x20:
                push(self.keccak(state, pop(), pop(), offset))
            elif opcode == 0x35:
                push(self.calldata(pop()))
            elif opcode == 0x1C:
                push(pool.shr(pop(), pop()))
            elif opcode == 0x1B:
                push(pool.shl(pop(), pop()))
            elif opcode == 0x17:
                push(pool.either(pop(), pop()))
            elif opcode == 0x19:
                push(pool.invert(pop()))
            elif opcode == 0x02:
                push(pool.mul(pop(), pop()))
            elif opcode == 0x04:
                push(pool.div(pop(), pop()))
            elif opcode in ENVIRONMENT:
                push(pool.term(ENVIRONMENT[opcode]))
            elif opcode == 0x0A:
                base, exponent = pop(), pop()
                if type(base) is int and type(exponent) is int:
                    push(pow(base, exponent, 1 << 256))
                else:
                    push(pool.term("exp", base, exponent))
            elif opcode in (0x12, 0x13):
                a, b = pop(), pop()
                if opcode == 0x13:
                    a, b = b, a
                if type(a) is int and type(b) is int:
                    push(int(signed(a) < signed(b)))
                else:
                    push(pool.term("slt", a, b))
            elif opcode == -1:
                state.offset = operand
                return True
            elif opcode in CALLS:
                self.call(state, node, opcode, offset)
            elif opcode == 0x3D:
                push(state.returned)
            elif opcode == 0x5A:
                push(pool.term("gas"))
            elif 0xA0 <= opcode <= 0xA4:
                start, size = pop(), pop()
                topics = tuple([pop() for _ in range(opcode - 0xA0)])
                node.logs.append(Log(offset, topics, self.words(state, start, size, 4)))
            elif opcode in (0xF3, 0xFD):
                start, size = pop(), pop()
                node.end, node.end_offset = ("return", offset) if opcode == 0xF3 else ("revert", offset)
                node.returned = self.words(state, start, size, RETURN_WORDS_MAX)
                return None
            elif opcode == 0x00:
                node.end, node.end_offset = "stop", offset
                return None
            elif opcode == 0xFF:
                node.end, node.end_offset, node.beneficiary = "selfdestruct", offset, pop()
                return None
            elif opcode in (0x37, 0x39, 0x3E, 0x5E):
                self.copy(state, opcode, pop(), pop(), pop())
            elif opcode == 0x53:
                self.store_byte(state, pop(), pop())
            else:
                self.rare(state, opcode, offset, node)
                if node.end == "invalid":
                    return None
        raise AssertionError("a block ends with an instruction that leaves it")

    def rare(self, state: State, opcode: int, offset: int, node: Node) -> None:
        """Run the instructions that are seldom met."""
        stack, pool = state.stack, self.pool
        push, pop = stack.append, stack.pop
        if opcode in (0x06, 0x05, 0x07, 0x0B, 0x18, 0x1A, 0x1D):
            a, b = pop(), pop()
            name = {
                0x06: "mod",
                0x05: "sdiv",
                0x07: "smod",
                0x0B: "signextend",
                0x18: "xor",
                0x1A: "byte",
                0x1D: "sar",
            }[opcode]
            push(two(pool, name, a, b))
        elif opcode in (0x08, 0x09):
            a, b, modulus = pop(), pop(), pop()
            if type(a) is int and type(b) is int and type(modulus) is int:
                push(0 if modulus == 0 else ((a + b) if opcode == 0x08 else a * b) % modulus)
            else:
                push(pool.term("addmod" if opcode == 0x08 else "mulmod", a, b, modulus))
        elif opcode == 0x31:
            push(pool.term("balance", pop()))
        elif opcode == 0x3B:
            push(pool.term("extcodesize", pop()))
        elif opcode == 0x3F:
            push(pool.term("extcodehash", pop()))
        elif opcode in (0x40, 0x49, 0x1E):
            push(pool.term({0x40: "blockhash", 0x49: "blobhash", 0x1E: "clz"}[opcode], pop()))
        elif opcode == 0x38:
            push(len(self.code.runtime))
        elif opcode == 0x58:
            push(offset)
        elif opcode == 0x59:
            push(pool.term("msize", offset))
        elif opcode == 0x5C:
            key = pop()
            push(state.storage.get(("transient", key), pool.term("tload", key)))  # type: ignore[call-overload]
        elif opcode == 0x5D:
            key, value = pop(), pop()
            state.storage[("transient", key)] = value  # type: ignore[index]
        elif opcode == 0x3C:
            _, target, _, size = pop(), pop(), pop(), pop()
            self.forget(state, target, size)
        elif opcode in (0xF0, 0xF5):
            value, _, _ = pop(), pop(), pop()
            if opcode == 0xF5:
                pop()
            result = pool.term("created", offset, state.ordinal)
            node.calls.append(Call(offset, "CREATE" if opcode == 0xF0 else "CREATE2", 0, value, None, (), result))
            state.ordinal += 1
            state.sites |= self.site(offset)
            state.returned = 0
            push(result)
        else:
            node.end, node.end_offset = "invalid", offset

    def site(self, offset: int) -> int:
        """Return the bit of an effect site."""
        bit = self.site_bits.get(offset)
        if bit is None:
            bit = self.site_bits[offset] = 1 << len(self.site_bits)
        return bit

    def jump(self, state: State, target: Word, node: Node, offset: int) -> bool | None:
        """Go to a known target."""
        if type(target) is int:
            if target in self.jumpdests:
                state.offset = target
                return True
            node.end, node.end_offset = "invalid", offset
            return None
        node.end, node.end_offset = "unresolved", offset
        return None

    def branch(
        self, state: State, target: Word, condition: Word, node: Node, offset: int
    ) -> bool | tuple[Term, bool, int, int] | None:
        """Follow a decided branch, or return an undecided one as (term, its value when taken, target, following)."""
        following = offset + 1
        holds = True
        while not isinstance(condition, int):
            if condition.op == "iszero":
                condition, holds = condition.args[0], not holds
            elif condition.op in ("sub", "xor"):
                condition, holds = self.pool.eq(condition.args[0], condition.args[1]), not holds
            elif condition.op == "and" and type(condition.args[0]) is int and (run := run_of_bits(condition.args[0])):
                condition = self.pool.extract(condition.args[1], *run)
            else:
                break
        if isinstance(condition, int):
            decided = bool(condition) is holds
        else:
            known = True if condition.op in ("caller", "origin", "address") else state.decided.get(condition)
            if known is None:
                if type(target) is not int:
                    node.end, node.end_offset = "unresolved", offset
                    return None
                return condition, holds, target if target in self.jumpdests else -1, following
            decided = known is holds
        if decided:
            return self.jump(state, target, node, offset)
        state.offset = following
        return True

    # Memory.

    def split(self, start: Word) -> MemoryKey:
        """Return a memory place as a constant, or as a base and a constant."""
        if type(start) is int:
            return start
        assert type(start) is Term
        if start.op == "add" and type(start.args[0]) is int and type(start.args[1]) is Term:
            return (start.args[1], start.args[0])
        return (start, 0)

    def store(self, state: State, start: Word, value: Word) -> None:
        """Write one word."""
        state.memory[self.split(start)] = value

    def store_byte(self, state: State, start: Word, value: Word) -> None:
        """Write one byte: the word around it becomes unknown."""
        key = self.split(start)
        if isinstance(key, int):
            state.memory[key - key % 32] = self.pool.term("bytes", key, value)

    def load(self, state: State, start: Word, offset: int) -> Word:
        """Read one word; memory never written is zero, memory written at places not known is an unknown word."""
        key: MemoryKey = start if type(start) is int else self.split(start)
        value = state.memory.get(key)
        if value is not None:
            return value
        if type(key) is int:
            if key < state.smear:
                return self.unaligned(state, key)
            return self.pool.term("memory", key, offset)
        assert isinstance(key, tuple)
        return self.pool.term("memory", key[0], key[1], offset)

    def unaligned(self, state: State, key: int) -> Word:
        """Read a word that lies across two written ones, where it can be told; else zero."""
        memory = state.memory
        for back in range(1, 32):
            earlier = memory.get(key - back)
            if earlier is not None:
                upper = self.pool.shl(8 * back, earlier)
                later = memory.get(key - back + 32, 0)
                return self.pool.either(upper, self.pool.shr(256 - 8 * back, later))
        return 0

    def words(self, state: State, start: Word, size: Word, most: int) -> tuple[Word, ...]:
        """Read the words of a region, as many as `most`."""
        if type(size) is int:
            count = min((size + 31) // 32, most)
        else:
            count = most
        return tuple([self.load(state, self.pool.add(start, 32 * place), -1) for place in range(count)])

    def copy(self, state: State, opcode: int, target: Word, source: Word, size: Word) -> None:
        """Copy calldata, code, returned data or memory into memory, word by word where all is constant."""
        key = self.split(target)
        if type(size) is not int or size > 2_048 or type(source) is not int:
            self.forget(state, target, size)
            return
        pool, found = self.pool, []
        for place in range(0, size, 32):
            if opcode == 0x37:
                word: Word = self.calldata(source + place)
            elif opcode == 0x39:
                piece = self.code.runtime[source + place : source + place + 32]
                word = int.from_bytes(piece.ljust(32, b"\0"), "big")
            elif opcode == 0x3E:
                word = pool.term("ret", state.ordinal - 1, source + place)
            else:
                word = self.load(state, source + place, -1)
            if size - place < 32:
                word = pool.both(word, WORD ^ ((1 << 8 * (32 - size + place)) - 1))
            found.append(word)
        for index, word in enumerate(found):
            if isinstance(key, int):
                state.memory[key + 32 * index] = word
            else:
                state.memory[key[0], key[1] + 32 * index] = word

    def forget(self, state: State, target: Word, size: Word) -> None:
        """Make a region of memory unknown."""
        if size == 0:
            return
        key = self.split(target)
        if isinstance(key, int):
            end = key + size if type(size) is int else 1 << 62
            for place in [k for k in state.memory if isinstance(k, int) and key <= k < end and k >= 0x80]:
                del state.memory[place]
            state.smear = min(state.smear, max(key, 0x80))
        else:
            for other in [k for k in state.memory if not isinstance(k, int) and k[0] is key[0] and k[1] >= key[1]]:
                del state.memory[other]

    def calldata(self, place: Word) -> Word:
        """Return a word of calldata."""
        return self.pool.term("arg" if type(place) is int else "calldata", place)

    def keccak(self, state: State, start: Word, size: Word, offset: int) -> Word:
        """Return a hash: a mapping's entry, an array's beginning, or a hash of known words."""
        pool = self.pool
        if type(size) is not int or size > 512:
            return pool.term("keccak", *self.words(state, start, 128, 4), offset)
        words = self.words(state, start, size, 16)
        if size == 64:
            first, second = words
            if isinstance(second, int) or second.op in ("map", "array", "add"):
                return pool.term("map", second, strip(pool, first))
            if isinstance(first, int) or first.op == "map":
                return pool.term("map", first, strip(pool, second), 1)  # Vyper hashes the slot first
            return pool.term("map", second, strip(pool, first))
        if size == 32:
            return pool.term("array", words[0])
        return pool.term("keccak", size, *words)

    # Other contracts.

    def call(self, state: State, node: Node, opcode: int, offset: int) -> None:
        """Note a call and make what it answers unknown."""
        stack, pool = state.stack, self.pool
        pop = stack.pop
        pop()  # gas
        target = pop()
        value: Word = pop() if opcode in (0xF1, 0xF2) else 0
        start, size, out, out_size = pop(), pop(), pop(), pop()
        selector, arguments = None, list[Word]()
        if type(size) is not int or size >= 4:
            head = self.load(state, start, offset)
            top = pool.shr(224, head)
            selector = top if type(top) is int and size != 0 else None
            count = (size - 4 + 31) // 32 if type(size) is int else 4
            for place in range(min(count, 8)):
                arguments.append(self.load(state, pool.add(4 + 32 * place, start), offset))
        kind = CALLS[opcode]
        result = pool.term("call", offset, state.ordinal)
        node.calls.append(Call(offset, kind, target, value, selector, tuple(arguments), result))
        if type(out_size) is int and out_size > 0:
            key = self.split(out)
            for place in range(0, min(out_size, 256), 32):
                word = pool.term("ret", state.ordinal, place)
                if isinstance(key, int):
                    state.memory[key + place] = word
                else:
                    state.memory[key[0], key[1] + place] = word
            state.returned = out_size
        else:
            state.returned = pool.term("returndatasize", state.ordinal)
        state.ordinal += 1
        if kind != "STATICCALL":
            state.sites |= self.site(offset)
        stack.append(result)


def less(pool: Pool, a: Word, b: Word) -> Word:
    """Return a < b, unsigned."""
    if type(a) is int and type(b) is int:
        return int(a < b)
    if b == 0 or a is b or a == WORD:
        return 0
    if b == 1:
        return pool.iszero(a)
    return pool.term("lt", a, b)


def two(pool: Pool, name: str, a: Word, b: Word) -> Word:
    """Return the result of an operation of two words that is seldom met."""
    if name == "byte" and type(a) is int:
        return pool.extract(b, 8 * (31 - a), 8) if a < 32 else 0
    if name == "signextend" and type(a) is int and a >= 31:
        return b
    if name == "mod" and type(b) is int:
        shift = power_of_two(b)
        if shift >= 0:
            return pool.both(b - 1, a)
    if type(a) is not int or type(b) is not int:
        return pool.term(name, a, b)
    if name == "mod":
        return a % b if b else 0
    if name == "xor":
        return a ^ b
    if name == "sar":
        return (signed(b) >> min(a, 256)) & WORD
    if name == "signextend":
        sign = 1 << (8 * a + 7)
        low = b & ((sign << 1) - 1)
        return (low - (sign << 1)) & WORD if low & sign else low
    x, y = signed(a), signed(b)
    if y == 0:
        return 0
    quotient = abs(x) // abs(y)
    if name == "sdiv":
        return (quotient if (x ^ y) >= 0 else -quotient) & WORD
    rest = abs(x) % abs(y)
    return (-rest if x < 0 else rest) & WORD


def strip(pool: Pool, key: Word) -> Word:
    """Return a mapping's key without a mask to twenty bytes, so that all spellings of one key are one term."""
    if type(key) is Term and key.op == "field" and key.args[1] == 0 and key.args[2] == 160:
        inner = key.args[0]
        if type(inner) is Term and inner.op in ("arg", "calldata", "ret", "memory"):
            return inner
    return key


def explore(code: Code, pool: Pool, budget: Budget = Budget()) -> tuple[list[Graph], bool]:
    """Return a graph for each entry point, and whether everything was explored within the budget."""
    explorer = Explorer(code, pool, budget)
    graphs = explorer.run()
    return graphs, all(graph.complete for graph in graphs) and explorer.steps < budget.steps
