"""Pages of the green list."""
