"""Consultations: the deadline holds, every comment ends with an answer, every change has a reason."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.authority.consultation.consultation import feedback, receipt
from tarazy.authority.desk import DESK
from tarazy.platform.signed_acts.errors import ActRefusedError

from ..office import APPLICATION, Office

PAPER = {
    "number": "AFSA-P-CE-2026-0009",
    "title_en": "Daily reconciliation",
    "title_ru": "Ежедневная сверка",
    "title_kk": "Күнделікті салыстыру",
    "background": "After commingling elsewhere, the period is asked for.",
    "deadline": "2026-12-31",
    "rules": [{"id": "R73", "in_force": "Monthly.", "draft": "Every working day."}],
}
COMMENT = {"rule": "R73", "stance": "change", "text": "Chains know no weekend.", "publish": True, "name": "A firm"}


def published(office: Office) -> Office:
    """Publish the paper."""
    office.two("consultation.publish", "daily", PAPER)
    return office


def comment(office: Office, **more: Any) -> int:
    """Send a comment as the public does; return its number."""
    return office.act("comment.receive", "daily", COMMENT | more, officer=DESK).unsigned.number


def conclude(office: Office, final: str, own_reason: str = "") -> None:
    """Conclude the paper."""
    finals = [{"id": "R73", "final": final, "own_reason": own_reason}]
    office.two("consultation.conclude", "daily", {"finals": finals, "commencement": "2027-07-01"})


def answer(office: Office, number: int, outcome: str) -> None:
    """Answer a comment."""
    office.act("comment.answer", "daily", {"comment": number, "outcome": outcome, "reason": "weighed"})


def test_a_comment_on_the_last_day_is_taken_and_a_day_later_not(office: Office) -> None:
    published(office).go_to("2026-12-31")
    comment(office)
    office.go_to("2027-01-01")
    with pytest.raises(ActRefusedError, match="a comment by 2026-12-31, found 2027-01-01"):
        comment(office)


def test_the_public_may_comment_and_nothing_else(office: Office) -> None:
    published(office)
    with pytest.raises(ActRefusedError, match="found officer 0"):
        office.act("application.receive", "caspian", APPLICATION, officer=DESK)
    with pytest.raises(ActRefusedError, match="a rule of the paper"):
        comment(office, rule="R1")


def test_a_receipt_is_the_hash_of_what_was_sent(office: Office) -> None:
    comment(published(office))
    (row,) = office.desk.state.consultations["daily"].facts["comments"]
    assert row["sha256"] == receipt(COMMENT)


def test_nothing_is_concluded_before_the_deadline_or_without_an_answer_to_each(office: Office) -> None:
    first, second = comment(published(office)), comment(office, stance="support")
    with pytest.raises(ActRefusedError, match="a day after 2026-12-31"):
        conclude(office, "Every day.")
    office.go_to("2027-01-01")
    answer(office, first, "taken")
    with pytest.raises(ActRefusedError, match=f"1 without, the first is {second}"):
        conclude(office, "Every day.")
    answer(office, second, "not taken")
    conclude(office, "Every day.")
    case = office.desk.state.consultations["daily"]
    assert case.state == "concluded"
    (rule,) = feedback(case)
    assert (rule["is_changed"], rule["counts"]) == (True, {"taken": 1, "partly": 0, "not taken": 1})


def test_a_change_without_a_comment_taken_needs_the_authority_s_own_reason(office: Office) -> None:
    number = comment(published(office))
    office.go_to("2027-01-01")
    answer(office, number, "not taken")
    with pytest.raises(ActRefusedError, match="a reason for the change"):
        conclude(office, "Every day.")
    conclude(office, "Every day.", "weekends count as well")


def test_a_paper_without_comments_is_concluded_as_it_was(office: Office) -> None:
    published(office).go_to("2027-01-01")
    conclude(office, "Every working day.")
    assert not feedback(office.desk.state.consultations["daily"])[0]["is_changed"]


def test_who_asked_not_to_be_published_is_not(office: Office) -> None:
    comment(published(office), publish=False, evidence="a contract")
    shown = str(feedback(office.desk.state.consultations["daily"]))
    assert "A firm" not in shown
    assert "weekend" not in shown
    assert "a contract" not in shown


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"deadline": "2026-11-30"}, "a day after 2026-11-30"),
        ({"number": "paper 9"}, "number: expected AFSA-P-CE"),
        ({"rules": [*PAPER["rules"], *PAPER["rules"]]}, "two alike"),  # type: ignore[misc]
        ({"rules": [{"id": "R73", "draft": "x"}]}, "a list of tables with id, in_force, draft"),
    ],
)
def test_a_paper_that_cannot_be_is_refused(office: Office, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ActRefusedError, match=words):
        office.act("consultation.publish", "daily", PAPER | more)
