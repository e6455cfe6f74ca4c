"""The native API under /v1: what the dialect has no word for, each operation declared with its parameters."""
