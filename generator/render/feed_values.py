"""Tables of what must stand in a podcast feed and how each value must look. Knows no rules across elements.

Levels follow PSP-1 and Apple's requirements; what they only recommend is asked for too where our feeds always have it.
"""

from collections.abc import Callable, Container

from msgspec import Struct

from generator import directories as facts

DESCRIPTION_BYTES_MAX = TXT_CHARACTERS_MAX = 4000
LABEL_CHARACTERS_MAX = 128
DISPLAY_CHARACTERS_MAX = 32

Test = Callable[[str], bool]


class Value(Struct, frozen=True):
    """A value (an element's text when `attribute` is ''), its test, what is wrong when it fails, and the remedy."""

    tag: str
    attribute: str
    holds: Test
    fault: str
    remedy: str


def _one_of(values: Container[str]) -> Test:
    return lambda text: text in values


def _optional(test: Test) -> Test:
    return lambda text: not text or test(text)


def _up_to(characters: int) -> Test:
    return lambda text: 0 < len(text) <= characters


def _within_bytes(text: str) -> bool:
    return len(text.encode()) <= DESCRIPTION_BYTES_MAX


def _is_picture(url: str) -> bool:
    return facts.extension(url) in (".jpg", ".jpeg", ".png")


def _is_plain(html: str) -> bool:
    return not facts.unexpected_tags(html)


def _is_uuid(text: str) -> bool:
    return facts.UUID.fullmatch(text) is not None


def _is_rule(text: str) -> bool:
    return "FREQ=" in text


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _is_medium(text: str) -> bool:
    return text.removesuffix("L") in facts.MEDIUMS  # a list of podcasts is 'podcastL'


def _has_media_type(url: str) -> bool:
    return facts.extension(url) in facts.MEDIA_TYPES


NOT_HTTPS = "is not an https address"
NO_DATE = "is not a date of RFC 2822 on the right weekday"
TOO_LONG = f"is empty or longer than {LABEL_CHARACTERS_MAX} characters"
NO_FLAG = "is neither 'true' nor 'false'"
SET_URL = "Set 'url' under [site] in site.toml to an https address"
SET_ARTWORK = "Set 'artwork' under [show] in site.toml to a .jpg or .png"
DATE_BUG = "Correct the episode's 'date'"
PUBLISH_AT_HTTPS = "Publish with an https 'url' in site.toml"
FLAG = _one_of(("true", "false"))

REQUIRED_IN_CHANNEL = {
    "title": "Set 'title' under [show] in site.toml",
    "link": SET_URL,
    "description": "Set 'description' under [show] in site.toml",
    "language": "Set 'language' under [site] in site.toml",
    "itunes:explicit": "Set 'explicit' under [show] in site.toml",
    "itunes:image": SET_ARTWORK,
    "itunes:author": "Set 'author' under [show] in site.toml",
    "podcast:guid": "Set 'guid' under [show] in site.toml",
    "podcast:locked": "Set 'locked' under [show] in site.toml",
}
REQUIRED_IN_ITEM = {
    "title": "Set the episode's 'title'",
    "link": SET_URL,
    "enclosure": "Set the episode's 'audio'",
    "guid": "Give the episode a 'guid'",
    "pubDate": "Set the episode's 'date'",
    "description": "Set the episode's 'summary'",
    "itunes:duration": "Record the audio with 'longwave media add'",
    "itunes:episodeType": "Set the episode's 'type'",
    "itunes:explicit": "Set the episode's 'explicit'",
}
PERSON_VALUES = (
    Value("podcast:person", "", _up_to(LABEL_CHARACTERS_MAX), TOO_LONG, "Shorten the person's 'name'"),
    Value(
        "podcast:person", "role", _optional(_one_of(facts.CAST_ROLES)), "is no role of the cast", "Use host or guest"
    ),
    Value("podcast:person", "img", _optional(facts.is_address), NOT_HTTPS, "Correct the person's 'photo'"),
    Value("podcast:person", "href", _optional(facts.is_address), NOT_HTTPS, PUBLISH_AT_HTTPS),
)
CHANNEL_VALUES = (
    Value("title", "", bool, "is empty", REQUIRED_IN_CHANNEL["title"]),
    Value("link", "", facts.is_address, NOT_HTTPS, SET_URL),
    Value("description", "", bool, "is empty", REQUIRED_IN_CHANNEL["description"]),
    Value(
        "description", "", _within_bytes, "is longer than 4000 bytes", "Shorten 'description' under [show] in site.toml"
    ),
    Value("description", "", _is_plain, "has HTML that apps do not show", "Use p, ol, ul, li, a, b, i, strong, em"),
    Value("language", "", facts.is_language, "is not a language code of ISO 639", "Write 'en' or 'pt-BR', say"),
    Value("pubDate", "", facts.is_date, NO_DATE, DATE_BUG),
    Value("itunes:author", "", bool, "is empty", REQUIRED_IN_CHANNEL["itunes:author"]),
    Value("itunes:explicit", "", FLAG, NO_FLAG, REQUIRED_IN_CHANNEL["itunes:explicit"]),
    Value("itunes:image", "href", facts.is_address, NOT_HTTPS, SET_ARTWORK),
    Value("itunes:image", "href", _is_picture, "ends neither in .jpg nor in .png", SET_ARTWORK),
    Value(
        "itunes:type", "", _one_of(("episodic", "serial")), "is no type", "Write 'episodic' or 'serial' in site.toml"
    ),
    Value("itunes:complete", "", _one_of(("yes", "Yes")), "is not 'yes'", "Leave it out of a show that goes on"),
    Value("itunes:new-feed-url", "", facts.is_address, NOT_HTTPS, "Correct 'new_feed_url' in site.toml"),
    Value("podcast:guid", "", _is_uuid, "is not a UUID", "Take one that 'longwave new show' makes"),
    Value(
        "podcast:locked", "", _one_of(("yes", "no")), "is neither 'yes' nor 'no'", REQUIRED_IN_CHANNEL["podcast:locked"]
    ),
    Value("podcast:locked", "owner", _optional(facts.is_email), "is no e-mail address", "Correct 'owner' in site.toml"),
    Value("podcast:medium", "", _is_medium, "is no medium", "Write 'podcast' in site.toml"),
    Value("podcast:funding", "", _up_to(LABEL_CHARACTERS_MAX), TOO_LONG, "Change 'funding' in site.toml"),
    Value("podcast:funding", "url", facts.is_address, NOT_HTTPS, "Correct 'funding' in site.toml"),
    Value(
        "podcast:txt",
        "",
        _up_to(TXT_CHARACTERS_MAX),
        "is empty or too long",
        "Keep each 'txt' in site.toml to 4000 characters",
    ),
    Value(
        "podcast:txt", "purpose", _optional(_up_to(LABEL_CHARACTERS_MAX)), TOO_LONG, "Shorten 'purpose' in site.toml"
    ),
    Value("podcast:trailer", "", _up_to(LABEL_CHARACTERS_MAX), TOO_LONG, "Shorten the trailer's 'title'"),
    Value("podcast:trailer", "url", facts.is_address, NOT_HTTPS, "Correct the trailer's 'audio'"),
    Value("podcast:trailer", "pubdate", facts.is_date, NO_DATE, DATE_BUG),
    Value(
        "podcast:updateFrequency", "", _up_to(LABEL_CHARACTERS_MAX), TOO_LONG, "Change 'update_frequency' in site.toml"
    ),
    Value(
        "podcast:updateFrequency", "rrule", _optional(_is_rule), "is no rule of RFC 5545", "Write 'FREQ=WEEKLY', say"
    ),
    Value("podcast:updateFrequency", "dtstart", _optional(facts.is_iso_date), "is no date", "Write it as 2026-01-05"),
    Value("podcast:updateFrequency", "complete", _optional(FLAG), NO_FLAG, "Write true or false"),
    Value("atom:link", "href", facts.is_address, NOT_HTTPS, PUBLISH_AT_HTTPS),
    *PERSON_VALUES,
)
ITEM_VALUES = (
    Value("title", "", bool, "is empty", REQUIRED_IN_ITEM["title"]),
    Value("link", "", facts.is_address, NOT_HTTPS, PUBLISH_AT_HTTPS),
    Value("description", "", bool, "is empty", REQUIRED_IN_ITEM["description"]),
    Value("description", "", _within_bytes, "is longer than 4000 bytes", "Shorten the episode's 'summary'"),
    Value("description", "", _is_plain, "has HTML that apps do not show", "Use p, ol, ul, li, a, b, i, strong, em"),
    Value("guid", "", bool, "is empty", REQUIRED_IN_ITEM["guid"]),
    Value("guid", "isPermaLink", _one_of(("false",)), "is not 'false'", "Keep the guid apart from the address"),
    Value("pubDate", "", facts.is_date, NO_DATE, DATE_BUG),
    Value("enclosure", "url", facts.is_address, NOT_HTTPS, "Serve the audio over https"),
    Value("enclosure", "url", _has_media_type, "ends in no type that apps play", "Use .mp3, .m4a, .mp4 or .m4v"),
    Value("enclosure", "length", facts.is_count, "is no number of bytes", "Record the audio with 'longwave media add'"),
    Value(
        "itunes:duration", "", facts.is_count, "is no number of seconds", "Record the audio with 'longwave media add'"
    ),
    Value("itunes:explicit", "", FLAG, NO_FLAG, "Write true or false as the episode's 'explicit'"),
    Value(
        "itunes:episodeType", "", _one_of(("full", "trailer", "bonus")), "is no type", "Write full, trailer or bonus"
    ),
    Value("itunes:image", "href", facts.is_address, NOT_HTTPS, "Correct the episode's 'image'"),
    Value("itunes:image", "href", _is_picture, "ends neither in .jpg nor in .png", "Use another picture as 'image'"),
    Value("itunes:episode", "", facts.is_count, "is no number above 0", "Correct the episode's 'number'"),
    Value("itunes:season", "", facts.is_count, "is no number above 0", "Correct the episode's 'season'"),
    Value("podcast:season", "", facts.is_count, "is no number above 0", "Correct the episode's 'season'"),
    Value("podcast:season", "name", _optional(_up_to(LABEL_CHARACTERS_MAX)), TOO_LONG, "Shorten it in site.toml"),
    Value("podcast:episode", "", _is_number, "is no number", "Correct the episode's 'number'"),
    Value(
        "podcast:episode",
        "display",
        _optional(_up_to(DISPLAY_CHARACTERS_MAX)),
        "is too long",
        "Keep it to 32 characters",
    ),
    Value("podcast:transcript", "url", facts.is_address, NOT_HTTPS, PUBLISH_AT_HTTPS),
    Value(
        "podcast:transcript", "type", _one_of(facts.TRANSCRIPT_TYPES), "is no type of transcripts", "Publish it as VTT"
    ),
    Value("podcast:transcript", "language", _optional(facts.is_language), "is no language code", "Write 'en', say"),
    Value("podcast:chapters", "url", facts.is_address, NOT_HTTPS, PUBLISH_AT_HTTPS),
    Value(
        "podcast:chapters",
        "type",
        _one_of(("application/json+chapters",)),
        "is not the chapters' type",
        "Publish them as JSON",
    ),
    Value("psc:chapters", "version", _one_of(("1.1", "1.2")), "is no known version", "Write 1.2"),
    *PERSON_VALUES,
)
