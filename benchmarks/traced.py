"""Night Porter with somebody who counts: `python benchmarks/traced.py FOLDER COMMAND ...`, for `benchmarks.one_event`.

Each process is as always, but for one thing: where a file `go` stands in the folder, it counts statements of the
database and profiles what a worker does and what `serve` answers; when that file is gone again, it writes what it has
found into the folder.
"""

import cProfile
import json
import os
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

LOOKS_EVERY = 0.2
"""Seconds."""
WHITE = re.compile(r"\s+")


class Trace:
    """Of one process."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._lock = threading.Lock()
        self._profile: cProfile.Profile | None = None
        self.statements: Counter[str] = Counter()
        self.on = False

    def watch(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY)
            wanted = (self._folder / "go").exists()
            if wanted and not self.on:
                self.statements.clear()
                self._profile = cProfile.Profile(time.thread_time)
            self.on, was = wanted, self.on
            if was and not wanted:
                self._write()

    def _write(self) -> None:
        path = self._folder / f"{os.getpid()}"
        with self._lock:
            assert self._profile is not None
            if self._profile.getstats():
                self._profile.dump_stats(f"{path}.profile")
        path.with_suffix(".part").write_text(json.dumps(dict(self.statements)), encoding="utf-8")
        path.with_suffix(".part").rename(path.with_suffix(".json"))

    def profiled(self, do: Callable[..., Any]) -> Callable[..., Any]:
        """One at a time: there is one profile."""

        def traced(*arguments: Any, **named: Any) -> Any:
            if not self.on or self._profile is None:
                return do(*arguments, **named)
            with self._lock:
                return self._profile.runcall(do, *arguments, **named)

        return traced

    def counted(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        def traced(cursor: Any, query: Any, *arguments: Any, **named: Any) -> Any:
            if self.on:
                text = query.decode() if isinstance(query, bytes) else str(query)
                self.statements[WHITE.sub(" ", text).strip()] += 1
            return execute(cursor, query, *arguments, **named)

        return traced

    def begun(self, begin: Callable[..., Any], what: str) -> Callable[..., Any]:
        """Of a method without a statement."""

        def traced(*arguments: Any, **named: Any) -> Any:
            if self.on:
                self.statements[what] += 1
            return begin(*arguments, **named)

        return traced


def main() -> None:
    sys.path[0] = str(Path(__file__).parent.parent)
    trace = Trace(Path(sys.argv.pop(1)))
    for cursor in (psycopg.Cursor, psycopg.AsyncCursor):
        cursor.execute = trace.counted(cursor.execute)  # type: ignore[method-assign]
        cursor.executemany = trace.counted(cursor.executemany)  # type: ignore[method-assign]
    # What is asked often is put to the server without a cursor.
    from store.direct_postgresql import OnPostgresql

    put = OnPostgresql._put

    def putting(asking: Any, form: Any, values: Any, transformer: Any) -> Any:
        return trace.counted(lambda _, text: put(asking, form, values, transformer))(asking, form.text)

    OnPostgresql._put = putting  # type: ignore[method-assign]
    psycopg.Connection.commit = trace.begun(psycopg.Connection.commit, "COMMIT")  # type: ignore[method-assign]
    if sys.argv[1] == "work":
        from schedules.fleet_worker import FleetWorker

        FleetWorker.spell = trace.profiled(FleetWorker.spell)  # type: ignore[method-assign]
    else:
        from flask import Flask

        Flask.wsgi_app = trace.profiled(Flask.wsgi_app)  # type: ignore[method-assign]
    threading.Thread(target=trace.watch, daemon=True).start()
    from app import main as begin

    begin()


if __name__ == "__main__":
    main()
