"""Plans an episode's page and the files beside it, from exactly what they print. Knows no lists and no HTML."""

from collections.abc import Iterator

from generator import urls
from generator.model import Episode
from generator.render import cards, episode_files
from generator.render.origin import absolute
from generator.render.output import Output, Part
from generator.render.related import related
from generator.render.site_views import TRAILS, Setting, SiteViews
from generator.render.views import (
    DateView,
    EpisodeCard,
    EpisodePage,
    Head,
    LinkView,
    PersonRef,
    SponsorView,
    View,
)

TRANSCRIPT_TITLES = {"vtt": "WebVTT", "srt": "SRT", "json": "JSON", "txt": "Text"}


class Surroundings(View):
    """What the files of every episode take from the site."""

    setting: Setting
    language: str
    hosts: tuple[PersonRef, ...]
    seasons: dict[int, str]


class Told(View):
    """An episode and what its page tells of others. `updated` and `recorded` are None when they tell nothing new."""

    episode: Episode
    card: EpisodeCard
    updated: DateView | None
    recorded: DateView | None
    before: LinkView | None
    after: LinkView | None
    alike: tuple[EpisodeCard, ...]
    guests: tuple[PersonRef, ...]
    topics: tuple[LinkView, ...]
    sponsors: tuple[SponsorView, ...]
    resolved: dict[str, str]
    sources: tuple[str, ...]


def parts(views: SiteViews) -> Iterator[Part]:
    """One for each episode."""
    config, shown = views.config, views.site.episodes
    around = Surroundings(
        setting=views.setting, language=config.language, hosts=views.hosts, seasons=views.show.seasons
    )
    near = related(shown)
    by_number = {episode.number: episode for episode in shown}
    for before, episode, after in zip((None, *shown), shown, (*shown[1:], None), strict=False):
        alike = tuple(by_number[number] for number in near[episode.number])
        told = _told(episode, before, after, alike=alike, views=views)
        yield Part(f"episode {episode.number}", plan, (around, told))


def plan(around: Surroundings, told: Told) -> Iterator[Output]:
    episode = told.episode
    path = urls.output_path(urls.episode(episode.number, episode.slug))
    yield Output(path, "episode.html", _page(around, told), tuple(filter(None, told.sources)))
    yield from episode_files.plan(episode, origin=around.setting.url, language=around.language)


def _told(
    episode: Episode, before: Episode | None, after: Episode | None, *, alike: tuple[Episode, ...], views: SiteViews
) -> Told:
    number, zone = episode.number, views.zone
    return Told(
        episode=episode,
        card=views.cards[number],
        updated=cards.date(episode.updated, zone) if episode.updated != episode.date else None,
        recorded=cards.date(episode.recorded, zone) if episode.recorded else None,
        before=views.titles[before.number] if before else None,
        after=views.titles[after.number] if after else None,
        alike=tuple([views.cards[one.number] for one in alike]),
        guests=tuple([views.people[id] for id in episode.guests]),
        topics=tuple([views.topics[id] for id in episode.topics]),
        sponsors=tuple([views.sponsors[id] for id in episode.sponsors]),
        resolved=views.site.resolved.get(episode.source, {}),
        sources=(*_own_sources(episode, views), *[one.source for one in (before, after, *alike) if one]),
    )


def _own_sources(episode: Episode, views: SiteViews) -> tuple[str, ...]:
    site = views.site
    return (
        episode.source,
        episode.transcript_source,
        *[site.people[id].source for id in (*views.show.hosts, *episode.guests)],
        *[site.topics[id].source for id in episode.topics],
        *[site.sponsors[id].source for id in episode.sponsors],
    )


def _page(around: Surroundings, told: Told) -> EpisodePage:
    episode, card = told.episode, told.card
    return EpisodePage(
        head=_head(around.setting, told),
        card=card,
        audio=cards.audio(episode),
        image=cards.picture(episode.image or around.setting.artwork),
        season=episode.season,
        season_name=around.seasons.get(episode.season or 0, ""),
        explicit=episode.explicit,
        recorded=told.recorded,
        updated=told.updated if episode.updated > episode.date else None,
        video=cards.video(episode.video),
        chapters=episode.chapters,
        chapters_url=urls.chapters(episode.number) if episode.chapters else "",
        hosts=around.hosts,
        guests=told.guests,
        topics=told.topics,
        sponsors=told.sponsors,
        links=episode.links,
        transcripts=_transcript_links(episode),
        previous=told.before,
        next=told.after,
        related=told.alike,
        notes=episode.notes,
        transcript=episode.transcript,
        resolved=told.resolved,
    )


def _head(setting: Setting, told: Told) -> Head:
    episode, card = told.episode, told.card
    return setting.head(
        episode.title,
        episode.summary,
        card.url,
        image=episode.image,
        og_type="article",
        published=card.date.iso,
        modified=(told.updated or card.date).iso,
        audio=absolute(episode.audio.url, origin=setting.url),
        trail=TRAILS["Episodes"],
    )


def _transcript_links(episode: Episode) -> tuple[LinkView, ...]:
    if not episode.transcript:
        return ()
    return tuple(
        LinkView(title=TRANSCRIPT_TITLES[suffix], url=urls.transcript(episode.number, episode.slug, suffix))
        for suffix in urls.TRANSCRIPT_FORMATS
    )
