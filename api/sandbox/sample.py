"""A promotion code for a newcomer to try, in books that have none. Knows no course."""

from api.sandbox import promotions
from api.sandbox.books import Books

CODE, PERCENT_OFF = "WELCOME25", 25


def add(books: Books) -> None:
    if books.count("promotion_code"):
        return
    coupon = promotions.create_coupon(books, {"percent_off": PERCENT_OFF, "duration": "once", "name": "Welcome"})
    promotion = {"type": "coupon", "coupon": coupon["id"]}
    promotions.create_promotion_code(books, {"promotion": promotion, "code": CODE})
