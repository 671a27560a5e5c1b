"""A device with one passkey, of software: what a browser would send, in JSON. It verifies its person unless told not to."""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from soft_webauthn import SoftWebauthnDevice

FLAGS_AT = 32  # https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data
VERIFIED = 0x04


class Authenticator:
    def __init__(self, origin: str, *, verifies: bool = True) -> None:
        self.origin = origin
        self.device = SoftWebauthnDevice()
        self._verifies = verifies

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """For the `public_key` of a registration challenge."""
        public_key = {
            **options,
            "challenge": decoded(options["challenge"]),
            "user": {**options["user"], "id": decoded(options["user"]["id"])},
            "pubKeyCredParams": [{"alg": -7, "type": "public-key"}],
        }
        made = self.device.create({"publicKey": public_key}, self.origin)
        attestation = cbor.decode(made["response"]["attestationObject"])
        attestation["authData"] = self._flagged(attestation["authData"])
        return {
            "id": encoded(made["rawId"]),
            "rawId": encoded(made["rawId"]),
            "type": "public-key",
            "response": {
                "clientDataJSON": encoded(made["response"]["clientDataJSON"]),
                "attestationObject": encoded(cbor.encode(attestation)),
                "transports": ["internal"],
            },
        }

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """For the `public_key` of a sign-in challenge."""
        public_key = {**options, "challenge": decoded(options["challenge"])}
        made = self.device.get({"publicKey": public_key}, self.origin)
        data = self._flagged(made["response"]["authenticatorData"])
        signed = data + hashlib.sha256(made["response"]["clientDataJSON"]).digest()
        return {
            "id": encoded(made["rawId"]),
            "rawId": encoded(made["rawId"]),
            "type": "public-key",
            "response": {
                "clientDataJSON": encoded(made["response"]["clientDataJSON"]),
                "authenticatorData": encoded(data),
                "signature": encoded(self.device.private_key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": encoded(self.device.user_handle),
            },
        }

    def _flagged(self, data: bytes) -> bytes:
        flags = data[FLAGS_AT] | VERIFIED if self._verifies else data[FLAGS_AT]
        return data[:FLAGS_AT] + bytes([flags]) + data[FLAGS_AT + 1 :]


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
