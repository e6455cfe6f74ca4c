"""The rulebook as code: rules with dated values and citations, four-valued verdicts, and what they leave unknown."""
