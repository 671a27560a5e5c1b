"""Keys for an ordered list that several devices change at once: between any two there is always room for another.

A key is read as digits behind a point, in base 62; keys are compared as text.
"""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE = len(DIGITS)


def between(before: str, after: str) -> str:
    """A key behind `before` and ahead of `after`; '' stands for the list's beginning and its end. No key ends in '0'.

    >>> between("", "")
    'V'
    >>> between("V", ""), between("", "V"), between("V", "W")
    ('k', 'F', 'VV')
    """
    if after and before >= after:
        raise ValueError(f"{before!r} does not stand ahead of {after!r}")
    found, bounded = "", bool(after)
    for place in range(len(before) + len(after) + 1):
        low = DIGITS.index(before[place]) if place < len(before) else 0
        high = DIGITS.index(after[place]) if bounded and place < len(after) else (0 if bounded else BASE)
        if high - low > 1:
            return found + DIGITS[(low + high) // 2]
        found += DIGITS[low]
        if bounded and low < high:
            bounded = False  # from here on anything is ahead of `after`
    return found + DIGITS[BASE // 2]
