"""The pause of the garbage collector: it ends as it began, also within another pause and where something fails."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tarazy.screening.collector import collector_paused


@pytest.fixture(autouse=True)
def collector_running() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_the_collector_rests_during_a_pause_and_runs_after_it() -> None:
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_only_the_outer_of_two_pauses_starts_the_collector_again() -> None:
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with collector_paused():
        pass
    assert not gc.isenabled()


def test_a_failure_within_a_pause_starts_the_collector_again() -> None:
    with pytest.raises(ValueError, match="found nothing"), collector_paused():
        raise ValueError("found nothing")
    assert gc.isenabled()


def test_what_a_pause_made_is_old_and_still_collected() -> None:
    with collector_paused():
        made: list[object] = []
        made.append(made)
    assert any(each is made for each in gc.get_objects(generation=2))
    assert gc.get_freeze_count() == 0
