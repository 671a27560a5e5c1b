"""One finished web root, served side by side by nginx and by the embedded server; and nginx over any published site."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from deploy.media_keys import MediaSecrets
from deploy.nginx import Facts
from deploy.preview import Preview
from tests.deploy import servers
from tests.deploy.deployed import Deployed, deployed
from tests.deploy.guest import network
from tests.deploy.laid import HOST, SUITE, Laid, lay
from tests.deploy.machine import server_facts
from tests.deploy.servers import NginxSite, Site, free_port, previewed_by_embedded_server, previewed_by_nginx
from tests.deploy.web_root import private_media, web_root

SECRET, OLD_SECRET = "new" * 11, "old" * 11
SITE_TOML = '[site]\naliases = ["https://www.signalpath.example"]\n[feed]\nhub = "https://hub.example/"\n'


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return web_root(tmp_path_factory.mktemp("site") / "output")


def previewed(output: Path, state: Path) -> Preview:
    state.mkdir()
    (state / "site.toml").write_text(SITE_TOML)
    port = free_port()
    return Preview(
        content=state,
        output=output,
        state=state / "state",
        port=port,
        url="http://localhost:8000",
        private_media=private_media(state / "videos"),
        media_secrets=MediaSecrets(SECRET, OLD_SECRET),
    )


@pytest.fixture(scope="session")
def by_nginx(output: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NginxSite]:
    with previewed_by_nginx(previewed(output, tmp_path_factory.mktemp("nginx") / "site")) as site:
        yield site


@pytest.fixture(scope="session")
def by_embedded_server(output: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with previewed_by_embedded_server(previewed(output, tmp_path_factory.mktemp("embedded") / "site")) as site:
        yield site


@pytest.fixture
def nginx_site(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], AbstractContextManager[NginxSite]]:
    """`with nginx_site(www) as site:` serves the current release; `site.url`, `.ask`, `.reload`, `.requests(path)`."""
    return lambda www: servers.nginx_site(www, state=tmp_path_factory.mktemp("nginx"))


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laid]:
    """A server with its first release, for tests that leave it serving: tests/deploy/laid.py."""
    with network(tmp_path_factory.mktemp("laid")) as net, net.guest(SUITE) as box:
        net.name_host(HOST, box)
        made = lay(box)
        made.activate(environment=made.environment, configuration=made.configuration, site=made.site)
        yield made


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    """What a server with TLS is told."""
    return server_facts(tmp_path)


@pytest.fixture(scope="session")
def deployed12(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A bare Debian 12 after one `longwave deploy`. Shared: whoever changes it puts it back."""
    with deployed("bookworm", tmp_path_factory.mktemp("deployed12")) as server:
        yield server


@pytest.fixture(scope="session")
def deployed13(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The same of Debian 13, with a certificate from an authority."""
    with deployed("trixie", tmp_path_factory.mktemp("deployed13"), by_authority=True) as server:
        yield server


@pytest.fixture(params=["deployed12", "deployed13"])
def server(request: pytest.FixtureRequest) -> Deployed:
    """Both, one after the other."""
    found: Deployed = request.getfixturevalue(request.param)
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "either" in metafunc.fixturenames:
        both = bool(metafunc.config.getoption("--prove"))
        metafunc.parametrize("either", ["deployed12", "deployed13"] if both else ["deployed13"], indirect=True)


@pytest.fixture
def either(request: pytest.FixtureRequest) -> Deployed:
    """The newer one, and with --prove both: for what takes long and differs little."""
    found: Deployed = request.getfixturevalue(request.param)
    return found
