"""Bytes to files, once each and only when they changed. Does not know what the bytes mean."""
