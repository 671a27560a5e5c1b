"""The cookies of the service, as headers. Each is for this host only and, one mark apart, a secret out of reach of scripts."""

import hashlib

from starlette.requests import Request

# https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
SESSION = "__Host-session"
ASKING = "__Host-asking"  # ties a code in a mail to the browser that asked for it
ASKING_ADDRESS = "__Host-asking-address"  # the same for a new address
ASKING_CLAIM = "__Host-asking-claim"  # the same for purchases under another address
CART = "__Host-cart"  # by which a guest's browser finds its own order again
APP = "__Host-app"  # what an app asked for, while its owner signs in
SIGNED_IN = "__Host-signed-in"  # no secret and no right: says to our scripts whether, and as the same account, without a request
MARK_CHARACTERS = 12
APP_LOGIN = "__Host-app-login"  # which podcast app waits, while its owner signs in
PODCAST_SESSION = "sessionid"  # podcast apps know it by this name only (gpodder API, "Authentication")
KEPT = "Path=/; Secure; HttpOnly; SameSite=Lax"

SHOWN = "Path=/; Secure; SameSite=Lax"

Header = tuple[str, str]


def value(request: Request, name: str) -> str:
    return request.cookies.get(name, "")


def kept(name: str, value: str, *, seconds: int) -> Header:
    """`value` holds only letters, digits, '-', '_' and what urlencode leaves."""
    return ("Set-Cookie", f"{name}={value}; Max-Age={seconds}; {KEPT}")


def dropped(name: str) -> Header:
    return ("Set-Cookie", f"{name}=; Max-Age=0; {KEPT}")


def session(token: str, account_id: str, *, seconds: int) -> tuple[Header, Header]:
    """The session, and the mark by which scripts know of it."""
    return kept(SESSION, token, seconds=seconds), shown(SIGNED_IN, mark(account_id), seconds=seconds)


def no_session() -> tuple[Header, Header]:
    return dropped(SESSION), dropped(SIGNED_IN)


def shown(name: str, value: str, *, seconds: int) -> Header:
    """One that scripts of our pages may read."""
    return ("Set-Cookie", f"{name}={value}; Max-Age={seconds}; {SHOWN}")


def mark(account_id: str) -> str:
    """The same for the same account; the account cannot be told from it."""
    return hashlib.sha256(account_id.encode()).hexdigest()[:MARK_CHARACTERS]


def kept_by_app(name: str, value: str, *, seconds: int, secure: bool) -> Header:
    """For apps that ask over plain HTTP on this machine too, and under a name that they choose."""
    return ("Set-Cookie", f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{'; Secure' * secure}")
