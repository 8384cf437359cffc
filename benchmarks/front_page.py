"""What the first page of a chain of hotels costs, beside the sign-in page: `python -m benchmarks.front_page [HOTELS]`.

The hotels stand in a database on SQLite, without a PMS or Seam; the time is the processor's, of one thread.
"""

import sys
import tempfile
import time
from pathlib import Path

import structlog
from flask.testing import FlaskClient

from tests.web.chain import Chain

ROUNDS = 10


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        chain = Chain(Path(folder), number)
        client, stranger = chain.client("viewer"), chain.site.test_client()
        first = _spent(client, "/")
        page = min(_spent(client, "/") for _ in range(ROUNDS))
        sign_in = min(_spent(stranger, "/sign-in") for _ in range(ROUNDS))
        chain.store.close()
    print(f"{number} hotels: the first request {first * 1000:.0f} ms, then {page * 1000:.1f} ms of CPU")
    print(f"the sign-in page: {sign_in * 1000:.1f} ms; the first page takes {page / sign_in:.1f} times as long")


def _spent(client: FlaskClient, path: str) -> float:
    begun = time.thread_time()
    client.get(path)
    return time.thread_time() - begun


if __name__ == "__main__":
    main()
