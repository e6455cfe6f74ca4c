"""`tarazy insolvency-file DIR --at SEQ`: who is owed what at a command, byte for byte the same for whoever has the
journal.

It also rehearses: could every client be paid today from the client estate? Exit code 0 where it could, 1 where not.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from tarazy.cli.arguments import add_journal, add_json, positive
from tarazy.cli.engines import CHOICES, fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.journal.seek import last_seq, readable
from tarazy.cli.output import Output
from tarazy.journal.identity import load_identity
from tarazy.journal.replay import state_at
from tarazy.oversight.solvency.insolvency import InsolvencyPoint, Keyring, insolvency_lines
from tarazy.oversight.solvency.rehearsal import AssetRehearsal, rehearse
from tarazy.platform.storage.files import write_pieces

PRIVATE = 0o600
PIECE_LINES = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("--at", type=positive, metavar="SEQ", help="after this command; default: the last one")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write (DIR.insolvency-SEQ.jsonl)")
    parser.add_argument("--custody", type=Path, metavar="FILE", help="custody's file, whose register names the keys")
    parser.add_argument("--engine", choices=CHOICES, help="who replays; default: core where it is built, else spec")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the file and say what the rehearsal came to."""
    point = point_of(arguments)
    whole = arguments.directory.resolve()
    path = arguments.out or whole.with_name(f"{whole.name}.insolvency-{point.seq}.jsonl")
    digest = sha256()
    with keyring_of(arguments.custody) as keyring:
        write_pieces(path, noted(pieces(insolvency_lines(point, keyring)), digest), PRIVATE)
    rehearsed = list(rehearse(point.state))
    pays = not any(each.short_minor for each in rehearsed)
    say(output, point, path, digest.hexdigest(), rehearsed)
    codes = [each.asset_code.rstrip(b"\0").decode("ascii", "replace") for each in point.state.assets]
    output.result(
        {
            "file": path,
            "sha256": digest.hexdigest(),
            "seq": point.seq,
            "root": point.liabilities_root,
            "state_digest": point.state_digest,
            "pays_everybody": pays,
            "assets": {
                codes[each.asset_id - 1]: {"owed_minor": str(each.owed_minor)} | each.plain() for each in rehearsed
            },
        }
    )
    return 0 if pays else 1


@contextmanager
def keyring_of(path: Path | None) -> Iterator[Keyring | None]:
    """Give the register of keys in custody's file, None where no file was named."""
    if path is None:
        yield None
        return
    from tarazy.facility.custody.store import CustodyStore
    from tarazy.facility.solvency.keyring import CustodyKeyring

    if not path.is_file():
        raise CliError(f"{path}: expected custody's file, found none")
    with CustodyStore(path) as store:
        yield CustodyKeyring(store)


def point_of(arguments: argparse.Namespace) -> InsolvencyPoint:
    """Return the point that was asked for, from a replay."""
    seq = arguments.at or last_seq(arguments.directory)
    engine = state_at(arguments.directory, load_engine(arguments.engine or fastest()), seq)
    identity = load_identity(arguments.directory)
    digest, root = engine.state_digest(), engine.liabilities_root()
    return InsolvencyPoint(identity.facility_id, identity.edition, seq, digest, root, readable(engine).state)


def pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Iterate over many lines at once."""
    kept: list[bytes] = []
    for line in lines:
        kept.append(line)
        if len(kept) == PIECE_LINES:
            yield b"".join(kept)
            kept.clear()
    yield b"".join(kept)


def noted(parts: Iterator[bytes], digest: object) -> Iterator[bytes]:
    """Iterate over pieces and add each to a digest."""
    for piece in parts:
        digest.update(piece)  # type: ignore[attr-defined]
        yield piece


def say(output: Output, point: InsolvencyPoint, path: Path, digest: str, rehearsed: list[AssetRehearsal]) -> None:
    """Say what was written and what the rehearsal came to."""
    output.say(f"wrote {path}, sha256 {digest}, after command {point.seq:,}")
    for each in rehearsed:
        code = point.state.assets[each.asset_id - 1].asset_code.rstrip(b"\0").decode("ascii", "replace")
        verdict = "everybody can be paid" if not each.short_minor else f"short by {each.short_minor}"
        keys = f", with the keys of {', '.join(each.locations_needed)}" if each.locations_needed else ""
        output.say(f"  {code:16} owed {each.owed_minor}, payable {each.payable_minor}: {verdict}{keys}")
