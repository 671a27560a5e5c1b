"""For a moment of every release two processes serve one pair of databases: nothing is sent twice, lost, or answered differently."""

import http.client
import json
import signal
import threading
from contextlib import closing
from pathlib import Path

from tests.api import process
from tests.api.process import Process
from tests.api.test_catalog import COURSE, write
from tests.deploy.servers import until

PEOPLE = 12
ORIGIN = {"Origin": "http://localhost:8000", "Content-Type": "application/json"}


def test_two_processes_send_every_mail_once_and_know_what_the_other_has_written(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    write(tmp_path / "site/catalog.json", courses=[COURSE])
    nobody = "http://127.0.0.1:9"  # no stand-in for Stripe
    with (
        process.running(tmp_path, STRIPE_API=nobody) as blue,
        process.running(tmp_path, said="other.txt", STRIPE_API=nobody) as green,
    ):
        threads = [
            threading.Thread(target=sign_in, args=((blue, green)[number % 2], f"reader-{number}@example.com"))
            for number in range(PEOPLE)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: len(sent(blue) + sent(green)) >= PEOPLE)
        assert blue.ask("/readyz").status == green.ask("/readyz").status == 200
        assert {blue.end(), green.end()} <= {0, -signal.SIGTERM}
    mails = sent(blue) + sent(green)
    assert len({mail["mail"] for mail in mails}) == len(mails) == PEOPLE
    assert {mail["attempts"] for mail in mails} == {1}
    assert not any("locked" in each.output() for each in (blue, green))


def sign_in(service: Process, email: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)) as connection:
        connection.request("POST", "/api/sign-in", json.dumps({"email": email}), ORIGIN)
        assert connection.getresponse().status < 400


def sent(service: Process) -> list[dict[str, str]]:
    lines = (json.loads(line) for line in service.output().splitlines() if line.startswith("{"))
    return [line for line in lines if line["event"] == "mail_sent"]
