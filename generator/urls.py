"""Where each kind of thing lives: its public path (always from the root) and the file that answers it."""

EPISODES = "/episodes/"
PEOPLE = "/people/"
TOPICS = "/topics/"
POSTS = "/posts/"
COURSES = "/courses/"
BUNDLES = "/bundles/"
ACCOUNT = "/account/"
FEED = "/feed.xml"
COURSES_FEED = "/courses/feed.xml"
POSTS_FEED = "/posts/feed.xml"
TRANSCRIPT_FORMATS = ("vtt", "srt", "json", "txt")


def episode(number: int, slug: str) -> str:
    """
    >>> episode(42, "what-a-transaction-promises")
    '/episodes/42/what-a-transaction-promises/'
    """
    return f"/episodes/{number}/{slug}/"


def transcript(number: int, slug: str, suffix: str) -> str:
    return f"/episodes/{number}/{slug}.{suffix}"


def chapters(number: int) -> str:
    return f"/episodes/{number}/chapters.json"


def feed_archive(k: int) -> str:
    return f"/feed/archive-{k}.xml"


def person(id: str) -> str:
    return f"{PEOPLE}{id}/"


def topic(id: str) -> str:
    return f"{TOPICS}{id}/"


def post(slug: str) -> str:
    return f"{POSTS}{slug}/"


def page(slug: str) -> str:
    return f"/{slug}/"


def course(slug: str) -> str:
    return f"{COURSES}{slug}/"


def lecture(course: str, slug: str) -> str:
    """
    >>> lecture("transactions", "wal")
    '/courses/transactions/wal/'
    """
    return f"{COURSES}{course}/{slug}/"


def captions(course: str, slug: str, language: str) -> str:
    """
    >>> captions("transactions", "wal", "de")
    '/courses/transactions/wal.de.vtt'
    """
    return f"{COURSES}{course}/{slug}.{language}.vtt"


def download(course: str, file: str, sha256: str) -> str:
    """The path of a lecture's file below the published downloads: the bytes behind a path never change.

    >>> download("transactions", "courses/transactions/01-log/notes.v2.pdf", "d1e8a70b5ccab1dc")
    'transactions/notes.v2.d1e8a70b.pdf'
    """
    stem, dot, suffix = file.rpartition("/")[2].rpartition(".")
    hashed = sha256[:8]
    return f"{course}/{stem}.{hashed}.{suffix}" if dot else f"{course}/{suffix}.{hashed}"


def bundle(slug: str) -> str:
    return f"{BUNDLES}{slug}/"


def nth_page(first: str, n: int) -> str:
    """
    >>> nth_page("/episodes/", 2)
    '/episodes/page/2/'
    """
    return f"{first}page/{n}/"


def output_path(path: str) -> str:
    """The file below the web root that answers a public path.

    >>> output_path("/episodes/"), output_path("/feed.xml")
    ('episodes/index.html', 'feed.xml')
    """
    return path[1:] + "index.html" if path.endswith("/") else path[1:]
