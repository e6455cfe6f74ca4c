"""What call data says: function, arguments by name and type, calls within calls, and whether signing it is risky.

With the contract's ABI the answer is its own; without it a small table of well-known signatures serves, or the types
that the code's own reading of its arguments shows. A name from the table is the usual one of a selector and proves
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import evmole

from tarazy.chains.evm.abi import selector
from tarazy.screening.bytecode.facts import split_types
from tarazy.screening.simulation.abi import decoded
from tarazy.screening.simulation.selectors import signature_of

DATA_BYTES_MAX = 65_536
DEPTH_MAX = 4
CALLS_MAX = 64
NESTING_MAX = 4  # brackets and parentheses in one type
# What signing these allows, in words. Names are those of the table in selectors.py.
RISKY = {
    "approve": "lets somebody else take tokens of the signer, now and later",
    "increaseAllowance": "lets somebody else take more tokens of the signer, now and later",
    "increaseApproval": "lets somebody else take more tokens of the signer, now and later",
    "setApprovalForAll": "lets somebody else take every token of this collection from the signer",
    "permit": "turns a signature into an allowance to take tokens",
    "permitTransferFrom": "turns a signature into a transfer of tokens",
    "transferFrom": "moves tokens of the account that is named first",
    "safeTransferFrom": "moves tokens of the account that is named first",
    "safeBatchTransferFrom": "moves tokens of the account that is named first",
    "transferOwnership": "gives the control of the contract away",
    "upgradeTo": "replaces the code of the contract",
    "upgradeToAndCall": "replaces the code of the contract",
    "securityUpdate": "a name that is used to make people send ether; it says nothing of what it does",
    "claimRewards": "a name that is used to make people sign; see what really moves",
}


@dataclass(frozen=True, slots=True)
class Argument:
    """One decoded argument. `value` is plain data: integers, text, "0x" text, truth values, lists."""

    name: str
    type: str
    value: Any
    calls: tuple[Decoded, ...] = ()  # where the bytes are call data themselves


@dataclass(frozen=True, slots=True)
class Decoded:
    """Call data in words."""

    selector: str | None
    signature: str | None  # "approve(address,uint256)"
    source: str  # "abi" | "table" | "code" | "none"
    arguments: tuple[Argument, ...] = ()
    risky: bool = False
    risk: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """Return the function's name, empty where it is not known."""
        return (self.signature or "").partition("(")[0]


def decode_input(
    data: bytes, abi: Sequence[Mapping[str, Any]] | None = None, code: bytes | None = None, depth: int = 0
) -> Decoded:
    """Return what call data says. Bad data gives a note and never an error."""
    if len(data) > DATA_BYTES_MAX:
        return Decoded(None, None, "none", note=f"expected at most {DATA_BYTES_MAX} bytes of data, found {len(data)}")
    if len(data) < 4:
        return Decoded(None, None, "none", note="no function is called" if not data else "too short for a function")
    chosen = "0x" + data[:4].hex()
    name, types, names, source = interface(chosen, abi, code)
    if source == "none":
        return Decoded(chosen, None, source, note="neither an ABI nor the table of well-known functions has it")
    signature = f"{name or chosen}({','.join(types)})"
    word = RISKY.get(name, "")
    try:
        values = decoded(types, data[4:]) if types else ()
    except (ValueError, TypeError, RecursionError):
        note = f"the data do not fit ({','.join(types)})"
        return Decoded(chosen, signature, source, (), bool(word), word, note)
    count = [0]
    arguments = tuple(
        Argument(n, t, plain(v), nested(v, depth, count)) for n, t, v in zip(names, types, values, strict=True)
    )
    risk = worst(word, arguments)
    return Decoded(chosen, signature, source, arguments, bool(risk), risk)


def interface(
    chosen: str, abi: Sequence[Mapping[str, Any]] | None, code: bytes | None
) -> tuple[str, list[str], list[str], str]:
    """Return (name, types, names of arguments, where that is from) of a function."""
    for item in abi or ():
        if item.get("type", "function") == "function" and isinstance(item.get("name"), str):
            inputs = [each for each in item.get("inputs", ()) if isinstance(each, Mapping)]
            types = [type_of(each) for each in inputs]
            if "0x" + selector(f"{item['name']}({','.join(types)})").hex() == chosen and all(map(sane, types)):
                return item["name"], types, [str(each.get("name", "")) for each in inputs], "abi"
    known = signature_of(chosen)
    if known is not None:
        types = split_types(known[known.index("(") + 1 : -1])
        return known.partition("(")[0], types, [""] * len(types), "table"
    types_of_code = types_in(code, chosen) if code else None
    if types_of_code is not None:
        return "", types_of_code, [""] * len(types_of_code), "code"
    return "", [], [], "none"


def type_of(item: Mapping[str, Any]) -> str:
    """Return the type of an ABI item; a tuple with its parts."""
    kind = str(item.get("type", ""))
    if kind.startswith("tuple"):
        parts = ",".join(type_of(part) for part in item.get("components", ()) if isinstance(part, Mapping))
        return f"({parts}){kind[5:]}"
    return kind


def types_in(code: bytes, chosen: str) -> list[str] | None:
    """Return the argument types that the code of an entry point shows; None where it has no such entry point."""
    try:
        info = evmole.contract_info(code, selectors=True, arguments=True)
    except Exception:  # a reader of hostile code may give up in its own ways; types are only a help
        return None
    for function in info.functions or ():
        if "0x" + function.selector.removeprefix("0x") == chosen:
            types = split_types(function.arguments or "")
            return types if all(map(sane, types)) else None
    return None


def sane(kind: str) -> bool:
    """Return whether a type is not nested so deeply that decoding it costs without end."""
    return kind.count("[") + kind.count("(") <= NESTING_MAX


def plain(value: Any) -> Any:
    """Return a decoded value as plain data."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def nested(value: Any, depth: int, count: list[int]) -> tuple[Decoded, ...]:
    """Return the calls that bytes within an argument are, where their selector is a well-known one."""
    if depth >= DEPTH_MAX or count[0] >= CALLS_MAX:
        return ()
    if isinstance(value, list | tuple):
        return tuple(call for item in value for call in nested(item, depth, count))
    if not isinstance(value, bytes) or len(value) < 4 or len(value) % 32 != 4:
        return ()
    if signature_of("0x" + value[:4].hex()) is None:
        return ()
    count[0] += 1
    return (decode_input(value, depth=depth + 1),)


def worst(own: str, arguments: Sequence[Argument]) -> str:
    """Return why signing is risky: by itself, or by a call within."""
    if own:
        return own
    inner = (call for argument in arguments for call in argument.calls if call.risky)
    return next((f"calls {call.name} within, which {call.risk}" for call in inner), "")
