"""Puts the service together: the only place that constructs things. Decides nothing that happens to a request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from email.utils import parseaddr
from functools import cache

import msgspec
from starlette.applications import Starlette

from api import times
from api import workers as background
from api.gateways.bunny_links import BunnySigner
from api.gateways.catalog import CatalogFile
from api.gateways.delete_list import DeleteList
from api.gateways.mail import FolderMail, SmtpMail
from api.gateways.mail_texts import MailTexts
from api.gateways.media_links import DOWNLOADS, VIDEOS, NginxSigner, Signer
from api.gateways.pages import Pages
from api.gateways.s3_links import S3Signer
from api.gateways.show import ShowFile
from api.gateways.site_files import Files
from api.gateways.stripe import StripeGateway
from api.metrics import Metrics
from api.requests import Requests
from api.routes import (
    account,
    app_passwords,
    apps,
    catalogue,
    certificates,
    changes,
    checkout_return,
    claims,
    description,
    device_codes,
    devices,
    health,
    invoices,
    lecture_media,
    library,
    listening,
    login_flows,
    nextcloud,
    notes,
    openapi,
    orders,
    passkeys,
    podcast_devices,
    podcast_episodes,
    podcast_lists,
    podcast_sessions,
    podcast_settings,
    podcast_subscriptions,
    podcast_updates,
    progress,
    sessions,
    sign_in,
    stripe_events,
    sync_page,
)
from api.routes.contract import Endpoint
from api.routes.routing import Routes
from api.settings import Settings
from api.store import migrations
from api.store.database import Database
from api.times import Clock
from api.usecases import deletion, sync_people
from api.usecases.mails import Sender
from api.usecases.manifest import Places
from api.usecases.service import MediaLinks, Service

ENDPOINTS: tuple[Endpoint, ...] = (
    *health.ENDPOINTS,
    *description.ENDPOINTS,
    *sign_in.ENDPOINTS,
    *passkeys.ENDPOINTS,
    *account.ENDPOINTS,
    *sessions.ENDPOINTS,
    *devices.ENDPOINTS,
    *apps.ENDPOINTS,
    *device_codes.ENDPOINTS,
    *app_passwords.ENDPOINTS,
    *podcast_sessions.ENDPOINTS,
    *podcast_devices.ENDPOINTS,
    *podcast_subscriptions.ENDPOINTS,
    *podcast_lists.ENDPOINTS,
    *podcast_episodes.ENDPOINTS,
    *podcast_settings.ENDPOINTS,
    *podcast_updates.ENDPOINTS,
    *login_flows.ENDPOINTS,
    *sync_page.ENDPOINTS,
    *nextcloud.ENDPOINTS,
    *catalogue.ENDPOINTS,
    *changes.ENDPOINTS,
    *progress.ENDPOINTS,
    *notes.ENDPOINTS,
    *listening.ENDPOINTS,
    *library.ENDPOINTS,
    *lecture_media.ENDPOINTS,
    *certificates.ENDPOINTS,
    *orders.ENDPOINTS,
    *invoices.ENDPOINTS,
    *claims.ENDPOINTS,
    *checkout_return.ENDPOINTS,
    *stripe_events.ENDPOINTS,
)


def create_app(settings: Settings, *, clock: Clock = times.now_utc, workers: bool = True) -> Starlette:
    """The application; its lifespan brings the database up to date, opens it, lets the `workers` run and closes it."""
    service = make_service(settings, clock=clock)

    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        migrations.migrate_all(settings.shop, settings.sync, now=clock())
        service.database.open()
        service.sync.open()
        with service.database.transaction() as db:
            deletion.reapply(db, service.erased, now=clock())
        erased = [line.account_id for line in service.erased.all()]
        sync_people.follow_now(service.database, service.sync, erased, now=clock(), show=service.show.current())
        try:
            async with background.running(service, metrics) if workers else nullcontext():
                yield
        finally:
            service.sync.close()
            service.database.close()

    app = Starlette()
    app.router = Routes(ENDPOINTS, lifespan=lifespan)
    app.middleware_stack = Requests(app.router, metrics=metrics)  # which is all that Starlette's own would be here for
    app.state.service = service
    app.state.metrics = metrics
    app.state.openapi = cache(lambda: msgspec.json.encode(openapi.document(ENDPOINTS, url=settings.url)))
    return app


def make_service(settings: Settings, *, clock: Clock = times.now_utc, key: str | None = None) -> Service:
    """With the service's key for Stripe, or another one; the database is not open yet."""
    return Service(
        settings=settings,
        database=Database(settings.shop),
        # A killed process loses nothing of it. After a power cut the last second may be gone: the phone plays on and says it again.
        sync=Database(settings.sync, synchronous="NORMAL"),
        clock=clock,
        catalog=CatalogFile(settings.catalog),
        show=ShowFile(settings.episodes),
        sender=_sender(settings),
        erased=DeleteList(settings.erased),
        pages=Pages(settings.site, settings.theme),
        places=Places(site=Files(settings.site), videos=Files(settings.private_media)),
        stripe=_stripe(settings, key or settings.secrets.stripe_key),
        media=_media(settings),
    )


def _media(settings: Settings) -> MediaLinks | None:
    """None without a secret: all but videos and downloads works."""
    secret = settings.secrets.media_secret
    return MediaLinks(_videos(settings), NginxSigner(DOWNLOADS, secret=secret)) if secret else None


def _videos(settings: Settings) -> Signer:
    secrets = settings.secrets
    if settings.media_store == "bunny":
        return BunnySigner(settings.media_url, key=secrets.bunny_token_key)
    if settings.media_store == "s3":
        return S3Signer(
            settings.media_url,
            region=settings.media_region,
            access_key=settings.media_access_key,
            secret_key=secrets.s3_secret_key,
        )
    return NginxSigner(VIDEOS, secret=secrets.media_secret)


def _stripe(settings: Settings, key: str) -> StripeGateway | None:
    """None without a key: all but paying works."""
    return StripeGateway(key, api=settings.stripe_api) if key else None


def _sender(settings: Settings) -> Sender:
    name, address = parseaddr(settings.sender)
    texts = MailTexts(settings.theme, site_title=name or address.rpartition("@")[2], site_url=settings.url)
    return Sender(
        FolderMail(settings.mails) if settings.mode == "sandbox" else _relay(settings), texts, settings.sender
    )


def _relay(settings: Settings) -> SmtpMail:
    return SmtpMail(
        settings.smtp_host,
        settings.smtp_port,
        user=settings.smtp_user,
        password=settings.secrets.smtp_password,
        starttls=settings.smtp_starttls,
    )
