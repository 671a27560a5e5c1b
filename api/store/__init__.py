"""Hand-written SQL that SQLite and PostgreSQL both take, one file a table group. Knows no HTTP and no network."""
