"""Packages import downwards only: domain <- {spec, journal, screening} <- facility <- console <- cli."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .repository import SOURCE, name, python_files

# Package -> what of tarazy it may import besides itself. A new package is added here with its directions.
MAY_IMPORT = {
    "domain": set(),
    "spec": {"domain"},
    "journal": {"domain"},
    "facility": {"domain", "spec", "journal"},
    "screening": {"domain"},
    "console": {"domain", "journal", "screening", "facility"},
    "cli": {"domain", "spec", "journal", "facility", "screening", "console"},
}
# The modules from outside the standard library that a package may import.
MAY_DEPEND = {
    "domain": set(),
    "spec": set(),
    "journal": {"cryptography", "numpy", "pyarrow"},
    "facility": {"alembic", "cryptography", "nats", "numpy", "sqlalchemy", "tarazy_core"},
    "screening": {
        "Crypto",
        "cryptography",
        "eth",
        "eth_abi",
        "eth_typing",
        "eth_utils",
        "evmole",
        "fastapi",
        "granian",
        "numpy",
        "pydantic",
        "pyrevm",
        "starlette",
        "uvloop",
    },
    "console": {"fastapi", "jinja2", "markupsafe", "starlette"},
    "cli": {"anyio", "cryptography", "fastapi", "numpy", "pyarrow", "rich", "starlette", "tarazy_core"},
}


def imported(path: Path) -> list[tuple[int, str]]:
    """Return (line, module) of every absolute import in a file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno}: relative import; write the full name"
            found.append((node.lineno, node.module or ""))
    return found


def test_every_package_has_its_directions() -> None:
    packages = {p.name for p in SOURCE.iterdir() if p.is_dir() and any(p.rglob("*.py"))}
    assert packages <= set(MAY_IMPORT), f"add to MAY_IMPORT: {sorted(packages - set(MAY_IMPORT))}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_package_imports_downwards_only(package: str) -> None:
    wrong = []
    for path in python_files(package):
        for line, module in imported(path):
            parts = module.split(".")
            if parts[0] == "tarazy" and len(parts) > 1 and parts[1] not in MAY_IMPORT[package] | {package}:
                wrong.append(f"{name(path)}:{line}: {package} may not import {module}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", MAY_DEPEND)
def test_package_depends_on_named_libraries_only(package: str) -> None:
    import sys

    allowed = sys.stdlib_module_names | {"tarazy"} | MAY_DEPEND[package]
    wrong = [
        f"{name(path)}:{line}: {package} may not depend on {module}"
        for path in python_files(package)
        for line, module in imported(path)
        if module.split(".")[0] not in allowed
    ]
    assert not wrong, "\n".join(wrong)
