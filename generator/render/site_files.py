"""The small files at a site's root that machines ask for: robots.txt, llms.txt, the web manifest; and the redirects nginx reads."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from generator import urls
from generator.model import Site
from generator.render.shelves import awaited
from generator.render.views import THEME_COLOR, View

LLMS_EPISODES, LLMS_POSTS = 200, 50
REDIRECTS = ".longwave/redirects.map"


class RobotsView(View):
    origin: str


class LlmsView(View):
    title: str
    description: str
    origin: str
    episodes: tuple[tuple[str, str, str], ...]
    """Title, public path and summary, the newest first."""
    posts: tuple[tuple[str, str, str], ...]
    """The same of posts."""
    courses: tuple[tuple[str, str, str], ...]
    """The same of courses."""
    pages: tuple[tuple[str, str], ...]


class ManifestView(View):
    name: str
    description: str
    language: str
    color: str


class RedirectsView(View):
    """Path, target, permanent."""

    redirects: tuple[tuple[str, str, bool], ...]


def plan_robots(site: Site) -> RobotsView:
    return RobotsView(origin=site.config.url)


def robots(view: RobotsView) -> bytes:
    return f"User-agent: *\nDisallow: /api/\nDisallow: /account/\n\nSitemap: {view.origin}/sitemap.xml\n".encode()


def plan_llms(site: Site) -> LlmsView:
    newest = site.episodes[: -LLMS_EPISODES - 1 : -1]
    return LlmsView(
        title=site.config.title,
        description=site.config.show.description,
        origin=site.config.url,
        episodes=tuple(
            (
                e.title,
                urls.transcript(e.number, e.slug, "txt") if e.transcript else urls.episode(e.number, e.slug),
                e.summary,
            )
            for e in newest
        ),
        posts=tuple((post.title, urls.post(post.slug), post.summary) for post in site.posts[: -LLMS_POSTS - 1 : -1]),
        courses=tuple((one.title, urls.course(one.slug), one.summary) for one in reversed(site.courses)),
        pages=tuple((page.title, urls.page(page.slug)) for page in site.pages),
    )


def llms(view: LlmsView) -> bytes:
    """llms.txt after its proposal: a title, a summary, lists of links; transcripts are linked as plain text."""
    parts = [f"# {view.title}\n\n> {' '.join(view.description.split())}\n"]
    parts.append(f"\n## Feeds\n\n- [Podcast feed]({view.origin}{urls.FEED}): all episodes as RSS\n")
    for heading, entries in (("Episodes", view.episodes), ("Courses", view.courses), ("Posts", view.posts)):
        if entries:
            parts.append(f"\n## {heading}\n\n")
            parts += [f"- [{title}]({view.origin}{path}): {summary}\n" for title, path, summary in entries]
    if view.pages:
        parts.append("\n## Optional\n\n")
        parts += [f"- [{title}]({view.origin}{path})\n" for title, path in view.pages]
    return "".join(parts).encode()


def plan_manifest(site: Site) -> ManifestView:
    config = site.config
    return ManifestView(name=config.title, description=config.description, language=config.language, color=THEME_COLOR)


def manifest(view: ManifestView) -> bytes:
    """Source: W3C Web Application Manifest."""
    icons = [{"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)]
    data = {
        "name": view.name,
        "short_name": view.name,
        "description": view.description,
        "lang": view.language,
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": view.color,
        "icons": icons,
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"


def plan_redirects(site: Site) -> RedirectsView:
    """What editors wrote, aliases, and for each paged list the page it links to before it is there."""
    redirects = {path: (path, first, False) for path, first in _awaited(site)}
    if site.bundles:  # they have no list of their own, and people cut addresses short
        redirects |= {path: (path, urls.COURSES, False) for path in (urls.BUNDLES, urls.BUNDLES.rstrip("/"))}
    redirects |= {entry.path: (entry.path, entry.to, entry.permanent) for entry in site.redirects}
    return RedirectsView(redirects=tuple(redirects[path] for path in sorted(redirects)))


def _awaited(site: Site) -> Iterator[tuple[str, str]]:
    topics = Counter(topic for episode in site.episodes for topic in episode.topics)
    lists = {urls.EPISODES: len(site.episodes), urls.POSTS: len(site.posts)}
    for first, items in (lists | {urls.topic(id): count for id, count in topics.items()}).items():
        if path := awaited(items, first):
            yield path, first


def redirects_map(view: RedirectsView) -> bytes:
    """The body of nginx's `map $uri $redirect`. Addresses passed a strict grammar, so none can speak to nginx."""
    lines = (f'"{path}" "{301 if permanent else 302} {to}";\n' for path, to, permanent in view.redirects)
    return "".join(lines).encode()
