"""Whatever a report holds, its pages are shown: nothing missing, negative or enormous breaks them."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts, TokenFacts
from tarazy.screening.checks.base import CAPABILITY_NAMES
from tarazy.screening.model import (
    Attack,
    Capability,
    Evidence,
    Finding,
    Holder,
    Report,
    SimulatedTrade,
    Simulation,
    TraceStep,
    Verdict,
)

from .building import TOKEN, KeptServices, client
from .page_faults import faults

SEARCH = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking a page takes minutes and tells little more
TEXT = st.text(max_size=12)
NUMBER = st.one_of(st.integers(-(2**260), 2**260), st.integers(-3, 3))
PPM = st.integers(-(10**7), 10**9)
OPTIONAL = st.one_of(st.none(), NUMBER)


def some(strategy: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return tuples of few."""
    return st.lists(strategy, max_size=most).map(tuple)


HOLDER = st.builds(Holder, where=TEXT, address=st.one_of(st.none(), TEXT))
STEP = st.builds(TraceStep, actor=TEXT, action=TEXT, detail=TEXT, selector=st.one_of(st.none(), TEXT),
                 calldata=st.one_of(st.none(), TEXT), gas_used=OPTIONAL, time_s=OPTIONAL)  # fmt: skip
EVIDENCE = st.builds(Evidence, kind=TEXT, detail=TEXT, offset=st.one_of(st.none(), st.integers(0, 99_999)),
                     selector=st.one_of(st.none(), TEXT), signature=st.one_of(st.none(), TEXT),
                     transaction=st.one_of(st.none(), TEXT), trace=some(STEP))  # fmt: skip
SHARE = st.builds(HolderShare, address=TEXT, balance=NUMBER, percent_ppm=PPM, tag=TEXT,
                  locks=some(st.tuples(NUMBER, NUMBER, NUMBER), 1))  # fmt: skip
TRADE = st.builds(SimulatedTrade, scenario=TEXT, pool=TEXT, tax_ppm=st.one_of(st.none(), PPM), amount_in=OPTIONAL,
                  amount_out=OPTIONAL, gas_used=OPTIONAL, reason=TEXT)  # fmt: skip
ATTACK = st.builds(Attack, effect=TEXT, calls=some(TEXT), trace=some(STEP), tax_ppm=st.one_of(st.none(), PPM))
POOL = st.builds(PoolFacts, address=TEXT, name=TEXT, quote=TEXT, liquidity_minor=NUMBER, lp_holders=some(SHARE))
OWNERSHIP = st.builds(Ownership, owner_address=st.one_of(st.none(), TEXT), creator_address=st.one_of(st.none(), TEXT),
                      owner_balance=OPTIONAL, holder_count=OPTIONAL, holders=some(SHARE),
                      pools=st.one_of(st.none(), some(POOL, 1)), source=TEXT)  # fmt: skip
SIMULATION = st.builds(Simulation, engine=TEXT, state=TEXT, block_number=OPTIONAL, time_s=OPTIONAL, reason=TEXT,
                       trades=some(TRADE), attacks=some(ATTACK, 1), explored_calls=st.integers(0, 9),
                       seconds=st.floats(0, 1e6))  # fmt: skip
OUTCOME = st.sampled_from(("pass", "fail", "unknown", "noted"))
FINDING = st.builds(Finding, criterion=TEXT, severity=TEXT, text=TEXT, rests_on=TEXT, outcome=OUTCOME)
VERDICT = st.builds(Verdict, word=TEXT, criteria=TEXT, criteria_date=TEXT, findings=some(FINDING))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Return a report with anything in it."""
    names = draw(st.lists(st.sampled_from((*CAPABILITY_NAMES, "new_power")), max_size=4, unique=True))
    power = {
        name: draw(st.builds(Capability, name=st.just(name), reason=TEXT, holders=some(HOLDER),
                             guard=st.one_of(st.none(), TEXT), bound=st.one_of(st.none(), TEXT),
                             evidence=some(EVIDENCE)))
        for name in names
    }  # fmt: skip
    fields = st.builds(
        Report, id=st.just("r-any"), input=TEXT, chain_id=st.just(31337), address=st.just(TOKEN), code_hash=TEXT,
        body_hash=TEXT, code_bytes=st.integers(0, 10**6), screened_at=TEXT, software=TEXT, block_number=OPTIONAL,
        block_hash=st.one_of(st.none(), TEXT), capabilities=st.just(power),
        token=st.builds(TokenFacts, name=st.one_of(st.none(), TEXT), symbol=st.one_of(st.none(), TEXT),
                        decimals=st.one_of(st.none(), st.integers(-3, 300)), total_supply=OPTIONAL),
        simulation=st.one_of(st.none(), SIMULATION), ownership=st.one_of(st.none(), OWNERSHIP),
        proxy_implementation=st.one_of(st.none(), TEXT), verdict=st.one_of(st.none(), VERDICT), notes=some(TEXT),
        seconds=st.floats(0, 1e6), extra=st.just({}),
    )  # fmt: skip
    return draw(fields)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=SEARCH)
@given(reports(), st.binary(max_size=300))
def test_pages_of_any_report_are_shown(report: Report, code: bytes) -> None:
    reader = client(KeptServices().keep(report, code))
    for path in ("/", "/report/r-any", f"/token/31337/{TOKEN}"):
        answer = reader.get(path)
        assert answer.status_code == 200, path
        assert faults(answer.text) == []
