"""Plans the theme's assets, and takes from Pelican and them what every page is rendered with."""

from typing import Any

from jinja2 import Environment
from jinja2.compiler import CodeGenerator
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape
from msgspec import Struct
from pelican.plugins import signals

from generator.project import Project
from generator.render import frame
from generator.render.output import Output, Part
from generator.write import assets


def register() -> None:
    signals.all_generators_finalized.connect(plan)


def plan(generators: list[Any]) -> None:
    project: Project = generators[0].settings["LONGWAVE"]
    loaded = assets.load(project.options.theme)
    assets_of_theme = [Output(path, "bytes", data) for path, data in loaded.files.items()]
    project.parts.append([Part("theme", lambda: assets_of_theme)])
    project.frame = frame.of(
        project.site, stylesheet=loaded.stylesheet, scripts=loaded.scripts, page_scripts=loaded.page_scripts
    )
    project.environment = sandboxed(generators[0].env, generators[0].settings)


def printed(value: Any) -> str:
    """What `escape` makes of a value, without its marks: a page prints a thousand, and few hold anything to escape."""
    if type(value) is int:
        return str(value)
    if type(value) is str and not ("&" in value or "<" in value or ">" in value or '"' in value or "'" in value):
        return value
    return escape(value)


class Printing(CodeGenerator):
    """Compiles `{{ value }}` to `printed` wherever Jinja would write `escape`."""

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"environment.printed({finalize.src or ''}")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with a short way to the fields of our views, which hold nothing but data: a page reads thousands."""

    code_generator_class = Printing
    printed = staticmethod(printed)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Struct) and not attribute.startswith("_"):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return super().getattr(obj, attribute)


def sandboxed(environment: Environment, settings: dict[str, Any]) -> Environment:
    """Pelican's environment for the theme, in which templates reach nothing but what they are given.

    Editors may change the theme of a site that a server builds; they must not run programs there.
    """
    made = Sandbox(
        loader=environment.loader, bytecode_cache=settings["LONGWAVE_BYTECODE"], **settings["JINJA_ENVIRONMENT"]
    )
    made.filters.update(environment.filters)
    return made
