"""Runs Pelican over a project with our plugins, as `pelican` itself would, and makes its silent failures loud."""

import logging
from pathlib import Path
from types import ModuleType
from typing import Any

from blinker import ANY, Signal
from jinja2 import FileSystemBytecodeCache, TemplateError, TemplateSyntaxError
from pelican import Pelican, console
from pelican.log import init as init_logging
from pelican.plugins import signals
from pelican.settings import get_settings_from_module, read_settings

from generator import pelicanconf
from generator import plugins as our_plugins
from generator.errors import BuildError, ContentError
from generator.plugins import output
from generator.plugins import theme as theme_plugin
from generator.project import Project
from generator.read.inventory import read_config
from generator.write.files import MEMORY

TEMPLATES = f"{MEMORY}/templates"
NO_THEME = "simple"  # one of Pelican's, for a run that renders nothing


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
    _config, missing = read_config(project.options.content)
    if _config is None and not project.options.content.is_dir():
        raise ContentError(missing)
    settings = _settings(project, theme=_theme(project.options.theme) if writing else NO_THEME)
    if not writing:
        settings["PLUGINS"] = [plugin for plugin in settings["PLUGINS"] if plugin not in (theme_plugin, output)]
    _forget_earlier_runs()
    wanted = [plugin.__name__ for plugin in settings["PLUGINS"]]
    try:
        pelican = Pelican(settings)
        if pelican.settings["PLUGINS"] != wanted:
            raise BuildError(f"Pelican could not register {set(wanted) - set(pelican.settings['PLUGINS'])}.")
        pelican.run()
    except TemplateSyntaxError as error:
        place = f"{project.options.theme}/templates/{error.name}:{error.lineno}"
        raise BuildError(f"{place}: {error.message}. Correct the template.") from error
    except TemplateError as error:
        raise BuildError(f"a template of {project.options.theme} cannot be rendered: {error}. Correct it.") from error
    except RuntimeError as error:
        raise BuildError(f"Pelican stopped: {'; '.join(heard.errors) or error}") from error


def _forget_earlier_runs() -> None:
    """Signals outlive the Pelican they were connected for: a check after a build in one process would build, too."""
    for signal in vars(signals).values():
        for receiver in list(signal.receivers_for(ANY)) if isinstance(signal, Signal) else []:
            if receiver.__module__.startswith(our_plugins.__name__):
                signal.disconnect(receiver)


def _settings(project: Project, *, theme: str) -> dict[str, Any]:
    options = project.options
    settings: dict[str, Any] = get_settings_from_module(pelicanconf)
    settings |= {
        "PATH": str(options.content.absolute()),
        "OUTPUT_PATH": str(options.output.absolute()),
        "THEME": theme,
        "LONGWAVE": project,
    }
    compiled = options.output / TEMPLATES
    if theme != NO_THEME:
        compiled.mkdir(parents=True, exist_ok=True)
        settings["LONGWAVE_BYTECODE"] = FileSystemBytecodeCache(str(compiled))
    plugins: list[ModuleType] = settings["PLUGINS"]
    made: dict[str, Any] = read_settings(override=settings)
    return made | {"PLUGINS": list(plugins)}


def _theme(theme: Path) -> str:
    if not (theme / "templates").is_dir():
        raise BuildError(f"there is no theme in {theme}. Name its folder with --theme.")
    return str(theme.absolute())
