"""`python -m api.restored FOLDER`: tells databases that were just restored that they are older than what people have seen.

Old cursors of apps then lead nowhere, and ask for everything. Who was erased after the restored state was made is put on the
list of the erased, so that the next start erases them again. Needs no settings: it runs before there is a service.
"""

import argparse
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from api import ids, times
from api.gateways.delete_list import DeleteList, Erased
from api.store import accounts, epochs, migrations
from api.store.database import connect, transaction


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m api.restored", description="Tell restored databases what they are."
    )
    parser.add_argument("shop", type=Path, help="the restored shop.sqlite")
    parser.add_argument("sync", type=Path, help="the restored sync.sqlite")
    parser.add_argument("erased", type=Path, help="the list of the erased, which is added to")
    parser.add_argument(
        "--newest", type=Path, help="the newest state of shop.sqlite there is, when another was restored"
    )
    asked = parser.parse_args()
    try:
        migrations.migrate_all(asked.shop, asked.sync, now=times.now_utc())
        added = list_erased(asked.newest or asked.shop, DeleteList(asked.erased))
        with closing(connect(asked.sync)) as db, transaction(db):
            epochs.begin(db, ids.letters(10), at=times.milliseconds(times.now_utc()))
    except (OSError, sqlite3.Error) as error:
        print(f"The restored databases cannot be used: {error}", file=sys.stderr)
        return 1
    print(f"{added} accounts were erased after that.")
    return 0


def list_erased(shop: Path, listed: DeleteList) -> int:
    """How many were missing on it."""
    known = {line.account_id for line in listed.all()}
    with closing(connect(shop)) as db:
        missing = [account for account in accounts.erased(db) if account.id not in known]
    for account in missing:
        if account.deleted_at:
            listed.add(Erased(account.id, times.text(account.deleted_at)))
    return len(missing)


if __name__ == "__main__":
    sys.exit(main())
