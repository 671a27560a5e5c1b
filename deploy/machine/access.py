"""Who may sign in by SSH as an administrator. Moves with a release, so that a lock-out takes itself back."""

from deploy.facts import Server


def configuration(server: Server) -> dict[str, str]:
    """A file of public keys for each account that administrators use; sshd reads them in the current configuration."""
    ssh = server.facts.ssh
    return {f"keys/{user}": "".join(f"{key}\n" for key in ssh.administrators) for user in {"root", ssh.user}}
