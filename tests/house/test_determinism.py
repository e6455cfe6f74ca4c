"""domain and spec are pure: no clock, chance, environment, network, files, floats or unordered iteration."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .repository import ROOT, SOURCE, name, python_files

PURE = python_files("domain", "spec")
MODULES = frozenset(
    "asyncio datetime decimal fractions http logging multiprocessing os pathlib random requests secrets select shutil "
    "signal socket ssl subprocess sys tempfile threading time urllib uuid".split()
)
CALLS = frozenset("complex eval exec float globals id input open print round vars".split())


def faults(path: Path) -> list[str]:
    """Return every construct of a file that could make two runs differ."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        what = fault(node, path == SOURCE / "domain" / "arithmetic.py")
        if what:
            found.append(f"{name(path)}:{getattr(node, 'lineno', 0)}: {what}")
    return found


def right_side(node: ast.BinOp | ast.AugAssign) -> ast.expr:
    """Return what an operation divides by; a plain number there (bits in a byte) is no money."""
    return node.right if isinstance(node, ast.BinOp) else node.value


def fault(node: ast.AST, may_divide: bool) -> str | None:
    """Return what is wrong with a node, or None."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        banned = [n for n in names if n.split(".")[0] in MODULES]
        return f"import of {', '.join(banned)}" if banned else None
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return f"float literal {node.value}"
    if isinstance(node, ast.BinOp | ast.AugAssign):
        if isinstance(node.op, ast.Div):
            return "true division; use div_floor, div_ceil or div_exact"
        if isinstance(node.op, ast.FloorDiv) and not may_divide and not isinstance(right_side(node), ast.Constant):
            return "bare floor division; use div_floor, div_ceil or div_exact"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        return f"call of {node.func.id}()"
    if isinstance(node, ast.Global | ast.Nonlocal):
        return "global state"
    if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Set | ast.SetComp):
        return "iteration over a set; sort it first"
    return None


@pytest.mark.parametrize("path", PURE, ids=name)
def test_pure_file_has_nothing_that_varies(path: Path) -> None:
    assert not faults(path), "\n".join(faults(path))


@pytest.mark.parametrize(
    "line", ["import time", "x = 0.5", "x = a / b", "x = a // b", "x = float(1)", "for i in {1, 2}: pass", "import os"]
)
def test_fault_is_found(line: str) -> None:
    assert any(fault(node, may_divide=False) for node in ast.walk(ast.parse(line)))


IMPURE_IN_RUST = re.compile(
    r"std::(?:time|env|fs|net|thread|process|io)\b|\bf(?:32|64)\b|\bRandomState\b|\brand::|\bstatic mut\b"
)
# What core may use all the same, by file, with the reason.
EXCUSED_IN_CORE = {
    "hasher_behind": "a thread that hashes; the hash depends on the pieces and their order alone",
    "map": "a seed per table against chosen keys; tables are never iterated",
}
CORE = sorted(path for path in (ROOT / "core" / "src").glob("*.rs") if path.stem not in EXCUSED_IN_CORE)


@pytest.mark.parametrize("path", CORE, ids=name)
def test_core_has_nothing_that_varies(path: Path) -> None:
    lines = path.read_text().splitlines()
    found = [f"{name(path)}:{i}: {line.strip()}" for i, line in enumerate(lines, 1) if IMPURE_IN_RUST.search(line)]
    assert not found, "\n".join(found)
