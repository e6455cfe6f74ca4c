"""A desk with three officers, a register, a store of documents and a clock that a test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tarazy.domain.records import ROLE_COMPLIANCE, ROLE_OPERATIONS
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.classification import classify, confirm_class
from tarazy.facility.accounts.clients import new_client
from tarazy.facility.accounts.decisions import decide
from tarazy.facility.accounts.parties import PartyFacts, add_paper
from tarazy.facility.accounts.register import Register
from tarazy.facility.accounts.screening.imports import import_list
from tarazy.facility.accounts.screening.screening import screen
from tarazy.facility.accounts.trail import Actor
from tarazy.platform.documents.store import Documents

DANA = Actor(3, ROLE_COMPLIANCE, KeySigner.from_seed(bytes([3]) * 32))
ERIK = Actor(4, ROLE_COMPLIANCE, KeySigner.from_seed(bytes([4]) * 32))
OLGA = Actor(5, ROLE_OPERATIONS, KeySigner.from_seed(bytes([5]) * 32))
KEYS = {actor.officer_id: actor.signer.public_key for actor in (DANA, ERIK, OLGA)}
START = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
PERSON = PartyFacts("person", ("Aigerim Saparova",), "1991-02-03", "KZ", "KZ", "910203400123")
UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="{day}T00:00:00"><INDIVIDUALS>{people}</INDIVIDUALS><ENTITIES>{companies}</ENTITIES>
</CONSOLIDATED_LIST>"""
NOBODY = "<INDIVIDUAL><FIRST_NAME>NOBODY</FIRST_NAME><SECOND_NAME>WHATSOEVER</SECOND_NAME><REFERENCE_NUMBER>XXi.1\
</REFERENCE_NUMBER></INDIVIDUAL>"
OFAC = """<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML">
<publshInformation><Publish_Date>{day}</Publish_Date><Record_Count>{count}</Record_Count></publshInformation>
{entries}</sdnList>"""
VESSEL = "<sdnEntry><uid>{uid}</uid><lastName>NO SUCH SHIP</lastName><sdnType>Vessel</sdnType></sdnEntry>"
KZ = "<root><persons>{people}</persons><orgs></orgs></root>"


class Desk:
    """The desk of a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = START
        self.register = Register(folder / "venue.clients", now=lambda: self.time)
        self.documents = Documents(folder / "venue.documents")

    def later(self, **units: float) -> None:
        """Let time pass."""
        self.time += timedelta(**units)

    def file(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def paper(self, party: int, *papers: str) -> None:
        """Give papers to a party."""
        for paper in papers:
            path = self.file(f"{paper}.txt", f"{paper} of {party}")
            add_paper(self.register, self.documents, OLGA, party, paper, path)

    def un(self, day: str = "2026-11-29", people: str = NOBODY, companies: str = "") -> int:
        """Take in a list of the United Nations and return the import's number."""
        path = self.file("un.xml", UN.format(day=day, people=people, companies=companies))
        return import_list(self.register, self.documents, DANA, "un", path).import_

    def ofac(self, day: str = "11/27/2026", *entries: str) -> int:
        """Take in a list of OFAC."""
        found = entries or (VESSEL.format(uid=1),)
        path = self.file("sdn.xml", OFAC.format(day=day, count=len(found), entries="".join(found)))
        return import_list(self.register, self.documents, DANA, "ofac", path).import_

    def kz(self, people: str = "<person><lname>НИКТО</lname><fname>НИГДЕ</fname></person>") -> int:
        """Take in a list of Kazakhstan."""
        path = self.file("kz.xml", KZ.format(people=people))
        return import_list(self.register, self.documents, DANA, "kz", path, published="2026-11-28").import_

    def lists(self) -> None:
        """Take in all three lists, none of which names a client of the tests."""
        self.un()
        self.ofac()
        self.kz()

    def applicant(self, facts: PartyFacts = PERSON) -> tuple[int, int]:
        """Enter a client and return its number and its party's."""
        client = new_client(self.register, OLGA, facts)
        party = self.register.all("SELECT party FROM clients WHERE client = ?", (client,))[0][0]
        return client, party

    def ready(self, facts: PartyFacts = PERSON) -> int:
        """Enter a client that nothing stands against."""
        client, party = self.applicant(facts)
        self.paper(party, "identity", "address")
        self.make_retail(client)
        screen(self.register, OLGA)
        decide(self.register, DANA, client, "checks_open", "papers are complete")
        return client

    def make_retail(self, client: int) -> None:
        """Classify a client as retail."""
        proposal = classify(self.register, DANA, client, "retail", "a private person")
        confirm_class(self.register, ERIK, proposal.decision)
