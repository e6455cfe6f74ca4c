"""Small tokens with exact labels: one mechanism each, beside it a harmless twin that differs in a line or a few."""
