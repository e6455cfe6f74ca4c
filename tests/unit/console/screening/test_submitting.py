"""Forms change something only when they come from our own pages and hold what can be screened."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.console.screening.services import Input, RefusedLine
from tarazy.screening.watch.watches import Watch

from .building import OWNER, TOKEN, KeptServices, Reader, client, full_services, runtime
from .page_faults import faults

FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/", {"kind": "runtime", "code": "0x6000"}),
    ("/batch", {"list": TOKEN, "chain": "31337"}),
    ("/watch", {"address": TOKEN, "chain": "31337"}),
    ("/watch/leave", {"address": TOKEN, "chain": "31337"}),
    ("/safe-token", {"template": "fixed", "chain": "31337", "name": "A", "supply": "1", "receiver": OWNER}),
    (
        "/safe-token/lock",
        {"chain": "31337", "token": TOKEN, "amount": "1", "owner": OWNER, "days": "9"},
    ),
)


def state(services: KeptServices) -> tuple[Any, ...]:
    """Return everything that a form could change."""
    batches = {key: len(batch.rows) for key, batch in services.batches.items()}
    locked = list(services.locked)
    return list(services.submitted), batches, services.watching, list(services.left), services.safe, locked


@pytest.mark.parametrize(("path", "fields"), FORMS)
def test_form_without_its_token_is_refused_and_changes_nothing(path: str, fields: dict[str, str]) -> None:
    services = full_services()
    reader = client(services)
    before = state(services)
    reader.get("/")
    for answer in (
        reader.send("POST", path, data=fields),
        reader.send("POST", path, data={**fields, "form_token": "0" * 64}),
        reader.post(path, fields, headers={"sec-fetch-site": "cross-site"}),
        reader.post(path, fields, headers={"origin": "https://evil.example"}),
        reader.send("POST", path, content=b"{}", headers={"content-type": "application/json"}),
    ):
        assert answer.status_code in (403, 415)
        assert faults(answer.text) == []
    assert state(services) == before


@pytest.mark.parametrize(("path", "fields"), FORMS)
def test_form_from_our_own_page_is_taken(path: str, fields: dict[str, str]) -> None:
    services = full_services()
    before = state(services)
    answer = client(services).post(path, fields)
    assert answer.status_code == 303
    assert state(services) != before


def test_cookie_of_forms_cannot_be_read_by_scripts_or_sent_from_other_sites() -> None:
    cookie = client(KeptServices()).get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def submit(fields: dict[str, str], **more: Any) -> tuple[Reader, KeptServices, Any]:
    """Send the first page's form."""
    services = full_services()
    reader = client(services)
    return reader, services, reader.post("/", fields, **more)


def test_address_is_screened_on_its_chain() -> None:
    _, services, answer = submit({"kind": "address", "address": TOKEN, "chain": "31337"})
    assert answer.headers["location"] == "/screening/job/j1"
    assert services.submitted == [Input("address", TOKEN, 31337, TOKEN)]


def test_pasted_and_sent_code_are_screened_as_their_kind() -> None:
    _, services, _ = submit({"kind": "creation", "code": "0x" + runtime().hex()})
    assert services.submitted[0].kind == "creation"
    assert services.submitted[0].code == runtime()
    _, services, _ = submit({"kind": "runtime", "code": ""}, files={"file": ("<b>.bin", runtime())})
    assert services.submitted[0].label == "<b>.bin"
    assert services.submitted[0].code == runtime()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "address", "address": "", "chain": "31337"}, "found nothing"),
        ({"kind": "address", "address": "0x12", "chain": "31337"}, "found 2 hex digits"),
        ({"kind": "address", "address": TOKEN, "chain": "1"}, "found Ethereum: paste its bytecode instead"),
        ({"kind": "address", "address": TOKEN, "chain": "77"}, "found &#39;77&#39;"),
        ({"kind": "runtime", "code": ""}, "found nothing"),
        ({"kind": "runtime", "code": "0xg"}, "found &#39;g&#39;"),
        ({"kind": "source", "code": "x"}, "expected one of address, runtime, creation"),
        ({"kind": "address", "address": "<script>alert(1)</script>", "chain": "31337"}, "&lt;script&gt;"),
    ],
)
def test_what_cannot_be_screened_gets_a_message_at_its_field(fields: dict[str, str], words: str) -> None:
    _, services, answer = submit(fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'role="alert"' in answer.text
    assert faults(answer.text) == []
    assert "<script>alert" not in answer.text
    assert services.submitted == []


def test_message_of_a_bad_form_is_in_the_twin_too() -> None:
    services = full_services()
    answer = client(services).post("/", {"kind": "runtime"}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert "found nothing" in answer.json()["wrong"]["code"]


def test_batch_takes_lines_and_files_and_leaves_doubles_out() -> None:
    services = full_services()
    fields = {"list": f"{TOKEN}\n{TOKEN}\n31337,{OWNER}\nnonsense", "chain": "31337", "kind": "runtime"}
    files = [("files", ("a.hex", b"0x6000")), ("files", ("more.csv", f"{OWNER}\n".encode()))]
    answer = client(services).post("/batch", fields, files=files)
    assert answer.headers["location"] == "/screening/batch/b1"
    rows = services.batches["b1"].rows
    assert [row.label for row in rows] == [TOKEN, OWNER, "nonsense", "a.hex", OWNER]
    assert [row.state for row in rows] == ["waiting", "waiting", "refused", "waiting", "waiting"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected at least one"),
        ("a\nb", "none of 2 lines can be screened"),
        ("\n".join(f"0x{n:040x}" for n in range(10_001)), "found 10,001: split them"),
    ],
)
def test_batch_that_cannot_begin_says_why(text: str, words: str) -> None:
    services = full_services()
    answer = client(services).post("/batch", {"list": text, "chain": "31337"})
    assert answer.status_code == 422
    assert words in answer.text


def test_batch_of_ten_thousand_addresses_is_taken() -> None:
    services = full_services()
    text = "\n".join(f"0x{n:040x}" for n in range(10_000))
    assert client(services).post("/batch", {"list": text, "chain": "31337"}).status_code == 303
    assert len(services.batches["b1"].rows) == 10_000
    assert not any(isinstance(row, RefusedLine) for row in services.batches["b1"].rows)


def test_token_to_follow_must_be_an_address_on_a_chain_with_a_node() -> None:
    services = full_services()
    before = state(services)
    for fields in ({"address": "x", "chain": "31337"}, {"address": TOKEN, "chain": "1"}, {}):
        for path in ("/watch", "/watch/leave"):
            if path == "/watch" or fields.get("chain") != "1":
                answer = client(services).post(path, fields)
                assert answer.status_code == 422
                assert "expected" in answer.text
    assert state(services) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Name: expected a value"),
        ({"name": "x" * 41}, "Name: expected at most 40 characters, found 41"),
        ({"supply": "-1"}, "Supply: expected a whole number"),
        ({"supply": "1e18"}, "Supply: expected a whole number"),
        ({"supply": "9" * 79}, "Supply: expected a whole number"),
        ({"receiver": "me"}, "First holder: expected 0x and 40 hex digits"),
        ({"template": "other"}, "expected one of fixed"),
        ({"chain": "1"}, "expected a chain for development (31337 (Development))"),
        ({"name": "taken"}, "expected a name that is free"),
    ],
)
def test_token_with_a_bad_value_is_not_created(change: dict[str, str], words: str) -> None:
    services = full_services()
    before = state(services)
    answer = client(services).post("/safe-token", {**FORMS[4][1], **change})
    assert answer.status_code == 422
    assert words in answer.text.replace("&#39;", "'")
    assert faults(answer.text) == []
    assert state(services) == before


@pytest.mark.parametrize("change", [{"amount": ""}, {"days": "x"}, {"owner": ""}, {"token": "0x1"}, {"chain": ""}])
def test_lock_with_a_bad_value_is_not_made(change: dict[str, str]) -> None:
    services = full_services()
    answer = client(services).post("/safe-token/lock", {**FORMS[5][1], **change})
    assert answer.status_code == 422
    assert services.locked == []


def test_number_at_the_venue_goes_with_the_token_to_follow() -> None:
    services = full_services()
    services.watching = Watch()
    assert client(services).post("/watch", {"address": TOKEN, "chain": "31337", "asset_id": "7"}).status_code == 303
    assert services.numbers == [7]
    for wrong in ("0", "-1", "x", "4294967296", "9" * 40):
        answer = client(services).post("/watch", {"address": TOKEN, "chain": "31337", "asset_id": wrong})
        assert answer.status_code == 422
        assert "expected a number from 1 to" in answer.text
