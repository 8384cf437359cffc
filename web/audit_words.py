"""What somebody did, which the audit log keeps in English, in the reader's language."""

from mappers.sentences import message
from web.languages import gettext as _

ACTIONS = (
    message("a door was not unlocked"),
    message("a door was unlocked"),
    message("acknowledged an alert"),
    message("added connection"),
    message("added receiver"),
    message("added user"),
    message("approved"),
    message("assigned an alert"),
    message("began a second factor"),
    message("changed connection"),
    message("changed own password"),
    message("changed policy"),
    message("changed receiver"),
    message("changed role"),
    message("changed workspace"),
    message("checked in at the PMS"),
    message("connection active"),
    message("connection leaving"),
    message("connection paused"),
    message("connection refused"),
    message("connection removed"),
    message("connection watch"),
    message("connects a lock system"),
    message("disabled user"),
    message("enabled user"),
    message("ended own other sessions"),
    message("ended sessions"),
    message("ended the second factor"),
    message("gave a role"),
    message("handed a user over to the provider"),
    message("kept access"),
    message("looked at entries"),
    message("looked at the PIN"),
    message("made a link for credentials"),
    message("made a sign-in link"),
    message("made an address to embed"),
    message("made token"),
    message("new PIN"),
    message("paused receiver"),
    message("placed a lock"),
    message("placed locks by a file"),
    message("placed locks by their names"),
    message("removed receiver"),
    message("removed workspace"),
    message("replayed a delivery"),
    message("replayed deliveries"),
    message("replayed events"),
    message("resumed receiver"),
    message("revoked token"),
    message("rotated receiver's secret"),
    message("set password"),
    message("shown a spare key"),
    message("signed in"),
    message("signed in at the provider"),
    message("signed in by a link"),
    message("signed in by a link, with a code"),
    message("signed in, with a code"),
    message("silenced an alert"),
    message("sync now"),
    message("took a role away"),
    message("took connection over from the file"),
    message("took up a lock account"),
    message("try now"),
    message("unlocks a door"),
)


def action_words(action: str) -> str:
    """One of the audit log, in the reader's language."""
    return _(action)


def actions_to_choose(chosen: str) -> list[tuple[str, str]]:
    """What the audit log may be narrowed to, by its words; `chosen`: is among them, whatever it is."""
    listed = sorted(((one, action_words(one)) for one in ACTIONS), key=lambda pair: pair[1].casefold())
    return listed if chosen in ("", *ACTIONS) else [(chosen, chosen), *listed]


ACTORS = (
    message("command line"),
    message("link for credentials"),
    message("the PMS"),
    message("the sign-in provider"),
)
"""Who does something beside users, tokens and the service itself."""


def actor_words(who: str) -> str:
    """Who did something, in the reader's language. A token goes by its name."""
    if who in ACTORS:
        return _(who)
    kind, _blank, name = who.partition(" ")
    return _("token %(name)s", name=name) if kind == "token" and name else who
