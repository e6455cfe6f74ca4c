"""Deployment with constructor arguments that nobody gave: some usual ones are tried, the first that works is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tarazy.chains.evm.abi import selector
from tarazy.chains.evm.abi_values import encode
from tarazy.screening.simulation.actors import ACCOMPLICE, BYSTANDER, OWNER
from tarazy.screening.simulation.engine import CallOutcome, EvmEngine, view

SUPPLY = 10**15  # as given; many constructors multiply it by the unit, and both results fit into a pool
# The forms that constructors of tokens take most often, by type; an address is tried as router and as owner.
FORMS = (
    "",
    "string,string,uint256",
    "string,string,uint8,uint256",
    "string,string,uint8",
    "string,string",
    "uint256",
    "address",
    "address,address",
    "string,string,address",
    "string,string,uint256,address",
    "string,string,uint8,uint256,address",
    "string,string,address,uint256",
    "uint256,string,string",
    "uint256,string,uint8,string",
    "uint256,string,string,uint8",
    "address,uint256",
    "address,address,address",
    "uint256,address",
    "string,string,uint256,uint256",
    "string,string,uint8,uint256,address,address",
)


OTHER_ARGUMENTS = (1).to_bytes(32, "big") * 16


def guesses(router: str) -> Iterator[bytes]:
    """Yield encoded arguments, the likeliest first."""
    for form in FORMS:
        types = form.split(",") if form else []
        for addresses in ((router, ACCOMPLICE, OWNER), (OWNER, ACCOMPLICE, router)):
            yield encode(types, arguments(types, addresses))
            if "address" not in types:
                break


def arguments(types: list[str], addresses: tuple[str, ...]) -> list[int | str]:
    """Return values for types: names, a supply, 18 digits, and accounts in the given order."""
    accounts, names = iter(addresses), iter(("Sample Token", "SMPL"))
    values: list[int | str] = []
    for kind in types:
        if kind == "string":
            values.append(next(names))
        elif kind == "address":
            values.append(next(accounts))
        else:
            values.append(18 if kind == "uint8" else SUPPLY)
    return values


def deploy(engine: EvmEngine, creation: bytes, constructor: bytes | None, router: str) -> CallOutcome:
    """Deploy a token; without given arguments keep the first guess that leaves a supply, or else one that ran."""
    if constructor is not None:
        return engine.deploy(OWNER, creation + constructor)
    first: bytes | None = None
    failed: CallOutcome | None = None
    for guess in guesses(router):
        before = engine.snapshot()
        done = engine.deploy(OWNER, creation + guess)
        works = done.succeeded and bool(done.output)
        supplied = works and view(engine, done.created or "", selector("totalSupply()"), BYSTANDER).word
        engine.revert(before)
        if supplied:
            return engine.deploy(OWNER, creation + guess)
        if works and first is None:
            first = guess
        if not done.succeeded and failed is None:
            failed = done
        if done.halt == "out of gas":  # it costs too much to be tried again and again
            break
    if first is not None:
        return engine.deploy(OWNER, creation + first)
    return failed or CallOutcome(False, halt="other")


def settled_storage(engine: EvmEngine, creation: bytes, done: CallOutcome) -> Callable[[int], int | None] | None:
    """Return a reader of what a constructor leaves whatever its arguments are: None for a slot that they decide.

    The constructor runs once more without arguments and once with others; None where one of them reverts.
    """
    others = [engine.deploy(OWNER, creation + arguments) for arguments in (b"", OTHER_ARGUMENTS)]
    accounts = [made.created for made in (done, *others) if made.succeeded and made.created is not None]
    if len(accounts) <= len(others):
        return None

    def read(slot: int) -> int | None:
        found = {engine.storage(account, slot) for account in accounts}
        return found.pop() if len(found) == 1 else None

    return read


def encoded(types: list[str], given: Sequence[str]) -> bytes:
    """Return arguments that somebody wrote as text, as a constructor takes them.

    Raises: ValueError where they are not what the constructor wants.
    """
    shown = ", ".join(types) or "none"
    if len(types) != len(given):
        raise ValueError(f"expected the constructor's arguments ({shown}), found {len(given)}: give each once")
    try:
        return encode(types, [value_of(kind, text) for kind, text in zip(types, given, strict=True)])
    except ValueError as error:
        found = " ".join(given)
        raise ValueError(f"expected the constructor's arguments ({shown}), found {found}: {error}") from None


def value_of(kind: str, text: str) -> Any:
    """Return one argument as its type wants it; lists as JSON.

    Raises: ValueError.
    """
    if kind.endswith("]"):
        return [value_of(kind[: kind.rindex("[")], str(part)) for part in json.loads(text)]
    if kind.startswith(("uint", "int")):
        return int(text, 0)
    if kind == "bool":
        return text.lower() in ("true", "1")
    if kind.startswith("bytes"):
        return bytes.fromhex(text.removeprefix("0x"))
    return text.lower() if kind == "address" else text
