"""server.toml: what it says becomes values, and everything that is wrong with it is said at once."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy import facts_file
from deploy.errors import DeployError
from deploy.facts import Part, ServerFacts

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHx0yKcJQmTtlYyvm5Kf0m5Z0mR0nQm0m3m0m0m0m0m0 maren@laptop"
EXAMPLES = {"ssh.host", "ssh.administrators", "site.url", "site.aliases", "mail.sender", "mail.host"}


def test_the_example_names_every_fact_and_no_other_and_says_what_holds_without_it() -> None:
    example = flat(tomllib.loads(facts_file.EXAMPLE.read_text()))
    defaults = flat(msgspec.json.decode(msgspec.json.encode(ServerFacts())))
    assert example.keys() == defaults.keys()
    assert {name: example[name] for name in example.keys() - EXAMPLES} == {
        name: defaults[name] for name in defaults.keys() - EXAMPLES
    }


def test_the_example_is_in_order() -> None:
    read = facts_file.read(facts_file.EXAMPLE)
    assert (read.mode, read.ssh.host, read.mail.port) == ("sandbox", "203.0.113.7", 587)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    lines = problems(
        tmp_path, 'mod = "live"\nmode = "life"\nssh = 3\n[mail]\nport = 0\nhots = "x"\n[limits]\npush_mb = "1"'
    )
    assert [line.split(": ")[1] for line in lines] == ["mod", "mode", "ssh", "mail.port", "mail.hots", "limits.push_mb"]
    assert lines[0] == f"{tmp_path}/server.toml: mod: there is no such fact. Did you mean mode?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ssh]", "ssh.administrators: empty"),
        ('[ssh]\nadministrators = ["my key"]', "ssh.administrators: key 1 is no public key"),
        (
            f'[ssh]\nadministrators = ["{KEY}"]\neditors = [{{ name = "joss", key = "{KEY}" }}]',
            "ssh.editors: the key of joss stands in ssh.administrators, key 1 too",
        ),
        (f'[ssh]\nadministrators = ["{KEY}"]\nhost = "-oProxyCommand=x"', "ssh.host: '-oProxyCommand=x' is no name"),
        (f'mode = "live"\n[ssh]\nadministrators = ["{KEY}"]', "mail.host: missing, and mode live sends mails"),
        (
            f'[ssh]\nadministrators = ["{KEY}"]\n[site]\nurl = "https://a.example/x"',
            "site: 'https://a.example/x' is no origin",
        ),
        (f'[ssh]\nadministrators = ["{KEY}"]\n[alarms]\nmail = ["me"]', "alarms.mail: 'me' holds no address"),
        (f'[ssh]\nadministrators = ["{KEY}"]\n[media]\nstore = "s3"', "media.url: missing"),
        (
            f'[ssh]\nadministrators = ["{KEY}"]\n[service]\ncheckout_termz = true',
            "service.checkout_termz: there is no such",
        ),
        (f'[ssh]\nadministrators = ["{KEY}"]\n[service]\nurl = "x"', "service.url: other facts decide it"),
        (f'[ssh]\nadministrators = ["{KEY}"]\n[service]\ntax_code = "a\\nb"', "service.tax_code: holds a line break"),
        ("mode = ", "cannot be read"),
    ],
)
def test_a_mistake_is_said_with_its_remedy(tmp_path: Path, text: str, said: str) -> None:
    lines = problems(tmp_path, text)
    assert any(said in line and line.endswith((".", "?")) for line in lines), lines


def test_a_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match=r"server\.toml\.example"):
        facts_file.read(tmp_path / "server.toml")


def test_the_site_names_itself_unless_the_server_does(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(
        '[site]\ntitle = "Night"\nurl = "https://a.example"\naliases = ["https://www.a.example"]\n[feed]\nhub = "https://hub.example/"'
    )
    read = facts_file.site(tmp_path, ServerFacts())
    assert (read.title, read.url, read.aliases, read.hub) == (
        *("Night", "https://a.example", ("https://www.a.example",)),
        "https://hub.example/",
    )
    mine = msgspec.convert({"site": {"url": "https://b.example/", "aliases": ["https://old.example"]}}, ServerFacts)
    assert facts_file.site(tmp_path, mine).url == "https://b.example"
    assert facts_file.site(tmp_path, mine).aliases == ("https://www.a.example", "https://old.example")


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "server.toml"
    path.write_text(text)
    with pytest.raises(DeployError) as caught:
        facts_file.read(path)
    return str(caught.value).splitlines()


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """{'mail.port': 587, ...}; settings of the service stay together."""
    parts = {
        f.name for f in msgspec.structs.fields(ServerFacts) if isinstance(f.type, type) and issubclass(f.type, Part)
    }
    named: dict[str, Any] = {}
    for name, value in values.items():
        named |= flat(value, f"{name}.") if name in parts and isinstance(value, dict) else {f"{prefix}{name}": value}
    return named
