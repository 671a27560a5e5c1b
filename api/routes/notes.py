"""A person's own notes on a lecture, for the page beside which they stand. Written by changes alone."""

from starlette.requests import Request

from api.errors import AppError, Code
from api.routes import access
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import notes
from api.usecases.notes import Note


@endpoint(
    "GET",
    "/api/v1/lectures/{lecture_id}/notes",
    answers={200: list[Note]},
    problems=(Code.UNAVAILABLE,),
    access=Access.PERSON,
    scope="sync",
)
async def of_lecture(request: Request, lecture_id: str) -> Answer:
    """The notes on a lecture, in the order of their moments. `version` is what a change of one names as its base."""
    service, person = service_of(request), access.person(request)
    if not any(lecture.id == lecture_id for course in service.catalog.current().courses for lecture in course.lectures):
        raise AppError(Code.NOT_FOUND, "There is no such lecture.")
    return Answer(body=notes.of_lecture(service.sync.reader, person.account.id, lecture_id))


ENDPOINTS = (of_lecture,)
