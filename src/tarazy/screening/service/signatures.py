"""Functions that wallets meet most, with the names of their parameters and what they do, in one sentence each.

A name proves nothing about a contract: the sentence tells what a function of this signature is for by its standard.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tarazy.chains.evm.abi import selector

TABLE = Path(__file__).parent / "signatures.txt"  # signature with parameter names | what it is for


@dataclass(frozen=True, slots=True)
class KnownFunction:
    """One function by its signature."""

    method: str
    types: tuple[str, ...]
    names: tuple[str, ...]
    purpose: str

    def abi(self) -> dict[str, Any]:
        """Return the item of an ABI."""
        inputs = [{"name": name, "type": kind} for name, kind in zip(self.names, self.types, strict=True)]
        return {"type": "function", "name": self.method, "inputs": inputs}


@cache
def known_functions() -> dict[bytes, KnownFunction]:
    """Return the table by selector."""
    functions: dict[bytes, KnownFunction] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        head, _, purpose = line.partition("|")
        method, _, inside = head.rstrip(")").partition("(")
        pairs = [each.split(" ") for each in inside.split(",") if each]
        types = tuple(pair[0] for pair in pairs)
        found = KnownFunction(method, types, tuple(pair[1] for pair in pairs), purpose)
        functions[selector(f"{method}({','.join(types)})")] = found
    return functions
