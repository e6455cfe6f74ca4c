"""Whether an index into a list is held below its length, and whether that length holds anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.locations import Field, field_of
from tarazy.screening.bytecode.mappings import chosen_number
from tarazy.screening.bytecode.term import Term, Word, walk
from tarazy.screening.bytecode.writer import Writer

LENGTH_MAX = 1 << 64  # more entries than any list has
Place = tuple[int | None, int, int]  # root, number of keys, offset
WritersAt = Mapping[Place, Sequence[Writer]]


def is_counted(
    writer: Writer, flows: Mapping[str, ValueFlow], writers_at: WritersAt, stored: Mapping[Field, int]
) -> bool:
    """Return whether the chosen slot is held below a number: an index into a list of fixed length, or of its own.

    A length that its writer may choose, or lower below zero, holds nothing; nor does one that is stored and is more
    than any list has.
    """
    return any(
        is_small(bound) and not is_set_at_will(bound, flows, writers_at) and holds(bound, stored)
        for bound in bounds_of(writer, flows)
    )


def bounds_of(writer: Writer, flows: Mapping[str, ValueFlow]) -> Iterator[Word]:
    """Yield the words below which a chosen slot is held where it is written."""
    parts = set(unread(chosen_number(writer.change.place)))
    for edge in flows[writer.entry].dominating.get(writer.node, frozenset()):
        if edge.term.op == "lt":
            less, more = edge.term.args if edge.holds else edge.term.args[::-1]
            if less in parts:
                yield more


def holds(bound: Word, stored: Mapping[Field, int]) -> bool:
    """Return whether a length is one that a list may have, as far as it was read."""
    field = field_of(bound) if type(bound) is Term else None
    return field is None or stored.get(field, 0) < LENGTH_MAX


def fixed_lengths(writers: Sequence[Writer], flows: Mapping[str, ValueFlow], writers_at: WritersAt) -> set[Field]:
    """Return the stored lengths, which nothing changes, that hold a slot which a caller chooses: the state tells."""
    found = (field_of(bound) for w in writers for bound in bounds_of(w, flows) if type(bound) is Term)
    return {f for f in found if f is not None and not f.depth and not writers_at.get((f.root, f.depth, f.offset))}


def unread(word: Word) -> Iterator[Term]:
    """Yield the terms of a word, but not of where it was read: an offset in bounds says nothing of what is there."""
    if type(word) is Term:
        yield word
        for part in word.args if word.op not in ("sload", "calldata", "arg", "ret") else ():
            yield from unread(part)


def is_small(word: Word) -> bool:
    """Return whether a word is a number that counts things, or the length of a list."""
    return type(word) is not int or word < LENGTH_MAX


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
