"""Thin adapters from Pelican's signals to read, render and write. They do not know each other."""
