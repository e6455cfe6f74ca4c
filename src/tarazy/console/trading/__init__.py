"""The traders' section: logging in, one page to trade on, wallet, statement, keys, and the operator's own pages."""
