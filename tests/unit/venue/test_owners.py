"""OWN compares owners: who owns an account of the house or of an affiliate trades through none of a lesser role."""

from __future__ import annotations

from tarazy.domain.records import AccountRole, OrderCanceled, OrderType
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, CAROL, Floor

OWNER = 500


def test_orders_of_an_owner_go_when_an_affiliate_account_opens_and_none_comes_again(floor: Floor) -> None:
    client, second = floor.account(owner=OWNER, btc=100), floor.account(owner=OWNER, btc=100)
    floor.sell(client, 5, 110)
    stop = {"order_type": OrderType.stop_loss_limit, "trigger_price_ticks": 90}
    assert floor.sell(second, 5, 80, **stop).order_id
    other = floor.sell(BOB, 5, 120).order_id
    floor.account(owner=OWNER, role=AccountRole.affiliate, approval=7)
    assert [order.order_id for order in floor.asks] == [other]
    assert not floor.state.markets[0].book.untriggered
    assert floor.balance(client, 1) == floor.balance(second, 1) == (100, 0)
    refused = floor.sell(client, 5, 110)
    assert (refused.reject_code, refused[0].expected, refused[0].found) == (RejectCode.owner_cannot_trade, 2, 1)


def test_cancellations_follow_the_opening_in_the_order_of_accounts(floor: Floor) -> None:
    client = floor.account(owner=OWNER, btc=100)
    numbers = [floor.sell(client, 5, price).order_id for price in (120, 110)]
    opened = floor.account_opened(owner=OWNER, role=AccountRole.house)
    assert opened.kinds == ["AccountOpened", "OrderCanceled", "OrderCanceled"]
    assert [event.order_id for event in opened.of(OrderCanceled)] == numbers


def test_affiliate_trades_under_its_approval_while_its_owners_client_account_does_not(floor: Floor) -> None:
    client = floor.account(owner=OWNER, btc=100)
    affiliate = floor.account(owner=OWNER, role=AccountRole.affiliate, approval=7, btc=100)
    assert floor.sell(affiliate, 5, 110, approval_id=7).kinds == ["OrderAccepted"]
    assert floor.sell(client, 5, 110).reject_code == RejectCode.owner_cannot_trade
    assert floor.buy(CAROL, 5, 110).fills


def test_owner_of_the_house_trades_through_no_affiliate_account(floor: Floor) -> None:
    affiliate = floor.account(owner=OWNER, role=AccountRole.affiliate, approval=7, btc=100)
    floor.sell(affiliate, 5, 110, approval_id=7)
    floor.account(owner=OWNER, role=AccountRole.house)
    assert floor.asks == []
    refused = floor.sell(affiliate, 5, 110, approval_id=7)
    assert (refused.reject_code, refused[0].expected) == (RejectCode.owner_cannot_trade, AccountRole.house)


def test_account_that_opens_after_the_affiliates_is_barred_too(floor: Floor) -> None:
    floor.account(owner=OWNER, role=AccountRole.affiliate, approval=7)
    client = floor.account(owner=OWNER, btc=100)
    assert floor.sell(client, 5, 110).reject_code == RejectCode.owner_cannot_trade


def test_barred_owner_cannot_amend_but_can_withdraw_what_is_there(floor: Floor) -> None:
    order = floor.sell(ALICE, 5, 110).order_id
    owner = floor.state.accounts[ALICE - 1].owner_id
    floor.account(owner=owner, role=AccountRole.affiliate, approval=7)
    assert floor.amend(ALICE, order, 3).reject_code == RejectCode.owner_cannot_trade


def test_bar_survives_a_snapshot(floor: Floor) -> None:
    client = floor.account(owner=OWNER, btc=100)
    floor.account(owner=OWNER, role=AccountRole.house)
    floor.venue = floor.engine.restore(floor.venue.snapshot())
    assert floor.sell(client, 5, 110).reject_code == RejectCode.owner_cannot_trade
