"""What surrounds every page, from the site and the theme's assets."""

from generator import urls
from generator.model import Site
from generator.render import cards
from generator.render.views import Frame, LinkView

APPS = {  # as their makers write them; any other label is printed as it stands
    "amazon": "Amazon Music",
    "antennapod": "AntennaPod",
    "apple": "Apple Podcasts",
    "castro": "Castro",
    "overcast": "Overcast",
    "pocketcasts": "Pocket Casts",
    "spotify": "Spotify",
    "youtube": "YouTube",
}


def of(site: Site, *, stylesheet: str, scripts: tuple[str, ...], page_scripts: dict[str, str]) -> Frame:
    config, show = site.config, site.config.show
    return Frame(
        site_title=config.title,
        site_url=config.url,
        language=config.language,
        description=config.description,
        show_title=show.title,
        author=show.author,
        copyright=show.copyright,
        menu=menu(site),
        listen=tuple(LinkView(title=APPS.get(link.title, link.title), url=link.url) for link in show.listen),
        funding=LinkView(title=show.funding.title, url=show.funding.url) if show.funding else None,
        feed_url=urls.FEED,
        posts_feed_url=urls.POSTS_FEED if site.posts else "",
        courses_feed_url=urls.COURSES_FEED if site.courses else "",
        artwork=cards.picture(show.artwork),
        stylesheet=stylesheet,
        scripts=scripts,
        page_scripts=page_scripts,
    )


def menu(site: Site) -> tuple[LinkView, ...]:
    """What the show has, then the pages that ask for a place, by their number."""
    fixed = [("Episodes", urls.EPISODES)]
    if site.courses:
        fixed.append(("Courses", urls.COURSES))
    fixed += [("Topics", urls.TOPICS), ("People", urls.PEOPLE)]
    if site.posts:
        fixed.append(("Posts", urls.POSTS))
    fixed.append(("Account", urls.ACCOUNT))
    pages = sorted((page.menu, page.title, urls.page(page.slug)) for page in site.pages if page.menu is not None)
    return tuple(LinkView(title=title, url=url) for title, url in [*fixed, *((title, url) for _, title, url in pages)])
