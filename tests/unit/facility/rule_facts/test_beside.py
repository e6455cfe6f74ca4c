"""Facts of the stores beside a record, asked by the rules themselves: both sides of each, and days before a store is.

What is right is what the rule's text asks (COB 15.2: 7 days; COB 2.5.1: four papers; DAA 2.7: keys and wallets of two
estates), on stores that the product's own acts filled.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tarazy.domain.records import ROLE_CUSTODY
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.classification import ClassEvidence, classify, confirm_class
from tarazy.facility.accounts.complaints import acknowledge, new_complaint
from tarazy.facility.accounts.decisions import confirm_state, decide
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.items import allocate, items
from tarazy.facility.custody.inventory import add_address, add_wallet
from tarazy.facility.custody.key_register import record_audit, register_key
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.travel_data import FULL, TransferPerson, TravelData
from tarazy.facility.custody.travel_messages import OUT, keep_message, review_provider
from tarazy.facility.custody.wallet_keys import SeedKeys
from tarazy.facility.rule_facts.beside import facts_beside
from tarazy.facility.rule_facts.document_facts import whole_years
from tarazy.facility.rule_facts.register_facts import RecordedMoments
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.facts import FactSet, RuleFact

from ..accounts.desk import DANA, ERIK, OLGA, Desk
from ..banking.desk import AIGUL, FINA, BankDesk, day, paid

TODAY = date(2026, 11, 30)
MANY_DAYS = timedelta(days=400)
NOBODY = RecordedMoments({}, {})
CUSTODIAN = Actor(1, ROLE_CUSTODY, KeySigner.from_seed(bytes(32)))
EVM = "eip155:31337"


def ns(moment: datetime) -> int:
    """Return a moment in nanoseconds."""
    return int(moment.timestamp()) * 10**9


def answer(folder: Path, rule: str, asof: date = TODAY, moments: RecordedMoments = NOBODY, **more: int) -> str:
    """Return what a rule says of the stores in a folder; `more` are facts of the record."""
    facts = FactSet(facts_beside(folder / "venue", moments, asof))
    for name, value in more.items():
        facts.add(RuleFact(name, value, "the record", "replayed", date(2026, 1, 1)))
    return str(find_rule(f"aifc/{rule}").decide(facts, asof).outcome)


def test_a_folder_without_stores_says_nothing(tmp_path: Path) -> None:
    assert list(facts_beside(tmp_path / "venue", NOBODY, TODAY)) == []
    assert [path.name for path in tmp_path.iterdir()] == []  # and none was made


def test_an_account_opened_before_the_second_officer_s_approval_is_early(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.lists()
    client = desk.ready()
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "all is there").decision)
    opened = ns(desk.time)
    desk.register.close()
    at = RecordedMoments({client: opened}, {client: opened})
    assert answer(tmp_path, "due_diligence", moments=at) == "met"
    assert answer(tmp_path, "membership", moments=at) == "met"
    early = RecordedMoments({client: opened - 1}, {client: opened - 86_400 * 10**9})
    assert answer(tmp_path, "due_diligence", moments=early) == "breached"
    assert answer(tmp_path, "membership", moments=early) == "breached"
    stranger = RecordedMoments({client + 1: opened}, {client + 1: opened})
    assert answer(tmp_path, "due_diligence", moments=stranger) == "breached"
    assert answer(tmp_path, "membership", moments=stranger) == "unknown"
    assert answer(tmp_path, "member_list", owners_in_record=1) == "met"
    assert answer(tmp_path, "member_list", owners_in_record=2) == "breached"
    assert answer(tmp_path, "member_list", TODAY - MANY_DAYS, owners_in_record=2) == "unknown"


def test_complaints_are_timed_to_the_day(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    client, _ = desk.applicant()
    assert answer(tmp_path, "complaints") == "not_applicable"
    row = new_complaint(desk.register, OLGA, client, "a deposit is missing", date(2026, 11, 23))
    assert answer(tmp_path, "complaints") == "unknown"
    acknowledge(desk.register, OLGA, row.complaint)  # on the seventh day
    assert answer(tmp_path, "complaints") == "met"
    late = new_complaint(desk.register, OLGA, client, "another one", date(2026, 11, 22))
    acknowledge(desk.register, OLGA, late.complaint)  # on the eighth
    assert answer(tmp_path, "complaints") == "breached"
    desk.register.close()


def test_people_in_the_class_professional_have_their_papers_and_a_review_a_year(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    client, party = desk.applicant()
    desk.paper(party, "net_assets", "opt_in", "warning", "acknowledgement")
    evidence = ClassEvidence(100_000, 24, False)
    proposal = classify(desk.register, DANA, client, "professional", "asked for it", evidence)
    assert answer(tmp_path, "professional_individuals") == "not_applicable"
    confirm_class(desk.register, ERIK, proposal.decision)
    assert answer(tmp_path, "professional_individuals") == "met"
    assert answer(tmp_path, "loss_of_class", TODAY + timedelta(days=365)) == "met"
    assert answer(tmp_path, "loss_of_class", TODAY + timedelta(days=366)) == "breached"
    desk.register.close()


@pytest.mark.parametrize(("payer", "outcome"), [("Ахметова Айгуль", "met"), ("Смагулов Ерлан", "breached")])
def test_money_of_somebody_else_s_account_is_found_where_an_officer_let_it_in(
    tmp_path: Path, payer: str, outcome: str
) -> None:
    desk = BankDesk(tmp_path)
    desk.set_up()
    desk.take(day(paid("30.50", "no reference", payer, "KZ86125KZT5004100100"), closing="30.50"))
    (item,) = items(desk.book)
    assert answer(tmp_path, "bank_accounts") == "met"  # nobody's yet
    assert answer(tmp_path, "client_money_deposit") == "met"  # booked on the day on which it came
    allocate(desk.book, FINA, item.item, AIGUL.client, "she wrote to us")
    desk.book.close()
    assert answer(tmp_path, "bank_accounts") == outcome


@pytest.fixture
def custody(tmp_path: Path) -> CustodyStore:
    path = custody_beside(tmp_path / "venue")
    path.parent.mkdir()
    store = CustodyStore(path, now=lambda: datetime(2026, 11, 30, tzinfo=UTC))
    add_wallet(store, CUSTODIAN, "hot", "client", "hot", EVM)
    add_wallet(store, CUSTODIAN, "own", "house", "hot", EVM)
    return store


def test_wallets_and_keys_are_judged_by_the_inventory(tmp_path: Path, custody: CustodyStore) -> None:
    seed = SeedKeys(tmp_path / "seed", "hot")
    add_address(custody, CUSTODIAN, "hot", "main", public_key=seed.public_key(0))
    assert answer(tmp_path, "scope_of_client_assets") == "met"
    assert answer(tmp_path, "keys_make_scope") == "not_applicable"  # no key in the register
    assert answer(tmp_path, "key_procedures") == "not_applicable"
    register_key(custody, CUSTODIAN, "02" + "11" * 32, "hsm", "hot", "ab" * 32, ["Aigerim"])
    assert answer(tmp_path, "keys_make_scope") == "met"
    assert answer(tmp_path, "key_procedures") == "met"
    assert answer(tmp_path, "key_quorum") == "unknown"  # where a key lies nobody wrote
    record_audit(custody, CUSTODIAN, "cd" * 32, 0)
    custody.connection.execute("UPDATE holders SET ends = '2026-11-30'")
    assert answer(tmp_path, "key_procedures") == "breached"  # its holder left
    custody.close()


def test_one_key_behind_both_estates_is_found(tmp_path: Path, custody: CustodyStore) -> None:
    """The inventory refuses it, so it is put past the inventory, as somebody with the file could."""
    seed = SeedKeys(tmp_path / "seed", "hot")
    add_address(custody, CUSTODIAN, "hot", "main", public_key=seed.public_key(0))
    facts = {each.name: each.value for each in facts_beside(tmp_path / "venue", NOBODY, TODAY)}
    assert facts["wallets_of_both"] == 0
    custody.connection.execute(
        "INSERT INTO addresses SELECT chain, 'other', 'own', role, place, account_id, descriptor, public_key, proof,"
        " proof_message, proved_on, act FROM addresses"
    )
    facts = {each.name: each.value for each in facts_beside(tmp_path / "venue", NOBODY, TODAY)}
    assert facts["wallets_of_both"] == 1
    custody.close()


def test_travel_data_and_providers_are_judged_by_the_messages(tmp_path: Path, custody: CustodyStore) -> None:
    person = TransferPerson("Aigerim Saparova", national_id="910203400123")
    data = TravelData(person, "0xa", TransferPerson("Bolat Omarov"), "0xb")
    keep_message(custody, OUT, "1", "", FULL, data)
    assert answer(tmp_path, "self_hosted") == "met"
    assert answer(tmp_path, "counterparties") == "not_applicable"
    assert answer(tmp_path, "travel_data_companies") == "not_applicable"
    keep_message(custody, OUT, "2", "", FULL, data._replace(beneficiary_account=""))
    assert answer(tmp_path, "self_hosted") == "breached"
    company = data._replace(originator=TransferPerson("Altyn LLP", is_company=True))
    keep_message(custody, OUT, "3", "vasp", FULL, company)
    assert answer(tmp_path, "travel_data_companies") == "breached"  # nothing says who the company is
    assert answer(tmp_path, "counterparties") == "unknown"  # nobody looked at the provider
    review_provider(custody, CUSTODIAN, "vasp", "Other exchange", "KZ", "approved", "ab" * 32)
    assert answer(tmp_path, "counterparties") == "met"
    assert answer(tmp_path, "counterparties", TODAY + timedelta(days=365)) == "met"
    assert answer(tmp_path, "counterparties", TODAY + timedelta(days=366)) == "breached"
    custody.close()


def test_a_payment_that_left_before_its_message_was_accepted_is_early(tmp_path: Path, custody: CustodyStore) -> None:
    data = TravelData(TransferPerson("A"), "0xa", TransferPerson("B"), "0xb")
    first = keep_message(custody, OUT, "7", "vasp", FULL, data)
    custody.connection.execute(
        "INSERT INTO withdrawals VALUES (7, 1, 1, 1, '5', ?, '', '0xb', 0, 'approved', '', '', '', '', '')", (EVM,)
    )
    assert answer(tmp_path, "travel_data_sent") == "met"  # it waits
    custody.connection.execute("UPDATE withdrawals SET state = 'sent'")
    assert answer(tmp_path, "travel_data_sent") == "breached"
    custody.connection.execute("UPDATE travel SET state = 'accepted' WHERE message = ?", (first.message,))
    assert answer(tmp_path, "travel_data_sent") == "met"
    custody.close()


def test_documents_are_kept_six_years_to_the_day(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    _, party = desk.applicant()
    desk.paper(party, "identity")
    desk.register.close()
    assert answer(tmp_path, "retention", date(2027, 1, 1)) == "met"
    assert whole_years(date(2026, 11, 30), date(2032, 11, 29)) == 5
    assert whole_years(date(2026, 11, 30), date(2032, 11, 30)) == 6
