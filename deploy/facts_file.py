"""Reads server.toml, and of content/site.toml what a server must know; finds everything that is wrong, not only the first."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from deploy.backup import settings as backup
from deploy.errors import DeployError
from deploy.facts import Part, ServerFacts, SiteFacts, Ssh

EXAMPLE = Path(__file__).with_name("server.toml.example")
SETTINGS = Path(__file__).with_name("env.example")
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?")
ADDRESS = re.compile(r"(?:[^<>\x00-\x1f]*<)?[^\s<>@]+@[^\s<>@]+>?")
KEY = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}(?: [^\x00-\x1f]*)?")
HOST = re.compile(r"[A-Za-z0-9.:-]*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DECIDED = {  # settings of the service that other facts, or the server's own folders, say
    *(
        "mode",
        "url",
        "site",
        "data",
        "private_media",
        "theme",
        "secrets",
        "stripe_api",
        "metrics_port",
        "trusted_proxy",
    ),
    *("mail_from", "smtp_host", "smtp_port", "smtp_user", "smtp_starttls"),
    *("media_store", "media_url", "media_region", "media_access_key"),
}


def read(path: Path) -> ServerFacts:
    """Raises DeployError with every problem there is, one a line: file: field: problem. remedy."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeployError(f"{path}: there is no such file. Copy {EXAMPLE} and correct what it says.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DeployError(f"{path}: cannot be read. {error}.") from error
    problems = list(_problems_of_fields(found, ServerFacts, ""))
    if not problems:
        facts = msgspec.convert(found, type=ServerFacts)
        problems = list(_problems_of_values(facts))
    if problems:
        raise DeployError("\n".join(f"{path}: {problem}" for problem in problems))
    return facts


def site(content: Path, facts: ServerFacts) -> SiteFacts:
    """Out of content/site.toml, whose own mistakes `longwave check` finds; server.toml goes before it."""
    path = content / "site.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DeployError(f"{path}: cannot be read. {error}. Run `longwave check`.") from error
    told = found.get("site", {})
    chosen = SiteFacts(
        title=str(told.get("title", "")),
        url=(facts.site.url or str(told.get("url", ""))).rstrip("/"),
        aliases=tuple(dict.fromkeys(alias.rstrip("/") for alias in (*told.get("aliases", ()), *facts.site.aliases))),
        hub=str(found.get("feed", {}).get("hub", "")),
    )
    wrong = [origin for origin in (chosen.url, *chosen.aliases) if not ORIGIN.fullmatch(origin)]
    if wrong:
        raise DeployError(
            f"{path}: site.url or an alias is '{wrong[0]}', which is no origin. Write https://name.example."
        )
    return chosen


def _problems_of_fields(found: Mapping[str, Any], kind: type[Struct], prefix: str) -> Iterator[str]:
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for name, value in found.items():
        where = f"{prefix}{name}"
        if name not in fields:
            near = difflib.get_close_matches(name, fields, n=1) or sorted(fields)
            yield f"{where}: there is no such fact. Did you mean {' or '.join(near)}?"
        elif isinstance(fields[name], type) and issubclass(fields[name], Part):
            if isinstance(value, dict):
                yield from _problems_of_fields(value, fields[name], f"{where}.")
            else:
                yield f"{where}: is a value, but stands for several. Write [{where}] and its facts below it."
        else:
            yield from _problem_of_type(where, value, fields[name])


def _problem_of_type(where: str, value: Any, kind: Any) -> Iterator[str]:
    try:
        msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        yield f"{where}: {value!r} cannot be used. {error}. {EXAMPLE.name} explains it."


def _problems_of_values(facts: ServerFacts) -> Iterator[str]:
    yield from _problems_of_people(facts.ssh)
    for origin in (*filter(None, (facts.site.url,)), *facts.site.aliases):
        if not ORIGIN.fullmatch(origin.removesuffix("/")):
            yield f"site: '{origin}' is no origin. Write it like https://name.example, with nothing after the name."
    addresses = {"mail.sender": (facts.mail.sender,), "certificate.mail": (facts.certificate.mail,)}
    for where, given in (*addresses.items(), ("alarms.mail", facts.alarms.mail)):
        for address in filter(None, given):
            if not ADDRESS.fullmatch(address):
                yield f"{where}: '{address}' holds no address. Write it like name@example.com."
    if facts.mode != "sandbox":
        for name in ("sender", "host"):
            if not getattr(facts.mail, name):
                yield f"mail.{name}: missing, and mode {facts.mode} sends mails. Write the relay's."
    if facts.media.store != "local" and not facts.media.url:
        yield f"media.url: missing, and videos are served from {facts.media.store}. Write its address."
    for problem in backup.problems(target=facts.backup.target, host_key=facts.backup.host_key):
        yield f"backup.{problem}"
    yield from _problems_of_service(facts.service)
    for where, text in _texts(msgspec.to_builtins(facts), ""):
        if CONTROL.search(text):
            yield f"{where}: holds a line break or another control character. Take it out."


def _problems_of_people(ssh: Ssh) -> Iterator[str]:
    if not HOST.fullmatch(ssh.host) or ssh.host.startswith("-"):
        yield f"ssh.host: '{ssh.host}' is no name and no address. Write what you would give to ssh."
    if not ssh.administrators:
        yield "ssh.administrators: empty, so nobody could sign in. Write your public key, the line in ~/.ssh/id_ed25519.pub."
    people = [
        (f"ssh.{kind}", person.name, person.key) for kind in ("editors", "artefacts") for person in getattr(ssh, kind)
    ]
    keys = [("ssh.administrators", f"key {number}", key) for number, key in enumerate(ssh.administrators, 1)]
    owners: dict[str, str] = {}
    for where, name, key in (*keys, *people):
        if not KEY.fullmatch(key):
            yield f"{where}: {name} is no public key. Write a line like ssh-ed25519 AAAA… name."
        elif (owner := owners.setdefault(key.split()[1], f"{where}, {name}")) != f"{where}, {name}":
            yield f"{where}: the key of {name} stands in {owner} too, and a key opens one door. Make a second one."


def _problems_of_service(settings: Mapping[str, str | int | bool]) -> Iterator[str]:
    known = set(re.findall(r"^LONGWAVE_([A-Z_]+)=", SETTINGS.read_text(encoding="utf-8"), re.M))
    for name in settings:
        if name in DECIDED:
            yield f"service.{name}: other facts decide it. Take it out."
        elif name.upper() not in known or name != name.lower():
            yield f"service.{name}: there is no such setting. {SETTINGS.name} lists them; write them small, without LONGWAVE_."


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield where, value
        case dict():
            for name, inner in value.items():
                yield from _texts(inner, f"{where}.{name}" if where else name)
        case list():
            for inner in value:
                yield from _texts(inner, where)
