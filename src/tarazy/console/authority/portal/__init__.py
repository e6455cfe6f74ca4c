"""The applicants' pages on the authority's site, apart from the public's and from the officers'."""
