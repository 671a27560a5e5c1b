"""Content that was made to do harm is refused in words; none of it is published, and none of it ends the run."""

import os
import shutil
from pathlib import Path

import pytest

from generator.errors import BuildError
from generator.read import markdown
from generator.read.inventory import load
from generator.read.scan import scan
from generator.read.sources import Defaults, parse
from generator.write import assets
from tests.generator.broken_sites import CASES

SECRET = "the server's secret"


class Forgetful:
    """A store that keeps nothing."""

    def sources(self) -> dict[str, object]:
        return {}

    def __getattr__(self, name: str) -> object:
        return list


@pytest.fixture
def content(tmp_path: Path) -> Path:
    shutil.copytree(CASES / "sound", tmp_path / "content")
    (tmp_path / "content/media").mkdir(exist_ok=True)
    return tmp_path / "content"


def said(content: Path) -> list[str]:
    found = load(content, scan(content), Forgetful(), spread=map)  # type: ignore[arg-type]
    return [str(problem) for problem in found.problems]


def post(content: Path, text: str) -> list[str]:
    (content / "posts/hello.md").write_text(text)
    parsed = parse(content, "posts/hello.md", Defaults())
    return [str(problem) for problem in parsed.problems] if parsed else []


@pytest.mark.parametrize(
    "name",
    [
        "media/x.txt",
        "posts/x.md",
        "redirects.toml",
        "media/folder",
        "courses/x",
        "courses/timekeeping/01-basics/sheet.txt",
    ],
)
def test_a_symbolic_link_in_the_content_is_refused_and_not_read(content: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (content / name).unlink(missing_ok=True)
    (content / name).symlink_to(tmp_path / "secret" if "." in name else tmp_path)
    assert not any(path.startswith(name) for path in scan(content).sources)
    assert [line for line in said(content) if "symbolic link" in line and name in line]


def test_a_symbolic_link_in_the_theme_is_refused(tmp_path: Path) -> None:
    (tmp_path / "static/css").mkdir(parents=True)
    (tmp_path / "static/css/site.css").write_text("a {}")
    (tmp_path / "static/x.txt").symlink_to("/etc/hostname")
    with pytest.raises(BuildError, match="symbolic link"):
        assets.load(tmp_path)


@pytest.mark.parametrize("folder", ["media", "media/talks"])
def test_a_media_file_whose_name_is_no_text_is_reported(content: Path, folder: str) -> None:
    (content / folder).mkdir(exist_ok=True)
    Path(os.fsdecode(os.fsencode(content / folder) + b"/\xff.png")).write_bytes(b"x")
    assert [line for line in said(content) if "not UTF-8" in line]


@pytest.mark.parametrize(
    "html",
    [
        "<svg/onload=alert(1)>",
        "<!--><script>alert(1)</script>-->",
        "<!-- a --!><script>alert(1)</script> -->",
        '<a href="&#106;avascript&colon;alert(1)">x</a>',
        '<a href=" &#1;java&Tab;script:alert(1)">x</a>',
        '<a title="x"  \'"><img src=x onerror=alert(1)>',
        '<a x=\u00a0" onclick=alert(1) y="">x</a>',
        '<p title==" onclick=alert(1) ">x</p>',
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
        "<img src=x onerror=alert(1)",
    ],
)
def test_html_that_browsers_would_run_is_refused(html: str) -> None:
    assert markdown.to_text(f"<div>{html}</div>", file="x.md")[1]


def test_honest_html_is_allowed() -> None:
    honest = (
        'a < b, <!-- a remark --> <img src="https://a.example/x.png" alt="data: x"> `<script>` [a](https://b.example)'
    )
    assert markdown.to_text(honest, file="x.md")[1] == []


@pytest.mark.parametrize("head", ["- " * 5000, "a: " + "[" * 100_000, "? " * 5000, "{" * 9999])
def test_deep_front_matter_is_one_message(content: Path, head: str) -> None:
    assert len(post(content, f"---\n{head}\n---\n")) == 1


@pytest.mark.parametrize(
    "value", ["9" * 5000, "0x" + "f" * 5000, "2026-13-45T99:99:99", "!!int x", "!!float x", "!!bool x"]
)
def test_an_absurd_date_is_reported(content: Path, value: str) -> None:
    assert post(content, f"---\ntitle: x\ndate: {value}\n---\n")


def test_only_the_first_of_very_many_problems_are_told(content: Path) -> None:
    *_, last = found = post(content, "---\ntitle: x\n" + "".join(f"k{n}: 1\n" for n in range(500)) + "---\n")
    assert (len(found), "more problems" in last) == (51, True)


def test_a_text_that_nests_too_deep_is_reported(content: Path) -> None:
    found = post(content, "---\ntitle: x\ndate: 2026-01-01\n---\n" + ">" * 5000 + " x")
    assert [line for line in found if "nests too deep" in line]
