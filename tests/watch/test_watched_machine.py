"""What a deploy leaves for watching is what watching reads, and its log is rotated and thrown away in time."""

import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from deploy.facts import Alarms, Backup, Limits, Mail, Server, ServerFacts, SiteFacts, Target
from deploy.machine import watching
from deploy.machine.resources import File
from deploy.watch import settings
from deploy.watch.settings import Relay

FACTS = ServerFacts(
    mail=Mail(sender="Night Shift <hello@show.example>", host="smtp.relay.example", user="me"),
    alarms=Alarms(mail=("maren@show.example",)),
    backup=Backup(target="sftp://backup@host/show"),
    limits=Limits(log_days=3),
)


def server(facts: ServerFacts = FACTS) -> Server:
    site = SiteFacts(title="Night Shift", url="https://show.example")
    return Server(facts=facts, site=site, target=Target(debian=12, architecture="x86_64", python=(3, 11)))


def text(path: str) -> str:
    return next(each.text for each in watching.resources(server()) if isinstance(each, File) and each.path == path)


def test_watching_reads_what_a_deploy_writes(tmp_path: Path) -> None:
    (tmp_path / "watch.json").write_text(watching.configuration(server())["watch.json"])
    chosen = settings.read(tmp_path / "watch.json")
    assert chosen == watching.settings(server())
    relay = Relay(
        host="smtp.relay.example", sender="Night Shift <hello@show.example>", to=("maren@show.example",), user="me"
    )
    assert (chosen.mail, chosen.has_backup) == (relay, True)


@pytest.mark.parametrize("part", [{"mail": Mail()}, {"alarms": Alarms()}])
def test_without_a_relay_or_an_address_nobody_is_mailed(part: dict[str, object]) -> None:
    assert watching.settings(server(msgspec.structs.replace(FACTS, **part))).mail is None


def test_the_log_is_rotated_compressed_and_thrown_away(tmp_path: Path) -> None:
    log, config = tmp_path / "access.json", tmp_path / "logrotate.conf"
    config.write_text(text("/etc/logrotate.d/longwave").replace(watching.LOG, str(log)).replace("dateext", "# dateext"))
    tmp_path.chmod(0o755)
    for number in range(6):
        log.write_text(json.dumps({"number": number}))
        subprocess.run(["logrotate", "--force", "--state", tmp_path / "state", config], check=True)
    kept = {path.name for path in tmp_path.glob("access.json*")}
    assert kept == {"access.json", "access.json.1", "access.json.2.gz", "access.json.3.gz"}
    assert (log.stat().st_mode & 0o777, log.owner(), log.group()) == (0o640, "www-data", "adm")
    assert log.stat().st_size == 0
