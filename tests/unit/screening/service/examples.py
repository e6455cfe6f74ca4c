"""Reports built by hand for the mapping, and a check of values against the types that the official SDK declares."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import swagger_client.models as sdk

from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts, TokenFacts
from tarazy.screening.checks.base import CAPABILITY_NAMES
from tarazy.screening.model import Answer, Capability, Holder, HolderKind, Report, SimulatedTrade, Simulation, Verdict

TOKEN = "0x" + "a1" * 20
OWNER = "0x" + "0b" * 20
CREATOR = "0x" + "0c" * 20
POOL = "0x" + "0d" * 20
NAME = "Saffron Road"

PRIMITIVES: dict[str, type | tuple[type, ...]] = {"str": str, "int": int, "float": (int, float), "bool": bool}


def capabilities(answer: Answer = Answer.NO, **given: Answer) -> dict[str, Capability]:
    """Return every capability with one answer, but for those given by name."""
    holders = (Holder(HolderKind.OWNER, "storage 0x5", OWNER),)
    return {
        name: Capability(name, given.get(name, answer), f"{name} was looked at.", holders=holders)
        for name in CAPABILITY_NAMES
    }


def report(answer: Answer = Answer.NO, *, caps: Mapping[str, Answer] | None = None, **changes: Any) -> Report:
    """Return a whole report of a token with a pool, holders and a simulation on its deployed state."""
    made = Report(
        id="r1",
        input="chain",
        chain_id=1,
        address=TOKEN,
        code_hash="0x" + "11" * 32,
        body_hash="0x" + "22" * 32,
        code_bytes=1_000,
        screened_at="2026-11-22T00:00:00+00:00",
        software="tarazy 0.1.0",
        block_number=100,
        block_hash="0x" + "33" * 32,
        capabilities=capabilities(answer, **(caps or {})),
        token=TokenFacts(NAME, "SAFR", 6, 1_000_000 * 10**6),
        simulation=Simulation(
            engine="revm 0.3.7",
            state="forked",
            trades=(
                SimulatedTrade("buy", "v2", True, tax_ppm=50_000),
                SimulatedTrade("sell", "v2", True, tax_ppm=100_000),
                SimulatedTrade("sell", "v3", True, tax_ppm=20_000),
            ),
        ),
        ownership=Ownership(
            owner_address=OWNER,
            owner_balance=250_000 * 10**6,
            creator_address=CREATOR,
            creator_balance=1,
            holder_count=42,
            holders=(
                HolderShare(OWNER, 250_000 * 10**6, 250_000, False, True, "owner", ((5_000_000, 0, 1_800_000_000),)),
                HolderShare(POOL, 1, 0, True, None),
            ),
            pools=(
                PoolFacts(POOL, "UniswapV2", "0x" + "ee" * 20, 7, 3 * 10**18, (HolderShare(OWNER, 10**18, 333_333),)),
            ),
        ),
        is_open_source=True,
        verdict=Verdict("caution", "house", "2026-11-01"),
    )
    return dataclasses.replace(made, **changes)


def is_of_type(value: Any, kind: str) -> bool:
    """Say whether a value is of a type as the SDK writes types; None is always allowed."""
    if value is None:
        return True
    if found := re.fullmatch(r"list\[(.*)\]", kind):
        return isinstance(value, list) and all(is_of_type(each, found[1]) for each in value)
    if found := re.fullmatch(r"dict\(str, (.*)\)", kind):
        return isinstance(value, dict) and all(is_of_type(each, found[1]) for each in value.values())
    if kind == "object":
        return True
    if kind in PRIMITIVES:
        return isinstance(value, PRIMITIVES[kind]) and (kind == "bool" or not isinstance(value, bool))
    return isinstance(value, dict) and not wrong_types(value, kind)


def wrong_types(value: Mapping[str, Any], model: str) -> list[str]:
    """Return the keys of an object that the SDK's model does not know or knows with another type."""
    known = getattr(sdk, model)
    kinds = {known.attribute_map[name]: kind for name, kind in known.swagger_types.items()}
    return [
        f"{model}.{key}: expected {kinds.get(key, 'no such key')}, found {value[key]!r}"
        for key in value
        if key not in kinds or not is_of_type(value[key], kinds[key])
    ]
