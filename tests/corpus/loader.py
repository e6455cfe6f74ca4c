"""Load the corpus: tokens with their code and their labels.

    for token in load():
        token.name                # "mint-lying-name/vulnerable"
        token.runtime             # bytes
        token.labels["mint"]      # "yes" or "no"
        token.holders["mint"]     # HolderKind value, for each yes

What a label means, and which are left open, is in docs/reference/token-corpus.md.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pyrevm import EVM, AccountInfo, BlockEnv

from tarazy.screening.checks.base import CAPABILITY_NAMES
from tarazy.screening.model import HolderKind

DEPLOYER = f"0x{0xA0000000:040x}"
START_TIME_S = 1_700_000_000
START_BLOCK = 18_000_000
PADDING = 33  # zero bytes that revm puts behind code it deployed
FOLDER = Path(__file__).resolve().parent / "tokens"
SIDES = ("vulnerable", "benign", "plain")
VERDICTS = ("clear", "caution", "malicious", "unknown")
BY_STATE = frozenset("launch_gate honeypot cannot_buy cannot_sell_all".split())
TRADING = BY_STATE | {"gas_abuse", "impersonation"}
KEYS_OF_PAIR = {"family", "says", "proof", "start", "fork", *SIDES}
KEYS_OF_SIDE = {"says", "yes", "open", "not_no", "by_state", "verdict"}


class CorpusError(Exception):
    """The labels are not well-formed; the text names the place."""


@dataclass(frozen=True)
class Proof:
    """Calls that show a power, and what is true after them; on the benign one the same script must fail.

    `on` says on which sides it succeeds.
    """

    power: str
    calls: tuple[str, ...]
    then: tuple[str, ...]
    on: tuple[str, ...]


@dataclass(frozen=True)
class CorpusToken:
    """One side of a pair.

    `labels` has yes or no for every capability that is settled by code and constructor. Beside it stand: `open`, where
    the answer is a matter of definition and is not scored; `not_no`, where the code lets anything happen, so that yes
    and unknown are right and no is wrong; `by_state`, answers that rest on what the constructor stored, which a reader
    of the runtime code alone need not find.
    """

    name: str
    pair: str
    side: str  # "vulnerable", "benign", "plain"
    family: str
    says: str
    labels: Mapping[str, str]
    holders: Mapping[str, str]
    bounds: Mapping[str, str]
    open: frozenset[str]
    not_no: frozenset[str]
    by_state: frozenset[str]
    verdict: str | None
    compiler: str
    settings: Mapping[str, Any]
    abi: list[Any]
    creation: bytes
    runtime: bytes
    helpers: Mapping[str, bytes]  # name -> creation code of further contracts of the source
    proofs: tuple[Proof, ...]
    start: tuple[str, ...]  # calls before each proof
    fork: str


@cache
def load() -> tuple[CorpusToken, ...]:
    """Return every token of the corpus, in order of name.

    Raises: CorpusError.
    """
    table = tomllib.loads((FOLDER / "labels.toml").read_text())
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "base"}
    if folders != set(table):
        raise CorpusError(f"labels.toml and folders differ: {sorted(folders ^ set(table))}")
    return tuple(token for pair in sorted(table) for token in read_pair(pair, table[pair]))


def read_pair(pair: str, entry: dict[str, Any]) -> list[CorpusToken]:
    """Return the sides of one pair."""
    expect(pair, set(entry), KEYS_OF_PAIR, "key")
    sides = [side for side in SIDES if side in entry]
    if sides not in (["vulnerable", "benign"], ["plain"]):
        raise CorpusError(f"{pair}: expected vulnerable and benign, or plain alone; found {', '.join(sides)}")
    for side in sides:
        expect(f"{pair}.{side}", set(entry[side]), KEYS_OF_SIDE, "key")
    return [read_side(pair, side, entry) for side in sides]


def read_side(pair: str, side: str, entry: dict[str, Any]) -> CorpusToken:
    """Return one side with its code."""
    place = f"{pair}.{side}"
    own = entry[side]
    yes = {name: text.partition(";") for name, text in own.get("yes", {}).items()}
    apart = {key: frozenset(own.get(key, ())) for key in ("open", "not_no", "by_state")}
    apart["by_state"] |= BY_STATE
    if "rest" in apart["open"]:
        apart["open"] = frozenset(CAPABILITY_NAMES) - set(yes) - apart["not_no"] - TRADING
    if "all" in apart["by_state"]:
        apart["by_state"] = frozenset(CAPABILITY_NAMES) - set(yes) | BY_STATE
    unscored = apart["open"] | apart["not_no"] | {"known_code"}  # whether code is known is a matter of tables
    for names in (set(yes), *apart.values()):
        expect(place, set(names), set(CAPABILITY_NAMES), "capability")
    if twice := (set(yes) & unscored) | (apart["open"] & apart["not_no"]):
        raise CorpusError(f"{place}: labelled twice: {sorted(twice)}")
    expect(place, {kind.strip() for kind, _, _ in yes.values()}, {kind.value for kind in HolderKind}, "holder")
    expect(place, {own["verdict"]} if "verdict" in own else set(), set(VERDICTS), "verdict")
    made = json.loads((FOLDER / pair / f"{side}.json").read_text())
    contracts = made["contracts"]
    token = contracts["Token"]
    return CorpusToken(
        name=f"{pair}/{side}",
        pair=pair,
        side=side,
        family=entry["family"],
        says=own["says"],
        labels={name: "yes" if name in yes else "no" for name in CAPABILITY_NAMES if name not in unscored},
        holders={name: kind.strip() for name, (kind, _, _) in yes.items()},
        bounds={name: bound.strip() for name, (_, _, bound) in yes.items() if bound.strip()},
        open=apart["open"] | {"known_code"},
        not_no=apart["not_no"],
        by_state=apart["by_state"],
        verdict=own.get("verdict"),
        compiler=made["compiler"],
        settings=made["settings"],
        abi=token["abi"],
        creation=bytes.fromhex(token["creation"][2:]),
        runtime=deployed(bytes.fromhex(token["creation"][2:])),
        helpers={name: bytes.fromhex(parts["creation"][2:]) for name, parts in contracts.items() if name != "Token"},
        proofs=tuple(read_proof(pair, side, proof) for proof in entry.get("proof", ())),
        start=tuple(entry.get("start", ("owner sends trader 1000e18", "owner sends pool 100000e18"))),
        fork=entry.get("fork", "SHANGHAI"),
    )


def deployed(creation: bytes) -> bytes:
    """Return the code that the constructor leaves, with what it wrote into it."""
    engine = EVM(spec_id="CANCUN")
    engine.set_block_env(BlockEnv(number=START_BLOCK, timestamp=START_TIME_S))
    engine.insert_account_info(DEPLOYER, AccountInfo(balance=10**20))
    code = engine.get_code(engine.deploy(DEPLOYER, creation, gas=10**7))
    return bytes(code or b"").removesuffix(bytes(PADDING))


def read_proof(pair: str, side: str, proof: dict[str, Any]) -> Proof:
    """Return one proof; unless it says otherwise it holds on the vulnerable token, or on the one side that there is."""
    expect(f"{pair}.proof", set(proof), {"power", "calls", "then", "on"}, "key")
    expect(f"{pair}.proof", {proof["power"]}, set(CAPABILITY_NAMES), "capability")
    on = tuple(proof.get("on", ("vulnerable", "plain")))
    return Proof(proof["power"], tuple(proof.get("calls", ())), tuple(proof["then"]), on)


def expect(place: str, found: set[str], known: set[str], what: str) -> None:
    """Refuse what is not known.

    Raises: CorpusError.
    """
    if wrong := sorted(found - known):
        raise CorpusError(f"{place}: expected a {what} of {', '.join(sorted(known))}; found {', '.join(wrong)}")
