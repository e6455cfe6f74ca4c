"""Every page is shown with everything and with nothing to show, has its JSON twin, and obeys its own policy."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tarazy.console.screening.services import BatchRow, JobView, ScreeningBatch
from tarazy.screening.model import Simulation, Verdict

from .building import (
    OWNER,
    TOKEN,
    TRADER,
    KeptServices,
    alert,
    bare_report,
    client,
    full_services,
    rich_report,
    runtime,
    stages,
)
from .page_faults import faults

PATHS = (
    "/",
    f"/?chain=31337&address={TOKEN}",
    "/job/j1",
    "/report/r-rich",
    "/report/r-bare",
    "/report/r-rich/code",
    "/report/r-rich/code?page=2",
    "/batch",
    "/batch/b1",
    "/batch/b1?q=token+7&verdict=clear&power=mint&state=done&sort=seconds&order=down&page=3",
    f"/token/31337/{TOKEN}",
    "/wallet",
    f"/wallet/31337/{TRADER}",
    f"/wallet/31337/{TRADER}/sign",
    f"/wallet/31337/{TRADER}/revoke?token={TOKEN}&spender={OWNER}",
    "/watch",
    "/safe-token",
    "/safe-token?template=fixed",
    "/checks",
    "/checks/mint",
    "/criteria",
    "/usage",
    "/usage?since=2026-11-30",
)


def twin(path: str) -> str:
    """Return the address of a page's twin."""
    place, _, query = path.partition("?")
    return ("/index.json" if place == "/" else f"{place}.json") + (f"?{query}" if query else "")


@pytest.mark.parametrize("path", PATHS)
def test_page_is_sound_html_under_its_own_policy(path: str) -> None:
    answer = client(full_services()).get(path)
    assert answer.status_code == 200
    assert faults(answer.text) == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_page_has_a_twin_by_ending_and_by_what_the_reader_accepts(path: str) -> None:
    reader = client(full_services())
    by_ending, by_accept = reader.get(twin(path)), reader.get(path, headers={"accept": "application/json"})
    assert by_ending.headers["content-type"] == "application/json"
    assert by_ending.json() == by_accept.json()
    assert twin(path).replace("&", "&amp;") in reader.get(path).text


@pytest.mark.parametrize(
    "path", ["/", "/batch", "/wallet", f"/wallet/1/{TRADER}", "/watch", "/safe-token", "/checks", "/criteria", "/usage"]
)
def test_page_with_nothing_to_show_says_so(path: str) -> None:
    answer = client(KeptServices(known_chains=())).get(path)
    assert answer.status_code == 200
    assert faults(answer.text) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/report/none", 404),
        ("/report/none/code", 404),
        ("/report/none/dossier", 404),
        ("/report/r-bare/dossier", 404),
        ("/report/r-bare/signed", 404),
        ("/report/r-bare/code", 404),
        ("/job/none", 404),
        ("/batch/none", 404),
        ("/batch/none/lines", 404),
        ("/token/31337/0x12", 404),
        ("/token/abc/" + TOKEN, 404),
        ("/token/" + "9" * 40 + "/" + TOKEN, 404),
        ("/token/31337/" + OWNER, 404),
        ("/wallet/31337/0x12", 404),
        (f"/wallet/31337/{TRADER}/revoke", 404),
        (f"/wallet/31337/{TRADER}/revoke?token={TOKEN}&spender={OWNER}&kind=piece", 404),
        (f"/wallet/31337/{TRADER}/revoke?token={TOKEN}&spender={OWNER}&kind=all", 404),
        (f"/wallet/31337/{TRADER}/revoke?token={TOKEN}&spender={OWNER}&through={OWNER}", 404),
        ("/checks/none", 404),
        ("/static/none.css", 404),
        ("/static/../router.py", 404),
        ("/static/%2e%2e/router.py", 404),
        ("/nowhere", 404),
        ("/report/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404),
    ],
)
def test_what_is_not_there_gets_a_page_that_says_so(path: str, status: int) -> None:
    answer = client(full_services()).get(path)
    assert answer.status_code == status
    assert faults(answer.text) == []
    assert "<script>alert" not in answer.text


def test_report_twin_is_the_report_itself() -> None:
    assert client(full_services()).get("/report/r-rich.json").json() == rich_report().to_json()


def test_report_says_engine_state_block_and_date() -> None:
    page = client(full_services()).get("/report/r-rich").text
    for words in ("revm 0.3.7", "Forked state", "19,000,123", "2026-11-22 10:00:00 UTC", "house", "2026-01-01"):
        assert words in page


def test_report_on_synthetic_state_says_that_a_refusal_is_unknown() -> None:
    report = dataclasses.replace(rich_report(), simulation=Simulation("revm 0.3.7", "synthetic"))
    page = client(KeptServices().keep(report)).get("/report/r-rich").text
    assert "A refusal here means unknown" in page


def test_report_without_simulation_claims_nothing_about_trading() -> None:
    page = client(KeptServices().keep(bare_report())).get("/report/r-bare").text
    assert "No trade was simulated" in page
    assert "Nothing follows from that" in page


def test_exploration_that_was_cut_off_is_not_called_harmless() -> None:
    simulation = Simulation("revm 0.3.7", "deployed", complete=False, explored_calls=9)
    page = client(KeptServices().keep(rich_report(simulation=simulation))).get("/report/r-rich").text
    assert "not complete" in page
    assert "none harmed a holder" not in page


def test_answers_are_words_beside_their_marks() -> None:
    page = client(full_services()).get("/report/r-rich").text
    for word in ("yes", "unknown"):
        assert f"<span>{word}</span>" in page
    assert "Cannot happen:" in page


def test_evidence_shows_the_lines_of_code_lit() -> None:
    page = client(full_services()).get("/report/r-rich").text
    assert page.count('class="line lit"') == 3
    assert "▸" in page


def test_code_that_is_not_kept_is_said_and_no_line_is_lit() -> None:
    page = client(KeptServices().keep(rich_report())).get("/report/r-rich").text
    assert "which is not kept here" in page
    assert "line lit" not in page


def test_proxy_lights_no_line_of_the_proxys_own_code() -> None:
    report = rich_report(proxy_implementation="0x" + "cd" * 20)
    page = client(KeptServices().keep(report, runtime())).get("/report/r-rich").text
    assert "line lit" not in page
    assert "of the implementation" in page


def test_code_page_opens_where_evidence_stands() -> None:
    reader = client(full_services())
    jumps = {offset for piece in rich_report().capabilities.values() for e in piece.evidence if (offset := e.offset)}
    for offset in jumps:
        page = reader.get(f"/report/r-rich/code?at={offset}").text
        assert f'<span class="line lit" id="at-{offset}">' in page
    for query in ("page=0", "page=999999", "page=x", "at=99999999", "at=-1", "at=x"):
        assert reader.get(f"/report/r-rich/code?{query}").status_code == 200


def test_entry_points_say_who_may_call_and_what_they_write() -> None:
    page = client(full_services()).get("/report/r-rich").text
    assert "transfer(address,uint256)" in page.partition('id="entry-points"')[2]
    assert "Balances" in page.partition('id="storage"')[2]


def test_job_that_is_done_leads_to_its_report_and_its_twin_stays() -> None:
    services = full_services()
    services.jobs["j2"] = JobView("j2", "x", "done", stages(9), 1.0, "r-rich")
    reader = client(services)
    assert reader.get("/job/j2").headers["location"] == "/screening/report/r-rich"
    assert reader.get("/job/j2.json").json()["report_id"] == "r-rich"


def test_job_that_failed_says_why() -> None:
    services = full_services()
    services.jobs["j2"] = JobView("j2", "x", "failed", stages(1), 1.0, None, "the node does not answer")
    page = client(services).get("/job/j2").text
    assert "the node does not answer" in page
    assert "data-live" not in page


def test_downloads_are_files() -> None:
    reader = client(full_services())
    for kind in ("dossier", "signed"):
        answer = reader.get(f"/report/r-rich/{kind}")
        assert answer.headers["content-disposition"] == f'attachment; filename="{kind}-r-rich.json"'
        assert answer.json() == {kind: "r-rich"}


def test_report_that_is_only_looked_at_is_not_given_out() -> None:
    services = full_services()
    reader = client(services)
    for path in ("/report/r-rich", "/report/r-rich.json", "/report/r-rich/code"):
        assert reader.get(path).status_code == 200
    assert services.given == []
    assert reader.get("/report/r-rich/signed").status_code == 200
    assert services.given == ["r-rich"]


def test_batch_lines_hold_a_report_or_a_reason_each() -> None:
    services = full_services()
    rows = [BatchRow(1, "a", "done", "caution", report_id="r-rich"), BatchRow(2, "b\n", "refused", reason="no address")]
    services.batches["b2"] = ScreeningBatch("b2", "2026-11-22T10:00:00+00:00", rows)
    lines = client(services).get("/batch/b2/lines").text.splitlines()
    found = [json.loads(line) for line in lines]
    assert [each["state"] for each in found] == ["done", "refused"]
    assert found[0]["report"]["id"] == "r-rich"
    assert found[1]["report"] is None


def test_token_page_shows_history_with_what_changed() -> None:
    services = full_services()
    page = client(services).get(f"/token/31337/{TOKEN}").text
    assert "can now happen: Blacklist" in page
    assert page.count("/report/r-") >= 2


def test_token_page_leads_to_the_address_in_lower_case() -> None:
    answer = client(full_services()).get(f"/token/31337/0x{TOKEN[2:].upper()}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/screening/token/31337/{TOKEN}"


def test_token_that_was_never_screened_is_unknown_and_not_safe() -> None:
    page = client(full_services()).get(f"/token/31337/{OWNER}").text
    assert "unknown is never safe" in page


def test_alert_shows_before_and_after_and_its_draft_as_a_draft() -> None:
    page = client(full_services()).get("/watch").text
    assert "Draft, not sent" in page
    assert "Nothing was suspended" in page
    assert "SuspendAsset" in page
    assert page.index("Before") < page.index("After")


def test_watch_that_does_not_run_says_why() -> None:
    assert "no node is connected" in client(KeptServices()).get("/watch").text


def test_report_judged_malicious_is_told_by_word_and_shape() -> None:
    report = rich_report(verdict=Verdict("malicious", "house", "2026-01-01"))
    page = client(KeptServices().keep(report)).get("/report/r-rich").text
    assert "<span>Malicious</span>" in page
    assert "verdict-malicious" in page


def test_static_files_are_kept_and_change_their_address_with_their_content() -> None:
    reader = client(KeptServices())
    page = reader.get("/").text
    address = page.partition('rel="stylesheet" href="/screening')[2].partition('"')[0]
    answer = reader.get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert "?v=" in address


def test_style_sheet_and_script_load_nothing_from_elsewhere() -> None:
    reader = client(KeptServices())
    for name in ("console.css", "console.js"):
        text = reader.get(f"/static/{name}").text
        assert "http:" not in text
        assert "https:" not in text
        assert "@import" not in text


def test_theme_of_the_reader_is_taken_and_nothing_else_as_a_theme() -> None:
    reader = client(KeptServices())
    reader.cookies.set("tarazy_theme", "dark")
    assert 'data-theme="dark"' in reader.get("/").text
    other = client(KeptServices())
    other.cookies.set("tarazy_theme", "x onload")
    assert "data-theme" not in other.get("/").text


def test_page_with_a_defect_says_so_and_shows_no_traceback() -> None:
    services = full_services()
    services.reports["r-broken"] = {"id": "r-broken"}
    answer = client(services).get("/report/r-broken")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "KeyError" not in answer.text


def test_record_that_is_no_alert_is_told_and_not_counted_as_one() -> None:
    services = full_services()
    blind = alert(3, record="notice", title="The node does not answer", before=None, after=None, draft=None)
    back = alert(4, record="retraction", title="Taken back: fee", retracts="a1", before=None, after=None, draft=None)
    services.watching = dataclasses.replace(services.watching, alerts=(back, blind))
    page = client(services).get("/watch").text
    assert "No change for the worse so far" in page
    assert "The node does not answer" in page
    assert "Taken back: fee" in page
    assert faults(page) == []
