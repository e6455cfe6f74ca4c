"""Officers' key files: private, never overwritten, with a passphrase or without."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tarazy.facility.officers.errors import OfficerKeyError
from tarazy.facility.officers.key_files import load_key_file, needs_passphrase, new_key_file
from tarazy.journal.signatures import is_signed


def test_key_is_written_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "aigerim.key"
    key = new_key_file(path, "Aigerim")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith(f"tarazy officer Aigerim, public key {key.public_key.hex()}\n")
    loaded = load_key_file(path)
    assert is_signed(key.public_key, loaded.sign(b"text"), b"text")
    assert not needs_passphrase(path)


def test_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o277)
    try:
        new_key_file(tmp_path / "key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_passphrase_is_needed_and_must_be_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = new_key_file(path, passphrase=b"correct horse")
    assert needs_passphrase(path)
    assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
    assert load_key_file(path, b"correct horse").public_key == key.public_key
    with pytest.raises(OfficerKeyError, match="the passphrase of this key, found none"):
        load_key_file(path)
    with pytest.raises(OfficerKeyError, match="and its passphrase"):
        load_key_file(path, b"wrong horse")
    with pytest.raises(OfficerKeyError, match="8 bytes or more, found 5"):
        new_key_file(tmp_path / "short", passphrase=b"short")
    assert not (tmp_path / "short").exists()


def test_existing_file_is_never_overwritten_nor_a_link_followed(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("mine")
    with pytest.raises(OfficerKeyError, match="a key is never overwritten"):
        new_key_file(path)
    assert path.read_text() == "mine"
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OfficerKeyError, match="a key is never overwritten"):
        new_key_file(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()
    new_key_file(tmp_path / "real")
    (tmp_path / "to real").symlink_to(tmp_path / "real")
    with pytest.raises(OfficerKeyError, match="to read the key"):
        load_key_file(tmp_path / "to real")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_key_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    new_key_file(path)
    path.chmod(mode)
    with pytest.raises(OfficerKeyError, match=f"found mode {mode:04o}. Others may have read it"):
        load_key_file(path)


def test_what_is_no_key_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(OfficerKeyError, match="to read the key, found No such file"):
        load_key_file(tmp_path / "none")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(OfficerKeyError, match="a plain file, found prw"):
        load_key_file(tmp_path / "pipe")
    other = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for text, words in (
        (b"", "a key in PEM"),
        (b"x" * 20_000, "at most 16384 bytes"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "an Ed25519 private key in PKCS 8"),
        (other, "an Ed25519 key, found X25519"),
    ):
        path = tmp_path / "wrong"
        path.unlink(missing_ok=True)
        path.write_bytes(text)
        path.chmod(0o600)
        with pytest.raises(OfficerKeyError, match=words):
            load_key_file(path)


def test_name_must_fit_on_a_line(tmp_path: Path) -> None:
    for name in ("two\nlines", "x" * 101):
        with pytest.raises(OfficerKeyError, match="printable letters"):
            new_key_file(tmp_path / "key", name)


def test_key_that_was_written_in_part_leaves_no_file(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "full.key"
    resource.setrlimit(resource.RLIMIT_FSIZE, (40, hard))  # as a full device: some bytes are taken, the rest is not
    try:
        with pytest.raises(OfficerKeyError, match="write the key"):
            new_key_file(path, "Aigerim")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not path.exists()
    assert new_key_file(path, "Aigerim").public_key == load_key_file(path).public_key
