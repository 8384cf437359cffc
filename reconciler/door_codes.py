"""Door codes go back to the PMS, which tells the guest: what Seam issued is what the PMS should hold, and no more.

Done at the end of a run, for the bookings that the run looked at. A code is handed over once a lock has confirmed it,
corrected when it is another one or the guest moved, and taken away when access ends. Codes are asked from Seam when
they are needed and kept nowhere; what is remembered is only which grant, room and window the PMS was told of.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.asked_first import asked_first
from connectors.errors import PmsError, PmsUnreachable
from connectors.records import AccessWritten, DoorCode, Property
from mappers.outcomes import Action, Kind, Outcome
from mappers.resources import DesiredAccessGrant
from mappers.sentences import messages, say, say_number, sentence_of
from reconciler.chosen_pins import learn_pins, may_be_compared
from reconciler.health import common_keys
from reconciler.judge import lock_advice_of
from reconciler.precedence import LongRun
from reconciler.prepare import Prepared
from reconciler.report import defect
from reconciler.run_context import RunContext
from seam_workspace.errors import SeamError
from store.back_off import DOOR_CODES
from store.door_codes import DoorCodeRecord, DoorCodeRecords
from store.engine import StoreFailed
from store.links import Link, Links
from store.queue import Queue, Task, TaskKind
from store.runs import OutcomeRow

OFF = "off"
AT_ONCE = 100
"""Bookings; urgent news of one of them waits until these are done."""
MOMENTS = 2
"""So often it is asked within minutes, however far away the stay is: most codes are there by then."""
LATER = timedelta(hours=6)
"""How soon a lock that has not confirmed a code is asked again, when the guest comes later than tomorrow."""


FOR_THE_PMS = messages("{of}: {number} door code for the PMS", "{of}: {number} door codes for the PMS")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A grant whose code the PMS should hold."""

    link: Link
    grant: DesiredAccessGrant

    @property
    def mark(self) -> str:
        """Changes whenever the PMS has to be told something else, a new PIN for the same grant apart."""
        grant = self.grant
        ends_at = grant.ends_at.isoformat() if grant.ends_at else ""
        text = "\x1f".join((self.link.seam_id, grant.room_id, grant.starts_at.isoformat(), ends_at))
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


class DoorCodeSync:
    """Hands the codes of one run's bookings over."""

    def __init__(self, context: RunContext, precedence: LongRun | None):
        """`precedence`: urgent news of a booking may overtake this one too."""
        self._context = context
        self._precedence = precedence
        self._book = DoorCodeRecords(context.store, context.name)
        self._lockless: list[OutcomeRow] = []
        """Whose code is not handed over, for it would open the common areas only."""

    def run(self, one: Prepared, skip: frozenset[str], everything: bool) -> list[Task]:
        """Hands over for the bookings of a prepared property whose plan was carried out; returns when to look at which
        booking again. `skip`: bookings that this run leaves alone. `everything`: also what the PMS was told before, and
        what it may hold of bookings that nobody remembers here."""
        how = self._context.policy.write_back
        if how == OFF:
            return []
        of, now = one.pulled.of, self._context.clock()
        self._lockless = []
        wanted, scope = self._wanted(one, skip, now)
        if self._lockless:
            self._context.report.add(self._lockless)
        before = self._book.of_bookings(scope)
        told: dict[str, list[DoorCodeRecord]] = {}
        for row in before.values():
            told.setdefault(row.booking_id, []).append(row)
        due: dict[str, list[_Wanted]] = {}
        for booking_id in scope:
            mine = wanted.get(booking_id, [])
            rows = {row.key: row for row in told.get(booking_id, ())}
            as_before = rows.keys() == {one.grant.key for one in mine} and all(
                rows[each.grant.key].mark == each.mark and rows[each.grant.key].trouble is None for each in mine
            )
            if everything or not as_before:
                due[booking_id] = mine
        again: list[Task] = []
        if due:
            self._context.progress.phase(say_number(len(due), *FOR_THE_PMS, of=of.name), len(due))
        everyone = list(due)
        for start in range(0, len(everyone), AT_ONCE):
            part = everyone[start : start + AT_ONCE]
            with self._claimed(part) as claimed:
                again += self._tell(of, {booking_id: due[booking_id] for booking_id in claimed}, before, how, now)
            self._context.progress.advance(len(part))
        # Stays that are over by the clock alone, and that no list has any more, are asked for by their ids.
        return again + [self._again(of, booking_id, now) for booking_id in self._book.ended(of.id, now) - scope]

    def _again(self, of: Property, booking_id: str, when: datetime, attempts: int = 0, why: str | None = None) -> Task:
        name = self._context.name
        return Task(name, TaskKind.WRITE_DOOR_CODE, booking_id, when, of.id, attempts, why)

    @contextmanager
    def _claimed(self, booking_ids: Sequence[str]) -> Iterator[list[str]]:
        """Those of these bookings that no urgent run has taken out of this run's hands, for as long as this lasts."""
        precedence = self._precedence
        if precedence is None:
            yield list(booking_ids)
            return
        mine = precedence.begin(booking_ids)
        try:
            yield mine
        finally:
            precedence.end(mine)

    def _wanted(self, one: Prepared, skip: frozenset[str], now: datetime) -> tuple[dict[str, list[_Wanted]], set[str]]:
        """The grants whose codes the PMS should hold, by booking; and the bookings of which that can be said: not one
        where somebody's times are not certain, who keeps what she has."""
        scope = {
            access.booking_id
            for access in one.accesses
            if access.booking_id not in skip
            and not any(kept.keeps_times for kept in access.kept)
            and (access.withheld is None or access.withheld.takes_access_away)
        }
        held = {change.booking_id for change in one.plan.held}
        scope -= {booking_id for booking_id in held if booking_id is not None}
        links = {
            link.key: link
            for link in Links(self._context.store).of_bookings(self._context.name, scope)
            if link.kind == Kind.ACCESS_GRANT
        }
        wanted: dict[str, list[_Wanted]] = {}
        for access in one.accesses:
            if access.booking_id not in scope:
                continue
            for grant in (*access.grants, *access.kept):
                link = links.get(grant.key)
                if link is None or (grant.ends_at is not None and grant.ends_at <= now):
                    continue
                if (room := self._room_without_lock(one, grant)) is not None:
                    reason = say(
                        "no door code for the PMS: it opens no lock of room {room}, which has none in Seam; {advice}",
                        room=room,
                        advice=lock_advice_of(one.existing),
                    )
                    self._lockless.append(
                        _row(grant.key, access.booking_id, grant.label, Action.WAIT, Outcome.WAITING, reason)
                    )
                else:
                    wanted.setdefault(access.booking_id, []).append(_Wanted(link, grant))
        return wanted, scope

    def _room_without_lock(self, one: Prepared, grant: DesiredAccessGrant) -> str | None:
        """The name of a grant's room where neither it nor any other room of the grant has a lock in Seam, as far as is
        known; what it opens beside them are common areas."""
        common = common_keys(self._context.keys, self._context.policy, one.pulled.of.id)
        hers = [one.existing.spaces.get(key) for key in {*grant.space_keys, *grant.closed_keys} - common]
        if not hers or any(space is None or space.doors != 0 for space in hers):
            return None
        room = one.pulled.rooms.get(grant.room_id)
        return room.name if room is not None else grant.room_id

    def _tell(
        self,
        of: Property,
        due: Mapping[str, Sequence[_Wanted]],
        before: Mapping[str, DoorCodeRecord],
        how: str,
        now: datetime,
    ) -> list[Task]:
        codes, waiting, unknown = self._codes(due)
        # Of a booking whose code Seam could not be asked for, nothing is known, so nothing is written.
        codes = {booking_id: mine for booking_id, mine in codes.items() if booking_id not in unknown}
        failed: dict[str, str] = dict(unknown)
        away = False
        """Whether the PMS could not be reached: nothing is wrong with the bookings then, and no pause grows."""
        changed: frozenset[str] = frozenset()
        if codes:
            self._note_begun(of, codes, before, now)
            remembered = {row.booking_id for row in before.values()}
            self._context.may_write()
            try:
                written = self._write(of, codes, how)
            except PmsError as problem:
                failed |= {one: sentence_of(problem) for one in codes if due[one] or one in remembered}
                away = isinstance(problem, PmsUnreachable)
            else:
                failed |= written.failed
                changed = written.changed
        notes: list[DoorCodeRecord] = []
        gone: list[str] = []
        again: list[Task] = []
        in_vain = {
            task.subject: task.attempts
            for task in Queue(self._context.store).waiting(self._context.name, [TaskKind.WRITE_DOOR_CODE], subjects=due)
        }
        rows: list[OutcomeRow] = []
        for booking_id, mine in due.items():
            keys = {one.grant.key for one in mine}
            former = [row for row in before.values() if row.booking_id == booking_id]
            label = next((one.grant.label for one in mine), None)
            key = next((one.grant.key for one in mine), former[0].key if former else booking_id)
            trouble = failed.get(booking_id)
            late = [one for one in mine if one.grant.key in waiting]
            attempts = in_vain.get(booking_id, 0) + (0 if away and trouble else 1)
            if trouble:
                again.append(
                    self._again(of, booking_id, now if away else now + DOOR_CODES.after(attempts), attempts, trouble)
                )
            elif late:
                tomorrow = now + timedelta(days=1)
                far = all(one.grant.starts_at > tomorrow for one in late) and attempts > MOMENTS
                again.append(
                    self._again(of, booking_id, now + (LATER if far else DOOR_CODES.after(attempts)), attempts)
                )
            for one in mine:
                row = before.get(one.grant.key)
                unchanged = trouble or one in late
                mark = (row.mark if row is not None else None) if unchanged else one.mark
                notes.append(DoorCodeRecord(one.grant.key, of.id, booking_id, mark, trouble, now, one.grant.ends_at))
            for row in former:
                if row.key not in keys and trouble:
                    notes.append(replace(row, trouble=trouble, at=now))
                elif row.key not in keys:
                    gone.append(row.key)
            if trouble:
                reason = say("the PMS does not hold the right door code, so it cannot tell the guest")
                rows.append(_row(key, booking_id, label, Action.UPDATE, Outcome.FAILED, reason, trouble))
            elif booking_id in changed:
                ready = any(one.grant.key not in waiting for one in mine)
                handed, back = say("door code handed over to the PMS"), say("door code taken back from the PMS")
                reason = handed if ready else back
                action = Action.UPDATE if ready else Action.REVOKE
                rows.append(_row(key, booking_id, label, action, Outcome.DONE, reason))
        self._book.note(notes, gone)
        if rows:
            self._context.report.add(rows)
        return again

    def _write(self, of: Property, codes: Mapping[str, Sequence[DoorCode]], how: str) -> AccessWritten:
        """Hands codes over; a defect in the connector costs one booking, and no other. Raises `PmsError`, and what
        `may_write` raises."""
        try:
            with asked_first(self._context.may_write):
                return self._context.connection.connector.door_codes.write(of, codes, how)
        except (PmsError, StoreFailed):
            raise
        except Exception as problem:
            if len(codes) == 1:
                return AccessWritten(failed=dict.fromkeys(codes, defect(problem)))
        alone = [self._write(of, {booking_id: mine}, how) for booking_id, mine in codes.items()]
        return AccessWritten(
            changed=frozenset().union(*(one.changed for one in alone)),
            failed={booking_id: said for one in alone for booking_id, said in one.failed.items()},
        )

    def _note_begun(
        self, of: Property, codes: Mapping[str, Sequence[DoorCode]], before: Mapping[str, DoorCodeRecord], now: datetime
    ) -> None:
        """What the PMS is about to be told for the first time: should we die meanwhile, it is taken back all the same
        when access ends."""
        self._book.note(
            [
                DoorCodeRecord(code.key, of.id, booking_id, None, None, now, code.ends_at)
                for booking_id, mine in codes.items()
                for code in mine
                if code.key not in before
            ]
        )

    def _codes(
        self, due: Mapping[str, Sequence[_Wanted]]
    ) -> tuple[dict[str, list[DoorCode]], set[str], dict[str, str]]:
        """What the PMS should hold, by booking; the keys of grants that no lock has confirmed yet, or that are to get
        another PIN; and the bookings that Seam could not be asked about, each with the reason."""
        codes: dict[str, list[DoorCode]] = {booking_id: [] for booking_id in due}
        waiting: set[str] = set()
        unknown: dict[str, str] = {}
        everyone = [(booking_id, one) for booking_id, mine in due.items() for one in mine]
        found_of: list[tuple[_Wanted, DoorCode]] = []

        def ask(item: tuple[str, _Wanted]) -> tuple[str, _Wanted, object]:
            try:
                return *item, self._context.workspace.ways_in(item[1].link.seam_id)
            except SeamError as problem:
                return *item, problem

        here = copy_context()
        with ThreadPoolExecutor(self._context.workers, thread_name_prefix="hand over") as pool:
            for booking_id, one, found in pool.map(lambda item: here.copy().run(ask, item), everyone):
                if isinstance(found, SeamError):
                    unknown[booking_id] = sentence_of(found)
                    continue
                assert isinstance(found, list)
                ready = [way for way in found if way.issued]
                pin = next((way.pin for way in ready if way.pin is not None), None)
                link = next((way.link for way in ready if way.link is not None), None)
                if pin is None and link is None:
                    waiting.add(one.grant.key)
                    continue
                code = DoorCode(
                    key=one.grant.key,
                    booking_id=booking_id,
                    room_id=one.grant.room_id,
                    starts_at=one.grant.starts_at,
                    ends_at=one.grant.ends_at,
                    pin=pin,
                    link=link if pin is None else None,
                )
                found_of.append((one, code))
        marks = {
            one.link.seam_id: self._context.workspace.mark(code.pin) for one, code in found_of if code.pin is not None
        }
        links = [one.link for one, _ in found_of]
        compare = may_be_compared(self._context.policy)
        of_others = learn_pins(self._context.store, self._context.name, marks, links, self._context.clock(), compare)
        for one, code in found_of:
            if one.link.seam_id in of_others:
                waiting.add(code.key)
            else:
                codes[code.booking_id].append(code)
        return codes, waiting, unknown


def _row(
    key: str,
    booking_id: str,
    label: str | None,
    action: Action,
    result: Outcome,
    reason: str,
    error: str | None = None,
) -> OutcomeRow:
    return OutcomeRow(Kind.DOOR_CODE, key, action, result, reason, error, label, booking_id)
