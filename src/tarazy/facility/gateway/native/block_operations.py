"""The operations on trades off the book, with their pages in the OpenAPI document."""

from __future__ import annotations

from tarazy.facility.gateway.endpoint import Security
from tarazy.facility.gateway.native import blocks
from tarazy.facility.gateway.native.block_acceptance import accept_quote
from tarazy.facility.gateway.native.block_views import BLOCKS, QUOTE, RECORD, REQUEST, TRADED
from tarazy.facility.gateway.native.operation import Given, Operation, listed, number_schema, text_schema, up_to, words
from tarazy.facility.gateway.native.tables import LIMIT, page_schema
from tarazy.oversight.requests.block_requests import NUMBER_MAX, VALID_MAX_MS, VALID_MIN_MS

SYMBOL = Given("symbol", text_schema, "market", True)
QUOTE_ID = Given("quoteId", up_to(NUMBER_MAX), "number of the quote", True)
REQUEST_ID = Given("requestId", up_to(NUMBER_MAX), "number of the request", True)
VALID = Given("validMs", up_to(VALID_MAX_MS, VALID_MIN_MS), "how long it is open, a minute if not sent")
CLIENT = Given("clientId", {"type": "string", "pattern": blocks.CLIENT_ID}, "the client's own; a retry finds the first")
AMOUNT = {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$"}

SAID = (
    Given("symbol", text_schema, "market of the request; needed with a key of one's own"),
    Given("side", words("BUY", "SELL"), "side of the client who asks; needed with a key of one's own"),
    Given("quantity", AMOUNT, "of the request; needed with a key of one's own"),
)


def of_trader(
    method: str, path: str, handler: object, summary: str, answer: dict[str, object], *given: Given
) -> Operation:
    """Return an operation of a client that may trade or, of a GET, read."""
    security = Security.READ if method == "GET" else Security.TRADE
    return Operation(method, path, handler, security, summary, answer, given, 2, section="blocks")  # type: ignore[arg-type]


OPERATIONS = (
    of_trader(
        "POST",
        "/v1/quote-requests",
        blocks.ask_for_quote,
        "Ask others for a price for a quantity, off the book",
        REQUEST,
        SYMBOL,
        Given("side", words("BUY", "SELL"), "what the one who asks does", True),
        Given("quantity", AMOUNT, "of the base asset", True),
        VALID,
        CLIENT,
    ),
    of_trader(
        "GET", "/v1/quote-requests", blocks.list_requests, "Requests of one's own, and those open", listed(REQUEST)
    ),
    of_trader("DELETE", "/v1/quote-requests", blocks.withdraw_request, "Cancel a request", REQUEST, REQUEST_ID),
    of_trader(
        "POST",
        "/v1/quotes",
        blocks.give_quote,
        "Offer a price for a request",
        QUOTE,
        REQUEST_ID,
        Given("price", AMOUNT, "of one unit of the base asset", True),
        *SAID,
        VALID,
        CLIENT,
    ),
    of_trader("GET", "/v1/quotes", blocks.list_quotes, "Quotes for a request, or one's own", listed(QUOTE), REQUEST_ID),
    of_trader("DELETE", "/v1/quotes", blocks.withdraw_quote, "Cancel a quote", QUOTE, QUOTE_ID),
    of_trader(
        "POST",
        "/v1/quotes/accept",
        accept_quote,
        "Accept a quote: it trades at once",
        TRADED,
        QUOTE_ID,
        *SAID,
        Given("price", AMOUNT, "of the quote; needed with a key of one's own"),
    ),
    of_trader("GET", "/v1/quotes/record", blocks.execution_record, "The record of best execution", RECORD, QUOTE_ID),
    Operation(
        "GET",
        "/v1/block-trades",
        blocks.public_blocks,
        Security.NONE,
        "Block trades of a market whose delay is over",
        page_schema(BLOCKS),
        (SYMBOL, Given("after", number_schema, "command of the last one that is known"), LIMIT),
        5,
        section="market",
    ),
)
