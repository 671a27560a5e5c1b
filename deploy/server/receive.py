"""What stands between `git push` and the site: the repository's pre-receive hook. A push is taken when it is published.

It runs as the user that editors' keys open, and only judges and hands over: what is pushed is built elsewhere.
"""

import os
from collections.abc import Callable, Iterable
from typing import IO

from msgspec import Struct

from deploy.errors import DeployError
from deploy.server import content_places as places
from deploy.server import pushed_tree, tree_rules, wire

NOTHING = "0" * 40
Say = Callable[[str], None]


class Update(Struct, frozen=True):
    """A reference that a push wants to move. `old` and `new` are commits; NOTHING for none."""

    old: str
    new: str
    name: str


class Refused(DeployError):
    """One line for the editor each."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


def receive(lines: IO[str], *, who: str, say: Say) -> None:
    """Publishes the push that git tells on `lines`. Raises Refused, and the site is as it was."""
    update = _one([Update(*line.split()) for line in lines])
    _judge_history(update)
    entries = _judged(update.new, accepted=[update.old, places.INSTALLED])
    say(f"checking and building {len(entries):,} files")
    request = wire.Request(kind="source", who=who, what=update.new)
    ended = wire.ask(request, lambda stream: pushed_tree.write_tar(entries, stream), say=say)
    if not ended.ok:
        raise Refused([])  # why, has been said


def current_editor() -> str:
    return os.environ.get("LONGWAVE_WHO", "somebody")


def _one(updates: list[Update]) -> Update:
    others = [update.name for update in updates if update.name != places.BRANCH]
    if others:
        raise Refused(
            [f"{name}: only main is published. Push it with: git push server HEAD:main" for name in sorted(others)]
        )
    return updates[0]


def _judge_history(update: Update) -> None:
    if update.new == NOTHING:
        raise Refused(["main is what is published: it cannot be deleted. To go back: git revert, then push."])
    if update.old != NOTHING and not pushed_tree.is_ancestor(update.old, update.new):
        raise Refused(
            [
                "what was published before is missing in your main: somebody else pushed, or history was rewritten.",
                "Bring it in, then push again: git pull --rebase server main. To go back: git revert.",
            ]
        )


def _judged(commit: str, *, accepted: list[str]) -> list[tree_rules.Entry]:
    """The files to build. A tree outside of the two folders is to be what it was, or what is installed."""
    known = [tree for name in accepted if name != NOTHING and (tree := pushed_tree.top(name))]
    refused = tree_rules.outside_problems(pushed_tree.top(commit), known)
    entries = pushed_tree.entries(commit)
    refused += tree_rules.problems(entries)
    if not refused:
        refused += [
            tree_rules.pointer_problem(path) for path, head in pushed_tree.heads(entries) if tree_rules.is_pointer(head)
        ]
    if not any(entry.path.startswith("content/") for entry in entries):
        refused.append("content: there is no such folder. A project has its content/ and theme/ at the top.")
    if refused:
        raise Refused([*refused, "Nothing was published. The site is as it was."])
    return entries
