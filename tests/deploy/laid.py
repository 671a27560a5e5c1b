"""A guest on which everything lies that a deploy brings, by hand and quickly: what `longwave server` finds when it is called.

Programs come out of this checkout and its environment, so the guest's Python must be ours in its first two numbers.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy import nginx, units
from deploy.nginx import Certificate, Facts
from deploy.units import UnitFacts
from tests.command import ROOT
from tests.deploy.guest import Guest
from tests.deploy.machine import certificate

HOST = "nightshift.example"
SUITE = {(3, 11): "bookworm", (3, 13): "trixie"}[sys.version_info[:2]]
NGINX = {"bookworm": (1, 22), "trixie": (1, 26)}
PACKAGES = "nginx-light libnginx-mod-http-brotli-static nftables openssl"
FIREWALL = """flush ruleset
table inet longwave {
    chain input {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iif lo accept
        meta l4proto { 1, 58 } accept
        tcp dport { 22, 80, 443 } accept
    }
}
"""
LONGWAVE = "/opt/longwave/bin/longwave"
# Those that need nothing which only a whole deploy brings.
UNITS = ("longwave-api-", "longwave-revive", "longwave-sandbox", "nginx.service.d", "nftables.service.d")
UNUSED = {"hugo", "mypy", "ruff", "hypothesis", "pytest", "_pytest", "schemathesis", "gixy", "numpy", "uv"}


@dataclass
class Laid:
    """`environment`, `configuration` and `site` are what lies there to be activated."""

    box: Guest
    environment: str = "e0"
    configuration: str = "c0"
    site: str = ""
    made: int = field(default=0)

    def server(self, words: str, *, check: bool = True) -> "subprocess.CompletedProcess[str]":
        return self.box.ssh(f"{LONGWAVE} server {words}", check=check)

    def activate(self, words: str = "", **parts: str) -> dict[str, Any]:
        """As a deployer calls it; the parts that are not given stay."""
        given = " ".join(f"--{name} {value}" for name, value in parts.items())
        program = f"/opt/longwave/environments/{parts.get('environment', self.environment)}/bin/longwave"
        answer = self.box.ssh(f"{program} server activate --json --by tester --why testing {given} {words}")
        found: dict[str, Any] = json.loads(answer.stdout)
        return found

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.server("status --json", check=False).stdout)
        return found

    def asked(self, path: str, options: str = "") -> int:
        """The status that the outside machine gets."""
        words = ("curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", *options.split(), f"https://{HOST}{path}")
        return int(self.box.network.run(*words, check=False).stdout)

    def page(self, path: str) -> str:
        return self.box.network.run("curl", "-sk", f"https://{HOST}{path}").stdout

    def audio(self) -> str:
        return (
            "/media/" + sorted(path.name for path in (self.box.root / "srv/longwave/www/pool/media").glob("*.mp3"))[0]
        )

    def log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.server("log --json -n 100").stdout)
        return found

    def kept(self) -> list[str]:
        return [str(id) for id in self.status()["kept"]]

    def unit(self) -> str:
        """The service that is asked now."""
        return f"longwave-api-{self.status()['release']['colour']}.service"

    def current(self) -> str:
        return self.box.ssh("basename $(readlink /opt/longwave/current)").stdout.strip()

    def another_configuration(self, changes: dict[str, str]) -> str:
        """A copy in which some files hold another text."""
        return self.copy("configurations", self.configuration, changes)

    def another_environment(self, changes: dict[str, str] | None = None) -> str:
        return self.copy("environments", self.environment, changes or {})

    def copy(self, kind: str, name: str, changes: dict[str, str]) -> str:
        self.made += 1
        new, folder = f"{name}-{self.made}", self.box.root / "opt/longwave" / kind
        if kind == "environments":
            link_environment(folder / new, folder / name, whole=list(changes))
        else:
            shutil.copytree(folder / name, folder / new)
        for path, text in changes.items():
            replace(folder / new / path, text)
        return new

    def text(self, path: str) -> str:
        return (self.box.root / "opt/longwave/configurations" / self.configuration / path).read_text()

    def publish(self, words: str = "testing") -> str:
        """Another site, as an editor's push would make it; gives the site's id. It is not switched to."""
        self.made += 1
        post = self.box.root / f"root/project/content/posts/note-{self.made}.md"
        post.write_text(
            f"---\ntitle: Note {self.made}\ndate: 2024-01-{self.made % 28 + 1:02}\nsummary: A note.\n---\n{words} {self.made}\n"
        )
        return build(self)


def lay(box: Guest) -> Laid:
    """Packages, accounts, programs, a certificate, a configuration, a built site; nothing is activated."""
    box.ssh(f"apt-get -qq update && apt-get -qq -y install --no-install-recommends {PACKAGES} >/dev/null 2>&1")
    box.ssh("useradd --system --home-dir /var/lib/longwave --shell /usr/sbin/nologin longwave")
    folders = (
        "/opt/longwave/{bin,environments,configurations,releases} /etc/longwave/nginx /srv/longwave/{www,videos,media}"
    )
    box.ssh(
        f"bash -c 'mkdir -p {folders} /root/project; install -d -m 700 /etc/longwave/{{secrets,tls}} /var/lib/longwave-deploy'"
    )
    box.ssh("ln -sfn ../current/environment/bin/longwave /opt/longwave/bin/longwave")
    laid = Laid(box)
    lay_environment(box.root, laid.environment)
    lay_certificate(box.root)
    lay_configuration(box.root, laid.configuration)
    for name in ("content", "theme"):
        shutil.copytree(ROOT / name, box.root / "root/project" / name)
    laid.site = build(laid)
    return laid


def build(laid: Laid) -> str:
    program = f"/opt/longwave/environments/{laid.environment}/bin/longwave"
    keep = "readlink /srv/longwave/www/current || true"
    before = laid.box.ssh(keep).stdout.strip()
    laid.box.ssh(f"cd /root/project && {program} publish --to /srv/longwave/www")
    site = Path(laid.box.ssh(keep).stdout.strip()).name
    if before:
        laid.box.ssh(f"ln -sfn {before} /srv/longwave/www/current")
    return site


def lay_environment(root: Path, name: str) -> None:
    folder = root / "opt/longwave/environments" / name
    packages = folder / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    packages.mkdir(parents=True)
    ours = Path(sysconfig.get_path("purelib"))
    wanted = [path for path in ours.iterdir() if path.name not in UNUSED and "__editable__" not in path.name]
    link = subprocess.run(["cp", "-al", *wanted, packages], capture_output=True, check=False)
    if link.returncode:
        subprocess.run(["cp", "-a", *wanted, packages], check=True)
    for part in ("api", "deploy", "generator", "theme"):
        shutil.copytree(ROOT / part, packages / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "bin").mkdir()
    (folder / "bin/python").symlink_to("/usr/bin/python3")
    write_program(folder, f"/opt/longwave/environments/{name}")


def link_environment(new: Path, old: Path, *, whole: list[str]) -> None:
    """Another environment with the same packages; those of which a file will be `whole` and another are copied."""
    (packages,) = old.glob("lib/*/site-packages")
    target = new / packages.relative_to(old)
    target.mkdir(parents=True)
    for path in packages.iterdir():
        if any(str(path.relative_to(old)) in name for name in whole):
            shutil.copytree(path, target / path.name)
        else:
            (target / path.name).symlink_to(f"/opt/longwave/environments/{old.name}/{path.relative_to(old)}")
    (new / "bin").mkdir()
    (new / "bin/python").symlink_to("/usr/bin/python3")
    write_program(new, f"/opt/longwave/environments/{new.name}")


def write_program(folder: Path, at: str) -> None:
    replace(folder / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    replace(folder / "bin/longwave", f"#!{at}/bin/python -I\nfrom generator.cli import program\nprogram()\n")
    (folder / "bin/longwave").chmod(0o755)


def lay_certificate(root: Path) -> None:
    made = certificate(root / "etc/longwave/tls", host=HOST)
    made.key.chmod(0o600)


def lay_configuration(root: Path, name: str) -> None:
    folder = root / "opt/longwave/configurations" / name
    for path, text in configuration(root).items():
        replace(folder / path, text)


def configuration(root: Path) -> dict[str, str]:
    module = next((root / "usr/lib/nginx/modules").glob("*brotli_static*"))
    facts = Facts(
        url=f"https://{HOST}",
        aliases=(f"https://www.{HOST}",),
        current=Path("/opt/longwave/current/site/nginx"),
        pool=Path("/srv/longwave/www/pool"),
        private_media=Path("/srv/longwave/videos"),
        downloads=Path("/srv/longwave/www/pool/downloads"),
        media_keys=Path("/etc/longwave/media-keys.conf"),
        run=Path("/run"),
        work=Path("/var/lib/nginx"),
        logs=Path("/var/log/nginx"),
        brotli_module=Path("/usr/lib/nginx/modules") / module.name,
        user="www-data",
        certificate=Certificate(Path("/etc/longwave/tls/chain.pem"), Path("/etc/longwave/tls/key.pem")),
        service="unix:/opt/longwave/current/service.sock",
        sandbox_url=f"https://sandbox.{HOST}",
        form_targets=(f"https://sandbox.{HOST}",),
    )
    rendered = units.render(UnitFacts(sandbox_url=facts.sandbox_url))
    settings = {
        "MODE": "sandbox",
        "URL": facts.url,
        "SITE": "/opt/longwave/current/site/public",
        "DATA": "/var/lib/longwave",
        "PRIVATE_MEDIA": "/srv/longwave/videos",
        "THEME": f"/opt/longwave/current/environment/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/theme",
    }
    return {
        **{f"nginx/{path}": text for path, text in nginx.render(NGINX[SUITE], facts=facts).items()},
        **{f"systemd/{name}": text for name, text in rendered.items() if name.startswith(UNITS)},
        "service.env": "".join(f'LONGWAVE_{name}="{value}"\n' for name, value in settings.items()),
        "nftables.conf": FIREWALL,
        "sshd.conf": "PasswordAuthentication no\n",
    }


def replace(path: Path, text: str) -> None:
    """A file of its own: it may have been a hard link."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text)
