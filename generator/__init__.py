"""Markdown in, a finished web root out. Knows nothing of people's accounts and money."""
