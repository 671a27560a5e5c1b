"""Answers that need not be sent again: an ETag with each, 304 to who has it already. https://www.rfc-editor.org/rfc/rfc9110#section-13"""

import hashlib
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

CHARACTERS = 27


def answered(request: Request, body: Any) -> Response:
    """`body` as JSON, or 304 and nothing. Kept by the client alone, and asked about every time."""
    encoded = msgspec.json.encode(body)
    headers = {"ETag": f'"{hashlib.sha256(encoded).hexdigest()[:CHARACTERS]}"', "Cache-Control": "private, no-cache"}
    if _has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(encoded, headers=headers, media_type="application/json")


def _has(request: Request, etag: str) -> bool:
    """Weakly: what nginx has compressed comes back as W/"…"."""
    said = request.headers.get("if-none-match", "")
    return said.strip() == "*" or etag in (each.strip().removeprefix("W/") for each in said.split(","))
