"""Others adopt a part: each extra is installed alone from the wheel, and what it promises imports and works.

The bare install verifies and replays a record, with neither an EVM nor a web server nor numpy.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tarazy.cli.main import VERBS

from .parts import PIP, build_wheel, build_wheels, environment, run

pytestmark = pytest.mark.slow

# Extra -> packages that import as a whole, and modules among them that another extra brings.
PROMISED = {
    "": (
        ("domain", "spec", "journal", "platform.documents"),
        ("tarazy.journal.export", "tarazy.journal.tables", "tarazy.platform.documents.configuration"),
    ),
    "authority": (
        ("domain", "spec", "journal", "platform.config", "platform.documents", "rulebook", "oversight.facts"),
        (),
    ),
    "facility": (
        ("domain", "spec", "facility", "market_data", "platform.config"),
        (
            *(f"tarazy.facility.sequencer.stream{rest}" for rest in ("", "_copy", "_log", "_opening", "_reader")),
            "tarazy.facility.banking.banks.sftp",
            "tarazy.facility.database.migrations.env",  # the migrations' own, which Alembic alone can run
        ),
    ),
    "screening": (
        ("domain", "chains", "issuance", "platform", "screening"),
        (
            "tarazy.screening.simulation.reference_evm",
            # What moves coins or proves reserves, which a screening never does.
            *(
                f"tarazy.chains.bitcoin.{rest}"
                for rest in "addresses blocks chain descriptors extended_keys node payments".split()
            ),
            *(f"tarazy.chains.{rest}" for rest in ("base58", "bitcoin.proof_of_control", "secp256k1")),
            *(f"tarazy.chains.evm.{rest}" for rest in ("chain", "proof_of_control", "state_proof", "transactions")),
        ),
    ),
}
FOREIGN = tuple("alembic eth_abi fastapi granian jinja2 numpy pyarrow pydantic pyrevm sqlalchemy tarazy_core".split())
IMPORT_ALL = """
import importlib, json, pkgutil, sys
packages, without = json.loads(sys.argv[1])
for package in packages:
    found = importlib.import_module(f"tarazy.{package}")
    for module in pkgutil.walk_packages(found.__path__, found.__name__ + "."):
        if module.name not in without:
            importlib.import_module(module.name)
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the wheel and the environments are."""
    return tmp_path_factory.mktemp("parts")


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """Return the wheel."""
    return build_wheel(folder)


@pytest.fixture(scope="module", params=PROMISED, ids=lambda extra: extra or "bare")
def installed(request: pytest.FixtureRequest, folder: Path, wheel: Path) -> tuple[str, Path]:
    """Return an extra and the Python of the environment that has it alone."""
    return request.param, environment(folder, wheel, request.param)


def test_what_an_extra_promises_imports_alone(installed: tuple[str, Path]) -> None:
    extra, python = installed
    done = run(python, "-c", IMPORT_ALL, json.dumps(PROMISED[extra]))
    assert done.returncode == 0, done.stderr
    if not extra:
        assert not set(FOREIGN) & set(json.loads(done.stdout))


def test_every_verb_works_or_says_which_extra_it_needs(installed: tuple[str, Path]) -> None:
    extra, python = installed
    for name, verb in VERBS.items():
        done = run(python.parent / "tarazy", name, "--help")
        if verb.extra in ("", extra):
            assert done.returncode == 0, f"{name}: {done.stderr}"
        elif done.returncode:
            assert done.returncode == 1
            assert f"pip install 'tarazy[{verb.extra}]'" in done.stderr, f"{name}: {done.stderr}"
    if not extra:
        assert run(python.parent / "tarazy", "screen", "0x00").returncode == 1


@pytest.mark.parametrize("installed", [""], indirect=True, ids=["bare"])
def test_bare_install_verifies_replays_and_explains_a_record(
    installed: tuple[str, Path], recorded: Path, tmp_path: Path
) -> None:
    _, python = installed
    tarazy = python.parent / "tarazy"
    verified = run(tarazy, "verify", recorded, "--json", cwd=tmp_path)
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["ok"] is True
    replayed = run(tarazy, "replay", recorded, "--json", cwd=tmp_path)
    assert json.loads(replayed.stdout)["agrees"] is True
    for words in (("explain", recorded, 18), ("book", recorded), ("head", recorded), ("officer", "list", recorded)):
        done = run(tarazy, *words, cwd=tmp_path)
        assert done.returncode == 0, f"{words}: {done.stderr}"
    paper = tmp_path / "paper.txt"
    paper.write_text("a decision")
    assert run(tarazy, "documents", "add", tmp_path / "store", paper, "--kind", "decision").returncode == 0
    looked = run(tarazy, "verify", recorded, "--documents", tmp_path / "store", "--json")
    assert (looked.returncode, json.loads(looked.stdout)["documents"]["present"]) == (4, 0)


def test_extras_are_those_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (each for each in opened.namelist() if each.endswith(".dist-info/METADATA"))
        described = opened.read(name).decode()
    offered = {line.split(": ")[1] for line in described.splitlines() if line.startswith("Provides-Extra: ")}
    named = {extra for verb in VERBS.values() for extra in verb.extra.split(",") if extra}
    assert named | set(PROMISED) - {""} <= offered


def test_core_has_a_portable_wheel_that_a_bare_install_replays_with(folder: Path, wheel: Path, recorded: Path) -> None:
    core = next(path for path in build_wheels(folder / "wheels") if path.name.startswith("tarazy_core-"))
    interpreter, abi, platform = core.stem.split("-")[-3:]
    assert (interpreter, abi) == ("cp311", "abi3")
    assert platform.startswith("manylinux_2_")
    assert int(platform.split("_")[2]) <= 34  # what the page of public names says
    python = environment(folder / "with core", wheel, "")
    assert run(*PIP, "--python", python, "install", "--no-deps", core).returncode == 0
    done = run(python.parent / "tarazy", "replay", recorded, "--engine", "core", "--json")
    assert json.loads(done.stdout)["agrees"] is True, done.stderr
