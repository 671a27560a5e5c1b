"""The tables of sync.sqlite: what people listen to and watch, written often and no money. An account's id is the shop's."""

STAMPS = (
    """
    CREATE TABLE stamps (
        account_id TEXT PRIMARY KEY,
        last INTEGER NOT NULL CHECK (last >= 0)
    ) WITHOUT ROWID
    """,
)

SYNC = (*STAMPS,)
