"""Graders that need no machine: every unit of ours and the whole nginx configuration, as `longwave deploy` would send them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.facts import Target
from deploy.machine import everything
from tests.deploy.test_machine import TARGETS, server

EXPOSURE_MOST = "20"  # 2.0
MODES = ("sandbox", "live")


def units(folder: Path, *, mode: str) -> list[Path]:
    """Every service of ours. Drop-ins for Debian's are graded on the machine: test_hardening.py."""
    written = write(folder, {name: text for name, text in sent(TARGETS[0], mode=mode).items() if "systemd/" in name})
    return [path for path in written if path.suffix == ".service" and path.parent.name == "systemd"]


def sent(target: Target, *, mode: str) -> dict[str, str]:
    target_of_backups = {"target": "sftp://backup@backup.example:22/show"}
    return everything.configuration(server(target, mode=mode, backup=target_of_backups))


def write(folder: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [folder / name for name in files]


@pytest.mark.parametrize("mode", MODES)
def test_every_unit_of_ours_is_exposed_by_two_of_ten_at_most(tmp_path: Path, mode: str) -> None:
    found = units(tmp_path, mode=mode)
    assert len(found) > 8
    analyse = ("systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MOST}")
    graded = {path.name: subprocess.run([*analyse, path], capture_output=True, check=False) for path in found}
    scores = {name: [*done.stdout.decode().splitlines()[-1:], done.stderr.decode()] for name, done in graded.items()}
    assert {name: score for name, score in scores.items() if graded[name].returncode} == {}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("target", TARGETS, ids=["debian-12", "debian-13"])
def test_gixy_finds_nothing_in_what_a_server_gets(tmp_path: Path, target: Target, mode: str) -> None:
    nginx = {name: text for name, text in sent(target, mode=mode).items() if name.startswith("nginx/")}
    write(tmp_path, nginx)
    gixy = Path(sys.executable).with_name("gixy")
    found = subprocess.run(
        [gixy, "-f", "json", tmp_path / "nginx/nginx.conf"], capture_output=True, text=True, check=False
    )
    assert json.loads(found.stdout) == [], found.stderr
