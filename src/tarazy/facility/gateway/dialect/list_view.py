"""An order list as the dialect shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.projections.orders import OPEN
from tarazy.oversight.requests.names import LIST_WORDS

if TYPE_CHECKING:
    from tarazy.facility.gateway.account_reads import ListRow


def list_plain(row: ListRow, *, with_reports: bool = False) -> dict[str, Any]:
    """Return a list: executing while one of its orders is open, then all done."""
    views = row.orders
    is_open = any(view.status == OPEN for view in views)
    symbol = views[0].symbol.name
    plain: dict[str, Any] = {
        "orderListId": row.list_id,
        "contingencyType": LIST_WORDS[row.list_kind],
        "listStatusType": "EXEC_STARTED" if is_open else "ALL_DONE",
        "listOrderStatus": "EXECUTING" if is_open else "ALL_DONE",
        "listClientOrderId": row.client_id,
        "transactionTime": max(view.last_ns for view in views) // NS_PER_MS,
        "symbol": symbol,
        "orders": [
            {"symbol": symbol, "orderId": view.order_id, "clientOrderId": view.client_id}
            for view in sorted(views, key=lambda view: view.order_id)
        ],
    }
    if with_reports:
        plain["orderReports"] = [view.placed(full=False) for view in views]
    return plain
