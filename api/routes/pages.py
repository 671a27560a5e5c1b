"""Answers browsers without script: a page of the site with what belongs to one person printed into it. Decides nothing."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.errors import AppError
from api.routes import problems
from api.routes.contract import NOT_KEPT, service_of

MEDIA_TYPE = "text/html"


def shown(request: Request, page: str, part: str, /, **fields: Any) -> HTMLResponse:
    """The site's page at `page` ('/account/library/') with the theme's `service/PART.html` in it."""
    return HTMLResponse(service_of(request).pages.show(page, part, fields), headers=NOT_KEPT)


def shown_again(request: Request, error: AppError, page: str, part: str, /, **fields: Any) -> HTMLResponse:
    """The same for a form that was refused: with the refusal's status, and what was typed among its `fields`."""
    answer = shown(request, page, part, **fields)
    answer.status_code = problems.STATUSES[error.code][0]
    if error.retry_after_seconds is not None:
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    return answer
