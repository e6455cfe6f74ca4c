"""An unknown answer says which evidence would settle it, and the store that it names gives that fact."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import tarazy.authority.rule_facts
import tarazy.facility.rule_facts
import tarazy.oversight.facts.gather
from tarazy.rulebook.catalogue import regimes
from tarazy.rulebook.evidence import REPLAYED, STATED, settled_by, sources, where_from
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.judging import judge
from tarazy.rulebook.terms import terms
from tarazy.rulebook.verdicts import Outcome

DAY = date(2026, 12, 1)
FOLDER = Path(tarazy.facility.rule_facts.__file__).parent
# The module that gives the facts of each source, by the first words of the source.
GIVEN_BY = {
    "the register of clients": FOLDER / "register_facts.py",
    "the bank book": FOLDER / "bank_facts.py",
    "custody's file": FOLDER / "custody_facts.py",
    "the store of documents": FOLDER / "document_facts.py",
    "the admission desk": FOLDER / "admission_facts.py",
    "clients' confirmations": FOLDER / "confirmation_facts.py",
    "the authority's record": Path(tarazy.authority.rule_facts.__file__),
    "a replay of the record": Path(tarazy.oversight.facts.gather.__file__),
}


@pytest.mark.parametrize("regime", sorted(regimes()))
def test_without_any_fact_every_unknown_answer_says_what_would_settle_it(regime: str) -> None:
    unknown = [each for each in judge(regime, FactSet(), DAY) if each.verdict.outcome is Outcome.unknown]
    assert unknown
    assert [each.loaded.id for each in unknown if not each.verdict.settled_by] == []
    assert all(each.plain()["settled_by"] for each in unknown)


def test_what_is_decided_asks_for_no_evidence() -> None:
    facts = FactSet([RuleFact("accounts_without_class", 1, "a replay", "replayed", DAY)])
    (classes,) = [each for each in judge("aifc", facts, DAY) if each.loaded.id == "aifc/classes"]
    assert (classes.verdict.outcome, classes.verdict.settled_by) == (Outcome.breached, ())


def test_a_row_without_a_field_names_the_field() -> None:
    facts = FactSet([RuleFact("client_receipts", [{"id": "r1", "received": DAY}], "bank book", "declared", DAY)])
    (row,) = [each for each in judge("aifc", facts, DAY) if each.loaded.id == "aifc/client_money_deposit"]
    assert row.verdict.outcome is Outcome.unknown
    assert row.verdict.settled_by == (settled_by("client_receipts", "banked"),)
    assert row.verdict.settled_by[0].startswith("banked of client_receipts (fiat received from clients), from the bank")


@pytest.mark.parametrize("name", sorted(sources()))
def test_the_store_that_is_named_gives_the_fact(name: str) -> None:
    (module,) = [path for words, path in GIVEN_BY.items() if sources()[name].startswith(words)]
    text = module.read_text(encoding="utf-8")
    assert f'"{name}"' in text or name.startswith("accounts_trading_without_")  # made of a prefix and a head


def test_a_fact_of_the_record_comes_from_a_replay_and_one_of_nobody_is_stated() -> None:
    record = {name for name, term in terms().items() if term.file == "record.toml"}
    assert {where_from(name) for name in record - set(sources())} == {REPLAYED}
    assert where_from("drills") == STATED
