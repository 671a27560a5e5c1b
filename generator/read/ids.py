"""The ids of courses, lectures and bundles, on which purchases and progress hang: frozen in content/ids.lock, never changed.

A thing may move to another address with its id; it may not get another id, and an id may not pass to another thing.
"""

from collections.abc import Iterable, Mapping

from generator import urls
from generator.model import Bundle, Course, Lecture
from generator.read.findings import Findings

LOCK = "ids.lock"


def places(courses: Iterable[Course], bundles: Iterable[Bundle]) -> dict[str, str]:
    """The address of everything that has an id."""
    found = {bundle.id: urls.bundle(bundle.slug) for bundle in bundles}
    for course in courses:
        found[course.id] = urls.course(course.slug)
        found |= {lecture.id: urls.lecture(course.slug, lecture.slug) for lecture in course.lectures}
    return found


def check(courses: Iterable[Course], bundles: Iterable[Bundle], lock: Mapping[str, str], findings: Findings) -> None:
    """Reports every id that was another one when its thing was published, and every lecture that came from another course."""
    if not lock:
        return
    before = {place: id for id, place in lock.items()}
    for course in courses:
        _check(course, urls.course(course.slug), before, findings)
        for lecture in course.lectures:
            _check(lecture, urls.lecture(course.slug, lecture.slug), before, findings)
            _check_home(lecture, course, lock, before, findings)
    for bundle in bundles:
        _check(bundle, urls.bundle(bundle.slug), before, findings)


def _check(thing: Course | Lecture | Bundle, place: str, before: Mapping[str, str], findings: Findings) -> None:
    was = before.get(place, thing.id)
    if was != thing.id:
        what = f"{place} was published with the id {was}, which is now {thing.id}"
        findings.at(thing.source, "id")(what, f"An id never changes, as purchases hang on it: write 'id: {was}'")


def _check_home(
    lecture: Lecture, course: Course, lock: Mapping[str, str], before: Mapping[str, str], findings: Findings
) -> None:
    """A course may be renamed, and takes its lectures along: it is known by its id."""
    home = lock.get(lecture.id, "").rpartition("/")[0].rpartition("/")[0] + "/"
    owner = before.get(home, course.id)
    if owner != course.id:
        what = f"{lecture.id} was published as a lecture of {owner}"
        findings.at(lecture.source, "id")(what, "An id is not used again: give this lecture its own")
