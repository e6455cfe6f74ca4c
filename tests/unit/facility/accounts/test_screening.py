"""Lists taken in, parties compared, hits found and ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.decisions import confirm_state, decide
from tarazy.facility.accounts.errors import DecisionRefusedError, ListFileError, RegisterInputError
from tarazy.facility.accounts.parties import PartyFacts, change_party, new_party
from tarazy.facility.accounts.screening.clearing import add_address, add_payer, confirm_hit, end_hit, find_hit, hits_of
from tarazy.facility.accounts.screening.imports import import_list, imports
from tarazy.facility.accounts.screening.ofac import birth
from tarazy.facility.accounts.screening.screening import screen, screen_address
from tarazy.facility.accounts.screening.un import read_un

from .desk import DANA, ERIK, NOBODY, OLGA, PERSON, VESSEL, Desk

# The layout of an entry as the UN publishes it (fields as seen in public copies of consolidated.xml); the person is made up.
LISTED = """<INDIVIDUAL><DATAID>900</DATAID><FIRST_NAME>AIGERIM</FIRST_NAME><SECOND_NAME>SAPAROVA</SECOND_NAME>
<UN_LIST_TYPE>Test</UN_LIST_TYPE><REFERENCE_NUMBER>XXi.900</REFERENCE_NUMBER><LISTED_ON>2026-11-29</LISTED_ON>
<NAME_ORIGINAL_SCRIPT>Айгерім Сапарова</NAME_ORIGINAL_SCRIPT><NATIONALITY><VALUE>Kazakhstan</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Ayguerim Saparova</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Bookkeeper</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1991-02-03</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1990</FROM_YEAR><TO_YEAR>1992</TO_YEAR>
</INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>N1234567</NUMBER></INDIVIDUAL_DOCUMENT>
</INDIVIDUAL>"""
WALLET = """<sdnEntry><uid>{uid}</uid><lastName>MIXER</lastName><sdnType>Entity</sdnType><idList><id><uid>9</uid>
<idType>Digital Currency Address - ETH</idType><idNumber>0xAbCdef0000000000000000000000000000000001</idNumber></id>
<id><uid>10</uid><idType>Digital Currency Address - XBT</idType><idNumber>1BoatSLRHtKNngkdXEeobR76b53LETtpyT</idNumber></id>
</idList></sdnEntry>"""


def test_every_part_of_an_entry_is_read(desk: Desk) -> None:
    desk.un(people=LISTED)
    (entry,) = read_un(desk.folder / "un.xml").entries
    assert entry.names == ("AIGERIM SAPAROVA", "Айгерім Сапарова", "Ayguerim Saparova")
    assert entry.weak_names == ("The Bookkeeper",)
    assert entry.births == ("1991-02-03", "1990..1992")
    assert (entry.countries, entry.identifiers) == (("Kazakhstan",), ("N1234567",))


def test_a_hit_at_onboarding_stops_the_approval_until_an_officer_ends_it(desk: Desk) -> None:
    desk.un(people=LISTED)
    desk.ofac()
    desk.kz()
    client = desk.ready()
    (hit,) = hits_of(desk.register)
    parts = json.loads(hit.parts)
    assert hit.score == 1_000
    assert (parts["birth"], parts["country"]) == (60, 20)
    with pytest.raises(DecisionRefusedError, match=f"hit {hit.hit} of party .* is open"):
        decide(desk.register, DANA, client, "approved", "hurry")
    with pytest.raises(RegisterInputError, match="a reason"):
        end_hit(desk.register, DANA, hit.hit, is_true=False, reason="  ")
    end_hit(desk.register, DANA, hit.hit, is_true=False, reason="another person: passport and photograph differ")
    assert decide(desk.register, DANA, client, "approved", "cleared").standing == "proposed"


def test_a_true_match_takes_two_officers_and_stops_for_good(desk: Desk) -> None:
    desk.un(people=LISTED)
    desk.ofac()
    desk.kz()
    client = desk.ready()
    hit = hits_of(desk.register)[0].hit
    end_hit(desk.register, DANA, hit, is_true=True, reason="same passport")
    with pytest.raises(DecisionRefusedError, match="another officer than 3"):
        confirm_hit(desk.register, DANA, hit)
    with pytest.raises(DecisionRefusedError, match="is proposed"):
        decide(desk.register, DANA, client, "approved", "hurry")
    assert confirm_hit(desk.register, ERIK, hit).confirmed_by == 4
    for act in (lambda: end_hit(desk.register, ERIK, hit, is_true=False, reason="changed my mind"),
                lambda: confirm_hit(desk.register, ERIK, hit)):  # fmt: skip
        with pytest.raises(DecisionRefusedError, match="ended"):
            act()
    with pytest.raises(DecisionRefusedError, match="a true match"):
        decide(desk.register, DANA, client, "approved", "hurry")


def test_a_client_of_long_ago_is_found_when_a_list_names_it_later(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "clean").decision)
    assert hits_of(desk.register) == []
    desk.later(days=1)
    desk.un("2026-11-30", NOBODY + LISTED)
    row = imports(desk.register)[-1]
    assert (row.entries, row.added, row.changed, row.removed) == (2, 1, 0, 0)
    run = screen(desk.register, OLGA)
    assert (run.parties, len(run.hits)) == (1, 1)
    assert hits_of(desk.register)[0].party == find_client(desk.register, client).party


def test_only_what_changed_is_compared_again_and_a_cleared_hit_stays_cleared(desk: Desk) -> None:
    desk.un(people=LISTED)
    _, party = desk.applicant()
    first = screen(desk.register, OLGA)
    end_hit(desk.register, DANA, first.hits[0], is_true=False, reason="another person")
    assert screen(desk.register, OLGA).comparisons == 0
    desk.un("2026-11-30", NOBODY + LISTED)
    assert screen(desk.register, OLGA).hits == ()
    desk.un("2026-12-01", NOBODY + LISTED.replace("1991-02-03", "1991-02-04"))  # the entry itself changed
    assert len(screen(desk.register, OLGA).hits) == 1
    change_party(desk.register, OLGA, party, PERSON._replace(birth_date="1991-02-05"))  # the client changed
    assert len(screen(desk.register, OLGA).hits) == 1
    assert [hit.standing for hit in hits_of(desk.register)] == ["ended", "open", "open"]


def test_owners_payers_and_addresses_stop_their_client_too(desk: Desk) -> None:
    desk.un()
    desk.ofac("11/27/2026", VESSEL.format(uid=1), WALLET.format(uid=2))
    desk.kz(
        "<person><lname>ОСПАНОВ</lname><fname>МАРАТ</fname><mname>СЕРИКОВИЧ</mname><birthdate>01.02.1980</birthdate></person>"
    )
    client = desk.ready(PartyFacts("person", ("Karlygash Bek",), residence="KZ"))
    payer = new_party(desk.register, OLGA, PartyFacts("person", ("Marat Ospanov",), "1980-02-01"))
    add_payer(desk.register, OLGA, client, payer)
    add_address(
        desk.register, OLGA, find_client(desk.register, client).party, "0xABCDEF0000000000000000000000000000000001"
    )
    with pytest.raises(DecisionRefusedError, match="was not screened"):
        decide(desk.register, DANA, client, "approved", "hurry")
    screen(desk.register, OLGA)
    found = {(hit.source, hit.party == payer, hit.score) for hit in hits_of(desk.register)}
    assert found == {("kz", True, 1_000), ("ofac", False, 1_000)}
    with pytest.raises(DecisionRefusedError, match=r"on the list kz is open.*|on the list ofac is open"):
        decide(desk.register, DANA, client, "approved", "hurry")
    assert [source for source, _ in screen_address(desk.register, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT")] == ["ofac"]
    assert screen_address(desk.register, "1boatslrhtknngkdxeeobr76b53lettpyt") == []  # base58 tells letters apart
    assert screen_address(desk.register, "0x" + "12" * 20) == []


# ruff: noqa: E501 - files as they come
BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>'
FILE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><CONSOLIDATED_LIST>&a;</CONSOLIDATED_LIST>'


@pytest.mark.parametrize(
    ("source", "text", "words"),
    [
        ("un", BOMB, "without document type and entities"),
        ("un", FILE, "without document type and entities"),
        ("un", "<sdnList></sdnList>", "the root CONSOLIDATED_LIST"),
        ("un", "<CONSOLIDATED_LIST dateGenerated='2026-11-29'><INDIVIDUALS>", "a whole XML file"),
        ("un", "not xml", "a whole XML file"),
        ("un", f"<CONSOLIDATED_LIST dateGenerated='2026-11-29'><I>{NOBODY}{NOBODY}</I></CONSOLIDATED_LIST>", "every reference once"),
        ("un", "<CONSOLIDATED_LIST dateGenerated='2026-11-29'><INDIVIDUAL/></CONSOLIDATED_LIST>", "a reference and a name"),
        ("ofac", f"<sdnList><publshInformation><Publish_Date>11/27/2026</Publish_Date><Record_Count>2</Record_Count></publshInformation>{VESSEL.format(uid=1)}</sdnList>", "2 entries, as the file says"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_or_not_safe_leaves_nothing(desk: Desk, source: str, text: str, words: str) -> None:
    path = desk.file("list.xml", text)
    with pytest.raises(ListFileError, match=words):
        import_list(desk.register, desk.documents, DANA, source, path)
    assert imports(desk.register) == []
    assert desk.register.all("SELECT * FROM listed") == []


def test_a_list_that_is_older_or_lost_half_is_refused(desk: Desk) -> None:
    desk.un("2026-11-29", NOBODY + LISTED + LISTED.replace("XXi.900", "XXi.901"))
    with pytest.raises(ListFileError, match="2026-11-29 or later"):
        desk.un("2026-11-28", NOBODY)
    with pytest.raises(ListFileError, match="at least half"):
        desk.un("2026-11-30", NOBODY)
    path = desk.folder / "un.xml"
    row = import_list(desk.register, desk.documents, DANA, "un", path, shrinks=True)
    assert (row.entries, row.removed) == (1, 2)


def test_the_file_itself_is_kept_by_its_hash(desk: Desk) -> None:
    desk.un()
    row = imports(desk.register)[0]
    assert desk.documents.read(row.sha256) == (desk.folder / "un.xml").read_bytes()


def test_a_list_of_a_declared_layout(desk: Desk, tmp_path: Path) -> None:
    layout = desk.file(
        "own.toml",
        'root = "list"\nprogramme = "Own"\n[[record]]\nelement = "row"\nkind = "company"\nnames = ["n"]\nseparator = "; "\n',
    )
    path = desk.file("own.xml", "<list><row><n>ALPHA TOO; Beta LLP</n></row></list>")
    with pytest.raises(RegisterInputError, match="a name such as un"):
        import_list(desk.register, desk.documents, DANA, "../own", path, layout=layout, published="2026-11-01")
    with pytest.raises(RegisterInputError, match="Give the day of the list"):
        import_list(desk.register, desk.documents, DANA, "own", path, layout=layout)
    row = import_list(desk.register, desk.documents, DANA, "own", path, layout=layout, published="2026-11-01")
    assert (row.entries, row.published) == (1, "2026-11-01")
    bad = desk.file(
        "bad.toml", 'root = "list"\nprogramme = "Own"\n[[record]]\nelement = "row"\nkind = "ship"\nnames = ["n"]\n'
    )
    with pytest.raises(ListFileError, match="a kind of person"):
        import_list(desk.register, desk.documents, DANA, "own", path, layout=bad, published="2026-11-02")
    with pytest.raises(ListFileError, match=r"a birth date as %d\.%m\.%Y"):
        desk.kz("<person><lname>A</lname><fname>B</fname><birthdate>1980-02-01</birthdate></person>")


@pytest.mark.parametrize(
    ("text", "kept"),
    [("10 Dec 1948", "1948-12-10"), ("1948", "1948"), ("circa 1948", "1948"), ("Dec 1948", "1948"), ("1958 to 1962", "1958..1962"), ("", "")],
)  # fmt: skip
def test_birth_dates_as_ofac_writes_them(text: str, kept: str) -> None:
    assert birth(text) == kept


def test_dates_that_are_none_are_no_evidence_and_stop_nothing(desk: Desk) -> None:
    desk.un(people=LISTED.replace("1991-02-03", "unknown").replace("<FROM_YEAR>1990", "<FROM_YEAR>about 1990"))
    desk.ofac(
        "11/27/2026",
        VESSEL.format(uid=1).replace(
            "<sdnType>",
            "<dateOfBirthList><dateOfBirthItem><dateOfBirth>to 1962</dateOfBirth></dateOfBirthItem></dateOfBirthList><sdnType>",
        ),
    )
    desk.applicant()
    assert json.loads(find_hit(desk.register, screen(desk.register, OLGA).hits[0]).parts)["birth"] == 0


def test_decisions_on_hits_are_kept_with_officer_and_reason(desk: Desk) -> None:
    desk.un(people=LISTED)
    desk.applicant()
    hit = screen(desk.register, OLGA).hits[0]
    end_hit(desk.register, ERIK, hit, is_true=False, reason="born elsewhere")
    row = find_hit(desk.register, hit)
    assert (row.decided_by, row.reason, row.verdict) == (4, "born elsewhere", "false")
    with pytest.raises(DecisionRefusedError, match="role"):
        end_hit(desk.register, OLGA, hit, is_true=False, reason="operations")
