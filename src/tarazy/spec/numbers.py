"""Numbers that the engine assigns, and which of them an instruction may name.

Officers sign before their commands are ordered, and the order is the server's. An instruction therefore says the last
command that its signers knew. A covered command may name what was there then, and what its own instruction made; what
came in between may have taken the number that the signers meant. Once a covered command was refused, the numbers that
the instruction makes are no longer those that its signers counted on, and none of them may be named.
"""

from __future__ import annotations

from collections.abc import Iterator

from tarazy.domain.records import (
    ASSIGNED_NUMBERS,
    COMMANDS,
    CommandKind,
    LimitScope,
    NumberSpace,
    ParameterTable,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import State

COMMAND = int(NumberSpace.command)
ASSET = int(NumberSpace.asset)
MARKET = int(NumberSpace.market)
ACCOUNT = int(NumberSpace.account)
OFFICER = int(NumberSpace.officer)
LIMIT_KINDS = (CommandKind.set_limit, CommandKind.remove_limit)


def note_assigned(state: State, space: int) -> None:
    """Remember that the command under way has made the next asset, market, account or officer."""
    state.assigned[space].append(state.seq)


def assigned_seq(state: State, space: int, number: int) -> int:
    """Return which command made what a number names; 0 where there is nothing of that number."""
    if space == COMMAND:
        return number if number <= state.seq else 0
    made = state.assigned[space]
    return made[number - 1] if 1 <= number <= len(made) else 0


def named_numbers(kind: int, record: bytes) -> Iterator[tuple[int, int]]:
    """Yield (NumberSpace, number) of everything that a privileged command names by a number of the engine's."""
    for offset, space in ASSIGNED_NUMBERS[kind]:
        yield space, int.from_bytes(record[offset : offset + (8 if space == COMMAND else 4)], "little")
    if kind in LIMIT_KINDS:
        limit = COMMANDS[kind].unpack(record)
        if limit.limit_scope == LimitScope.account:
            yield ACCOUNT, limit.limit_subject
    elif kind == CommandKind.set_parameter:
        parameter = COMMANDS[kind].unpack(record)
        if parameter.parameter_table == ParameterTable.withdrawal_max_minor:
            yield ASSET, parameter.parameter_key


def check_numbers(state: State, kind: int, record: bytes) -> None:
    """Refuse a command that names what its signers did not know and their instruction has not made."""
    instruction = state.authority.instruction
    if not instruction.known_seq:
        return
    for space, number in named_numbers(kind, record):
        seq = assigned_seq(state, space, number)
        is_own = instruction.is_whole and space != COMMAND and seq > instruction.seq
        if seq > instruction.known_seq and not is_own:
            raise Refusal(RejectCode.number_not_known, instruction.known_seq, seq)
