"""What is true of one server and nowhere else: server.toml as frozen values. Knows neither the machine nor what is made of them.

deploy/server.toml.example explains every one of them; facts_file.py reads it.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Port = Annotated[int, Meta(ge=1, le=65535)]
Megabytes = Annotated[int, Meta(ge=16)]
Gigabytes = Annotated[int, Meta(ge=1)]


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of server.toml."""


class Person(Part, frozen=True, kw_only=True):
    """Somebody, or a program, with a public key. The name is said in the audit log."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
    key: str


class Ssh(Part, frozen=True, kw_only=True):
    host: str = ""
    user: Annotated[str, Meta(pattern=r"^[a-z_][a-z0-9_-]*$")] = "root"
    port: Port = 22
    host_key: str = ""
    administrators: tuple[str, ...] = ()
    editors: tuple[Person, ...] = ()
    artefacts: tuple[Person, ...] = ()


class Site(Part, frozen=True, kw_only=True):
    url: str = ""
    aliases: tuple[str, ...] = ()


class Mail(Part, frozen=True, kw_only=True):
    sender: str = ""
    host: str = ""
    port: Port = 587
    user: str = ""
    starttls: bool = True
    dkim_selectors: tuple[str, ...] = ()


class Alarms(Part, frozen=True, kw_only=True):
    mail: tuple[str, ...] = ()


class Certificate(Part, frozen=True, kw_only=True):
    kind: Literal["acme", "self_signed", "files"] = "acme"
    directory: str = "https://acme-v02.api.letsencrypt.org/directory"
    mail: str = ""


class Backup(Part, frozen=True, kw_only=True):
    target: str = ""
    host_key: str = ""
    nightly: str = "02:40"
    rehearsal: str = "Sun 03:10"


class Media(Part, frozen=True, kw_only=True):
    """`place` is public audio, `store` paid videos (LONGWAVE_MEDIA_STORE)."""

    place: Literal["server", "cdn"] = "server"
    store: Literal["local", "bunny", "s3"] = "local"
    url: str = ""
    region: str = ""
    access_key: str = ""


class Updates(Part, frozen=True, kw_only=True):
    reboot: bool = True
    reboot_at: str = "Sun *-*-* 04:10"


class FairUse(Part, frozen=True, kw_only=True):
    mode: Literal["watch", "enforce"] = "watch"


class Limits(Part, frozen=True, kw_only=True):
    service_memory_mb: Megabytes = 512
    build_memory_mb: Megabytes = 1024
    build_seconds: Annotated[int, Meta(ge=10)] = 600
    push_mb: Megabytes = 64
    journal_mb: Megabytes = 512
    log_days: Annotated[int, Meta(ge=1, le=90)] = 14


class ServerFacts(Part, frozen=True, kw_only=True):
    """server.toml. `secrets` is a folder on the operator's machine; `service` holds more settings of deploy/env.example."""

    mode: Literal["sandbox", "test", "live"] = "sandbox"
    secrets: str = "secrets"
    ssh: Ssh = Ssh()
    site: Site = Site()
    mail: Mail = Mail()
    alarms: Alarms = Alarms()
    certificate: Certificate = Certificate()
    backup: Backup = Backup()
    media: Media = Media()
    updates: Updates = Updates()
    fair_use: FairUse = FairUse()
    limits: Limits = Limits()
    service: dict[str, str | int | bool] = {}


class SiteFacts(Struct, frozen=True, kw_only=True):
    """What content/site.toml says that a server must know."""

    title: str
    url: str
    aliases: tuple[str, ...] = ()
    hub: str = ""


class Target(Struct, frozen=True, kw_only=True):
    """What the machine itself is. `debian` is 12 or 13, `architecture` as uname says it, `python` like (3, 11)."""

    debian: int
    architecture: str
    python: tuple[int, int]
    memory_mb: int = 0

    @property
    def nginx(self) -> tuple[int, int]:
        """The version that this Debian has."""
        return (1, 22) if self.debian < 13 else (1, 26)

    @property
    def http3(self) -> bool:
        return self.nginx >= (1, 26)


class Server(Struct, frozen=True, kw_only=True):
    """Everything that a machine is made of: the operator's facts, the site's and the machine's own. No secret is in it."""

    facts: ServerFacts
    site: SiteFacts
    target: Target
