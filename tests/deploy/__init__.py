"""Serving: nginx's configuration, the embedded server, releases."""
