"""Says of a request who asks, as far as that can be told: a browser's name for people, an address for limits. Keeps nothing."""

import ipaddress
import re

from starlette.requests import Request

from api.usecases.sessions import Visitor

UNKNOWN = "unknown"
APP_NAME_END, APP_NAME_LENGTH_MAX = re.compile(r"[/(;]"), 60
# The first that is found in the User-Agent counts: most browsers name others too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def of(request: Request) -> Visitor:
    host = request.client.host if request.client else ""
    return Visitor(
        label=label(request.headers.get("user-agent", "")),
        place=place(host),
        neighbourhood=neighbourhood(host),
    )


def label(user_agent: str) -> str:
    """
    >>> label("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'Firefox on Linux'
    """
    browser = _first(BROWSERS, user_agent, "A browser")
    system = _first(SYSTEMS, user_agent, "")
    return f"{browser} on {system}" if system else browser


def app_name(user_agent: str) -> str:
    """What an app calls itself, for its owner to recognise.

    >>> app_name("AntennaPod/3.4.0"), app_name("GNOME Podcasts 0.6 (Linux)"), app_name("")
    ('AntennaPod', 'GNOME Podcasts 0.6', 'A podcast app')
    """
    if user_agent.startswith("Mozilla/"):
        return label(user_agent)
    name = "".join(letter for letter in APP_NAME_END.split(user_agent)[0] if letter.isprintable())
    return name.strip()[:APP_NAME_LENGTH_MAX] or "A podcast app"


def place(host: str) -> str:
    """One household: an IPv4 address or the /64 of an IPv6 one."""
    return _network(host, 32, 64)


def neighbourhood(host: str) -> str:
    """Wide enough to name no household.

    >>> neighbourhood("203.0.113.77"), neighbourhood("2001:db8:1:2::3")
    ('203.0.113.0/24', '2001:db8:1::/48')
    """
    return _network(host, 24, 48)


def _network(host: str, bits_4: int, bits_6: int) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a socket file, a test's client
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network(f"{address}/{bits_4 if address.version == 4 else bits_6}", strict=False))


def _first(names: tuple[tuple[str, str], ...], user_agent: str, otherwise: str) -> str:
    return next((name for sign, name in names if sign in user_agent), otherwise)
