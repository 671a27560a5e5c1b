"""Podcast apps log in with their password and are known by a cookie afterwards. Which passwords are right is not decided here.

https://gpoddernet.readthedocs.io/en/latest/api/reference/auth.html
"""

from starlette.requests import Request

from api.routes import access, cookies, credentials
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import app_passwords


@endpoint("POST", "/api/2/auth/{user}/login.json", answers={200: None}, access=Access.SYNC)
async def log_in(request: Request) -> Answer:
    """Gives the cookie `sessionid`. 400 when the app still has the cookie of another user."""
    service, here = service_of(request), access.connected(request)
    if other := credentials.of_cookie(request, service):
        credentials.check_user(request, other)
    given = credentials.given(request)
    return Answer(headers=() if given else (await credentials.cookie_for(service, here.device),))


@endpoint("POST", "/api/2/auth/{user}/logout.json", answers={200: None}, access=Access.SYNC)
async def log_out(request: Request) -> Answer:
    """Ends the cookie; whoever has none is out already."""
    service, token = service_of(request), cookies.value(request, cookies.PODCAST_SESSION)
    if other := credentials.of_cookie(request, service):
        credentials.check_user(request, other)
        await service.database.write(lambda db: app_passwords.close_session(db, token))
    return Answer(headers=(cookies.kept_by_app(cookies.PODCAST_SESSION, "", seconds=0, secure=False),))


ENDPOINTS = (log_in, log_out)
