"""The two simulated servers in a process of their own, so that they do not share a processor's lock with the client.

`python -m benchmarks.servers [latency]` prints their addresses as JSON and serves until its input ends.
"""

import json
import sys

from sandbox.house import big_house
from sandbox.http import serve
from sandbox.seam_workspace import SeamWorkspace

ROOMS, BOOKINGS = 300, 5000


def main() -> None:
    house = big_house(ROOMS, BOOKINGS)
    workspace = SeamWorkspace()
    workspace.faults.latency = float(sys.argv[1]) if len(sys.argv) > 1 else 0.02
    with serve(house.hotel) as mews, serve(workspace) as seam:
        addresses = {
            "mews": mews.url,
            "client_token": house.hotel.client_token,
            "access_token": house.hotel.access_token,
            "seam": seam.url,
            "api_key": workspace.api_key,
        }
        print(json.dumps(addresses), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
