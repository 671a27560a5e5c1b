"""`longwave serve` as a person meets it; a stand-in for the build writes the small web root."""

import json
import multiprocessing
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
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
        try:
            local.serve(options)
        except DeployError as error:  # as the command does
            print(error)


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


@BOTH
def test_the_service_answers_on_the_site_s_own_port(serve: Serve, nginx: bool) -> None:
    site = serve(nginx=nginx)
    until(lambda: "payments and mails" in site.said())
    assert json.loads(site.ask("/api/openapi.json").body)["servers"] == [{"url": f"http://localhost:{site.port}"}]
    assert stand_in_of(site).ask("/").status < 400


def test_forms_may_go_to_the_stand_in_wherever_it_is(serve: Serve) -> None:
    site = serve()
    until(lambda: "payments and mails" in site.said())
    policy = site.ask("/").header("content-security-policy") or ""
    targets = policy.split("form-action ")[1].split(";")[0].split()
    assert {"'self'", "https://checkout.stripe.com", "https://billing.stripe.com"} < set(targets)
    assert f"http://localhost:{stand_in_of(site).port}" in targets


def test_the_site_outlives_its_service_and_says_so(serve: Serve) -> None:
    site = serve()
    until(lambda: "payments and mails" in site.said())
    os.kill(service_of(site), signal.SIGKILL)
    until(lambda: "The service has ended (-9)" in site.said())
    assert answers(site, b"edition first")
    assert (site.ask("/api/openapi.json").status, site.ask("/feed.xml").status) == (503, 200)


def test_service_and_stand_in_end_with_their_parent_however_that_ends(serve: Serve) -> None:
    site = serve()
    until(lambda: "payments and mails" in site.said())
    service, stand_in_port = service_of(site), stand_in_of(site).port
    os.kill(site.pid, signal.SIGKILL)
    until(lambda: not listens(stand_in_port) and not is_running(service))


def test_a_taken_port_of_the_stand_in_is_told_and_another_used(serve: Serve) -> None:
    with suppress(OSError), socket.create_server(("127.0.0.1", 8001)):
        site = serve()
        until(lambda: "payments and mails" in site.said())
        port = stand_in_of(site).port
        assert port != 8001
        assert f"Stripe's stand-in is on port {port}: 8001 is taken." in site.said()


def test_a_service_that_cannot_start_says_why(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGWAVE_MODE", "live")
    site = serve()
    until(lambda: "the service did not start." in site.said())
    assert "LONGWAVE_SMTP_HOST: missing." in site.said()


def stand_in_of(site: Served) -> Site:
    found = re.search(r"http://localhost:(\d+)/ \(payments and mails\)", site.said())
    assert found
    return Site(int(found[1]))


def service_of(site: Served) -> int:
    """The process id of the child that runs the service."""
    children = Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text().split()
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children}
    return next(pid for pid, command in commands.items() if b"api" in command)


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def answers(site: Site, text: bytes) -> bool:
    try:
        return text in site.ask("/").body
    except OSError:
        return False


def listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
