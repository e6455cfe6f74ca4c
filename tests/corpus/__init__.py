"""Small tokens with exact labels: one mechanism each, beside it a benign one that differs in a line or a few."""
