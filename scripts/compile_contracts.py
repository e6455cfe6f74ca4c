"""Compile the Solidity sources of a folder by its compile.toml into committed artifacts; with --check, fail on drift.

Usage: python scripts/compile_contracts.py FOLDER... [--check]

Without --check only what changed is compiled: source, imports, compiler or settings. With it everything is.

compile.toml:

    artifacts = "artifacts"       # where to write, below FOLDER; "." or left out: each artifact beside its source

    [settings]                    # for every source below FOLDER
    compiler = "0.8.37"           # one of the compilers in tools/node/package.json, exact
    optimizer = true
    runs = 200
    via_ir = false                # from 0.8.13 on
    evm_version = "shanghai"      # left out: the compiler's own
    contracts = ["Token"]         # left out: every contract of the source that has code; []: only imported, no artifact

    [sources."pairs/a*/benign.sol"] # what differs; patterns in order, later ones win

An artifact is one JSON file per source: source, hash of the source and of what it imports, compiler, settings, and for
each contract abi, creation and runtime code. Every source is compiled alone, because the optimizer of some compilers
depends on its neighbours, and without the metadata hash where the compiler can leave it out: the same source gives the
same bytes. Imports are relative paths below FOLDER.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from node_tools import NODE, NodeToolsError, node_tools, require

IMPORT = re.compile(r"^\s*import\b[^;]*?[\"']([^\"']+)[\"']", re.MULTILINE)
SETTINGS = {
    "compiler": str,
    "optimizer": bool,
    "runs": int,
    "via_ir": bool,
    "evm_version": str,
    "contracts": list,
}
COMPILE_TIMEOUT_S = 900


class CompileError(Exception):
    """A folder cannot be compiled; the text says what was expected, what was found and where."""


@dataclass(frozen=True)
class Unit:
    """One source with what it imports and its settings."""

    source: str  # path below the folder
    files: dict[str, str]  # path -> text, the source and what it imports
    settings: dict[str, Any]
    artifact: Path

    @property
    def digest(self) -> str:
        """Return SHA-256 over the source and what it imports, in order of path."""
        text = "".join(f"{path}\0{self.files[path]}\0" for path in sorted(self.files))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def made_with(self) -> tuple[str, dict[str, Any]]:
        """Return the compiler and the settings as an artifact records them."""
        kept = {key: value for key, value in sorted(self.settings.items()) if key != "compiler"}
        return self.settings["compiler"], kept


def version_of(compiler: str) -> tuple[int, ...]:
    """Return (0, 8, 37) of "0.8.37"."""
    return tuple(int(part) for part in compiler.split("."))


def read_plan(folder: Path) -> list[Unit]:
    """Return what a folder's compile.toml asks for.

    Raises: CompileError.
    """
    path = folder / "compile.toml"
    if not path.is_file():
        raise CompileError(f"{folder}: expected a compile.toml, found none")
    try:
        plan = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise CompileError(f"{path}: {error}") from error
    unknown = sorted(set(plan) - {"artifacts", "settings", "sources"})
    if unknown:
        raise CompileError(f"{path}: expected artifacts, settings and sources; found {', '.join(unknown)}")
    patterns = plan.get("sources", {})
    sources = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.sol"))
    idle = [pattern for pattern in patterns if not any(fnmatch(source, pattern) for source in sources)]
    if idle:
        raise CompileError(f"{path}: no source matches {', '.join(idle)}")
    units = [read_unit(folder, source, plan, path) for source in sources]
    return [unit for unit in units if unit.settings.get("contracts") != []]


def read_unit(folder: Path, source: str, plan: dict[str, Any], path: Path) -> Unit:
    """Return one source with its imports and the settings that apply to it."""
    settings = dict(plan.get("settings", {}))
    for pattern, differing in plan.get("sources", {}).items():
        if fnmatch(source, pattern):
            settings |= differing
    for key, value in settings.items():
        if key not in SETTINGS or not isinstance(value, SETTINGS[key]):
            raise CompileError(f"{path}: {source}: expected one of {', '.join(SETTINGS)}; found {key} = {value!r}")
    if "compiler" not in settings:
        raise CompileError(f"{path}: {source}: expected a compiler, found none")
    target = (folder / plan.get("artifacts", ".") / source).with_suffix(".json")
    return Unit(source, with_imports(folder, source), settings, target)


def with_imports(folder: Path, source: str) -> dict[str, str]:
    """Return path -> text of a source and of all that it imports."""
    files: dict[str, str] = {}
    waiting = [source]
    while waiting:
        name = waiting.pop()
        if name in files:
            continue
        try:
            files[name] = (folder / name).read_text()
        except FileNotFoundError as error:
            raise CompileError(f"{folder / source}: imports {name}, which is not there") from error
        for imported in IMPORT.findall(files[name]):
            if not imported.startswith("."):
                raise CompileError(f"{folder / name}: expected an import by relative path, found {imported!r}")
            waiting.append(normal(PurePosixPath(name).parent, imported))
    return files


def normal(parent: PurePosixPath, imported: str) -> str:
    """Resolve a relative import without leaving the folder."""
    parts = list(parent.parts)
    for part in PurePosixPath(imported).parts:
        if part == "..":
            if not parts:
                raise CompileError(f"{imported}: expected an import inside the folder")
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def standard_input(unit: Unit) -> dict[str, Any]:
    """Return the compiler's standard JSON for one source."""
    version = version_of(unit.settings["compiler"])
    settings: dict[str, Any] = {
        "optimizer": {"enabled": unit.settings.get("optimizer", False), "runs": unit.settings.get("runs", 200)},
        "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}},
    }
    if "evm_version" in unit.settings:
        settings["evmVersion"] = unit.settings["evm_version"]
    if unit.settings.get("via_ir"):
        settings["viaIR"] = True
    if version >= (0, 6, 0):
        settings["metadata"] = {"bytecodeHash": "none"}
    if version >= (0, 8, 18):
        settings["metadata"]["appendCBOR"] = True
    sources = {path: {"content": text} for path, text in sorted(unit.files.items())}
    return {"language": "Solidity", "sources": sources, "settings": settings}


def compile_units(units: list[Unit]) -> list[dict[str, Any]]:
    """Return the artifacts of the units, in order; as many compilers run at once as there are processors.

    Raises: CompileError, NodeToolsError.
    """
    if not units:
        return []
    command = [require("node"), str(NODE / "compile.mjs"), str(node_tools())]
    shares = [units[start :: os.cpu_count() or 1] for start in range(min(os.cpu_count() or 1, len(units)))]
    with ThreadPoolExecutor(len(shares)) as threads:
        done = [pair for share in threads.map(partial(compile_share, command), shares) for pair in share]
    by_source = {}
    errors = []
    for unit, result in done:
        try:
            by_source[unit.source] = artifact(unit, result)
        except CompileError as error:
            errors.append(str(error))
    if errors:
        raise CompileError("\n".join(sorted(errors)))
    return [by_source[unit.source] for unit in units]


def compile_share(command: list[str], units: list[Unit]) -> list[tuple[Unit, dict[str, Any]]]:
    """Return what one process makes of its units."""
    jobs = [{"compiler": unit.settings["compiler"], "input": standard_input(unit)} for unit in units]
    done = subprocess.run(
        command, input=json.dumps(jobs), capture_output=True, text=True, check=False, timeout=COMPILE_TIMEOUT_S
    )
    if done.returncode:
        raise CompileError(f"compile.mjs: {done.stderr.strip()}")
    return list(zip(units, json.loads(done.stdout), strict=True))


def artifact(unit: Unit, result: dict[str, Any]) -> dict[str, Any]:
    """Return the artifact of one source.

    Raises: CompileError.
    """
    output = result["output"]
    errors = [e.get("formattedMessage") or e["message"] for e in output.get("errors", ()) if e["severity"] == "error"]
    if errors:
        raise CompileError(f"{unit.source} ({unit.settings['compiler']}):\n" + "\n".join(errors))
    compiled = output["contracts"].get(unit.source, {})
    with_code = sorted(name for name, parts in compiled.items() if parts["evm"]["bytecode"]["object"])
    wanted = unit.settings.get("contracts", with_code)
    missing = sorted(set(wanted) - set(compiled))
    if missing:
        raise CompileError(
            f"{unit.source}: expected contracts {', '.join(missing)}; found {', '.join(sorted(compiled))}"
        )
    contracts = {}
    for name in wanted:
        evm = compiled[name]["evm"]
        creation, runtime = evm["bytecode"]["object"], evm["deployedBytecode"]["object"]
        if "_" in creation + runtime:
            raise CompileError(f"{unit.source}: {name} links a library; make its functions internal")
        contracts[name] = {"abi": compiled[name]["abi"], "creation": "0x" + creation, "runtime": "0x" + runtime}
    return {
        "source": unit.source,
        "source_sha256": unit.digest,
        "compiler": result["version"],
        "settings": unit.made_with[1],
        "contracts": contracts,
    }


def artifact_text(made: dict[str, Any]) -> str:
    """Return an artifact as its file holds it: a line for each part, no spaces inside."""
    head = [f"{json.dumps(k)}: {json.dumps(v)}," for k, v in made.items() if k != "contracts"]
    bodies = []
    for name, parts in made["contracts"].items():
        inner = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in parts.items())
        bodies.append(f"{json.dumps(name)}: {{\n{inner}\n}}")
    return "{\n" + "\n".join(head) + '\n"contracts": {\n' + ",\n".join(bodies) + "\n}\n}\n"


def is_current(unit: Unit) -> bool:
    """Say whether an artifact was made from this source with these settings; only --check compiles it again."""
    try:
        found = json.loads(unit.artifact.read_text())
        made_by = found["compiler"].partition("+")[0]
        return bool((found["source_sha256"], made_by, found["settings"]) == (unit.digest, *unit.made_with))
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False


def run(folder: Path, check: bool) -> list[str]:
    """Compile a folder; write its artifacts, or return a line for each that differs from what would be written.

    Raises: CompileError, NodeToolsError.
    """
    units = [unit for unit in read_plan(folder) if check or not is_current(unit)]
    faults = []
    for unit, made in zip(units, compile_units(units), strict=True):
        if not made["contracts"]:
            continue  # interfaces and abstract contracts only
        text = artifact_text(made)
        found = unit.artifact.read_text() if unit.artifact.is_file() else None
        if text == found:
            continue
        if check:
            faults.append(f"{unit.artifact}: {'missing' if found is None else 'not what its source compiles to'}")
        else:
            unit.artifact.parent.mkdir(parents=True, exist_ok=True)
            unit.artifact.write_text(text)
            print(unit.artifact)
    return faults


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="compile contracts by each folder's compile.toml")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where an artifact is not as compiled")
    arguments = parser.parse_args()
    try:
        faults = [fault for folder in arguments.folders for fault in run(folder, arguments.check)]
    except (CompileError, NodeToolsError) as error:
        sys.exit(f"compile_contracts: {error}")
    if faults:
        names = " ".join(str(folder) for folder in arguments.folders)
        sys.exit("\n".join(faults) + f"\nrun: python scripts/compile_contracts.py {names}")


if __name__ == "__main__":
    main()
