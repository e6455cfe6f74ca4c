"""Pages of the authority: what the public reads, and the officers' desk."""
