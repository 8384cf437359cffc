"""Cards: may this one be written now, and what came of it?

Whatever is asked for is read from Seam immediately before: a card that is written for the wrong person or the wrong
room opens that room, offline, and nobody can take it back.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mappers.keys import Keys, split_generation
from mappers.links import Link
from mappers.outcomes import Kind
from mappers.sentences import message, say
from mappers.stay_window import local
from reconciler.readiness import CARD_WAITS
from reconciler.seam_codes import METHOD, SYSTEM, words_of
from reconciler.unread_news import UnreadNews
from seam_workspace.errors import SeamError, SeamNotFound
from seam_workspace.existing import (
    CardWriting,
    Encoder,
    ExistingAccessGrant,
    ExistingAccessMethod,
    ExistingDoor,
    ExistingUserIdentity,
)
from seam_workspace.workspace import Workspace
from store.cards import TAKES_AT_MOST, CardBusy, CardEncoding, CardEncodings, EncoderBusy
from store.engine import Database
from store.links import Links
from store.stays import Stay, Stays

SAME_TIME = timedelta(seconds=1)
CHANGED = "changed_meanwhile"
"""Our word beside Seam's: the card was written, and the access that it is for is not what it was any more."""
NOT_CONFIRMED = "not_confirmed"
"""Likewise: Seam does not show yet that it was issued."""


class CardState(StrEnum):
    """How a person's card is."""

    READY = "ready"
    """To be encoded."""
    AGAIN = "again"
    """To be encoded once more: what was encoded before opens no more, or not as it should."""
    NOT_READY = "not_ready"
    """The access system has not got all that the card needs."""
    ENCODED = "encoded"
    TO_BE_ASSIGNED = "to_be_assigned"
    """The lock system wants one of its own cards, by its number."""
    REFUSED = "refused"
    """No card may be written for this access as it is."""


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one person of a booking, as Seam has it now."""

    key: str
    """The grant's, without its generation."""
    label: str
    """Whose: no name, as everywhere."""
    state: CardState
    sentence: str
    """How it is; where it cannot be encoded, why, and what to do about that."""
    seam_id: str
    """Of the grant."""
    method_id: str | None
    system_ids: frozenset[str]
    """Of the access systems of her doors: their encoders can write it."""
    starts_at: datetime | None
    ends_at: datetime | None
    is_issued: bool
    """Whether Seam knows of one that was written, be it good or not."""

    @property
    def may_be_encoded(self) -> bool:
        return self.state in (CardState.READY, CardState.AGAIN)


@dataclass(frozen=True, slots=True)
class Desk:
    """The cards of a booking, and the encoders that can write them."""

    cards: Sequence[Card]
    encoders: Sequence[Encoder]

    def card(self, key: str) -> Card | None:
        return next((one for one in self.cards if one.key == key), None)

    def encoders_for(self, card: Card) -> list[Encoder]:
        """Those of the access systems of her doors that are there, by name."""
        mine = [one for one in self.encoders if one.system_id in card.system_ids and not one.errors]
        return sorted(mine, key=lambda one: (one.name.casefold(), one.id))


class CannotEncode(Exception):
    """A sentence that says why, and what to do."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


class CardDesk:
    """Has cards of one connection written. Raises `SeamError` and `StoreFailed`."""

    def __init__(self, connection: str, keys: Keys, workspace: Workspace, store: Database, unread: UnreadNews):
        self._unread = unread
        self._connection = connection
        self._keys = keys
        self._workspace = workspace
        self._store = store
        self.book = CardEncodings(store, connection)

    def look(self, booking_id: str, now: datetime, time_zone: str = "UTC") -> Desk:
        """Asks Seam for the cards of a booking, and for the encoders: four calls."""
        stay = Stays(self._store).get(self._connection, booking_id)
        links = [
            one
            for one in Links(self._store).of_bookings(self._connection, [booking_id])
            if one.kind == Kind.ACCESS_GRANT
        ]
        if not links:
            return Desk([], [])
        grants = {one.id: one for one in self._workspace.access_grants_by_id([one.seam_id for one in links])}
        methods, people = self._workspace.ways_and_people_of([one.id for one in grants.values() if not one.unreadable])
        property_id = next((one.property_id for one in links if one.property_id), stay.property_id if stay else "")
        doors = self._workspace.entrances(self._keys.customer(property_id or ""))
        before = {one.key for one in self.book.of_booking(booking_id) if one.is_written}
        cards = []
        for link in sorted(links, key=lambda one: one.key):
            seen = _Seen(link, grants.get(link.seam_id), methods, people, stay, doors, link.key in before)
            card = _card(seen, now, time_zone)
            if card is not None:
                cards.append(card)
        systems = {one for card in cards for one in card.system_ids}
        return Desk(cards, self._workspace.encoders(systems))

    def order(
        self, booking_id: str, key: str, encoder_id: str, who: str, now: datetime, time_zone: str = "UTC"
    ) -> CardEncoding:
        """Reads everything anew, and notes an order to write a card; `send` sends it. Raises `CannotEncode` where that
        may not be, and nothing is noted then."""
        desk = self.look(booking_id, now, time_zone)
        if why := self._unread.why_not(booking_id, now, time_zone):
            raise CannotEncode(why)
        card = desk.card(key)
        if card is None:
            raise CannotEncode(say("This booking has no such card."))
        if not card.may_be_encoded or card.method_id is None:
            raise CannotEncode(card.sentence)
        encoder = next((one for one in desk.encoders_for(card) if one.id == encoder_id), None)
        if encoder is None:
            raise CannotEncode(say("This encoder cannot write cards for these doors: choose another one."))
        stay = Stays(self._store).get(self._connection, booking_id)
        assert stay is not None
        order = CardEncoding(
            0,
            self._connection,
            stay.property_id,
            booking_id,
            card.key,
            card.seam_id,
            card.method_id,
            stay.room or "",
            encoder.id,
            encoder.name or encoder.id,
            who[:80],
            now,
        )
        try:
            id = self.book.begin(order)
        except EncoderBusy:
            told = message(
                "Another card is being encoded at {encoder}: wait until that is done, or choose another one."
            )
            raise CannotEncode(say(told, encoder=order.encoder)) from None
        except CardBusy as busy:
            told = message("This card is being encoded at {encoder} already: wait until that is done.")
            raise CannotEncode(say(told, encoder=busy.encoder)) from None
        found = self.book.get(id)
        assert found is not None
        return found

    def send(self, order: CardEncoding, now: datetime) -> "Heard":
        """Sends an order. Where Seam refuses it, that is noted, and raised."""
        try:
            writing = self._workspace.encode_card(order.method_id, order.encoder_id)
        except SeamError as problem:
            self.book.end(order.id, "failed", now, "refused", str(problem))
            raise
        if writing.attempt_id is None:
            return self._ended(order, "unknown", now, "answer_lost")
        self.book.sent(order.id, writing.attempt_id)
        return self._heard(order, writing, now)

    def follow(self, id: int, booking_id: str, now: datetime) -> "Heard | None":
        """What has become of an order by now: one call, and a few once it is done. None where the booking has none.
        Raises `SeamError` only where a later answer may still tell."""
        order = self.book.get(id)
        if order is None or order.booking_id != booking_id:
            return None
        if order.outcome is not None:
            return Heard(order, False)
        is_late = now - order.asked_at >= TAKES_AT_MOST
        if order.attempt_id is not None:
            try:
                heard = self._heard(order, self._workspace.card_writing(order.attempt_id), now)
            except SeamError as problem:
                if not is_late and not isinstance(problem, SeamNotFound):
                    raise
                heard = Heard(order, False)
            if heard.is_news:
                return heard
        if is_late:
            return self._ended(order, "unknown", now, "no_answer")
        return Heard(order, False)

    def _ended(self, order: CardEncoding, outcome: str, now: datetime, error: str = "", why: str = "") -> "Heard":
        is_news = self.book.end(order.id, outcome, now, error, why)
        return Heard(self.book.get(order.id) or order, is_news)

    def _heard(self, order: CardEncoding, writing: CardWriting, now: datetime) -> "Heard":
        if writing.written is None:
            return Heard(self.book.get(order.id) or order, False)
        if not writing.written:
            return self._ended(order, "failed", now, writing.error, writing.why)
        error = NOT_CONFIRMED
        if self._unread.since(order.booking_id) is not None:
            # She may have moved while it was written: nobody is told to give it to her before that was read.
            if now - order.asked_at < TAKES_AT_MOST:
                return Heard(self.book.get(order.id) or order, False)
            return self._ended(order, "written", now, CHANGED)
        with suppress(SeamError):
            card = self.look(order.booking_id, now).card(order.key)
            if card is not None and card.method_id == order.method_id and card.state is CardState.ENCODED:
                error = ""
            elif card is None or card.method_id != order.method_id or card.is_issued or not card.may_be_encoded:
                # What is issued and not good any more was good when it was written.
                error = CHANGED
        return self._ended(order, "written", now, error)


@dataclass(frozen=True, slots=True)
class Heard:
    """How an order stands."""

    order: CardEncoding
    is_news: bool
    """Whether it has just ended, and nobody else has noted that."""


# --- may it be written? -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """One grant of a booking: what we gave, and what Seam has."""

    link: Link
    grant: ExistingAccessGrant | None
    methods: Mapping[str, ExistingAccessMethod]
    people: Mapping[str, ExistingUserIdentity]
    stay: Stay | None
    doors: Sequence[ExistingDoor]
    was_encoded: bool
    """Whether a card was written for this person of the booking before."""


def _card(seen: _Seen, now: datetime, time_zone: str) -> Card | None:
    """None where the grant gives no card."""
    link, grant = seen.link, seen.grant
    mine = [seen.methods[one] for one in grant.method_ids if one in seen.methods] if grant is not None else []
    living = [one for one in mine if one.mode == "card" and not one.being_deleted]
    if grant is not None and "card" not in grant.access_methods and not living:
        return None
    method = min(living, key=lambda one: (one.issued, one.id), default=None)
    systems = frozenset(
        one.system_id for one in seen.doors if grant is not None and one.system_id and one.space_ids & grant.space_ids
    )
    state, sentence = CardState.REFUSED, _refused(seen, now, time_zone)
    if not sentence:
        state, sentence = _state(method, grant, systems, seen.was_encoded)
    return Card(
        link.key,
        link.label or link.key,
        state,
        sentence,
        link.seam_id,
        method.id if method is not None else None,
        systems,
        link.starts_at,
        link.ends_at,
        method is not None and method.issued,
    )


def _refused(seen: _Seen, now: datetime, time_zone: str) -> str:
    """Why no card may be written for this access, whatever the card says; empty where one may."""
    link, grant, stay = seen.link, seen.grant, seen.stay
    if grant is None:
        return say("Seam has no such access (any more): sync now makes it again.")
    if grant.unreadable:
        return say("Seam's record of this access cannot be read: sync now asks again.")
    if grant.being_deleted:
        return say("This access is being deleted in Seam: sync now makes it again, where she has a right to it.")
    if stay is None or stay.access not in ("granted", "kept", "due"):
        why = stay.reason if stay is not None and stay.reason else say("no run has read it lately")
        return say("As the booking stands, no card is made for it: {why}.", why=why)
    if (grant.ends_at is not None and grant.ends_at <= now) or (stay.ends_at is not None and stay.ends_at <= now):
        ended = min(one for one in (grant.ends_at, stay.ends_at) if one is not None)
        return say("Her access is over since {at}.", at=local(ended, time_zone, now))
    if grant.key is None or split_generation(grant.key)[0] != link.key:
        return say("Seam has this access under another booking's key: sync now puts it right.")
    person = seen.people.get(grant.user_identity_id)
    if person is None or link.user_identity_key not in (None, person.key, *person.merged_keys):
        return say("In Seam this access is another person's: sync now puts it right.")
    if link.space_ids is None or grant.space_ids != link.space_ids or "updating_spaces" in grant.pending:
        return say("In Seam her access is not for the doors that it should be for: sync now puts it right.")
    if not _same(grant.starts_at, link.starts_at) or not _same(grant.ends_at, link.ends_at):
        return say("In Seam her access has other times than it should have: sync now puts it right.")
    return ""


def _same(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < SAME_TIME


def _state(
    method: ExistingAccessMethod | None,
    grant: ExistingAccessGrant | None,
    systems: frozenset[str],
    was_encoded: bool,
) -> tuple[CardState, str]:
    if method is None or grant is None:
        return CardState.NOT_READY, say("Seam has not made the card yet: wait a minute, then look again.")
    if method.errors:
        words = words_of(method.errors, METHOD)
        return CardState.REFUSED, say("The card cannot be encoded: {why}.", why=words)
    if not systems:
        words = say("No door of this access is one of an access system, so no encoder can write a card for it.")
        return CardState.REFUSED, words
    if method.issued and not method.needs_encoding:
        return CardState.ENCODED, say("The card is encoded.")
    if method.needs_assignment:
        words = say("The lock system gives out cards of its own: assign one to her there, by its number.")
        return CardState.TO_BE_ASSIGNED, words
    # Seam calls ready what has not been issued yet; of a card that has to be encoded again it says only that.
    is_ready = method.ready_for_encoding is True or (method.issued and method.needs_encoding and not method.pending)
    if not is_ready or CARD_WAITS & {*method.pending}:
        words = say("The lock system has not got all of it yet: wait a few minutes, then look again.")
        return CardState.NOT_READY, words
    if method.issued or was_encoded:
        words = say(
            "Her access has changed since a card was encoded: encode it again, on the same card or another one."
        )
        return CardState.AGAIN, words
    return CardState.READY, say("The card is ready to be encoded.")


# --- what came of it --------------------------------------------------------------------------------------------------

_WHY: Mapping[str, str] = {
    "no_credential_on_encoder": message(
        "No card lay on {encoder}: lay one there, leave it until this page says that it is done, and try again."
    ),
    "incompatible_card_format": message(
        "The card on {encoder} is of a kind that this lock system cannot write: take one of the house's own cards."
    ),
    "credential_cannot_be_reissued": message(
        "The lock system does not write this card once more: write it in the lock system itself, or give her another "
        "way in."
    ),
    "encoder_not_online": message(
        "{encoder} is offline: see that it is switched on and has a network, or choose another encoder."
    ),
    "encoder_communication_timeout": message(
        "{encoder} did not answer in time: see that it is switched on and has a network, then try again."
    ),
    "encoding_interrupted": message(
        "The card was taken from {encoder} too early, and may open nothing now: lay it there again, leave it until "
        "this page says that it is done, and try again."
    ),
    "credential_deleted": message("Her access was taken away or made anew meanwhile: sync now, then encode her card."),
    "action_attempt_expired": message("{encoder} waited for a card in vain: lay one there, and try again."),
}
_UNKNOWN = {
    "answer_lost": message(
        "Nobody knows whether the card was written, for Seam's answer was lost: this page says in a minute whether "
        "Seam knows of it. Try the card at the door before you give it away."
    ),
    "no_answer": message(
        "{encoder} has not said what became of the card: this page says whether Seam knows of it. Try the card at the "
        "door before you give it away."
    ),
}


def told_of(order: CardEncoding) -> str:
    """What came of an order, and what to do: a sentence."""
    encoder, error = order.encoder, order.error or ""
    if order.outcome is None:
        return say("Lay a card on {encoder} and leave it there: this page says when it is done.", encoder=encoder)
    if order.outcome == "written":
        if error == CHANGED:
            return say(
                "The card was written, but her access has changed meanwhile: do not give it away, encode it again."
            )
        if error == NOT_CONFIRMED:
            return say("The card was written at {encoder}; Seam does not show it yet.", encoder=encoder)
        return say("The card is encoded: take it from {encoder}, and give it to her.", encoder=encoder)
    if order.outcome == "unknown":
        return say(_UNKNOWN.get(error, _UNKNOWN["no_answer"]), encoder=encoder)
    if error in _WHY:
        return say(_WHY[error], encoder=encoder)
    why = order.why or say("Seam does not say why")
    if error == "bridge_disconnected":
        return say("The card was not written: {why}.", why=SYSTEM[error].words)
    if error == "refused":
        return say("Seam did not take it: {why}.", why=order.why or "")
    if error == "uncategorized_error":
        return say(
            "The card was not written at {encoder}: {why}. Try again, or choose another encoder.",
            encoder=encoder,
            why=why,
        )
    told = message(
        "The card was not written at {encoder}, for a reason that Night Porter does not know ({code}: {why}). Try "
        "again, or write it in the lock system itself."
    )
    return say(told, encoder=encoder, code=error, why=why)
