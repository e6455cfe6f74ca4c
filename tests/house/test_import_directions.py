"""Packages import downwards only, and `facility` and `authority` never each other.

domain <- {spec, journal, platform} <- {chains, rulebook} <- {screening, market_data, oversight}
       <- {issuance, facility, authority} <- console <- cli
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from .repository import ROOT, SOURCE, name, python_files

sys.path.insert(0, str(ROOT / "scripts"))
from import_directions import APART, LAYERS, circles, imports, packages

MAY_IMPORT = {
    package: {lower for below in LAYERS[:place] for lower in below}
    for place, layer in enumerate(LAYERS)
    for package in layer
    if package in packages()
}
# The modules from outside the standard library that a package may import.
MAY_DEPEND = {
    "domain": {"cryptography"},
    "spec": set(),
    "journal": {"cryptography", "numpy", "pyarrow"},
    "platform": {"cryptography", "fastapi", "granian", "pydantic", "pydantic_core", "starlette", "uvloop"},
    "chains": {"Crypto", "coincurve", "embit", "eth_abi", "rlp"},
    "screening": {
        "cryptography",
        "eth",
        "eth_abi",
        "eth_typing",
        "eth_utils",
        "evmole",
        "fastapi",
        "numpy",
        "pydantic",
        "pyrevm",
        "starlette",
    },
    "market_data": {"cryptography", "numpy"},
    "issuance": {"eth_abi"},
    "authority": {"cryptography"},
    "oversight": {"cryptography", "duckdb", "numpy", "pyarrow"},
    "rulebook": set(),
    "facility": {
        *(
            "alembic",
            "asyncssh",
            "coincurve",
            "cryptography",
            "defusedxml",
            "fastapi",
            "fpdf",
            "lxml",
            "nats",
            "numpy",
            "pkcs11",
        ),
        *("pyarrow", "schwifty", "sqlalchemy", "starlette", "tarazy_core"),
        *("argon2", "pyotp", "webauthn"),
    },
    "console": {
        *("anyio", "cryptography", "fastapi", "jinja2", "markupsafe", "python_multipart", "segno", "sqlalchemy"),
        "starlette",
    },
    "cli": {"anyio", "cryptography", "fastapi", "numpy", "pyarrow", "pyotp", "rich", "starlette", "tarazy_core"},
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
    assert packages == set(MAY_IMPORT), f"add to LAYERS: {sorted(packages - set(MAY_IMPORT))}"
    assert packages == set(MAY_DEPEND), f"add to MAY_DEPEND: {sorted(packages ^ set(MAY_DEPEND))}"


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
    allowed = sys.stdlib_module_names | {"tarazy"} | MAY_DEPEND[package]
    wrong = [
        f"{name(path)}:{line}: {package} may not depend on {module}"
        for path in python_files(package)
        for line, module in imported(path)
        if module.split(".")[0] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle() -> None:
    found = circles(imports())
    assert not found, "\n".join(" <-> ".join(group) for group in found)


def test_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"a"}}
    assert circles(graph) == [["a", "b", "c"]]


@pytest.mark.parametrize(("room", "other"), APART)
def test_rooms_of_one_package_stay_apart(room: str, other: str) -> None:
    wrong = [
        f"{module} imports {used}"
        for module, others in imports().items()
        for used in sorted(others)
        if f"{module}.".startswith(f"{room}.") and f"{used}.".startswith(f"{other}.")
    ]
    assert not wrong, "\n".join(wrong)


def test_nobody_opens_a_database_but_the_storage() -> None:
    """A room's file is opened by its own store, through the one opener; nobody reads another room's file."""
    openers = {"sqlite3.connect": "platform/storage/sql.py", "sa.create_engine": "facility/database/opener.py"}
    found = {
        (ast.unparse(node), str(path.relative_to(SOURCE)))
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("connect", "create_engine")
    }
    assert {each for each in found if each[0].split(".")[0] in ("sqlite3", "sa", "sqlalchemy")} == set(openers.items())
    users = {module for module, others in imports().items() if "platform.storage.sql" in others}
    assert users == {
        "authority.portal.store",
        "facility.accounts.acts_file",
        "facility.accounts.api_keys",
        "facility.accounts.destinations",
        "facility.accounts.front_desk",
        "facility.admission.acknowledgements",
        "facility.accounts.logins.users",
        "facility.banking.pay_in",
        "facility.block_desk.quotes",
        "facility.gateway.order_sessions",
        "facility.custody.deposit_addresses",
        "facility.custody.signer",
        "facility.reconciliation.store",
        "platform.access.keys",
        "platform.access.usage",
        "screening.service.store",
        "facility.gateway.fix.store",
        "screening.watch.store",
    }
