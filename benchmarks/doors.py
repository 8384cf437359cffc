"""How well doors find their rooms, by naming style: prints the tables. `python -m benchmarks.doors`."""

import time
from collections.abc import Callable

from lock_names.propose import propose
from tests.lock_names.naming_styles import AFTERTHOUGHTS, NOISY, NOT_TUNED, STYLES, House, build
from tests.lock_names.small_houses import SMALL_HOUSES
from tests.lock_names.styles_of_judges import OF_JUDGES
from tests.lock_names.styles_of_makers import OF_MAKERS
from tests.lock_names.styles_with_strays import WITH_STRAYS
from tests.lock_names.unseen_styles import UNSEEN


def measure(house: House) -> tuple[int, int, float]:
    """Rooms (no common areas) with their right door for sure, wrong sure doors, seconds."""
    began = time.perf_counter()
    proposals = propose(house.rooms, house.doors, {})
    seconds = time.perf_counter() - began
    common = {room.key for room in house.rooms if room.is_common}
    right = {one.room_key for one in proposals if one.sure and house.truth.get(one.door_id) == one.room_key}
    wrong = sum(one.sure and house.truth.get(one.door_id) != one.room_key for one in proposals)
    return len(right - common), wrong, seconds


def main() -> None:
    print("| naming style | rooms | told by names | doors | sure and right | wrong | left to a person | seconds |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    styles: list[Callable[[House], None]] = [
        *STYLES,
        *AFTERTHOUGHTS,
        *NOISY,
        *NOT_TUNED,
        *UNSEEN,
        *WITH_STRAYS,
        *OF_MAKERS,
        *OF_JUDGES,
        *SMALL_HOUSES,
    ]
    for style in styles:
        house = build(style)
        rooms = sum(not room.is_common for room in house.rooms)
        told = rooms - len(house.untold)
        right, wrong, seconds = measure(house)
        print(
            f"| {house.style} | {rooms} | {told} | {len(house.doors)} | {right} ({right / told:.0%} of those told) | "
            f"{wrong} | {rooms - right} | {seconds:.2f} |"
        )


if __name__ == "__main__":
    main()
