"""Makes any Debian machine a place of backups: a user, a folder, the keeper, and one key that is let in there and nowhere else.

Runs on the operator's machine. The key and the password of the copies are made there too, in its folder of secrets: a machine that
is lost could not be read again with what only it knew.
"""

import os
import secrets
import shlex
import subprocess
from pathlib import Path

from msgspec import Struct

from deploy.backup import keeper, restic, ssh
from deploy.errors import DeployError

USER, ROOT = "longwave-backup", "/srv/longwave-backup"
KEEPER = "/usr/local/lib/longwave-keeper.py"
FORGET_DAYS = 30
FORGET_LIVE_DAYS = 3  # every commit is a file there until it is united with others: a million in a month
SCRIPT = """set -eu
id @USER@ >/dev/null 2>&1 || useradd --system --create-home --shell /bin/sh @USER@
install -d -o root -g root -m 0755 /home/@USER@ /home/@USER@/.ssh
install -d -o @USER@ -g @USER@ -m 0700 @ROOT@ @ROOT@/@NAME@
cat > @KEEPER@.new <<'END OF THE KEEPER'
@TEXT@
END OF THE KEEPER
chmod 0644 @KEEPER@.new && mv @KEEPER@.new @KEEPER@
keys=/home/@USER@/.ssh/authorized_keys
touch "$keys" && grep -vF @PUBLIC@ "$keys" > "$keys.new" || true
printf '%s\\n' @LINE@ >> "$keys.new" && chmod 0644 "$keys.new" && mv "$keys.new" "$keys"
cat > /etc/systemd/system/longwave-keeper-forget.service <<'END'
[Unit]
Description=Forget for good what servers removed from their backups @DAYS@ days ago
[Service]
Type=oneshot
User=@USER@
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=@ROOT@
PrivateNetwork=yes
PrivateTmp=yes
CapabilityBoundingSet=
ExecStart=/bin/sh -c 'for one in @ROOT@/*; do python3 -I @KEEPER@ "$one" --forget-days @LIVE_DAYS@ --below live; done'
ExecStart=/bin/sh -c 'for one in @ROOT@/*; do python3 -I @KEEPER@ "$one" --forget-days @DAYS@; done'
END
cat > /etc/systemd/system/longwave-keeper-forget.timer <<'END'
[Unit]
Description=Forget every day what servers removed from their backups long ago
[Timer]
OnCalendar=daily
Persistent=true
[Install]
WantedBy=timers.target
END
if [ -d /run/systemd/system ]; then systemctl daemon-reload && systemctl enable --quiet --now longwave-keeper-forget.timer; fi
command -v python3 >/dev/null || { echo "python3 is missing: apt-get install python3" >&2; exit 1; }
keys=$(/usr/sbin/sshd -T | sed -n 's/^hostkey //p')
for kind in ecdsa rsa ed25519; do
    for key in $keys; do
        case $key in *_"$kind"_key) cat "$key.pub"; exit 0 ;; esac
    done
done
echo "no host key of sshd was found" >&2
exit 1
"""  # litestream takes the first of these kinds that there is, whichever it is told


class Made(Struct, frozen=True, kw_only=True):
    """What to write into server.toml."""

    target: str
    host_key: str


def make_secrets(folder: Path) -> list[str]:
    """Those that are missing; their names."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    key, password = folder / ssh.KEY, folder / restic.PASSWORD
    if not key.exists():
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "longwave-backup", "-f", str(key)]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        key.with_suffix(".pub").unlink()  # no secret, and the other half says it again
        made.append(key.name)
    if not password.exists():
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        made.append(password.name)
    return made


def script(*, name: str, public: str) -> str:
    """For a shell of root's there; the name of a server's folder, and its public key. Safe to run again."""
    folder = f"{ROOT}/{name}"
    line = f'restrict,command="/usr/bin/python3 -I {KEEPER} {folder}" {public}'
    values = {"USER": USER, "ROOT": ROOT, "NAME": name, "KEEPER": KEEPER, "DAYS": str(FORGET_DAYS)}
    values["LIVE_DAYS"] = str(FORGET_LIVE_DAYS)
    values |= {"PUBLIC": shlex.quote(public.split()[1]), "LINE": shlex.quote(line)}
    text = SCRIPT
    for word, value in values.items():
        text = text.replace(f"@{word}@", value)
    return text.replace("@TEXT@", Path(keeper.__file__).read_text(encoding="utf-8"))


def make(host: str, *, name: str, folder: Path, port: int = 22, options: tuple[str, ...] = ()) -> Made:
    """`host` is what ssh takes, with the rights of root. Raises DeployError."""
    public = _public(folder)
    words = ["ssh", "-p", str(port), *options, host, "sh -s" if host.startswith("root@") else "sudo sh -s"]
    done = subprocess.run(words, input=script(name=name, public=public), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DeployError(f"{host} could not be made a place of backups: {done.stderr.strip()}")
    key = " ".join(done.stdout.strip().splitlines()[-1].split()[:2])
    return Made(target=f"sftp://{USER}@{host.rpartition('@')[2]}:{port}/", host_key=key)


def _public(folder: Path) -> str:
    words = ["ssh-keygen", "-y", "-f", str(folder / ssh.KEY)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
