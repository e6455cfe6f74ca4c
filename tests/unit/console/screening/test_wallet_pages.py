"""The pages of a holder: what the form takes, what the cards say, and that nothing asks for a key."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from .building import OWNER, TOKEN, TRADER, KeptServices, client, full_services
from .page_faults import faults

WALLET = f"/wallet/31337/{TRADER}"


def test_form_leads_to_the_wallet_and_a_wrong_one_says_what_was_expected() -> None:
    reader = client(full_services())
    assert reader.get(f"/wallet?chain=31337&address={TRADER}").headers["location"] == f"/screening{WALLET}"
    for query, words in (
        ("chain=31337&address=0x12", "expected 0x and 40 hex digits"),
        (f"chain=1&address={TRADER}", "expected a chain that has a node here"),
    ):
        answer = reader.get(f"/wallet?{query}")
        assert answer.status_code == 422
        assert words in answer.text


def test_dangerous_approval_stands_first_with_its_reason_and_its_way_out() -> None:
    page = client(full_services()).get(WALLET).text
    first = page.partition('<ol class="approvals">')[2].partition("</li>\n<li")[0]
    assert "dangerous" in first
    assert "the spender is listed as phishing activities" in first
    assert f"revoke?kind=allowance&amp;token={TOKEN}&amp;spender={OWNER}" in first
    assert "data-live" in page  # a verdict is under way
    assert "Not everything was looked at" in page


def test_wallet_that_cannot_be_read_says_why() -> None:
    services = KeptServices(wallet_reason="not ready: the node of this chain does not answer as it should")
    answer = client(services).get(WALLET)
    assert answer.status_code == 503
    assert "does not answer as it should" in answer.text


def test_transaction_of_the_form_is_played_and_said_in_words() -> None:
    services = full_services()
    answer = client(services).post(f"{WALLET}/sign", {"to": TOKEN, "data": "0xABcd", "value": "0x10"})
    assert answer.status_code == 200
    assert faults(answer.text) == []
    assert services.signed_with == [(TOKEN, b"\xab\xcd", 16)]
    assert "may then take ALL you have of" in answer.text
    assert "Do not sign" in answer.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"to": ""}, "expected an address"),
        ({"to": "0x12"}, "expected 0x and 40 hex digits"),
        ({"to": TOKEN, "data": "0xabc"}, "expected an even number of hex digits"),
        ({"to": TOKEN, "data": "ab cd"}, "expected an even number of hex digits"),
        ({"to": TOKEN, "data": "ab" * 140_000}, "expected at most 131,072 bytes"),
        ({"to": TOKEN, "value": "-1"}, "expected a whole number"),
        ({"to": TOKEN, "value": "1.5"}, "expected a whole number"),
        ({"to": TOKEN, "value": "1_0"}, "expected a whole number"),
        ({"to": TOKEN, "value": str(2**256)}, "expected a whole number"),
    ],
)
def test_form_that_is_no_transaction_is_shown_again_with_the_reason(fields: dict[str, str], words: str) -> None:
    services = full_services()
    answer = client(services).post(f"{WALLET}/sign", fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert faults(answer.text) == []
    assert services.signed_with == []


def test_revocation_carries_the_request_for_the_wallet_and_the_raw_data() -> None:
    page = client(full_services()).get(f"{WALLET}/revoke?token={TOKEN}&spender={OWNER}").text
    (text,) = re.findall(r'data-request="([^"]*)"', page)
    request = json.loads(unescape(text))
    data = "0x095ea7b3" + OWNER[2:].rjust(64, "0") + "0" * 64  # 095ea7b3: approve(address,uint256)
    assert request == {
        "method": "eth_sendTransaction",
        "params": [{"from": TRADER, "to": TOKEN, "value": "0x0", "data": data, "chainId": "0x7a69"}],
    }
    assert page.count(data) >= 2
    assert "does NOT end the approval" in page  # as played here, five stayed approved


def test_no_page_of_a_holder_has_a_field_for_a_secret() -> None:
    reader = client(full_services())
    for path in ("/wallet", WALLET, f"{WALLET}/sign", f"{WALLET}/revoke?token={TOKEN}&spender={OWNER}"):
        page = reader.get(path).text.lower()
        assert 'type="password"' not in page
        assert "seed" not in page
        assert not re.search(r'name="[^"]*(?:key|phrase|secret)', page)
