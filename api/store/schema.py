"""The tables of shop.sqlite as the first migration makes them; knows no rows.

Times are UTC text of one width, money is cents, ids are ours. What a table refuses here it refuses to every mistake above it.
"""

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

ORDERS = (
    """
    CREATE TABLE products (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        data TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE bundle_courses (
        bundle_id TEXT NOT NULL REFERENCES products (id),
        course_id TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        PRIMARY KEY (bundle_id, course_id)
    )
    """,
    """
    CREATE TABLE orders (
        id TEXT PRIMARY KEY,
        account_id TEXT REFERENCES accounts (id),
        email TEXT,
        state TEXT NOT NULL CHECK (state IN (
            'pending', 'processing', 'paid', 'failed', 'expired', 'cancelled', 'refunded', 'partially_refunded'
        )),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
        discount_cents INTEGER NOT NULL DEFAULT 0 CHECK (discount_cents >= 0),
        tax_cents INTEGER NOT NULL DEFAULT 0 CHECK (tax_cents >= 0),
        tax_mode TEXT NOT NULL DEFAULT 'none' CHECK (tax_mode IN ('none', 'stripe_tax', 'managed')),
        coupon TEXT,
        stripe_session TEXT UNIQUE,
        stripe_payment_intent TEXT UNIQUE,
        invoice_url TEXT,
        invoice_data TEXT,
        attempt INTEGER NOT NULL DEFAULT 1 CHECK (attempt > 0),
        created_at TEXT NOT NULL,
        expires_at TEXT,
        paid_at TEXT,
        livemode INTEGER NOT NULL CHECK (livemode IN (0, 1)),
        cart_key TEXT,
        browser_hash TEXT
    )
    """,
    "CREATE INDEX orders_account_id ON orders (account_id, created_at)",
    "CREATE INDEX orders_browser_hash ON orders (browser_hash, created_at)",
    "CREATE INDEX orders_email ON orders (email)",
    "CREATE INDEX orders_state ON orders (state, created_at)",
    "CREATE INDEX orders_cart_key ON orders (cart_key)",
    """
    CREATE TABLE order_lines (
        id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL REFERENCES orders (id),
        product_id TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('course', 'bundle')),
        title TEXT NOT NULL,
        contents TEXT NOT NULL,
        include_future INTEGER NOT NULL DEFAULT 0 CHECK (include_future IN (0, 1)),
        all_courses INTEGER NOT NULL DEFAULT 0 CHECK (all_courses IN (0, 1)),
        price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
        tax_cents INTEGER NOT NULL DEFAULT 0 CHECK (tax_cents >= 0),
        discount_cents INTEGER NOT NULL DEFAULT 0 CHECK (discount_cents >= 0),
        refunded_cents INTEGER NOT NULL DEFAULT 0 CHECK (refunded_cents >= 0),
        quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0)
    )
    """,
    "CREATE INDEX order_lines_order_id ON order_lines (order_id)",
    "CREATE INDEX order_lines_product_id ON order_lines (product_id)",
    """
    CREATE TABLE payments (
        id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL REFERENCES orders (id),
        stripe_id TEXT NOT NULL UNIQUE,
        charge TEXT UNIQUE,
        amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        state TEXT NOT NULL,
        created_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX payments_order_id ON payments (order_id)",
    "CREATE INDEX payments_created_at ON payments (created_at)",
    """
    CREATE TABLE refunds (
        id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL REFERENCES orders (id),
        stripe_id TEXT NOT NULL UNIQUE,
        line_id TEXT REFERENCES order_lines (id),
        amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
        state TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX refunds_order_id ON refunds (order_id)",
    "CREATE INDEX refunds_line_id ON refunds (line_id)",
)

GRANTS = (
    """
    CREATE TABLE grants (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        product_id TEXT NOT NULL,
        source_line TEXT REFERENCES order_lines (id),
        source TEXT NOT NULL,
        valid_from TEXT NOT NULL,
        valid_until TEXT,
        hold_at TEXT,
        revoked_at TEXT,
        reason TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        UNIQUE (account_id, product_id, source_line)
    )
    """,
    "CREATE INDEX grants_source_line ON grants (source_line)",
    "CREATE INDEX grants_product_id ON grants (product_id)",
    # Holds all that access asks for, in the order it is asked for: a library is one walk along it.
    """
    CREATE INDEX grants_access ON grants (
        account_id, valid_from, id, product_id, source, source_line, valid_until, hold_at, revoked_at
    )
    """,
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

EVENTS = (
    """
    CREATE TABLE events (
        id TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        livemode INTEGER NOT NULL CHECK (livemode IN (0, 1)),
        api_version TEXT,
        created TEXT NOT NULL,
        payload TEXT NOT NULL,
        received_at TEXT NOT NULL,
        claimed_at TEXT,
        done_at TEXT,
        attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        next_try_at TEXT,
        last_error TEXT,
        state TEXT NOT NULL CHECK (state IN ('received', 'done', 'ignored', 'failed'))
    )
    """,
    "CREATE INDEX events_waiting ON events (state, next_try_at)",
    """
    CREATE TABLE outbox (
        id TEXT PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        recipient TEXT NOT NULL,
        account_id TEXT REFERENCES accounts (id),
        payload TEXT NOT NULL,
        created_at TEXT NOT NULL,
        next_try_at TEXT NOT NULL,
        expires_at TEXT,
        attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        sent_at TEXT,
        last_error TEXT
    )
    """,
    "CREATE INDEX outbox_waiting ON outbox (sent_at, next_try_at)",
    "CREATE INDEX outbox_recipient ON outbox (recipient)",
    "CREATE INDEX outbox_account_id ON outbox (account_id)",
    """
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        details TEXT NOT NULL DEFAULT '{}'
    )
    """,
    "CREATE INDEX audit_subject ON audit (subject, number)",
    """
    CREATE TABLE reconciliations (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('hourly', 'daily')),
        started_at TEXT NOT NULL,
        finished_at TEXT,
        report TEXT NOT NULL DEFAULT '{}'
    )
    """,
    "CREATE INDEX reconciliations_kind ON reconciliations (kind, started_at)",
)

CUSTOMERS = (
    """
    CREATE TABLE customers (
        stripe_id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        noted_at TEXT NOT NULL,
        next_try_at TEXT,
        attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        last_error TEXT,
        erased_at TEXT
    )
    """,
    "CREATE INDEX customers_account_id ON customers (account_id)",
    "CREATE INDEX customers_leaving ON customers (erased_at, next_try_at)",
)

SHOP = (*ACCOUNTS, *PASSKEYS, *DEVICES, *ORDERS, *GRANTS, *CERTIFICATES, *EVENTS, *CUSTOMERS)
