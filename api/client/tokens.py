"""Who is signed in: tokens from a code with PKCE or from a device code, and the next pair when they are over.

RFC 6749, 7636, 8252 and 8628. Tokens lie in the client's file, which should be readable by the app alone.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api.client.errors import Offline, Refused, SignedOut, TryLater
from api.client.http import Reply, Transport
from api.client.memory import Memory

CLIENT_ID = "longwave"
SCOPES = "account media sync"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
OVER = ("invalid_grant", "access_denied", "expired_token")
RETRY_SECONDS = 30.0


@dataclass(frozen=True)
class Authorization:
    """Open `address` in the system's browser; what comes back to `redirect_uri` has `code` and the same `state`."""

    address: str
    redirect_uri: str
    state: str
    verifier: str


@dataclass(frozen=True)
class DeviceCode:
    """Show `user_code` and `verification_uri`, then ask every `interval` seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    interval: int


class Tokens:
    """`access` is '' while nobody is signed in."""

    def __init__(self, site: str, memory: Memory, transport: Transport) -> None:
        self._site, self._memory, self._transport = site, memory, transport

    @property
    def access(self) -> str:
        return self._memory.word("access_token")

    def authorization(self, redirect_uri: str, *, scope: str = SCOPES) -> Authorization:
        """To be kept until the browser comes back."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": redirect_uri,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "scope": scope,
            "state": state,
        }
        return Authorization(f"{self._site}/api/authorize?{urlencode(query)}", redirect_uri, state, verifier)

    def exchange(self, authorization: Authorization, *, code: str, state: str, device_name: str) -> None:
        """Raises Refused for an answer to another question, SignedOut for a code that is over."""
        if not secrets.compare_digest(state.encode(), authorization.state.encode()):
            raise Refused(0, "other_state", "the answer belongs to another request")
        self._ask(
            grant_type="authorization_code",
            code=code,
            code_verifier=authorization.verifier,
            redirect_uri=authorization.redirect_uri,
            device_name=device_name,
        )

    def begin_device(self, *, device_name: str, scope: str = SCOPES) -> DeviceCode:
        body = {"client_id": CLIENT_ID, "scope": scope, "device_name": device_name}
        found = checked(self._post("/api/device-code", body)).json()
        return DeviceCode(
            found["device_code"], found["user_code"], found["verification_uri"], int(found.get("interval", 5))
        )

    def ask_device(self, begun: DeviceCode) -> bool:
        """True once somebody has said yes; SignedOut when that will not happen any more."""
        try:
            self._ask(grant_type=DEVICE_GRANT, device_code=begun.device_code)
        except Refused as refusal:
            if refusal.code in ("authorization_pending", "slow_down"):
                return False
            raise
        return True

    def renew(self) -> None:
        """The next pair. A lost answer is given again for a minute; later than that the server ends the app's tokens."""
        refresh = self._memory.word("refresh_token")
        if not refresh:
            raise SignedOut("nobody is signed in")
        self._ask(grant_type="refresh_token", refresh_token=refresh)

    def forget(self) -> None:
        """Signs out, here and on the server if it can be reached; the outbox stays."""
        refresh = self._memory.word("refresh_token")
        self._memory.keep({"access_token": "", "refresh_token": ""})
        if refresh:
            self._post("/api/token/revoke", {"token": refresh})

    def _ask(self, **fields: str) -> None:
        try:
            found = checked(self._post("/api/token", {"client_id": CLIENT_ID, **fields})).json()
        except Refused as refusal:
            if refusal.code in OVER:
                raise SignedOut(refusal.detail) from refusal
            raise
        self._memory.keep({"access_token": found["access_token"], "refresh_token": found["refresh_token"]})

    def _post(self, path: str, body: dict[str, Any]) -> Reply:
        return self._transport(
            "POST", self._site + path, {"Content-Type": "application/json"}, json.dumps(body).encode()
        )


def checked(reply: Reply) -> Reply:
    """Raises TryLater and Refused for what is no success, Offline for a request of ours that did not arrive whole."""
    if reply.status < 400:
        return reply
    if reply.status == 429 or reply.status >= 500:
        raise TryLater(_seconds(reply))
    try:
        problem = json.loads(reply.body)
        code, detail = str(problem.get("code", "")), str(problem.get("detail", ""))
    except (ValueError, AttributeError):
        code, detail = "", "no problem document"
    if code == "malformed":
        raise Offline("the request did not arrive whole")
    raise Refused(reply.status, code, detail)


def _seconds(reply: Reply) -> float:
    said = reply.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else RETRY_SECONDS
