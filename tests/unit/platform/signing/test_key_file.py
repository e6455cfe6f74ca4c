"""The secret of a service in its file: made once, for its owner alone, never through a link, never without end."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tarazy.platform.signing.key_file import KEY_BYTES, KeyFileError, secret_file


def test_secret_is_made_once_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "data" / "signing.key"
    made = secret_file(path)
    assert (len(made), path.stat().st_mode & 0o777) == (KEY_BYTES, 0o600)
    assert secret_file(path) == made
    assert [each.name for each in path.parent.iterdir()] == ["signing.key"]


def test_starts_at_once_read_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(secret_file, [tmp_path / "signing.key"] * 16))) == 1


def test_what_a_killed_start_left_does_not_stop_the_next(tmp_path: Path) -> None:
    # in a container every start has the same process id
    (tmp_path / f"signing.key.{os.getpid()}").write_bytes(b"half")
    assert len(secret_file(tmp_path / "signing.key")) == KEY_BYTES


def test_link_device_fifo_open_or_wrong_file_is_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "signing.key", tmp_path / "other"
    other.write_bytes(bytes(KEY_BYTES))
    other.chmod(0o600)
    path.symlink_to(other)
    with pytest.raises(KeyFileError, match="found a link"):
        secret_file(path)
    path.unlink()
    path.symlink_to(tmp_path / "nothing")
    with pytest.raises(KeyFileError, match="found a link"):
        secret_file(path)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyFileError, match="expected a plain file"):
        secret_file(path)
    path.unlink()
    for content, found in ((b"", "found 0"), (bytes(31), "found 31"), (bytes(1 << 20), "found more")):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(KeyFileError, match=found):
            secret_file(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="found 0644"):
        secret_file(path)
