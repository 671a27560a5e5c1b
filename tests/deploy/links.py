"""Links to paid files as the service signs them, and links that somebody would like to pass for one."""

import datetime as dt
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

from api.gateways.media_links import DOWNLOADS, VIDEOS, NginxSigner, Period
from tests.deploy.conftest import OLD_SECRET, SECRET
from tests.deploy.web_root import NOTES, VIDEO

ACCOUNT = "acc_ada"


def link(
    path: str = VIDEO, *, prefix: str = VIDEOS, secret: str = SECRET, hours: float = 4, account: str = ACCOUNT
) -> str:
    now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    period = Period(now, now + dt.timedelta(hours=hours))
    return NginxSigner(prefix, secret=secret).link(path, account=account, period=period)


def changed(address: str, **changes: str) -> str:
    """With other values in its query; '' leaves a name out."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **changes}
    return f"{parts.path}?{urlencode({name: value for name, value in query.items() if value})}"


def good() -> dict[str, str]:
    return {
        "a video": link(),
        "its poster": link("clocks/wheels.jpg"),
        "what goes with a lecture": link(NOTES, prefix=DOWNLOADS),
        "the secret before": link(secret=OLD_SECRET),
        "a strange query beside it": link() + "&utm=1",
        "an unknown name of the secret": changed(link(), key="ffffffff"),
        "no name of the secret": changed(link(), key=""),
    }


def bad() -> dict[str, tuple[str, int]]:
    """What is asked, and the status that it must get."""
    soon = str(int(time.time()) + 9999)
    files = {f"no link to {name}": (urlsplit(address).path, 403) for name, address in good().items()}
    return files | {
        "another account": (changed(link(), account="acc_eve"), 403),
        "no account": (changed(link(), account=""), 403),
        "the account twice": (link().replace("?", "?account=acc_eve&"), 403),
        "another file": (link().replace("wheels.mp4", "wheels.jpg"), 403),
        "another folder": (link(NOTES, prefix=DOWNLOADS).replace(DOWNLOADS, VIDEOS), 403),
        "a later end": (changed(link(), expires=soon), 403),
        "no end": (changed(link(), expires=""), 403),
        "an end before time began": (changed(link(), expires="-5"), 403),
        "an end that is no number": (changed(link(), expires="soon"), 403),
        "an end of a hundred digits": (changed(link(), expires="9" * 100), 403),
        "another end behind a comma": (changed(link(), expires=f"{soon},{soon}"), 403),
        "another signature": (changed(link(), signature="AAAAAAAAAAAAAAAAAAAAAA"), 403),
        "a short signature": (changed(link(), signature="AAAA"), 403),
        "a long signature": (changed(link(), signature="A" * 500), 403),
        "a signature of other letters": (changed(link(), signature="???"), 403),
        "no signature": (changed(link(), signature=""), 403),
        "a secret that is not ours": (link(secret="x" * 40), 403),
        "no secret": (link(secret=""), 403),
        "the name of the old secret": (changed(link(), key=dict(parse_qsl(link(secret=OLD_SECRET)))["key"]), 403),
        "over since a second": (link(hours=-2 / 3600), 410),
        "over since a year": (link(hours=-365 * 24), 410),
        "over and another account": (changed(link(hours=-1), account="acc_eve"), 403),
        "over and a later end": (changed(link(hours=-1), expires=soon), 403),
        "a hidden file": (link("clocks/.hidden"), 404),
        "a file that is not there": (link("clocks/gone.mp4"), 404),
        "the folder": (VIDEOS, 403),
        "a way out of the folder": (f"{VIDEOS}../../site.toml", 404),
    }
