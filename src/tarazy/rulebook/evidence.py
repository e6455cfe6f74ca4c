"""What would settle an answer that is unknown: the fact that is missing, what it counts, and where it comes from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.terms import terms
from tarazy.rulebook.toml_files import read_toml

FILE = Path(__file__).with_name("sources.toml")
RECORD = "record.toml"
REPLAYED = "a replay of the record"
STATED = "a statement with its document (facts of an attestation, or --facts FILE)"


@cache
def sources() -> dict[str, str]:
    """Return in words where each fact comes from that a store gives, by the fact's name.

    Raises: RulebookError where a name is no word of the rulebook, or has two sources.
    """
    found: dict[str, str] = {}
    for row in read_toml(FILE)["source"]:
        for name in row["terms"]:
            if name not in terms() or name in found:
                raise RulebookError(FILE.name, expected="words of the rulebook, each once", found=name)
            found[name] = row["words"]
    return found


def where_from(name: str) -> str:
    """Return in words where a fact comes from."""
    if name in sources():
        return sources()[name]
    term = terms().get(name)
    return REPLAYED if term is not None and term.file == RECORD else STATED


def settled_by(name: str, field: str = "") -> str:
    """Return in words what settles a question that waits for a fact, or for one field of its rows."""
    term = terms().get(name)
    means = f" ({term.means})" if term is not None else ""
    what = f"{field} of {name}" if field else name
    return f"{what}{means}, from {where_from(name)}"


def settled_by_attestation(rule: str) -> str:
    """Return in words what settles a rule of judgement."""
    return f"an attestation of {rule} with owner, document and last day (tarazy rules attest, or the authority)"


def settled_by_value(key: str) -> str:
    """Return in words what settles a question whose number was in no text that was seen."""
    return f"the value {key}, which a person sets in the rule's values.toml once its text was read"
