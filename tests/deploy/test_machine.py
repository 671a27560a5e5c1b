"""The machine as a function of its facts: concerns agree with each other, and settings are those that the service knows."""

import re
import subprocess
from pathlib import Path

import msgspec

from deploy import facts_file
from deploy.facts import Server, ServerFacts, SiteFacts, Target
from deploy.machine import everything, service
from deploy.machine.resources import File, Folder, Generated, Link, Resource, User

SITE = SiteFacts(title="Signal Path", url="https://signalpath.example", aliases=("https://www.signalpath.example",))
TARGETS = [
    Target(debian=12, architecture="x86_64", python=(3, 11)),
    Target(debian=13, architecture="aarch64", python=(3, 13)),
]


def server(target: Target = TARGETS[0], **facts: object) -> Server:
    read = facts_file.read(facts_file.EXAMPLE)
    return Server(facts=msgspec.convert(msgspec.to_builtins(read) | facts, ServerFacts), site=SITE, target=target)


def test_no_path_is_wanted_twice_and_nothing_lies_in_a_folder_that_comes_later() -> None:
    for target in TARGETS:
        seen: set[str] = set()
        resources = everything.resources(server(target))
        folders = {each.path for each in resources if isinstance(each, Folder)}
        for path in (path for each in resources if (path := path_of(each))):
            assert path not in seen, f"{path} is wanted twice"
            late = {str(above) for above in Path(path).parents} & folders - seen
            assert not late, f"{path} comes before {late}"
            seen.add(path)


def test_every_owner_is_made_before_it_owns() -> None:
    known = {"root", "www-data", "adm", "systemd-journal"}  # of Debian's base and of systemd
    for each in everything.resources(server()):
        if isinstance(each, User):
            known.add(each.name)
        elif isinstance(each, File | Folder | Generated):
            assert {each.owner, each.group} <= known, each


def test_the_service_is_told_what_the_facts_say() -> None:
    told = service.settings(server(mode="live", service={"checkout_terms": True, "tax_code": "txcd_1"}))
    assert told["mode"] == "live"
    assert told["url"] == "https://signalpath.example"
    assert told["mail_from"] == "Signal Path <hello@signalpath.example>"
    assert (told["checkout_terms"], told["tax_code"]) == ("true", "txcd_1")
    assert "stripe_api" not in told


def test_every_setting_on_a_server_is_one_that_exists() -> None:
    known = set(re.findall(r"^LONGWAVE_([A-Z_]+)=", facts_file.SETTINGS.read_text(), re.M))
    media = {"store": "s3", "url": "https://b.s3.eu-1.amazonaws.com", "region": "eu-1", "access_key": "A"}
    for mode in ("sandbox", "live"):
        assert {name.upper() for name in service.settings(server(mode=mode, media=media))} <= known


def test_a_setting_reaches_the_service_as_it_was_written(tmp_path: Path) -> None:
    awkward = """a "quoted" $HOME `id` \\ it's # text"""
    text = service.configuration(server(service={"checkout_terms_text": awkward}))["service.env"]
    path = tmp_path / "service.env"
    path.write_text(text)
    shell = f'set -a; . {path}; printf %s "$LONGWAVE_CHECKOUT_TERMS_TEXT"'
    assert subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout == awkward


def path_of(resource: Resource) -> str:
    return resource.path if isinstance(resource, File | Folder | Generated | Link) else ""
