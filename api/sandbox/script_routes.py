"""Where tests set what goes wrong: the delivery script, faults of the API, refunds that stay pending. JSON, no page."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.sandbox import faults, refunds, script
from api.sandbox.books import Books


def routes(books: Books) -> list[Route]:
    async def read(_: Request) -> Response:
        return JSONResponse(_state(books))

    async def set_script(request: Request) -> Response:
        return await _kept(request, script.Script, lambda value: script.keep(books, value))

    async def set_faults(request: Request) -> Response:
        return await _kept(request, list[faults.Fault], lambda value: faults.keep(books, value))

    async def set_refunds(request: Request) -> Response:
        return await _kept(request, bool, lambda value: refunds.stay_pending(books, value))

    async def _kept(request: Request, type: Any, keep: Any) -> Response:
        try:
            value = msgspec.json.decode(await request.body(), type=type)
        except msgspec.MsgspecError as error:
            return JSONResponse({"error": str(error)}, 400)
        with books.transaction():
            keep(value)
        return JSONResponse(_state(books))

    return [
        Route("/_sandbox", read, methods=["GET"]),
        Route("/_sandbox/script", set_script, methods=["PUT"]),
        Route("/_sandbox/faults", set_faults, methods=["PUT"]),
        Route("/_sandbox/pending-refunds", set_refunds, methods=["PUT"]),
    ]


def _state(books: Books) -> dict[str, Any]:
    return {
        "script": msgspec.to_builtins(script.current(books)),
        "faults": msgspec.to_builtins(faults.current(books)),
        "pending_refunds": bool(books.note(refunds.NOTE)),
    }
