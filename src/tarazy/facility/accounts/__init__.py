"""Accounts of clients as the operator keeps them beside the record: keys of their programs."""
