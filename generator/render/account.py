"""Plans the pages of accounts and checkout: shells that carry nothing of anybody, filled in by scripts and led to by the service.

Where each stands is known to the service, which sends forms there with a message's name behind '#'.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from generator import urls
from generator.render.output import PlannedPage
from generator.render.site_views import SiteViews
from generator.render.views import Head, LinkView, View

# Name -> path below /account/ or from the root, title, what it is for.
SHELLS = {
    "overview": (urls.ACCOUNT, "Your account", "What is yours, where you are signed in, and your podcasts in step."),
    "sign_in": (f"{urls.ACCOUNT}sign-in/", "Sign in", "With a code by mail or a passkey. No password."),
    "code": (f"{urls.ACCOUNT}code/", "Enter the code", "The code from our mail signs you in."),
    "library": (f"{urls.ACCOUNT}library/", "Your library", "The courses that are yours."),
    "orders": (f"{urls.ACCOUNT}orders/", "Your orders", "What you bought, receipts and invoices."),
    "claim": (f"{urls.ACCOUNT}claim/", "Paid under another address?", "Bring a purchase into this account."),
    "claim_code": (f"{urls.ACCOUNT}claim/code/", "Enter the code", "The code from our mail brings your purchase here."),
    "sessions": (f"{urls.ACCOUNT}sessions/", "Signed-in browsers", "Where your account is open, and how to close it."),
    "devices": (f"{urls.ACCOUNT}devices/", "Apps", "Apps that may use your account."),
    "sync": (f"{urls.ACCOUNT}sync/", "Podcast apps", "Your podcasts, and your place in them, in step on every device."),
    "connect": (
        f"{urls.ACCOUNT}connect/",
        "Let the podcast app in?",
        "A podcast app asks to keep your podcasts in step.",
    ),
    "passkeys": (f"{urls.ACCOUNT}passkeys/", "Passkeys", "Sign in with your fingerprint, face or device code."),
    "address": (f"{urls.ACCOUNT}address/", "Change your address", "Move your account to another mail address."),
    "export": (f"{urls.ACCOUNT}export/", "Take your data away", "Everything we know about you, in one file."),
    "delete": (f"{urls.ACCOUNT}delete/", "Delete your account", "Two weeks to think it over, then it is gone."),
    "authorize": (f"{urls.ACCOUNT}authorize/", "Let the app in?", "An app asks to use your account."),
    "device": (f"{urls.ACCOUNT}device/", "Connect a device", "Type the code that your television or player shows."),
    "done": ("/checkout/done/", "Thank you", "How far your order is."),
    "certificate": (
        "/certificates/",
        "Certificate",
        "Every certificate has its own address, where anybody may ask whether it is good.",
    ),
    "cancelled": ("/checkout/cancelled/", "Nothing was bought", "Nothing was charged."),
}
OF_SALES = frozenset({"library", "orders", "claim", "claim_code", "done", "certificate", "cancelled"})
TRAIL = (LinkView(title="Your account", url=urls.ACCOUNT),)


class AccountPage(View):
    """`name` chooses the part that is printed; `sells`: there are courses to have."""

    head: Head
    name: str
    sells: bool
    title: str
    lede: str


def plan(views: SiteViews) -> Iterator[PlannedPage]:
    """Of a site without courses only what podcast apps need an account for."""
    sells = bool(views.site.courses)
    for name, (path, title, lede) in SHELLS.items():
        if name in OF_SALES and not sells:
            continue
        below = path.startswith(urls.ACCOUNT) and path != urls.ACCOUNT
        head = views.head(title, lede, path, trail=TRAIL if below else ())
        view = AccountPage(head=replace(head, robots="noindex"), name=name, sells=sells, title=title, lede=lede)
        yield PlannedPage(path, view)
