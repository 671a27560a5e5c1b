"""The text of the configuration: one source for nginx 1.22 and 1.26, good for the real nginx and for gixy."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from deploy import nginx_process
from deploy.errors import DeployError
from deploy.nginx import PLACEHOLDER, TEMPLATES, Facts, render
from tests.deploy.machine import on_loopback
from tests.deploy.servers import free_port

DEBIAN_12, DEBIAN_13 = (1, 22), (1, 26)
FORMS = [(DEBIAN_12, True), (DEBIAN_12, False), (DEBIAN_13, True), (DEBIAN_13, False)]
SNIPPETS = sorted(TEMPLATES.rglob("*.conf"))


def written(version: tuple[int, int], facts: Facts, folder: Path, *, tls: bool) -> Path:
    chosen = facts if tls else msgspec.structs.replace(facts, certificate=None, port=free_port())
    return nginx_process.write(render(version, facts=chosen), folder / "nginx")


def assert_accepted(binary: Path | str, config: Path) -> None:
    command = [str(binary), "-t", "-p", str(config.parent.parent), "-c", str(config), "-e", "stderr"]
    tested = subprocess.run(command, capture_output=True, check=False)
    assert tested.returncode == 0, tested.stderr.decode()
    assert b"[warn]" not in tested.stderr


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "loopback"])
def test_the_installed_nginx_accepts_its_form(facts: Facts, tmp_path: Path, tls: bool) -> None:
    machine = nginx_process.installed()
    config = written(machine.version, facts, tmp_path, tls=tls)
    for path in config.parent.rglob("*.conf"):
        path.write_text(on_loopback(path.read_text(), plain_port=free_port(), tls_port=free_port()))
    assert_accepted(machine.binary, config)


@pytest.mark.parametrize(("version", "tls"), FORMS)
def test_gixy_finds_nothing(facts: Facts, tmp_path: Path, version: tuple[int, int], tls: bool) -> None:
    gixy = Path(sys.executable).with_name("gixy")
    config = written(version, facts, tmp_path, tls=tls)
    found = subprocess.run([gixy, "-f", "json", config], capture_output=True, text=True, check=False)
    assert json.loads(found.stdout) == [], found.stderr


def test_debian_12_gets_http2_on_its_listen_lines_and_no_http3(facts: Facts) -> None:
    text = "\n".join(render(DEBIAN_12, facts=facts).values())
    assert "listen 443 ssl http2;" in text
    assert "http2 on;" not in text
    assert "quic" not in text


def test_debian_13_gets_http2_by_directive_and_http3(facts: Facts) -> None:
    text = "\n".join(render(DEBIAN_13, facts=facts).values())
    assert "ssl http2" not in text
    assert all(line in text for line in ("http2 on;", "http3 on;", "listen 443 quic;", "listen [::]:443 quic;"))


def test_an_address_is_reused_by_one_server_alone(facts: Facts) -> None:
    text = "\n".join(render(DEBIAN_13, facts=facts).values())
    assert text.count("listen 443 quic reuseport default_server;") == 1


def test_on_loopback_only_listen_tls_hsts_and_origins_differ(facts: Facts) -> None:
    server = render(DEBIAN_12, facts=facts)
    loopback = render(DEBIAN_12, facts=msgspec.structs.replace(facts, certificate=None))
    assert {name for name in server if name not in loopback} == {name for name in server if name.startswith("tls/")}
    different = {name for name in loopback if loopback[name] != server[name]}
    listens = {"servers/site.conf", "servers/alias-hosts.conf"}
    errors = {"nginx.conf", "snippets/podcast-apps.conf", "snippets/private-link.conf"}  # where they are written
    assert different == {*errors, "snippets/security-headers.conf", *listens}


def test_without_aliases_there_is_no_server_for_them(facts: Facts) -> None:
    alone = msgspec.structs.replace(facts, aliases=())
    assert "servers/alias-hosts.conf" not in render(DEBIAN_12, facts=alone)


def test_an_alias_that_is_the_site_s_own_host_is_dropped(facts: Facts) -> None:
    own = msgspec.structs.replace(facts, aliases=("http://SignalPath.example", "https://signalpath.example.:8443"))
    assert "servers/alias-hosts.conf" not in render(DEBIAN_12, facts=own)


def test_long_names_and_long_redirects_are_accepted(facts: Facts, tmp_path: Path) -> None:
    host = ".".join(["a" * 49] * 5)
    path, target = "/" + "p" * 199, "https://long.example/" + "t" * 1979
    (facts.current / "redirects.map").write_text(f'"{path}" "301 {target}";\n')
    config = written(DEBIAN_12, msgspec.structs.replace(facts, aliases=(f"https://{host}",)), tmp_path, tls=False)
    assert_accepted(nginx_process.installed().binary, config)


def test_scripts_and_styles_come_from_the_site_s_assets_alone(facts: Facts) -> None:
    policy = render(DEBIAN_12, facts=facts)["snippets/security-headers.conf"]
    assets = "https://signalpath.example/assets/"
    assert f"script-src {assets}; style-src {assets} https://signalpath.example/feed.css;" in policy


@pytest.mark.parametrize(("version", "tls"), FORMS)
def test_every_placeholder_is_filled(facts: Facts, version: tuple[int, int], tls: bool) -> None:
    chosen = facts if tls else msgspec.structs.replace(facts, certificate=None)
    assert not [name for name, text in render(version, facts=chosen).items() if PLACEHOLDER.search(text)]


@pytest.mark.parametrize(
    "harm", ["https://a.example; deny all", "https://a.example/$uri", 'https://a.example/"', "@URL@"]
)
def test_a_fact_that_speaks_to_nginx_is_refused(facts: Facts, harm: str) -> None:
    with pytest.raises(DeployError, match="syntax"):
        render(DEBIAN_12, facts=msgspec.structs.replace(facts, hub=harm))


def test_an_alias_without_a_host_is_refused(facts: Facts) -> None:
    with pytest.raises(DeployError, match="names no host"):
        render(DEBIAN_12, facts=msgspec.structs.replace(facts, aliases=("www.signalpath.example",)))


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: path.stem)
def test_every_file_begins_with_what_it_is_for(path: Path) -> None:
    assert path.read_text().startswith("# ")


@pytest.mark.parametrize(
    "path", [path for path in SNIPPETS if path.parent.name != "servers"], ids=lambda path: path.stem
)
def test_every_concern_names_its_documentation(path: Path) -> None:
    assert path.name == "site.conf" or "# https://" in path.read_text()


def test_headers_are_added_at_the_top_alone() -> None:
    """A server or location with an add_header of its own drops every other."""
    inner = [
        path
        for path in SNIPPETS
        for line in path.read_text().splitlines()
        if line.startswith(" ") and "add_header" in line
    ]
    assert inner == []


def test_a_machine_without_nginx_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(nginx_process, "SYSTEM_FOLDERS", "")
    with pytest.raises(DeployError, match="nginx-light libnginx-mod-http-brotli-static"):
        nginx_process.installed()


def test_a_machine_without_the_brotli_module_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nginx_process, "BROTLI_MODULE", "missing.so")
    with pytest.raises(DeployError, match=r"no brotli module.*libnginx-mod-http-brotli-static"):
        nginx_process.installed()


def test_a_configuration_is_replaced_only_where_it_differs(tmp_path: Path) -> None:
    nginx_process.write({"nginx.conf": "a", "gone.conf": "b"}, tmp_path)
    before = (tmp_path / "nginx.conf").stat()
    nginx_process.write({"nginx.conf": "a", "new.conf": "c"}, tmp_path)
    assert (tmp_path / "nginx.conf").stat().st_ino == before.st_ino
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.conf", "nginx.conf"]
