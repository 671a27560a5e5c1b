"""The service through its public edges, on a real database."""
