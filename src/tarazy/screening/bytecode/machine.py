"""The instructions of the EVM on words that may be unknown.

The instruction loop is long on purpose: an auditor reads it beside the instruction set, and a call for each instruction
would double its cost.
Known limits: other contracts do not call back; gas and code of other accounts are unknown words.
"""

from __future__ import annotations

from tarazy.screening.bytecode.bits import WORD, power_of_two, run_of_bits, signed
from tarazy.screening.bytecode.graph import Call, GraphNode, LogOperation, Write
from tarazy.screening.bytecode.memory import MachineState, Memory
from tarazy.screening.bytecode.term import Term, Word
from tarazy.screening.bytecode.terms import TermPool

Instructions = list[tuple[int, int, int]]  # (opcode, operand, offset); PUSH, DUP and SWAP have one opcode each

RETURN_WORDS_MAX = 6
ENVIRONMENT = {
    0x30: "address", 0x32: "origin", 0x33: "caller", 0x34: "callvalue", 0x36: "calldatasize", 0x3A: "gasprice",
    0x41: "coinbase", 0x42: "timestamp", 0x43: "number", 0x44: "prevrandao", 0x45: "gaslimit", 0x46: "chainid",
    0x47: "selfbalance", 0x48: "basefee", 0x4A: "blobbasefee",
}  # fmt: skip
CALLS = {0xF1: "CALL", 0xF2: "CALLCODE", 0xF4: "DELEGATECALL", 0xFA: "STATICCALL"}


class Machine(Memory):
    """Runs blocks of instructions on a path."""

    jumpdests: frozenset[int]
    site_bits: dict[int, int]
    call_idents: dict[tuple[int, int], int]  # (offset, calls made before) -> the number by which answers name a call
    asked_again: set[Term]

    def execute(
        self, block: Instructions, state: MachineState, node: GraphNode
    ) -> bool | tuple[Term, bool, int, int] | None:
        """Run one block: True to go on at state.offset, None at an end, or an undecided branch."""
        stack, pool = state.stack, self.pool
        push, pop = stack.append, stack.pop
        for opcode, operand, offset in block:
            if opcode == 0x60:
                push(operand)
            elif opcode == 0x80:
                push(stack[operand])
            elif opcode == 0x90:
                stack[-1], stack[operand] = stack[operand], stack[-1]
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
                if type(key) is Term:
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
                node.logs.append(LogOperation(offset, topics, self.words(state, start, size, 4)))
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

    def rare(self, state: MachineState, opcode: int, offset: int, node: GraphNode) -> None:
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

    def jump(self, state: MachineState, target: Word, node: GraphNode, offset: int) -> bool | None:
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
        self, state: MachineState, target: Word, condition: Word, node: GraphNode, offset: int
    ) -> bool | tuple[Term, bool, int, int] | None:
        """Follow a decided branch, or return an undecided one as (term, its value when taken, target, following)."""
        following = offset + 1
        holds = True
        while not isinstance(condition, int):
            if condition.op == "iszero":
                condition, holds = condition.args[0], not holds
            elif condition.op in ("sub", "xor"):
                condition, holds = self.pool.eq(condition.args[0], condition.args[1]), not holds
            elif condition.op == "add" and type(condition.args[0]) is int:  # a word less a number
                condition, holds = self.pool.eq(-condition.args[0] & WORD, condition.args[1]), not holds
            elif condition.op == "and" and type(condition.args[0]) is int and (run := run_of_bits(condition.args[0])):
                condition = self.pool.extract(condition.args[1], *run)
            else:
                break
        if isinstance(condition, int):
            decided = bool(condition) is holds
        else:
            own_size = self.pool.term("extcodesize", self.pool.term("address"))
            sure = condition is own_size or condition.op in ("caller", "origin", "address")
            known = True if sure else state.decided.get(condition)
            if known is None:
                if type(target) is not int:
                    node.end, node.end_offset = "unresolved", offset
                    return None
                return condition, holds, target if target in self.jumpdests else -1, following
            self.asked_again.add(condition)
            decided = known is holds
        if decided:
            return self.jump(state, target, node, offset)
        state.offset = following
        return True

    def call(self, state: MachineState, node: GraphNode, opcode: int, offset: int) -> None:
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
        ident = self.call_idents.setdefault((offset, state.ordinal), len(self.call_idents))
        result = pool.term("call", offset, ident)
        node.calls.append(Call(offset, kind, target, value, selector, tuple(arguments), result))
        if type(out_size) is int and out_size > 0:
            key = self.split(out)
            for place in range(0, min(out_size, 256), 32):
                word = pool.term("ret", ident, place)
                if isinstance(key, int):
                    state.memory[key + place] = word
                else:
                    state.memory[key[0], key[1] + place] = word
            state.returned = out_size
        else:
            state.returned = pool.term("returndatasize", ident)
        state.answered = ident
        state.ordinal += 1
        stack.append(result)


def less(pool: TermPool, a: Word, b: Word) -> Word:
    """Return a < b, unsigned."""
    if type(a) is int and type(b) is int:
        return int(a < b)
    if b == 0 or a is b or a == WORD:
        return 0
    if b == 1:
        return pool.iszero(a)
    if a == 0:  # above zero is the same question as not zero
        return pool.iszero(pool.iszero(b))
    return pool.term("lt", a, b)


def two(pool: TermPool, name: str, a: Word, b: Word) -> Word:
    """Return the result of an operation of two words that is seldom met."""
    if name == "byte" and type(a) is int:
        return pool.extract(b, 8 * (31 - a), 8) if a < 32 else 0
    if name == "signextend" and type(a) is int and a >= 31:
        return b
    if name == "mod" and type(b) is int:
        shift = power_of_two(b)
        if shift >= 0:
            return pool.both(b - 1, a)
    if name == "xor":
        for part, whole in ((a, b), (b, a)):
            if type(part) is Term and part.op == "and" and type(part.args[0]) is int and part.args[1] is whole:
                return pool.both(WORD ^ part.args[0], whole)  # some bits of a word, taken out of it
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
