"""Web pages of the product, one file a page in `pages/`, each with a JSON twin; rooms are mounted by the command line."""
