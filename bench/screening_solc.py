"""A `solc` for tools that start one: the pinned compilers of tools/node behind --version and --combined-json.

Usage: python bench/screening_solc.py --version | FILE --combined-json OPTIONS ...
FILE is a source of tests/corpus/tokens (TARAZY_CORPUS names another folder with a compile.toml).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from compile_contracts import Unit, read_plan, standard_input, version_of  # noqa: E402 - a script, not a package
from node_tools import NODE, node_tools, require  # noqa: E402

FOLDER = Path(os.environ.get("TARAZY_CORPUS", ROOT / "tests" / "corpus" / "tokens"))
COMPACT_SINCE = (0, 5, 0)  # tools read the older form of the syntax tree of compilers before it
OBJECTS_SINCE = (0, 8, 0)  # before it, tools expect the documentation as text of JSON


def unit_of(path: Path) -> Unit:
    """Return the unit of a source."""
    wanted = path.resolve().relative_to(FOLDER.resolve()).as_posix()
    return next(unit for unit in read_plan(FOLDER) if unit.source == wanted)


def compile_unit(unit: Unit, legacy: bool) -> dict[str, Any]:
    """Return the compiler's standard output with syntax trees."""
    job = standard_input(unit)
    tree = "legacyAST" if legacy else "ast"
    parts = ["abi", "userdoc", "devdoc", "evm.methodIdentifiers"]
    parts += [f"evm.{kind}.{part}" for kind in ("bytecode", "deployedBytecode") for part in ("object", "sourceMap")]
    job["settings"]["outputSelection"] = {"*": {"": [tree], "*": parts}}
    command = [require("node"), str(NODE / "compile.mjs"), str(node_tools())]
    text = json.dumps([{"compiler": unit.settings["compiler"], "input": job}])
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    output: dict[str, Any] = json.loads(done.stdout)[0]["output"]
    return output


def combined(unit: Unit, output: dict[str, Any], legacy: bool) -> dict[str, Any]:
    """Return the output in the form of --combined-json, with the paths of the files on disk."""
    as_objects = version_of(unit.settings["compiler"]) >= OBJECTS_SINCE

    def told(value: Any) -> Any:
        return value if as_objects else json.dumps(value)

    contracts = {}
    for source, found in output["contracts"].items():
        for name, parts in found.items():
            evm = parts["evm"]
            contracts[f"{FOLDER / source}:{name}"] = {
                "abi": told(parts["abi"]),
                "bin": evm["bytecode"]["object"],
                "bin-runtime": evm["deployedBytecode"]["object"],
                "srcmap": evm["bytecode"].get("sourceMap", ""),
                "srcmap-runtime": evm["deployedBytecode"].get("sourceMap", ""),
                "userdoc": told(parts.get("userdoc", {})),
                "devdoc": told(parts.get("devdoc", {})),
                "hashes": evm.get("methodIdentifiers", {}),
            }
    ordered = sorted(output["sources"], key=lambda source: output["sources"][source]["id"])
    tree = "legacyAST" if legacy else "ast"
    trees = {str(FOLDER / source): {"AST": with_paths(output["sources"][source][tree])} for source in ordered}
    return {"contracts": contracts, "sourceList": [str(FOLDER / source) for source in ordered], "sources": trees}


def with_paths(tree: Any) -> Any:
    """Return a syntax tree whose sources and imports are named by their place on disk."""
    if isinstance(tree, list):
        return [with_paths(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    named = {"absolutePath"}
    return {
        key: str(FOLDER / value) if key in named and isinstance(value, str) and value else with_paths(value)
        for key, value in tree.items()
    }


def main() -> None:
    """Answer as solc does."""
    words = sys.argv[1:]
    files = [Path(word) for word in words if word.endswith(".sol")]
    if "--version" in words:
        version = os.environ.get("TARAZY_SOLC_VERSION", "0.8.37")
        print(f"solc, the solidity compiler commandline interface\nVersion: {version}")
        return
    if "--combined-json" not in words or not files:
        sys.exit(f"screening_solc: expected FILE.sol --combined-json OPTIONS, found {' '.join(words)}")
    unit = unit_of(files[0])
    legacy = version_of(unit.settings["compiler"]) < COMPACT_SINCE
    json.dump(combined(unit, compile_unit(unit, legacy), legacy), sys.stdout)


if __name__ == "__main__":
    main()
