"""Makes public paths absolute. Knows only that ours begin with a single '/'."""


def absolute(url: str, *, origin: str) -> str:
    """`url` with `origin` (no trailing slash) before it when it is a public path; '' and other addresses stay.

    >>> absolute("/episodes/", origin="https://s.example"), absolute("https://b.example/x", origin="https://s.example")
    ('https://s.example/episodes/', 'https://b.example/x')
    """
    return origin + url if url.startswith("/") and not url.startswith("//") else url
