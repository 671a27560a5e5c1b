"""Fills the templates of deploy/nginx/ with a machine's facts, for the nginx it has; runs and writes nothing."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from deploy.errors import DeployError

TEMPLATES = Path(__file__).with_name("nginx")
FEEDS = ("/feed.xml", "/posts/feed.xml")
SERVICE = "127.0.0.1:8080"  # what `python -m api` listens on unless told otherwise
PAYMENT_PAGES = ("https://checkout.stripe.com", "https://billing.stripe.com")
LOOPBACK = ("localhost", "127.0.0.1")
MODERN = (1, 26)  # the first stable nginx with `http2 on` and HTTP/3
PLACEHOLDER = re.compile(r"@([A-Z_]+)@")
FairUse = Literal["watch", "enforce"]
UNSAFE = re.compile(r"""[\x00-\x1f\x7f"'`${};\\]""")


class Certificate(Struct, frozen=True):
    """PEM files: the chain with our certificate first, and its key."""

    chain: Path
    key: Path


class Facts(Struct, frozen=True, kw_only=True):
    """What only the machine knows. All paths are absolute.

    `current` holds root.conf and redirects.map of the release to serve, `pool` the assets/ and media/ of all releases;
    `private_media` holds paid videos, `downloads` what goes with lectures, `media_keys` is the file of deploy/media_keys.py;
    `run`, `work` and `logs` are writable by nginx; `service` is 127.0.0.1:PORT or unix:PATH.
    Without a certificate nginx listens on 127.0.0.1:`port` without TLS. `fair_use`: whether bytes, crawlers and pollers are
    only watched, or limited (snippets/fair-use.conf).
    `challenges` is what a certificate authority finds under /.well-known/acme-challenge/ on port 80.
    `switches` is a folder of what is told nginx by hand, between releases. `sandbox_url`: where a server in mode sandbox shows
    the pages of Stripe's stand-in.
    """

    url: str
    current: Path
    pool: Path
    private_media: Path
    downloads: Path
    media_keys: Path
    run: Path
    work: Path
    logs: Path
    brotli_module: Path
    user: str = ""
    aliases: tuple[str, ...] = ()
    hub: str = ""
    form_targets: tuple[str, ...] = ()
    certificate: Certificate | None = None
    port: int = 8000
    service: str = SERVICE
    fair_use: FairUse = "watch"
    switches: Path = Path("/etc/longwave/nginx")
    challenges: Path = Path("/var/lib/longwave-certificate/webroot")
    sandbox_url: str = ""


def render(version: tuple[int, int], *, facts: Facts) -> dict[str, str]:
    """Every file of the configuration by its path in the configuration folder; nginx.conf is the one to start with.

    `version` is (1, 22) and the like. Raises DeployError when nginx would read a part of a fact as its own syntax.
    """
    values = _values(version, facts=facts)
    return {
        name: PLACEHOLDER.sub(lambda found: values[found[1]], _template(name)) for name in _names(version, facts=facts)
    }


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _names(version: tuple[int, int], *, facts: Facts) -> list[str]:
    unused = {name for name, wanted in _conditions(version, facts=facts).items() if not wanted}
    names = (path.relative_to(TEMPLATES).as_posix() for path in sorted(TEMPLATES.rglob("*.conf")))
    return [name for name in names if name not in unused and (facts.certificate or not name.startswith("tls/"))]


def _conditions(version: tuple[int, int], *, facts: Facts) -> dict[str, bool]:
    return {
        "tls/http3.conf": version >= MODERN,
        "servers/alias-hosts.conf": bool(_aliases(facts)),
        "servers/sandbox.conf": bool(facts.sandbox_url),
    }


def _values(version: tuple[int, int], *, facts: Facts) -> dict[str, str]:
    plain = _as_given(facts)
    _refuse_syntax(plain)
    return plain | {
        "DRY_RUN": "off" if facts.fair_use == "enforce" else "on",
        "FAIR_RATE": "$fair_rate" if facts.fair_use == "enforce" else "0",
        "ERROR_LOG": f'"{facts.logs}/error.log"' if facts.certificate else "stderr",
        "FEED_LINKS": "\n    ".join(_feed_link(path, facts=facts) for path in FEEDS if facts.hub),
        "FORM_ACTION": " ".join(("'self'", *PAYMENT_PAGES, *facts.form_targets)),
        "OWN_POLICIES": f'"{plain["SANDBOX_HOST"]}" "";' if facts.sandbox_url else "",
        "SCRIPTS": " ".join(f"{origin}/assets/" for origin in _origins(facts)),
        "STYLES": " ".join(f"{origin}/assets/ {origin}/feed.css" for origin in _origins(facts)),
        "LISTEN": _listen(version, facts=facts, default=not facts.certificate),
        "LISTEN_ALIASES": _listen(version, facts=facts),
        "LISTEN_DEFAULT": _listen(version, facts=facts, default=True),
        "USER": f"user {facts.user};" if facts.user else "# Workers run as whoever starts nginx.",
    }


def _as_given(facts: Facts) -> dict[str, str]:
    """What stands in the configuration as it was told."""
    return {
        "ALIASES": " ".join(_aliases(facts)),
        "BROTLI_MODULE": str(facts.brotli_module),
        "CHALLENGES": str(facts.challenges),
        "CERTIFICATE": str(facts.certificate.chain) if facts.certificate else "",
        "CERTIFICATE_KEY": str(facts.certificate.key) if facts.certificate else "",
        "CURRENT": str(facts.current),
        "DOWNLOADS": str(facts.downloads),
        "LOGS": str(facts.logs),
        "MEDIA_KEYS": str(facts.media_keys),
        "POOL": str(facts.pool),
        "PRIVATE_MEDIA": str(facts.private_media),
        "RUN": str(facts.run),
        "SERVICE": facts.service,
        "SERVER_NAME": _host(facts.url),
        "SWITCHES": str(facts.switches),
        "URL": facts.url,
        "WORK": str(facts.work),
        "user": facts.user,
        "hub": facts.hub,
        "form targets": " ".join(facts.form_targets),
        "SANDBOX_HOST": _host(facts.sandbox_url) if facts.sandbox_url else "",
    }


def _refuse_syntax(plain: Mapping[str, str]) -> None:
    for name, value in plain.items():
        if UNSAFE.search(value) or PLACEHOLDER.search(value):
            raise DeployError(
                f"{name.lower()} is {value!r}: nginx would read a part of it as its own syntax. Choose another."
            )


def _listen(version: tuple[int, int], *, facts: Facts, default: bool = False) -> str:
    """The listen lines of one server. reuseport belongs to an address, so only its default server may say it."""
    last = " default_server" if default else ""
    if not facts.certificate:
        return f"listen 127.0.0.1:{facts.port}{last};"
    quic = f"quic{' reuseport' if default else ''}{last}"
    kinds = [f"ssl http2{last}"] if version < MODERN else [f"ssl{last}", quic]
    return "\n    ".join(f"listen {address} {kind};" for kind in kinds for address in ("443", "[::]:443"))


def _feed_link(path: str, *, facts: Facts) -> str:
    return f"""{path} '<{facts.hub}>; rel="hub", <{facts.url}{path}>; rel="self"';"""


def _origins(facts: Facts) -> tuple[str, ...]:
    """Where a browser finds the site: its URL; on loopback also this machine's own names."""
    if facts.certificate:
        return (facts.url,)
    local = (f"http://{name}:{facts.port}" for name in LOOPBACK)
    return tuple(dict.fromkeys((facts.url, *local)))


def _aliases(facts: Facts) -> list[str]:
    """Host names. The site's own is none: each of its pages would lead to itself."""
    return [host for host in dict.fromkeys(_host(alias) for alias in facts.aliases) if host != _host(facts.url)]


def _host(origin: str) -> str:
    host = urlsplit(origin).hostname
    if not host:
        raise DeployError(f"{origin!r} names no host. Write it as https://signalpath.example.")
    return host.casefold().rstrip(".")
