"""The tables of shop.sqlite about people: accounts, what they come in with, their apps, their certificates. Knows no rows."""

ACCOUNTS = (
    """
    CREATE TABLE accounts (
        id TEXT PRIMARY KEY,
        email TEXT UNIQUE,
        email_canonical TEXT UNIQUE,
        name TEXT NOT NULL DEFAULT '',
        locale TEXT NOT NULL DEFAULT '',
        stripe_customer TEXT UNIQUE,
        created_at TEXT NOT NULL,
        confirmed_at TEXT,
        delete_after TEXT,
        deleted_at TEXT,
        merged_into TEXT REFERENCES accounts (id),
        CHECK (email_canonical IS NOT NULL OR deleted_at IS NOT NULL OR merged_into IS NOT NULL)
    )
    """,
    "CREATE INDEX accounts_merged_into ON accounts (merged_into)",
    "CREATE INDEX accounts_delete_after ON accounts (delete_after)",
    """
    CREATE TABLE sign_in_codes (
        id TEXT PRIMARY KEY,
        email_canonical TEXT NOT NULL,
        purpose TEXT NOT NULL,
        code_hash TEXT NOT NULL,
        salt TEXT NOT NULL,
        binding_hash TEXT NOT NULL,
        payload TEXT NOT NULL DEFAULT '{}',
        attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        used_at TEXT
    )
    """,
    "CREATE INDEX sign_in_codes_binding_hash ON sign_in_codes (binding_hash)",
    "CREATE INDEX sign_in_codes_email ON sign_in_codes (email_canonical, created_at)",
    """
    CREATE TABLE sessions (
        id_hash TEXT PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        created_at TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        fresh_until TEXT NOT NULL,
        user_agent_label TEXT NOT NULL DEFAULT '',
        address_prefix TEXT NOT NULL DEFAULT '',
        revoked_at TEXT
    )
    """,
    "CREATE INDEX sessions_account_id ON sessions (account_id)",
    """
    CREATE TABLE attempts (
        key TEXT NOT NULL,
        window_start TEXT NOT NULL,
        count INTEGER NOT NULL CHECK (count > 0),
        PRIMARY KEY (key, window_start)
    )
    """,
    "CREATE INDEX attempts_window_start ON attempts (window_start)",
)

PASSKEYS = (
    """
    CREATE TABLE passkeys (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        credential_id BLOB NOT NULL UNIQUE,
        public_key BLOB NOT NULL,
        sign_count INTEGER NOT NULL DEFAULT 0,
        transports TEXT NOT NULL DEFAULT '[]',
        name TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        used_at TEXT,
        revoked_at TEXT
    )
    """,
    "CREATE INDEX passkeys_account_id ON passkeys (account_id)",
    """
    CREATE TABLE challenges (
        id_hash TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        account_id TEXT REFERENCES accounts (id),
        challenge BLOB NOT NULL,
        expires_at TEXT NOT NULL,
        used_at TEXT
    )
    """,
    "CREATE INDEX challenges_account_id ON challenges (account_id)",
    "CREATE INDEX challenges_expires_at ON challenges (expires_at)",
)

DEVICES = (
    """
    CREATE TABLE devices (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        name TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created_at TEXT NOT NULL,
        seen_at TEXT,
        revoked_at TEXT
    )
    """,
    "CREATE INDEX devices_account_id ON devices (account_id)",
    """
    CREATE TABLE tokens (
        hash TEXT PRIMARY KEY,
        device_id TEXT NOT NULL REFERENCES devices (id),
        kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh', 'session')),
        family TEXT NOT NULL,
        parent_hash TEXT REFERENCES tokens (hash),
        successor_salt TEXT,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        used_at TEXT,
        revoked_at TEXT
    )
    """,
    "CREATE INDEX tokens_family ON tokens (family)",
    "CREATE INDEX tokens_device_id ON tokens (device_id)",
    "CREATE INDEX tokens_parent_hash ON tokens (parent_hash)",
    """
    CREATE TABLE authorization_codes (
        hash TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        client TEXT NOT NULL,
        redirect_uri TEXT NOT NULL,
        challenge TEXT NOT NULL,
        scopes TEXT NOT NULL,
        device_id TEXT REFERENCES devices (id),
        expires_at TEXT NOT NULL,
        used_at TEXT
    )
    """,
    "CREATE INDEX authorization_codes_account_id ON authorization_codes (account_id)",
    "CREATE INDEX authorization_codes_device_id ON authorization_codes (device_id)",
    """
    CREATE TABLE device_codes (
        hash TEXT PRIMARY KEY,
        user_code_hash TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        polled_at TEXT,
        account_id TEXT REFERENCES accounts (id),
        allowed INTEGER NOT NULL DEFAULT 0,
        used_at TEXT
    )
    """,
    "CREATE INDEX device_codes_account_id ON device_codes (account_id)",
    # Without a password the name itself is the secret, and is kept as its hash alone.
    """
    CREATE TABLE app_passwords (
        name_hash TEXT PRIMARY KEY,
        device_id TEXT NOT NULL UNIQUE REFERENCES devices (id),
        user_name TEXT UNIQUE,
        password_hash TEXT,
        CHECK ((user_name IS NULL) = (password_hash IS NULL))
    )
    """,
    """
    CREATE TABLE login_flows (
        poll_hash TEXT PRIMARY KEY,
        browser_hash TEXT NOT NULL UNIQUE,
        app TEXT NOT NULL,
        place TEXT NOT NULL,
        account_id TEXT REFERENCES accounts (id),
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        used_at TEXT
    )
    """,
    "CREATE INDEX login_flows_account_id ON login_flows (account_id)",
    "CREATE INDEX login_flows_expires_at ON login_flows (expires_at)",
)


CERTIFICATES = (
    """
    CREATE TABLE certificates (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        course_id TEXT NOT NULL,
        title TEXT NOT NULL,
        name TEXT NOT NULL,
        lectures INTEGER NOT NULL,
        seconds INTEGER NOT NULL,
        completed_at TEXT NOT NULL,
        issued_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX certificates_account_id ON certificates (account_id)",
)
