"""Signatures cover the request, the time and the bytes; keys are made once, private, and checked."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tarazy.platform.signing.answers import AnswerSigner, verify_answer
from tarazy.platform.signing.key_file import KeyFileError

AT = "2026-11-22T00:00:00.000+00:00"
GIVEN: dict[str, Any] = {"method": "GET", "target": "/a?b=1", "signed_at": AT, "body": b"{}", "request_body": b""}


@pytest.fixture
def signer(tmp_path: Path) -> AnswerSigner:
    return AnswerSigner.open(tmp_path / "signing.key")


def signature(signer: AnswerSigner) -> bytes:
    return base64.b64decode(signer.sign("GET", "/a?b=1", AT, b"{}"))


def test_answer_is_verified_by_the_public_key(signer: AnswerSigner) -> None:
    assert verify_answer(signer.public_key, signature(signer), **GIVEN)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"target": "/a?b=2"},
        {"signed_at": AT.replace("22", "23")},
        {"body": b"{ }"},
        {"request_body": b"x"},
    ],
)
def test_change_of_anything_that_was_asked_or_answered_is_found(signer: AnswerSigner, change: dict[str, Any]) -> None:
    assert not verify_answer(signer.public_key, signature(signer), **(GIVEN | change))


def test_other_keys_and_broken_signatures_do_not_verify(signer: AnswerSigner, tmp_path: Path) -> None:
    other = AnswerSigner.open(tmp_path / "other.key")
    assert not verify_answer(other.public_key, signature(signer), **GIVEN)
    assert not verify_answer(b"short", signature(signer), **GIVEN)
    assert not verify_answer(signer.public_key, b"", **GIVEN)
    assert not signer.is_own("no base64 !", "GET", "/", AT, b"")


def test_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "signing.key"
    first, second = AnswerSigner.open(path), AnswerSigner.open(path)
    assert first.public_key == second.public_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["signing.key"]


def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    AnswerSigner.open(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="expected mode 0600, found 0644"):
        AnswerSigner.open(path)


def test_key_of_wrong_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(b"short")
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="expected 32 bytes, found 5"):
        AnswerSigner.open(path)
