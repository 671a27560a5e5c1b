"""What a deploy takes from the operator's own machine beside facts and content: secrets, and the texts of mails. Sends nothing."""

import re
import stat
from pathlib import Path

from deploy.errors import DeployError
from deploy.facts import ServerFacts
from deploy.machine.resources import File

NAME = re.compile(r"[a-z][a-z0-9_]*(\.pem)?")
THEME_PARTS = ("mail", "service")  # of templates/: what the service prints
ON_SERVER = "/etc/longwave/secrets"


def secrets(facts: ServerFacts, *, beside: Path) -> list[File]:
    """The files of the folder of secrets as the server shall have them. Raises DeployError for one that others could read."""
    folder = beside / facts.secrets
    if not folder.is_dir():
        if facts.mode == "sandbox":
            return []
        raise DeployError(f"secrets: there is no folder {folder}. Make it (chmod 0700), with a file for each secret.")
    problems, files = [], []
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        if problem := _problem(path):
            problems.append(f"secrets: {path} {problem}")
        else:
            text = path.read_text(encoding="utf-8")
            files.append(File(path=f"{ON_SERVER}/{path.name}", text=text, mode=0o400, secret=True))
    if problems:
        raise DeployError("\n".join(problems))
    return files


def theme(folder: Path) -> dict[str, str]:
    """Templates of mails and of parts of pages, by their path in a configuration. Editors' pushes do not change these."""
    templates = folder / "templates"
    paths = [path for part in THEME_PARTS for path in sorted((templates / part).rglob("*")) if path.is_file()]
    if not paths:
        raise DeployError(f"{folder} holds no templates/mail. Run this in the folder of your project.")
    return {f"theme/{path.relative_to(folder).as_posix()}": path.read_text(encoding="utf-8") for path in paths}


def _problem(path: Path) -> str:
    if not NAME.fullmatch(path.name) or not path.is_file():
        return "is no secret's name: deploy/server.toml.example and deploy/env.example list them. Move it elsewhere."
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return f"can be read by others on this machine. Run: chmod 0600 {path}"
    try:
        path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"cannot be read: {error}."
    return ""
