"""Whether an index into a list is held below its length, and whether that length holds anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.locations import field_of
from tarazy.screening.bytecode.mappings import chosen_number
from tarazy.screening.bytecode.term import Term, Word, walk
from tarazy.screening.bytecode.writer import Writer

Place = tuple[int | None, int, int]  # root, number of keys, offset
WritersAt = Mapping[Place, Sequence[Writer]]


def is_counted(writer: Writer, flows: Mapping[str, ValueFlow], writers_at: WritersAt) -> bool:
    """Return whether the chosen slot is held below a number: an index into a list of fixed length, or of its own.

    A length that its writer may choose, or lower below zero, holds nothing.
    """
    parts = set(unread(chosen_number(writer.change.place)))
    for edge in flows[writer.entry].dominating.get(writer.node, frozenset()):
        if edge.term.op == "lt":
            less, more = edge.term.args if edge.holds else edge.term.args[::-1]
            if less in parts and is_small(more) and not is_set_at_will(more, flows, writers_at):
                return True
    return False


def unread(word: Word) -> Iterator[Term]:
    """Yield the terms of a word, but not of where it was read: an offset in bounds says nothing of what is there."""
    if type(word) is Term:
        yield word
        for part in word.args if word.op not in ("sload", "calldata", "arg", "ret") else ():
            yield from unread(part)


def is_small(word: Word) -> bool:
    """Return whether a word is a number that counts things, or the length of a list."""
    return type(word) is not int or word < 1 << 64


def is_set_at_will(word: Word, flows: Mapping[str, ValueFlow], writers_at: WritersAt) -> bool:
    """Return whether a word is stored, and somebody stores what he chooses, or one less without having looked."""
    field = field_of(word) if type(word) is Term else None
    if field is None:
        return False
    for writer in writers_at.get((field.root, field.depth, field.offset), ()):
        value = writer.change.value
        if type(value) is Term and (value.op in ("arg", "calldata") or lowers_unseen(flows[writer.entry], writer)):
            return True
    return False


def lowers_unseen(flow: ValueFlow, writer: Writer) -> bool:
    """Return whether a write makes a length one less and nothing on its way asked for the length: it wraps around."""
    value, before = writer.change.value, writer.change.before
    if type(value) is not Term or value.op != "add" or value.args != (WORD, before):
        return False
    return not any(before in walk(edge.term) for edge in flow.path_conditions(writer.node))
