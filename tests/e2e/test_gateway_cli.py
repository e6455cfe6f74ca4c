"""`tarazy facility key` and the guide for traders, run as they are written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..python_binance import end_client
from ..trading_stage import make_facility, new_key, served
from .conftest import Done

Run = Callable[..., Done]
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "trade-with-your-client.md"
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_keys_are_made_listed_without_secrets_and_revoked(tarazy: Run, tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory)
    made = tarazy("facility", "key", "new", directory, "--account", 1, "--ip", "192.0.2.0/24", "--days", 90, "--json")
    assert made.code == 0, made.err
    key, secret = made.json["api_key"], made.json["api_secret"]
    assert made.json["scopes"] == ["read", "trade"]
    assert made.json["networks"] == ["192.0.2.0/24"]
    public = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "bot.pem").write_bytes(public)
    own = tarazy(
        "facility", "key", "new", directory, "--account", 2, "--public-key", tmp_path / "bot.pem", "--scope", "read",
        "--json",
    )  # fmt: skip
    assert (own.json["kind"], "api_secret" in own.json) == ("ed25519", False)
    listed = tarazy("facility", "key", "list", directory, "--json")
    assert [each["api_key"] for each in listed.json["keys"]] == [key, own.json["api_key"]]
    assert secret not in listed.out + listed.err
    gone = tarazy("facility", "key", "revoke", directory, "--key", key, "--reason", "lost", "--json")
    assert gone.json["revoked_at"] is not None
    again = tarazy("facility", "key", "revoke", directory, "--key", key, "--json")
    assert (again.code, "expected the id of a key in force" in again.json["error"]) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--account", "1", "--ip", "300.0.0.1"), "expected an address or a network"),
        (("--account", "1", "--public-key", "nothing.pem"), "expected a public key in PEM"),
        (("--account", "0"), "expected"),
    ],
)
def test_a_key_that_cannot_be_made_says_why(
    tarazy: Run, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    make_facility(tmp_path / "facility")
    done = tarazy("facility", "key", "new", tmp_path / "facility", *arguments, "--json")
    assert done.code == 2
    assert words in done.json["error"]


@pytest.mark.filterwarnings("ignore:websockets.*:DeprecationWarning")  # of python-binance's own imports
def test_the_guide_for_traders_does_what_it_says(tmp_path: Path) -> None:
    """Its blocks run one after the other, but for the address and the place of the keys."""
    make_facility(tmp_path / "facility")
    key, secret = new_key(tmp_path / "facility", 1)
    clients = tmp_path / "clients.json"
    clients.write_text(json.dumps([{"account": 1, "api_key": key, "api_secret": secret, "role": "trader"}]))
    with served(tmp_path / "facility") as gateway:
        text = GUIDE.read_text().replace("http://127.0.0.1:8080", gateway.url)
        blocks = BLOCK.findall(text.replace("var/demo/clients.json", str(clients)))
        found: dict[str, object] = {}
        for _, code in (block for block in blocks if block[0] == "python"):
            exec(code, found)
        order = found["trader"].get_order(symbol="BTCUSD", origClientOrderId="my-first")  # type: ignore[attr-defined]
        assert order["status"] == "NEW"
        found["exchange"].session.close()  # type: ignore[attr-defined]
        end_client(found["trader"])
        if shutil.which("curl") and shutil.which("openssl"):
            lines = next(code for kind, code in blocks if kind == "console").replace("$ ", "").splitlines()
            environment = {**os.environ, "KEY": key, "SECRET": secret}
            done = subprocess.run(
                ["bash", "-c", "; ".join(lines)], env=environment, capture_output=True, text=True, check=True
            )
            assert json.loads(done.stdout)["status"] == "NEW"
