"""Python's search for garbage, kept away from whoever waits for an answer.

What refers to itself in a circle has to be searched for. Python does so in whichever thread makes the next object, and
now and then through everything there is: a quarter of a second with what the program consists of, up to a second with
the rows of 3,000 properties, of one request. Here only what is young is searched while requests are answered. What is
left after that, a thread looks through and puts aside, so that each time it looks at what is new.
"""

import gc
import threading

YOUNG = 10_000
"""So many more objects than before have the youngest searched. With Python's own 700, what an answer is made of is
looked through twice before the answer is there."""
NEVER = 2**31 - 1
EVERY = 5.0
"""Seconds: of what comes to stay meanwhile, at most a tenth of a second has to be looked through."""
ANEW = 720
"""After so many times, an hour, everything is looked through: what was put aside may have become garbage."""


class Garbage:
    """Looks for garbage of one process, in which nothing else decides about that."""

    def __init__(self) -> None:
        self._times = 0
        self._ended = threading.Event()

    def keep(self) -> None:
        """From now on, a thread does it, until `end`."""
        gc.set_threshold(YOUNG, 10, NEVER)
        self.put_aside()
        threading.Thread(target=self._keep, name="garbage", daemon=True).start()

    def end(self) -> None:
        """The thread ends soon."""
        self._ended.set()

    def _keep(self) -> None:
        while not self._ended.wait(EVERY):
            self.put_aside()

    def put_aside(self) -> None:
        """Takes away what is garbage of what is new, or once in `ANEW` times of everything, and puts the rest aside."""
        self._times += 1
        if self._times % ANEW == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
