"""When two addresses of a feed or an audio file mean the same thing. Asks nobody; knows no show and no app."""

import re
from functools import lru_cache

USABLE = re.compile(
    r"(?:https?|ftp)://(?:[^/?#@\[\]\s]*@)?(?:[^/?#@:\[\]\s]+|\[[0-9a-f:.]+\])(?::[0-9]{0,5})?(?:[/?#]|$)",
    re.IGNORECASE,
)
LENGTH_MAX = 2_000
# Counters that stand before the real address and lead to it: `https://op3.dev/e/https://host/a.mp3`, `https://pdst.fm/e/host/a.mp3`.
COUNTERS = re.compile(
    r"""(?:
        (?:www\.|dts\.|play\.)?podtrac\.com/(?:pts/)?(?:redirect\.[a-z0-9]+|[^/]+)
        | (?:dts|play)\.podtrac\.com/[^/]+
        | op3\.dev/e(?:,[^/]*)?
        | (?:[a-z]+\.)?pdst\.fm/e
        | (?:chrt\.fm|chtbl\.com|swap\.fm|tracking\.swap\.fm)/track/[^/]+
        | media\.blubrry\.com/[^/]+
        | pfx\.vpixl\.com/[^/]+
        | mgln\.ai/(?:e|track)/[^/]+
        | prfx\.byspotify\.com/e
        | (?:pscrb\.fm|verifi\.podscribe\.com)/rss/p
        | (?:clrtpod\.com|claritaspod\.com)/(?:m|measure)
        | arttrk\.com/p/[^/]+
    )/(?:https?(?::/|%3a%2f)?/)?(?=[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?/)""",
    re.VERBOSE | re.IGNORECASE,
)
DEFAULT_PORT = re.compile(r":(?:80|443)$")


@lru_cache(maxsize=20_000)
def is_usable(address: str) -> bool:
    """What can be an address of a feed or an audio file at all."""
    stripped = address.strip()
    return len(stripped) <= LENGTH_MAX and stripped.isprintable() and USABLE.match(stripped) is not None


@lru_cache(maxsize=20_000)
def key(address: str) -> str:
    """The same text for addresses that differ in scheme, case of the host, blanks around, a fragment or counters in front.

    >>> key("http://Feeds.Example.com:80/show ") == key("https://feeds.example.com/show#now")
    True
    >>> key("https://op3.dev/e,pg=1/https://pdst.fm/e/cdn.example.com/a.mp3?v=2")
    'cdn.example.com/a.mp3?v=2'
    """
    rest = address.strip().partition("#")[0].partition("://")[2] or address.strip()
    while found := COUNTERS.match(rest):
        rest = rest[found.end() :]
    host, slash, path = rest.partition("/")
    return f"{DEFAULT_PORT.sub('', host.lower())}{slash if path else ''}{path}"
