"""Lets the machine's programs follow `current`: systemd, firewall, sshd, nginx. Does not decide what is current."""

from collections.abc import Callable
from pathlib import Path

from deploy import media_keys
from deploy.errors import DeployError
from deploy.media_keys import MediaSecrets
from deploy.server import durable, places, unit_links, web_server
from deploy.server.releases import Release
from deploy.server.running import run, succeeds, systemctl

STARTED = (".timer", ".socket", ".path", ".service")
Step = tuple[str, Callable[[], None]]


def steps(release: Release, before: Release | None) -> list[Step]:
    """What has to be done once `release` is the current one, in order. `before` is what the machine runs now."""
    new = unit_links.texts(release.folder / "configuration")
    old = unit_links.texts(before.folder / "configuration") if before else {}
    renewed = _renewed(new, old, others=_other_parts(release, before))
    return [
        ("units", lambda: _units(release)),
        ("firewall", lambda: _firewall(release, before)),
        ("ssh", lambda: _ssh(release, before)),
        ("nginx", web_server.reload_or_start),
        ("services", lambda: _start(new, renewed)),
    ]


def write_media_keys() -> None:
    """The list of secrets by which nginx knows good links, out of the secrets of this server."""
    names = ("media_secret", "media_secret_old")
    found = MediaSecrets(*(_secret(places.SECRETS / name) for name in names))
    text = media_keys.text(MediaSecrets(found.current or _made_up(), found.old))
    if not places.MEDIA_KEYS.exists() or places.MEDIA_KEYS.read_text(encoding="utf-8") != text:
        durable.write(places.MEDIA_KEYS, text.encode())


def _made_up() -> str:
    """Without a secret the service opens nothing, and nginx only what the sandbox's samples are signed with."""
    return media_keys.SANDBOX if not (places.SECRETS / "media_secret").exists() and _is_sandbox() else ""


def _is_sandbox() -> bool:
    return (places.UNITS / "longwave-sandbox.service").is_symlink()


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _other_parts(release: Release, before: Release | None) -> list[str]:
    """What is another than before of that which units name: the programs, and files that the configuration holds beside units."""
    folders = [each.folder / "configuration" for each in (release, before) if each]
    files = sorted({path.name for folder in folders for path in folder.iterdir() if path.is_file()})
    parts = ["environment/", *(f"configuration/{name}" for name in files)]
    return [f"{places.CURRENT}/{part}" for part in parts if not before or _differs(part, release, before)]


def _differs(part: str, release: Release, before: Release) -> bool:
    if part == "environment/":
        return release.environment != before.environment
    return _text(release.folder / part) != _text(before.folder / part)


def _renewed(new: dict[str, str], old: dict[str, str], *, others: list[str]) -> list[str]:
    """Units that run something else than before: their own text is another, or something that they name is."""
    return [
        name
        for name, text in new.items()
        if old and _is_unit(name) and not unit_links.COLOUR_UNIT.fullmatch(name)
        if text != old.get(name) or any(part in text for part in others)
    ]


def _is_unit(name: str) -> bool:
    """No drop-in, and no template, of which each instance ends by itself."""
    return "/" not in name and "@." not in name


def _units(release: Release) -> None:
    gone = (
        unit_links.ours().keys()
        - unit_links.links(unit_links.texts(release.folder / "configuration"), colour=release.colour).keys()
    )
    own = sorted(name for name in gone if "/" not in name and not unit_links.COLOUR_UNIT.fullmatch(name))
    if own:
        systemctl("stop", *own, check=False)
    unit_links.apply(release)
    systemctl("daemon-reload")
    if own:
        systemctl("reset-failed", *own, check=False)


def _firewall(release: Release, before: Release | None) -> None:
    path = Path("configuration/nftables.conf")
    if not (release.folder / path).exists():
        return
    is_new = not before or _text(before.folder / path) != _text(release.folder / path)
    if is_new or not succeeds("systemctl", "is-active", "--quiet", "nftables"):
        systemctl("enable", "--quiet", "nftables")
        systemctl("reload-or-restart", "nftables")


def _ssh(release: Release, before: Release | None) -> None:
    path = Path("configuration/sshd.conf")
    if not (release.folder / path).exists():
        return
    linked = durable.link(places.SSHD_DROP_IN, places.CURRENT / path)
    if linked or not before or _text(before.folder / path) != _text(release.folder / path):
        systemctl("reload", "ssh")


def _start(new: dict[str, str], renewed: list[str]) -> None:
    """Everything that is wanted at boot runs, and what is another than before runs anew."""
    wanted = [name for name in new if _is_started(name, new[name])]
    try:
        if anew := [name for name in renewed if name in wanted]:
            systemctl("restart", *anew)
        if wanted:
            systemctl("start", *wanted)
    except DeployError as error:
        raise DeployError(f"{error}\n{_last_words(wanted)}") from error
    others = (name for name in renewed if name not in wanted and "@." not in name)
    if services := [name for name in others if "Type=oneshot" not in new[name]]:
        systemctl("try-restart", *services)


def _last_words(names: list[str]) -> str:
    """What those of them said that do not run."""
    dead = [name for name in names if not succeeds("systemctl", "is-active", "--quiet", name)]
    logs = (run("journalctl", "--no-pager", "-q", "-o", "cat", "-n", "5", "-u", name, check=False) for name in dead)
    return "\n".join(f"{name}: {said.strip()}" for name, said in zip(dead, logs, strict=True))


def _is_started(name: str, text: str) -> bool:
    is_ours = name.endswith(STARTED) and not unit_links.COLOUR_UNIT.fullmatch(name)
    return is_ours and _is_unit(name) and "WantedBy=" in text and "Type=oneshot" not in text


def _text(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
