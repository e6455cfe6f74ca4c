"""The authority of the demonstration: what its licensee attests can be used, and its page shows every answer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tarazy.authority.desk import AuthorityDesk
from tarazy.authority.rule_facts import authority_facts, unusable
from tarazy.cli.demo.demo_authority import FACILITY, attested_facts, found_authority
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.judging import counted, judge


def test_attested_facts_are_words_of_rules_and_give_every_answer(tmp_path: Path) -> None:
    found_authority(tmp_path / "authority")
    today = datetime.now(UTC).date()
    with AuthorityDesk.open(tmp_path / "authority", reads_only=True) as desk:
        assert unusable(desk.state.licences[FACILITY]) == {}
        counts = counted(judge("aifc", FactSet(authority_facts(desk.state, FACILITY, today)), today))
    assert [find_rule(rule).id for rule in attested_facts()] == list(attested_facts())
    assert min(counts["met"], counts["not_applicable"]) >= 10
    assert counts["breached"] >= 3
