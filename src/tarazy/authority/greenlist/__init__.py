"""The green list: dossiers, evidence, decisions of a meeting, reviews, petitions."""
