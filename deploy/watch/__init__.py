"""Watching: from outside, on the server, and in figures out of the access log."""
