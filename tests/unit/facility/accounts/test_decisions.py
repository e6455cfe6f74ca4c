"""A client's way from application to account, and what stops it."""

from __future__ import annotations

import json
import re
from hashlib import sha256

import pytest

from tarazy.facility.accounts.clients import find_client, flag_client
from tarazy.facility.accounts.decisions import confirm_state, decide
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError, TrailDamagedError
from tarazy.facility.accounts.instructions import for_accounts, outbox
from tarazy.facility.accounts.parties import PartyFacts, change_party
from tarazy.facility.accounts.screening.screening import screen
from tarazy.facility.accounts.trail import Actor, acts, verify_trail

from .desk import DANA, ERIK, KEYS, OLGA, PERSON, Desk


def test_approval_takes_two_officers_and_leaves_the_commands_that_open_the_account(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    proposal = decide(desk.register, DANA, client, "approved", "checked in person")
    assert proposal.standing == "proposed"
    assert find_client(desk.register, client).state == "checks_open"
    done = confirm_state(desk.register, ERIK, proposal.decision)
    assert find_client(desk.register, client).state == "approved"
    (waiting,) = outbox(desk.register, client)
    opens, states = waiting.commands
    assert (opens["command"], opens["owner_id"], opens["account_role"]) == ("OpenAccount", client, "client")
    assert (states["client_class"], states["residency"]) == ("retail", "resident")
    assert (
        states["decision_hash"]
        == sha256(done.paper().encode()).hexdigest()
        == sha256(waiting.paper.encode()).hexdigest()
    )


def test_no_name_paper_or_birth_date_is_in_what_goes_to_the_record(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "checked").decision)
    text = json.dumps(outbox(desk.register, client)[0].commands, ensure_ascii=False)
    assert not [word for word in ("Aigerim", "Saparova", "910203400123") if word in text]
    told = set(re.findall(r"\w+", text))  # short ones as whole words: a random salt may hold any four digits
    assert not told & {"1991", "KZ"}


def test_who_proposes_cannot_confirm_also_not_under_another_number(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    proposal = decide(desk.register, DANA, client, "approved", "checked")
    for actor in (DANA, Actor(9, DANA.roles, DANA.signer)):
        with pytest.raises(DecisionRefusedError, match="another officer than 3"):
            confirm_state(desk.register, actor, proposal.decision)
    assert find_client(desk.register, client).state == "checks_open"


def test_everything_that_is_missing_is_named_at_once(desk: Desk) -> None:
    client, party = desk.applicant(PERSON._replace(residence=""))
    decide(desk.register, DANA, client, "checks_open", "begins")
    with pytest.raises(DecisionRefusedError) as refused:
        decide(desk.register, DANA, client, "approved", "too early")
    for words in ("no class", "residence", f"party {party} lacks the paper identity", "address", "list un was never"):
        assert words in refused.value.found


def test_a_proposal_does_not_outlive_what_it_was_based_on(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    proposal = decide(desk.register, DANA, client, "approved", "checked")
    change_party(desk.register, OLGA, find_client(desk.register, client).party, PERSON._replace(names=("Other Name",)))
    with pytest.raises(DecisionRefusedError, match="was not screened against the list un"):
        confirm_state(desk.register, ERIK, proposal.decision)
    screen(desk.register, OLGA)
    confirm_state(desk.register, ERIK, proposal.decision)


def test_lists_that_are_too_old_stop_an_approval(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    desk.later(days=8)
    with pytest.raises(DecisionRefusedError, match="was imported 8 days ago, at most 7"):
        decide(desk.register, DANA, client, "approved", "checked")


def test_one_officer_suspends_two_bring_back_and_every_account_is_named(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "checked").decision)
    assert decide(desk.register, ERIK, client, "suspended", "a payer is asked about").standing == "done"
    back = decide(desk.register, ERIK, client, "approved", "answered")
    confirm_state(desk.register, DANA, back.decision)
    states = [each["account_state"] for row in outbox(desk.register, client)[1:] for each in row.commands]
    assert states == ["restricted", "active"]
    both = for_accounts(outbox(desk.register, client)[1].commands, [11, 12])
    assert [each["account_id"] for each in both] == [11, 12]
    with pytest.raises(DecisionRefusedError, match="an account of the client"):
        for_accounts(outbox(desk.register, client)[1].commands, [])


@pytest.mark.parametrize(("state", "reason"), [("gone", "why"), ("refused", " "), ("refused", "a\x1bb")])
def test_a_decision_without_a_state_or_a_reason_is_refused(desk: Desk, state: str, reason: str) -> None:
    client, _ = desk.applicant()
    with pytest.raises(RegisterInputError):
        decide(desk.register, DANA, client, state, reason)


def test_a_closed_client_comes_back_to_nothing(desk: Desk) -> None:
    client, _ = desk.applicant()
    decide(desk.register, DANA, client, "closed", "asked for it")
    for state in ("checks_open", "approved", "refused", "suspended"):
        with pytest.raises(DecisionRefusedError, match="found closed"):
            decide(desk.register, DANA, client, state, "again")


def test_officers_act_within_their_roles(desk: Desk) -> None:
    client, _ = desk.applicant()
    with pytest.raises(DecisionRefusedError, match="role"):
        decide(desk.register, OLGA, client, "refused", "operations do not judge")


def test_an_affiliate_has_an_approval_and_its_account_that_role(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    with pytest.raises(RegisterInputError, match="approval number"):
        flag_client(desk.register, DANA, client, "affiliate", 0, "owned by the operator")
    flag_client(desk.register, DANA, client, "affiliate", 77, "owned by the operator")
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "checked").decision)
    opens = outbox(desk.register, client)[0].commands[0]
    assert (opens["account_role"], opens["approval_id"]) == ("affiliate", 77)
    with pytest.raises(DecisionRefusedError, match="the role of an open account stays"):
        flag_client(desk.register, DANA, client, "client", 0, "sold")


def test_trail_holds_and_a_changed_line_is_named(desk: Desk) -> None:
    desk.lists()
    desk.ready()
    last = verify_trail(desk.register.connection, KEYS)
    assert last == acts(desk.register.connection)[-1].hash
    desk.register.connection.execute("UPDATE acts SET body = replace(body, 'Aigerim', 'Aigerin') WHERE number = 4")
    with pytest.raises(TrailDamagedError, match=r"act 4.*Its text was changed"):
        verify_trail(desk.register.connection, KEYS)


def test_trail_shows_a_line_that_was_taken_out_or_signed_by_a_stranger(desk: Desk) -> None:
    client, _ = desk.applicant()
    stranger = Actor(DANA.officer_id, DANA.roles, OLGA.signer)
    decide(desk.register, stranger, client, "refused", "forged")
    verify_trail(desk.register.connection)
    with pytest.raises(TrailDamagedError, match="the key of officer 3"):
        verify_trail(desk.register.connection, KEYS)
    desk.register.connection.execute("DELETE FROM acts WHERE number = 2")
    with pytest.raises(TrailDamagedError, match="act 3"):
        verify_trail(desk.register.connection)


def test_input_that_cannot_be_shown_or_dated_is_refused(desk: Desk) -> None:
    for facts, words in (
        (PartyFacts("robot", ("A",)), "kind"),
        (PartyFacts("person", ()), "1 to 40 names"),
        (PartyFacts("person", ("A\x1b[2J",)), "printable"),
        (PERSON._replace(country="Kazakhstan"), "two capital letters"),
        (PERSON._replace(birth_date="3.2.1991"), "1990-05-17"),
    ):
        with pytest.raises(RegisterInputError, match=words):
            desk.applicant(facts)
    assert acts(desk.register.connection) == []
