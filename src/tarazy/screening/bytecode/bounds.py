"""What the state at hand holds in the fields that bound a fee, or a list: what is stored is no number of the code."""

from __future__ import annotations

from dataclasses import replace

from tarazy.screening.bytecode.allowed import bounding_fields
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.fees import fees
from tarazy.screening.bytecode.finality import Read
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.writer import Writer


def with_stored(facts: ContractFacts, read: Read) -> ContractFacts:
    """Return the facts with what bounds its fees and lists at the state at hand; the same object where nothing does.

    Cost: one read for each such slot.
    Raises: what `read` raises.
    """
    found = {}
    of_fees = {field for fee in fees(facts) for writer in fee.writers for field in caps_of(facts, writer, fee.field)}
    for field in of_fees | facts.fixed_lengths:
        word = None if field.root is None else read(field.root)
        if word is not None:
            found[field] = word >> field.low & ((1 << field.bits) - 1)
    if not found:
        return facts
    known = replace(facts, stored=found)
    known.changes = facts.changes  # what is written does not depend on what is stored
    return known


def caps_of(facts: ContractFacts, writer: Writer, written: Field) -> list[Field]:
    """Return the fields, one for all, by which the conditions of a write bound what it puts into a field."""
    edges = facts.flows[writer.entry].path_conditions(writer.node)
    return bounding_fields(facts, written, [(edge.term, edge.holds) for edge in edges if edge.term.op == "lt"])


def unread_caps(facts: ContractFacts) -> tuple[Field, ...]:
    """Return the stored caps of fees whose values are not known: how high a fee can be set is not known either."""
    found = {
        cap: None
        for fee in fees(facts)
        if fee.least_ppm
        for writer in fee.writers
        for cap in caps_of(facts, writer, fee.field)
        if cap not in facts.stored
    }
    return tuple(found)
