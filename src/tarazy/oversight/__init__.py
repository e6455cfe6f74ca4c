"""What both houses need to watch a venue and its assets: the facility's desks and the authority run the same code."""
