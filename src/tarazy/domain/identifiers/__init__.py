"""Identifiers of the field, each checked by its own published rule: IIN and BIN, LEI, payment codes, currencies."""
