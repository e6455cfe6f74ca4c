"""Admission of assets and disclosures: the facility's own desk of signed acts, under the list of its authority."""
