"""`longwave serve` as a person meets it; a stand-in for the build writes the small web root."""

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy import cli, local
from deploy.errors import DeployError
from deploy.local import Options
from generator.errors import ContentError, Problem
from tests.deploy.servers import Site, free_port, until
from tests.deploy.web_root import MODIFIED, web_root

MISTAKE = Problem("site.toml", 3, "'titel' is not a field", "Write 'title'")


def stand_in(content: Path, output: Path, **_: object) -> str:
    """Home says what the first episode's file says; a file that says 'mistake' is one."""
    edition = (content / "edition.md").read_text().strip()
    if edition == "mistake":
        raise ContentError([MISTAKE])
    if edition == "slow":
        print("begun", flush=True)
        time.sleep(0.5)
    web_root(output, edition=edition, modified=MODIFIED + len(list(content.iterdir())) + len(edition))
    return "built"


class Served(Site, frozen=True):
    folder: Path
    pid: int

    def said(self) -> str:
        path = self.folder / "said.txt"
        return path.read_text() if path.exists() else ""

    def edit(self, edition: str) -> None:
        new = self.folder / "edition.new"
        new.write_text(edition)
        new.replace(self.folder / "content/edition.md")


Serve = Callable[..., "Served"]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    monkeypatch.setattr(local, "build", stand_in)
    (tmp_path / "content").mkdir()
    (tmp_path / "content/site.toml").write_text('[site]\ntitle = "Signal Path"\n')
    started: list[multiprocessing.process.BaseProcess] = []

    def start(edition: str = "first", *, reload: bool = False, nginx: bool = False, port: int = 0) -> Served:
        (tmp_path / "content/edition.md").write_text(edition)
        chosen = Options(
            content=tmp_path / "content",
            theme=tmp_path / "theme",
            port=port or free_port(),
            url=None,
            reload=reload,
            nginx=nginx,
        )
        process = multiprocessing.get_context("fork").Process(target=serve_aside, args=(chosen, tmp_path))
        process.start()
        started.append(process)
        assert process.pid
        return Served(chosen.port, tmp_path, process.pid)

    yield start
    for process in started:
        process.terminate()
        process.join()


def serve_aside(options: Options, folder: Path) -> None:
    """In a process of its own: what it prints goes to a file."""
    os.chdir(folder)
    with (folder / "said.txt").open("w") as said:
        sys.stdout = sys.stderr = said
        local.serve(options)


BOTH = pytest.mark.parametrize("nginx", [False, True], ids=["embedded", "nginx"])


@BOTH
def test_it_says_what_to_open(serve: Serve, nginx: bool) -> None:
    site = serve(nginx=nginx)
    url = f"http://localhost:{site.port}"
    until(lambda: f"  {url}/\n  {url}/episodes/1/hello/\n  {url}/feed.xml\n" in site.said())


@BOTH
def test_it_serves_what_was_built(serve: Serve, nginx: bool) -> None:
    site = serve(nginx=nginx)
    until(lambda: answers(site, b"edition first"))


@BOTH
def test_an_edit_is_seen(serve: Serve, nginx: bool) -> None:
    site = serve(reload=True, nginx=nginx)
    until(lambda: answers(site, b"edition first"))
    site.edit("second")
    until(lambda: answers(site, b"edition second"))


@BOTH
def test_a_mistake_is_shown_and_the_site_stays(serve: Serve, nginx: bool) -> None:
    site = serve(reload=True, nginx=nginx)
    until(lambda: answers(site, b"edition first"))
    site.edit("mistake")
    until(lambda: str(MISTAKE) in site.said())
    assert answers(site, b"edition first")


def test_with_reload_a_mistake_at_the_start_waits_to_be_mended(serve: Serve) -> None:
    site = serve("mistake", reload=True)
    until(lambda: "Waiting for a change." in site.said())
    site.edit("mended")
    until(lambda: answers(site, b"edition mended"))


def test_an_edit_made_while_the_first_build_runs_is_seen(serve: Serve) -> None:
    site = serve("slow", reload=True)
    until(lambda: "begun" in site.said())
    site.edit("second")
    until(lambda: answers(site, b"edition second"))


def test_nginx_ends_with_its_parent_however_that_ends(serve: Serve) -> None:
    site = serve(nginx=True)
    until(lambda: answers(site, b"edition first"))
    os.kill(site.pid, signal.SIGKILL)
    until(lambda: not listens(site.port))


def test_a_taken_port_is_said_before_anything_is_built(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = Options(content=Path("x"), theme=Path("x"), port=port, url=None, reload=False, nginx=False)
        with pytest.raises(DeployError, match=f"Port {port} .*--port {port + 1}"):
            local.serve(options)


def test_the_command_tells_a_taken_port_without_a_traceback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = CliRunner().invoke(cli.serve, ["--port", str(taken.getsockname()[1])])
    assert told.exit_code == 1
    assert told.output.startswith("Error: Port ")


def answers(site: Site, text: bytes) -> bool:
    try:
        return text in site.ask("/").body
    except OSError:
        return False


def listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
