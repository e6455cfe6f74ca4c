"""User data: what happened to an account's orders and balances, said to that account alone."""
