"""nginx's configuration as the embedded server reads it: its syntax, its maps, its locations."""

from pathlib import Path

import msgspec
import pytest

from deploy import directives, nginx
from deploy.directives import Directive, parse
from deploy.errors import DeployError
from deploy.policy import Policy
from tests.deploy.machine import HOST, server_facts


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    facts = msgspec.structs.replace(server_facts(tmp_path_factory.mktemp("policy")), certificate=None)
    return Policy(directives.read(nginx.render((1, 22), facts=facts), "nginx.conf"))


def small(http: str) -> Policy:
    return Policy(parse(f"http {{ {http} }}"))


def test_comments_and_quotes_are_read_as_nginx_reads_them() -> None:
    read = parse("""add_header Link '<a>; rel="hub"' always; # said; {twice}""")
    assert read == (Directive("add_header", ("Link", '<a>; rel="hub"', "always")),)


@pytest.mark.parametrize("text", ["server {} }", "server {", "server { listen }", "listen 80", 'root "/srv'])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(DeployError):
        parse(text)


def test_an_exact_key_wins_over_an_expression() -> None:
    policy = small("map $uri $kind { ~a x; /a y; default z; }")
    assert policy.value("$kind", {"uri": "/a"}) == "y"


def test_keys_are_compared_without_case() -> None:
    assert small("map $uri $kind { /Coffee y; }").value("$kind", {"uri": "/cOFFEE"}) == "y"


def test_the_first_expression_that_matches_wins() -> None:
    policy = small('map $uri $kind { default z; ~/b x; "~(.)b$" "$1!"; }')
    assert [policy.value("$kind", {"uri": uri}) for uri in ("/b", "ab", "c")] == ["x", "a!", "z"]


def test_a_header_without_always_is_left_out_of_errors() -> None:
    policy = small("add_header A 1; add_header B 2 always;")
    assert list(policy.headers(404, {})) == [("B", "2")]


def test_an_exact_location_wins_over_an_expression_and_that_over_a_prefix() -> None:
    prefix, expression, exact = (
        "location /a/ { root /p; }",
        "location ~ x$ { root /e; }",
        "location = /a/x { root /o; }",
    )
    policy = small(f"server {{ listen 80 default_server; root /r; {prefix} {expression} {exact} }}")
    server = policy.server("any")
    roots = [policy.location(server, path, variables={}).root for path in ("/a/x", "/a/xx", "/a/b", "/b")]
    assert roots == [Path("/o"), Path("/e"), Path("/p"), Path("/r")]


def test_a_prefix_with_a_caret_wins_over_an_expression() -> None:
    policy = small("server { listen 80 default_server; location ~ x$ { root /e; } location ^~ /a/ { root /p; } }")
    assert policy.location(policy.server("any"), "/a/x", variables={}).root == Path("/p")


@pytest.mark.parametrize(("agreed", "root", "path"), [("1", "/b", "/x"), ("", "/a", "/a/x")])
def test_a_rewrite_in_an_if_leads_to_another_location_alone_when_the_if_holds(
    agreed: str, root: str, path: str
) -> None:
    start = "location /a/ { root /a; if ($agreed) { rewrite ^/a(.*)$ /b$1 last; } }"
    end = "location /b/ { internal; root /b; rewrite ^/b(.*)$ $1 break; }"
    policy = small(f"server {{ listen 80 default_server; {start} {end} }}")
    location = policy.location(policy.server("any"), "/a/x", variables={"agreed": agreed})
    assert (location.root, location.path, location.internal) == (Path(root), path, False)


def test_what_rewrites_lead_to_is_internal_to_all_others() -> None:
    policy = small("server { listen 80 default_server; location /b/ { internal; root /b; } }")
    assert policy.location(policy.server("any"), "/b/x", variables={}).internal


@pytest.mark.parametrize(
    ("address", "on_media", "elsewhere"),
    [
        ("203.0.113.77", "203.0.113.77", "203.0.113.0"),
        ("2a02:8071:1234:5600:dead:beef:0:1", "2a02:8071:1234:5600::", "2a02:8071:1234::"),
        ("2001:db8::1:2:3:4", "2001:db8::", "2001:db8::"),
        ("2001:db8:0:5:1:2:3:4", "2001:db8:0:5::", "2001:db8:0::"),
    ],
)
def test_addresses_in_the_log_are_cut(policy: Policy, address: str, on_media: str, elsewhere: str) -> None:
    logged = [
        policy.value("$logged_address", {"uri": uri, "remote_addr": address})
        for uri in ("/media/a.0123abcd.mp3", "/about/")
    ]
    assert logged == [on_media, elsewhere]


@pytest.mark.parametrize(
    ("referer", "origin"),
    [
        ("https://search.example/?q=me", "https://search.example"),
        ("https://user:secret@search.example/", ""),
        ("android-app://org.example/", ""),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_the_log_has_a_referer_s_origin(policy: Policy, referer: str, origin: str) -> None:
    assert policy.value("$referer_origin", {"http_referer": referer}) == origin


@pytest.mark.parametrize(
    ("redirect", "args", "target"),
    [
        ("301 /new/", "", "/new/"),
        ("301 /new/", "a=1", "/new/?a=1"),
        ("301 /new/?b=2", "a=1", "/new/?b=2&a=1"),
        ("301 /new/?b=2", "", "/new/?b=2"),
        ("301 /new/#t=5", "a=1", "/new/?a=1#t=5"),
        ("301 /new/#t?c", "a=1", "/new/?a=1#t?c"),
        ("301 /new/#t?c", "", "/new/#t?c"),
        ("301 /new/?b=2#t?c", "a=1", "/new/?b=2&a=1#t?c"),
        ("301 https://x.example/?b=2#t=5", "a=1", "https://x.example/?b=2&a=1#t=5"),
    ],
)
def test_a_redirect_keeps_the_query_before_the_fragment(policy: Policy, redirect: str, args: str, target: str) -> None:
    variables = {"redirect": redirect, "args": args, "is_args": "?" if args else ""}
    assert policy.returned(policy.server(HOST), variables) == (301, target)


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("/", "page"),
        ("/episodes/1/x/", "page"),
        ("/404.html", "page"),
        ("/catalog.json", "page"),
        ("/episodes.json", "page"),
        ("/assets/site.0123abcd.css", "asset"),
        ("/assets/site.css", "other"),
        ("/media/a.0123abcd.mp3", "media"),
        ("/media/a.mp3", "other"),
        ("/feed.xml", "feed"),
        ("/posts/feed.xml", "feed"),
        ("/feed/archive-12.xml", "archive"),
        ("/episodes/1/x.vtt", "transcript"),
        ("/episodes/1/chapters.json", "transcript"),
        ("/sitemap.xml", "other"),
    ],
)
def test_every_address_is_of_one_kind(policy: Policy, uri: str, kind: str) -> None:
    assert policy.value("$kind", {"uri": uri}) == kind
