"""All tables of shop.sqlite, as the first migration makes them.

Times are UTC text of one width, money is cents, ids are ours. What a table refuses here it refuses to every mistake above it.
"""

from api.store.people_schema import ACCOUNTS, CERTIFICATES, DEVICES, PASSKEYS
from api.store.sales_schema import CUSTOMERS, EVENTS, GRANTS, ORDERS

SHOP = (*ACCOUNTS, *PASSKEYS, *DEVICES, *ORDERS, *GRANTS, *CERTIFICATES, *EVENTS, *CUSTOMERS)
