"""What can be wanted of a machine, as plain values; deploy/agent.py compares and applies them. Knows no machine.

They are applied in the order of their list, except packages, which all come first. Everything may be applied twice.
"""

from msgspec import Struct


class Value(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """One of the kinds below."""


class Package(Value, frozen=True, kw_only=True, tag="package"):
    """A package of Debian's, installed without what it only recommends; `absent` removes it with its configuration."""

    name: str
    absent: bool = False


class User(Value, frozen=True, kw_only=True, tag="user"):
    """A system account with a group of its name and without a password, and the further groups it is in.

    A folder for it is a Folder. `shell` is /usr/sbin/nologin for whoever never signs in.
    """

    name: str
    home: str = "/nonexistent"
    shell: str = "/usr/sbin/nologin"
    groups: tuple[str, ...] = ()


class Folder(Value, frozen=True, kw_only=True, tag="folder"):
    path: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755


class File(Value, frozen=True, kw_only=True, tag="file"):
    """A file with this text, replaced at once. What is on the way to it is made, as root's.

    A `secret` file's text is never shown. `check` is a command that must accept the new file before it takes its place: '@' in
    it stands for the file's path. `then` are shell commands that run once after everything, when the text has changed; those of
    several files run once, in the order of their first mention. Units of systemd need no daemon-reload there.
    """

    path: str
    text: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    secret: bool = False
    check: tuple[str, ...] = ()
    then: tuple[str, ...] = ()


class Generated(Value, frozen=True, kw_only=True, tag="generated"):
    """A secret that is made on the server when it is missing, and never changed: `bytes` random bytes in hexadecimal."""

    path: str
    bytes: int = 32
    owner: str = "root"
    group: str = "root"
    mode: int = 0o400


class Link(Value, frozen=True, kw_only=True, tag="link"):
    """A symbolic link, replaced at once."""

    path: str
    target: str
    then: tuple[str, ...] = ()


class Absent(Value, frozen=True, kw_only=True, tag="absent"):
    """No file, link or (with all that is in it) folder."""

    path: str
    then: tuple[str, ...] = ()


class Unit(Value, frozen=True, kw_only=True, tag="unit"):
    """A unit of Debian's own or of a package. Ours come and go with a release: deploy/systemd/.

    `None` leaves that as it is; `masked` stops it too.
    """

    name: str
    enabled: bool | None = None
    running: bool | None = None
    masked: bool = False


class Command(Value, frozen=True, kw_only=True, tag="command"):
    """For what is no file: runs `run` unless `unless` succeeds, both without a shell. `why` is said in the plan."""

    why: str
    run: tuple[str, ...]
    unless: tuple[str, ...]


Resource = Package | User | Folder | File | Generated | Link | Absent | Unit | Command
