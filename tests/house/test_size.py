"""Files stay readable: most have 50 to 250 lines, none more than 400; most functions 5 to 25, none more than 80."""

from __future__ import annotations

import ast

from .repository import SOURCE, name, python_files

LINES_MAX = 400
FUNCTION_LINES_MAX = 80
# Generated from schemas/: long because the catalogue is.
GENERATED = {SOURCE / "domain" / "records.py", SOURCE / "domain" / "reject_codes.py"}
GENERATED.add(SOURCE / "facility" / "gateway" / "fix" / "tables.py")
# An auditor reads the instruction loop beside the instruction set; a call for each instruction would double its cost.
LONG_FUNCTIONS = {"src/tarazy/screening/bytecode/machine.py": "execute"}
FILES = [p for p in python_files("") if p not in GENERATED]


def test_no_file_is_too_long() -> None:
    long = {name(p): n for p in FILES if (n := len(p.read_text().splitlines())) > LINES_MAX}
    assert not long, f"split, or explain here: {long}"


def test_no_function_is_too_long() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and LONG_FUNCTIONS.get(name(path)) != node.name
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert not long, "\n".join(long)


def test_every_module_class_and_public_function_has_a_docstring() -> None:
    bare = []
    for path in FILES:
        tree = ast.parse(path.read_text())
        if tree.body and not ast.get_docstring(tree):
            bare.append(name(path))
        for node in (
            *tree.body,
            *(inner for outer in tree.body if isinstance(outer, ast.ClassDef) for inner in outer.body),
        ):
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                bare.append(f"{name(path)}:{node.lineno} {node.name}")
    assert not bare, "\n".join(bare)
