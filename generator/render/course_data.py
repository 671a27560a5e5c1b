"""What search engines read of courses: JSON-LD after schema.org, with what Google asks of a course. Knows no HTML.

Source: Google Search Central, "Course info" and "Course list" structured data.
"""

from typing import Any

from generator.render.course_views import BundlePage, CataloguePage, CoursePage, LecturePage, OfferView
from generator.render.origin import absolute
from generator.render.views import Frame, Head, View

Data = dict[str, Any]


def of(view: View, head: Head, frame: Frame) -> Data | None:
    """None of a page that is about no course."""
    match view:
        case CataloguePage():
            return _list(view, frame)
        case CoursePage():
            return _course(view, head, frame)
        case LecturePage():
            return _lecture(view, head, frame)
        case BundlePage():
            return _bundle(view, head, frame)
        case _:
            return None


def _list(view: CataloguePage, frame: Frame) -> Data:
    shown = [card for shelf in view.shelves for card in shelf.courses]
    entries = [
        {"@type": "ListItem", "position": position, "url": absolute(card.url, origin=frame.site_url)}
        for position, card in enumerate(shown, 1)
    ]
    return {"@type": "ItemList", "itemListElement": entries}


def _course(view: CoursePage, head: Head, frame: Frame) -> Data:
    data: Data = {
        "@type": "Course",
        "@id": f"{head.canonical}#course",
        "name": view.card.title,
        "description": view.card.summary,
        "url": head.canonical,
        "image": head.image,
        "inLanguage": frame.language,
        "datePublished": head.published,
        "dateModified": head.modified,
        "isAccessibleForFree": view.offer.free,
        "provider": _provider(frame),
    }
    if view.authors:
        people = [
            {"@type": "Person", "name": one.name, "url": absolute(one.url, origin=frame.site_url)}
            for one in view.authors
        ]
        data |= {"author": people}
    if view.card.level:
        data["educationalLevel"] = view.card.level
    if view.topics:
        data["about"] = [topic.title for topic in view.topics]
    if offers := _offers(view.offer, head):
        data["offers"] = offers
    if view.chapters:
        data["hasCourseInstance"] = _instance(view)
        data["syllabusSections"] = [_section(chapter.title, chapter.summary) for chapter in view.chapters]
    return data


def _instance(view: CoursePage) -> Data:
    instance: Data = {"@type": "CourseInstance", "courseMode": "Online"}
    return instance | ({"courseWorkload": view.card.duration_iso} if view.card.duration_iso else {})


def _section(title: str, summary: str) -> Data:
    section: Data = {"@type": "Syllabus", "name": title}
    return section | ({"description": summary} if summary else {})


def _offers(offer: OfferView, head: Head) -> list[Data]:
    if offer.free:
        return [{"@type": "Offer", "category": "Free"}]
    found = []
    for price in offer.prices:
        entry: Data = {
            "@type": "Offer",
            "category": "Paid",
            "price": price.amount,
            "priceCurrency": price.currency.upper(),
            "availability": "https://schema.org/InStock",
            "url": head.canonical,
        }
        found.append(entry | ({"priceValidUntil": offer.until.iso[:10]} if offer.until else {}))
    return found


def _lecture(view: LecturePage, head: Head, frame: Frame) -> Data:
    data: Data = {
        "@type": "LearningResource",
        "name": view.title,
        "url": head.canonical,
        "inLanguage": frame.language,
        "isAccessibleForFree": view.row.open,
        "isPartOf": {
            "@type": "Course",
            "@id": f"{absolute(view.course.url, origin=frame.site_url)}#course",
            "name": view.course.title,
            "description": view.course.summary,
            "provider": _provider(frame),
        },
    }
    return data | ({"timeRequired": view.row.duration_iso} if view.row.duration_iso else {})


def _bundle(view: BundlePage, head: Head, frame: Frame) -> Data:
    data: Data = {
        "@type": "Product",
        "name": view.card.title,
        "description": head.description,
        "url": head.canonical,
        "image": head.image,
        "brand": {"@type": "Brand", "name": frame.site_title},
    }
    offers = _offers(view.offer, head)
    return data | ({"offers": offers} if offers else {})


def _provider(frame: Frame) -> Data:
    return {"@type": "Organization", "name": frame.site_title, "url": f"{frame.site_url}/"}
