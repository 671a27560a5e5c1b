"""What an app asks its owner's browser for: which app, where to send the answer, what it wants to do. Grants nothing."""

import re
from urllib.parse import urlencode

from msgspec import Struct

from api.errors import AppError, Code

CLIENT = "longwave"  # our own apps; there are no others
SCOPES = ("account", "media", "sync")
CLAIMED_PATH = "/app/signed-in"  # below our own origin, claimed by the app with the system
# RFC 8252, section 7.3: any port, and the address itself, as 'localhost' may be anything.
LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|\[::1\]):[0-9]{1,5}/callback")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
STATE = re.compile(r"[A-Za-z0-9._~-]{0,256}")


class AppRequest(Struct, frozen=True, kw_only=True):
    client_id: str
    redirect_uri: str
    code_challenge: str
    scopes: tuple[str, ...]
    state: str


def read(*, client_id: str, redirect_uri: str, code_challenge: str, scope: str, state: str, origin: str) -> AppRequest:
    """Raises INVALID: nothing is ever sent to an address that is not exactly one of ours or of this machine."""
    scopes = tuple(sorted(set(scope.split())))
    faults = {
        "client_id": client_id != CLIENT,
        "redirect_uri": redirect_uri != origin + CLAIMED_PATH and not LOOPBACK.fullmatch(redirect_uri),
        "code_challenge": not CHALLENGE.fullmatch(code_challenge),
        "scope": not scopes or not set(scopes) <= set(SCOPES),
        "state": not STATE.fullmatch(state),
    }
    if any(faults.values()):
        fields = {name: "Not a value that can be used here." for name, wrong in faults.items() if wrong}
        raise AppError(Code.INVALID, "The app asked in a way that is not understood. Update the app.", fields=fields)
    return AppRequest(
        client_id=client_id, redirect_uri=redirect_uri, code_challenge=code_challenge, scopes=scopes, state=state
    )


def answer_address(asked: AppRequest, *, issuer: str, **fields: str) -> str:
    """Where the browser goes with the answer; `iss` says whose it is (RFC 9207)."""
    said = {**fields, "iss": issuer, **({"state": asked.state} if asked.state else {})}
    return f"{asked.redirect_uri}?{urlencode(said)}"
