"""The words that the glossary replaces, and what finds them: names by the syntax tree, phrases by the text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


@dataclass(frozen=True)
class Row:
    """One row of the glossary: words that names do not hold in some folders, and phrases that no text holds.

    `folders` are under src/tarazy; a word is one part of a name, such as `way` in `flow_ways`. `but` are names that
    carry another meaning. `wire` are phrases that a wire format of others prescribes: its own files hold them.
    """

    instead: str
    words: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    but: frozenset[str] = frozenset()
    wire: tuple[str, ...] = ()


def row(
    instead: str,
    words: str = "",
    folders: tuple[str, ...] = (),
    phrases: tuple[str, ...] = (),
    but: str = "",
    wire: tuple[str, ...] = (),
) -> Row:
    """Return a row; words and names are parted by spaces."""
    return Row(instead, frozenset(words.split()), folders, phrases, frozenset(but.split()), wire)


BYTECODE, CHECKS, SIMULATION = "screening/bytecode", "screening/checks", "screening/simulation"
CRITERIA, WATCH = "screening/criteria", "screening/watch"
READING = (BYTECODE, CHECKS)
EVM = (*READING, SIMULATION)

ROWS = (
    row("path; join", "way ways", EVM, ("ways that meet", "ways meet", "every way through")),
    row("phi", "joined either_of", READING, ("either_of", "joined word")),
    row("top; havoc", "opaque", READING),
    row("branch", "fork forks", READING),
    row("dominating conditions; path condition", "met around", READING),
    row("reverted; revert reason", "refused refusing", (SIMULATION,), ("refused part of a call",)),
    row("privilege; privileged account", "power powers", (*EVM, CRITERIA, WATCH), (), "power_of_two"),
    row("guard; trading switch", "gate gates", EVM),
    row("bookkeeping check", "housekeeping", EVM, ("is_housekeeping",)),
    row("baseline transfer", "ordinary", EVM),
    row("concrete evaluation", "trial trials", EVM),
    row("arbitrary debit", "leak", (CHECKS, CRITERIA)),
    row("rebasing; underflow", "scalers overdrawn", EVM, ("overdrawn",)),
    row("compute; arithmetic", "reckon reckons reckoning reckoned", EVM, ("moves_reckoning",)),
    row("vulnerable / benign pair", "trap twin", (CHECKS, CRITERIA), ("harmless twin",)),
    row("adversary harness; action", "arena move moves", (SIMULATION,), ("arena",)),
    row("base state; proxy resolution; reference EVM", "ground behind", (SIMULATION,)),
    row("dust; pull payment; native currency", "trifle purse coins", EVM, ("coins that others",)),
    row("cached; format; notify", "say says told tell", EVM),
    row("LookupResult; Input; PageRequest; Redirect", "Looked Given Asked GoTo", ("console", "platform"), ("GoTo",)),
    row("stale", "overtaken", ("screening", "platform"), ("overtaken",)),
    row(
        "middleware",
        "gate gates",
        ("platform", "console", "screening/api", "screening/service"),
        ("gate_of", "platform.web.gate"),
    ),
    row(
        "layout; section; sanitising; contract summary; charts",
        "shell room rooms visible anatomy anatomist drawing drawings",
        ("console", "platform"),
        (),
        "require_room",
    ),
    row(
        "leaves quantity",
        phrases=("remaining_lots", "remaining lots", "rest of an order", "rest of the order", "its rest"),
    ),
    row(
        "untriggered; trigger above / below",
        "waiting rising falling",
        ("spec",),
        ("book.waiting", "is_rising", "WAITING_TYPES", "waiting stop", "waiting order", "waiting orders"),
    ),
    row("cash order quantity", phrases=("by_amount", "order by amount", "quote_amount_minor", "quote amount")),
    row("post-only", phrases=("limit_maker", "limit maker", "LIMIT_MAKER"), wire=("LIMIT_MAKER",)),
    row(
        "imbalance side; call phase",
        "gather gathers gathering gathered heavier",
        ("spec",),
        ("heavier side", "can_gather", "orders gather", "gathers for an auction"),
    ),
    row(
        "volatility interruption corridor",
        "band_low band_high",
        ("spec",),
        ("halt band", "halt_ppm", "volatility band", "volatility halt", "volatility halts"),
    ),
    row("transfer type", "movement movements", ("spec", "facility"), ("movement of the ledger",)),
    row("custody location", phrases=("custody place", "place of custody", "at_place")),
    row(
        "commit pipeline; staged batch; read-ahead",
        "turn ahead",
        ("facility/sequencer", "journal"),
        (),
        "read_ahead ahead_ns _ahead ahead_s",
    ),
    row("market data replay", phrases=("played flow", "Played flow", "played-flow")),
)


def names_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of what a Python file defines: modules, classes, functions, arguments, variables, fields."""
    yield 1, path.stem
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def held(row: Row, name: str) -> frozenset[str]:
    """Return the words of a row that are parts of a name, or the whole of it."""
    if name in row.but:
        return frozenset()
    return row.words & {name, *(part.lower() for part in PARTS.findall(name))}
