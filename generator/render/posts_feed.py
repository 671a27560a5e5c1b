"""Decides what the feed of the posts prints: the newest ones, whole. Knows nothing of XML (see feed_xml) and files."""

from collections.abc import Callable
from datetime import datetime

from generator import urls
from generator.model import Post, Site
from generator.render.views import View

POSTS_MAX = 50


class PostItemView(View):
    """`html` still names local links as their editor wrote them; `resolved` has their public paths."""

    title: str
    url: str
    date: datetime
    summary: str
    authors: tuple[str, ...]
    html: str
    resolved: dict[str, str]
    guid: str = ""
    """What stays when the address changes; '' where the address is it."""


class PostsFeedView(View):
    """/posts/feed.xml, newest first. URLs are absolute, texts not yet escaped."""

    url: str
    origin: str
    title: str
    description: str
    language: str
    items: tuple[PostItemView, ...]


def plan(site: Site, resolve_links: Callable[[Post], dict[str, str]]) -> dict[str, PostsFeedView]:
    """The feed of the posts by its public path; empty without posts."""
    if not site.posts:
        return {}
    config = site.config
    view = PostsFeedView(
        url=config.url + urls.POSTS_FEED,
        origin=config.url,
        title=config.title,
        description=config.description,
        language=config.language,
        items=tuple(_item(site, post, resolved=resolve_links(post)) for post in site.posts[: -POSTS_MAX - 1 : -1]),
    )
    return {urls.POSTS_FEED: view}


def _item(site: Site, post: Post, *, resolved: dict[str, str]) -> PostItemView:
    return PostItemView(
        title=post.title,
        url=site.config.url + urls.post(post.slug),
        date=post.date,
        summary=post.summary,
        authors=tuple(site.people[id].name for id in post.authors),
        html=post.text.html,
        resolved=resolved,
    )
