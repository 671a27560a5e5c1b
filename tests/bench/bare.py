"""`python -m tests.bench.bare FD FILE`: a bare Starlette answer of the JSON in FILE, on the server that the service runs on."""

import json
import socket
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api import serving
from api.settings import Settings


def main() -> None:
    value = json.loads(Path(sys.argv[2]).read_bytes())

    async def answer(_request: Request) -> Response:
        return JSONResponse(value)

    serving.serve(Starlette(routes=[Route("/", answer)]), Settings(), socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
