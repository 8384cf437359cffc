"""The workers of all connections, as these come and go."""

import threading
from collections.abc import Callable, Iterator, Mapping

from schedules.connections import Connection, Connections
from schedules.worker import Worker


class Workers(Mapping[str, Worker]):
    """A worker for each connection that there is now, made when it is first asked for: one that appears gets one, one
    that was changed a new one, one that is gone none. What the former one has begun it ends; the connection's turn
    keeps the new one waiting meanwhile. Safe to use from many threads."""

    def __init__(self, connections: Connections, worker_of: Callable[[Connection], Worker]):
        self.connections = connections
        self._worker_of = worker_of
        self._made: dict[str, Worker] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> Worker:
        with self._lock:
            connection = self.connections.get(name)
            if connection is None:
                self._made.pop(name, None)
                raise KeyError(name)
            made = self._made.get(name)
            if made is None or made.jobs.connection is not connection:
                made = self._made[name] = self._worker_of(connection)
            return made

    def __iter__(self) -> Iterator[str]:
        return iter(self.connections.keys())

    def __len__(self) -> int:
        return len(self.connections)
