"""Folders and nginx configuration of a site served on this machine; knows the web root, not how it was built."""

import getpass
import os
import shutil
import tomllib
from pathlib import Path
from typing import Any

from msgspec import Struct

from deploy import directives, media_keys
from deploy.media_keys import MediaSecrets
from deploy.nginx import SERVICE, Facts, render
from deploy.nginx_process import Installed, write
from deploy.policy import Policy

SANDBOX = "http://localhost:8001"  # the local stand-in for Stripe's pages
EMBEDDED_VERSION = (1, 22)  # on loopback every version's configuration is the same


class Preview(Struct, frozen=True, kw_only=True):
    """A web root served on loopback. `content` tells the site's other names and its hub, `state` is ours to write.

    `private_media` holds paid files, and `media_secrets` tell good links to them. `service` is where the service listens, `sandbox`
    the origin of Stripe's stand-in.
    """

    content: Path
    output: Path
    state: Path
    port: int
    url: str
    service: str = SERVICE
    sandbox: str = SANDBOX
    private_media: Path = Path("content/videos")
    media_secrets: MediaSecrets = MediaSecrets()

    @property
    def redirects(self) -> Path:
        return self.output / ".longwave" / "redirects.map"


def write_configuration(preview: Preview, machine: Installed) -> Path:
    """Everything nginx needs, written into the state folder; returns nginx.conf."""
    _write_current(preview)
    state = preview.state.absolute()
    for folder in ("work", "logs"):
        (state / folder).mkdir(exist_ok=True)
    rendered = render(machine.version, facts=_facts(preview, brotli_module=machine.brotli_module))
    return write(rendered, state / "nginx")


def policy(preview: Preview) -> Policy:
    """What nginx would decide with that same configuration."""
    _write_current(preview)
    rendered = render(EMBEDDED_VERSION, facts=_facts(preview, brotli_module=Path("unused")))
    return Policy(directives.read(rendered, "nginx.conf"))


def examples(preview: Preview) -> list[str]:
    """The addresses to open first: home, the newest episode, the feed."""
    pages = preview.output.glob("episodes/*/*/index.html")
    numbered = {
        int(page.parts[-3]): f"/{page.parent.relative_to(preview.output).as_posix()}/"
        for page in pages
        if page.parts[-3].isdigit()
    }
    newest = [numbered[max(numbered)]] if numbered else []
    return [preview.url + path for path in ("/", *newest, "/feed.xml")]


def _write_current(preview: Preview) -> None:
    """What a release says about itself (`nginx/` of DIR/releases/ID), said of the web root."""
    current = preview.state.absolute() / "current"
    current.mkdir(parents=True, exist_ok=True)
    media_keys.write(_media_keys(preview), keys=preview.media_secrets)
    (current / "root.conf").write_text(f'root "{preview.output.absolute()}";\n', encoding="utf-8")
    if preview.redirects.is_file():
        shutil.copyfile(preview.redirects, current / "redirects.map")
    else:
        (current / "redirects.map").write_text("", encoding="utf-8")


def _media_keys(preview: Preview) -> Path:
    return preview.state.absolute() / "media-keys.conf"


def title(preview: Preview) -> str:
    """What the site is called."""
    return str(_site(preview).get("site", {}).get("title", "Longwave"))


def _site(preview: Preview) -> dict[str, Any]:
    return tomllib.loads((preview.content / "site.toml").read_text(encoding="utf-8"))


def _facts(preview: Preview, *, brotli_module: Path) -> Facts:
    state = preview.state.absolute()
    site = _site(preview)
    return Facts(
        url=preview.url,
        current=state / "current",
        pool=preview.output.absolute(),
        private_media=preview.private_media.absolute(),
        downloads=preview.output.absolute() / ".longwave" / "downloads",
        media_keys=_media_keys(preview),
        run=state,
        work=state / "work",
        logs=state / "logs",
        brotli_module=brotli_module,
        user=getpass.getuser() if os.geteuid() == 0 else "",
        aliases=tuple(site.get("site", {}).get("aliases", ())),
        hub=site.get("feed", {}).get("hub", ""),
        form_targets=(preview.sandbox,),
        port=preview.port,
        service=preview.service,
        fair_use="enforce",
        switches=state / "switches",
    )
