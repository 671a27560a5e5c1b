"""What create_app puts together, once, and hands to whoever serves a request. Decides nothing."""

from msgspec import Struct

from api.gateways.catalog import CatalogFile
from api.gateways.delete_list import DeleteList
from api.settings import Settings
from api.store.database import Database
from api.times import Clock
from api.usecases.mails import Sender


class Service(Struct, frozen=True, kw_only=True):
    settings: Settings
    database: Database
    clock: Clock
    catalog: CatalogFile
    sender: Sender
    erased: DeleteList
