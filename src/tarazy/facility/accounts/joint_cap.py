"""The monthly cap kept jointly: what a client used elsewhere is taken off its own limit here, until the month is over.

Two limits of the owner beside those of everybody, deposits and purchases; the strictest counts. They are removed when
the month ends in Kazakhstan. The record is told by a draft, as of any decision, so that replay proves what was
let through.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tarazy.domain.records import LimitKind, LimitPeriod, LimitScope
from tarazy.facility.accounts.cap_messages import CapCount, subject_of, used_elsewhere
from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.errors import DecisionRefusedError
from tarazy.facility.accounts.instructions import HOME, Command, command
from tarazy.facility.accounts.parties import find_party
from tarazy.facility.accounts.register import JUDGE, Register
from tarazy.facility.accounts.trail import Actor, canonical

CENTS = 100
NS_PER_S = 1_000_000_000


def lower_cap(
    register: Register, actor: Actor, client: int, secret: bytes, reference_scale: int, rulebook: bytes
) -> list[Command]:
    """Put the commands of a client's joint cap of this month into its outbox, and return them.

    Units: `reference_scale` decimal places of the dollar as the record's rates use it.
    Raises: DecisionRefusedError for a client whom the cap does not bind, and for one without an identifier: nobody
    else could name it.
    """
    with register.acting(actor, JUDGE):
        row = find_client(register, client)
        facts = find_party(register, row.party).facts
        if row.class_ != "retail" or facts.residence != HOME or not facts.identifier:
            expected = "a resident retail client with an identifier"
            found = (
                f"{row.class_ or 'no class'}, residence {facts.residence or 'unknown'}, {len(facts.identifier)} letters"
            )
            raise DecisionRefusedError(f"client {client}", expected=expected, found=found)
        month = local_month(register)
        count = used_elsewhere(register, subject_of(secret, facts.identifier), f"{month:%Y-%m}")
        end_ns = month_end_ns(register, month)
        used = ((LimitKind.deposits, count.deposits_cents), (LimitKind.purchases, count.purchases_cents))
        cap = register.parameters.number("retail.resident.monthly_cap_usd", register.today) * CENTS
        commands = []
        for kind, cents in used:
            terms_of_row = limit_row(client, kind)
            left = max(cap - cents, 0) * 10**reference_scale // CENTS
            amounts = {"exemptible": "set", "effective_ns": 0, "amount_max_minor": left}
            terms = {"replaces_seq": 0, "rulebook_hash": rulebook.hex()}
            commands.append(command("SetLimit", **terms_of_row, **amounts, **terms))
            commands.append(command("RemoveLimit", **terms_of_row, effective_ns=end_ns, **terms))
        post(register, actor, client, count, commands)
    return commands


def limit_row(client: int, kind: LimitKind) -> dict[str, object]:
    """Return which row of the record's limits a client's joint cap is."""
    return {
        "limit_kind": kind.name,
        "limit_scope": LimitScope.owner.name,
        "limit_period": LimitPeriod.month.name,
        "limit_asset_id": 0,
        "limit_subject": client,
    }


def post(register: Register, actor: Actor, client: int, count: CapCount, commands: list[Command]) -> None:
    """Keep the commands for the record, and what they stand on."""
    paper = canonical({"format": "tarazy joint cap 1", "client": client, **count._asdict()})
    register.write(actor, "cap.joint", client, count._asdict())
    register.connection.execute(
        "INSERT INTO outbox (client, decision, commands, paper) VALUES (?, 0, ?, ?)",
        (client, canonical(commands), paper),
    )


def local_month(register: Register) -> datetime:
    """Return the first day of the present month where limits are counted, as if it were UTC."""
    offset = timedelta(minutes=register.parameters.number("limits.offset_minutes", register.today))
    local = register.now().astimezone(UTC) + offset
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_end_ns(register: Register, month: datetime) -> int:
    """Return when a month ends where limits are counted. Units: UTC nanoseconds."""
    offset = timedelta(minutes=register.parameters.number("limits.offset_minutes", register.today))
    following = (month + timedelta(days=32)).replace(day=1)
    return int((following - offset).timestamp()) * NS_PER_S
