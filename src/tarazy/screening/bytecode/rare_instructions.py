"""The instructions that are seldom met, apart from the loop that an auditor reads beside the instruction set."""

from __future__ import annotations

from tarazy.chains.evm.opcodes import (
    ADDMOD,
    BALANCE,
    BLOBHASH,
    BLOCKHASH,
    BYTE,
    CLZ,
    CODESIZE,
    CREATE,
    CREATE2,
    EXTCODECOPY,
    EXTCODEHASH,
    EXTCODESIZE,
    MOD,
    MSIZE,
    MULMOD,
    PC,
    SAR,
    SDIV,
    SIGNEXTEND,
    SMOD,
    TLOAD,
    TSTORE,
    XOR,
)
from tarazy.screening.bytecode.bits import WORD, power_of_two, signed
from tarazy.screening.bytecode.graph import Call, GraphNode
from tarazy.screening.bytecode.memory import MachineState, Memory
from tarazy.screening.bytecode.term import Term, Word
from tarazy.screening.bytecode.terms import TermPool


class RareInstructions(Memory):
    """Runs what is seldom met."""

    site_bits: dict[int, int]

    def rare(self, state: MachineState, opcode: int, offset: int, node: GraphNode) -> None:
        """Run the instructions that are seldom met."""
        stack, pool = state.stack, self.pool
        push, pop = stack.append, stack.pop
        if opcode in (MOD, SDIV, SMOD, SIGNEXTEND, XOR, BYTE, SAR):
            a, b = pop(), pop()
            name = {
                MOD: "mod",
                SDIV: "sdiv",
                SMOD: "smod",
                SIGNEXTEND: "signextend",
                XOR: "xor",
                BYTE: "byte",
                SAR: "sar",
            }[opcode]
            push(two(pool, name, a, b))
        elif opcode in (ADDMOD, MULMOD):
            a, b, modulus = pop(), pop(), pop()
            if type(a) is int and type(b) is int and type(modulus) is int:
                push(0 if modulus == 0 else ((a + b) if opcode == ADDMOD else a * b) % modulus)
            else:
                push(pool.term("addmod" if opcode == ADDMOD else "mulmod", a, b, modulus))
        elif opcode == BALANCE:
            push(pool.term("balance", pop()))
        elif opcode == EXTCODESIZE:
            push(pool.term("extcodesize", pop()))
        elif opcode == EXTCODEHASH:
            push(pool.term("extcodehash", pop()))
        elif opcode in (BLOCKHASH, BLOBHASH, CLZ):
            push(pool.term({BLOCKHASH: "blockhash", BLOBHASH: "blobhash", CLZ: "clz"}[opcode], pop()))
        elif opcode == CODESIZE:
            push(len(self.code.runtime))
        elif opcode == PC:
            push(offset)
        elif opcode == MSIZE:
            push(pool.term("msize", offset))
        elif opcode == TLOAD:
            key = pop()
            push(state.storage.get(("transient", key), pool.term("tload", key)))  # type: ignore[call-overload]
        elif opcode == TSTORE:
            key, value = pop(), pop()
            state.storage[("transient", key)] = value  # type: ignore[index]
            node.transient.append((key, value))
        elif opcode == EXTCODECOPY:
            _, target, _, size = pop(), pop(), pop(), pop()
            self.forget(state, target, size)
        elif opcode in (CREATE, CREATE2):
            value, _, _ = pop(), pop(), pop()
            if opcode == CREATE2:
                pop()
            result = pool.term("created", offset, state.ordinal)
            node.calls.append(Call(offset, "CREATE" if opcode == CREATE else "CREATE2", 0, value, None, (), result))
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
