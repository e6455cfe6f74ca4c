"""A paper's drafted values run on a facility's recorded quarters, published on its page, then concluded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .offices import Run
from .test_authority_site import founded

ASOF = "2026-07-01"  # the record is of 3 May 2026: its quarter ends on 30 June
RUN = ("--asof", ASOF, "--quarters", "1")
PAPER = {
    "number": "AFSA-P-CE-2026-0001",
    "title_en": "Cold wallets",
    "title_ru": "Холодные кошельки",
    "title_kk": "Суық әмияндар",
    "background": "How much lies offline.",
    "deadline": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
    "rules": [{"id": "cold_share", "in_force": "98 %", "draft": "everything, and more"}],
    "values": [{"rule": "aifc/cold_share", "key": "cold_min_ppm", "value": "1000001"}],
}


@pytest.fixture
def authority(tarazy: Run, tmp_path: Path) -> tuple[Path, tuple[Path, Path]]:
    """Return an authority with the paper published by two officers, and their keys."""
    folder, keys = founded(tarazy, tmp_path)
    (tmp_path / "paper.json").write_text(json.dumps(PAPER))
    words = ("--body", tmp_path / "paper.json", "--officer", "1", "--key", keys[0], "--json")
    done = tarazy("authority", "act", folder, "consultation.publish", "cold", *words)
    assert done.code == 0, done.err
    words = ("--approve", "--reason", "ready", "--officer", "2", "--key", keys[1])
    assert tarazy("authority", "decide", folder, done.json["proposal"], *words).code == 0
    return folder, keys


def test_impact_of_a_draft_is_counted_and_published(
    tarazy: Run, recorded: Path, authority: tuple[Path, tuple[Path, Path]], tmp_path: Path
) -> None:
    """All BTC lies cold: met in force; a share above the whole is breached, by one row."""
    folder, keys = authority
    one = ("--facility", f"one={recorded}")
    done = tarazy("authority", "impact", folder, "cold", *one, *RUN, "--json")
    assert done.code == 0, done.err
    found = done.json
    assert (found["facilities_changed"], found["findings_in_force"], found["findings_draft"]) == (1, 0, 1)
    assert [row["day"] for row in found["quarters"]] == ["2026-06-30"]
    done = tarazy("authority", "impact", folder, "cold", *one, *RUN, "--officer", "1", "--key", keys[0], "--json")
    assert done.code == 0, done.err
    kept: Any = tarazy("authority", "show", folder, "cold", "--json").json["facts"]["impact"]["draft"]
    assert kept["sha256"] == done.json["sha256"]
    assert kept["rows"][0]["changed"] == "1"
    assert "one" not in json.dumps(kept["rows"])
    stored = tmp_path / "quarters"
    for name, asof in (("q1", "2026-03-31"), ("q2", "2026-06-30")):
        tarazy("rules", "facts", recorded, stored / name, "--asof", asof)
    again = tarazy(
        "rules", "impact", "--set", "cold_share.cold_min_ppm=1000001", "--facility", f"one={stored}", "--json"
    )
    assert (again.json["facilities_changed"], again.json["findings_draft"]) == (1, 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--set", "cold_share.cold_min_ppm"), "RULE.KEY=VALUE"),
        (("--set", "cold_share.cold_min_ppm=much"), "a whole number"),
        (("--set", "cold_share.hot=1"), "a key of cold_min_ppm"),
        ((), "one --set"),
        (("--set", "cold_share.cold_min_ppm=1", "--facility", "x=/no/such"), "a folder that is there"),
    ],
)
def test_wrong_drafts_are_refused(tarazy: Run, recorded: Path, words: tuple[str, ...], says: str) -> None:
    given = () if "--facility" in words else ("--facility", f"one={recorded}")
    done = tarazy("rules", "impact", *words, *given, "--json")
    assert done.code in (1, 2)
    assert says in done.json["error"]


def test_a_day_before_the_record_has_nothing_to_ask(tarazy: Run, recorded: Path) -> None:
    words = ("--set", "cold_share.cold_min_ppm=1", "--facility", f"one={recorded}", "--asof", "2026-04-01")
    done = tarazy("rules", "impact", *words, "--quarters", "1", "--json")
    assert (done.code, "nothing to ask" in done.json["error"]) == (2, True)
