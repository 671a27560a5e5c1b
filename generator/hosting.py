"""Runs Pelican over a project with our plugins, as `pelican` itself would, and makes its silent failures loud."""

import logging
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2 import TemplateSyntaxError
from pelican import Pelican, console
from pelican.log import init as init_logging
from pelican.settings import get_settings_from_module, read_settings

from generator import pelicanconf
from generator.errors import BuildError
from generator.plugins import output
from generator.project import Project


class Heard(logging.Handler):
    """Keeps the errors that Pelican logs, to say them to the user."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        self.errors.append(record.getMessage() + (f": {cause}" if cause else ""))


def run(project: Project, *, writing: bool = True) -> None:
    """Reads, plans and (unless told not to) writes. Raises what our plugins raise, and BuildError for what Pelican only logs."""
    heard = Heard()
    init_logging(level=logging.WARNING, fatal="errors", handler=heard)
    console.quiet = True
    settings = _settings(project)
    if not writing:
        settings["PLUGINS"] = [plugin for plugin in settings["PLUGINS"] if plugin is not output]
    wanted = [plugin.__name__ for plugin in settings["PLUGINS"]]
    try:
        pelican = Pelican(settings)
        if pelican.settings["PLUGINS"] != wanted:
            raise BuildError(f"Pelican could not register {set(wanted) - set(pelican.settings['PLUGINS'])}.")
        pelican.run()
    except TemplateSyntaxError as error:
        raise BuildError(f"{error.filename or error.name}:{error.lineno}: {error.message} Correct the template.") from error
    except RuntimeError as error:
        raise BuildError(f"Pelican stopped: {'; '.join(heard.errors) or error}") from error


def _settings(project: Project) -> dict[str, Any]:
    options = project.options
    settings: dict[str, Any] = get_settings_from_module(pelicanconf)
    settings |= {
        "PATH": str(options.content.absolute()),
        "OUTPUT_PATH": str(options.output.absolute()),
        "THEME": str(_theme(options.theme)),
        "LONGWAVE": project,
    }
    plugins: list[ModuleType] = settings["PLUGINS"]
    made: dict[str, Any] = read_settings(override=settings)
    return made | {"PLUGINS": list(plugins)}


def _theme(theme: Path) -> Path:
    if not (theme / "templates").is_dir():
        raise BuildError(f"there is no theme in {theme}. Name its folder with --theme.")
    return theme.absolute()
