"""Answers with only what the documents promise: a field that may be missing is missing now and then, or null.

A vendor's newest description says which fields are optional; those who read its answers forget it, because on most days
all of them are there.
"""

import random
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Sparse:
    """What one vendor leaves out. `share` is the chance of each field; 0 leaves everything in."""

    kept: frozenset[str]
    """Fields whose being empty says something: they stay, whatever is in them."""
    ornaments: frozenset[str]
    """Fields that may go although something is in them: optional, and of no use to whoever looks after doors."""
    share: float = 0.0
    luck: random.Random = field(default_factory=lambda: random.Random(11))

    def thinned(self, document: Any) -> Any:
        """The document with less in it; the same where `share` is 0."""
        if not self.share:
            return document
        if isinstance(document, list):
            return [self.thinned(one) for one in document]
        if not isinstance(document, dict):
            return document
        told: dict[str, Any] = {}
        for name, value in document.items():
            is_optional = name not in self.kept and (value in (None, "", [], {}) or name in self.ornaments)
            if is_optional and self.luck.random() < self.share:
                if self.luck.random() < 0.5:
                    told[name] = None
                continue
            told[name] = self.thinned(value)
        return told
