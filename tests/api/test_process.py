"""The service as a process: it says why it cannot start, starts quickly, ends without cutting anybody off."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.api import process
from tests.api.test_catalog import COURSE, write
from tests.command import environment, longwave
from tests.deploy.servers import until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    write(tmp_path / "site/catalog.json", courses=[COURSE])
    return tmp_path


def run(*args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = environment({**process.without_ours(), **{f"LONGWAVE_{name}": value for name, value in settings.items()}})
    command = [sys.executable, "-m", "api", *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=30)


def test_wrong_settings_are_all_told_and_nothing_is_begun(folder: Path) -> None:
    ended = run(MODE="live", SMTP_PORT="many", DATA=str(folder / "data"))
    assert ended.returncode == 78
    assert ended.stderr.startswith("The service cannot start:\n")
    assert "  LONGWAVE_SMTP_PORT: 'many' cannot be used" in ended.stderr
    assert "  LONGWAVE_URL: missing." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (folder / "data").exists()


def test_a_taken_port_is_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("--port", str(taken.getsockname()[1]), DATA=str(folder / "data"))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("The service cannot start: ")
    assert "Traceback" not in ended.stderr


def test_a_database_that_is_none_stops_the_start_with_one_line(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data/shop.sqlite").write_bytes(b"no database" * 100)
    ended = run("--port", "0", DATA=str(folder / "data"), SITE=str(folder / "site"), METRICS_PORT="0")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "shop.sqlite" in ended.stdout + ended.stderr


def test_a_started_service_is_ready_and_logs_json(folder: Path) -> None:
    with process.running(folder) as service:
        assert json.loads(service.ask("/readyz").body)["status"] == "ready"
        assert service.end() == -signal.SIGTERM
    events = [json.loads(line)["event"] for line in service.output().splitlines()]
    assert events[0] == "started"
    assert "request" in events


def test_a_request_under_way_is_answered_before_the_service_ends(folder: Path) -> None:
    with process.running(folder) as service, socket.create_connection(("127.0.0.1", service.port)) as client:
        client.sendall(b"POST /api/sign-out HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n{ ")
        service.ask("/healthz")  # a whole round trip: the half request has been read
        service.child.send_signal(signal.SIGTERM)
        with pytest.raises(OSError):
            while True:
                service.ask("/healthz")
        client.sendall(b" }")
        assert client.recv(12).startswith(b"HTTP/1.1 4")
        service.child.wait(10)


def test_a_request_that_arrives_as_the_end_begins_is_answered(folder: Path) -> None:
    """nginx keeps connections, and may send on one in the moment in which we begin to end."""
    with process.running(folder) as service, socket.create_connection(("127.0.0.1", service.port)) as client:
        service.ask("/healthz")  # a whole round trip: the connection has been accepted
        service.child.send_signal(signal.SIGTERM)
        until(lambda: is_refused(service.port))
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = client.recv(4096).lower()
        assert answer.startswith(b"http/1.1 200")
        assert b"connection: close" in answer


def is_refused(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def test_a_restart_on_the_same_socket_refuses_nobody(folder: Path) -> None:
    failed: list[object] = []
    ended = threading.Event()

    def ask_on_and_on(service: process.Process) -> None:
        while not ended.is_set():
            try:
                if service.ask("/healthz").status != 200:
                    failed.append("status")
            except OSError as error:
                failed.append(error)

    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener, ExitStack() as ending:
        old = process.start(listener, process.settings_of(folder), said=folder / "said.txt")
        ending.callback(old.child.kill)
        until(lambda: process.answers(old))
        asking = threading.Thread(target=ask_on_and_on, args=(old,), daemon=True)
        asking.start()
        ending.callback(ended.set)
        new = process.start(listener, process.settings_of(folder), said=folder / "said-by-new.txt")
        ending.callback(new.child.kill)
        until(lambda: "started" in new.output())
        old.end()
        until(lambda: new.output().count('"request"') > 20)
        ended.set()
        asking.join(10)
    assert failed == []


def test_migrate_says_what_it_did_and_nothing_the_second_time(folder: Path) -> None:
    env = process.settings_of(folder)
    first, second = longwave("migrate", env=env), longwave("migrate", "--json", env=env)
    steps = (("0001_tables", "shop"), *((step, "sync") for step in ("0001_tables", "0002_epochs", "0003_behind")))
    applied = [f"applied {step} to {folder / 'data' / name}.sqlite" for step, name in steps]
    assert (first.returncode, first.stdout.splitlines()) == (0, applied)
    nothing = {"applied": [], "snapshot": None}
    assert json.loads(second.stdout) == {"shop.sqlite": nothing, "sync.sqlite": nothing}


def test_migrate_tells_wrong_settings_without_a_traceback(folder: Path) -> None:
    told = longwave("migrate", env={"LONGWAVE_MODE": "life"})
    assert told.returncode == 1
    assert told.stderr.startswith("Error: ")
    assert "LONGWAVE_MODE: 'life' cannot be used" in told.stderr


def test_the_data_folder_is_for_the_service_alone(folder: Path) -> None:
    with process.running(folder):
        assert (folder / "data/shop.sqlite").stat().st_mode & 0o077 == 0
        assert (folder / "data").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("proxy", "refused"), [("127.0.0.1", False), ("192.0.2.1", True)])
def test_only_the_trusted_proxy_is_believed_about_who_asks(folder: Path, proxy: str, refused: bool) -> None:
    """Whoever else names another address with every request is still counted as one."""
    with process.running(folder, TRUSTED_PROXY=proxy) as service:
        said = {sign_in(service, forwarded_for=f"198.51.{number}.7", number=number) for number in range(35)}
    assert (429 in said) is refused


def sign_in(service: process.Process, *, forwarded_for: str, number: int) -> int:
    body = b'{"email": "person%d@mail.example"}' % number
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
        origin = {"Origin": "http://localhost:8000", "X-Forwarded-For": forwarded_for}
        connection.request("POST", "/api/sign-in", body, origin)
        return connection.getresponse().status
