"""What cannot be an address is said at once, and what can be one is not refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tarazy.cli.main import main
from tarazy.facility.sequencer.stream_address import check_address
from tarazy.facility.sequencer.stream_errors import StreamAddressError

from .logs import FilesUnderTest

# RFC 3986: a scheme, then //, then a host with an optional port of at most 65535; [..] around IPv6.
ADDRESSES = ["nats://127.0.0.1:4222", "tls://stream.example", "nats://user:word@host:4222/", "nats://[::1]:4222"]
OTHERS = "http: nats: nats:// nats://:4222 127.0.0.1:4222 http://127.0.0.1:4222 nats://h:66000 nats://h:x nats://[::1"
OTHERS_WITH_SPACE = ["", " ", "nats://a host:4222", "nats://host:4222/path"]


@pytest.mark.parametrize("url", ADDRESSES)
def test_address_is_taken(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize("url", [*OTHERS.split(), *OTHERS_WITH_SPACE])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(StreamAddressError, match="expected nats://HOST:PORT"):
        check_address(url)


def test_password_is_not_shown() -> None:
    with pytest.raises(StreamAddressError) as refused:
        check_address("http://user:secret@host:4222")
    assert "host:4222" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_verb_says_so_at_once_and_leaves_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    identity = FilesUnderTest(tmp_path / "files").directory / "facility.json"
    begin = time.monotonic()
    assert main(["copy-stream", "http:", str(tmp_path / "copy"), "--identity", str(identity), "--json"]) == 1
    assert time.monotonic() - begin < 5  # servers that do not answer are given 30 s
    assert "expected nats://HOST:PORT" in json.loads(capsys.readouterr().out)["error"]
    assert not (tmp_path / "copy").exists()
