"""Puts what belongs to one person into a page of the site, for browsers without script. Knows no accounts.

The page is the one that everybody gets, with a mark; what stands there is written by the theme, in a sandbox.
"""

from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from api import spelling

MARK = "<!--here-->"
WITHOUT_SITE = (
    f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title></head><body>{MARK}</body></html>'
)


class Pages:
    """`site` is the web root, `theme` the folder that holds `templates/service/`."""

    def __init__(self, site: Path, theme: Path) -> None:
        self._site = site
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(theme / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(day=spelling.day, minute=spelling.minute, money=spelling.money)

    def show(self, path: str, part: str, fields: dict[str, Any]) -> str:
        """The site's page at `path` ('/account/library/') with `service/PART.html` at its mark."""
        printed = self._environment.get_template(f"service/{part}.html").render(fields)
        return self._page(path).replace(MARK, printed, 1)

    def _page(self, path: str) -> str:
        """While the site is not published yet a bare page stands in."""
        file = self._site / path.strip("/") / "index.html"
        try:
            found = file.read_text(encoding="utf-8")
        except OSError:
            return WITHOUT_SITE
        return found if MARK in found else WITHOUT_SITE
