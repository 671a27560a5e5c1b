"""How far a person is with an episode of the show. Written by changes alone."""

from starlette.requests import Request

from api.errors import AppError, Code
from api.routes import access
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import listened
from api.usecases.listened import ListeningState

DIGITS_MAX = 9


@endpoint(
    "GET",
    "/api/v1/episodes/{number}/listening",
    answers={200: ListeningState, 204: None},
    access=Access.PERSON,
    scope="sync",
)
async def of_episode(request: Request, number: str) -> Answer:
    """Where to go on with an episode, whichever app or page it was heard in; 204 when it was never begun."""
    service, person = service_of(request), access.person(request)
    found = listened.of_episode(service.sync.reader, person.account.id, _number(number))
    if found is not None:
        return Answer(body=found)
    if service.show.current().episode(_number(number)):
        return Answer(status=204)
    raise AppError(Code.NOT_FOUND, "There is no such episode.")


def _number(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) <= DIGITS_MAX):
        raise AppError(Code.NOT_FOUND, "There is no such episode.")
    return int(written)


ENDPOINTS = (of_episode,)
