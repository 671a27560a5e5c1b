"""The tables of sync.sqlite: what people listen to and watch, written often and no money. An account's id is the shop's.

Clients learn of a row by its `stamp`. Moments are milliseconds since 1970: a phone sends thirty of them at once, all day long.
"""

STAMPS = (
    """
    CREATE TABLE stamps (
        account_id TEXT PRIMARY KEY,
        last INTEGER NOT NULL CHECK (last >= 0)
    ) WITHOUT ROWID
    """,
)

# Whoever writes: a credential alone (name ''), and once more with every name that an app gave itself. `…_seen`: the stamp
# up to which it has been told everything that others wrote; `…_asked` is what it asked for then, `…_start` what it got instead.
CLIENTS = (
    """
    CREATE TABLE sync_clients (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL,
        credential TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        episodes_seen INTEGER NOT NULL DEFAULT 0,
        podcasts_seen INTEGER NOT NULL DEFAULT 0,
        episodes_asked INTEGER NOT NULL DEFAULT -1,
        podcasts_asked INTEGER NOT NULL DEFAULT -1,
        episodes_start INTEGER NOT NULL DEFAULT 0,
        podcasts_start INTEGER NOT NULL DEFAULT 0,
        UNIQUE (account_id, credential, name)
    )
    """,
)

# `key` is the same for all addresses of a feed; `url` the first one that was used, `podcast_names` what others call it.
PODCASTS = (
    """
    CREATE TABLE podcasts (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL,
        key TEXT NOT NULL,
        url TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'known' CHECK (state IN ('known', 'subscribed', 'removed')),
        changed_at INTEGER,
        client_id INTEGER,
        stamp INTEGER NOT NULL DEFAULT 0,
        UNIQUE (account_id, key)
    )
    """,
    "CREATE INDEX podcasts_by_stamp ON podcasts (account_id, stamp)",
    """
    CREATE TABLE podcast_names (
        podcast_id INTEGER NOT NULL REFERENCES podcasts (id) ON DELETE CASCADE,
        client_id INTEGER NOT NULL,
        url TEXT NOT NULL,
        PRIMARY KEY (podcast_id, client_id)
    ) WITHOUT ROWID
    """,
)

# One row an episode says how far it is; `actions` is how it came to that, with what was sent and lost (`won` 0). What an app
# sends at once lies together in `actions`, on one page or two; of an episode they are looked for among all of an account.
EPISODES = (
    """
    CREATE TABLE episodes (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL,
        podcast_id INTEGER NOT NULL REFERENCES podcasts (id),
        number INTEGER,
        guid TEXT NOT NULL DEFAULT '',
        url TEXT NOT NULL,
        started INTEGER,
        position INTEGER,
        total INTEGER,
        position_at INTEGER,
        played INTEGER NOT NULL DEFAULT 0,
        played_at INTEGER,
        client_id INTEGER,
        stamp INTEGER NOT NULL
    )
    """,
    "CREATE INDEX episodes_by_stamp ON episodes (account_id, stamp)",
    "CREATE INDEX episodes_of_podcast ON episodes (podcast_id)",
    """
    CREATE TABLE episode_keys (
        account_id TEXT NOT NULL,
        key TEXT NOT NULL,
        episode_id INTEGER NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
        PRIMARY KEY (account_id, key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX episode_keys_of_episode ON episode_keys (episode_id)",
    """
    CREATE TABLE episode_names (
        episode_id INTEGER NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
        client_id INTEGER NOT NULL,
        url TEXT NOT NULL,
        PRIMARY KEY (episode_id, client_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE actions (
        client_id INTEGER NOT NULL REFERENCES sync_clients (id) ON DELETE CASCADE,
        sent_at INTEGER NOT NULL,
        episode_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        position INTEGER NOT NULL,
        at INTEGER NOT NULL,
        started INTEGER,
        total INTEGER,
        played INTEGER,
        won INTEGER NOT NULL,
        stamp INTEGER NOT NULL,
        more TEXT,
        PRIMARY KEY (client_id, sent_at, episode_id, kind, position)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX actions_by_stamp ON actions (client_id, stamp)",
)

# What gpodder's apps say of themselves, and keep here for themselves. `group_name`: devices that want to be one.
PODCAST_DEVICES = (
    """
    CREATE TABLE podcast_devices (
        account_id TEXT NOT NULL,
        name TEXT NOT NULL,
        caption TEXT NOT NULL DEFAULT '',
        type TEXT NOT NULL DEFAULT 'other',
        group_name TEXT,
        PRIMARY KEY (account_id, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE podcast_settings (
        account_id TEXT NOT NULL,
        scope TEXT NOT NULL,
        subject TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (account_id, scope, subject, name)
    ) WITHOUT ROWID
    """,
)

CHANGES = (
    """
    CREATE TABLE progress (
        account_id TEXT NOT NULL,
        lecture_id TEXT NOT NULL,
        position_seconds REAL NOT NULL CHECK (position_seconds >= 0),
        position_at INTEGER NOT NULL,
        position_by TEXT NOT NULL,
        total_seconds REAL NOT NULL CHECK (total_seconds >= 0),
        total_at INTEGER NOT NULL,
        total_by TEXT NOT NULL,
        watched TEXT NOT NULL,
        completed_at INTEGER NOT NULL,
        reset_at INTEGER NOT NULL,
        stamp INTEGER NOT NULL,
        PRIMARY KEY (account_id, lecture_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX progress_by_stamp ON progress (account_id, stamp)",
    """
    CREATE TABLE kept (
        account_id TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('bookmark', 'queue', 'favourite', 'note')),
        entity TEXT NOT NULL,
        data TEXT,
        at INTEGER NOT NULL,
        change_id TEXT NOT NULL,
        writer TEXT NOT NULL,
        stamp INTEGER NOT NULL,
        PRIMARY KEY (account_id, kind, entity)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX kept_by_stamp ON kept (account_id, stamp)",
    """
    CREATE TABLE answered (
        account_id TEXT NOT NULL,
        id TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('applied', 'merged', 'stale')),
        stamp INTEGER NOT NULL,
        PRIMARY KEY (account_id, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE told_rights (
        account_id TEXT NOT NULL,
        course_id TEXT NOT NULL,
        data TEXT,
        at INTEGER NOT NULL,
        stamp INTEGER NOT NULL,
        PRIMARY KEY (account_id, course_id)
    ) WITHOUT ROWID
    """,
)

# A link to a lecture opens for whoever has it, until it ends; its owner sees who was given one.
GIVEN_LINKS = (
    """
    CREATE TABLE given_links (
        account_id TEXT NOT NULL,
        holder TEXT NOT NULL,
        lecture_id TEXT NOT NULL,
        given INTEGER NOT NULL,
        ends INTEGER NOT NULL,
        PRIMARY KEY (account_id, holder, lecture_id)
    ) WITHOUT ROWID
    """,
)

# One row a restore; see `store/epochs.py`. It came after the tables above, so it is a step of its own.
EPOCHS = (
    """
    CREATE TABLE epochs (
        id TEXT PRIMARY KEY,
        begun_at INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)

# What others wrote is told apart by who had the last word of an episode; a client that takes that word over stays behind.
BEHIND = ("ALTER TABLE sync_clients ADD COLUMN episodes_behind INTEGER NOT NULL DEFAULT 0",)

SYNC = (*STAMPS, *CLIENTS, *PODCASTS, *EPISODES, *PODCAST_DEVICES, *CHANGES, *GIVEN_LINKS)
