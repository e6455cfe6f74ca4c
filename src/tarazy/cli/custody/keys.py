"""`tarazy custody keys DIR`: the register of wallet keys."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.custody.desk import actor_of, add_actor, add_desk, open_store
from tarazy.cli.errors import CliError
from tarazy.cli.facility.digests import file_digest
from tarazy.cli.output import Output
from tarazy.facility.custody import key_register
from tarazy.facility.custody.key_register import DECISIONS, STORAGES
from tarazy.facility.custody.store import CustodyStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--register", metavar="PUBLIC", help="register a key: one public key, or an extended one")
    chosen.add_argument("--hand-over", type=positive, metavar="KEY", help="hand a key to one more holder")
    chosen.add_argument("--leave", metavar="HOLDER", help="say that a holder left")
    chosen.add_argument("--decide", type=positive, metavar="KEY", help="decide on a key whose holder left")
    chosen.add_argument("--audit", type=Path, metavar="FILE", help="record today's look at access; the report")
    parser.add_argument("--storage", choices=STORAGES, help="where the private key lies")
    parser.add_argument("--wallet", metavar="NAME", help="the wallet that the key signs for")
    parser.add_argument("--ceremony", type=Path, metavar="FILE", help="minutes of the ceremony that made the key")
    parser.add_argument("--holder", action="append", default=[], metavar="TEXT", help="who holds the key; repeat it")
    parser.add_argument("--decision", choices=DECISIONS, help="rekey or keep")
    parser.add_argument("--reason", metavar="TEXT", help="why")
    parser.add_argument("--findings", type=int, default=0, metavar="N", help="how many findings the audit had (0)")
    add_actor(parser, needed=False)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act on the register, then list it; exit code 1 where something is overdue."""
    with open_store(arguments) as store:
        act(arguments, store)
        today = store.today.isoformat()
        rows = [(row, key_register.holders(store, row.key_id)) for row in key_register.keys(store)]
        questions, due = key_register.open_questions(store), key_register.audit_due(store)
    for row, holders in rows:
        output.say(f"key {row.key_id} of {row.wallet}, {row.storage}, {row.state}: {', '.join(holders) or 'nobody'}")
    for question in questions:
        late = "; LATE" if question.decide_by < today else ""
        output.say(f"key {question.key_id}: {question.holder} left, decide by {question.decide_by}{late}")
    output.say(f"next audit of access by {due}")
    keys = [{**row._asdict(), "holders": holders} for row, holders in rows]
    output.result({"keys": keys, "questions": [each._asdict() for each in questions], "audit_due": due})
    return 1 if due < today or any(each.decide_by < today for each in questions) else 0


def act(arguments: argparse.Namespace, store: CustodyStore) -> None:
    """Do what was asked for; nothing for a list."""
    if arguments.register is not None:
        needs(arguments, "storage", "wallet", "ceremony", "holder")
        minutes = file_digest(arguments.ceremony).hex()
        terms = (arguments.storage, arguments.wallet, minutes, arguments.holder)
        key_register.register_key(store, actor_of(arguments), arguments.register, *terms)
    elif arguments.hand_over is not None:
        needs(arguments, "holder")
        for holder in arguments.holder:
            key_register.hold(store, actor_of(arguments), arguments.hand_over, holder)
    elif arguments.leave is not None:
        key_register.leave(store, actor_of(arguments), arguments.leave)
    elif arguments.decide is not None:
        needs(arguments, "decision", "reason")
        actor, key_id = actor_of(arguments), arguments.decide
        key_register.decide_rekey(store, actor, key_id, arguments.decision, arguments.reason)
    elif arguments.audit is not None:
        report = file_digest(arguments.audit).hex()
        key_register.record_audit(store, actor_of(arguments), report, arguments.findings)


def needs(arguments: argparse.Namespace, *names: str) -> None:
    """Refuse an act without what it needs. Raises: CliError."""
    missing = [f"--{name}" for name in names if not getattr(arguments, name)]
    if missing:
        raise CliError(f"expected {', '.join(missing)} for this, found none")
