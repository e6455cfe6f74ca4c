"""The manifest of disclosures: four eyes, no approval that reaches back, notice of a change, what is missing or stale.

Sources: AIFC DAA 2.10.1(1)(c) to (j) and (f), 2.5.2(e); ten days' notice of changed rules is row R25 of our facts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.records import AdmitAsset, AssetKind
from tarazy.facility.admission.disclosing import least_version, to_acknowledge
from tarazy.facility.admission.gate import KnownAsset
from tarazy.facility.admission.view import AdmissionView
from tarazy.oversight.publications.disclosures import disclosure_findings, every_head, in_force
from tarazy.platform.signed_acts.errors import ActRefusedError

from .bureau import FACILITY_ID, Bureau

TODAY = "2026-11-30"


def test_one_person_does_not_publish_what_it_drafted(bureau: Bureau) -> None:
    number = bureau.paper()
    with pytest.raises(ActRefusedError, match="officer 1, who drafted it"):
        bureau.act("paper.approve", "conflicts", {"paper": number})
    assert in_force(bureau.desk.state.papers, "conflicts", TODAY) is None
    bureau.act("paper.approve", "conflicts", {"paper": number}, officer=2)
    assert in_force(bureau.reopened().desk.state.papers, "conflicts", TODAY)


def test_an_approval_dated_after_its_effect_is_refused(bureau: Bureau) -> None:
    number = bureau.paper(effective="2026-12-01")
    bureau.go_to("2026-12-02")
    with pytest.raises(
        ActRefusedError, match="an approval by 2026-12-01, from which it counts, found one of 2026-12-02"
    ):
        bureau.act("paper.approve", "conflicts", {"paper": number}, officer=2)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"effective": "2026-11-29"}, "2026-11-30 or later"),
        ({"review_by": TODAY}, "a day after its effect"),
        ({"authority_approval": "AFSA-1", "authority_approved_on": "2026-12-01"}, "an approval by 2026-11-30"),
        ({"authority_approval": "AFSA-1"}, "found one of them"),
        ({"text": ""}, "found nothing"),
    ],
)
def test_a_paper_that_cannot_be_is_refused(bureau: Bureau, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ActRefusedError, match=words):
        bureau.paper(**more)


def test_a_head_that_the_manifest_does_not_know_is_refused(bureau: Bureau) -> None:
    with pytest.raises(ActRefusedError, match="one of communication, languages"):
        bureau.paper("weather")


def test_a_change_of_fees_leaves_ten_days_and_a_first_version_needs_none(bureau: Bureau) -> None:
    bureau.published("fees")
    number = bureau.paper("fees", effective="2026-12-09")
    with pytest.raises(ActRefusedError, match="2026-12-10 or later: 10 days' notice"):
        bureau.act("paper.approve", "fees", {"paper": number}, officer=2)
    later = bureau.published("fees", effective="2026-12-10", text="Nothing is charged.")
    papers = bureau.desk.state.papers
    versions = [in_force(papers, "fees", day) for day in ("2026-12-09", "2026-12-10")]
    assert [row and row["version"] for row in versions] == [1, 3]
    assert versions[1] is not None
    assert versions[1]["number"] == later


def test_every_head_is_missing_first_and_found_stale_after_its_review(bureau: Bureau) -> None:
    assert len(disclosure_findings(bureau.desk.state.papers, TODAY)) == len(every_head()) == 14
    for head in every_head():
        bureau.published(head.name)
    assert disclosure_findings(bureau.desk.state.papers, "2027-11-30") == []
    found = disclosure_findings(bureau.desk.state.papers, "2027-12-01")
    assert {(each.code, each.grade) for each in found} == {(f"disclosure.{h.name}", "low") for h in every_head()}
    row = in_force(bureau.desk.state.papers, "fees", TODAY)
    assert row is not None
    bureau.go_to("2027-11-30").act("paper.review", "fees", {"paper": row["number"], "review_by": "2028-06-01"}, 2)
    stale = {each.code for each in disclosure_findings(bureau.desk.state.papers, "2027-12-01")}
    assert "disclosure.conflicts" in stale


def test_a_review_keeps_a_paper_fresh_for_a_year_from_its_effect_at_most(bureau: Bureau) -> None:
    number = bureau.published("fees", review_by="2026-12-15")
    found = {each.code: each.expected for each in disclosure_findings(bureau.desk.state.papers, "2026-12-16")}
    assert found["disclosure.fees"] == "fees, reviewed by 2026-12-15"
    bureau.go_to("2026-12-16")
    with pytest.raises(ActRefusedError, match="by 2027-12-17"):
        bureau.act("paper.review", "fees", {"paper": number, "review_by": "2028-01-01"}, officer=2)
    bureau.act("paper.review", "fees", {"paper": number, "review_by": "2027-06-01"}, officer=2)
    codes = {each.code for each in disclosure_findings(bureau.desk.state.papers, "2027-06-01")}
    assert "disclosure.fees" not in codes


def test_clients_confirm_what_the_manifest_asks_and_again_only_where_a_version_asks_anew(bureau: Bureau) -> None:
    for head in ("conflicts", "risks", "key-facts", "fees"):
        bureau.published(head)
    assert sorted(to_acknowledge(bureau.desk.state.papers, TODAY)) == ["conflicts", "key-facts", "risks"]
    bureau.published("risks", text="A correction of spelling.")
    assert least_version(bureau.desk.state.papers, "risks", TODAY) == 1
    bureau.published("risks", text="Another risk.", anew=True)
    assert least_version(bureau.desk.state.papers, "risks", TODAY) == 3


def test_a_served_facility_sees_what_another_process_published_and_who_has_confirmed(bureau: Bureau) -> None:
    bureau.at = _now()
    today = bureau.desk.today
    review = {"effective": today, "review_by": f"{int(today[:4]) + 1}{today[4:8]}01"}
    bureau.published(**review)
    view = AdmissionView(bureau.facility, FACILITY_ID)
    try:
        assert list(view.to_confirm(7)) == ["conflicts"]
        view.acknowledgements.confirm(7, view.to_confirm(7), "aigul")
        assert view.to_confirm(7) == {}
        assert list(view.to_confirm(8)) == ["conflicts"]
        bureau.published("risks", **review)
        assert list(view.to_confirm(7)) == ["risks"]
        bureau.published("conflicts", **review, anew=True)
        assert sorted(view.to_confirm(7)) == ["conflicts", "risks"]
        (first,) = view.acknowledgements.of(7)
        assert (first.head, first.version, first.person) == ("conflicts", 1, "aigul")
    finally:
        view.close()
    again = AdmissionView(bureau.facility, FACILITY_ID)
    assert sorted(again.to_confirm(7)) == ["conflicts", "risks"]
    again.close()


def _now() -> float:
    import time

    return time.time()


def test_a_desk_that_is_made_while_the_facility_is_served_counts_from_then_on(tmp_path: Path) -> None:
    view = AdmissionView(tmp_path / "venue", FACILITY_ID)
    try:
        view.check([AdmitAsset(asset_id=1)], {1: KnownAsset(AssetKind.digital, "BTC")})  # no desk, no gate
        assert (view.has_desk, view.to_confirm(7)) == (False, {})
        bureau = Bureau(tmp_path)
        bureau.at = _now()
        today = bureau.desk.today
        bureau.published(effective=today, review_by=f"{int(today[:4]) + 1}{today[4:8]}01")
        assert (view.has_desk, list(view.to_confirm(7))) == (True, ["conflicts"])
        view.acknowledgements.confirm(7, view.to_confirm(7), "aigul")
        assert view.to_confirm(7) == {}
        with pytest.raises(ActRefusedError):
            view.check([AdmitAsset(asset_id=1)], {1: KnownAsset(AssetKind.digital, "BTC")})
        bureau.desk.record.path.unlink()
        with pytest.raises(FileNotFoundError):
            view.to_confirm(8)  # a desk that is gone is no freedom
    finally:
        view.close()
