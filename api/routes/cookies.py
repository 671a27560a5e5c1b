"""The cookies of the service, as headers. Each is for this host only, out of reach of scripts, and carries nothing but a secret."""

from starlette.requests import Request

# https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
SESSION = "__Host-session"
ASKING = "__Host-asking"  # ties a code in a mail to the browser that asked for it
ASKING_ADDRESS = "__Host-asking-address"  # the same for a new address
ASKING_CLAIM = "__Host-asking-claim"  # the same for purchases under another address
CART = "__Host-cart"  # by which a guest's browser finds its own order again
APP = "__Host-app"  # what an app asked for, while its owner signs in
KEPT = "Path=/; Secure; HttpOnly; SameSite=Lax"

Header = tuple[str, str]


def value(request: Request, name: str) -> str:
    return request.cookies.get(name, "")


def kept(name: str, value: str, *, seconds: int) -> Header:
    """`value` holds only letters, digits, '-', '_' and what urlencode leaves."""
    return ("Set-Cookie", f"{name}={value}; Max-Age={seconds}; {KEPT}")


def dropped(name: str) -> Header:
    return ("Set-Cookie", f"{name}=; Max-Age=0; {KEPT}")
