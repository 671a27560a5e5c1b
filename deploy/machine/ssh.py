"""Who may sign in by SSH and how. It moves with a release, so that what locks us out goes back by itself; keys are users.py's."""

from deploy.facts import Server
from deploy.machine.resources import Command, Package, Resource
from deploy.machine.texts import text
from deploy.server.content_places import SITE_USER

HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"


def resources(_server: Server) -> list[Resource]:
    make_key = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", HOST_KEY)
    return [
        Package(name="openssh-server"),
        Command(why="the server's SSH key is made", run=make_key, unless=("test", "-s", HOST_KEY)),
    ]


def configuration(server: Server) -> dict[str, str]:
    users = dict.fromkeys(("root", server.facts.ssh.user, SITE_USER))
    return {"sshd.conf": text("sshd.conf", ssh_port=server.facts.ssh.port, ssh_users=" ".join(users))}
