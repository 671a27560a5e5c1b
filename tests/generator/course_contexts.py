"""What the theme's tests print of courses: a full context for each template."""

from generator.render.course_views import (
    BundleCard,
    BundlePage,
    CaptionsView,
    CataloguePage,
    ChapterOutline,
    CoursePage,
    DownloadView,
    LecturePage,
    LectureRow,
    OfferView,
    SeatsView,
    ShelfView,
)
from generator.render.views import CourseCard, DateView, Head, LinkView, PersonRef, PictureView, PriceView, View

URL = "https://signalpath.example"
LINK = LinkView(title="A link <there>", url="/there/")
DATE = DateView(iso="2026-01-05T06:00:00Z", text="5 January 2026")
PICTURE = PictureView(url="/media/course.png", width=1280, height=720)
HEAD = Head(
    title="A title",
    description="A description",
    canonical=f"{URL}/courses/clocks/",
    breadcrumbs=(LinkView(title="Home", url="/"), LinkView(title="Courses", url="/courses/"), LINK),
)
CARD = CourseCard(
    title="Clocks & <dials>",
    url="/courses/clocks/",
    summary="How they keep time.",
    image=PICTURE,
    level="Beginner",
    lectures="2 lectures",
    duration="12 min",
    duration_iso="PT12M",
    authors=("Ada",),
    price="$49",
    flags=("New",),
)
BARE_CARD = CourseCard(
    title="Sundials",
    url="/courses/sundials/",
    summary="Without a wheel.",
    image=None,
    level="",
    lectures="",
    duration="",
    duration_iso="",
    authors=(),
    price="Free",
    flags=("Free",),
)
BUNDLE = BundleCard(
    title="Everything",
    url="/bundles/everything/",
    summary="All of it.",
    image=None,
    count="2 courses",
    price="$69",
    instead="$78",
)
PRICES = (PriceView(currency="usd", text="$49", amount="49.00"), PriceView(currency="eur", text="€45", amount="45.00"))
OFFER = OfferView(product="crs_clocks", noun="course", prices=PRICES, ask="mailto:a@b.example?subject=x")
ROWS = (
    LectureRow(
        id="lec_wheels", title="Wheels", url="/courses/clocks/wheels/", duration="5:00", duration_iso="PT5M", open=True
    ),
    LectureRow(
        id="lec_springs", title="Springs", url="/courses/clocks/springs/", duration="", duration_iso="", open=False
    ),
)
CHAPTERS = (ChapterOutline(title="Within", summary="The insides.", duration="12 min", lectures=ROWS),)
FULL_COURSES: dict[str, View] = {
    "courses.html": CataloguePage(
        head=HEAD,
        heading="Courses",
        lede="What we teach.",
        bundles=(BUNDLE,),
        shelves=(
            ShelfView(title="Clocks", anchor="clocks", url="/topics/clocks/", courses=(CARD, BARE_CARD)),
            ShelfView(title="More courses", anchor="more", url="", courses=(BARE_CARD,)),
        ),
        feed_url="/courses/feed.xml",
    ),
    "course.html": CoursePage(
        head=HEAD,
        card=CARD,
        authors=(PersonRef(name="Ada", url="/people/ada/"),),
        topics=(LINK,),
        updated=DATE,
        captions=("English", "Deutsch"),
        chapters=CHAPTERS,
        open_count=1,
        first_open=LINK,
        text_html="<p>At length.</p>",
        trailer=LinkView(title="video.example", url="https://video.example/x"),
        repository="https://code.example/clocks",
        seats=(SeatsView(seats="From 5 seats", off="20 % off each"),),
        bundles=(BUNDLE,),
        offer=OFFER,
    ),
    "lecture.html": LecturePage(
        head=HEAD,
        title="Wheels",
        chapter="Within",
        course=CARD,
        row=ROWS[0],
        offer=OFFER,
        text_html="<p>Notes.</p>",
        downloads=(DownloadView(name="wheels.pdf", size="12 kB"),),
        captions=(
            CaptionsView(code="en", language="English", url="/courses/clocks/wheels.en.vtt", transcript="one"),
            CaptionsView(code="de", language="Deutsch", url="/courses/clocks/wheels.de.vtt", transcript="two"),
        ),
        chapters=CHAPTERS,
        previous=LINK,
        next=LINK,
    ),
    "bundle.html": BundlePage(
        head=HEAD,
        card=BUNDLE,
        text_html="<p>All.</p>",
        courses=(CARD, BARE_CARD),
        later="and every one that comes later",
        offer=OfferView(product="bdl_all", noun="bundle", prices=PRICES[:1], until=DATE, instead="$78"),
    ),
}
