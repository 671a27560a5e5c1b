"""The tables of shop.sqlite about what is sold: orders, rights, Stripe's events and customers, mails, the audit. Knows no rows."""

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
