"""No provision is missing, none that was not seen is called law, and our notes are still those that were coded."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.rulebook.catalogue import all_rules
from tarazy.rulebook.coverage import coverage, covered
from tarazy.rulebook.provisions import citation, provisions
from tarazy.rulebook.release import exported

ROOT = Path(__file__).resolve().parents[3]
NOTES = ROOT.parent / "shared" / "rules"


def test_every_row_of_both_notes_has_a_rule() -> None:
    assert sorted(p.id for p in provisions().values() if p.regime in ("aifc", "kz_onshore")) == sorted(
        [f"R{number:02}" for number in range(1, 100)] + [f"R{number}" for number in range(100, 131)]
    )
    assert not [row.provision.id for row in covered() if not row.rules]


def test_counts_add_up_to_the_rows() -> None:
    found = coverage()
    assert found["rows"] == 130
    assert found["coded"] + found["partly"] + found["attested"] + found["not_seen"] == found["rows"]
    assert found["missing"] == 0


def test_what_was_not_seen_is_never_law() -> None:
    unseen = {row.provision.id for row in covered() if row.place == "not_seen"}
    # Graded by title, by a sister or foreign text, or as a proposal alone.
    assert {"R04", "R21", "R54", "R66", "R67", "R73", "R76", "R90", "R130"} <= unseen
    for rule in all_rules():
        if set(rule.rule.provisions) <= unseen:
            assert not rule.standing(date(2026, 11, 30)).startswith("enacted"), rule.id
        enacted = [row.key for row in rule.values.rows if row.status == "enacted" and row.citation in unseen]
        assert not enacted, f"{rule.id}: {enacted}"
    for each in exported()["rules"]:
        if {c["provision"] for c in each["citations"]} <= unseen:
            assert not each["is_law"]


def test_numbers_that_nobody_saw_are_unset() -> None:
    unset = {(rule.id, row.key) for rule in all_rules() for row in rule.values.rows if row.status == "unset"}
    assert ("aifc/capital", "capital_min_usd") in unset
    assert ("aifc/transaction_reports", "deadline_days") in unset
    assert all(row.value is None for rule in all_rules() for row in rule.values.rows if row.status == "unset")


def test_citation_names_body_act_segment_page_and_hash() -> None:
    found = citation("R25")
    assert (found.body, found.segment, found.seen) == ("AFSA", "2.5.1(3)", "excerpt")
    assert found.addresses[0].startswith("orderly.myafsa.com/")
    assert len(found.text_sha256) == 64


def test_notes_are_still_those_that_were_coded() -> None:
    if not NOTES.is_dir():
        pytest.skip("the notes on the rules (../shared/rules) are not there")
    lines = {line for path in NOTES.glob("*.md") for line in path.read_text(encoding="utf-8").splitlines()}
    hashes = {sha256(line.encode()).hexdigest() for line in lines}
    stale = [row.id for row in provisions().values() if row.row_sha256 not in hashes]
    assert not stale, f"the notes changed: read them and the rules again, then take their new hashes: {stale}"


def test_no_sentence_of_the_notes_stands_in_the_rulebook() -> None:
    if not NOTES.is_dir():
        pytest.skip("the notes on the rules (../shared/rules) are not there")
    cells = {
        cell.strip(" *")
        for path in NOTES.glob("*.md")
        for line in path.read_text(encoding="utf-8").splitlines()
        for cell in line.split("|")
        if len(cell.strip()) > 60
    }
    text = json.dumps(exported(), ensure_ascii=False)
    assert not [cell for cell in cells if cell in text]
