"""What a deploy does on the server, asked through a real connection: differences, changes, and deploys that break off."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import DeployError
from deploy.remote import Host, Session
from tests.deploy.deployed import Deployed

FOLDER = "/root/agent"
Resource = dict[str, Any]


@pytest.fixture
def host(deployed12: Deployed, tmp_path: Path) -> Iterator[Host]:
    box = deployed12.box
    yield Host(address=box.address, known_hosts=tmp_path / "known_hosts", identity=box.key)
    box.ssh(f"rm -rf {FOLDER}; userdel zoe 2>/dev/null || true")


@contextmanager
def session(server: Deployed, host: Host) -> Iterator[Session]:
    with server.net.inside(), Session(host) as opened:
        yield opened


def everything() -> list[Resource]:
    return [
        {"kind": "user", "name": "zoe", "home": FOLDER, "groups": ["adm"]},
        {"kind": "folder", "path": FOLDER, "owner": "zoe", "group": "zoe", "mode": 0o750},
        {"kind": "file", "path": f"{FOLDER}/text", "text": "one\ntwo\n", "then": [f"date >> {FOLDER}/ran"]},
        {"kind": "file", "path": f"{FOLDER}/key", "text": "the old secret", "mode": 0o400, "secret": True},
        {"kind": "generated", "path": f"{FOLDER}/made"},
        {"kind": "link", "path": f"{FOLDER}/link", "target": "text"},
        {"kind": "unit", "name": "ssh.service", "enabled": True, "running": True},
        {
            "kind": "command",
            "why": "make a mark",
            "run": ["touch", f"{FOLDER}/mark"],
            "unless": ["test", "-e", f"{FOLDER}/mark"],
        },
    ]


def test_what_was_planned_is_done_and_then_nothing_is_left_to_do(deployed12: Deployed, host: Host) -> None:
    with session(deployed12, host) as agent:
        planned = agent.ask("plan", resources=everything())
        done = agent.ask("apply", resources=everything())
        assert done == [*planned, f"run date >> {FOLDER}/ran"]
        assert agent.ask("plan", resources=everything()) == []
        assert agent.ask("apply", resources=everything()) == []
    stat = deployed12.box.ssh(f"cd {FOLDER}; stat -c '%U %a %n' . key made; id -Gn zoe; wc -l < ran").stdout
    assert stat.split("\n")[:5] == ["zoe 750 .", "root 400 key", "root 400 made", "zoe adm", "1"]


def test_the_plan_shows_lines_of_files_but_of_no_secret(deployed12: Deployed, host: Host) -> None:
    with session(deployed12, host) as agent:
        agent.ask("apply", resources=everything())
        changed = everything()
        changed[2]["text"], changed[3]["text"], changed[1]["mode"] = "one\nthree\n", "a new secret", 0o755
        lines = agent.ask("plan", resources=changed)
    assert [line for line in lines if not line.startswith(" ")] == [
        f"change {FOLDER}/: zoe:zoe 0755, was zoe:zoe 0750",
        f"change {FOLDER}/text",
        f"change {FOLDER}/key",
    ]
    assert "    -two" in lines and "    +three" in lines
    assert "secret" not in "".join(lines)


def test_a_made_secret_is_never_made_again(deployed12: Deployed, host: Host) -> None:
    with session(deployed12, host) as agent:
        agent.ask("apply", resources=everything())
        first = deployed12.box.ssh(f"cat {FOLDER}/made; chmod 0644 {FOLDER}/made").stdout
        assert agent.ask("apply", resources=everything()) == [
            f"change {FOLDER}/made: root:root 0400, was root:root 0644"
        ]
    assert len(first.strip()) == 64
    assert deployed12.box.ssh(f"cat {FOLDER}/made").stdout == first


def test_a_file_that_its_program_refuses_leaves_the_old_one(deployed12: Deployed, host: Host) -> None:
    refused = {"kind": "file", "path": f"{FOLDER}/text", "text": "bad\n", "check": ["grep", "-q", "one", "@"]}
    with session(deployed12, host) as agent:
        agent.ask("apply", resources=everything())
        with pytest.raises(DeployError, match=f"{FOLDER}/text is not taken"):
            agent.ask("apply", resources=[refused])
    assert deployed12.box.ssh(f"cat {FOLDER}/text; ls -A {FOLDER} | grep new || true").stdout == "one\ntwo\n"


def test_what_a_broken_deploy_left_undone_is_done_by_the_next(deployed12: Deployed, host: Host) -> None:
    breaks = {"kind": "command", "why": "fail", "run": ["false"], "unless": ["false"]}
    with session(deployed12, host) as agent:
        with pytest.raises(DeployError, match="`false` failed"):
            agent.ask("apply", resources=[*everything(), breaks])
        assert deployed12.box.ssh(f"test -e {FOLDER}/ran", check=False).returncode == 1
    with session(deployed12, host) as agent:
        assert agent.ask("plan", resources=everything()) == [f"run date >> {FOLDER}/ran"]
        assert agent.ask("apply", resources=everything()) == [f"run date >> {FOLDER}/ran"]


def test_one_deploys_at_a_time_and_the_other_is_told_who(deployed12: Deployed, host: Host) -> None:
    with session(deployed12, host) as first:
        first.ask("lock", who="maren@laptop")
        refused = deployed12.deploy(check=False)
    assert refused.returncode == 1
    assert "maren@laptop, since" in refused.stderr and "is deploying to this server" in refused.stderr
    with session(deployed12, host) as next_one:
        next_one.ask("lock", who="joss@desk")


def test_a_file_that_arrives_damaged_is_not_kept(deployed12: Deployed, host: Host) -> None:
    with session(deployed12, host) as agent, pytest.raises(DeployError, match="has not arrived as it was sent"):
        agent.ask("receive", content=b"half", path=f"{FOLDER}/wheel", sha256="0" * 64)
    assert deployed12.box.ssh(f"test -e {FOLDER}/wheel", check=False).returncode == 1


def test_another_key_than_the_known_one_ends_the_deploy(deployed12: Deployed, host: Host) -> None:
    key = deployed12.box.key.with_suffix(".pub").read_text().strip()  # some key, not the host's
    host.known_hosts.write_text(f"{host.address} {key}\n")
    with pytest.raises(DeployError, match="shows another SSH key than the one known"), session(deployed12, host):
        pass


def test_a_machine_without_python_is_told_so_and_not_changed(deployed12: Deployed) -> None:
    deployed12.box.ssh("mv /usr/bin/python3 /usr/bin/python3.away")
    try:
        planned = deployed12.deploy("--dry-run").stdout
    finally:
        deployed12.box.ssh("mv /usr/bin/python3.away /usr/bin/python3")
    assert planned.splitlines()[0] == "install python3"
