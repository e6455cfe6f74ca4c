"""Tokens of the corpus as targets of simulations."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.simulation.target import Target

CORPUS = Path(__file__).parents[3] / "corpus" / "tokens"


@functools.cache
def contract(name: str, side: str) -> dict[str, Any]:
    """Return the compiled contract of one side of a pair."""
    found: dict[str, Any] = json.loads((CORPUS / name / f"{side}.json").read_text())["contracts"]["Token"]
    return found


def artifact(name: str, side: str) -> Path:
    """Return the artifact's path."""
    return CORPUS / name / f"{side}.json"


def creation(name: str, side: str) -> bytes:
    """Return creation code."""
    return bytes.fromhex(contract(name, side)["creation"][2:])


def runtime(name: str, side: str) -> bytes:
    """Return runtime code; without immutable values, so only for tokens that have none."""
    return bytes.fromhex(contract(name, side)["runtime"][2:])


@functools.cache
def facts(name: str, side: str) -> ContractFacts:
    """Return the static facts."""
    return analyse(runtime(name, side))


def deployed(name: str, side: str) -> Target:
    """Return the token as a target that is deployed."""
    return Target(creation=creation(name, side))


def placed(name: str, side: str) -> Target:
    """Return the token as a target of runtime code alone."""
    return Target(runtime=runtime(name, side))
