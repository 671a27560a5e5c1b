"""Who watches the machine and with what, and how long the access log keeps single requests. Looks at nothing itself."""

import msgspec

from deploy.facts import Server
from deploy.machine.resources import File, Folder, Package, Resource, User
from deploy.watch.settings import FILE, OWN, Relay, Settings

USER = "longwave-watch"
STATES = "/var/lib/longwave-watch/state"
LOG = "/var/log/nginx/access.json"
# nginx makes a log as root's when it finds none. systemd-tmpfiles makes it before, and mends it: tmpfiles.d(5).
TMPFILES = f"f {LOG} 0640 www-data adm\nz {LOG} 0640 www-data adm\n"
ROTATION = """\
# The access log. Counts live longer, in {own}: `longwave stats`.
{log} {{
    daily
    rotate {days}
    maxage {days}
    missingok
    notifempty
    dateext
    compress
    delaycompress
    create 0640 www-data adm
    sharedscripts
    postrotate
        if [ -f /run/nginx.pid ]; then kill -USR1 "$(cat /run/nginx.pid)"; fi
    endscript
}}
"""


def resources(server: Server) -> list[Resource]:
    tell_tmpfiles = "systemd-tmpfiles --create /etc/tmpfiles.d/longwave-logs.conf"
    return [
        Package(name="logrotate"),
        User(name=USER, groups=("adm",)),
        Folder(path="/var/lib/longwave-watch"),
        Folder(path=STATES),
        Folder(path=str(OWN), owner=USER, group=USER, mode=0o750),
        File(path="/etc/tmpfiles.d/longwave-logs.conf", text=TMPFILES, then=(tell_tmpfiles,)),
        File(path="/etc/logrotate.d/longwave", text=_rotation(server), check=("logrotate", "--debug", "@")),
    ]


def configuration(server: Server) -> dict[str, str]:
    return {FILE.name: _text(server)}


def settings(server: Server) -> Settings:
    facts = server.facts
    mail = facts.mail
    can_mail = mail.host and mail.sender and facts.alarms.mail
    relay = Relay(
        host=mail.host,
        sender=mail.sender,
        to=facts.alarms.mail,
        port=mail.port,
        user=mail.user,
        starttls=mail.starttls,
    )
    return Settings(
        url=server.site.url,
        mail=relay if can_mail else None,
        has_backup=bool(facts.backup.target),
        reboots=facts.updates.reboot,
    )


def _text(server: Server) -> str:
    return msgspec.json.format(msgspec.json.encode(settings(server), enc_hook=str)).decode() + "\n"


def _rotation(server: Server) -> str:
    return ROTATION.format(own=OWN, log=LOG, days=server.facts.limits.log_days)
