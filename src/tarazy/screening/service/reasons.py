"""Reasons for refusing that the screening knows beside those of every service."""

from __future__ import annotations

from tarazy.platform.refusals import Reason

ADDRESS_FORMAT = Reason("address_format", 422, "bad address")
CHAIN_UNSUPPORTED = Reason("chain_unsupported", 404, "chain not supported")
NOT_A_CONTRACT = Reason("not_a_contract", 404, "not a contract")
SHARE_USED = Reason("share_used", 507, "the signed reports that this caller was given fill its share of the disk")
NO_ROOM = Reason("no_room", 507, "reports that were given out fill the disk, and none of them is removed")
