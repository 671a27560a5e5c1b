"""Projects that several tests look at: built once, never changed by a test."""

from pathlib import Path

import pytest

from tests.generator.project import Project, write_project
from tests.generator.shows import (
    transcript,
    write_bundle,
    write_course,
    write_episode,
    write_page,
    write_person,
    write_post,
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of three episodes for a test to change; nothing is built yet."""
    return write_project(tmp_path)


@pytest.fixture(scope="session")
def season(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built project with thirty episodes and one of everything else, to be copied by whoever wants to change it."""
    project = write_project(tmp_path_factory.mktemp("season"), episodes=30)
    write_person(project.content, "grace-example", name="Grace Example")
    write_episode(project.content, 7, guests=["grace-example"], topics=["clocks"], transcript=transcript())
    write_episode(project.content, 8, topics=["clocks"], chapters=["00:00 Start", "05:00 Middle"], aliases=["/eight"])
    write_post(project.content, "hello", authors=["ada-example"], topics=["clocks"])
    write_page(project.content, "about", menu=1)
    write_course(project.content, "clocks", topics=["clocks"])
    write_bundle(project.content, "everything")
    project.build()
    return project
