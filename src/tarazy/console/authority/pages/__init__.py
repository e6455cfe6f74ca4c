"""The pages of the authority."""
