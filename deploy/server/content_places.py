"""Where content comes in, is built and is kept on a server. Knows names, and nothing of what is in them."""

from pathlib import Path

ROOT = Path("/srv/longwave")
REPOSITORY = ROOT / "site.git"
HOOKS = ROOT / "hooks"  # root's: whoever may push cannot change what a push must pass
BUILD = ROOT / "build"  # the builder's, who runs editors' themes: nothing in it is believed unseen
TREE = BUILD / "tree"
OUTPUT = BUILD / "output"
ARTEFACT = BUILD / "artefact"
ACCEPTED = ROOT / "accepted"  # root's: what was published last, and the locks that came of it
MEDIA = ROOT / "media"  # public audio under its public name, before anything that names it is published
VIDEOS = ROOT / "videos"
STATE = ROOT / "state"
WWW = ROOT / "www"
POOL = WWW / "pool"

OPT = Path("/opt/longwave")
PROGRAM = OPT / "bin" / "longwave"
ENVIRONMENTS = OPT / "environments"
CURRENT_ENVIRONMENT = OPT / "current" / "environment"
CURRENT_CONFIGURATION = OPT / "current" / "configuration"
CURRENT_SITE = OPT / "current" / "site"

SOCKET = Path("/run/longwave-publish.sock")
WEBSUB = Path("/var/lib/longwave-websub")

SITE_USER, BUILD_USER = "longwave-site", "longwave-build"
BRANCH = "refs/heads/main"
PUBLISHED = "refs/heads/published"
INSTALLED = "refs/longwave/installed"
