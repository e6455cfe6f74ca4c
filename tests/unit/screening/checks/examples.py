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

CORPUS = Path(__file__).resolve().parents[3] / "corpus" / "tokens"


def check_of(name: str) -> Check:
    """Return the check of a capability."""
    return next(check for check in all_checks() if check.name == name)


def creation_of(token: str) -> bytes:
    """Return the creation code of a token of the corpus, named folder/file."""
    artifact = json.loads((CORPUS / f"{token}.json").read_text())
    return bytes.fromhex(artifact["contracts"]["Token"]["creation"].removeprefix("0x"))


@cache
def report_of(token: str) -> Report:
    """Return the whole report of a token of the corpus, as its constructor leaves it."""
    return screen(ScreenRequest(id=token, creation=creation_of(token)))


def answer_for(check: str, *, example: str = "", code: bytes = b"") -> Capability:
    """Return a check's answer for one of its two examples (`fires`, `must_not_fire`), or for runtime code."""
    if example:
        return report_of(getattr(check_of(check), example)).capabilities[check]
    return screen(ScreenRequest(id="code", runtime=code)).capabilities[check]
