"""What podcast directories accept as values: lists that they publish, and tests of a single value. Knows no XML.

Sources: Apple Podcasts' categories and RSS guide, ISO 639-1, podcast namespace (medium, transcript, person taxonomy).
"""

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CATEGORIES: dict[str, frozenset[str]] = {
    category: frozenset(filter(None, subcategories.split(", ")))
    for category, subcategories in {
        "Arts": "Books, Design, Fashion & Beauty, Food, Performing Arts, Visual Arts",
        "Business": "Careers, Entrepreneurship, Investing, Management, Marketing, Non-Profit",
        "Comedy": "Comedy Interviews, Improv, Stand-Up",
        "Education": "Courses, How To, Language Learning, Self-Improvement",
        "Fiction": "Comedy Fiction, Drama, Science Fiction",
        "Government": "",
        "Health & Fitness": "Alternative Health, Fitness, Medicine, Mental Health, Nutrition, Sexuality",
        "History": "",
        "Kids & Family": "Education for Kids, Parenting, Pets & Animals, Stories for Kids",
        "Leisure": "Animation & Manga, Automotive, Aviation, Crafts, Games, Hobbies, Home & Garden, Video Games",
        "Music": "Music Commentary, Music History, Music Interviews",
        "News": "Business News, Daily News, Entertainment News, News Commentary, Politics, Sports News, Tech News",
        "Religion & Spirituality": "Buddhism, Christianity, Hinduism, Islam, Judaism, Religion, Spirituality",
        "Science": "Astronomy, Chemistry, Earth Sciences, Life Sciences, Mathematics, Natural Sciences, Nature, "
        "Physics, Social Sciences",
        "Society & Culture": "Documentary, Personal Journals, Philosophy, Places & Travel, Relationships",
        "Sports": "Baseball, Basketball, Cricket, Fantasy Sports, Football, Golf, Hockey, Rugby, Running, Soccer, "
        "Swimming, Tennis, Volleyball, Wilderness, Wrestling",
        "Technology": "",
        "True Crime": "",
        "TV & Film": "After Shows, Film History, Film Interviews, Film Reviews, TV Reviews",
    }.items()
}
LANGUAGES = _words("""
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee
    el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is
    it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms
    mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk
    sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi
    yo za zh zu
    """)
MEDIA_TYPES = {
    ".mp3": frozenset({"audio/mpeg"}),
    ".m4a": frozenset({"audio/x-m4a", "audio/m4a", "audio/mp4"}),
    ".mp4": frozenset({"video/mp4"}),
    ".m4v": frozenset({"video/x-m4v"}),
}
AUDIO_TYPES = sorted(set().union(*MEDIA_TYPES.values()))
TRANSCRIPT_TYPES = _words("text/vtt application/x-subrip application/srt application/json text/html text/plain")
MEDIUMS = _words("podcast music video film audiobook newsletter blog publisher course mixed")
CAST_ROLES = frozenset(("host", "co-host", "guest host", "guest", "voice actor", "narrator", "announcer", "reporter"))
DESCRIPTION_TAGS = _words("p ol ul li a b i strong em")

LANGUAGE = re.compile(r"([a-z]{2,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?", re.I)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
DATE = re.compile(
    rf"({'|'.join(WEEKDAYS)}), \d{{1,2}} (?:{MONTHS}) \d{{4}} \d\d:\d\d(?::\d\d)? (?:[+-]\d{{4}}|GMT|UT|Z)"
)
PLAY_TIME = re.compile(r"(?:(\d+):)?([0-5]\d):([0-5]\d)(\.\d{1,3})?")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
ADDRESS = re.compile(r"https://[^\s/?#]+\S*")
LOCAL_HOST = re.compile(r"localhost|127(?:\.\d+){3}|::1|.*\.localhost|.*\.test")
TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")


def is_language(code: str) -> bool:
    """Whether `code` is an ISO 639 code, with or without script and region ('en', 'pt-BR', 'zh-Hans-CN')."""
    match = LANGUAGE.fullmatch(code)
    return match is not None and (len(match[1]) == 3 or match[1].lower() in LANGUAGES)


def is_date(text: str) -> bool:
    """Whether `text` is a date of RFC 2822 that exists and falls on the weekday it names."""
    match = DATE.fullmatch(text)
    if match is None:
        return False
    try:
        return parsedate_to_datetime(text).weekday() == WEEKDAYS.index(match[1])
    except ValueError:
        return False


def is_iso_date(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_address(url: str) -> bool:
    """Whether `url` is https; a preview on this machine may do without."""
    return ADDRESS.fullmatch(url) is not None or is_local(url)


def is_local(url: str) -> bool:
    try:
        return LOCAL_HOST.fullmatch(urlsplit(url).hostname or "") is not None
    except ValueError:
        return False


def is_email(text: str) -> bool:
    name, at, host = text.rpartition("@")
    return bool(name and at and "." in host) and " " not in text


def is_count(text: str) -> bool:
    """Whether `text` is a whole number above 0."""
    return text.isascii() and text.isdigit() and int(text) > 0


def extension(url: str) -> str:
    """The ending of an address' path, in small letters: '.mp3'.

    >>> extension("https://cdn.example/0042.MP3?from=feed")
    '.mp3'
    """
    name = urlsplit(url).path.rpartition("/")[2]
    return name[name.rfind(".") :].lower() if "." in name else ""


def seconds(play_time: str) -> float | None:
    """The seconds of a normal play time; None when it is none.

    >>> seconds("00:03:15.500"), seconds("3:15")
    (195.5, None)
    """
    match = PLAY_TIME.fullmatch(play_time)
    if match is None:
        return None
    hours, minutes, rest, fraction = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(rest) + float(fraction or 0)


def unexpected_tags(html: str) -> list[str]:
    """The HTML elements that apps do not show in a description, in order of appearance."""
    found = dict.fromkeys(tag.lower() for tag in TAG.findall(html))
    return [tag for tag in found if tag not in DESCRIPTION_TAGS]
