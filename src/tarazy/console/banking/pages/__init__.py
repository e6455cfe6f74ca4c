"""The pages of the treasury, one a file."""
