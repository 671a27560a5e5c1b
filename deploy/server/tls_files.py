"""What nginx serves as its certificate, and how another takes its place. Only root can; knows nothing of authorities.

There is always one, so that nginx can start: until a real one has come, one that nobody but us has signed.
A pair lies in a folder of its own and one link leads to it, so key and chain change together.
"""

import datetime as dt
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from msgspec import Struct

from deploy.server import acme_state, certificate, durable, places, web_server
from deploy.server.certificate import Certificate, Pair, Wish
from deploy.server.running import run, succeeds
from deploy.watch import states

TLS = places.ETC / "tls"
SERVED = Pair(TLS / "chain.pem", TLS / "key.pem")
GIVEN = Pair(places.SECRETS / "tls_chain.pem", places.SECRETS / "tls_key.pem")
SOURCES = {"acme": acme_state.ISSUED, "files": GIVEN}
PEM_BYTES_MAX = 256 * 1024
OWN_DAYS = 397
HURRY = 4  # with less than a quarter of its life left, an old certificate is somebody's affair


class Outcome(Struct, frozen=True, kw_only=True):
    """`changed`: another is served than before. `problem` is for people; '' for none."""

    changed: bool
    names: tuple[str, ...]
    not_after: dt.datetime
    is_self_signed: bool
    problem: str = ""


def ensure(wish: Wish, *, now: dt.datetime) -> Outcome:
    """Serves the best there is: what has come anew, else what is served already, else one of our own."""
    before = _leads_to()
    refusal = _take(SOURCES[wish.kind], wish, now=now) if wish.kind in SOURCES else ""
    if _own_is_wanted(wish, now=now):
        _sign_our_own(wish)
    changed = _leads_to() != before
    if changed and succeeds("systemctl", "is-active", "--quiet", "nginx.service"):
        web_server.reload()
    outcome = _outcome(wish, changed=changed, refusal=refusal)
    _record(outcome, wish, now=now)
    return outcome


def _leads_to() -> str:
    live = TLS / "live"
    return str(live.readlink()) if live.is_symlink() else ""


def _take(source: Pair, wish: Wish, *, now: dt.datetime) -> str:
    """Serves a copy of `source` unless it is bad; returns why not. An authority's may not be there yet, the operator's must."""
    if not source.chain.exists() and wish.kind == "acme":
        return ""
    try:
        with tempfile.TemporaryDirectory(dir=TLS, prefix=".new-") as folder:
            copy = Pair(Path(folder) / "chain.pem", Path(folder) / "key.pem")
            copy.chain.write_bytes(_bytes(source.chain))
            copy.key.write_bytes(_bytes(source.key))
            refusal = certificate.refusal(copy, wish.names, now=now)
            if not refusal:
                _serve(copy)
    except OSError as error:
        return f"{error.filename or source.chain}: {error.strerror}"
    return refusal.replace(str(copy.chain), str(source.chain)).replace(str(copy.key), str(source.key))


def _bytes(path: Path) -> bytes:
    """Of a plain file. Whoever laid it there may have less rights than we: links and pipes are not followed."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(PEM_BYTES_MAX)


def _serve(pair: Pair) -> None:
    chain, key = pair.chain.read_bytes(), pair.key.read_bytes()
    name = hashlib.sha256(chain + key).hexdigest()[:16]
    if name == _leads_to():
        return
    folder = TLS / name
    folder.mkdir(mode=0o700, exist_ok=True)
    durable.write(folder / "chain.pem", chain)
    durable.write(folder / "key.pem", key)
    for file in (SERVED.chain, SERVED.key):
        durable.link(file, f"live/{file.name}")
    durable.link(TLS / "live", name)
    for other in (path for path in TLS.iterdir() if path.is_dir() and not path.is_symlink() and path.name != name):
        if not other.name.startswith("."):
            shutil.rmtree(other)


def _own_is_wanted(wish: Wish, *, now: dt.datetime) -> bool:
    if certificate.refusal(SERVED, wish.names, now=now):
        return True
    served = certificate.read(SERVED)
    is_stale = certificate.is_due(served, now=now) or not set(wish.names) <= served.names
    return served.is_self_signed and is_stale


def _sign_our_own(wish: Wish) -> None:
    with tempfile.TemporaryDirectory(dir=TLS, prefix=".new-") as folder:
        made = Pair(Path(folder) / "chain.pem", Path(folder) / "key.pem")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(made.key))
        use = (
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            "extendedKeyUsage=serverAuth",
        )
        extensions = (f"subjectAltName={','.join(f'DNS:{name}' for name in wish.names)}", *use)
        added = [word for extension in extensions for word in ("-addext", extension)]
        subject = ("-subj", "/O=Signed by the server itself", "-days", str(OWN_DAYS))
        # Without the machine's own openssl.cnf, which would add a second basicConstraints.
        run("openssl", "req", "-x509", "-config", "/dev/null", *key, "-out", str(made.chain), *subject, *added)
        _serve(made)


def _outcome(wish: Wish, *, changed: bool, refusal: str) -> Outcome:
    served = certificate.read(SERVED)
    return Outcome(
        changed=changed,
        names=tuple(name for name in wish.names if name in served.names),
        not_after=served.not_after,
        is_self_signed=served.is_self_signed,
        problem=refusal or (acme_state.last_failure().said if wish.kind == "acme" else "") or _missing(wish, served),
    )


def _missing(wish: Wish, served: Certificate) -> str:
    names = [name for name in wish.names if name not in served.names]
    return f"{', '.join(names)}: not in the certificate. Does DNS lead here?" if names else ""


def _record(outcome: Outcome, wish: Wish, *, now: dt.datetime) -> None:
    """For whoever watches. A renewal that failed has weeks to succeed before it is an alarm; a missing name is one at once."""
    served = certificate.read(SERVED)
    is_hurried = served.not_after - now < (served.not_after - served.not_before) / HURRY
    is_whole = not _missing(wish, served) and not (served.is_self_signed and outcome.problem)
    said = f"{outcome.problem} " if outcome.problem else ""
    detail = f"{said}Valid until {outcome.not_after:%Y-%m-%d %H:%M} UTC"
    states.record("certificate", ok=is_whole and not is_hurried, now=now, detail=detail)
