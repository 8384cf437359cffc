"""Carries a plan out in Seam: concurrent across bookings, ordered within one, every outcome committed at once.

Order: Spaces, then User Identities, then revocations (and the first half of moves into a room that somebody else
leaves), then everything else. One failure stops nobody but the person whom it concerns. What is about to be done to a
booking is noted before it starts, so a process killed at any moment leaves a note for the next run; and with the note,
sealed, the PIN of whoever is moved, until her new grant is made.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from mappers.keys import split_generation, with_generation
from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from mappers.user_identities import contact_name
from reconciler.changes import HELD_BY_ANOTHER, Action, Change, Kind, Plan, Relink, Result, fingerprint
from reconciler.overtaking import LongRun
from reconciler.planner import next_generation_key
from reconciler.report import RunReport, defect
from seam_workspace.errors import SeamBusy, SeamError, SeamNotFound, SeamRefused, SeamUnauthorized, SeamUnreachable
from seam_workspace.existing import ExistingAccessGrant, ExistingResources, ExistingSpace, ExistingUserIdentity
from seam_workspace.workspace import Workspace
from store.engine import Database, StoreFailed
from store.links import Link, Links
from store.runs import OutcomeRow
from store.work import Work

WORKERS = 8
FAILURES_IN_A_ROW = 16
"""After so many unreachable answers without a good one between them, Seam is down: the rest is not tried."""
EVERYBODY = 3
"""When so many bookings fail and none goes well, it is not the bookings."""
GENERATIONS = 5
PIN_IN_TIME = timedelta(hours=2)
"""So long before a room of a stay is due, its grant is made though the PIN of an earlier one is not known yet."""
LOOK_FOR_A_PIN = timedelta(minutes=1)
BEING_DELETED = (
    "Seam is deleting the Space of {}, and access to it would go with it: tried again, until it is gone and made anew"
)
TAKEN = "another identity in Seam has it"
TAKEN_WORDS = ("exist", "taken", "in use", "conflict", "unique", "duplicate")
T = TypeVar("T")


class NotTried(SeamError):
    """Something before this failed, so this was not begun."""


class Executor:
    """Executes the plan of one property within one run."""

    def __init__(
        self,
        workspace: Workspace,
        store: Database,
        report: RunReport,
        *,
        property_id: str,
        existing: ExistingResources,
        replace_wait: timedelta,
        clock: Callable[[], datetime],
        workers: int = WORKERS,
        progress: Callable[[int], None] = lambda done: None,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        stop: Callable[[], bool] = lambda: False,
        claims: LongRun | None = None,
        may_write: Callable[[], None] = lambda: None,
        is_overtaken: Callable[[Kind, str], bool] = lambda kind, key: False,
    ):
        """`claims` lets urgent news of single bookings overtake this run. `stop` is asked before each booking: once it
        says so, what is begun is finished and nothing new begun. `may_write` is called before everything that changes
        Seam, and raises `StoreFailed` where that is not for this run to do any more. `is_overtaken`: whether something
        newer of a booking or a person was read than by this run."""
        self._may_write = may_write
        self._is_overtaken = is_overtaken
        self._stop = stop
        self._claims = claims
        self.overtaken_bookings: set[str] = set()
        """Bookings that an urgent run, which read the PMS later, has taken out of this one's hands."""
        self.left_undone = 0
        """How many changes were not begun, because `stop` said so."""
        self._workspace = workspace
        self._store = store
        self._report = report
        self._property_id = property_id
        self._replace_wait = replace_wait.total_seconds()
        self._clock = clock
        self._workers = workers
        self._progress = progress
        self._monotonic = monotonic
        self._sleep = sleep
        self._space_ids = {key: space.id for key, space in existing.spaces.items() if not space.being_deleted}
        self._override_spaces = existing.reservation_space_ids
        self._dying_spaces = {key: space.name for key, space in existing.spaces.items() if space.being_deleted}
        self._doors_by_id = existing.doors
        self._doors_are_known = bool(existing.doors)
        self._identity_ids = {key: identity.id for key, identity in existing.user_identities.items()}
        self._failed_bookings: dict[str, str] = {}
        self._away: set[str] = set()
        """Bookings that failed only because Seam could not be reached or takes nothing from anybody."""
        self._away_identities: set[str] = set()
        self._went_well = 0
        self._failed_identities: dict[str, str] = {}
        self._lock = threading.Lock()
        self._stopped: SeamError | None = None
        self._unreachable = 0
        self._begun: dict[str, _Leaving] = {}
        self._kept_pins: dict[str, dict[str, str]] | None = None
        """By booking and identity key: what an earlier run was cut off or failed with."""
        self._unfinished: set[str] = set()
        """Bookings with more to do than revocations: their note, with what is sealed in it, stays till then."""
        self._heirs: list[Change] = []
        """New grants of people whose PIN stands in a grant that goes in the same run."""
        self.postponed: dict[str, datetime] = {}
        """Bookings with a room that waits for the PIN of another one, and when to look again."""
        self.undone_bookings: set[str] = set()
        self.told: list[tuple[Link, datetime]] = []
        """Grants that were made or changed, and when that was begun: their locks have yet to hear of it."""

    @property
    def failed_bookings(self) -> dict[str, str]:
        """What went wrong, by booking id."""
        return dict(self._failed_bookings)

    @property
    def waiting_for_seam(self) -> set[str]:
        """Those of the failed bookings with which nothing is wrong: Seam was away, or refused everybody."""
        if not self._went_well and len(self._failed_bookings) >= EVERYBODY:
            return set(self._failed_bookings)
        return self._away & self._failed_bookings.keys()

    def make_spaces(self, plan: Plan) -> None:
        """The first part of a plan: whatever else comes needs the Spaces."""
        self._all([[change] for change in plan.spaces if change.action is not Action.REVOKE], self._space)

    def execute(self, plan: Plan) -> None:
        """Carries out every other change; what fails is an outcome with its error."""
        self._relink(plan.relinks)
        # Whoever gives up an e-mail or phone goes before whoever may be waiting for it.
        self._all([[change] for change in plan.identities if _gives_up_a_contact(change)], self._identity)
        self._all([[change] for change in plan.identities if not _gives_up_a_contact(change)], self._identity)
        bookings = sorted(_by_booking(plan.grants), key=_since_when)
        if bookings:
            self._kept(None)
        self._unfinished = {
            change.booking_id for change in plan.grants if change.action is not Action.REVOKE and change.booking_id
        }
        leaving = {
            grant.id for change in plan.grants if change.action is Action.REVOKE for grant in change.existing_grants
        }
        self._heirs = [
            change
            for change in plan.grants
            if change.action is Action.CREATE and any(grant.id in leaving for grant in change.pin_from)
        ]
        going = [[change for change in changes if change.action is Action.REVOKE] for changes in bookings]
        self._all([changes for changes in going if changes], self._revoke)
        self._all(_into_each_others_rooms(bookings), self._leave)
        staying = [[change for change in changes if change.action is not Action.REVOKE] for changes in bookings]
        self._all([changes for changes in staying if changes], self._grants)
        self._all([[change] for change in plan.spaces if change.action is Action.REVOKE], self._space)

    # --- running --------------------------------------------------------------------------------------------------

    def _all(self, groups: Sequence[Sequence[Change]], work: Callable[[Sequence[Change]], None]) -> None:
        if not groups:
            return
        with ThreadPoolExecutor(self._workers, thread_name_prefix="executor") as pool:
            try:
                for finished in [pool.submit(self._group, group, work) for group in groups]:
                    finished.result()
            except BaseException:
                # Stopped by somebody, or a defect: what is under way is finished, nothing new is begun.
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _group(self, group: Sequence[Change], work: Callable[[Sequence[Change]], None]) -> None:
        # A move whose first half is done has a guest standing outside: it is finished.
        begun = any(change.key in self._begun for change in group)
        if self._stop() and not begun:
            if work != self._leave:
                with self._lock:
                    self.left_undone += len(group)
                    self.undone_bookings.update(one.booking_id for one in group if one.booking_id is not None)
            return
        with self._workspace.guarded(self._may_write):
            self._work(group, work)
        self._progress(sum(change.kind is not Kind.ACCESS_GRANT or work != self._leave for change in group))

    def _work(self, group: Sequence[Change], work: Callable[[Sequence[Change]], None]) -> None:
        booking_id = group[0].booking_id
        if booking_id is None:
            # A person has no booking, so nobody claims her: what was read of her later has the last word.
            if group[0].kind is not Kind.USER_IDENTITY or not self._is_overtaken(group[0].kind, group[0].key):
                work(group)
        elif self._claims is None:
            work(group)
        elif self._claims.enter([booking_id]):
            try:
                work(group)
            finally:
                # Between the two halves of a move the guest stands outside: nobody may come in between.
                if work != self._leave or not any(change.key in self._begun for change in group):
                    self._claims.leave([booking_id])
                if work != self._leave and any(change.key in self._begun for change in group):
                    self._claims.leave([booking_id])
        else:
            with self._lock:
                self.overtaken_bookings.add(booking_id)

    def _attempt(
        self, change: Change, act: Callable[[], tuple[str, Sequence[Link], Sequence[tuple[str, str]]]]
    ) -> bool:
        """Runs one change and commits its outcome; `act` returns what to add to the reason, links made, links gone."""
        try:
            if self._stopped is not None:
                raise NotTried(f"not tried: {self._stopped}")
            remark, made, gone = act()
        except StoreFailed:
            raise  # Without its memory a run must not go on.
        except Exception as problem:
            said = str(problem) if isinstance(problem, SeamError) else defect(problem)
            self._note_failure(problem)
            if change.booking_id is not None:
                self._failed_bookings.setdefault(change.booking_id, said)
            if change.kind is Kind.USER_IDENTITY:
                self._failed_identities[change.key] = said
            self._note_who_is_away(change, problem)
            self._report.add([_row(change, Result.FAILED, change.reason, said)])
            return False
        self._unreachable = 0
        self._went_well += 1
        reason = f"{change.reason}; {remark}" if remark else change.reason
        self._report.add([_row(change, Result.DONE, reason)], made=made, gone=gone)
        return True

    def _note_who_is_away(self, change: Change, problem: Exception) -> None:
        of_another = (
            isinstance(problem, NotTried)
            and change.grant is not None
            and change.grant.user_identity_key in self._away_identities
        )
        # A 403 is said of us, and not of the record.
        forbidden = isinstance(problem, SeamRefused) and problem.status == 403
        unreachable = isinstance(problem, SeamUnreachable | SeamUnauthorized)
        if not (unreachable or forbidden or of_another or self._stopped is not None):
            return
        if change.kind is Kind.USER_IDENTITY:
            self._away_identities.add(change.key)
        if change.booking_id is not None:
            self._away.add(change.booking_id)

    def _note_failure(self, problem: Exception) -> None:
        with self._lock:
            if isinstance(problem, SeamUnauthorized | SeamBusy):
                self._stopped = problem
            elif isinstance(problem, SeamUnreachable):
                self._unreachable += 1
                if self._unreachable >= FAILURES_IN_A_ROW:
                    self._stopped = problem

    def _relink(self, relinks: Sequence[Relink]) -> None:
        """Notes what is in step already: one transaction, for nothing is written to Seam."""
        adopted = [
            OutcomeRow(
                kind=relink.kind,
                key=with_generation(relink.key, relink.generation),
                action=Action.ADOPT,
                outcome=Result.DONE,
                reason="Seam had it already, as it should be",
                label=relink.label,
                booking_id=relink.booking_id,
            )
            for relink in relinks
            if relink.adopted
        ]
        made = [self._link(relink) for relink in relinks]
        if made:
            self._report.add(adopted, made=made)

    def _link(self, relink: Relink) -> Link:
        return Link(
            kind=relink.kind,
            key=relink.key,
            seam_id=relink.seam_id,
            generation=relink.generation,
            wanted_hash=relink.wanted_hash,
            made_hash=relink.made_hash,
            property_id=self._property_id,
            booking_id=relink.booking_id,
            user_identity_key=relink.user_identity_key,
            ends_at=relink.ends_at,
            label=relink.label,
        )

    # --- spaces -----------------------------------------------------------------------------------------------------

    def _space(self, group: Sequence[Change]) -> None:
        (change,) = group

        def act() -> tuple[str, Sequence[Link], Sequence[tuple[str, str]]]:
            if change.action is Action.REVOKE:
                assert change.existing_space is not None
                self._workspace.delete_space(change.existing_space.id)
                return "", (), ((Kind.SPACE, change.key),)
            wanted = change.space
            assert wanted is not None
            found = change.existing_space
            if found is not None:
                space_id = found.id
                if not _is_as_wanted(found, wanted):
                    self._workspace.update_space(space_id, wanted)
            else:
                made = self._workspace.create_space(wanted)
                if made.being_deleted:
                    raise SeamUnreachable(BEING_DELETED.format(wanted.name))
                space_id = made.id
                if made.name != wanted.name:
                    self._workspace.update_space(space_id, wanted)
            if wanted.door_ids is not None and self._doors_are_known:
                there = [self._doors_by_id[one] for one in sorted(wanted.door_ids) if one in self._doors_by_id]
                before = found.door_ids if found is not None else frozenset()
                if before is None or before != {door.id for door in there}:
                    counted = found.doors if found is not None else 0
                    beside_others = counted is None or counted > len(before or ())
                    self._workspace.set_doors(space_id, there, beside_others=beside_others)
            self._space_ids[change.key] = space_id
            mark = fingerprint(wanted)
            link = Link(Kind.SPACE, change.key, space_id, 1, mark, mark, self._property_id, label=wanted.name)
            return "", (link,), ()

        self._attempt(change, act)

    # --- user identities ------------------------------------------------------------------------------------------

    def _identity(self, group: Sequence[Change]) -> None:
        (change,) = group

        def act() -> tuple[str, Sequence[Link], Sequence[tuple[str, str]]]:
            if change.action is Action.REVOKE:
                assert change.existing_identity is not None
                self._workspace.delete_user_identity(change.existing_identity.id)
                return "", (), ((Kind.USER_IDENTITY, change.key),)
            wanted = change.identity
            assert wanted is not None
            if change.existing_identity is None:
                found, made, remark = self._with_what_seam_takes(wanted, self._create_identity)
                identity_id = found.id
            else:
                existing = change.existing_identity
                identity_id = existing.id

                def update(variant: DesiredUserIdentity) -> None:
                    if not _says(existing, variant):
                        self._workspace.update_user_identity(identity_id, variant)

                _, made, remark = self._with_what_seam_takes(wanted, update)
            self._identity_ids[change.key] = identity_id
            # A contact that somebody else has may become free: a run over everything asks for it again. One that
            # Seam does not take at all is not asked for any more.
            mark = HELD_BY_ANOTHER if remark.endswith(TAKEN) else ""
            link = Link(
                Kind.USER_IDENTITY,
                change.key,
                identity_id,
                1,
                mark + fingerprint(wanted),
                fingerprint(made),
                self._property_id,
            )
            return remark, (link,), ()

        self._attempt(change, act)

    def _create_identity(self, wanted: DesiredUserIdentity) -> ExistingUserIdentity:
        found = self._workspace.create_user_identity(wanted)
        # By an earlier attempt, or by somebody else: then it may not say what the PMS says now.
        if not _says(found, wanted):
            self._workspace.update_user_identity(found.id, wanted)
        return found

    def _with_what_seam_takes(
        self, wanted: DesiredUserIdentity, write: Callable[[DesiredUserIdentity], T]
    ) -> tuple[T, DesiredUserIdentity, str]:
        """Writes an identity; where Seam refuses a contact (somebody else has it), without that contact."""
        refused: SeamRefused
        try:
            return write(wanted), wanted, ""
        except SeamNotFound:
            raise
        except SeamRefused as refusal:
            refused = refusal
        without_email = replace(wanted, email_address=None)
        without_phone = replace(wanted, phone_number=None)
        without_both = replace(wanted, email_address=None, phone_number=None)
        blames_email, blames_phone = "email" in refused.words, "phone" in refused.words
        if blames_phone and not blames_email:
            order = [without_phone, without_both]
        elif blames_email and not blames_phone:
            order = [without_email, without_both]
        else:
            order = [without_email, without_phone, without_both]
        tried = {(wanted.email_address, wanted.phone_number)}
        for variant in order:
            contacts = (variant.email_address, variant.phone_number)
            if contacts in tried:
                continue
            tried.add(contacts)
            try:
                written = write(variant)
            except SeamNotFound:
                raise
            except SeamRefused:
                continue
            lost = []
            if variant.email_address != wanted.email_address:
                lost.append("e-mail")
            if variant.phone_number != wanted.phone_number:
                lost.append("phone")
            taken = refused.status == 409 or any(word in refused.words for word in TAKEN_WORDS)
            return written, variant, f"without {' and '.join(lost)}: {TAKEN if taken else 'Seam does not accept it'}"
        raise refused

    # --- access grants --------------------------------------------------------------------------------------------

    def _revoke(self, group: Sequence[Change]) -> None:
        self._begin(group)
        for heir in self._heirs:
            if heir.booking_id == group[0].booking_id:
                self._save_pin(heir)
        for change in group:

            def act(change: Change = change) -> tuple[str, Sequence[Link], Sequence[tuple[str, str]]]:
                gone = []
                for grant in change.existing_grants:
                    self._workspace.delete_access_grant(grant.id)
                    base, generation = split_generation(grant.key or "")
                    link = Links(self._store).of_keys(self._report.connection, [base])
                    if not link or link[0].seam_id == grant.id or link[0].generation == generation:
                        gone.append((str(Kind.ACCESS_GRANT), base))
                return "", (), gone

            self._attempt(change, act)
        if group[0].booking_id not in self._unfinished:
            self._finish(group)

    def _leave(self, group: Sequence[Change]) -> None:
        """The first half of a move, done early: somebody else is about to get the room that this guest leaves."""
        self._begin(group)
        for change in group:
            try:
                if self._stopped is None and (change.takes_over or self._can_be_made(change)):
                    self._begun[change.key] = self._delete_former(change)
            except StoreFailed:
                raise
            except Exception as problem:
                # The second half tries again, and reports.
                self._note_failure(problem)

    def _grants(self, group: Sequence[Change]) -> None:
        """Everything but revocations for one booking. All that must go goes first: a reservation's doors can only
        change when no grant of it is left."""
        self._begin(group)
        leaving: dict[str, _Leaving] = {}
        reservation_key: str | None = None
        made: dict[str, ExistingAccessGrant] = {}
        """By identity key: whoever has several rooms in turn has one PIN for all of them."""
        for change in group:
            if change.action is Action.REPLACE and change.key not in self._begun:
                try:
                    if self._stopped is None and (change.takes_over or self._can_be_made(change)):
                        leaving[change.key] = self._delete_former(change)
                except StoreFailed:
                    raise
                except Exception:  # noqa: S110 - tried again below, where it becomes an outcome
                    pass
        for change in group:
            wanted = change.grant
            assert wanted is not None
            if reservation_key is not None and change.reservation_key is not None:
                change = replace(change, reservation_key=reservation_key)
            is_new = change.action is Action.CREATE or change.takes_over
            if is_new and (first := made.get(wanted.user_identity_key)) is not None:
                change = replace(change, pin_from=(*change.pin_from, first))
            if self._waits_for_a_pin(change):
                self._postpone(change)
                continue

            def act(
                change: Change = change, wanted: DesiredAccessGrant = wanted
            ) -> tuple[str, Sequence[Link], Sequence[tuple[str, str]]]:
                begun = self._clock()
                if change.action is Action.UPDATE:
                    grant, remark = self._update(change, wanted)
                else:
                    left = self._begun.get(change.key) or leaving.get(change.key)
                    grant, remark = self._make(change, wanted, left)
                nonlocal reservation_key
                reservation_key = grant.reservation_key or reservation_key
                made[wanted.user_identity_key] = grant
                link = self._grant_link(wanted, grant)
                self.told.append((link, begun))
                return remark, (link,), ()

            self._attempt(change, act)
        self._finish(group)

    def _waits_for_a_pin(self, change: Change) -> bool:
        """Whether a later room of a stay had better wait until the PIN of an earlier one is known."""
        wanted = change.grant
        assert wanted is not None
        if not (change.action is Action.CREATE or change.takes_over) or wanted.starts_at <= self._clock() + PIN_IN_TIME:
            return False
        alive = [grant for grant in change.pin_from if not grant.being_deleted]
        if not alive or "code" not in wanted.access_methods or not wanted.keeps_pin:
            return False
        try:
            return self._pin_for(change) is None
        except StoreFailed:
            raise
        except Exception:
            return False  # Asked again when it is made, where it becomes an outcome.

    def _postpone(self, change: Change) -> None:
        if change.booking_id is not None:
            self.postponed[change.booking_id] = self._clock() + LOOK_FOR_A_PIN
        reason = f"{change.reason}; waits until the PIN of the guest's other room is known, so that it is the same"
        self._report.add([_row(change, Result.WAITING, reason)])

    def _update(self, change: Change, wanted: DesiredAccessGrant) -> tuple[ExistingAccessGrant, str]:
        current = change.existing_grants[0]
        try:
            if (current.starts_at, current.ends_at, current.name) != (wanted.starts_at, wanted.ends_at, wanted.name):
                self._workspace.update_access_grant(current.id, wanted)
            if change.add_methods:
                self._workspace.add_access_methods(current.id, change.add_methods, wanted.instant_key_max_use_count)
        except SeamNotFound:
            if wanted.no_new is not None:
                raise
            return self._make(change, wanted, _Leaving(self._monotonic(), self._pin_for(change)))
        except SeamRefused:
            if wanted.no_new is not None or current.ends_at is None or current.ends_at > self._clock():
                raise
            # Its time is over, so it opens nothing: there is nothing to lose by making it anew.
            return self._make(change, wanted, None)
        return current, ""

    def _delete_former(self, change: Change) -> "_Leaving":
        """Starts the deletion of the grant that is to be replaced; the PIN of whoever has the new one is carried over,
        in memory and, sealed, in the note of what is under way."""
        pin = self._pin_for(change)
        current = change.existing_grants[0]
        if not current.being_deleted:
            if pin is not None:
                self._keep_pin(change, pin)
            self._workspace.delete_access_grant(current.id)
        return _Leaving(self._monotonic(), pin)

    def _pin_for(self, change: Change) -> str | None:
        """The PIN that this very person has by this booking, or had when an earlier run was cut off; None where she is
        to have another."""
        assert change.grant is not None
        if "code" not in change.grant.access_methods or not change.grant.keeps_pin:
            return None
        for grant in change.pin_from:
            pin = self._workspace.pin_of(grant.id)
            if pin is not None:
                return pin
        kept = self._kept(change.booking_id)
        people = (change.grant.user_identity_key, *change.grant.merged_identity_keys)
        return next((kept[key] for key in people if key in kept), None)

    def _save_pin(self, change: Change) -> None:
        """Keeps, sealed, the PIN of whoever is about to lose one room and to get another."""
        try:
            pin = self._pin_for(change)
        except StoreFailed:
            raise
        except Exception as problem:
            self._note_failure(problem)
            return
        if pin is not None:
            self._keep_pin(change, pin)

    def _kept(self, booking_id: str | None) -> dict[str, str]:
        with self._lock:
            if self._kept_pins is None:
                sealed = Work(self._store).sealed_steps(self._report.connection)
                self._kept_pins = {one: self._workspace.open_sealed(text) for one, text in sealed.items()}
            return self._kept_pins.setdefault(booking_id or "", {})

    def _keep_pin(self, change: Change, pin: str) -> None:
        assert change.grant is not None
        assert change.booking_id is not None
        kept = self._kept(change.booking_id)
        if kept.get(change.grant.user_identity_key) != pin:
            kept[change.grant.user_identity_key] = pin
            Work(self._store).seal_step(self._report.connection, change.booking_id, self._workspace.seal(kept))

    def _make(
        self, change: Change, wanted: DesiredAccessGrant, left: "_Leaving | None"
    ) -> tuple[ExistingAccessGrant, str]:
        """Makes a grant under the first key that is free, waiting a little for a key that is about to be."""
        if left is None and change.takes_over:
            left = self._delete_former(change)
        identity_id = self._user_identity_id(change)
        space_ids = self._doors(change)
        if left is None:
            left = (
                self._delete_former(change)
                if change.existing_grants and change.action is not Action.CREATE
                else _Leaving(self._monotonic(), self._pin_for(change))
            )
        if left.pin is None and change.takes_over and change.pin_from:
            left.pin = self._pin_for(change)
        occupied = {grant.key: grant.id for grant in change.existing_grants if grant.key}
        remarks = []
        if change.takes_over and not self._is_dead(change.existing_grants[0], left.since + self._replace_wait):
            remarks.append("the former guest's access is still being deleted, and may open until then")
        key = self._free_key(wanted.key, occupied, left.since + self._replace_wait)
        keeps = change.pin_from and "code" in wanted.access_methods and wanted.keeps_pin
        if keeps and left.pin is None:
            remarks.append("new PIN: the former one could not be carried over")
        for _ in range(GENERATIONS):
            grant, remark = self._create(change, wanted, key, identity_id, space_ids, left.pin)
            if grant.being_deleted:
                occupied[key] = grant.id
                key = next_generation_key(wanted.key, occupied)
                continue
            if remark:
                remarks.append(remark)
            if grant.user_identity_id == identity_id and grant.space_ids == frozenset(space_ids):
                if (grant.starts_at, grant.ends_at) != (wanted.starts_at, wanted.ends_at):
                    self._workspace.update_access_grant(grant.id, wanted)
                if key != wanted.key:
                    remarks.append(f"made as {key}, for Seam still deletes the former grant")
                return grant, "; ".join(remarks)
            # Seam had one by this key that was not listed: for another guest, or other doors.
            if left.pin is None and self._is_hers(grant, wanted, identity_id) and wanted.keeps_pin:
                left.pin = self._workspace.pin_of(grant.id)
            if left.pin is not None:
                self._keep_pin(change, left.pin)
            self._workspace.delete_access_grant(grant.id)
            occupied[key] = grant.id
            key = self._free_key(wanted.key, occupied, self._monotonic() + self._replace_wait)
        raise SeamUnreachable(f"no key is free for this grant, although {GENERATIONS} were tried")

    def _is_hers(self, grant: ExistingAccessGrant, wanted: DesiredAccessGrant, identity_id: str) -> bool:
        merged = {self._identity_ids.get(key) for key in wanted.merged_identity_keys}
        return grant.user_identity_id == identity_id or grant.user_identity_id in merged

    def _is_dead(self, grant: ExistingAccessGrant, until: float) -> bool:
        """Waits for the end of another person's grant; whether it came in time."""
        pause = 0.25
        while grant.key is not None:
            found = self._workspace.access_grant_by_key(grant.key)
            if found is None or found.id != grant.id:
                break
            remaining = until - self._monotonic()
            if remaining <= 0:
                return False
            self._sleep(min(pause, remaining))
            pause = min(2.0, pause * 2)
        return True

    def _free_key(self, base_key: str, occupied: dict[str, str], until: float) -> str:
        """The first key of the grant; the next generation's where it does not become free in time."""
        pause = 0.25
        while base_key in occupied:
            found = self._workspace.access_grant_by_key(base_key)
            if found is None:
                del occupied[base_key]
                break
            remaining = until - self._monotonic()
            if remaining <= 0:
                break
            self._sleep(min(pause, remaining))
            pause = min(2.0, pause * 2)
        return next_generation_key(base_key, occupied)

    def _create(
        self,
        change: Change,
        wanted: DesiredAccessGrant,
        key: str,
        identity_id: str,
        space_ids: Sequence[str],
        pin: str | None,
    ) -> tuple[ExistingAccessGrant, str]:
        """Creates the grant; gives way where Seam refuses the PIN or the reservation, and says so."""
        reservation_key = change.reservation_key
        generation = split_generation(reservation_key)[1] if reservation_key else 1
        tried: set[str] = set()
        remark = ""
        which = "former PIN" if pin is not None else "PIN from her phone number"
        if pin is None and "code" in wanted.access_methods:
            pin = wanted.pin
        for _ in range(GENERATIONS):
            try:
                grant = self._workspace.create_access_grant(
                    wanted,
                    key=key,
                    user_identity_id=identity_id,
                    space_ids=space_ids,
                    reservation_key=reservation_key,
                    pin=pin,
                )
            except SeamNotFound:
                raise
            except SeamRefused as refused:
                if reservation_key is not None and "reservation" in refused.words:
                    if refused.status == 409:
                        tried.add(reservation_key)
                        joined = self._living_reservation(wanted, space_ids, reservation_key)
                        if joined in tried:
                            raise SeamRefused(
                                f"Seam does not let her join the reservation {joined}, by which somebody of the same "
                                "booking has access to this door, and another one would lock that guest out: make her "
                                f"access in Seam under that reservation; {refused}",
                                status=409,
                            ) from None
                        if joined is not None:
                            reservation_key = joined
                            continue
                        # Grants on their way out still hold the reservation to its former doors.
                        generation += 1
                        reservation_key = with_generation(wanted.reservation_key, generation)
                    else:
                        reservation_key = None
                    continue
                if pin is not None:
                    pin = None
                    remark = (
                        "new PIN: the former one could not be carried over, for Seam refused it"
                        if which == "former PIN"
                        else f"another PIN than the {which}: Seam refused that one"
                    )
                    continue
                raise
            if pin is not None and "requested_code_unavailable" in grant.troubles:
                remark = f"new PIN: the lock did not take the {which}"
            return grant, remark
        raise SeamUnreachable("Seam refuses every reservation key of this booking")

    def _living_reservation(self, wanted: DesiredAccessGrant, space_ids: Sequence[str], refused: str) -> str | None:
        """The reservation by which somebody of the same booking has access to one of these doors at the same time, and
        is not on the way out: an override lock knows one reservation at a time, so whoever comes joins it."""
        # Where nobody knows which doors are override locks, all may be.
        space_ids = [one for one in space_ids if one in self._override_spaces] or space_ids
        found = self._workspace.grants_of_reservation(refused)
        if not any(_holds(grant, wanted, space_ids) for grant in found):
            found = [grant for space_id in space_ids for grant in self._workspace.grants_in(space_id)]
        living = sorted(
            grant.reservation_key
            for grant in found
            if grant.reservation_key is not None
            and split_generation(grant.reservation_key)[0] == split_generation(wanted.reservation_key)[0]
            and _holds(grant, wanted, space_ids)
        )
        return living[0] if living else None

    def _can_be_made(self, change: Change) -> bool:
        """Whether the new grant has all it needs; otherwise the former one had better stay."""
        assert change.grant is not None
        return (
            change.grant.user_identity_key in self._identity_ids
            and change.grant.user_identity_key not in self._failed_identities
            and all(key in self._space_ids for key in change.grant.space_keys)
        )

    def _user_identity_id(self, change: Change) -> str:
        assert change.grant is not None
        key = change.grant.user_identity_key
        identity_id = self._identity_ids.get(key)
        if key in self._failed_identities or identity_id is None:
            raise NotTried(f"not tried, for the guest's identity failed: {self._failed_identities.get(key, key)}")
        return identity_id

    def _doors(self, change: Change) -> list[str]:
        assert change.grant is not None
        ids = [self._space_ids.get(key) for key in change.grant.space_keys]
        for key in change.grant.space_keys:
            if key in self._dying_spaces:
                raise NotTried(BEING_DELETED.format(self._dying_spaces[key]))
        if None in ids:
            raise NotTried("not tried, for one of the rooms' Spaces failed")
        return [one for one in ids if one is not None]

    def _grant_link(self, wanted: DesiredAccessGrant, grant: ExistingAccessGrant) -> Link:
        mark = fingerprint(wanted)
        return Link(
            kind=Kind.ACCESS_GRANT,
            key=wanted.key,
            seam_id=grant.id,
            generation=split_generation(grant.key)[1] if grant.key and grant.key != wanted.key else 1,
            wanted_hash=mark,
            made_hash=mark,
            property_id=self._property_id,
            booking_id=wanted.booking_id,
            user_identity_key=wanted.user_identity_key,
            ends_at=wanted.ends_at,
            label=wanted.label,
            starts_at=wanted.starts_at,
        )

    # --- the note of what is under way ------------------------------------------------------------------------------

    def _begin(self, group: Sequence[Change]) -> None:
        change = group[0]
        if change.booking_id is not None and self._stopped is None:
            Work(self._store).begin_step(
                self._report.run_id,
                self._report.connection,
                self._property_id,
                change.booking_id,
                ", ".join(f"{one.action} {one.key}" for one in group),
                self._clock(),
            )

    def _finish(self, group: Sequence[Change]) -> None:
        booking_id = group[0].booking_id
        if booking_id is not None and booking_id not in self._failed_bookings:
            Work(self._store).end_steps(self._report.connection, [booking_id])


class _Leaving:
    """A grant on its way out: since when (monotonic seconds), and the PIN that its successor should have."""

    def __init__(self, since: float, pin: str | None):
        self.since = since
        self.pin = pin


def _holds(grant: ExistingAccessGrant, wanted: DesiredAccessGrant, space_ids: Sequence[str]) -> bool:
    """Whether a living grant opens one of these doors in the time of another that is wanted."""
    return (
        not grant.being_deleted
        and not grant.space_ids.isdisjoint(space_ids)
        and (wanted.ends_at is None or grant.starts_at < wanted.ends_at)
        and (grant.ends_at is None or wanted.starts_at < grant.ends_at)
    )


def _row(change: Change, result: Result, reason: str, error: str | None = None) -> OutcomeRow:
    return OutcomeRow(
        kind=change.kind,
        key=change.key,
        action=change.action,
        outcome=result,
        reason=reason,
        error=error,
        label=change.label,
        booking_id=change.booking_id,
        cause=change.cause,
    )


def _is_as_wanted(found: ExistingSpace, wanted: DesiredSpace) -> bool:
    """Whether a Space says all that is wanted of it, its locks apart."""
    return (
        found.name == wanted.name
        and wanted.time_zone in (None, found.time_zone)
        and all(
            time is None or (text or "")[:5] == f"{time:%H:%M}"
            for time, text in ((wanted.check_in, found.check_in), (wanted.check_out, found.check_out))
        )
    )


def _gives_up_a_contact(change: Change) -> bool:
    found, wanted = change.existing_identity, change.identity
    if found is None or wanted is None:
        return False
    return any(
        before and contact_name(before) != contact_name(after or "")
        for before, after in (
            (found.email_address, wanted.email_address),
            (found.phone_number, wanted.phone_number),
        )
    )


def _says(identity: ExistingUserIdentity, wanted: DesiredUserIdentity) -> bool:
    """Whether an identity says all that is wanted of it already."""
    return (
        (identity.full_name or None, identity.phone_number or None) == (wanted.full_name, wanted.phone_number)
    ) and contact_name(identity.email_address or "") == contact_name(wanted.email_address or "")


def _since_when(changes: Sequence[Change]) -> datetime:
    """The oldest harm first: whoever should have been out, or in, for the longest."""
    return min(
        one.grant.starts_at if one.grant is not None else one.existing_grants[0].starts_at
        for one in changes
        if one.grant is not None or one.existing_grants
    )


def _by_booking(changes: Iterable[Change]) -> list[list[Change]]:
    bookings: dict[str | None, list[Change]] = {}
    for change in changes:
        bookings.setdefault(change.booking_id, []).append(change)
    return list(bookings.values())


def _into_each_others_rooms(bookings: Iterable[Sequence[Change]]) -> list[list[Change]]:
    """Moves whose old room somebody else moves into in the same run, while both stays last.

    Common areas do not count: everybody is there at any time.
    """
    moves = [
        change
        for changes in bookings
        for change in changes
        if change.action is Action.REPLACE and change.grant is not None
    ]
    if len(moves) < 2:
        return []
    arriving: dict[str, set[str | None]] = {}
    for change in moves:
        assert change.grant is not None
        if change.moves_to is not None:
            arriving.setdefault(change.moves_to, set()).add(change.booking_id)
    left: dict[str | None, list[Change]] = {}
    for change in moves:
        others = {booking_id for space_id in change.moves_from for booking_id in arriving.get(space_id, ())} - {
            change.booking_id
        }
        if others:
            left.setdefault(change.booking_id, []).append(change)
    return list(left.values())
