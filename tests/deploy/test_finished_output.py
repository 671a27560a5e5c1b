"""What may become a release of what an untrusted builder left; and how a tar is laid over what is there."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from deploy.errors import DeployError
from deploy.server import finished
from deploy.server.unpacking import unpack
from tests.deploy.web_root import web_root

ME = os.getuid()
NOW = 1_800_000_000
FILES = {"content/a.md": b"one", "content/b/c.md": b"two", "theme/x.css": b"three"}
EDITORS = frozenset({"content", "theme"})


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return web_root(tmp_path / "output")


def test_a_finished_site_is_taken(output: Path) -> None:
    assert finished.problems(output, owner=ME) == []


def test_what_a_build_remembers_is_not_looked_at(output: Path) -> None:
    (output / ".longwave/ledger.sqlite-wal").symlink_to("/etc/passwd")
    assert finished.problems(output, owner=ME) == []


@pytest.mark.parametrize(
    "name", ["about/x.html", ".longwave/downloads/x.txt", ".longwave/redirects.map", ".well-known/x"]
)
def test_a_link_is_refused_wherever_it_is(output: Path, name: str) -> None:
    path = output / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to("/etc/shadow")
    assert any("no links" in problem for problem in finished.problems(output, owner=ME))


def test_a_folder_that_is_a_link_is_refused(output: Path) -> None:
    (output / "videos").symlink_to("/srv")
    assert len(finished.problems(output, owner=ME)) == 1


def test_a_pipe_is_refused(output: Path) -> None:
    os.mkfifo(output / "pipe")
    assert len(finished.problems(output, owner=ME)) == 1


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o666])
def test_a_mode_that_would_live_on_in_a_release_is_refused(output: Path, mode: int) -> None:
    (output / "robots.txt").chmod(mode)
    assert any("mode" in problem for problem in finished.problems(output, owner=ME))


def test_somebody_elses_file_is_refused(output: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("secret")
    os.link(tmp_path / "theirs", output / "theirs.txt")
    assert finished.problems(output, owner=ME) == ["'theirs.txt': this file is somebody else's."]
    assert finished.problems(web_root(tmp_path / "other"), owner=ME + 1)


@pytest.mark.parametrize("name", ["a\nb.html", ".env", "a b.html", "x.partial", "über.html"])
def test_a_name_that_no_address_has_is_refused(output: Path, name: str) -> None:
    (output / name).write_text("x")
    assert len(finished.problems(output, owner=ME)) == 1


@pytest.mark.parametrize(
    "line",
    [
        '"/a" "301 /b/"; } server { listen 1;',
        '"/a" "301 /b/";include /etc/shadow;',
        '"~^/(.*)$" "301 /$1";',
        '"/a" "301 $host";',
        '"/a" "301 //evil.example/";',
        '"/a" "200 /b";',
        "include /etc/nginx/nginx.conf;",
        '"/a" "301 /b/" ',
        '"/a" "301 javascript:x";',
    ],
)
def test_a_redirect_that_nginx_could_read_as_more_is_refused_with_its_line(output: Path, line: str) -> None:
    (output / ".longwave/redirects.map").write_text('"/fine" "301 /there/";\n' + line + "\n")
    (problem,) = finished.problems(output, owner=ME)
    assert problem.startswith(".longwave/redirects.map:2:")


def test_a_site_without_its_first_page_is_none(output: Path) -> None:
    (output / "index.html").unlink()
    assert finished.problems(output, owner=ME) == ["index.html is missing: this is no finished site."]


def tar(files: dict[str, bytes], *odd: tarfile.TarInfo) -> io.BytesIO:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in odd:
            archive.addfile(member)
    target.seek(0)
    return target


def laid(stream: io.BytesIO, folder: Path, *, now: int = NOW) -> int:
    return unpack(stream, folder, tops=EDITORS, now=now, spared=frozenset({".longwave"}))


def test_what_is_the_same_keeps_its_time_and_what_changed_gets_a_later_one(tmp_path: Path) -> None:
    assert laid(tar(FILES), tmp_path) == 3
    laid(tar(FILES | {"content/a.md": b"One"}), tmp_path, now=NOW - 100)
    times = {name: int((tmp_path / name).stat().st_mtime) for name in FILES}
    assert times == {"content/a.md": NOW + 1, "content/b/c.md": NOW, "theme/x.css": NOW}
    assert (tmp_path / "content/a.md").read_bytes() == b"One"


def test_what_is_no_longer_sent_goes_and_what_a_build_remembers_stays(tmp_path: Path) -> None:
    laid(tar(FILES), tmp_path)
    (tmp_path / ".longwave").mkdir()
    (tmp_path / ".longwave/ledger").write_text("x")
    laid(tar({"content/a.md": b"one"}), tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"content/a.md", ".longwave/ledger"}


def odd(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member


@pytest.mark.parametrize(
    "member",
    [
        odd("content/x", tarfile.SYMTYPE, "/etc/passwd"),
        odd("content/x", tarfile.LNKTYPE, "content/a.md"),
        odd("content/x", tarfile.CHRTYPE),
        odd("content/x", tarfile.FIFOTYPE),
        tarfile.TarInfo("content/../../x"),
        tarfile.TarInfo("/etc/x"),
        tarfile.TarInfo("deploy/x"),
        tarfile.TarInfo("content//x"),
        tarfile.TarInfo("content/a\x07b"),
    ],
    ids=lambda member: f"{member.name!r} {member.type!r}",
)
def test_a_tar_with_anything_but_plain_files_inside_is_refused(tmp_path: Path, member: tarfile.TarInfo) -> None:
    with pytest.raises(DeployError):
        laid(tar(FILES, member), tmp_path / "folder")
    assert not [path for path in tmp_path.rglob("*") if path.is_symlink()]
    assert {path.name for path in tmp_path.iterdir()} == {"folder"}


def test_a_tar_that_was_cut_short_is_refused_and_removes_nothing(tmp_path: Path) -> None:
    laid(tar(FILES), tmp_path)
    whole = tar(FILES | {"theme/x.css": b"x" * 50_000}).getvalue()
    with pytest.raises(DeployError, match="whole tar"):
        laid(io.BytesIO(whole[: len(whole) // 2]), tmp_path)
    assert (tmp_path / "theme/x.css").read_bytes() == b"three"
