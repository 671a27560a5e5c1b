"""Gets a certificate from an authority, as an account that can do nothing else; tls_files.py, as root, serves it.

`python -I -m deploy.server.acme` is the whole of longwave-certificate.service. uacme speaks the protocol; /etc/longwave/acme-hook
lays the proofs to where nginx serves them. https://www.rfc-editor.org/rfc/rfc8555
"""

import datetime as dt
import http.client
import os
import secrets
import shutil
import sys
from pathlib import Path

from deploy.errors import DeployError
from deploy.server import acme_state, certificate, durable
from deploy.server.acme_state import AGAIN, ISSUED, STATE
from deploy.server.certificate import Wish
from deploy.server.running import run

HOOK = "/etc/longwave/acme-hook"
WEBROOT = STATE / "webroot"
PROOFS = "/.well-known/acme-challenge"
ASK_SECONDS = 5
ISSUE_SECONDS = 240
KNOWN = "Account already exists"


def main() -> int:
    os.umask(0o022)
    try:
        print(renew(certificate.wish(), now=dt.datetime.now(dt.UTC)))
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def renew(wish: Wish, *, now: dt.datetime) -> str:
    """What was done, for the journal. Raises DeployError when no certificate could be had."""
    if wish.kind != "acme":
        return "nothing to ask for"
    names = _names_that_lead_here(wish.names)
    why = _why(names, now=now)
    if not why:
        return "the certificate is good"
    failure = acme_state.last_failure()
    if now < failure.not_before and not AGAIN.exists():
        return f"waits until {failure.not_before:%H:%M} UTC: {failure.said}"
    try:
        _issue(wish, names)
    except DeployError as error:
        acme_state.note_failure(str(error), now=now)
        raise
    acme_state.note_success()
    AGAIN.unlink(missing_ok=True)
    return f"issued for {', '.join(names)} ({why})"


def _why(names: tuple[str, ...], *, now: dt.datetime) -> str:
    """The reason for a new one, or ''. What was issued for more names than now lead here is kept while it lives."""
    if AGAIN.exists():
        return "asked for"
    refusal = certificate.refusal(ISSUED, names, now=now) if ISSUED.chain.exists() else "the first one"
    if refusal:
        return refusal
    issued = certificate.read(ISSUED)
    if certificate.is_due(issued, now=now):
        return f"the last is valid until {issued.not_after:%Y-%m-%d}"
    return "further names" if not set(names) <= issued.names else ""


def _names_that_lead_here(names: tuple[str, ...]) -> tuple[str, ...]:
    """The site's own, and of the others those that our nginx answers: one old domain that lapsed must not cost all the rest."""
    proof = secrets.token_urlsafe(16)
    path = WEBROOT / PROOFS.strip("/") / proof
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(proof)
    try:
        return names[:1] + tuple(name for name in names[1:] if _answers(name, proof))
    finally:
        path.unlink()


def _answers(name: str, proof: str) -> bool:
    connection = http.client.HTTPConnection(name, timeout=ASK_SECONDS)
    try:
        connection.request("GET", f"{PROOFS}/{proof}")
        return connection.getresponse().read(len(proof) + 1) == proof.encode()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _issue(wish: Wish, names: tuple[str, ...]) -> None:
    """With a new key each time. Account and attempt lie apart, so that a failed attempt leaves the last certificate whole."""
    account, attempt = STATE / "account", STATE / "attempt"
    common = ("--acme-url", wish.directory, "--type", "EC", "--yes")
    _name_account(*common, "--confdir", str(account), "new", *filter(None, [wish.mail]))
    shutil.rmtree(attempt, ignore_errors=True)
    (attempt / "private").mkdir(parents=True, mode=0o700)
    shutil.copyfile(account / "private/key.pem", attempt / "private/key.pem")
    run("uacme", *common, "--confdir", str(attempt), "--hook", HOOK, "issue", *names, seconds=ISSUE_SECONDS)
    _keep(attempt / names[0] / "cert.pem", attempt / "private" / names[0] / "key.pem")
    shutil.rmtree(attempt)


def _name_account(*words: str) -> None:
    """Each time: after a change of `directory`, or when an answer was lost, nobody knows whether the authority knows us."""
    try:
        run("uacme", *words, seconds=ISSUE_SECONDS)
    except DeployError as error:
        if KNOWN not in str(error):
            raise


def _keep(chain: Path, key: Path) -> None:
    """A folder of its own and one link to it: chain and key change together."""
    old = ISSUED.chain.parent.readlink() if ISSUED.chain.parent.is_symlink() else None
    folder = STATE / f"issued-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    chain.rename(folder / "chain.pem")
    key.rename(folder / "key.pem")
    durable.link(ISSUED.chain.parent, folder.name)
    if old:
        shutil.rmtree(STATE / old, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
