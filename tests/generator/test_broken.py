"""Every mistake an editor can make is reported where it stands, together with all others; nothing is published."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli import main
from tests.generator.broken_sites import CASES, Expected, lay_out
from tests.generator.project import tree, write_project

Check = Callable[[Path], list[str]]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """`longwave check` in a folder, within this process for speed: exit code, then the lines of its problems."""

    def run(folder: Path) -> list[str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["longwave", "check"])
        with pytest.raises(SystemExit) as ended:
            main()
        return [f"exit {ended.value.code or 0}", *problems(capsys.readouterr().err)]

    return run


def test_the_sound_site_has_no_problems(check: Check, tmp_path: Path) -> None:
    lay_out(CASES / "sound.txt", tmp_path / "content")
    assert check(tmp_path) == ["exit 0"]


@pytest.mark.parametrize("case", sorted(CASES.glob("*-*.txt")), ids=lambda case: case.stem)
def test_a_mistake_is_reported_where_it_stands(check: Check, tmp_path: Path, case: Path) -> None:
    expected = lay_out(case, tmp_path / "content")
    code, *said = check(tmp_path)
    assert code == "exit 1"
    assert unmet(expected, said) == []
    assert len(said) == len(expected), said


def test_thirty_mistakes_are_thirty_messages_and_nothing_is_published(tmp_path: Path) -> None:
    project = write_project(tmp_path)
    project.publish()
    (project.content).rename(tmp_path / "before")
    before, published = tree(project.output), project.current.resolve()
    expected = lay_out(CASES / "thirty.txt", project.content)
    for name in ("check", "build", "publish"):
        done = project.run(name)
        said = problems(done.stderr)
        assert (done.returncode, len(said), unmet(expected, said)) == (1, 30, []), done.stderr
    assert (tree(project.output), project.current.resolve()) == (before, published)


@pytest.mark.parametrize("case", ["episode-unknown-field", "inline-script", "artwork-too-small"])
def test_a_problem_says_what_to_write_instead(check: Check, tmp_path: Path, case: str) -> None:
    lay_out(CASES / f"{case}.txt", tmp_path / "content")
    (_, said) = check(tmp_path)
    assert re.fullmatch(r"content/\S+:\d+: \S.*[^.]\. \S.*\.", said)


def problems(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\S.*?:\d+: ", line)]


def unmet(expected: list[Expected], said: list[str]) -> list[Expected]:
    return [problem for problem in expected if not any(map(problem.is_met_by, said))]
