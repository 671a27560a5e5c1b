"""Our units as systemd reads them: how much of the machine each could harm, and whether it understands them. Boots nothing."""

import subprocess
from pathlib import Path

import pytest

from deploy import units
from deploy.errors import DeployError
from deploy.units import UnitFacts

FACTS = UnitFacts(sandbox_url="https://sandbox.nightshift.example")
RENDERED = units.render(FACTS)
OWN = sorted(name for name in RENDERED if name.endswith(".service") and "/" not in name)
DEBIANS_NGINX = """[Unit]
Description=A high performance web server and a reverse proxy server
After=network-online.target
[Service]
Type=forking
PIDFile=/run/nginx.pid
ExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'
"""


def written(folder: Path) -> Path:
    for name, text in RENDERED.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "nginx.service").write_text(DEBIANS_NGINX)
    return folder


@pytest.mark.parametrize("name", OWN)
def test_a_unit_of_ours_can_harm_little(name: str, tmp_path: Path) -> None:
    judged = analyzed("security", "--offline=true", "--threshold=20", str(written(tmp_path) / name))
    assert judged.returncode == 0, judged.stdout.splitlines()[-1]
    assert "Invalid" not in judged.stdout + judged.stderr
    assert "Unknown" not in judged.stdout + judged.stderr


def test_nginx_can_harm_less_than_debians_own_unit(tmp_path: Path) -> None:
    alone = exposure(tmp_path / "alone", drop_in="")
    ours = exposure(tmp_path / "ours", drop_in=RENDERED["nginx.service.d/longwave.conf"])
    print(f"nginx.service: {alone} as Debian has it, {ours} with our drop-in")
    assert alone > 9
    assert ours < 4


def test_no_unit_runs_as_root_without_a_reason_that_is_told() -> None:
    root = {name for name in OWN if "User=" not in RENDERED[name] and "DynamicUser=" not in RENDERED[name]}
    assert {name for name in root if not RENDERED[name].startswith("#")} == set()


def test_nothing_that_is_installed_is_left_unfilled() -> None:
    assert [name for name, text in RENDERED.items() if units.PLACEHOLDER.search(text)] == []


def test_a_unit_is_filled_with_no_syntax_of_another(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="no origin"):
        units.render(UnitFacts(sandbox_url="https://x\nExecStartPre=/bin/true"))


def exposure(folder: Path, *, drop_in: str) -> float:
    """0 to 10. What an offline look reads is one file, so the drop-in is written behind the unit."""
    folder.mkdir()
    (folder / "nginx.service").write_text(DEBIANS_NGINX + drop_in)
    said = analyzed("security", "--offline=true", str(folder / "nginx.service")).stdout
    return float(said.split("for nginx.service: ")[1].split()[0])


def analyzed(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["systemd-analyze", "--no-pager", *words], capture_output=True, text=True, check=False)
