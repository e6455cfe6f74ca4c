"""Where the applicants' portal stands."""

APPLY = "/apply"
