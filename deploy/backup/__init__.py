"""Backups: what leaves the machine, how it comes back, and that it would. Knows no table and no page."""
