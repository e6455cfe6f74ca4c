"""Our own contracts in compiled form, and calls to them. The sources stand in the folder of the same name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tarazy.chains.errors import OwnContractError
from tarazy.chains.evm.abi_values import decode, encode
from tarazy.chains.evm.code import keccak256

ARTIFACTS = Path(__file__).parent / "own_contracts" / "artifacts"


@dataclass(frozen=True)
class Contract:
    """One compiled contract."""

    name: str
    abi: Sequence[dict[str, Any]]
    creation: bytes
    runtime: bytes  # immutable values read as zero here

    def deployment(self, *arguments: Any) -> bytes:
        """Return creation code with the constructor's arguments."""
        (constructor,) = [entry for entry in self.abi if entry["type"] == "constructor"] or [{"inputs": []}]
        return self.creation + put(self.name, [type_of(each) for each in constructor["inputs"]], arguments)

    def call_data(self, function: str, *arguments: Any) -> bytes:
        """Return the input of a call."""
        entry = self._function(function)
        types = [type_of(each) for each in entry["inputs"]]
        return keccak256(f"{function}({','.join(types)})".encode())[:4] + put(function, types, arguments)

    def answer(self, function: str, data: bytes) -> Any:
        """Return what a call answered: a value, or a tuple where there are several.

        Raises: OwnContractError where the answer is not of the function's types.
        """
        types = [type_of(each) for each in self._function(function)["outputs"]]
        try:
            found = decode(types, data)
        except ValueError as error:
            raise OwnContractError(
                f"{self.name}.{function}", ", ".join(types), f"{len(data)} bytes: {error}"
            ) from error
        return found[0] if len(found) == 1 else found

    def error_name(self, data: bytes) -> str | None:
        """Return the name of the error that a revert carries, or None where it is none of this contract's."""
        for entry in self.abi:
            if entry["type"] == "error":
                types = ",".join(type_of(each) for each in entry["inputs"])
                if keccak256(f"{entry['name']}({types})".encode())[:4] == data[:4]:
                    return str(entry["name"])
        return None

    def topic(self, event: str) -> str:
        """Return the first topic of an event."""
        (entry,) = [entry for entry in self.abi if entry["type"] == "event" and entry["name"] == event]
        types = ",".join(type_of(each) for each in entry["inputs"])
        return "0x" + keccak256(f"{event}({types})".encode()).hex()

    def _function(self, name: str) -> dict[str, Any]:
        (entry,) = [entry for entry in self.abi if entry["type"] == "function" and entry["name"] == name]
        return entry


@cache
def contract(name: str) -> Contract:
    """Return one of our contracts by name."""
    parts = json.loads((ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))["contracts"][name]
    return Contract(name, parts["abi"], bytes.fromhex(parts["creation"][2:]), bytes.fromhex(parts["runtime"][2:]))


def type_of(parameter: dict[str, Any]) -> str:
    """Return the canonical type of a parameter; a struct is the tuple of its fields."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(type_of(part) for part in parameter['components'])}){kind.removeprefix('tuple')}"


def put(what: str, types: Sequence[str], arguments: Sequence[Any]) -> bytes:
    """Return arguments as the contract ABI writes them.

    Raises: OwnContractError where they do not fit the types.
    """
    try:
        return encode(types, arguments)
    except (ValueError, TypeError) as error:
        raise OwnContractError(what, f"arguments ({', '.join(types)})", repr(tuple(arguments)), str(error)) from error
