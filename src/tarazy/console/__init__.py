"""Web pages of the product: one file a page in `pages/`, each with a JSON twin; a room is mounted by the service."""
