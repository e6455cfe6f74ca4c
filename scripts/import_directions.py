"""Who imports whom: the layers of the packages, and the imports as they stand in the source.

The house tests hold the source to LAYERS; scripts/import_picture.py draws it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "tarazy"
# A package imports from the layers before its own, and nothing from its own layer. A new package is added here.
LAYERS = (
    ("domain",),
    ("spec", "journal", "platform"),
    ("chains", "rulebook"),
    ("screening", "market_data", "oversight"),
    ("issuance", "facility", "authority"),
    ("console",),
    ("cli",),
)
# A room and what it must not know, although both are in one package.
APART = (
    ("screening.service", "screening.api"),
    ("screening.watch", "screening.api"),
    ("console.layout", "console.screening"),
    ("platform.storage", "platform.web"),
    ("platform.access", "platform.web"),
    ("platform.jobs", "platform.web"),
)

Module = str  # without "tarazy."
Imports = dict[Module, set[Module]]


def packages() -> list[str]:
    """Return the packages that are there, in the order of their layers."""
    return [each for layer in LAYERS for each in layer if (SOURCE / each).is_dir()]


def modules() -> dict[Module, Path]:
    """Return every module by its name."""
    paths = sorted(SOURCE.rglob("*.py"))
    return {".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imports() -> Imports:
    """Return what every module imports of the others, also inside functions and for types alone."""
    known = modules()
    return {name: {*of_tarazy(name, path, known)} for name, path in known.items()}


def of_tarazy(name: Module, path: Path, known: dict[Module, Path]) -> Iterator[Module]:
    """Yield the modules that one imports; `from package import name` is the module of that name where there is one."""
    for node in ast.walk(ast.parse(path.read_text())):
        wanted: list[str] = []
        if isinstance(node, ast.ImportFrom):
            wanted = [f"{node.module}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            wanted = [each.name for each in node.names]
        for each in wanted:
            found = each.removeprefix("tarazy.") if each.startswith("tarazy.") else ""
            while found and found not in known:
                found = found.rpartition(".")[0]
            if found and found != name:
                yield found


def circles(graph: Imports) -> list[list[Module]]:
    """Return every group of modules that import each other, directly or not (Tarjan's strong components)."""
    number: dict[Module, int] = {}
    low: dict[Module, int] = {}
    open_: list[Module] = []
    found: list[list[Module]] = []

    def visit(name: Module) -> None:
        number[name] = low[name] = len(number)
        open_.append(name)
        for other in sorted(graph[name]):
            if other not in number:
                visit(other)
            if other in open_:
                low[name] = min(low[name], low[other])
        if low[name] == number[name]:
            group = open_[open_.index(name) :]
            del open_[open_.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(graph):
        if name not in number:
            visit(name)
    return found
