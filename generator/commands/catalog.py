"""Checks that everything the catalog speaks of was built: what the service sells has a page, and captions have their files."""

from collections.abc import Container, Iterator
from pathlib import Path

import msgspec

from generator import urls
from generator.errors import Problem
from generator.render.catalog import CatalogView, CourseEntry

CATALOG = "catalog.json"


def problems_of(output: Path, outputs: Container[str]) -> list[Problem]:
    """`outputs` are the paths of all that was built."""
    try:
        catalog = msgspec.json.decode((output / CATALOG).read_bytes(), type=CatalogView)
    except (OSError, msgspec.DecodeError) as error:
        return [Problem(CATALOG, 1, f"the catalog cannot be read: {error}", "Build again")]
    return [
        Problem(CATALOG, 1, f"the catalog names {path}, which was not built", "Build again")
        for path in _addresses(catalog)
        if urls.output_path(path) not in outputs
    ]


def _addresses(catalog: CatalogView) -> Iterator[str]:
    for course in catalog.courses:
        yield from _of_course(course)
    for bundle in catalog.bundles:
        yield urls.bundle(bundle.slug)


def _of_course(course: CourseEntry) -> Iterator[str]:
    yield urls.course(course.slug)
    for lecture in course.lectures:
        yield urls.lecture(course.slug, lecture.slug)
        yield from (captions.url for captions in lecture.captions)
