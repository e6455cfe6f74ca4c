"""The manifest of required disclosures: its heads with their rules, and what is missing, waiting or stale on a day.

Source of the heads: AIFC DAA 2.10.1(1) (c) to (j), 2.5.2(e), COB 3 and 4; `heads.toml` says of each what was seen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.oversight.publications.public_statement import PublicFinding
from tarazy.platform.signed_acts.fields import is_date, is_whole

FILE = Path(__file__).parent / "heads.toml"


class DisclosureHead(NamedTuple):
    """A head of the manifest. `acknowledge`: a client confirms it before the first trade."""

    name: str
    words: str
    rule: str
    acknowledge: bool
    notice_days: int
    review_days: int
    begins: str
    status: str


@cache
def every_head() -> tuple[DisclosureHead, ...]:
    """Return the heads of the shipped file."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["head"]
    return tuple(
        DisclosureHead(**{("begins" if k == "from" else k): _plain(v) for k, v in row.items()}) for row in rows
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def heads(day: str) -> dict[str, DisclosureHead]:
    """Return the heads in force on a day, by name."""
    return {each.name: each for each in every_head() if each.begins <= day}


def in_force(versions: Sequence[Mapping[str, Any]], head: str, day: str) -> Mapping[str, Any] | None:
    """Return a head's newest version that is approved and has begun, None where there is none."""
    rows = [row for row in versions if row["head"] == head and row["approved_on"] and row["effective"] <= day]
    return max(rows, key=lambda row: (row["effective"], row["version"])) if rows else None


def disclosure_findings(versions: Sequence[Mapping[str, Any]], day: str) -> list[PublicFinding]:
    """Return the heads without a version in force, and those whose version nobody has reviewed in time."""
    found = []
    for head in heads(day).values():
        row = in_force(versions, head.name, day)
        if row is None:
            waiting = [each for each in versions if each["head"] == head.name]
            said = "one that is not in force" if waiting else "none"
            found.append(PublicFinding(f"disclosure.{head.name}", "high", f"{head.words}, published", said, head.rule))
            continue
        stale = date.fromisoformat(row["effective"]) + timedelta(days=head.review_days)
        due = min(row["review_by"], stale.isoformat())
        if due < day:
            expected = f"{head.words}, reviewed by {due}"
            found.append(
                PublicFinding(f"disclosure.{head.name}", "low", expected, f"version {row['version']}", head.rule)
            )
    return found


def read_versions(rows: Any) -> list[dict[str, Any]]:
    """Return versions that a facility published, those alone that are well formed."""
    texts, days = ("head",), ("effective", "review_by", "approved_on")
    return [
        row
        for row in (rows if isinstance(rows, list) else [])[:1_000]
        if isinstance(row, dict)
        and all(isinstance(row.get(name), str) for name in texts)
        and all(is_date(row.get(name)) for name in days)
        and is_whole(row.get("version"))
    ]
