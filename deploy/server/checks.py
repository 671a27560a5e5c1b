"""What a release must stand before anything of the server changes: each part is tried by the program that will read it."""

import re
import tempfile
from pathlib import Path

from deploy.errors import DeployError
from deploy.server import places, unit_links
from deploy.server.releases import Release
from deploy.server.running import run

INCLUDE = re.compile(r"^\s*Include\s+/etc/ssh/sshd_config\.d/\*\.conf\s*$", re.M | re.I)
UNTRIED = f"Command {places.COLOURS}/"  # what a colour runs is tried by starting it


def refuse_broken(release: Release) -> None:
    """Raises DeployError with everything that is wrong, not only the first."""
    problems = []
    for check in (_nginx, _firewall, _ssh, _units):
        try:
            check(release.folder / "configuration")
        except DeployError as error:
            problems.append(str(error))
    if problems:
        raise DeployError("\n".join(problems))


def _nginx(configuration: Path) -> None:
    run("nginx", "-t", "-q", "-e", "stderr", "-c", str(configuration / "nginx/nginx.conf"))


def _firewall(configuration: Path) -> None:
    if (configuration / "nftables.conf").exists():
        run("nft", "-c", "-f", str(configuration / "nftables.conf"))


def _ssh(configuration: Path) -> None:
    """As sshd will read it: the machine's own file with our drop-in in its place."""
    if not (configuration / "sshd.conf").exists():
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".conf") as whole:
        whole.write(_with_drop_in(places.SSHD.read_text(encoding="utf-8"), configuration / "sshd.conf"))
        whole.flush()
        run("/usr/sbin/sshd", "-t", "-f", whole.name)


def _with_drop_in(text: str, drop_in: Path) -> str:
    others = sorted(path for path in places.SSHD_DROP_IN.parent.glob("*.conf") if path != places.SSHD_DROP_IN)
    return INCLUDE.sub("\n".join(f"Include {path}" for path in (drop_in, *others)), text)


def _units(configuration: Path) -> None:
    """systemd warns of much and fails of little; a word that it does not know is a mistake of ours."""
    units = [name for name in unit_links.texts(configuration) if "/" not in name]
    files = [str(configuration / "systemd" / name) for name in units]
    command = ("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *files)
    said = run(*command, check=False) if files else ""
    wrong = [
        line for line in said.splitlines() if line.startswith((str(configuration), *units)) and UNTRIED not in line
    ]
    if wrong:
        raise DeployError("systemd does not understand a unit:\n" + "\n".join(wrong))
