"""Numbers with their nouns: one place, so that nobody ever reads "1 bookings"."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """ "1 booking", "0 bookings", "1,204 bookings". `many` is `one` with an s where it is not said; both may be longer
    than a noun: `counted(n, "lock has", "locks have")`."""
    return f"{number:,} {one if number == 1 else many if many is not None else f'{one}s'}"
