"""Which prefixes of keys may stand beside each other: none may be the beginning of another in the same workspace."""

from bisect import bisect_left, insort

from mappers.sentences import of_setting, say


class Prefixes:
    """Those of many connections: asked for each, it takes no longer for thousands."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], tuple[str, str]] = {}
        """By workspace and prefix, without letter case: the connection, and the prefix as it is written."""
        self._sorted: dict[str, list[str]] = {}

    def claim(self, name: str, prefix: str, workspace: str = "") -> str | None:
        """The connection takes this prefix; why it cannot, as a sentence that begins with the setting's path, where it
        overlaps another one."""
        folded = prefix.casefold()
        there = self._sorted.setdefault(workspace, [])
        other = self._beginning(folded, workspace)
        place = bisect_left(there, folded)
        if other is None and place < len(there) and there[place].startswith(folded):
            other = there[place]
        if other is None:
            insort(there, folded)
            self._names[workspace, folded] = name, prefix
            return None
        owner, theirs = self._names[workspace, other]
        words = say(
            "{prefix} and {theirs} of connection {owner} overlap: two PMS accounts may use the same ids, so each needs "
            'a prefix of its own, such as "{name}/" and "{owner}/".',
            prefix=repr(prefix),
            theirs=repr(theirs),
            owner=owner,
            name=name,
        )
        return of_setting(f"connections.{name}.key_prefix", words)

    def _beginning(self, folded: str, workspace: str) -> str | None:
        """A prefix that is the beginning of this one."""
        beginnings = (folded[:length] for length in range(len(folded) + 1))
        return next((one for one in beginnings if (workspace, one) in self._names), None)
