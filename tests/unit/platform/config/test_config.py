"""The configuration file: what is refused, in which words, and what is never printed.

Oracle: TOML 1.0 for types (an integer is no float, text is no number); the dataclasses of the services for defaults.
"""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.config.sections import Configuration
from tarazy.facility.configuration import SequencerSection
from tarazy.facility.sequencer.settings import Settings
from tarazy.facility.sequencer.stream import StreamSettings
from tarazy.platform.config.declaring import plain_address
from tarazy.platform.config.errors import ConfigError, Problem
from tarazy.platform.config.listing import declared, missing_secrets, sections_in, settings
from tarazy.platform.config.loading import load, read_toml
from tarazy.platform.config.secret import Secret
from tarazy.screening.configuration import ScreeningSection, WatchSection
from tarazy.screening.service.options import ServiceConfig
from tarazy.screening.watch.thresholds import Thresholds

SECRET = "correct-horse-battery"


def written(folder: Path, text: str) -> Path:
    """Write a configuration file."""
    path = folder / "tarazy.toml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str) -> dict[str, Problem]:
    """Return what is wrong with a file, by key."""
    with pytest.raises(ConfigError) as raised:
        load(written(folder, text), Configuration)
    assert str(raised.value).count("\n") == len(raised.value.problems) - 1
    return {each.key: each for each in raised.value.problems}


def test_without_a_file_everything_has_the_default_of_the_service() -> None:
    found = load(None, Configuration)
    assert Settings(**found.facility.sequencer.options()) == Settings()
    assert found.screening.service_config() == ServiceConfig()
    assert found.watch.thresholds.thresholds() == Thresholds()
    assert found.facility.stream.url is None


def test_every_bound_of_the_sequencer_and_of_the_service_can_be_set() -> None:
    not_in_a_file = {"keep_timestamps", "clock_ns", "steady_ns", "accept_time_gap", "alarm"}  # acts and parts of a run
    assert {each.name for each in fields(Settings)} - not_in_a_file == set(SequencerSection.model_fields)
    elsewhere = {"screening_workers", "position_managers", "warm"}  # `workers`; a chain's facts; always
    limits = set(ScreeningSection.model_fields) | set(ScreeningSection().limits.model_dump())
    assert {each.name for each in fields(ServiceConfig)} - elsewhere <= limits
    assert {each.name for each in fields(Thresholds)} == set(WatchSection().thresholds.model_dump())


@pytest.mark.parametrize(("name", "section"), list(sections_in(Configuration)))
def test_every_setting_has_a_reason_and_every_number_a_unit(name: str, section: Any) -> None:
    assert section.__doc__, name
    for each in declared(section):
        assert each.reason, f"{name}.{each.name}"
        is_number = isinstance(each.default, int | float) and not isinstance(each.default, bool)
        assert not is_number or each.unit or each.name == "port", f"{name}.{each.name}"


def test_values_of_the_file_are_in_force_and_the_rest_is_default(tmp_path: Path) -> None:
    path = written(tmp_path, '[facility]\ndirectory = "f"\n[facility.sequencer]\nhead_interval_s = 20\n')
    found = load(path, Configuration)
    assert found.facility.directory == tmp_path / "f"
    assert found.facility.sequencer.options() == {**SequencerSection().options(), "head_interval_s": 20.0}
    sources = {each.key: each.source for each in settings(found, read_toml(path))}
    assert {key for key, source in sources.items() if source == "file"} == {
        "facility.directory",
        "facility.sequencer.head_interval_s",
    }


def test_relative_paths_start_at_the_folder_of_the_file_and_names_stay(tmp_path: Path) -> None:
    text = "screening = { criteria = 'own/strict.toml', lists = ['a.txt', '/b.txt'] }\nwatch.criteria = 'listing'\n"
    found = load(written(tmp_path, text), Configuration)
    assert found.screening.criteria == str(tmp_path / "own" / "strict.toml")
    assert found.screening.lists == (tmp_path / "a.txt", Path("/b.txt"))
    assert found.watch.criteria == "listing"
    assert found.watch.folder == tmp_path / "var" / "watch"


@pytest.mark.parametrize(
    ("text", "key", "advice"),
    [
        ("[facility.sequencer]\nframe_comands_max = 1", "facility.sequencer.frame_comands_max", "frame_commands_max"),
        ("[screening.limits]\nqueue_mx = 1", "screening.limits.queue_mx", "queue_max"),
        ("[facilty]", "facilty", "facility"),
        ("zzz = 1", "zzz", "There are: documents, facility, projections, screening, watch"),
        ('[screening]\n"ho\\u001bst" = 1', "screening.'ho\\x1bst'", "host"),
    ],
)
def test_unknown_key_is_named_with_the_nearest_known_one(tmp_path: Path, text: str, key: str, advice: str) -> None:
    problem = problems(tmp_path, text)[key]
    assert problem.found == "an unknown one"
    assert advice in problem.action


@pytest.mark.parametrize(
    ("text", "key", "expected", "found"),
    [
        ('screening.port = "8000"', "screening.port", "a whole number", "a text"),
        ("screening.port = 8000.0", "screening.port", "a whole number", "8000.0"),
        ("screening.port = true", "screening.port", "a whole number", "true"),
        ("screening.port = 65536", "screening.port", "at most 65535", "65536"),
        ("screening.require_key = 1", "screening.require_key", "true or false", "1"),
        ("screening.limits.queue_max = 0", "screening.limits.queue_max", "at least 1", "0"),
        ("watch.poll_s = nan", "watch.poll_s", "a finite number", "nan"),
        ("watch.poll_s = inf", "watch.poll_s", "a finite number", "inf"),
        ("watch.poll_s = 3601", "watch.poll_s", "at most 3600.0", "3601"),
        ("watch.key_file = 7", "watch.key_file", "a path", "7"),
        ("screening.lists = 'a.txt'", "screening.lists", "a list of paths", "a text"),
        (
            "screening.criteria = 3",
            "screening.criteria",
            "the name of a built-in one, or a path that ends in .toml",
            "3",
        ),
        ("screening.nodes.0 = 'http://a'", "screening.nodes.0", "the number of a chain, such as 1", "a text"),
        ("screening.limits = 1", "screening.limits", "a table", "1"),
        ("facility.directory = 1979-05-27", "facility.directory", "a path", "a date or time"),
        ("facility.engine = 'cor'", "facility.engine", "one of 'core' or 'spec'", "a text"),
        (
            "screening.certificate = 'a.pem'",
            "screening",
            "certificate and certificate_key_file together",
            "one of them",
        ),
    ],
)
def test_wrong_value_says_what_was_expected(tmp_path: Path, text: str, key: str, expected: str, found: str) -> None:
    assert problems(tmp_path, text)[key][1:3] == (expected, found)


def test_path_that_no_file_can_have_is_refused_before_it_is_used(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        'documents.directory = "a\\u0000b"\nscreening.criteria = "a\\u0000.toml"\nscreening.lists = ["\\u0000"]\n'
        'projections.database = { file = "\\u0000" }',
    )
    assert set(found) == {"documents.directory", "screening.criteria", "screening.lists", "projections.database"}


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    text = "a = 1\n[screening]\nport = -1\nhots = 1\n[watch]\npoll_s = 'x'\n"
    assert set(problems(tmp_path, text)) == {"a", "screening.port", "screening.hots", "watch.poll_s"}


@pytest.mark.parametrize(
    "value",
    [
        f'"https://user:{SECRET}@node.example/"',
        f'"https://node.example/?key={SECRET}"',
        f'"{SECRET}"',
        f'{{ file = "a", secret = "{SECRET}" }}',
        f'{{ value = "{SECRET}" }}',
        f'["{SECRET}"]',
        f'{{ env = "{SECRET} no name" }}',
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, value: str) -> None:
    found = problems(tmp_path, f"[watch]\nnode = {value}\n")
    assert set(found) == {"watch.node"}
    assert SECRET not in str(found)


def test_a_secret_under_an_unknown_key_or_of_a_wrong_type_is_not_repeated(tmp_path: Path) -> None:
    found = problems(tmp_path, f'[watch]\npassword = "{SECRET}"\npoll_s = "{SECRET}"\nscreening = "{SECRET}"\n')
    assert len(found) == 3
    assert SECRET not in str(found)


def test_secret_is_read_from_environment_or_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node.txt").write_text(f"https://node.example/{SECRET}\nsecond line\n")
    (tmp_path / "node.txt").chmod(0o640)
    monkeypatch.setenv("NODE_1", f"https://one.example/{SECRET}")
    path = written(tmp_path, 'screening.nodes = { 1 = { env = "NODE_1" }, 2 = { file = "node.txt" } }')
    found = load(path, Configuration)
    assert found.screening.service_config().nodes == {
        1: f"https://one.example/{SECRET}",
        2: f"https://node.example/{SECRET}",
    }
    assert list(missing_secrets(found)) == []
    shown = {each.key: each.value for each in settings(found, read_toml(path))}["screening.nodes"]
    assert shown == {"1": "from environment NODE_1, there", "2": f"from file {tmp_path / 'node.txt'}, there"}


def test_path_of_an_address_is_not_shown(tmp_path: Path) -> None:
    path = written(tmp_path, f'watch.node = "https://node.example:8545/v3/{SECRET}"')
    found = load(path, Configuration)
    shown = {each.key: each.value for each in settings(found, read_toml(path))}["watch.node"]
    assert shown == "https://node.example:8545/..."
    assert found.watch.node is not None
    assert plain_address(found.watch.node).endswith(SECRET)


def test_database_is_a_file_or_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READ_MODELS", f"postgresql://user:{SECRET}@host/name")
    given = {'"p.sqlite3"': tmp_path / "p.sqlite3", '"postgresql://host/name"': "postgresql://host/name"}
    given['{ env = "READ_MODELS" }'] = f"postgresql://user:{SECRET}@host/name"
    for text, expected in given.items():
        assert load(written(tmp_path, f"projections.database = {text}"), Configuration).projections.place() == expected
    found = problems(tmp_path, f'projections.database = "postgresql://user:{SECRET}@host/name"')
    assert len(found) == 1
    assert SECRET not in str(found)


def test_secrets_that_cannot_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open.txt").write_text(SECRET)
    (tmp_path / "open.txt").chmod(0o644)
    (tmp_path / "empty.txt").touch(mode=0o600)
    (tmp_path / "long.txt").write_bytes(b"x" * 70_000)
    (tmp_path / "long.txt").chmod(0o600)
    os.mkfifo(tmp_path / "fifo", 0o600)
    monkeypatch.delenv("NODE_9", raising=False)
    monkeypatch.setenv("NODE_8", "")
    names = ["open.txt", "empty.txt", "long.txt", "fifo", "none.txt"]
    files = ", ".join(f'{number} = {{ file = "{name}" }}' for number, name in enumerate(names, 1))
    nodes = files + ', 8 = { env = "NODE_8" }, 9 = { env = "NODE_9" }'
    found = {
        each.key: each
        for each in missing_secrets(load(written(tmp_path, f"screening.nodes = {{ {nodes} }}"), Configuration))
    }
    assert set(found) == {f"screening.nodes.{number}" for number in (1, 2, 3, 4, 5, 8, 9)}
    assert "mode 0644" in found["screening.nodes.1"].found
    assert "plain file" in found["screening.nodes.4"].found
    assert SECRET not in str(found)
    with pytest.raises(ConfigError, match="NODE_9"):
        Secret(env="NODE_9").read()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"a = ", "TOML"),
        (b"a = 1\na = 2", "TOML"),
        (b"\xff", "TOML"),
        (b"a = " + b"[" * 100_000, "TOML"),
        (b"#" * (1 << 20) + b"\n", "at most 1048576 bytes"),
    ],
)
def test_file_that_is_no_toml_is_refused(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "tarazy.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as raised:
        load(path, Configuration)
    assert raised.value.problems[0].expected == what


def test_folder_fifo_and_nothing_are_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in (".", "fifo", "none"):
        with pytest.raises(ConfigError, match="expected a"):
            load(tmp_path / name, Configuration)


def test_defaults_of_the_stream_are_its_own(tmp_path: Path) -> None:
    found = load(written(tmp_path, 'facility.stream.url = "nats://127.0.0.1:4222"'), Configuration).facility.stream
    assert found.settings() == StreamSettings("nats://127.0.0.1:4222")
