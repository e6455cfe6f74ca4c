"""Runs are kept, ages count across runs and restarts, and who prepared does not review."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.reconciliation.comparing import ThreeWay, three_way
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.facility.reconciliation.inputs import BalanceEntry, LocatedAccount, ReconciledSide
from tarazy.facility.reconciliation.matching import DAY_NS, MatchingTerms
from tarazy.facility.reconciliation.run_signatures import PREPARED, REVIEWED, is_signed_run, sign_run
from tarazy.facility.reconciliation.store import ReconciliationStore

KEY = LocatedAccount(2, 4, "KZ86125KZT5004100100")
NOW = 20_000 * DAY_NS
DIGEST = "ab" * 32
FACILITY = bytes(16)
ONE, TWO = (Actor(number, 0, KeySigner.from_seed(bytes([number]) * 32)) for number in (1, 2))
AIGERIM = sign_run(ONE, FACILITY, PREPARED, 1, DIGEST)
DANIYAR = sign_run(TWO, FACILITY, REVIEWED, 1, DIGEST, "the bank was asked")


def run_with(*references: str, now_ns: int = NOW) -> ThreeWay:
    """Return a run in which the bank took money that we never booked."""
    outside = ReconciledSide({}, [BalanceEntry(KEY, each, -5, NOW) for each in references])
    return three_way({}, ReconciledSide({}, []), outside, MatchingTerms(now_ns))


def test_break_ages_from_the_first_run_that_saw_it_and_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    with ReconciliationStore(path) as store:
        store.add(run_with("a"), NOW, 1, AIGERIM, DIGEST)
    with ReconciliationStore(path) as store:
        store.add(run_with("a", "b"), NOW + 3 * DAY_NS, 2, AIGERIM, DIGEST)
        ages = {item.reference: item.age_days for item in store.open_items(NOW + 5 * DAY_NS)}
    assert ages == {"a": 5, "b": 2}


def test_item_that_was_closed_and_comes_again_is_new(tmp_path: Path) -> None:
    with ReconciliationStore(tmp_path / "runs.sqlite") as store:
        for day, found in enumerate((run_with("a"), run_with(), run_with("a"))):
            store.add(found, NOW + day * DAY_NS, 1, AIGERIM, DIGEST)
        assert [item.age_days for item in store.open_items(NOW + 2 * DAY_NS)] == [0]


def test_two_equal_items_are_two(tmp_path: Path) -> None:
    with ReconciliationStore(tmp_path / "runs.sqlite") as store:
        store.add(run_with("", ""), NOW, 1, AIGERIM, DIGEST)
        assert len(store.open_items(NOW)) == 2


def test_preparer_does_not_review_and_nobody_reviews_twice(tmp_path: Path) -> None:
    with ReconciliationStore(tmp_path / "runs.sqlite") as store:
        number = store.add(run_with("a"), NOW, 1, AIGERIM, DIGEST)
        again = sign_run(ONE, FACILITY, REVIEWED, 1, DIGEST)
        for same in (again, again._replace(officer_id=9), DANIYAR._replace(officer_id=1)):
            with pytest.raises(ReconciliationError, match="two officers with two keys"):
                store.review(number, same, "", NOW)
        store.review(number, DANIYAR, "the bank was asked", NOW)
        assert store.run(number).reviewed_by == "officer 2"
        assert (store.signature(number, PREPARED), store.signature(number, REVIEWED)) == (AIGERIM, DANIYAR)
        with pytest.raises(ReconciliationError, match="without a review"):
            store.review(number, DANIYAR, "", NOW)
        with pytest.raises(ReconciliationError, match="the number of a run"):
            store.review(99, DANIYAR, "", NOW)


def test_signature_is_of_this_run_in_this_part_of_this_facility() -> None:
    """Ed25519 over all of it: what was signed for one run or part holds for no other."""
    assert is_signed_run(AIGERIM, FACILITY, PREPARED, 1, DIGEST)
    assert not is_signed_run(AIGERIM, FACILITY, REVIEWED, 1, DIGEST)
    assert not is_signed_run(AIGERIM, FACILITY, PREPARED, 2, DIGEST)
    assert not is_signed_run(AIGERIM, FACILITY, PREPARED, 1, "cd" * 32)
    assert not is_signed_run(AIGERIM, bytes([1]) * 16, PREPARED, 1, DIGEST)
    assert is_signed_run(DANIYAR, FACILITY, REVIEWED, 1, DIGEST, "the bank was asked")
    assert not is_signed_run(DANIYAR, FACILITY, REVIEWED, 1, DIGEST, "nothing was asked")
