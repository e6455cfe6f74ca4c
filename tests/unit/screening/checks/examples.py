"""Answers of one check on tokens of the corpus, or on any code, read from the runtime code alone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from tarazy.screening.checks import all_checks
from tarazy.screening.checks.base import Check
from tarazy.screening.model import Capability, Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen

ROOT = Path(__file__).resolve().parents[4]
CORPUS = ROOT / "tests" / "corpus" / "tokens"
TEMPLATES = ROOT / "src" / "tarazy" / "chains" / "evm" / "own_contracts" / "artifacts"
TEMPLATE = "safe-token/"  # before the name of one of our own templates


def check_of(name: str) -> Check:
    """Return the check of a capability."""
    return next(check for check in all_checks() if check.name == name)


def artifact_of(token: str) -> Path:
    """Return the compiled token: folder/file of the corpus, or one of our own templates."""
    if token.startswith(TEMPLATE):
        return TEMPLATES / f"{token.removeprefix(TEMPLATE)}.json"
    return CORPUS / f"{token}.json"


@cache
def report_of(token: str) -> Report:
    """Return the whole report of a token: as its constructor leaves it, or a template's runtime code."""
    contracts = json.loads(artifact_of(token).read_text())["contracts"]
    if token.startswith(TEMPLATE):
        code = bytes.fromhex(contracts[token.removeprefix(TEMPLATE)]["runtime"].removeprefix("0x"))
        return screen(ScreenRequest(id=token, runtime=code))
    return screen(ScreenRequest(id=token, creation=bytes.fromhex(contracts["Token"]["creation"].removeprefix("0x"))))


def answer_for(check: str, *, example: str = "", code: bytes = b"") -> Capability:
    """Return a check's answer for one of its two examples (`fires`, `must_not_fire`), or for runtime code."""
    if example:
        return report_of(getattr(check_of(check), example)).capabilities[check]
    return screen(ScreenRequest(id="code", runtime=code)).capabilities[check]
