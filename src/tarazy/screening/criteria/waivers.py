"""Waivers: who set a criterion aside for one token, when, why and until when. They are shown, never hidden.

    [[waiver]]
    token = "0x..."           # address, or code hash as the report has it
    criterion = "mint"
    by = "listing committee"
    on = 2026-11-22
    reason = "why"
    until = 2027-11-22        # optional; the last day on which it holds

A waiver covers a privilege, a measure or an unknown. Shown harm cannot be waived.
"""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tarazy.platform.toml_text import parse_toml
from tarazy.screening.criteria.catalogue import CATALOGUE
from tarazy.screening.criteria.errors import CriteriaError
from tarazy.screening.criteria.file import date_of, refuse_others, text_of
from tarazy.screening.model import Report

FIELDS = ("token", "criterion", "by", "on", "reason", "until")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One criterion set aside for one token."""

    token: str
    criterion: str
    by: str
    on: datetime.date
    reason: str
    until: datetime.date | None = None

    def covers(self, report: Report, criterion: str, day: datetime.date) -> bool:
        """Say whether the waiver holds for this token and criterion on a day."""
        named = self.token.lower() in {(report.address or "").lower(), report.code_hash.lower()} - {""}
        begun = self.on <= day and (self.until is None or day <= self.until)
        return named and begun and self.criterion == criterion

    def words(self) -> str:
        """Return the waiver as a finding shows it."""
        until = f" until {self.until}" if self.until else ""
        return f"waived by {self.by} on {self.on}{until}: {self.reason}"


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read and check a file of waivers.

    Raises: CriteriaError, naming the entry, what was expected and what was found.
    """
    try:
        document = parse_toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CriteriaError(path, "", "a readable file", error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CriteriaError(path, "", "TOML", str(error)) from error
    refuse_others(path, "", document, ("waiver",))
    entries = document.get("waiver", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CriteriaError(path, "waiver", "tables [[waiver]]", type(entries).__name__)
    found = []
    for number, entry in enumerate(entries, 1):
        where = f"waiver {number}"
        refuse_others(path, where, entry, FIELDS)
        criterion = text_of(path, where, entry, "criterion")
        if criterion not in CATALOGUE:
            raise CriteriaError(path, f"{where}.criterion", f"one of {', '.join(CATALOGUE)}", repr(criterion))
        found.append(
            Waiver(
                token=text_of(path, where, entry, "token"),
                criterion=criterion,
                by=text_of(path, where, entry, "by"),
                on=date_of(path, where, entry, "on"),
                reason=text_of(path, where, entry, "reason"),
                until=date_of(path, where, entry, "until") if "until" in entry else None,
            )
        )
    return tuple(found)
