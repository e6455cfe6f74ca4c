"""A plain model of the ledger's table for one asset and a few clients: numbers, no accounts, no records.

Every act returns whether it is accepted. It is written from the table on docs/concepts/ledger-and-segregation.md and
knows nothing of the engines; test_custody_model.py drives both with the same random acts.
"""

from __future__ import annotations

FEE_PARTS = 10  # a trade's fee is a tenth of what the buyer receives


class Credit:
    """A credit under evidence: what went to the client, and, once undone, what was taken back and what was lost."""

    def __init__(self, client: int, amount: int, to_client: int, receipt: int) -> None:
        self.client, self.amount, self.to_client, self.receipt = client, amount, to_client, receipt
        self.undone = False
        self.lost = 0


class Leaving:
    """A withdrawal, or with a receipt a return: its state is 1 requested, 2 approved, 3 dispatched, 4 settled."""

    def __init__(self, client: int, amount: int, receipt: int) -> None:
        self.client, self.amount, self.receipt = client, amount, receipt
        self.state = 1


class Model:
    """What there is (CC, SF, HC) and whose it is (AV, HE by client; UN, FE, NF, HQ)."""

    def __init__(self, clients: int) -> None:
        self.cc = self.sf = self.hc = self.un = self.fe = self.nf = self.hq = 0
        self.av, self.he = [0] * clients, [0] * clients
        self.orders: dict[int, tuple[int, int]] = {}
        self.leaving: dict[int, Leaving] = {}
        self.receipts: dict[int, int] = {}
        self.owners: dict[int, int] = {}
        self.credits: dict[int, Credit] = {}

    # ------------------------------------------------------------ facts
    def deposit(self, number: int, client: int, amount: int) -> bool:
        self.cc += amount
        self.av[client] += amount
        self.credits[number] = Credit(client, amount, amount, 0)
        return True

    def receive(self, number: int, amount: int) -> bool:
        self.cc += amount
        self.un += amount
        self.receipts[number] = amount
        self.credits[number] = Credit(-1, amount, 0, number)
        return True

    def undo(self, number: int) -> bool:
        credit = self.credits[number]
        if credit.undone or self.cc < credit.amount:
            return False
        self.free(credit.client, credit.to_client)
        waiting = self.take_receipt(credit)
        taken = min(credit.to_client, self.av[credit.client]) if credit.to_client else 0
        if taken:
            self.av[credit.client] -= taken
        credit.lost = credit.amount - waiting - taken
        credit.undone, credit.to_client = True, taken
        self.cc -= credit.amount
        self.sf += credit.lost
        return True

    def free(self, client: int, needed: int) -> None:
        """Cancel orders, then undispatched withdrawals, as far as needed."""
        for number, (owner, amount) in sorted(self.orders.items()):
            if needed and owner == client and self.av[client] < needed:
                del self.orders[number]
                self.he[client] -= amount
                self.av[client] += amount
        for number, leaving in sorted(self.leaving.items()):
            own = leaving.client == client and not leaving.receipt and leaving.state < 3
            if needed and own and self.av[client] < needed:
                self.reject(number)

    def take_receipt(self, credit: Credit) -> int:
        """Take the part that waits, undispatched returns included."""
        needed = credit.amount - credit.to_client
        if not needed or credit.receipt not in self.receipts:
            return 0
        for number, leaving in sorted(self.leaving.items()):
            own = leaving.receipt == credit.receipt and leaving.state < 3
            if own and self.receipts[credit.receipt] < needed:
                self.reject(number)
        taken = min(needed, self.receipts[credit.receipt])
        self.receipts[credit.receipt] -= taken
        self.un -= taken
        return taken

    def credit_again(self, number: int, receipt: int) -> bool:
        credit = self.credits[number]
        if not credit.undone:
            return False
        covered = min(credit.lost, self.sf)
        back = min(credit.to_client, credit.amount - covered)
        rest = credit.amount - covered - back
        self.cc += credit.amount
        self.sf -= covered
        if back:
            self.av[credit.client] += back
        self.un += rest
        if rest:
            self.receipts[receipt] = rest
        credit.undone, credit.to_client, credit.lost, credit.receipt = False, back, 0, receipt if rest else 0
        return True

    def lose(self, amount: int) -> bool:
        if self.cc < amount:
            return False
        self.cc -= amount
        self.sf += amount
        return True

    def recover(self, receipt: int, amount: int) -> bool:
        covered = min(self.sf, amount)
        self.cc += amount
        self.sf -= covered
        self.un += amount - covered
        if amount > covered:
            self.receipts[receipt] = amount - covered
        return True

    def network_fee(self, amount: int) -> bool:
        if self.cc < amount:
            return False
        from_float = min(self.nf, amount)
        from_fees = min(self.fe, amount - from_float)
        self.cc -= amount
        self.nf -= from_float
        self.fe -= from_fees
        self.sf += amount - from_float - from_fees
        return True

    # ------------------------------------------------------------ clients
    def hold(self, number: int, client: int, amount: int) -> bool:
        if self.av[client] < amount:
            return False
        self.av[client] -= amount
        self.he[client] += amount
        self.orders[number] = (client, amount)
        return True

    def trade(self, seller: int, buyer: int, amount: int) -> bool:
        if self.av[seller] < amount:
            return False
        fee = amount // FEE_PARTS
        self.av[seller] -= amount
        self.av[buyer] += amount - fee
        self.fe += fee
        return True

    def attribute(self, receipt: int, client: int, amount: int) -> bool:
        if self.receipts.get(receipt, 0) < amount or self.owners.get(receipt, client) != client:
            return False
        self.receipts[receipt] -= amount
        self.un -= amount
        self.av[client] += amount
        for credit in self.credits.values():
            if credit.receipt == receipt and not credit.undone and credit.client in (-1, client):
                credit.client = client
                credit.to_client += amount
        return True

    def seize(self, receipt: int, client: int, amount: int) -> bool:
        if self.av[client] < amount:
            return False
        self.av[client] -= amount
        self.un += amount
        self.receipts[receipt] = amount
        self.owners[receipt] = client
        return True

    # ------------------------------------------------------------ the way out
    def request(self, number: int, client: int, amount: int) -> bool:
        if self.av[client] < amount:
            return False
        self.av[client] -= amount
        self.he[client] += amount
        self.leaving[number] = Leaving(client, amount, 0)
        return True

    def request_return(self, number: int, receipt: int, amount: int) -> bool:
        if self.receipts.get(receipt, 0) < amount:
            return False
        self.receipts[receipt] -= amount
        self.leaving[number] = Leaving(-1, amount, receipt)
        return True

    def approve(self, number: int) -> bool:
        if self.leaving[number].state != 1 or self.sf:
            return False
        self.leaving[number].state = 2
        return True

    def dispatch(self, number: int) -> bool:
        leaving = self.leaving[number]
        if leaving.state not in (2, 3) or self.sf or self.cc < leaving.amount:
            return False
        leaving.state = 3
        return True

    def settle(self, number: int) -> bool:
        leaving = self.leaving[number]
        if leaving.state != 3 or self.cc < leaving.amount:
            return False
        leaving.state = 4
        self.cc -= leaving.amount
        if leaving.receipt:
            self.un -= leaving.amount
        else:
            self.he[leaving.client] -= leaving.amount
        return True

    def undo_settlement(self, number: int) -> bool:
        leaving = self.leaving[number]
        if leaving.state != 4:
            return False
        leaving.state = 3
        self.cc += leaving.amount
        if leaving.receipt:
            self.un += leaving.amount
        else:
            self.he[leaving.client] += leaving.amount
        return True

    def reject(self, number: int) -> bool:
        leaving = self.leaving[number]
        if leaving.state > 2:
            return False
        del self.leaving[number]
        if leaving.receipt:
            self.receipts[leaving.receipt] += leaving.amount
        else:
            self.he[leaving.client] -= leaving.amount
            self.av[leaving.client] += leaving.amount
        return True

    # ------------------------------------------------------------ the house
    def fund(self, amount: int) -> bool:
        self.hc += amount
        self.hq += amount
        return True

    def draw(self, amount: int) -> bool:
        if self.hc < amount or self.sf:
            return False
        self.hc -= amount
        self.hq -= amount
        return True

    def give(self, amount: int) -> bool:
        """Move the house's assets into the clients' pool."""
        if self.hc < amount:
            return False
        self.hc -= amount
        self.hq -= amount
        self.cc += amount
        return True

    def lend(self, amount: int) -> bool:
        given = self.give(amount)
        self.nf += amount * given
        return given

    def top_up(self, amount: int) -> bool:
        if self.sf < amount or not self.give(amount):
            return False
        self.sf -= amount
        return True

    def top_up_from_fees(self, amount: int) -> bool:
        if self.sf < amount or self.fe + self.nf < amount:
            return False
        from_fees = min(self.fe, amount)
        self.fe -= from_fees
        self.nf -= amount - from_fees
        self.sf -= amount
        return True

    def compensate(self, client: int, amount: int) -> bool:
        given = self.give(amount)
        self.av[client] += amount * given
        return given

    def refund(self, client: int, amount: int) -> bool:
        if self.fe < amount:
            return False
        self.fe -= amount
        self.av[client] += amount
        return True

    def sweep(self, amount: int) -> bool:
        if self.sf or self.fe < amount or self.cc < amount:
            return False
        self.cc -= amount
        self.fe -= amount
        self.hc += amount
        self.hq += amount
        return True

    def totals(self) -> list[int]:
        """Return the totals in the order of the ledger's kinds."""
        return [self.cc, self.sf, self.hc, sum(self.av), sum(self.he), self.un, self.fe, self.nf, self.hq]
