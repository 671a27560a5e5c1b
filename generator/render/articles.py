"""Decides what the page of a single text prints: a post, a page of its own. Knows no lists and no HTML."""

from collections.abc import Iterator

from generator import urls
from generator.model import Page, Post
from generator.render import cards
from generator.render.output import PlannedPage
from generator.render.site_views import TRAILS, SiteViews
from generator.render.views import LinkView, PostPage, TextPage


def plan(views: SiteViews) -> Iterator[PlannedPage]:
    yield from _posts(views)
    yield from (_text_page(page, views) for page in views.site.pages)


def _posts(views: SiteViews) -> Iterator[PlannedPage]:
    posts = views.site.posts
    for before, post, after in zip((None, *posts), posts, (*posts[1:], None), strict=False):
        view = _post_page(post, before, after, views=views)
        sources = (post.source, *(one.source for one in (before, after) if one))
        yield PlannedPage(urls.post(post.slug), view, sources)


def _post_page(post: Post, before: Post | None, after: Post | None, *, views: SiteViews) -> PostPage:
    card = views.posts[post.slug]
    updated = cards.date(post.updated, views.zone)
    return PostPage(
        head=views.head(
            post.title,
            post.summary,
            card.url,
            image=post.image,
            og_type="article",
            published=card.date.iso,
            modified=updated.iso,
            trail=TRAILS["Posts"],
        ),
        title=post.title,
        date=card.date,
        updated=updated if post.updated > post.date else None,
        summary=post.summary,
        authors=tuple(views.people[id] for id in post.authors),
        topics=tuple(views.topics[id] for id in post.topics),
        image=cards.picture(post.image) if post.image else None,
        text_html=views.text(post),
        previous=LinkView(title=before.title, url=urls.post(before.slug)) if before else None,
        next=LinkView(title=after.title, url=urls.post(after.slug)) if after else None,
    )


def _text_page(page: Page, views: SiteViews) -> PlannedPage:
    path = urls.page(page.slug)
    updated = cards.date(page.updated, views.zone) if page.updated else None
    view = TextPage(
        head=views.head(page.title, page.summary or page.title, path, modified=updated.iso if updated else ""),
        title=page.title,
        text_html=views.text(page),
        updated=updated,
    )
    return PlannedPage(path, view, (page.source,))
