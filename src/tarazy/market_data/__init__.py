"""Real order flow in: published files of recorded markets become commands for a venue (`tarazy import`)."""
