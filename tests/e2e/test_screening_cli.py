"""`tarazy screening`: the service from the command line, with API and pages composed, and the keys of its callers."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import Done

Run = Callable[..., Done]
CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "tokens"
TRAP = "0x" + "a1" * 20
TWIN = "0x" + "b2" * 20
START_S_MAX = 60.0
WAIT_S_MAX = 60.0


def runtime(name: str) -> str:
    """Return the runtime code of a token of the corpus as hex."""
    code: str = json.loads((CORPUS / f"{name}.json").read_text())["contracts"]["Token"]["runtime"]
    return code


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Start the service over a folder of two tokens, and stop it by its signal."""
    folder = tmp_path_factory.mktemp("service")
    codes = folder / "codes"
    codes.mkdir()
    (codes / f"{TRAP}.hex").write_text(runtime("mint-lying-name/vulnerable"))
    (codes / f"{TWIN}.hex").write_text(runtime("mint-lying-name/benign"))
    words = ["--port", "0", "--data", str(folder / "data"), "--codes", f"1={codes}", "--json"]
    command = [sys.executable, "-m", "tarazy.cli.main", "screening", "serve", *words]
    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with httpx.Client(base_url=url, timeout=30) as client:
            yield client
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0, (folder / "log").read_text()


def until(ask: Callable[[], Any]) -> Any:
    """Ask until there is an answer."""
    ends = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < ends:
        if (found := ask()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"no answer in {WAIT_S_MAX} s")


def send_form(server: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Fill in a page's form and send it, as a browser does."""
    token = re.search(r'name="form_token" value="(\w+)"', server.get(path).text)
    assert token is not None
    return server.post(path, data={"form_token": token.group(1), **fields}, headers={"origin": str(server.base_url)})


def test_goplus_path_at_the_root_tells_trap_from_twin(server: httpx.Client) -> None:
    def ask() -> dict[str, Any] | None:
        asked = server.get("/api/v1/token_security/1", params={"contract_addresses": f"{TRAP},{TWIN}"}).json()
        return asked["result"] if asked["code"] == 1 else None

    found = until(ask)
    assert found[TRAP]["is_mintable"] == "1"
    assert found[TWIN]["is_mintable"] == "0"


def test_native_api_and_its_description_are_there(server: httpx.Client) -> None:
    described = server.get("/v1/screening/openapi.json").json()
    assert "/v1/screening/reports/{report_id}" in described["paths"]
    assert server.get("/v1/screening/health").json()["chains"] == [1]


def test_code_that_is_pasted_into_the_page_becomes_a_report(server: httpx.Client) -> None:
    sent = send_form(server, "/screening/", code=runtime("mint-lying-name/vulnerable"), kind="runtime", given="")
    assert sent.status_code == 303, sent.text[:2000]
    job = sent.headers["location"]

    def ask() -> str | None:
        return found["report_id"] if (found := server.get(f"{job}.json").json())["state"] == "done" else None

    report = server.get(f"/screening/report/{until(ask)}.json").json()
    assert report["capabilities"]["mint"]["answer"] == "yes"
    page = server.get(f"/screening/report/{report['id']}")
    assert page.status_code == 200
    assert "New tokens can be made" in page.text or "mint" in page.text.lower()
    assert "JUMPDEST" in server.get(f"/screening/report/{report['id']}/code").text


def test_batch_has_a_row_for_every_line(server: httpx.Client) -> None:
    sent = send_form(server, "/screening/batch", list=f"{TRAP}\n{TWIN}\nwhat is this\n", chain="1", kind="runtime")
    assert sent.status_code == 303, sent.text[:2000]

    def ask() -> list[dict[str, Any]] | None:
        found = server.get(f"{sent.headers['location']}.json").json()
        return found["rows"] if found["ended"] == found["total"] else None

    rows = until(ask)
    assert [row["state"] for row in rows] == ["done", "done", "refused"]
    assert "mint" in rows[0]["yes"]
    assert "mint" not in rows[1]["yes"]
    assert rows[2]["reason"]


def test_job_that_never_was_is_said(server: httpx.Client) -> None:
    assert server.get("/screening/job/none").status_code == 404


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rpc", "mainnet=http://x"], "expected --rpc CHAIN=URL"),
        (["--rpc", "1=http://127.0.0.1:1", "--rpc", "1=http://127.0.0.1:2"], "expected each chain once"),
        (["--port", "70000"], "expected a port"),
        (["--assets", "HERE/assets.json"], "expected a JSON list"),
        (["--certificate", "x.pem"], "--certificate and --certificate-key together"),
    ],
)
def test_wrong_usage_of_serve_says_what_was_expected(tarazy: Run, tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "assets.json").write_text('[{"chain_id": 1, "address": "0x12", "asset_id": 7}]')
    given = [word.replace("HERE", str(tmp_path)) for word in words]
    done = tarazy("screening", "serve", "--data", tmp_path, *given)
    assert done.code == 2
    assert said in done.err


def test_keys_are_made_listed_and_revoked(tarazy: Run, tmp_path: Path) -> None:
    made = tarazy("screening", "keys", "--data", tmp_path, "--create", "a broker", "--scope", "read", "--json").json
    assert len(made["app_secret"]) > 20
    listed = tarazy("screening", "keys", "--data", tmp_path, "--json")
    assert [(key["name"], key["scopes"]) for key in listed.json["keys"]] == [("a broker", ["read"])]
    assert made["app_secret"] not in listed.out
    done = tarazy("screening", "keys", "--data", tmp_path, "--revoke", made["app_key"], "--reason", "left", "--json")
    assert done.json == {"revoked": made["app_key"]}
    assert tarazy("screening", "keys", "--data", tmp_path, "--json").json == {"keys": []}


def test_key_that_is_not_there_cannot_be_revoked(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("screening", "keys", "--data", tmp_path, "--revoke", "NONE")
    assert done.code == 2
    assert "expected the app key of a key in force" in done.err
    shutil.rmtree(tmp_path)
    assert "expected the folder of a service" in tarazy("screening", "keys", "--data", tmp_path).err
