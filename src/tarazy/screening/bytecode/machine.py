"""The instructions of the EVM on words that may be unknown.

The instruction loop is long on purpose: an auditor reads it beside the instruction set, and a call for each instruction
would double its cost.
Known limits: other contracts do not call back; gas and code of other accounts are unknown words.
"""

from __future__ import annotations

from tarazy.chains.evm.opcodes import (
    ADD,
    ADDRESS,
    AND,
    BASEFEE,
    BLOBBASEFEE,
    CALL,
    CALLCODE,
    CALLDATACOPY,
    CALLDATALOAD,
    CALLDATASIZE,
    CALLER,
    CALLVALUE,
    CHAINID,
    CODECOPY,
    COINBASE,
    DELEGATECALL,
    DIV,
    DUP1,
    EQ,
    EXP,
    GAS,
    GASLIMIT,
    GASPRICE,
    GT,
    ISZERO,
    JUMP,
    JUMPDEST,
    JUMPI,
    KECCAK256,
    LOG0,
    LOG4,
    LT,
    MCOPY,
    MLOAD,
    MSTORE,
    MSTORE8,
    MUL,
    NOT,
    NUMBER,
    OR,
    ORIGIN,
    POP,
    PREVRANDAO,
    PUSH1,
    RETURN,
    RETURNDATACOPY,
    RETURNDATASIZE,
    REVERT,
    SELFBALANCE,
    SELFDESTRUCT,
    SGT,
    SHL,
    SHR,
    SLOAD,
    SLT,
    SSTORE,
    STATICCALL,
    STOP,
    SUB,
    SWAP1,
    TIMESTAMP,
)
from tarazy.screening.bytecode.bits import WORD, run_of_bits, signed
from tarazy.screening.bytecode.graph import Call, GraphNode, LogOperation, Write
from tarazy.screening.bytecode.memory import MachineState
from tarazy.screening.bytecode.rare_instructions import RareInstructions
from tarazy.screening.bytecode.term import Term, Word
from tarazy.screening.bytecode.terms import TermPool

Instructions = list[tuple[int, int, int]]  # (opcode, operand, offset); PUSH, DUP and SWAP have one opcode each

RETURN_WORDS_MAX = 6
ENVIRONMENT = {
    ADDRESS: "address",
    ORIGIN: "origin",
    CALLER: "caller",
    CALLVALUE: "callvalue",
    CALLDATASIZE: "calldatasize",
    GASPRICE: "gasprice",
    COINBASE: "coinbase",
    TIMESTAMP: "timestamp",
    NUMBER: "number",
    PREVRANDAO: "prevrandao",
    GASLIMIT: "gaslimit",
    CHAINID: "chainid",
    SELFBALANCE: "selfbalance",
    BASEFEE: "basefee",
    BLOBBASEFEE: "blobbasefee",
}
CALLS = {CALL: "CALL", CALLCODE: "CALLCODE", DELEGATECALL: "DELEGATECALL", STATICCALL: "STATICCALL"}

SIGNED, ENDS = frozenset({SLT, SGT}), frozenset({RETURN, REVERT})
COPIES = frozenset({CALLDATACOPY, CODECOPY, RETURNDATACOPY, MCOPY})


class Machine(RareInstructions):
    """Runs blocks of instructions on a path."""

    jumpdests: frozenset[int]
    call_idents: dict[tuple[int, int], int]  # (offset, calls made before) -> the number by which answers name a call
    asked_again: set[Term]
    asked_selector: Term | None  # the word that `selector` stands for, where one way in is followed at a time
    selector: int

    def execute(
        self, block: Instructions, state: MachineState, node: GraphNode
    ) -> bool | tuple[Term, bool, int, int] | None:
        """Run one block: True to go on at state.offset, None at an end, or an undecided branch."""
        stack, pool = state.stack, self.pool
        push, pop = stack.append, stack.pop
        for opcode, operand, offset in block:
            if opcode == PUSH1:
                push(operand)
            elif opcode == DUP1:
                push(stack[operand])
            elif opcode == SWAP1:
                stack[-1], stack[operand] = stack[operand], stack[-1]
            elif opcode == POP:
                pop()
            elif opcode == JUMPDEST:
                pass
            elif opcode == ADD:
                push(pool.add(pop(), pop()))
            elif opcode == MSTORE:
                self.store(state, pop(), pop())
            elif opcode == MLOAD:
                push(self.load(state, pop(), offset))
            elif opcode == JUMP:
                return self.jump(state, pop(), node, offset)
            elif opcode == JUMPI:
                return self.branch(state, pop(), pop(), node, offset)
            elif opcode == AND:
                push(pool.both(pop(), pop()))
            elif opcode == SUB:
                push(pool.sub(pop(), pop()))
            elif opcode == ISZERO:
                push(pool.iszero(pop()))
            elif opcode == EQ:
                push(pool.eq(pop(), pop()))
            elif opcode == LT:
                push(less(pool, pop(), pop()))
            elif opcode == GT:
                b, a = pop(), pop()
                push(less(pool, a, b))
            elif opcode == SLOAD:
                key = pop()
                value = state.storage.get(key)
                push(pool.term("sload", key) if value is None else value)
            elif opcode == SSTORE:
                key, value = pop(), pop()
                before = state.storage.get(key)
                node.writes.append(Write(offset, key, value, pool.term("sload", key) if before is None else before))
                state.storage[key] = value
                if type(key) is Term:
                    state.sites |= self.site(offset)
            elif opcode == KECCAK256:
                push(self.keccak(state, pop(), pop(), offset))
            elif opcode == CALLDATALOAD:
                push(self.calldata(pop()))
            elif opcode == SHR:
                word = pool.shr(pop(), pop())
                push(self.selector if word is self.asked_selector else word)
            elif opcode == SHL:
                push(pool.shl(pop(), pop()))
            elif opcode == OR:
                push(pool.either(pop(), pop()))
            elif opcode == NOT:
                push(pool.invert(pop()))
            elif opcode == MUL:
                push(pool.mul(pop(), pop()))
            elif opcode == DIV:
                push(pool.div(pop(), pop()))
            elif opcode in ENVIRONMENT:
                push(pool.term(ENVIRONMENT[opcode]))
            elif opcode == EXP:
                base, exponent = pop(), pop()
                if type(base) is int and type(exponent) is int:
                    push(pow(base, exponent, 1 << 256))
                else:
                    push(pool.term("exp", base, exponent))
            elif opcode in SIGNED:
                a, b = pop(), pop()
                if opcode == SGT:
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
            elif opcode == RETURNDATASIZE:
                push(state.returned)
            elif opcode == GAS:
                push(pool.term("gas"))
            elif LOG0 <= opcode <= LOG4:
                start, size = pop(), pop()
                topics = tuple([pop() for _ in range(opcode - LOG0)])
                node.logs.append(LogOperation(offset, topics, self.words(state, start, size, 4)))
            elif opcode in ENDS:
                start, size = pop(), pop()
                node.end, node.end_offset = ("return", offset) if opcode == RETURN else ("revert", offset)
                node.returned = self.words(state, start, size, RETURN_WORDS_MAX)
                return None
            elif opcode == STOP:
                node.end, node.end_offset = "stop", offset
                return None
            elif opcode == SELFDESTRUCT:
                node.end, node.end_offset, node.beneficiary = "selfdestruct", offset, pop()
                return None
            elif opcode in COPIES:
                self.copy(state, opcode, pop(), pop(), pop())
            elif opcode == MSTORE8:
                self.store_byte(state, pop(), pop())
            else:
                self.rare(state, opcode, offset, node)
                if node.end == "invalid":
                    return None
        raise AssertionError("a block ends with an instruction that leaves it")

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
        value: Word = pop() if opcode in (CALL, CALLCODE) else 0
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
