"""Decides what the page of a single thing prints: an episode, a post, a text. Knows no lists and no HTML."""

from collections.abc import Iterator

from generator import urls
from generator.model import Episode, Page, Post
from generator.render import cards
from generator.render.origin import absolute
from generator.render.output import PlannedPage
from generator.render.related import related
from generator.render.site_views import TRAILS, SiteViews
from generator.render.views import DateView, EpisodePage, Head, LinkView, PostPage, TextPage

TRANSCRIPT_TITLES = {"vtt": "WebVTT", "srt": "SRT", "json": "JSON", "txt": "Text"}


def plan(views: SiteViews) -> Iterator[PlannedPage]:
    yield from _episodes(views)
    yield from _posts(views)
    yield from (_text_page(page, views) for page in views.site.pages)


def _episodes(views: SiteViews) -> Iterator[PlannedPage]:
    shown = views.site.episodes
    near = related(shown)
    by_number = {episode.number: episode for episode in shown}
    for before, episode, after in zip((None, *shown), shown, (*shown[1:], None), strict=False):
        alike = tuple(by_number[number] for number in near[episode.number])
        view = _episode_page(episode, before, after, alike=alike, views=views)
        neighbours = (one.source for one in (before, after, *alike) if one)
        yield PlannedPage(
            urls.episode(episode.number, episode.slug), view, (*_own_sources(episode, views), *neighbours)
        )


def _own_sources(episode: Episode, views: SiteViews) -> tuple[str, ...]:
    site = views.site
    return (
        episode.source,
        episode.transcript_source,
        *(site.people[id].source for id in (*views.show.hosts, *episode.guests)),
        *(site.topics[id].source for id in episode.topics),
        *(site.sponsors[id].source for id in episode.sponsors),
    )


def _episode_page(
    episode: Episode, before: Episode | None, after: Episode | None, *, alike: tuple[Episode, ...], views: SiteViews
) -> EpisodePage:
    card = views.cards[episode.number]
    updated = card.date if episode.updated == episode.date else cards.date(episode.updated, views.zone)
    return EpisodePage(
        head=_episode_head(episode, updated, views),
        card=card,
        audio=cards.audio(episode),
        image=cards.picture(cards.artwork(episode, views.show)),
        season=episode.season,
        season_name=views.show.seasons.get(episode.season or 0, ""),
        explicit=episode.explicit,
        recorded=cards.date(episode.recorded, views.zone) if episode.recorded else None,
        updated=updated if episode.updated > episode.date else None,
        video=cards.video(episode.video),
        chapters=episode.chapters,
        chapters_url=urls.chapters(episode.number) if episode.chapters else "",
        hosts=views.hosts,
        guests=tuple(views.people[id] for id in episode.guests),
        topics=tuple(views.topics[id] for id in episode.topics),
        sponsors=tuple(views.sponsors[id] for id in episode.sponsors),
        links=episode.links,
        transcripts=_transcript_links(episode),
        previous=_neighbour(before),
        next=_neighbour(after),
        related=tuple(views.cards[one.number] for one in alike),
        notes=episode.notes,
        transcript=episode.transcript,
        resolved=views.site.resolved.get(episode.source, {}),
    )


def _episode_head(episode: Episode, updated: DateView, views: SiteViews) -> Head:
    card = views.cards[episode.number]
    return views.head(
        episode.title,
        episode.summary,
        card.url,
        image=cards.artwork(episode, views.show),
        og_type="article",
        published=card.date.iso,
        modified=updated.iso,
        audio=absolute(episode.audio.url, origin=views.config.url),
        trail=TRAILS["Episodes"],
    )


def _transcript_links(episode: Episode) -> tuple[LinkView, ...]:
    if not episode.transcript:
        return ()
    return tuple(
        LinkView(title=TRANSCRIPT_TITLES[suffix], url=urls.transcript(episode.number, episode.slug, suffix))
        for suffix in urls.TRANSCRIPT_FORMATS
    )


def _neighbour(episode: Episode | None) -> LinkView | None:
    return LinkView(title=episode.title, url=urls.episode(episode.number, episode.slug)) if episode else None


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
