"""What search engines read of a page: JSON-LD after schema.org, from the page's own view. Knows no HTML."""

from typing import Any

import msgspec

from generator.render import course_data
from generator.render.origin import absolute
from generator.render.views import (
    EpisodePage,
    Frame,
    Head,
    HomePage,
    PersonPage,
    PersonRef,
    PostPage,
    View,
)

Data = dict[str, Any]


def of(view: View, frame: Frame) -> str:
    """One JSON text, safe inside a script element; '' when there is nothing to say."""
    head: Head = view.head  # type: ignore[attr-defined]
    things = [thing for thing in (_main(view, head, frame), _trail(head, frame)) if thing]
    if not things:
        return ""
    graph = {"@context": "https://schema.org", "@graph": things}
    # '<' could end the script element, whatever stands in a title.
    return msgspec.json.encode(graph).decode().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _main(view: View, head: Head, frame: Frame) -> Data | None:
    match view:
        case HomePage():
            return {**series(frame), "description": view.show_description}
        case EpisodePage():
            return _episode(view, head, frame)
        case PersonPage():
            return _person_page(view, head)
        case PostPage():
            return _post(view, head, frame)
        case _:
            return course_data.of(view, head, frame)


def series(frame: Frame) -> Data:
    return {
        "@type": "PodcastSeries",
        "@id": f"{frame.site_url}/#series",
        "name": frame.show_title,
        "url": f"{frame.site_url}/",
        "webFeed": absolute(frame.feed_url, origin=frame.site_url),
        "image": absolute(frame.artwork.url, origin=frame.site_url),
        "inLanguage": frame.language,
        "author": {"@type": "Organization", "name": frame.author},
    }


def _episode(view: EpisodePage, head: Head, frame: Frame) -> Data:
    data: Data = {
        "@type": "PodcastEpisode",
        "name": view.card.title,
        "url": head.canonical,
        "description": view.card.summary,
        "datePublished": head.published,
        "dateModified": head.modified,
        "image": head.image,
        "inLanguage": frame.language,
        "episodeNumber": view.card.number,
        "isFamilyFriendly": not view.explicit,
        "partOfSeries": series(frame),
    }
    if view.audio:
        data["duration"] = view.card.duration_iso
        data["associatedMedia"] = {
            "@type": "MediaObject",
            "contentUrl": head.audio,
            "encodingFormat": view.audio.type,
            "duration": view.card.duration_iso,
        }
    if view.season is not None:
        data["partOfSeason"] = _season(view.season, view.season_name)
    if view.guests:
        data["actor"] = [_person(guest, frame) for guest in view.guests]
    if view.hosts:
        data["author"] = [_person(host, frame) for host in view.hosts]
    if view.topics:
        data["keywords"] = [topic.title for topic in view.topics]
    return data


def _season(number: int, name: str) -> Data:
    data: Data = {"@type": "CreativeWorkSeason", "seasonNumber": number}
    return {**data, "name": name} if name else data


def _person_page(view: PersonPage, head: Head) -> Data:
    data: Data = {"@type": "Person", "name": view.name, "url": head.canonical}
    if view.photo:
        data["image"] = head.image
    same = [link for link in (view.url, *(link.url for link in view.links)) if link]
    return {**data, "sameAs": same} if same else data


def _post(view: PostPage, head: Head, frame: Frame) -> Data:
    return {
        "@type": "BlogPosting",
        "headline": view.title,
        "url": head.canonical,
        "description": view.summary,
        "datePublished": head.published,
        "dateModified": head.modified,
        "image": head.image,
        "inLanguage": frame.language,
        "author": [_person(author, frame) for author in view.authors]
        or {"@type": "Organization", "name": frame.author},
    }


def _person(person: PersonRef, frame: Frame) -> Data:
    return {"@type": "Person", "name": person.name, "url": absolute(person.url, origin=frame.site_url)}


def _trail(head: Head, frame: Frame) -> Data | None:
    if len(head.breadcrumbs) < 2:
        return None
    entries = [
        {
            "@type": "ListItem",
            "position": position,
            "name": crumb.title,
            "item": absolute(crumb.url, origin=frame.site_url),
        }
        for position, crumb in enumerate(head.breadcrumbs, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": entries}
