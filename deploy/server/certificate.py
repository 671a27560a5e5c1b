"""What a certificate is and when it is time for another. Reads PEM by openssl; installs and asks for nothing."""

import datetime as dt
import re
import ssl
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from deploy.errors import DeployError
from deploy.server import places
from deploy.server.running import run

LIFE_LEFT = 3  # renewed when less than one third of its life is left
SHORT = dt.timedelta(hours=1)


class Wish(Struct, frozen=True, kw_only=True):
    """What a configuration's certificate.json says. The first of `names` is the site's own."""

    kind: Literal["acme", "self_signed", "files"]
    names: tuple[str, ...]
    directory: str = ""
    mail: str = ""


class Pair(Struct, frozen=True):
    """PEM files: the chain with our certificate first, and its key."""

    chain: Path
    key: Path


class Certificate(Struct, frozen=True, kw_only=True):
    names: frozenset[str]
    not_before: dt.datetime
    not_after: dt.datetime
    is_self_signed: bool


def wish(configuration: Path = places.CURRENT / "configuration") -> Wish:
    path = configuration / "certificate.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Wish)
    except (OSError, msgspec.MsgspecError) as error:
        raise DeployError(f"{path} cannot be read: {error}. Deploy again.") from error


def read(pair: Pair) -> Certificate:
    """Raises DeployError for what is no certificate, or not that of its key."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pair.chain, pair.key)
    except (OSError, ssl.SSLError) as error:
        raise DeployError(f"{pair.chain} and {pair.key} are no certificate with its key: {error}") from error
    wanted = ("-noout", "-subject", "-issuer", "-startdate", "-enddate", "-ext", "subjectAltName")
    said = run("openssl", "x509", "-in", str(pair.chain), *wanted)
    lines = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    return Certificate(
        names=frozenset(re.findall(r"DNS:([^\s,]+)", said)),
        not_before=_moment(lines["notBefore"]),
        not_after=_moment(lines["notAfter"]),
        is_self_signed=lines["subject"] == lines["issuer"],
    )


def is_due(certificate: Certificate, *, now: dt.datetime) -> bool:
    """Whether another is wanted for its age: a share of its life, for authorities give ever shorter ones, and no number of days."""
    life = certificate.not_after - certificate.not_before
    return certificate.not_after - now < life / LIFE_LEFT


def refusal(pair: Pair, names: tuple[str, ...], *, now: dt.datetime) -> str:
    """Why it cannot be served as it is; '' when it can. Names beside the site's own may be missing: they alone would fail."""
    try:
        found = read(pair)
    except DeployError as error:
        return str(error)
    if names[0] not in found.names:
        return f"{pair.chain} is for {', '.join(sorted(found.names)) or 'no name'}, not for {names[0]}"
    if not found.not_before - SHORT <= now < found.not_after:
        return f"{pair.chain} is valid from {found.not_before:%Y-%m-%d} until {found.not_after:%Y-%m-%d}, not now"
    return ""


def _moment(text: str) -> dt.datetime:
    """As openssl writes it: 'Nov 27 08:00:00 2026 GMT'."""
    return dt.datetime.strptime(" ".join(text.split()), "%b %d %H:%M:%S %Y %Z").replace(tzinfo=dt.UTC)
