"""`make fleet`: a small fleet to look at, `python -m benchmarks.watch_fleet [HOTELS]` (40).

Simulated hotels that live, a PostgreSQL from PyPI, one `serve` and two workers. It prints where to look, and every few
seconds how all of it stands; Ctrl-C ends it, and nothing is left behind.
"""

import random
import secrets
import signal
import sys
import time
from datetime import UTC, datetime

from benchmarks.fleet_world import HOOK, Fleet
from store.database import open_database
from store.engine import Database
from store.people import People, Role
from web.access import hash_password

USER = "demo"
ROOMS, BOOKINGS = 8, 12
EVENTS_EVERY = 2.0
"""Seconds."""
TELLS_EVERY = 5.0
"""Seconds."""


def watch(fleet: Fleet) -> None:
    fleet.start()
    url = f"http://127.0.0.1:{fleet.port}"
    password = secrets.token_urlsafe(9)
    store = Database(open_database(fleet.address))
    people, now = People(store), datetime.now(UTC)
    people.add_user(USER, Role.ADMIN, hash_password(password), now)
    link = people.make_link(USER, now)
    store.close()
    fleet.hotels.ask("listen", url=f"{url}/webhooks/HOTEL?token={HOOK}")
    print(f"The pages of all hotels, signed in (once):\n{url}/sign-in/{link}")
    print(f"  and later {url}, as {USER}, password {password}")
    print(f"Their processes: {', '.join(f'{name} {process.pid}' for name, process in fleet.processes.items())}")
    print(f"Kill one, and see who goes on. Logs and settings: {fleet.home}")
    print(
        "The hotels are read for the first time; then they live. Ctrl-C ends it, and removes all of this.\n", flush=True
    )
    luck = random.Random()
    event_at = tell_at = time.monotonic()
    happened = 0
    while True:
        time.sleep(0.2)
        now_is = time.monotonic()
        if now_is >= tell_at:
            tell_at = now_is + TELLS_EVERY
            good, grants = fleet.in_step_after_start()
            ages = fleet.ages()
            oldest = f"{ages[-1]:.0f} s" if ages else "never"
            ended = [name for name, process in fleet.processes.items() if process.poll() is not None]
            print(
                f"{time.strftime('%H:%M:%S')}  {good} of {fleet.number} hotels are in step, {grants} grants in Seam, "
                f"{happened} events so far; the oldest reading: {oldest}"
                + (f"; ended: {', '.join(ended)}" if ended else ""),
                flush=True,
            )
        if now_is >= event_at:
            event_at = now_is + EVENTS_EVERY * luck.random() * 2
            place = luck.randrange(fleet.number)
            for said in fleet.hotels.ask("live", hotel=place)["said"]:
                happened += 1
                print(f"{time.strftime('%H:%M:%S')}  hotel {place}: {said}", flush=True)


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    # Whoever ends it in another way than by Ctrl-C has it tidied up as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"{number} hotels, a Seam workspace and a PostgreSQL are being made ...", flush=True)
    try:
        with Fleet(number, rooms=ROOMS, bookings=BOOKINGS) as fleet:
            try:
                watch(fleet)
            except KeyboardInterrupt:
                print("\nWaiting for its processes to end ...", flush=True)
    except KeyboardInterrupt:
        print("\nIt ends before it has begun.")
    print("Nothing of it is left behind.")


if __name__ == "__main__":
    main()
