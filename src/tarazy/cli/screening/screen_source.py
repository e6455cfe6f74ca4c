"""Compile one verified source with the pinned compilers of tools/node, where the clone and Node.js are there.

The newest compiler that the source's `pragma solidity` allows is taken. The code that comes out is ours, not proof
that a chain holds the same: for that, screen the address and compare the hashes of the bodies.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tarazy.cli.errors import CliError
from tarazy.screening.simulation.constructors import encoded

ROOT = Path(__file__).resolve().parents[4]
COMPILE_S_MAX = 120
PRAGMA = re.compile(r"^\s*pragma\s+solidity\s+([^;]+);", re.MULTILINE)
TERM = re.compile(r"(\^|~|>=|<=|>|<|=)?\s*v?(\d+)\.(\d+)(?:\.(\d+))?")
Version = tuple[int, int, int]


def compile_source(path: Path, contract: str | None = None, given: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the creation code of a source's contract: the one named, else the one with the most code.

    Shape: {"creation": code with the constructor's arguments behind it}. Where none are given, the simulation tries
    usual ones, so that immutables have values.

    Raises: CliError with what the compiler says, or what is missing here.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    tools = node_tools_script()
    try:
        folder = tools.node_tools()
        node = tools.require("node")
    except tools.NodeToolsError as error:
        raise CliError(f"expected the compilers of tools/node for --source: {error}") from None
    compiler = choose_compiler(text, installed(folder))
    output = run_compiler(node, folder, path.name, text, compiler)
    return choose_contract(output, contract, given)


def node_tools_script() -> ModuleType:
    """Return the script that installs the npm tools; it is part of a clone, not of the package."""
    script = ROOT / "scripts" / "node_tools.py"
    if not script.exists():
        raise CliError(f"expected {script} for --source, found no such file; run from a clone of the repository")
    spec = importlib.util.spec_from_file_location("node_tools", script)
    assert spec is not None  # noqa: S101 - a file of Python has one
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def installed(folder: Path) -> list[Version]:
    """Return the versions of the compilers that are pinned."""
    names = json.loads((folder / "package.json").read_text())["dependencies"]
    pinned = [text.rpartition("@")[2] for name, text in names.items() if name == "solc" or name.startswith("solc-")]
    return sorted(version(text) for text in pinned)


def version(text: str) -> Version:
    """Return (0, 8, 37) of "0.8.37"."""
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


def choose_compiler(source: str, known: list[Version]) -> str:
    """Return the newest pinned compiler that every pragma of the source allows.

    Raises: CliError.
    """
    pragmas = PRAGMA.findall(source)
    fitting = [made for made in known if all(allows(pragma, made) for pragma in pragmas)]
    if not fitting:
        have = ", ".join(".".join(map(str, made)) for made in known)
        raise CliError(
            f"expected a source for one of the compilers {have}, found `pragma solidity {pragmas[0].strip()}`"
        )
    return ".".join(map(str, fitting[-1]))


def allows(pragma: str, made: Version) -> bool:
    """Return whether a pragma allows a compiler; alternatives stand between `||`."""
    return any(all(holds(term, made) for term in TERM.findall(part)) for part in pragma.split("||"))


def holds(term: tuple[str, str, str, str], made: Version) -> bool:
    """Return whether one term of a pragma allows a compiler."""
    sign, floor = term[0], (int(term[1]), int(term[2]), int(term[3] or 0))
    ceiling = (floor[0], floor[1] + 1, 0) if floor[0] == 0 or sign == "~" else (floor[0] + 1, 0, 0)
    if sign in ("^", "~"):
        return floor <= made < ceiling
    compared = {">=": made >= floor, "<=": made <= floor, ">": made > floor, "<": made < floor}
    return compared.get(sign, made == floor)


def run_compiler(node: str, folder: Path, name: str, source: str, compiler: str) -> dict[str, Any]:
    """Return the compiler's contracts.

    Raises: CliError with the compiler's own words.
    """
    outputs = {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}}
    settings = {"optimizer": {"enabled": True, "runs": 200}, "outputSelection": outputs}
    job = {
        "compiler": compiler,
        "input": {"language": "Solidity", "sources": {name: {"content": source}}, "settings": settings},
    }
    command = [node, str(ROOT / "tools" / "node" / "compile.mjs"), str(folder)]
    try:
        done = subprocess.run(
            command, input=json.dumps([job]), capture_output=True, text=True, timeout=COMPILE_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        raise CliError(f"{name}: expected a compilation of at most {COMPILE_S_MAX} s, found a longer one") from None
    if done.returncode:
        raise CliError(f"{name}: the compiler did not run: {done.stderr.strip()[:500]}")
    output: dict[str, Any] = json.loads(done.stdout)[0]["output"]
    errors = [found["formattedMessage"] for found in output.get("errors", []) if found["severity"] == "error"]
    if errors:
        raise CliError(f"{name}: solc {compiler}: {errors[0].strip()[:1000]}")
    return {key: made for contracts in output["contracts"].values() for key, made in contracts.items()}


def choose_contract(contracts: dict[str, Any], wanted: str | None, given: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the creation code of the contract named, else of the one with the most code, with its arguments."""
    sizes = {name: len(made["evm"]["deployedBytecode"]["object"]) for name, made in contracts.items()}
    name = wanted or max(sizes, key=lambda each: sizes[each], default="")
    if not sizes.get(name):
        have = ", ".join(each for each, size in sizes.items() if size) or "none with code"
        raise CliError(f"expected a contract {wanted or 'with code'!r}, found {have}; name one with --contract")
    constructors = [item["inputs"] for item in contracts[name]["abi"] if item["type"] == "constructor"]
    types = [item["type"] for item in (constructors or [[]])[0]]
    code: str = contracts[name]["evm"]["bytecode"]["object"]
    if "__" in code:
        raise CliError(f"{name}: expected a contract without libraries to link, found one; screen its deployed code")
    return {"creation": bytes.fromhex(code) + arguments_of(name, types, given)}


def arguments_of(name: str, types: list[str], given: Sequence[str]) -> bytes:
    """Return a constructor's arguments as code takes them; nothing where none are given.

    Raises: CliError where they are not what the constructor wants.
    """
    try:
        return encoded(types, given) if given else b""
    except ValueError as error:
        raise CliError(f"{name}: {error}") from None
