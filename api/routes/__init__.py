"""One file a resource: parse, one use case, answer. Knows no SQL and no Stripe."""
