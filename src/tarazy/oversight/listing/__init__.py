"""Criteria for the green list: which assets a market's record lets in, and which it puts out again."""
