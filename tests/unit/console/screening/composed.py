"""Every sentence that a screening composes, read from the source: the template of each f-string, filled for a try."""

from __future__ import annotations

import ast
import itertools
import re
import tomllib
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
PIECES = tomllib.loads((Path(__file__).parent / "pieces.toml").read_text())
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
