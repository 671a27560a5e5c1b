"""What all pages of the stand-in share: templates, a strict policy, forms read from raw bytes, foreign posts refused."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import spelling

HERE = Path(__file__).parent
FORM_BYTES_MAX = 20_000
OWN_SITES = (None, "same-origin", "none")
Form = dict[str, str]


def page(template: str, *, status: int = 200, form_targets: Iterable[str] = (), **values: Any) -> Response:
    """A page that may load nothing but its style sheet, and send its forms here and, by redirection, to `form_targets`."""
    targets = " ".join(sorted({"'self'", *map(_origin, filter(None, form_targets))}))
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {targets}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(TEMPLATES.get_template(template).render(**values), status, headers)


def message(title: str, text: str, *, status: int = 200, back: str = "") -> Response:
    """A page that says one thing; `back` is where its only link leads."""
    return page("message.html", status=status, title=title, text=text, back=back)


async def read_form(request: Request) -> Form:
    """The fields of a form, each once. What is not readable is empty."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES_MAX:
            return {}
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1].strip() for name, values in fields.items()}


class OwnFormsOnly:
    """Refuses a post that another site's page made a browser send. The API has keys instead."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD") and not scope["path"].startswith("/v1/"):
            headers = dict(scope["headers"])
            site = headers.get(b"sec-fetch-site", b"").decode("latin-1") or None
            origin = headers.get(b"origin", b"").decode("latin-1")
            own = urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")
            if site not in OWN_SITES or (origin and not own):
                await message("Refused", "This form came from another site.", status=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(money=spelling.money, minute=spelling.minute)
