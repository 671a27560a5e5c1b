"""Certificates: who has completed a course that they own gets one in the name they choose, and everybody may ask for it.

One counts as long as some right that opened its course was not taken away; a right that merely ran out was one all the same.
So a refund withdraws it, however it came, and nothing here has to hear of it.
"""

import datetime as dt
from sqlite3 import Connection

from msgspec import Struct

from api import ids
from api.errors import AppError, Code
from api.gateways.catalog import Catalog, Course
from api.model import Account, Certificate
from api.store import audit, certificates
from api.usecases import access, progress
from api.usecases.progress import CourseState
from api.usecases.service import Service

UNKNOWN = "There is no such certificate. Look at its address once more."
WITHDRAWN = "This certificate was withdrawn: the course does not belong to its holder any more."


class Shown(Struct, frozen=True):
    """A certificate, and whether it is still good."""

    certificate: Certificate
    good: bool


class Earned(Struct, frozen=True):
    """A course that is completed and has no certificate yet."""

    course: str
    title: str


class Certified(Struct, frozen=True):
    certificates: list[Shown]
    earned: list[Earned]


def of(service: Service, account: Account) -> Certified:
    """What an account has and what it could have."""
    db, catalog = service.database.reader, service.catalog.current()
    had = certificates.of(db, account.id)
    named = {certificate.course_id for certificate in had}
    open_ones = access.open_courses(db, account.id, catalog, now=service.clock())
    done = [state.course for state in progress.begun(service.sync.reader, account.id, catalog) if state.completed]
    courses = [course for id in done if id in open_ones and id not in named and (course := catalog.course(id))]
    return Certified([_shown(db, one, catalog) for one in had], [Earned(one.id, one.title) for one in courses])


async def issue(service: Service, account: Account, course_id: str, *, name: str) -> Shown:
    """Asked for again it is the same certificate, in the name that is given now.

    Raises NOT_FOUND for a course that is not the account's, CONFLICT for one that is not completed, INVALID without a name.
    """
    catalog, now = service.catalog.current(), service.clock()
    course, chosen = catalog.course(course_id), _name(name)
    if course is None or not access.may_open(service.database.reader, account.id, course_id, catalog, now=now):
        raise AppError(Code.NOT_FOUND, "There is no such course of yours.")
    state = progress.of_course(service.sync.reader, account.id, course)

    def write(db: Connection) -> Certificate:
        known = next((one for one in certificates.of(db, account.id) if one.course_id == course_id), None)
        if known:
            return _renamed(db, known, chosen, now=now)
        return _made(db, account, course, state, chosen, now=now)

    written = await service.database.write(write)
    return Shown(written, good=True)


def verify(db: Connection, certificate_id: str, catalog: Catalog) -> Certificate:
    """For everybody. Raises NOT_FOUND, and GONE for one that was withdrawn."""
    found = certificates.find(db, certificate_id)
    if found is None:
        raise AppError(Code.NOT_FOUND, UNKNOWN)
    if not _shown(db, found, catalog).good:
        raise AppError(Code.GONE, WITHDRAWN)
    return found


def _shown(db: Connection, certificate: Certificate, catalog: Catalog) -> Shown:
    return Shown(certificate, access.has_kept(db, certificate.account_id, certificate.course_id, catalog))


def _made(
    db: Connection, account: Account, course: Course, state: CourseState, name: str, *, now: dt.datetime
) -> Certificate:
    if not state.completed:
        left = sum(not lecture.completed for lecture in state.lectures)
        raise AppError(Code.CONFLICT, f"'{course.title}' is not completed: {left} of its lectures are left.")
    made = Certificate(
        id=ids.new("crt"),
        account_id=account.id,
        course_id=course.id,
        title=course.title,
        name=name,
        lectures=len(course.lectures),
        seconds=course.seconds,
        completed_at=state.at or now,
        issued_at=now,
    )
    certificates.insert(db, made)
    audit.add(db, "certificate.issued", made.id, actor=account.id, now=now, course=course.id)
    return made


def _renamed(db: Connection, known: Certificate, name: str, *, now: dt.datetime) -> Certificate:
    if name != known.name:
        certificates.rename(db, known.id, name=name)
        audit.add(db, "certificate.renamed", known.id, actor=known.account_id, now=now)
    return certificates.find(db, known.id) or known


def _name(written: str) -> str:
    name = " ".join(written.split())
    if name and name.isprintable():
        return name
    raise AppError(Code.INVALID, "A certificate needs a name.", fields={"name": "Write the name that it shall bear."})
