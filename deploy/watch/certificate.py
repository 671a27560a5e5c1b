"""How long the certificate that nginx serves is still good; asks nginx and not the file, which nginx may not have read again."""

import datetime as dt
import socket
import ssl
from urllib.parse import urlsplit

from deploy.watch.outside import Finding

NAME = "certificate as served"  # what renewing says of itself is `certificate`, out of its state
SECONDS_MAX = 5
LEAST = dt.timedelta(days=10)
LEAST_SHARE = 5  # of its life, for short-lived ones
REMEDY = "systemctl start longwave-certificate; then journalctl -u longwave-certificate -n 50"


def look(url: str, *, now: dt.datetime, address: str = "127.0.0.1") -> Finding:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return Finding(NAME, "the site has none")
    try:
        begins, ends = _validity(str(parts.hostname), (address, parts.port or 443))
    except (OSError, KeyError) as error:
        return Finding(NAME, f"{type(error).__name__}: {error}", REMEDY)
    is_late = ends - now < min(LEAST, (ends - begins) / LEAST_SHARE)
    return Finding(NAME, f"good until {ends:%Y-%m-%d %H:%M} UTC", REMEDY if is_late else "")


def _validity(host: str, place: tuple[str, int]) -> tuple[dt.datetime, dt.datetime]:
    """Of the certificate that is served, whoever signed it: it is its own anchor here. An expired one is an SSLError."""
    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    with _connected(unchecked, host, place) as line:
        served = ssl.DER_cert_to_PEM_cert(line.getpeercert(binary_form=True) or b"")
    anchored = ssl.create_default_context(cadata=served)
    anchored.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    with _connected(anchored, host, place) as line:
        found = line.getpeercert() or {}
    begins, ends = (ssl.cert_time_to_seconds(str(found[name])) for name in ("notBefore", "notAfter"))
    return dt.datetime.fromtimestamp(begins, dt.UTC), dt.datetime.fromtimestamp(ends, dt.UTC)


def _connected(context: ssl.SSLContext, host: str, place: tuple[str, int]) -> ssl.SSLSocket:
    return context.wrap_socket(socket.create_connection(place, SECONDS_MAX), server_hostname=host)
