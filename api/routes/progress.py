"""How far a person is in courses. Written by changes alone."""

from msgspec import Struct
from starlette.requests import Request

from api.errors import AppError, Code
from api.routes import access
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import progress
from api.usecases.progress import CourseState


class CourseStates(Struct, frozen=True):
    courses: list[CourseState]


@endpoint(
    "GET",
    "/api/v1/progress",
    answers={200: CourseStates},
    problems=(Code.UNAVAILABLE,),
    access=Access.PERSON,
    scope="sync",
)
async def every(request: Request) -> Answer:
    """The courses that were begun, the one last watched first."""
    service, person = service_of(request), access.person(request)
    return Answer(body=CourseStates(progress.begun(service.sync.reader, person.account.id, service.catalog.current())))


@endpoint(
    "GET",
    "/api/v1/courses/{course_id}/progress",
    answers={200: CourseState},
    problems=(Code.UNAVAILABLE,),
    access=Access.PERSON,
    scope="sync",
)
async def of_course(request: Request, course_id: str) -> Answer:
    """Every lecture of the course in its order, those not begun too."""
    service, person = service_of(request), access.person(request)
    course = service.catalog.current().course(course_id)
    if course is None:
        raise AppError(Code.NOT_FOUND, "There is no such course.")
    return Answer(body=progress.of_course(service.sync.reader, person.account.id, course))


ENDPOINTS = (every, of_course)
