"""`longwave doctor` asks a real name server for the records, and says which to write."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import pytest
from click.testing import CliRunner, Result

from api.cli_doctor import doctor as command
from tests.command import longwave

HOST, OURS = "show.example", "203.0.113.7"
GOOD: dict[tuple[str, str], list[str]] = {
    (HOST, "A"): [OURS],
    (f"www.{HOST}", "A"): [OURS],
    (HOST, "MX"): ["10 mx.relay.example."],
    (HOST, "TXT"): ['"some-verification=1"', '"v=spf1 include:relay" ".example -all"'],
    (f"one._domainkey.{HOST}", "TXT"): ['"v=DKIM1; k=rsa; p=MIGfMA0"'],
    (f"_dmarc.{HOST}", "TXT"): ['"v=DMARC1; p=quarantine"'],
}
SERVER = """\
mode = "test"
[ssh]
host = "203.0.113.7"
administrators = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHx0yKcJQmTtlYyvm5Kf0m5Z0mR0nQm0m3m0m0m0m0m0 maren@laptop"]
[site]
url = "https://show.example"
aliases = ["https://www.show.example"]
[mail]
sender = "Show <hello@show.example>"
host = "smtp.relay.example"
dkim_selectors = ["one"]
[alarms]
mail = ["maren@show.example"]
"""


class Zone(socketserver.BaseRequestHandler):
    records: dict[tuple[str, str], list[str]]

    def handle(self) -> None:
        data, line = self.request
        question = dns.message.from_wire(data)
        asked = question.question[0]
        name, kind = asked.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
        answer = dns.message.make_response(question)
        found = self.records.get((name, kind), [])
        if found:
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *found))
        elif name not in {known for known, _ in self.records}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        line.sendto(answer.to_wire(), self.client_address)


@contextmanager
def name_server(records: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    handler = type("OurZone", (Zone,), {"records": records})
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1#{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/site.toml").write_text('[site]\ntitle = "Show"\nurl = "https://show.example"\n')
    (tmp_path / "server.toml").write_text(SERVER)
    return tmp_path


def doctor(project: Path, **changes: list[str]) -> tuple[Result, dict[str, Any]]:
    """`changes`: records by 'name KIND'."""
    changed = {(key.split(" ")[0], key.split(" ")[1]): records for key, records in changes.items()}
    with name_server({**GOOD, **changed}) as place:
        done = CliRunner().invoke(command, ["--server", str(project / "server.toml"), "--dns", place, "--json"])
    return done, {check["name"]: check for check in json.loads(done.output)}


def remedies(project: Path, **changes: list[str]) -> dict[str, str]:
    _, checks = doctor(project, **changes)
    return {name: check["remedy"] for name, check in checks.items() if check["remedy"]}


def test_when_all_records_are_there_nothing_is_to_do(project: Path) -> None:
    done, checks = doctor(project)
    assert (done.exit_code, [name for name in checks if checks[name]["remedy"]]) == (0, []), done.output
    mail = {"SPF of show.example", "DKIM one of show.example", "DMARC of show.example", "mail to show.example"}
    assert set(checks) == {"shop", "dns show.example", "dns www.show.example", *mail}


@pytest.mark.parametrize(
    ("name", "records", "check", "remedy"),
    [
        (f"{HOST} A", [], f"dns {HOST}", f"Write: {HOST}. A {OURS}"),
        (
            f"www.{HOST} A",
            ["198.51.100.1"],
            f"dns www.{HOST}",
            f"Write: www.{HOST}. A {OURS}; Take away A 198.51.100.1",
        ),
        (f"{HOST} TXT", [], f"SPF of {HOST}", f'Write: {HOST}. TXT "v=spf1 a:smtp.relay.example -all"'),
        (f"{HOST} TXT", ['"v=spf1 a -all"', '"v=spf1 mx -all"'], f"SPF of {HOST}", "Only one"),
        (f"{HOST} TXT", ['"v=spf1 a +all"'], f"SPF of {HOST}", "Write"),
        (f"{HOST} TXT", ['"v=spf1 -all"'], f"SPF of {HOST}", "Write"),
        (f"one._domainkey.{HOST} TXT", ['"v=DKIM1; p="'], f"DKIM one of {HOST}", "Write what your relay shows"),
        (
            f"_dmarc.{HOST} TXT",
            [],
            f"DMARC of {HOST}",
            f'Write: _dmarc.{HOST}. TXT "v=DMARC1; p=quarantine; rua=mailto:maren@show.example"',
        ),
        (f"_dmarc.{HOST} TXT", ['"v=DMARC1; p=reject"', '"v=DMARC1; p=none"'], f"DMARC of {HOST}", "Write"),
        (f"{HOST} MX", [], f"mail to {HOST}", "Write"),
        (f"{HOST} MX", ["0 ."], f"mail to {HOST}", "Write"),
        (f"{HOST} CAA", ['0 issue "other.example"'], f"dns CAA of {HOST}", 'CAA 0 issue "letsencrypt.org"'),
        ("example CAA", ['0 issue "letsencrypt.org"'], "", ""),
    ],
)
def test_each_missing_record_is_said_as_it_has_to_be_written(
    project: Path, name: str, records: list[str], check: str, remedy: str
) -> None:
    found = remedies(project, **{name: records})
    assert list(found) == [check] * bool(check)
    assert remedy in found.get(check, "")


def test_a_relay_s_selectors_are_asked_for(project: Path) -> None:
    (project / "server.toml").write_text(SERVER.replace('["one"]', "[]"))
    assert "dkim_selectors" in remedies(project)[f"DKIM of {HOST}"]


def test_a_domain_below_is_covered_by_the_one_above(project: Path) -> None:
    below = {"mail.show.example TXT": ['"v=spf1 a -all"'], "mail.show.example MX": ["10 mx.show.example."]}
    (project / "server.toml").write_text(SERVER.replace("hello@show", "hello@mail.show").replace('["one"]', "[]"))
    assert set(remedies(project, **below)) == {"DKIM of mail.show.example"}


def test_a_sandbox_needs_a_name_of_its_own(project: Path) -> None:
    (project / "server.toml").write_text(SERVER.replace('mode = "test"', 'mode = "sandbox"'))
    assert f"Write: sandbox.{HOST}. A {OURS}" in remedies(project)[f"dns sandbox.{HOST}"]


def test_a_name_server_that_does_not_answer_is_told(project: Path) -> None:
    done = longwave("doctor", "--server", "server.toml", "--dns", "127.0.0.1#9", cwd=project)
    assert done.returncode == 1
    assert "TO DO  dns: cannot be asked" in done.stdout


def test_a_server_toml_with_mistakes_is_told(project: Path) -> None:
    (project / "server.toml").write_text("mode = 3\n")
    done = longwave("doctor", "--server", "server.toml", cwd=project)
    assert (done.returncode, "server.toml: mode" in done.stdout) == (1, True)
