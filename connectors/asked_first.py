"""What a thread sends to a PMS may have to be asked about at the last moment: see `asked_first`."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MaySend = Callable[[], object]


class _OfThread(threading.local):
    may_send: MaySend | None = None


_of_thread = _OfThread()


@contextmanager
def asked_first(may_send: MaySend) -> Iterator[None]:
    """Every request that this thread sends to a PMS meanwhile is preceded by a call of `may_send`, with the connection
    open and nothing sent; it raises what is to stop it. For writes: a process may be held up for long before each."""
    before = _of_thread.may_send
    _of_thread.may_send = may_send
    try:
        yield
    finally:
        _of_thread.may_send = before


def ask() -> None:
    """Raises what `may_send` raises."""
    if _of_thread.may_send is not None:
        _of_thread.may_send()
