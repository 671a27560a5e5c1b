"""Who may call what: secret keys everything, restricted keys what their scopes say. Live keys open nothing here."""

from base64 import b64decode
from binascii import Error as NotBase64

from api.sandbox.errors import StripeFault
from api.sandbox.settings import OPERATOR_KEY, SERVICE_KEY

READ, WRITE = "read", "write"
SERVICE_SCOPES = {
    **dict.fromkeys(("checkout_session", "customer"), WRITE),
    **dict.fromkeys(("balance", "charge", "coupon", "event", "invoice", "payment_intent", "price", "product"), READ),
    **dict.fromkeys(("promotion_code", "refund"), READ),
}
OPERATOR_SCOPES = {
    **SERVICE_SCOPES,
    **dict.fromkeys(("coupon", "price", "product", "promotion_code", "refund", "webhook"), WRITE),
}
RESTRICTED = {SERVICE_KEY: SERVICE_SCOPES, OPERATOR_KEY: OPERATOR_SCOPES}


def admit(authorization: str, *, resource: str, method: str) -> None:
    """Raises StripeFault 401 for a key that is none, 403 for one without the scope."""
    key = _key(authorization)
    if key.startswith("sk_test_"):
        return
    scopes = next((scopes for name, scopes in RESTRICTED.items() if key.startswith(name)), None)
    if scopes is None:
        raise StripeFault(f"Invalid API Key provided: {key[:8]}{'*' * 8}", status=401)
    if scopes.get(resource) != WRITE and not (method == "GET" and scopes.get(resource) == READ):
        needed = f"rak_{resource}_{READ if method == 'GET' else WRITE}"
        message = f"The provided key '{key[:8]}{'*' * 8}' does not have the required permissions for this endpoint. "
        raise StripeFault(
            f"{message}Having the '{needed}' permission would allow this request to continue.", status=403
        )


def _key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer" and value:
        return value
    if scheme.lower() == "basic":
        try:
            return b64decode(value).decode().partition(":")[0]
        except (NotBase64, UnicodeDecodeError):
            pass
    raise StripeFault(
        "You did not provide an API key. Send it as a bearer token in the Authorization header.", status=401
    )
