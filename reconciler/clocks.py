"""Whose clock is wrong? The answers of the PMS and of Seam are witnesses for ours. Pure.

Everything hangs on what time it is: who has left, who may come in, what has changed since. A machine whose clock is
days ahead would shut out everybody.
"""

from dataclasses import dataclass
from datetime import timedelta

from mappers.sentences import Said, message, say, say_number, together

TOLD = timedelta(minutes=2)
"""Further apart: somebody should put it right."""
STOPS = timedelta(minutes=10)
"""Further apart: nothing is written."""
FARTHEST = timedelta(hours=12)
"""A PMS's clock is followed at most so far."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the clocks say of one another."""

    told: str | None = None
    """What somebody should know, as a sentence."""
    stops: bool = False
    """Whether nothing may be written."""


def compare(pms: timedelta | None, seam: timedelta | None) -> Clocks:
    """`pms`, `seam`: how far their clocks are ahead of ours; None where nothing shows it.

    Where both say the same against us, ours is wrong; where one of them agrees with us, the other one is. One witness
    alone, or two that agree with nobody, leave open whose is: then nothing is written either.
    """
    seen = {name: ahead for name, ahead in ((say("the PMS"), pms), (say("Seam"), seam)) if ahead is not None}
    off = {name: ahead for name, ahead in seen.items() if abs(ahead) > TOLD}
    if not off:
        return Clocks()
    far = any(abs(ahead) > STOPS for ahead in off.values())
    if len(off) < len(seen):
        ((name, ahead),) = off.items()
        return Clocks(say("{off}, and the other system's agrees with ours", off=_off(name, ahead)))
    if len(off) == 2 and abs(pms - seam) <= TOLD:  # type: ignore[operator]
        ahead = min(off.values(), key=abs)
        ours = message("the clock of this machine is {time} behind those of the PMS and Seam: set it right (NTP)")
        if ahead < timedelta(0):
            ours = message("the clock of this machine is {time} ahead of those of the PMS and Seam: set it right (NTP)")
        told = say(ours, time=_size(ahead))
    elif len(off) == 2:
        both = together([_off(name, ahead) for name, ahead in off.items()])
        told = say("{off}: no two clocks agree; check this machine's first", off=both)
    else:
        ((name, ahead),) = off.items()
        told = say("{off}, and nothing says which is right: check this machine's first", off=_off(name, ahead))
    return Clocks(told, far)


def followed(ahead: timedelta | None) -> timedelta:
    """How far the PMS's clock, which stamps its changes, is taken to be ahead of ours."""
    if ahead is None or abs(ahead) <= timedelta(seconds=5):
        return timedelta(0)
    return max(-FARTHEST, min(FARTHEST, ahead))


def _off(name: str, ahead: timedelta) -> Said:
    told = message("the clock of {name} is {time} behind ours")
    if ahead > timedelta(0):
        told = message("the clock of {name} is {time} ahead of ours")
    return say(told, name=name, time=_size(ahead))


def _size(ahead: timedelta) -> Said:
    seconds = int(abs(ahead).total_seconds())
    if seconds < 2 * 3600:
        return say_number(seconds // 60, "{number} minute", "{number} minutes")
    if seconds < 2 * 86_400:
        return say_number(seconds // 3600, "{number} hour", "{number} hours")
    return say_number(seconds // 86_400, "{number} day", "{number} days")
