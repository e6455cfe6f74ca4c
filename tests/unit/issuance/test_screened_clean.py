"""Our own screening finds no power in any template: the questions of the market alone stay open."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.chains.evm.own_contracts import contract
from tarazy.issuance.templates import TEMPLATES, prepare
from tarazy.screening.model import Answer
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen

from .stage import ANN, EVE

# What a template does say yes to, and is meant to: its bound is in the code.
MEANT = {"fixed": set(), "burnable": {"burn"}, "fee": {"fee"}, "votes": set()}
# Our templates are known code; what stays open for want of a chain weighs nothing under the house criteria.
APART = {"known_code", "impersonation"}


def values(template: str) -> dict[str, Any]:
    given = {"name": "Plain", "symbol": "PLN", "decimals": 18, "supply": 10**24, "holder": ANN}
    return given | ({"fee_ppm": 20_000, "fee_receiver": EVE} if template == "fee" else {})


@pytest.mark.parametrize("template", TEMPLATES)
def test_template_as_deployed_leaves_open_only_what_no_code_answers(template: str) -> None:
    report = screen(ScreenRequest(id=template, creation=prepare(template, values(template))))
    answers = {name: found for name, found in report.capabilities.items() if name not in APART}
    assert {name for name, found in answers.items() if found.answer is Answer.YES} == MEANT[template]
    unknown = {name: found.reason for name, found in answers.items() if found.answer is Answer.UNKNOWN}
    assert not unknown
    assert report.verdict is not None
    weighing = [found.criterion for found in report.verdict.findings if found.outcome in ("fail", "unknown")]
    assert (report.verdict.word, weighing) == ("caution", ["market"]), "pools, locks and holders were not given"
    assert report.capabilities["known_code"].answer is Answer.YES


@pytest.mark.parametrize("template", TEMPLATES)
def test_template_as_bytes_alone_shows_no_power(template: str) -> None:
    runtime = contract(TEMPLATES[template].contract).runtime
    report = screen(ScreenRequest(id=template, runtime=runtime))
    powers = {name for name, found in report.capabilities.items() if found.answer is Answer.YES and name not in APART}
    assert powers <= MEANT[template]
    assert report.verdict is not None
    assert report.verdict.word != "malicious"


def test_fee_of_a_template_is_measured_as_it_was_chosen() -> None:
    report = screen(ScreenRequest(id="fee", creation=prepare("fee", values("fee"))))
    assert report.simulation is not None
    taxes = {trade.tax_ppm for trade in report.simulation.trades if trade.succeeded}
    assert taxes == {20_000}
