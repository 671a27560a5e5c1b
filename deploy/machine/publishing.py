"""How content comes to the machine: the users and folders on its way, the repository, who may push, and within which bounds."""

from deploy.facts import Server
from deploy.machine.resources import Command, File, Folder, Package, Resource, User
from deploy.server import content_places as places
from deploy.server import shell, site_settings
from deploy.server.site_settings import SiteSettings

NGINX = "www-data"
HOOK = "#!/bin/sh\n# {why}\nexec {program} server {command}\n"
HOOKS = {
    "pre-receive": ("receive", "A push is taken when it is published."),
    "post-receive": ("note", "What the publish wrote down comes into the branch published."),
}


def resources(_server: Server) -> list[Resource]:
    site, build = places.SITE_USER, places.BUILD_USER
    return [
        Package(name="git"),
        User(name=site, home=str(places.ROOT), shell="/bin/sh"),  # noqa: S604 (sshd starts the one command of its key by it)
        User(name=build),
        Folder(path=str(places.ROOT)),
        Folder(path=str(places.WWW)),
        Folder(path=str(places.ACCEPTED)),
        Folder(path=str(places.STATE)),
        Folder(path=str(places.HOOKS)),
        Folder(path=str(places.BUILD), owner=build, group=build, mode=0o700),
        Folder(path=str(places.MEDIA), owner=site, group=site),
        Folder(path=str(places.VIDEOS), owner=site, group=NGINX, mode=0o2750),
        Folder(path=str(places.WEBSUB), owner=site, group=site),
        Folder(path=str(places.REPOSITORY), owner=site, group=site, mode=0o700),
        *(_hook(name, command, why) for name, (command, why) in HOOKS.items()),
        _repository(),
    ]


def configuration(server: Server) -> dict[str, str]:
    """Keys move with a release, so that one who is locked out by it is let in again when it is taken back."""
    ssh, limits = server.facts.ssh, server.facts.limits
    keys = [shell.authorized_key(person.key, who=person.name) for person in ssh.editors]
    keys += [shell.authorized_key(person.key, who=person.name, artefacts=True) for person in ssh.artefacts]
    settings = SiteSettings(
        url=server.facts.site.url,
        has_media=server.facts.media.place == "server",
        build_memory_mb=limits.build_memory_mb,
        build_seconds=limits.build_seconds,
        push_mb=limits.push_mb,
    )
    return {f"keys/{places.SITE_USER}": "".join(keys), site_settings.FILE: site_settings.text(settings)}


def _hook(name: str, command: str, why: str) -> File:
    text = HOOK.format(why=why, program=places.PROGRAM, command=command)
    return File(path=f"{places.HOOKS}/{name}", text=text, mode=0o755)


def _repository() -> Command:
    as_its_user = ("runuser", "-u", places.SITE_USER, "--")
    return Command(
        why=f"make the repository {places.REPOSITORY}",
        run=(*as_its_user, "git", "init", "--quiet", "--bare", "--initial-branch=main", str(places.REPOSITORY)),
        unless=("test", "-f", f"{places.REPOSITORY}/HEAD"),
    )
