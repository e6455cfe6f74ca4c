"""What stands in front of every route: identity, limits, answers, the access log, the server."""
