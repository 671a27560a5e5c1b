"""The signers agree with what those who check their links have published. Keys and results here are the publishers' own."""

import base64
import datetime as dt
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from api.gateways.bunny_links import BunnySigner
from api.gateways.media_links import VIDEOS, NginxSigner, Period, Signer, key_name
from api.gateways.s3_links import S3Signer

NOW = dt.datetime(2026, 1, 5, 6, tzinfo=dt.UTC)
SECRET = "s" * 32
S3 = S3Signer(
    "https://examplebucket.s3.amazonaws.com",
    region="us-east-1",
    access_key="AKIAIOSFODNN7EXAMPLE",
    secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)
BUNNY = BunnySigner("https://token-tester.b-cdn.net", key="SecurityKey")
SIGNERS = [NginxSigner(VIDEOS, secret=SECRET), S3, BUNNY]


def link(signer: Signer, path: str = "clocks/wheels.mp4", *, account: str = "acc_a", hours: float = 4) -> str:
    return signer.link(path, account=account, period=Period(NOW, NOW + dt.timedelta(hours=hours)))


def test_s3_gives_the_address_of_amazons_documentation() -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"""
    day = dt.datetime(2013, 5, 24, tzinfo=dt.UTC)
    assert S3.presigned("test.txt", parameters={}, now=day, seconds=86400) == (
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
        "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


@pytest.mark.parametrize(
    ("parameters", "token"),
    [
        ({}, "HS256-o10JRWlsAItyAsdKS6jJKjabHN4FrFsplDHPV1idcX4"),
        ({"limit": "1000"}, "HS256-DAVapqNNED3Z7JkjRTYX0UOIHNtbHEuuhRNEc4A7mMQ"),
        ({"token_countries": "CA,US"}, "HS256-i5s3Uv7mnrFfN5nznwU2BxhILpnipYeE18TapV0WNFM"),
    ],
    ids=["plain", "a parameter", "a parameter to be encoded"],
)
def test_bunny_gives_the_tokens_of_its_test_vectors(parameters: dict[str, str], token: str) -> None:
    """https://github.com/BunnyWay/BunnyCDN.TokenAuthentication, e2e/vectors.json"""
    signed = BUNNY.signed("300kb.jpg", parameters=parameters, expires=1598024587)
    query = parse_qs(urlsplit(signed).query)
    assert query == {
        "token": [token],
        "expires": ["1598024587"],
        **{name: [value] for name, value in parameters.items()},
    }


def test_nginx_gets_what_its_documentation_computes_with_openssl() -> None:
    """echo -n 'TEXT' | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d ="""
    address = urlsplit(link(SIGNERS[0]))
    expires = int(NOW.timestamp()) + 4 * 3600
    digest = hashlib.md5(f"{expires} acc_a /private/media/clocks/wheels.mp4 {SECRET}".encode()).digest()  # noqa: S324
    expected = base64.b64encode(digest).decode().translate(str.maketrans("+/", "-_", "="))
    assert address.path == "/private/media/clocks/wheels.mp4"
    assert parse_qs(address.query) == {
        "account": ["acc_a"], "expires": [str(expires)], "key": [key_name(SECRET)], "signature": [expected]
    }  # fmt: skip


def test_a_link_says_which_secret_and_nothing_of_it() -> None:
    assert len(key_name(SECRET)) == 8
    assert SECRET[:8] not in link(SIGNERS[0])


@pytest.mark.parametrize("signer", SIGNERS, ids=["nginx", "s3", "bunny"])
def test_path_account_and_expiry_each_change_the_signature(signer: Signer) -> None:
    links = [link(signer), link(signer, "clocks/hands.mp4"), link(signer, account="acc_b"), link(signer, hours=5)]
    assert len({signature(one) for one in links}) == 4


@pytest.mark.parametrize("signer", SIGNERS, ids=["nginx", "s3", "bunny"])
def test_a_name_with_strange_letters_stays_one_path(signer: Signer) -> None:
    address = urlsplit(link(signer, "clocks/ä b?c#d.mp4"))
    assert address.path.endswith("/clocks/%C3%A4%20b%3Fc%23d.mp4")
    assert not address.fragment


def test_a_folder_of_the_store_stands_before_the_path() -> None:
    in_bucket = S3Signer("https://s3.example/bucket/", region="eu", access_key="a", secret_key="b")
    assert urlsplit(link(in_bucket)).path == "/bucket/clocks/wheels.mp4"
    assert urlsplit(link(BunnySigner("https://x.example/videos", key="k"))).path == "/videos/clocks/wheels.mp4"


def signature(address: str) -> str:
    query = parse_qs(urlsplit(address).query)
    return next(query[name][0] for name in ("signature", "X-Amz-Signature", "token") if name in query)
