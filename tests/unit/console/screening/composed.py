"""Every sentence that a screening composes, read from the source: the template as an f-string has it, filled for a try."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import tarazy.screening
from tarazy.console.screening.words import for_officers
from tarazy.screening.criteria import harms

ROOT = Path(tarazy.screening.__file__).parent
# The modules whose texts reach a report: answers, findings, stories, notes.
SOURCES = (
    *sorted((ROOT / "checks").glob("*.py")),
    *sorted((ROOT / "criteria").glob("*.py")),
    *(ROOT / "bytecode" / name for name in ("environment.py", "guards.py")),
    *(ROOT / "identity" / name for name in ("impersonation.py", "similarity.py")),
    *(ROOT / "simulation" / f"{name}.py" for name in (
        "actions", "harness", "holders", "hostile", "launch", "listing", "market", "scenario", "trades")),
    ROOT / "screen.py",
    ROOT / "standing.py",
)  # fmt: skip
# Of these modules, what reaches no report: their own faults, patterns, questions and the shape of files.
NOT_SAID = (
    "base.py", "errors.py", "file.py", "waivers.py", "catalogue.py", "edition.py", "__init__.py",
)  # fmt: skip
DANGEROUS = " ".join(harms.DANGEROUS)  # names of powers, no sentence
SENTENCE = re.compile(r"[A-Za-z]+[^|\\]* [^|\\]*[A-Za-z%}]\.?$")
TRIED = ("NAME7", "7", "12.5", "create supply", "the owner", "buy", "tokens")
# Texts that are a part of a sentence only: what is said with each of them.
PIECES = {
    "the balance of {format_word(self.movement.holder)} {verb} without the holder": "the balance of caller is set"
    " without the holder",
    "is set": "the balance of caller is set without the holder",
    "is lowered": "the balance of arg0 is lowered without the holder",
    "ERC-1967 implementation": "proxyCall() runs the code whose address stands in storage 0x36 (ERC-1967 implementation"
    " slot) on this storage",
    "ERC-1967 beacon": "fallback runs the code that a beacon names, which stands in storage 0x36 (ERC-1967 beacon slot)"
    " on this storage",
    "ERC-1822 logic": "every call is handed on to the code whose address stands in storage 0xc5 (ERC-1822 logic slot)",
    "implementation of old OpenZeppelin proxies": "calls are handed on to the code whose address stands in storage 0x7"
    " (implementation of old OpenZeppelin proxies slot), which was not at hand",
    "the code that a beacon names{f', which stands in slot' if slot else ''}": "every call is handed on to the code"
    " that a beacon names",
    "the code whose address stands in {slot}": "every call is handed on to the code whose address stands in storage 0x5",
    "takes tokens": "0x12345678 takes tokens",
    "gives an allowance": "0x12345678 gives an allowance",
    "writes storage {writer.change.field}": "0x12345678 writes storage 0x5",
    "calls another contract": "sweep() calls another contract",
    "ends the contract": "kill() ends the contract",
    "makes tokens": "0x12345678 makes tokens",
    "it {rises} with the size: {parts}": "it falls with the size: 3 % of a sale, 0.03 % of one a thousand times as large",
    "simulated on {where} by {simulation.engine}": "simulated on forked state at block 18000000 by revm 0.3.7",
    "marks addresses in": "setBot(address) marks addresses in storage 0x7, which a transfer asks at 0x1f",
    "at most {longest} {unit}": "at most 300 s",
    "writes the fee in": "0x12345678 writes the fee in storage 0x5",
    "switches the fee by": "0x12345678 switches the fee by storage 0x5",
    "makes a contract": "transfer makes a contract on every such transfer",
    "has tokens made by another contract": "transfer has tokens made by another contract on every such transfer",
    "on {simulation.state} state every sale into a pool of the kind {kind} fails": "on deployed state every sale into a"
    " pool of the kind v2 fails, whatever other pools take: TransferHelper: TRANSFER_FROM_FAILED",
    "what a receiver holds": "what a receiver holds is capped by storage 0x5",
    "what is sent at once": "what is sent at once is capped by the number 100 in the code",
    "a day later": "a sale goes through at first and not a day later: wait",
    "a week later": "a sale goes through at first and not a week later: wait",
    "a second time, also a week later": "a sale goes through at first and not a second time, also a week later: wait",
    "a sale goes through at first and not {LATER[refused[0].scenario]}: {refused[0].reason or 'reverted'}": "a sale goes"
    " through at first and not a day later: reverted; but the state is made up, which proves nothing",
    "a sale cost {percent(most)} on {state} state": "a sale cost 12 % on deployed state, above 10 %",
    "the code reads as if {name_holders(debit)} could take tokens of others, which was not seen to happen": "the code"
    " reads as if anyone could take tokens of others, which was not seen to happen on state that somebody made: burn(uint256)"
    " takes what the holder did not give",
    "not known whether a stranger can make tokens, which was not played on state that somebody made": "not known whether"
    " a stranger can make tokens, which was not played on state that somebody made: the code was not read to the end",
    "large holder": "3 large holders with 12.5 % of the supply; 50 % is allowed",
    "the {role}": "the pauser (0x1111111111111111111111111111111111111111) can stop all transfers by pause(); no bound"
    " was found",
    "it resembles none of {len(table.rows)} well-known tokens{hidden}": "it resembles none of 73 well-known tokens",
    "it shares the {shared} of {true}, and {shared}s are not unique": "it shares the name of Tether USD (USDT) by Tether"
    " is 0xdac17f958d2ee523a2206206994597c13d831ec7 on chain 1, and names are not unique",
    "it resembles none of {len(library)} known codes{nearest}": "it resembles none of 12 known codes; nearest is Safe with"
    " 3 %",
    "the limit of {self.budget.limits.calls_max} calls": "the search ended at the limit of 600 calls",
    "the limit of {self.budget.limits.seconds_max} s": "the search ended at the limit of 2.5 s",
    "the limit of {run.budget.limits.seconds_max} s": "the search ended at the limit of 10 s",
    "trading opened by itself within {words}": "trading opened by itself within a week",
    "trading opened{whom} when {action.format(scene)}": "trading opened for the trader alone when the owner calls"
    " open(address) with the trader",
    "the search ended at {limit}": "the search ended at the limit of 600 calls",
    "no code at the address": "expected the code of a contract, found no code at the address: not a contract",
    "no bytes": "expected the code of a contract, found no bytes: not a contract",
    "expected the code of a contract, found {found}: not a contract": "expected the code of a contract, found no bytes:"
    " not a contract",
}
# What stands in these modules and reaches no report.
ELSEWHERE = frozenset({"tarazy {version('tarazy')}", "the holders of powers"})
BLANK = re.compile(r"\{([^{}]*)\}")


def templates() -> dict[str, str]:
    """Return every template of a sentence, with where it stands."""
    found: dict[str, str] = {}
    for path in SOURCES:
        if path.name not in NOT_SAID:
            for line, text in texts_of(ast.parse(path.read_text())):
                found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    return {text: where for text, where in found.items() if text not in ELSEWHERE | {DANGEROUS}}


def texts_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the texts that look like sentences and are no documentation, no fault and no piece of another text."""
    skipped = {id(inner) for node in ast.walk(tree) for inner in left_out(node)}
    for node in ast.walk(tree):
        text = text_of(node)
        if text is not None and id(node) not in skipped and SENTENCE.match(text):
            yield getattr(node, "lineno", 0), text


def left_out(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one that say nothing in a report."""
    if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
        yield from ast.walk(node.body[0])
    if isinstance(node, ast.ClassDef):  # what a check says of itself stands on its own page
        for item in node.body:
            if isinstance(item, ast.Assign | ast.AnnAssign):
                yield from ast.walk(item)
    if isinstance(node, ast.Raise | ast.Assert):
        yield from ast.walk(node)
    if isinstance(node, ast.JoinedStr):
        yield from node.values
        for value in node.values:
            if isinstance(value, ast.FormattedValue) and value.format_spec is not None:
                yield from ast.walk(value.format_spec)
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("compile", "Criterion", "harm", "measure")):
        yield from ast.walk(node)


def text_of(node: ast.AST) -> str | None:
    """Return a text, an f-string with its expressions in braces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = (
        str(part.value)
        if isinstance(part, ast.Constant)
        else "{" + ast.unparse(part.value).replace("{", "").replace("}", "") + "}"
        for part in node.values
        if isinstance(part, ast.Constant | ast.FormattedValue)
    )
    return "".join(parts)


def tries(template: str) -> Iterator[str]:
    """Yield sentences of a template, as pages show them."""
    if template in PIECES:
        yield for_officers(PIECES[template])
        return
    pieces = BLANK.split(template)
    choices = [
        choice(before, expression, after)
        for before, expression, after in zip(pieces[::2], pieces[1::2], pieces[2::2], strict=False)
    ]
    for filled in itertools.islice(itertools.product(*choices), 3_000):
        parts = [text for pair in itertools.zip_longest(pieces[::2], filled, fillvalue="") for text in pair]
        yield for_officers("".join(parts))


def choice(before: str, expression: str, after: str) -> tuple[str, ...]:
    """Return what may stand in a blank."""
    if before.endswith("storage "):
        return ("0x5 bits 0..159",)
    if before.endswith("mapping "):
        return ("0x7[]",)
    if "offset" in expression:
        return ("0x1f",)
    if "state" in expression:
        return ("deployed",)
    if expression.startswith("percent("):
        return ("12.5 %",)
    return ("12.5",) if after.startswith(" %") else TRIED
