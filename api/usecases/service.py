"""What create_app puts together, once, and hands to whoever serves a request. Decides nothing."""

from msgspec import Struct

from api.errors import AppError, Code
from api.gateways.catalog import CatalogFile
from api.gateways.delete_list import DeleteList
from api.gateways.media_links import Signer
from api.gateways.pages import Pages
from api.gateways.payments import CheckoutOptions
from api.gateways.show import ShowFile
from api.gateways.stripe import StripeGateway
from api.settings import Settings
from api.store.database import Database
from api.times import Clock
from api.usecases.mails import Sender
from api.usecases.manifest import Places


class MediaLinks(Struct, frozen=True):
    """Who signs links to videos and their posters, and who to what goes with lectures, which our nginx always serves."""

    videos: Signer
    downloads: Signer


class Service(Struct, frozen=True, kw_only=True):
    settings: Settings
    database: Database
    sync: Database
    clock: Clock
    catalog: CatalogFile
    show: ShowFile
    sender: Sender
    erased: DeleteList
    pages: Pages
    places: Places
    stripe: StripeGateway | None = None
    media: MediaLinks | None = None

    @property
    def livemode(self) -> bool:
        return self.settings.mode == "live"

    @property
    def checkout_options(self) -> CheckoutOptions:
        settings = self.settings
        return CheckoutOptions(
            promotion_codes=settings.checkout_promotion_codes,
            invoice=settings.checkout_invoices,
            tax_ids=settings.checkout_tax_ids,
            terms=settings.checkout_terms,
            terms_text=settings.checkout_terms_text,
            adaptive_pricing=settings.checkout_adaptive_pricing,
            recovery=settings.checkout_recovery,
        )

    def stripe_or_refuse(self) -> StripeGateway:
        """Raises PAYMENT_UNAVAILABLE while the shop has no key."""
        if self.stripe is None:
            raise AppError(
                Code.PAYMENT_UNAVAILABLE,
                "This shop cannot take payments yet: its Stripe key is missing. Nothing was charged.",
            )
        return self.stripe

    def media_or_refuse(self) -> MediaLinks:
        """Raises UNAVAILABLE while there is no secret to sign links with."""
        if self.media is None:
            raise AppError(Code.UNAVAILABLE, "This site cannot open videos yet: its media_secret is missing.")
        return self.media
