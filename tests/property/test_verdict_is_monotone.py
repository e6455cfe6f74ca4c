"""A verdict never gets better because less is known or more is possible."""

from __future__ import annotations

import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tarazy.screening.checks.base import CAPABILITY_NAMES
from tarazy.screening.criteria import Criteria, in_force, judge
from tarazy.screening.criteria.judge import span
from tarazy.screening.model import (
    Answer,
    Attack,
    Capability,
    Evidence,
    Holder,
    HolderKind,
    Report,
    SimulatedTrade,
    Simulation,
)

from ..unit.screening.reports import report, with_answer

# launch_gate speaks for a token whose sale is refused: there a yes rightly weighs less than a no.
AGAINST = [name for name in CAPABILITY_NAMES if name != "launch_gate"]
RANK = {"clear": 0, "caution": 1, "unknown": 1, "malicious": 2}
A_WHOLE_REPORT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # is slow to make up
EDITIONS = [in_force(name, datetime.date(2026, 11, 22)) for name in ("house", "listing", "launchpad")]

holders = st.lists(
    st.builds(Holder, st.sampled_from(HolderKind), st.just("storage 0x0"), st.sampled_from([None, "0x" + "0" * 40])),
    max_size=2,
).map(tuple)
evidence = st.lists(st.builds(Evidence, st.sampled_from(["code", "trace", "state"]), st.just("seen")), max_size=1)
capabilities = st.fixed_dictionaries(
    {
        name: st.builds(
            Capability, st.just(name), st.sampled_from(Answer), st.just("reason"), holders, evidence=evidence.map(tuple)
        )
        for name in CAPABILITY_NAMES
    }
)
simulations = st.none() | st.builds(
    Simulation,
    engine=st.just("revm"),
    state=st.sampled_from(["synthetic", "deployed", "forked"]),
    trades=st.lists(
        st.builds(
            SimulatedTrade,
            st.sampled_from(["buy", "sell", "transfer"]),
            st.just("v2"),
            st.booleans(),
            tax_ppm=st.sampled_from([None, 0, 200_000, 900_000]),
        ),
        max_size=4,
    ).map(tuple),
    attacks=st.lists(
        st.builds(
            Attack,
            st.sampled_from(["mints", "makes_own", "takes_balance", "blocks_sell"]),
            st.sampled_from(HolderKind),
            st.just(("0x40c10f19",)),
            st.just(()),
        ),
        max_size=2,
    ).map(tuple),
    complete=st.booleans(),
)
reports = st.builds(
    lambda answers, simulation, address: report(capabilities=answers, simulation=simulation, address=address),
    capabilities,
    simulations,
    st.sampled_from([None, "0x" + "ab" * 20]),
)


@A_WHOLE_REPORT
@given(reports, st.sampled_from(AGAINST), st.sampled_from([Answer.UNKNOWN, Answer.YES]), st.sampled_from(EDITIONS))
def test_turning_a_capability_from_no_never_makes_the_verdict_better(
    some: Report, name: str, answer: Answer, criteria: Criteria
) -> None:
    before = judge(with_answer(some, name, Answer.NO), criteria)
    after = judge(with_answer(some, name, answer), criteria)
    assert RANK[after.word] >= RANK[before.word], (before.word, after.word)
    assert all(now >= then for now, then in zip(span(after.findings), span(before.findings), strict=True))


@A_WHOLE_REPORT
@given(reports, st.sampled_from(EDITIONS))
def test_clear_means_that_nothing_that_weighs_is_unknown(some: Report, criteria: Criteria) -> None:
    verdict = judge(some, criteria)
    open_or_failed = [f for f in verdict.findings if f.outcome in ("fail", "unknown") and f.severity != "info"]
    assert (verdict.word == "clear") == (not open_or_failed)


@A_WHOLE_REPORT
@given(reports, st.sampled_from(EDITIONS))
def test_same_report_has_the_same_verdict(some: Report, criteria: Criteria) -> None:
    assert judge(some, criteria) == judge(some, criteria)
