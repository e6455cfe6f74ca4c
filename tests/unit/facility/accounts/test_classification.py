"""Classes and what proves them: COB 2.5.1 as far as it was read asks for USD 100,000, and four papers, and knowledge
that was assessed or two years of work."""

from __future__ import annotations

import pytest

from tarazy.facility.accounts.classification import ClassEvidence, classify, confirm_class, reviews_due
from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.decisions import confirm_state, decide
from tarazy.facility.accounts.errors import DecisionRefusedError, ParameterUnsetError
from tarazy.facility.accounts.instructions import outbox
from tarazy.facility.accounts.screening.screening import screen

from .desk import DANA, ERIK, Desk

PAPERS = ("net_assets", "opt_in", "warning", "acknowledgement")
RICH = ClassEvidence(100_000, 24, False)


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (RICH._replace(net_assets_usd=99_999), "USD 99,999 are below 100,000"),
        (RICH._replace(work_history_months=23), "neither assessed knowledge nor 24 months"),
        (RICH._replace(work_history_months=0, assessed=True), ""),
        (RICH, ""),
    ],
)
def test_professional_takes_wealth_and_knowledge_or_work(desk: Desk, evidence: ClassEvidence, words: str) -> None:
    client, party = desk.applicant()
    desk.paper(party, *PAPERS)
    if words:
        with pytest.raises(DecisionRefusedError, match=words):
            classify(desk.register, DANA, client, "professional", "asked for it", evidence)
    else:
        assert classify(desk.register, DANA, client, "professional", "asked for it", evidence).standing == "proposed"


@pytest.mark.parametrize("missing", PAPERS)
def test_professional_takes_every_paper(desk: Desk, missing: str) -> None:
    client, party = desk.applicant()
    desk.paper(party, *[paper for paper in PAPERS if paper != missing])
    with pytest.raises(DecisionRefusedError, match=f"the paper {missing} is missing"):
        classify(desk.register, DANA, client, "professional", "asked for it", RICH)


def test_a_class_whose_text_was_not_seen_is_not_guessed(desk: Desk) -> None:
    client, _ = desk.applicant()
    with pytest.raises(ParameterUnsetError, match="the definition was not seen"):
        classify(desk.register, DANA, client, "market_counterparty", "a bank", RICH)


def test_opting_down_takes_the_wish_alone_and_tells_the_record(desk: Desk) -> None:
    desk.lists()
    client, party = desk.applicant()
    desk.paper(party, "identity", "address", *PAPERS)
    up = classify(desk.register, DANA, client, "professional", "asked for it", RICH)
    with pytest.raises(DecisionRefusedError, match="another officer"):
        confirm_class(desk.register, DANA, up.decision)
    confirm_class(desk.register, ERIK, up.decision)
    screen(desk.register, DANA)
    decide(desk.register, DANA, client, "checks_open", "begins")
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "checked").decision)
    assert outbox(desk.register, client)[0].commands[0]["client_class"] == "professional"
    confirm_class(desk.register, DANA, classify(desk.register, ERIK, client, "retail", "wants protection").decision)
    (change,) = outbox(desk.register, client)[1].commands
    assert (change["command"], change["client_class"], change["owner_id"]) == ("SetClientStatus", "retail", client)


def test_a_review_that_is_overdue_is_listed_and_stops_an_approval(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    assert find_client(desk.register, client).review_by == "2027-11-30"
    assert reviews_due(desk.register, within_days=364) == []
    assert [row.client for row in reviews_due(desk.register, within_days=365)] == [client]
    desk.later(days=366)
    with pytest.raises(DecisionRefusedError, match="was to be reviewed by 2027-11-30"):
        decide(desk.register, DANA, client, "approved", "late")
