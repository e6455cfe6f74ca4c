"""SQL databases of a facility: one opener for SQLite and PostgreSQL, and the migrations of what is kept in them."""
