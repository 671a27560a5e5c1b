"""Links to a lecture's files: previews for everybody, the rest for who owns the course now, by cookie or by an app's token."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from starlette.testclient import TestClient

from api import times
from api.app import create_app
from api.secret_files import Secrets
from api.settings import Settings
from api.usecases import administration
from tests.api.conftest import FakeClock, with_settings
from tests.api.people import Browser
from tests.api.shop import CATALOG, FREE, OWNER, THURSDAY, Shop
from tests.api.test_apps import App
from tests.api.test_refunds import refund

PAID, PREVIEW, WITH_FILES = "lec_log", "lec_rumour", "lec_empty"


def path(lecture: str) -> str:
    return f"/api/v1/lectures/{lecture}/media"


def code(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]  # type: ignore[attr-defined]


def test_who_bought_the_course_gets_links_to_everything(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    found = shop.owner().get(path(WITH_FILES)).json()
    video = urlsplit(found["video"]["url"])
    assert video.path == "/private/media/first-thursday/03-01-an-empty-machine.mp4"
    account = shop.account()
    assert account and parse_qs(video.query)["account"] == [account.id]
    assert found["video"]["type"] == "video/mp4"
    assert found["captions"] == [{"language": "en", "url": "/courses/first-thursday/an-empty-machine.en.vtt"}]
    assert [one["name"] for one in found["downloads"]] == ["page-for-the-wall.txt", "drill-log.csv"]
    assert found["downloads"][0]["bytes"] == 399
    assert found["downloads"][0]["url"].startswith("/private/downloads/first-thursday/page-for-the-wall.49525d60.txt?")


def test_links_end_when_the_answer_says(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    found = shop.owner().get(path(PAID)).json()
    end = times.parsed(found["expires_at"])
    assert end - shop.clock() == dt.timedelta(hours=shop.service.settings.media_link_hours)
    assert parse_qs(urlsplit(found["video"]["url"]).query)["expires"] == [str(int(end.timestamp()))]


def test_links_are_kept_by_nobody(shop: Shop) -> None:
    assert shop.browser().get(path(PREVIEW)).headers["cache-control"] == "no-store"


def test_a_preview_opens_for_everybody(shop: Shop) -> None:
    found = shop.browser().get(path(PREVIEW))
    assert found.status_code == 200
    assert parse_qs(urlsplit(found.json()["video"]["url"]).query)["account"] == ["anybody"]


def test_a_free_course_opens_for_everybody_as_its_page_says(shop: Shop) -> None:
    assert shop.browser().get(path("lec_light")).status_code == 200


def test_nobody_is_asked_to_sign_in(shop: Shop) -> None:
    assert code(shop.browser().get(path(PAID))) == (401, "signed_out")


def test_who_owns_another_course_is_refused_and_told_which_is_missing(shop: Shop) -> None:
    shop.owner().post("/api/orders", json={"products": [FREE]})
    answer = shop.owner().get(path(PAID))
    assert code(answer) == (403, "forbidden")
    assert "The First Thursday" in answer.json()["detail"]


def test_an_unknown_lecture_is_not_found(shop: Shop) -> None:
    assert code(shop.owner().get(path("lec_nothing"))) == (404, "not_found")


def test_who_got_the_money_back_gets_no_new_link(shop: Shop) -> None:
    order = shop.buy(shop.owner(), THURSDAY)
    assert shop.owner().get(path(PAID)).status_code == 200
    refund(shop, order, 4900)
    shop.tell()
    assert code(shop.owner().get(path(PAID))) == (403, "forbidden")


def test_a_revoked_grant_gives_no_new_link(shop: Shop) -> None:
    shop.owner()
    catalog, now = shop.service.catalog.current(), shop.clock()
    with shop.service.database.transaction() as db:
        administration.grant(db, OWNER, THURSDAY, catalog, until=None, reason="gift", now=now)
    assert shop.owner().get(path(PAID)).status_code == 200
    with shop.service.database.transaction() as db:
        administration.revoke(db, OWNER, THURSDAY, reason="mistake", now=now)
    assert code(shop.owner().get(path(PAID))) == (403, "forbidden")


def bearer(shop: Shop, *, scope: str) -> tuple[TestClient, dict[str, str]]:
    ada = Browser(shop.app, email="ada@example.com")
    ada.portal = shop.client.portal
    ada.cookies.set("__Host-session", shop.session_of("ada@example.com"))
    shop.buy(ada, THURSDAY)
    token = App(ada, scope=scope).tokens()["access_token"]
    return shop.browser(), {"Authorization": f"Bearer {token}"}


def test_an_app_with_the_scope_media_gets_links(shop: Shop) -> None:
    app, token = bearer(shop, scope="media")
    assert app.get(path(PAID), headers=token).status_code == 200


def test_an_app_without_that_scope_is_refused(shop: Shop) -> None:
    app, token = bearer(shop, scope="sync account")
    assert code(app.get(path(PAID), headers=token)) == (403, "forbidden")


def test_a_token_that_is_no_good_is_told_so_even_beside_a_good_cookie(shop: Shop) -> None:
    shop.buy(shop.owner(), THURSDAY)
    answer = shop.owner().get(path(PREVIEW), headers={"Authorization": "Bearer lwaccess_wrong"})
    assert code(answer) == (401, "signed_out")


@pytest.mark.usefixtures("catalog")
def test_without_a_secret_the_service_says_why_no_video_opens(settings: Settings, clock: FakeClock) -> None:
    app = create_app(with_settings(settings, secrets=Secrets(pepper="p" * 32)), clock=clock, workers=False)
    with TestClient(app) as client:
        answer = client.get(path(PREVIEW))
    assert code(answer) == (503, "unavailable")
    assert "media_secret" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("store", "secrets", "beginning"),
    [
        ("bunny", {"bunny_token_key": "k"}, "https://files.example/videos/first-thursday/01-01-a-backup-is-a-rumour.mp4?token="),
        ("s3", {"s3_secret_key": "k"}, "https://files.example/videos/first-thursday/01-01-a-backup-is-a-rumour.mp4?X-Amz"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("catalog")
def test_videos_may_lie_elsewhere(
    settings: Settings, clock: FakeClock, store: str, secrets: dict[str, str], beginning: str
) -> None:
    elsewhere = with_settings(
        settings,
        media_store=store,
        media_url="https://files.example/videos",
        media_region="eu",
        media_access_key="a",
        secrets=Secrets(media_secret="s" * 32, **secrets),
    )
    with TestClient(create_app(elsewhere, clock=clock, workers=False)) as client:
        assert client.get(path(PREVIEW)).json()["video"]["url"].startswith(beginning)


def test_a_poster_and_the_size_come_from_the_catalogue(shop: Shop) -> None:
    catalog = msgspec.json.decode(CATALOG.read_bytes())
    course = next(course for course in catalog["courses"] if course["id"] == THURSDAY)
    course["lectures"][0] |= {"poster": "first-thursday/x.jpg", "video_bytes": 5, "video_type": "video/x-m4v"}
    shop.service.settings.catalog.write_bytes(msgspec.json.encode(catalog))
    found = shop.browser().get(path(PREVIEW)).json()
    assert found["poster"].startswith("/private/media/first-thursday/x.jpg?")
    assert (found["video"]["bytes"], found["video"]["type"]) == (5, "video/x-m4v")


def test_an_owner_sees_which_links_are_open_and_who_was_given_them(shop: Shop) -> None:
    owner = shop.owner()
    shop.buy(owner, THURSDAY)
    assert owner.get("/api/media-links").json() == {"links": []}
    given = owner.get(path(PAID)).json()
    shop.clock.advance(minutes=5)
    token = App(owner, scope="media").tokens()["access_token"]
    shop.browser().get(path(WITH_FILES), headers={"Authorization": f"Bearer {token}"})
    shop.browser().get(path(PREVIEW))  # a stranger's, which is nobody's affair

    links = owner.get("/api/media-links").json()["links"]
    assert [link["holder"] for link in links] == ["Adas phone", "A browser"]
    assert links[1]["lecture"] and links[1]["course"] == "The First Thursday"
    assert links[1]["ends_at"] == given["expires_at"]
    page = owner.get("/api/devices/page").text
    assert "Links to lectures" in page and links[0]["lecture"] in page

    shop.clock.advance(hours=shop.service.settings.media_link_hours)
    assert owner.get("/api/media-links").json() == {"links": []}


def test_a_link_is_asked_for_again_and_stands_once(shop: Shop) -> None:
    owner = shop.owner()
    shop.buy(owner, THURSDAY)
    for _ in range(2):
        ends = owner.get(path(PAID)).json()["expires_at"]
        shop.clock.advance(minutes=30)
    assert [link["ends_at"] for link in owner.get("/api/media-links").json()["links"]] == [ends]
