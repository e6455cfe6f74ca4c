"""Every check says of every token of the corpus what its label says, and so does the verdict.

Unknown is allowed where the label rests on code or state that is not at hand: behind a proxy, and where `not_no` or
`by_state` say so. What mint, leak and limit answer is measured by the bench, with their rates.
"""

from __future__ import annotations

from functools import cache

import pytest

from tarazy.screening.model import Answer, Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen

from ....corpus.loader import CorpusToken, load

MEASURED = frozenset({"mint", "leak", "limit"})
TOKENS = load()


@cache
def report_of(name: str) -> Report:
    """Return the report of a token as its constructor leaves it."""
    token = next(each for each in TOKENS if each.name == name)
    return screen(ScreenRequest(id=name, creation=token.creation))


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.name)
def test_answers_are_the_labels(token: CorpusToken) -> None:
    report = report_of(token.name)
    proxied = report.capabilities["proxy"].answer is Answer.YES
    wrong = []
    for name, label in token.labels.items():
        found = report.capabilities[name].answer
        excused = name in token.by_state or (proxied and found is Answer.UNKNOWN)
        if name not in MEASURED and found != label and not excused:
            wrong.append(f"{name}: expected {label}, found {found}: {report.capabilities[name].reason}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("token", [token for token in TOKENS if token.verdict], ids=lambda token: token.name)
def test_verdict_is_the_label_and_every_word_has_its_finding(token: CorpusToken) -> None:
    verdict = report_of(token.name).verdict
    assert verdict is not None
    weighing = {
        outcome: [f.criterion for f in verdict.findings if f.outcome == outcome and f.severity != "info"]
        for outcome in ("fail", "unknown")
    }
    assert "market" in weighing["fail"], "pools, locks and holders were not given"
    if token.verdict == "clear":  # of the code; code alone is never clear
        assert (verdict.word, weighing) == ("caution", {"fail": ["market"], "unknown": []})
    else:
        assert verdict.word == token.verdict, weighing


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.name)
def test_what_the_code_leaves_open_is_never_denied(token: CorpusToken) -> None:
    report = report_of(token.name)
    denied = [name for name in sorted(token.not_no) if report.capabilities[name].answer is Answer.NO]
    assert not denied


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.name)
def test_yes_comes_with_evidence_and_every_answer_with_a_reason(token: CorpusToken) -> None:
    for name, capability in report_of(token.name).capabilities.items():
        assert capability.reason, name
        assert capability.evidence or capability.answer is not Answer.YES, name
        assert capability.holders or capability.answer is not Answer.YES or name == "known_code", name


@pytest.mark.parametrize(
    ("token", "capability", "bound"),
    [
        ("limit-fee-unbounded/benign", "fee_change", "at most 5 %"),
        ("limit-fee-unbounded/vulnerable", "fee_change", None),
        ("limit-rfi-fee/benign", "fee_change", "at most 10 %"),
        ("fee-personal/benign", "personal_fee", "at most 10 %"),
        ("whitelist-fee-exempt/benign", "fee", "at most 2 %"),
        ("limit-max-amount/benign", "size_cap_change", "never below"),
        ("limit-max-amount/vulnerable", "size_cap_change", None),
        ("limit-cooldown/benign", "cooldown", "at most 300 s"),
        ("limit-cooldown/vulnerable", "cooldown", None),
        ("leak-burn-from-anyone/vulnerable", "burn", "of any holder"),
        ("leak-burn-from-anyone/benign", "burn", "with the holder's allowance"),
        ("leak-burn-pool/benign", "burn", "what the token itself holds"),
        ("limit-pause/benign", "burn", "his own"),
        ("metadata-change/vulnerable", "metadata_change", "name, symbol"),
        ("proxy-clone/vulnerable", "proxy", "the code stays what it is"),
    ],
)
def test_bound_is_told_where_there_is_one(token: str, capability: str, bound: str | None) -> None:
    found = report_of(token).capabilities[capability]
    assert found.answer is Answer.YES
    assert (found.bound or "").startswith(bound or "")
    assert bool(found.bound) is bool(bound)


@pytest.mark.parametrize(
    ("token", "capability", "kind"),
    [
        ("limit-pause/vulnerable", "pause", "owner"),
        ("leak-burn-from-anyone/vulnerable", "balance_change", "anyone"),
        ("leak-hidden-allowance/vulnerable", "approval_abuse", "fixed_address"),
        ("leak-mover-role/vulnerable", "balance_change", "role"),
        ("hidden-owner-second/vulnerable", "hidden_owner", "hidden_owner"),
        ("hidden-owner-hash/vulnerable", "hidden_owner", "fixed_address"),
        ("take-back-lock/vulnerable", "take_back_ownership", "hidden_owner"),
        ("proxy-transparent/vulnerable", "proxy", "proxy_admin"),
        ("proxy-custom-slot/vulnerable", "proxy", "proxy_admin"),
        ("proxy-beacon/vulnerable", "proxy", "contract"),
        ("proxy-uups/vulnerable", "proxy", "unknown"),
        ("proxy-clone/vulnerable", "delegate_call", "nobody"),
        ("mint-delegatecall/vulnerable", "delegate_call", "owner"),
        ("limit-external-guard/vulnerable", "external_call", "owner"),
    ],
)
def test_holder_is_named(token: str, capability: str, kind: str) -> None:
    assert kind in {str(holder.kind) for holder in report_of(token).capabilities[capability].holders}
