"""`tarazy rules` on a record whose every number is counted by hand, on files of facts, and every wrong turn."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tarazy.cli.facility.publishing import published
from tarazy.cli.output import Output
from tarazy.domain.records import AdvanceTime
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.durable_position import PositionReader
from tarazy.journal.identity import load_identity
from tarazy.journal.segment import segment_path
from tarazy.rulebook.catalogue import FOLDER
from tarazy.rulebook.release import release_hash
from tarazy.spec.venue import Venue

from .offices import Office, Run, found_office

ASOF = "2026-06-01"  # the record is of 3 May 2026

FACTS = """[[fact]]
name = "board_seats"
value = 6
on = 2026-01-01
source = "register of directors"
grade = "declared"

[[fact]]
name = "board_independent"
value = 2
on = 2026-01-01
source = "register of directors"
grade = "declared"
"""


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    """Return the outcome of every rule."""
    return {each["rule"]: each["outcome"] for each in found["verdicts"]}


def test_record_is_judged_by_what_is_in_it(tarazy: Run, recorded: Path) -> None:
    """Two accounts with a class, one trade after admission, all BTC cold, one market with its controls."""
    done = tarazy("rules", "check", recorded, "--asof", ASOF, "--json")
    assert done.code == 0, done.err
    found = verdicts(done.json)
    met = "prefunding fair_matching unalterable_record classes own_account cold_share trading_controls trade_errors"
    assert {name: found[f"aifc/{name}"] for name in met.split()} == dict.fromkeys(met.split(), "met")
    for name in ("officers", "capital", "client_money", "reconciliation", "segregation", "approval_of_rules"):
        assert found[f"aifc/{name}"] == "unknown", name
    counts = done.json["counts"]
    assert sum(counts.values()) == len(found)
    assert counts["breached"] == 0
    assert done.json["rulebook_sha256"] == release_hash().hex()


def test_every_answer_names_the_evidence_behind_it(tarazy: Run, recorded: Path) -> None:
    found = tarazy("rules", "check", recorded, "--asof", ASOF, "--json").json["verdicts"]
    by_rule = {each["rule"]: each for each in found}
    shares = by_rule["aifc/cold_share"]
    assert shares["standing"] == "proposal"
    assert [(used["name"], used["grade"]) for used in shares["trace"]] == [
        ("cold_min_ppm", "analog"),
        ("custody_shares", "replayed"),
    ]
    assert shares["trace"][1]["value"] == {"rows": 1, "first": [{"id": "BTC", "cold_ppm": 1_000_000}]}
    assert by_rule["aifc/officers"]["trace"][-1]["grade"] == "missing"


def test_stored_tables_answer_as_the_replay_does(tarazy: Run, recorded: Path, tmp_path: Path) -> None:
    """The counts are DuckDB's there and kept while streaming here; every answer is the same."""
    assert tarazy("rules", "facts", recorded, tmp_path / "tables", "--asof", ASOF).code == 0
    stored = tarazy("rules", "check", tmp_path / "tables", "--asof", ASOF, "--json").json
    replayed = tarazy("rules", "check", recorded, "--asof", ASOF, "--json").json
    assert verdicts(stored) == verdicts(replayed)
    assert (stored["counts"], stored["commands"]) == (replayed["counts"], replayed["commands"])
    (tmp_path / "tables" / "facts.json").write_text('{"format": "tarazy facts 9"}')
    done = tarazy("rules", "check", tmp_path / "tables", "--json")
    assert done.code == 1
    assert "tarazy rules facts" in done.json["error"]


def test_day_before_the_record_gives_no_fact_and_no_met(tarazy: Run, recorded: Path) -> None:
    found = tarazy("rules", "check", recorded, "--asof", "2026-05-02", "--json").json
    assert found["commands"] == 0
    assert found["counts"]["met"] == found["counts"]["breached"] == 0


def test_damaged_record_is_refused_and_not_judged(tarazy: Run, journal: Path) -> None:
    segment = segment_path(journal, 1)
    content = bytearray(segment.read_bytes())
    content[6_000] ^= 1
    segment.write_bytes(content)
    done = tarazy("rules", "check", journal, "--asof", ASOF, "--json")
    assert done.code == 1
    assert set(done.json) == {"error"}
    assert "Traceback" not in done.err


def test_stated_facts_decide_what_no_record_holds(tarazy: Run, recorded: Path, tmp_path: Path) -> None:
    """Two of six directors are a third; one of six is not, and a breach makes the exit code 1."""
    path = tmp_path / "board.toml"
    path.write_text(FACTS)
    done = tarazy("rules", "check", recorded, "--asof", ASOF, "--facts", path, "--json")
    assert (done.code, verdicts(done.json)["aifc/independent_directors"]) == (0, "met")
    path.write_text(FACTS.replace("value = 2", "value = 1"))
    done = tarazy("rules", "check", recorded, "--asof", ASOF, "--facts", path, "--json")
    assert (done.code, verdicts(done.json)["aifc/independent_directors"]) == (1, "breached")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (FACTS.replace("board_seats", "board_chairs"), "a word of the rulebook"),
        (FACTS.replace("value = 6", 'value = "six"'), "a number"),
        (FACTS.replace("value = 6", "value = true"), "a number"),
        (FACTS.replace('grade = "declared"', 'grade = "replayed"'), "a grade of attested, declared"),
        (FACTS.replace('grade = "declared"', 'grade = "attested"'), "document_sha256"),
        (FACTS.replace("on = 2026-01-01", 'on = "soon"'), "on to be date"),
        (FACTS.replace("on = 2026-01-01", "on = 2026-01-01T10:00:00Z"), "on to be date"),
        (FACTS.replace("value = 6", "value = 6.0"), "value to be"),
        (FACTS.replace("value = 6", "value = [1, 2]"), "a number"),
        (FACTS.replace("board_seats", "appointments").replace("value = 6", "value = [1]"), "rows"),
        (FACTS.replace("board_seats", "appointments").replace("value = 6", "value = [{ x = 1 }]"), "the fields"),
        (FACTS.replace("board_seats", "\\u001b[31m"), "a word of the rulebook"),
        (FACTS.replace('source = "register of directors"', ""), "no source"),
        ("fact = 1\n", "tables [[fact]]"),
        ("[[fact\n", "TOML"),
        (
            '[[fact]]\nname = "attestations"\non = 2026-01-01\nsource = "x"\ngrade = "declared"\n'
            'value = [{ rule = "aifc/whistleblowing", owner = "A", reviewer = "A" }]\n',
            "two people as owner and reviewer",
        ),
    ],
)
def test_fact_that_cannot_be_right_is_refused(
    tarazy: Run, recorded: Path, tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(text)
    done = tarazy("rules", "check", recorded, "--asof", ASOF, "--facts", path, "--json")
    assert done.code == 1
    assert says in done.json["error"]


def test_fact_tables_hold_every_row_of_the_record(tarazy: Run, recorded: Path, tmp_path: Path) -> None:
    """By hand: 2 accounts, 2 deposits, 2 orders accepted and 2 refused, 1 trade of 20 lots at 7,800, 1 withdrawal."""
    done = tarazy("rules", "facts", recorded, tmp_path / "facts", "--json")
    assert done.code == 0, done.err
    rows = done.json["rows"]
    assert {name: rows[name] for name in ("accounts", "deposits", "orders", "trades", "withdrawals")} == {
        "accounts": 2,
        "deposits": 2,
        "orders": 4,
        "trades": 1,
        "withdrawals": 1,
    }
    trade = pq.read_table(tmp_path / "facts" / "trades.parquet").to_pylist()[0]
    assert (trade["price_ticks"], trade["quantity_lots"], trade["grade"]) == (7_800, 20, 1)
    orders = pq.read_table(tmp_path / "facts" / "orders.parquet").to_pylist()
    codes = sorted(row["reject_code"] for row in orders)
    assert codes == sorted([0, 0, RejectCode.price_outside_collar, RejectCode.insufficient_balance])
    deposits = pq.read_table(tmp_path / "facts" / "deposits.parquet").to_pylist()
    assert sorted(row["amount_minor_low"] for row in deposits) == [10_000_000, 10_000_000_000]


def test_demonstration_is_counted_as_it_counted_itself(tarazy: Run, tmp_path: Path) -> None:
    demo = tmp_path / "demo"
    told = tarazy("demo", "--simulated", "--commands", 2_000, "--jobs", 1, "--out", demo, "--json").json
    rows = tarazy("rules", "facts", demo, tmp_path / "facts", "--json").json["rows"]
    assert rows["trades"] == told["fills"]
    assert rows["instructions"] == told["instructions"]
    orders = pq.read_table(tmp_path / "facts" / "orders.parquet").to_pylist()
    assert sum(row["reject_code"] == 0 for row in orders) == told["orders"]
    assert any(row["reject_code"] == RejectCode.house_cannot_trade for row in orders)
    found = tarazy("rules", "check", demo, "--asof", "2026-11-30", "--json")
    answers = verdicts(found.json)
    assert answers["aifc/own_account"] == "met"  # the house tried, and was refused
    assert answers["aifc/cold_share"] == "breached"  # two of a hundred BTC went to the hot wallet, and more


def test_regimes_differ_on_the_same_facts(tarazy: Run, recorded: Path, tmp_path: Path) -> None:
    """Six years of records satisfy the centre and the union, and not Hong Kong's seven."""
    path = tmp_path / "facts.toml"
    path.write_text(
        '[[fact]]\nname = "retention"\non = 2026-01-01\nsource = "schedule"\ngrade = "declared"\n'
        'value = [{ id = "orders", years = 6, starts = "order" }]\n'
    )
    done = tarazy("rules", "diff", "aifc", "hk_vatp", "--facility", recorded, "--facts", path, "--asof", ASOF, "--json")
    found = {each["subject"]: each for each in done.json["subjects"]}
    assert found["record_retention"]["outcomes"] == ["met", "breached"]
    assert found["record_retention"]["differs"]
    same = tarazy("rules", "diff", "aifc", "eu_mica", "--facts", path, "--asof", ASOF, "--json").json["subjects"]
    assert {each["subject"]: each["outcomes"] for each in same}["record_retention"] == ["met", "met"]


def test_review_tells_quarters_before_and_after(tarazy: Run, tmp_path: Path) -> None:
    """One third of the board since 2025; a board of one in six changed to two in six in July 2025."""
    path = tmp_path / "board.toml"
    path.write_text(
        FACTS.replace("2026-01-01", "2023-01-01").replace("value = 2", "value = 1")
        + FACTS.partition("\n\n")[2].replace("2026-01-01", "2025-07-01")
    )
    done = tarazy("rules", "review", "independent_directors", "--facts", path, "--asof", "2025-12-31", "--json")
    quarters = {each["day"]: (each["in_force"], each["outcome"]) for each in done.json["quarters"]}
    assert quarters["2024-01-01"] == (False, "breached")
    assert quarters["2025-04-01"] == (True, "breached")
    assert quarters["2025-07-01"] == (True, "met")
    assert done.json["counts"]["before"]["breached"] == 4
    assert done.json["counts"]["after"] == {"met": 2, "breached": 2, "not_applicable": 0, "unknown": 0}


def test_coverage_adds_up_and_list_show_and_lint_agree(tarazy: Run) -> None:
    found = tarazy("rules", "coverage", "--rows", "--json")
    assert found.code == 0
    assert found.json["rows"] == sum(found.json[key] for key in ("coded", "partly", "attested", "not_seen")) == 130
    listed = tarazy("rules", "list", "--json").json["rules"]
    assert {"aifc/notice_of_changes", "aifc/capital"} <= {each["id"] for each in listed}
    assert len(tarazy("rules", "list", "--terms", "--json").json["terms"]) > 100
    shown = tarazy("rules", "show", "prefunding", "--json").json
    assert "insufficient_balance" in shown["refusals"]
    assert shown["citations"][0]["segment"] == "2.13.4(2)"
    assert tarazy("rules", "lint", "--json").json["faults"] == []


def test_unknown_rule_regime_and_day_are_refused(tarazy: Run, recorded: Path) -> None:
    for words in (("show", "no_such_rule"), ("list", "--regime", "mars"), ("diff", "aifc", "mars")):
        done = tarazy("rules", *words, "--json")
        assert done.code == 1
        assert "expected" in done.json["error"]
    assert tarazy("rules", "check", recorded, "--asof", "yesterday").code == 2


def test_skeleton_is_written_once_and_never_over_another(tarazy: Run, tmp_path: Path) -> None:
    (tmp_path / "aifc").mkdir()
    done = tarazy("rules", "new", "aifc", "fee_notice", "--root", tmp_path, "--json")
    assert done.code == 0
    assert sorted(path.name for path in (tmp_path / "aifc" / "fee_notice").iterdir()) == [
        "rule.py",
        "situations.toml",
        "values.toml",
    ]
    for name, says in (("fee_notice", "a new name"), ("../escape", "lower-case words"), ("Fee", "lower-case words")):
        assert says in tarazy("rules", "new", "aifc", name, "--root", tmp_path, "--json").json["error"]
    assert not (FOLDER / "aifc" / "fee_notice").exists()


# ---------------------------------------------------------------- a release on its way into the record
TODAY = datetime.now(UTC).date()
DAYS = {"approved": -20, "last_notice": -1, "effective": 10}
RELEASE = {"approval_id": "AFSA-9", "approved_by": "Aigerim", "second_approved_by": "Bolat", "reference_scale": 2}


def after(days: int) -> date:
    """Return the day so many days from today."""
    return TODAY + timedelta(days=days)


def write_release(folder: Path, **changes: Any) -> None:
    """Write a release in order, with some fields changed; None leaves one out."""
    digest = sha256((folder / "rulebook.json").read_bytes()).hexdigest()
    row = {"sha256": digest, **RELEASE, **{name: after(days) for name, days in DAYS.items()}, **changes}
    lines = [
        f"{key} = {repr(value) if isinstance(value, str) else value}" for key, value in row.items() if value is not None
    ]
    (folder / "release.toml").write_text("\n".join(lines) + "\n")


@pytest.fixture
def office(tarazy: Run, tmp_path: Path) -> Office:
    """Return a facility that two administrators have founded, with an exported rulebook and a release beside it."""
    found = found_office(tarazy, tmp_path)
    assert tarazy("rules", "export", tmp_path / "rulebook.json").code == 0
    write_release(tmp_path)
    return found


def drafted(tarazy: Run, office: Office, today: date | None = None) -> Any:
    """Draft the release's limits."""
    place = (office.facility, office.folder / "limits.json")
    papers = ("--release", office.folder / "release.toml", "--rulebook", office.folder / "rulebook.json")
    when = ("--today", today) if today else ()
    return tarazy("rules", "draft", *place, *papers, "--officer", 1, "--approver", 2, *when, "--json")


def test_release_reaches_the_limit_table_by_two_signatures(tarazy: Run, office: Office) -> None:
    """The cap of USD 1,000 binds from its day on; the day before, the rule that asks for it is breached."""
    done = drafted(tarazy, office)
    assert done.code == 0, done.err
    commands = done.json["draft"]["commands"]
    assert [each["limit_kind"] for each in commands] == ["deposits", "purchases"]
    assert {each["amount_max_minor"] for each in commands} == {100_000}  # USD 1,000 in cents
    assert {each["rulebook_hash"] for each in commands} == {release_hash().hex()}
    for key in office.keys:
        assert tarazy("instruct", "sign", office.folder / "limits.json", "--key", key).code == 0
    done = tarazy("instruct", "submit", office.facility, office.folder / "limits.json", "--json")
    assert done.code == 0, done.err
    scale = office.folder / "scale.toml"
    scale.write_text(
        '[[fact]]\nname = "reference_scale"\nvalue = 2\non = 2026-01-01\nsource = "x"\ngrade = "declared"\n'
    )
    for days, outcome in ((9, "breached"), (10, "met")):
        found = tarazy("rules", "check", office.facility, "--asof", after(days), "--facts", scale, "--json")
        answers = verdicts(found.json)
        assert (answers["aifc/monthly_cap"], answers["aifc/monthly_cap_purchases"]) == (outcome, outcome)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"last_notice": after(1)}, "10 days from the last notice"),
        ({"approved": after(11)}, "an approval before the effect"),
        ({"approved": after(0)}, "a notice after the approval"),
        ({"second_approved_by": "Aigerim"}, "two people"),
        ({"second_approved_by": " "}, "second_approved_by, found none"),
        ({"approval_id": ""}, "approval_id"),
        ({"effective": after(8)}, "10 days from the last notice"),
        ({"reference_scale": 99}, "reference_scale 0 to 18"),
        ({"reference_scale": None}, "no reference_scale"),
        ({"sha256": "ff"}, "found ff"),
        ({"approved": "yesterday"}, "approved to be date"),
    ],
    ids=str,
)
def test_release_out_of_order_is_refused_with_the_reason(
    tarazy: Run, office: Office, changes: dict[str, Any], says: str
) -> None:
    write_release(office.folder, **changes)
    done = drafted(tarazy, office)
    assert done.code == 1
    assert says in done.json["error"], done.json["error"]
    assert not (office.folder / "limits.json").exists()


def test_release_whose_day_has_come_or_whose_notice_is_ahead_is_refused(tarazy: Run, office: Office) -> None:
    assert "an effect after today" in drafted(tarazy, office, after(10)).json["error"]
    assert "a notice that everybody has" in drafted(tarazy, office, after(-2)).json["error"]


def test_changed_rulebook_file_is_refused(tarazy: Run, office: Office) -> None:
    path = office.folder / "rulebook.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": "other"}))
    assert "the rulebook with SHA-256" in drafted(tarazy, office).json["error"]


def test_folder_that_is_no_journal_is_refused(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("rules", "check", shutil.copytree(FOLDER / "hk_vatp", tmp_path / "x"), "--asof", ASOF, "--json")
    assert done.code == 1
    assert set(done.json) == {"error"}


def await_published(directory: Path, seq: int) -> None:
    """Wait until a writer has published that a command is durable, which comes behind the receipt for it."""
    positions = PositionReader(directory, load_identity(directory).facility_id)
    deadline = time.monotonic() + 60
    while positions.read().seq < seq:
        assert time.monotonic() < deadline, f"command {seq} was not published as durable"
        time.sleep(0.01)
    positions.close()


def test_record_of_a_running_writer_is_judged_as_far_as_it_is_durable(tarazy: Run, office: Office) -> None:
    """The writer goes on after a restart; what it acknowledged is in the facts, and reading takes no lock."""
    found = []
    with Sequencer.open(office.facility, Venue) as sequencer, published(sequencer, office.facility, Output(True)):
        for _ in range(2):
            found.append(tarazy("rules", "facts", office.facility, office.folder / str(len(found)), "--json").json)
            sequencer.execute(AdvanceTime(0).pack())
            await_published(office.facility, sequencer.released_seq)
    found.append(tarazy("rules", "facts", office.facility, office.folder / "behind", "--json").json)
    first = found[0]["commands"]
    assert [each["commands"] for each in found] == [first, first + 1, first + 2]


def test_review_counts_the_refusals_that_kept_a_rule(tarazy: Run, recorded: Path) -> None:
    """By hand: one order of the record was refused for want of a balance, in the second quarter of 2026."""
    done = tarazy("rules", "review", "prefunding", "--facility", recorded, "--asof", "2026-07-01", "--json")
    refusals = {each["day"]: each["refusals"] for each in done.json["quarters"]}
    assert refusals.pop("2026-04-01") == 1
    assert not any(refusals.values())
    for words in (("--quarters-before", "0"), ("--quarters-before", "1000")):
        assert tarazy("rules", "review", "prefunding", *words).code == 2


def attested(tarazy: Run, folder: Path, *words: object) -> Any:
    """Attest a rule with a document in a folder."""
    (folder / "policy.pdf").write_bytes(b"a policy")
    fixed = ("--document", folder / "policy.pdf", "--owner", "Dana", "--json")
    return tarazy("rules", "attest", folder / "attested.toml", *words, *fixed)


def test_attestation_decides_a_rule_of_judgement_until_its_last_day(
    tarazy: Run, recorded: Path, tmp_path: Path
) -> None:
    done = attested(tarazy, tmp_path, "whistleblowing", "--on", "2026-05-04", "--expires", "2026-06-01")
    assert done.code == 0, done.err
    assert done.json["attestation"]["document_sha256"] == sha256(b"a policy").hexdigest()
    assert attested(tarazy, tmp_path, "board_balance", "--on", "2026-05-04", "--expires", "2026-05-31").code == 0
    words = ("rules", "check", recorded, "--facts", tmp_path / "attested.toml", "--json", "--asof")
    found = verdicts(tarazy(*words, ASOF).json)
    assert (found["aifc/whistleblowing"], found["aifc/board_balance"]) == ("met", "breached")
    assert found["aifc/general_tests"] == "unknown"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("whistleblowing", "--on", "2026-05-04", "--expires", "2026-05-04"), "an end 1 to 365 days"),
        (("whistleblowing", "--on", "2026-05-04", "--expires", "2027-05-05"), "an end 1 to 365 days"),
        (("whistleblowing", "--on", "2999-05-04", "--expires", "2999-05-05"), "on: expected a day until"),
        (("classes", "--on", "2026-05-04", "--expires", "2026-05-05"), "a rule that a person attests"),
        (("nothing", "--expires", "2026-05-05"), "one rule 'nothing'"),
        (("whistleblowing", "--owner", " ", "--expires", "2026-05-05"), "owner"),
    ],
)
def test_attestation_that_attests_nothing_is_refused_and_the_file_stays(
    tarazy: Run, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "policy.pdf").write_bytes(b"a policy")
    fixed = ("--document", tmp_path / "policy.pdf", *(() if "--owner" in words else ("--owner", "Dana")), "--json")
    done = tarazy("rules", "attest", tmp_path / "attested.toml", *words, *fixed)
    assert done.code == 1
    assert says in done.json["error"]
    assert not (tmp_path / "attested.toml").exists()


def test_attestations_are_not_put_into_a_file_of_other_facts(tarazy: Run, tmp_path: Path) -> None:
    (tmp_path / "attested.toml").write_text(FACTS)
    done = attested(tarazy, tmp_path, "whistleblowing", "--on", "2026-05-04", "--expires", "2026-06-01")
    assert done.code == 1
    assert "a file of their own" in done.json["error"]
    assert (tmp_path / "attested.toml").read_text() == FACTS
    done = tarazy("rules", "check", tmp_path, "--authority", tmp_path, "--json")
    assert (done.code, "--licensee together" in done.json["error"]) == (2, True)


def test_what_the_record_shows_nobody_states(tarazy: Run, recorded: Path, tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(FACTS.replace("board_seats", "house_orders_accepted"))
    done = tarazy("rules", "check", recorded, "--asof", ASOF, "--facts", path, "--json")
    assert done.code == 1
    assert "Nobody states what the record shows" in done.json["error"]
