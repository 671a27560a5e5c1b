"""Pelican's settings for a Longwave project. Our own commands use them, and so does `pelican -s generator/pelicanconf.py`.

They are few: what the site is called and shows stands in content/site.toml and reaches the theme as contexts.
"""

from pathlib import Path

from jinja2 import StrictUndefined

from generator.plugins import episodes, feeds, output, posts, site_files, sources, store, theme

PATH = str(Path("content").absolute())
OUTPUT_PATH = str(Path("output").absolute())
THEME = str(Path("theme").absolute())
PLUGINS = [sources, posts, episodes, feeds, store, site_files, theme, output]
LONGWAVE = LONGWAVE_BYTECODE = None

# Posts and pages go through Pelican's pipeline; everything else it could make is made by our plugins.
ARTICLE_PATHS = ["posts"]
ARTICLE_URL = "posts/{slug}/"
ARTICLE_SAVE_AS = "posts/{slug}/index.html"
PAGE_PATHS = ["pages"]
PAGE_URL = "{slug}/"
PAGE_SAVE_AS = "{slug}/index.html"
STATIC_PATHS: list[str] = []
THEME_STATIC_PATHS: list[str] = []
DIRECT_TEMPLATES: list[str] = []
DEFAULT_PAGINATION = False
AUTHOR_SAVE_AS = AUTHORS_SAVE_AS = CATEGORY_SAVE_AS = CATEGORIES_SAVE_AS = TAG_SAVE_AS = TAGS_SAVE_AS = ""
ARCHIVES_SAVE_AS = DRAFT_SAVE_AS = DRAFT_PAGE_SAVE_AS = ""
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None

DELETE_OUTPUT_DIRECTORY = False  # it would delete what the build remembers
WITH_FUTURE_DATES = True  # what is public is decided by our reader, at the build's own moment
CACHE_CONTENT = LOAD_CONTENT_CACHE = False
FORMATTED_FIELDS: list[str] = []
LOCALE = ["C.UTF-8", "C"]  # the machine's language must not shape a page
TIMEZONE = "UTC"
SITEURL = ""
JINJA_ENVIRONMENT = {
    "autoescape": True,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "auto_reload": False,
    "undefined": StrictUndefined,
    "extensions": [],
}
