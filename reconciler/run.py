"""One run: pull, map, look up, plan, check, execute, record. The order in which a booking's data flows.

pull      reconciler.pull         the PMS's records, by a connector
look up   reconciler.lookup       what Seam has, by key
map       mappers                 records and policy -> what Seam should have
plan      reconciler.planner      the difference, with reasons
check     reconciler.safety       too many revocations at once are held
execute   reconciler.executor     in Seam, every outcome committed at once
record    reconciler.report       what a person reads afterwards
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from connectors.errors import PmsError
from connectors.records import Booking, BookingStatus, Property
from mappers.access_grants import BookingAccess, Existing, Severity, Withheld, booking_access
from mappers.keys import Keys, split_generation
from mappers.policy import Policy
from mappers.spaces import desired_spaces
from mappers.user_identities import desired_user_identity
from reconciler.changes import Action, Change, Kind, Plan, Result
from reconciler.executor import Executor
from reconciler.lookup import Links, look_up_grants, look_up_spaces, look_up_user_identities
from reconciler.planner import Audit, Desired, plan, plan_spaces
from reconciler.pull import PmsConnector, Pulled, ask_for_the_missing, pull_bookings, pull_changes, pull_everything
from reconciler.report import RunReport, defect
from reconciler.safety import hold_mass_revocations
from seam_workspace.errors import SeamError, SeamUnauthorized
from seam_workspace.existing import ExistingAccessGrant, ExistingResources, ExistingSpace
from seam_workspace.workspace import Workspace
from store.store import Hold, OutcomeRow, Store, StoreFailed, Watch

ALL_RIGHT, SOMETHING_FAILED, REVOCATIONS_HELD = 0, 1, 3
"""Exit codes; 2 is for settings."""


@dataclass(frozen=True, slots=True)
class RunConnection:
    """What a run needs to know of a connection."""

    name: str
    connector: PmsConnector
    policy: Policy
    keys: Keys


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run over. With nothing set: what changed since the last run; everything where there was none."""

    full: bool = False
    dry_run: bool = False
    property_id: str | None = None
    booking_ids: tuple[str, ...] = ()
    approve_run: str | None = None
    """Carry out the revocations that this run holds."""

    @property
    def mode(self) -> str:
        if self.approve_run:
            return "approve"
        if self.dry_run:
            return "plan"
        if self.booking_ids:
            return "bookings"
        return "full" if self.full else "incremental"


class Progress(Protocol):
    """Told how a run comes along; a terminal shows a bar, a log prints lines."""

    def phase(self, text: str, total: int | None = None) -> None: ...
    def advance(self, number: int) -> None: ...


class Silent:
    """Shows nothing."""

    def phase(self, text: str, total: int | None = None) -> None:
        pass

    def advance(self, number: int) -> None:
        pass


@dataclass(slots=True)
class _Prepared:
    """One property, read and planned."""

    pulled: Pulled
    existing: ExistingResources
    plan: Plan
    accesses: list[BookingAccess]
    notes: list[OutcomeRow] = field(default_factory=list)
    spaces_made: int = 0
    """Spaces that this run has put right already, and which therefore look unchanged by now."""


class Run:
    """One run over one connection. `clock` gives aware UTC; `monotonic` and `sleep` are for waiting on Seam."""

    def __init__(
        self,
        connection: RunConnection,
        workspace: Workspace,
        store: Store,
        options: RunOptions,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        progress: Progress | None = None,
        workers: int = 8,
    ):
        self._connection = connection
        self._connector = connection.connector
        self._policy = connection.policy
        self._keys = connection.keys
        self._workspace = workspace
        self._store = store
        self._options = options
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._progress = progress or Silent()
        self._workers = workers
        self._now = clock()
        self._links: Links = {}
        self._approved: dict[str, Hold] = {}
        self._broken_off = False
        self.report = RunReport(
            f"{self._now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
            connection.name,
            options.mode,
            self._now,
            clock,
            None if options.dry_run else store,
        )

    def execute(self) -> RunReport:
        """Runs; whatever fails is in the report. The caller holds the connection's lease, except in a dry run."""
        report, options = self.report, self._options
        if not options.dry_run:
            self._store.begin_run(report.run_id, report.connection, report.mode, self._now)
        if options.approve_run:
            self._approved = {hold.key: hold for hold, waits in self._store.holds_of(options.approve_run) if waits}
        self._links = self._store.links(self._connection.name)
        prepared = self._prepare_all()
        held = hold_mass_revocations(
            [one.plan for one in prepared],
            self._live_grants(prepared),
            self._policy.max_revocations,
            frozenset(self._approved),
        )
        for one in prepared:
            self._record_notes(one, held)
        if options.dry_run:
            for one in prepared:
                self._show(one.plan)
        else:
            self._carry_out(prepared)
        self._end(held)
        return report

    # --- pull, look up, map, plan -------------------------------------------------------------------------------------

    def _prepare_all(self) -> list[_Prepared]:
        self._progress.phase(f"{self._connection.name}: reading the PMS")
        try:
            self._connector.refresh()
            properties = self._connector.read_properties()
        except PmsError as problem:
            self._fail(Kind.PROPERTY, "*", "the PMS could not be read: nothing was changed", str(problem))
            return []
        self._miss_properties(properties)
        if self._options.property_id is not None:
            properties = [one for one in properties if one.id == self._options.property_id]
            if not properties:
                self._fail(
                    Kind.PROPERTY,
                    self._options.property_id,
                    "this connection has no such property",
                    "the PMS does not list it: check the id with `nightporter check`",
                )
        prepared = []
        for of in properties:
            try:
                one = self._prepare(of)
            except PmsError as problem:
                self._fail(
                    Kind.PROPERTY, of.id, f"{of.name}: the PMS could not be read: nothing was changed", str(problem)
                )
            except SeamError as problem:
                self._fail(
                    Kind.PROPERTY, of.id, f"{of.name}: Seam could not be read: nothing was changed", str(problem)
                )
                if isinstance(problem, SeamUnauthorized):
                    break
            except StoreFailed:
                raise
            except Exception as problem:
                self._fail(Kind.PROPERTY, of.id, f"{of.name}: nothing was changed", defect(problem))
            else:
                prepared.append(one)
        self._report_unknown_bookings(prepared)
        return prepared

    def _miss_properties(self, listed: Collection[Property]) -> None:
        """A property that has access in Seam and is not listed any more was more likely lost than closed."""
        there = {one.id for one in listed}
        known = {link.property_id for link in self._links.values() if link.property_id is not None}
        if self._options.property_id is not None:
            known &= {self._options.property_id}
        for property_id in sorted(known - there):
            self._fail(
                Kind.PROPERTY,
                property_id,
                "nothing was changed for this property",
                "the PMS does not list it any more: check that the integration is still enabled for it",
            )
        if not listed and not known:
            self._fail(
                Kind.PROPERTY,
                "*",
                "nothing was done",
                "the PMS lists no property: check that the integration is enabled",
            )

    def _report_unknown_bookings(self, prepared: Collection[_Prepared]) -> None:
        """A booking that was asked for by name, and that no property has."""
        if self._broken_off:
            return
        met: set[str] = set()
        for one in prepared:
            met |= one.pulled.known_ids() | one.pulled.gone | one.pulled.doubtful
        for booking_id in self._options.booking_ids:
            if booking_id not in met:
                self.report.add(
                    [
                        OutcomeRow(
                            Kind.ACCESS_GRANT,
                            self._keys.grant(booking_id),
                            Action.READ,
                            Result.FAILED,
                            "nothing was done for this booking",
                            "the PMS has no booking with this id: give the PMS's own id, not the confirmation number",
                            booking_id=booking_id,
                        )
                    ]
                )

    def _prepare(self, of: Property) -> _Prepared:
        options, name = self._options, self._connection.name
        cursor = self._store.cursor(name, of.id)
        full = False
        if options.approve_run:
            wanted = {hold.booking_id for hold in self._approved.values() if hold.property_id == of.id}
            pulled = pull_bookings(self._connector, of, wanted) if wanted else Pulled(of, full=False)
        elif options.booking_ids:
            asked = [one for one in options.booking_ids if self._connector.could_be_booking_id(one)]
            pulled = pull_bookings(self._connector, of, asked)
            self._drop_other_properties(pulled)
        elif options.full or cursor is None:
            full = True
            self.report.mode = "plan" if options.dry_run else "full"
            pulled = pull_everything(self._connector, of, self._now, self._policy.horizon)
        else:
            pulled = pull_changes(
                self._connector,
                of,
                cursor,
                self._now,
                also=self._store.watched(name, of.id, self._now),
                bookings_of_guests=lambda guest_ids: self._bookings_of_guests(of, guest_ids),
            )
        if not full and not pulled.rooms_read:
            return _Prepared(pulled, ExistingResources({}, {}, {}), Plan(), [])
        self._progress.phase(f"{of.name}: looking up what Seam has ({len(pulled.bookings)} bookings)")
        return self._look_up_and_plan(pulled)

    def _look_up_and_plan(self, pulled: Pulled) -> _Prepared:
        of, keys, policy = pulled.of, self._keys, self._policy
        customer_key = keys.customer(of.id)
        spaces_wanted, without = desired_spaces(of, pulled.rooms.values(), policy, keys)
        spaces_found = look_up_spaces(
            self._workspace, self._links, customer_key, [space.key for space in spaces_wanted]
        )
        spaces, attempted = self._make_spaces(of, Desired([], {}, spaces_wanted), spaces_found)
        grants = look_up_grants(
            self._workspace,
            keys,
            self._links,
            customer_key,
            None if pulled.full else self._to_look_up(pulled),
            policy.guests == "everyone",
            self._connector.could_be_booking_id,
        )
        if pulled.full:
            ask_for_the_missing(self._connector, pulled, self._expected(of, grants), self._now, policy.horizon)
        self._ask_twice_for_vanished_guests(pulled, grants)
        guests_wanted = {
            keys.guest(guest_id): pulled.guests[guest_id]
            for booking in pulled.bookings.values()
            for guest_id in booking.guest_ids
            if guest_id in pulled.guests and self._may_need(booking, grants)
        }
        identities, holders, identity_keys = look_up_user_identities(self._workspace, self._links, list(guests_wanted))
        existing = ExistingResources(
            spaces=spaces,
            user_identities=identities,
            access_grants={booking_id: tuple(found) for booking_id, found in grants.items()},
            reservation_space_ids=self._workspace.reservation_space_ids(customer_key),
            contact_holders=holders,
        )
        accesses = self._map(pulled, existing, identity_keys)
        lost_rooms, denied_rooms = self._missing_rooms(pulled, spaces)
        broken_rooms = [broken for broken in pulled.broken if broken.kind == "room"]
        result = plan(
            Desired(
                accesses=accesses,
                user_identities={
                    key: desired_user_identity(guest, of.country, keys) for key, guest in guests_wanted.items()
                },
                spaces=spaces_wanted,
                spaces_to_leave=frozenset(
                    {one.key for one in without if one.needs_a_person}
                    | {keys.room(broken.id) for broken in broken_rooms}
                    | lost_rooms
                ),
                retired_spaces=frozenset(one.key for one in without if not one.needs_a_person) | denied_rooms,
            ),
            existing,
            self._links,
            self._now,
            Audit(
                retain_grants=policy.retain_grants,
                delete_orphan_spaces=policy.orphan_spaces == "delete" and not broken_rooms,
                is_our_space=self._is_our_space,
            )
            if pulled.full
            else None,
            self._store.cut_off(self._connection.name).keys(),
        )
        # What failed to be made a moment ago is not tried again in the same run.
        result.spaces = [change for change in result.spaces if change.key not in attempted]
        made = sum(key in spaces for key in attempted)
        prepared = _Prepared(pulled, existing, result, accesses, spaces_made=made)
        for one in without:
            if one.needs_a_person and pulled.full:
                # A room that had a type as long as we know it has lost it, on the way to us or by mistake.
                had_one = (Kind.SPACE, one.key) in self._links
                severity = Result.FAILED if had_one else Result.ALERT
                error = one.reason if had_one else None
                prepared.notes.append(
                    OutcomeRow(Kind.SPACE, one.key, Action.WAIT, severity, one.reason, error, label=one.name)
                )
        if pulled.full:
            self._plan_forgotten_guests(prepared)
        return prepared

    def _make_spaces(
        self, of: Property, desired: Desired, found: dict[str, ExistingSpace]
    ) -> tuple[dict[str, ExistingSpace], set[str]]:
        """Brings the Spaces in step before anything is planned for their doors; returns them, and which were tried."""
        existing = ExistingResources(found, {}, {})
        changes = plan_spaces(desired, existing, self._links)
        attempted = {change.key for change in changes.spaces}
        if not attempted or self._options.dry_run:
            return found, set()
        self._progress.phase(f"{of.name}: {len(attempted)} Spaces", len(attempted))
        self._executor(of, existing).make_spaces(changes)
        customer_key = self._keys.customer(of.id)
        self._links = self._store.links(self._connection.name)
        return look_up_spaces(self._workspace, self._links, customer_key, attempted), attempted

    def _missing_rooms(self, pulled: Pulled, spaces: dict[str, ExistingSpace]) -> tuple[frozenset[str], frozenset[str]]:
        """Space keys of rooms that have a Space of ours and were not listed: those that the PMS has all the same when
        asked for them (its list lost them), and those that it denies, asked twice."""
        if not pulled.full:
            return frozenset(), frozenset()
        seen = pulled.rooms.keys() | {broken.id for broken in pulled.broken if broken.kind == "room"}
        missing = {
            room_id
            for key in spaces
            if (Kind.SPACE, key) in self._links
            and (room_id := self._keys.id_of(key)) is not None
            and room_id not in seen
            and self._connector.could_be_booking_id(room_id)
        }
        denied = set(missing)
        for _ in range(2):
            if denied:
                denied -= self._connector.known_rooms(pulled.of, sorted(denied))
        pulled.left_out += len(missing - denied)
        return (
            frozenset(self._keys.room(room_id) for room_id in missing - denied),
            frozenset(self._keys.room(room_id) for room_id in denied),
        )

    def _executor(self, of: Property, existing: ExistingResources) -> Executor:
        return Executor(
            self._workspace,
            self._store,
            self.report,
            property_id=of.id,
            existing=existing,
            replace_wait=self._policy.replace_wait,
            clock=self._clock,
            monotonic=self._monotonic,
            sleep=self._sleep,
            workers=self._workers,
            progress=self._progress.advance,
        )

    def _map(
        self, pulled: Pulled, existing: ExistingResources, identity_keys: Mapping[str, str]
    ) -> list[BookingAccess]:
        keys = self._keys
        accesses = []
        for booking in pulled.bookings.values():
            holder = self._holder(booking, existing, identity_keys) if booking.primary_is_any else None
            try:
                access = booking_access(
                    booking, pulled.of, pulled.rooms, pulled.guests, self._policy, keys, self._now, holder
                )
            except (ArithmeticError, ValueError, TypeError) as problem:
                # Whatever a PMS may hold, such as a year 9999: one booking, not the run.
                reason = f"the booking cannot be mapped ({type(problem).__name__}): check its dates in the PMS"
                access = self._unread(pulled.of, booking.id, Withheld(reason, Existing.KEEP, Severity.FAILED))
            accesses.append(access)
        linked = {link.booking_id for (kind, _), link in self._links.items() if kind == Kind.ACCESS_GRANT}
        for booking_id in sorted(pulled.gone):
            accesses.append(
                self._unread(
                    pulled.of,
                    booking_id,
                    Withheld("the PMS, asked for this booking, has no such booking (any more)", Existing.REVOKE)
                    if booking_id in linked
                    else Withheld(
                        "Seam has access by this key, and the PMS knows no such booking: left alone, for it may be "
                        "somebody else's",
                        Existing.KEEP,
                        Severity.ALERT,
                    ),
                )
            )
        for booking_id in sorted(pulled.doubtful):
            accesses.append(
                self._unread(
                    pulled.of,
                    booking_id,
                    Withheld(
                        "the PMS does not find this booking, but its lists are not complete: access stays until its "
                        "end",
                        Existing.KEEP,
                        Severity.ALERT,
                        look_again_at=self._now,
                    ),
                )
            )
        return accesses

    def _unread(self, of: Property, booking_id: str, withheld: Withheld) -> BookingAccess:
        label = next(
            (
                link.label
                for link in self._links.values()
                if link.kind == Kind.ACCESS_GRANT and link.booking_id == booking_id and link.label
            ),
            booking_id,
        )
        return BookingAccess(booking_id, self._keys.grant(booking_id), label, of.time_zone, withheld=withheld)

    def _holder(self, booking: Booking, existing: ExistingResources, identity_keys: Mapping[str, str]) -> str | None:
        """The guest whose identity holds the booking's own grant in Seam now."""
        base = self._keys.grant(booking.id)
        for grant in existing.access_grants.get(booking.id, ()):
            if not grant.being_deleted and grant.key and split_generation(grant.key)[0] == base:
                key = identity_keys.get(grant.user_identity_id)
                return self._keys.id_of(key) if key else None
        return None

    def _to_look_up(self, pulled: Pulled) -> list[Booking]:
        """The bookings read, and stand-ins for those that were asked for and not found."""
        stand_ins = [
            Booking(
                id=booking_id,
                property_id=pulled.of.id,
                number="",
                status=BookingStatus.UNKNOWN,
                status_word="",
                arrival=self._now,
                departure=self._now,
            )
            for booking_id in (*pulled.gone, *pulled.doubtful)
        ]
        return [*pulled.bookings.values(), *stand_ins]

    def _expected(self, of: Property, grants: dict[str, list[ExistingAccessGrant]]) -> set[str]:
        """Booking ids that a full read should have brought: those with access that has not ended."""
        expected = {
            booking_id
            for booking_id, found in grants.items()
            if any(not grant.being_deleted and (grant.ends_at is None or grant.ends_at > self._now) for grant in found)
        }
        return expected | self._store.watched(self._connection.name, of.id, self._now)

    def _may_need(self, booking: Booking, grants: dict[str, list[ExistingAccessGrant]]) -> bool:
        """Whether the booking's guests need identities looked up: it has access, or is about to get it."""
        if booking.id in grants:
            return True
        arrival = min(
            (one for one in (booking.arrival, booking.actual_arrival) if isinstance(one, datetime)), default=self._now
        )
        return arrival <= self._now + self._policy.provision_ahead + self._policy.early

    def _ask_twice_for_vanished_guests(self, pulled: Pulled, grants: dict[str, list[ExistingAccessGrant]]) -> None:
        """A guest who has access and is on the booking no more may only have been lost from a list of companions."""
        by_booking: dict[str, set[str]] = {}
        for link in self._links.values():
            if link.kind == Kind.ACCESS_GRANT and link.booking_id and link.user_identity_key:
                by_booking.setdefault(link.booking_id, set()).add(link.user_identity_key)
        suspects = []
        for booking_id in grants:
            booking = pulled.bookings.get(booking_id)
            if booking is None or booking.status not in (BookingStatus.CONFIRMED, BookingStatus.IN_HOUSE):
                continue
            present = {self._keys.guest(guest_id) for guest_id in booking.guest_ids}
            if by_booking.get(booking_id, set()) - present:
                suspects.append(booking_id)
        if not suspects:
            return
        again = self._connector.read_bookings(pulled.of, ids=sorted(suspects))
        for booking in again.bookings:
            before = pulled.bookings[booking.id]
            lost = [guest_id for guest_id in booking.guest_ids if guest_id not in before.guest_ids]
            if lost:
                pulled.left_out += len(lost)
                everybody = (*before.guest_ids, *lost) if not booking.primary_is_any else booking.guest_ids
                pulled.bookings[booking.id] = replace(booking, guest_ids=everybody)
        pulled.guests.update(again.guests)

    def _drop_other_properties(self, pulled: Pulled) -> None:
        """`--booking` with several properties: each is asked, and the one that has it answers."""
        pulled.gone = {
            booking_id
            for booking_id in pulled.gone
            if any(
                link.booking_id == booking_id and link.property_id == pulled.of.id
                for link in self._store.links_of_bookings(self._connection.name, [booking_id])
            )
        }

    def _bookings_of_guests(self, of: Property, guest_ids: Iterable[str]) -> set[str]:
        found = self._store.bookings_of_users(
            self._connection.name, [self._keys.guest(guest_id) for guest_id in guest_ids]
        )
        return {booking_id for property_id, booking_id in found if property_id == of.id}

    def _is_our_space(self, key: str) -> bool:
        plain = self._keys.id_of(key)
        return plain is not None and self._connector.could_be_booking_id(plain)

    def _plan_forgotten_guests(self, prepared: _Prepared) -> None:
        """Identities whose last stay is long over, and whom no grant needs any more."""
        limit = self._now - self._policy.retain_guests
        needed = {link.user_identity_key for (kind, _), link in self._links.items() if kind == Kind.ACCESS_GRANT}
        busy = {grant.user_identity_id for found in prepared.existing.access_grants.values() for grant in found}
        planned = {change.key for change in prepared.plan.identities}
        for (kind, key), link in self._links.items():
            if (
                kind == Kind.USER_IDENTITY
                and link.property_id == prepared.pulled.of.id
                and link.ends_at is not None
                and link.ends_at < limit
                and key not in needed
                and key not in planned
                and link.seam_id not in busy
            ):
                identity = prepared.existing.user_identities.get(key) or self._workspace.user_identity_by_key(key)
                if identity is not None and not self._workspace.has_grants(identity.id):
                    prepared.plan.identities.append(
                        Change(
                            Kind.USER_IDENTITY,
                            Action.REVOKE,
                            key,
                            f"last stay ended on {link.ends_at:%d %b}, and the policy keeps guests no longer",
                            existing_identity=identity,
                        )
                    )

    def _live_grants(self, prepared: Collection[_Prepared]) -> int:
        """How many grants of this connection are live: by its links, and by what Seam showed of them."""
        live = {
            (link.booking_id, key)
            for (kind, key), link in self._links.items()
            if kind == Kind.ACCESS_GRANT and (link.ends_at is None or link.ends_at > self._now)
        }
        for one in prepared:
            for booking_id, found in one.existing.access_grants.items():
                live.update(
                    (booking_id, split_generation(grant.key or "")[0])
                    for grant in found
                    if not grant.being_deleted and (grant.ends_at is None or grant.ends_at > self._now)
                )
        return len(live)

    # --- execute and record -------------------------------------------------------------------------------------------

    def _carry_out(self, prepared: Collection[_Prepared]) -> None:
        number = sum(len(one.plan.changes()) for one in prepared)
        self._progress.phase(f"{self._connection.name}: {number} changes", number)
        for one in prepared:
            of = one.pulled.of
            executor = self._executor(of, one.existing)
            executor.execute(one.plan)
            self._remember(one, executor.failed_bookings)

    def _remember(self, one: _Prepared, failed: set[str]) -> None:
        """What the next run has to know: holds, bookings to look at again, and how far the PMS's changes are read."""
        name, of = self._connection.name, one.pulled.of
        held = {change.booking_id for change in one.plan.held}
        self._store.hold(
            self.report.run_id,
            name,
            [
                Hold(change.key, of.id, change.booking_id, change.reason)
                for change in one.plan.held
                if change.booking_id is not None
            ],
            self._now,
        )
        again = dict(one.plan.look_again)
        again.update((booking_id, self._now) for booking_id in (*failed, *held) if booking_id is not None)
        again.update((broken.id, self._now) for broken in one.pulled.broken if broken.kind == "booking")
        again.pop("?", None)
        dealt_with = {access.booking_id for access in one.accesses} | again.keys()
        revoked = [
            item.key for item in self.report.items if item.action == Action.REVOKE and item.outcome == Result.DONE
        ]
        self._store.settle_holds(name, revoked, self._now)
        self._store.watch(name, dealt_with, [Watch(booking_id, of.id, when) for booking_id, when in again.items()])
        self._store.end_steps(name, dealt_with & self._store.cut_off(name).keys())
        if not (self._options.booking_ids or self._options.approve_run):
            self._store.advance_cursor(name, of.id, self._now)
        if self._approved:
            self._settle(one)

    def _settle(self, one: _Prepared) -> None:
        done = {item.key for item in self.report.items if item.action == Action.REVOKE and item.outcome == Result.DONE}
        failed = {item.key for item in self.report.items if item.outcome == Result.FAILED}
        mine = {key for key, hold in self._approved.items() if hold.property_id == one.pulled.of.id}
        spared = mine - done - failed
        if spared:
            self.report.add(
                [
                    OutcomeRow(
                        Kind.ACCESS_GRANT,
                        key,
                        Action.KEEP,
                        Result.DONE,
                        "not revoked: by now the PMS says that the guest should have access, or access is gone already",
                        booking_id=self._approved[key].booking_id,
                    )
                    for key in sorted(spared)
                ]
            )
        self._store.settle_holds(self._connection.name, mine - failed, self._now)

    def _record_notes(self, one: _Prepared, held: str | None) -> None:
        for kind, number in one.plan.unchanged.items():
            self.report.count_unchanged(kind, number - (one.spaces_made if kind is Kind.SPACE else 0))
        if self._options.dry_run:
            for relink in one.plan.relinks:
                if relink.adopted:
                    one.notes.append(
                        OutcomeRow(
                            relink.kind,
                            relink.key,
                            Action.ADOPT,
                            Result.PLANNED,
                            "Seam has it already, as it should be",
                            label=relink.label,
                            booking_id=relink.booking_id,
                        )
                    )
        rows = list(one.notes)
        rows.extend(
            OutcomeRow(
                note.kind,
                note.key,
                note.action,
                note.result,
                note.reason,
                note.reason if note.result is Result.FAILED else None,
                note.label,
                note.booking_id,
            )
            for note in one.plan.notes
        )
        rows.extend(
            OutcomeRow(
                Kind.ACCESS_GRANT,
                change.key,
                Action.REVOKE,
                Result.HELD,
                f"{change.reason}; {held}",
                label=change.label,
                booking_id=change.booking_id,
            )
            for change in one.plan.held
        )
        kinds = {"room": (Kind.SPACE, self._keys.room), "guest": (Kind.USER_IDENTITY, self._keys.guest)}
        for broken in one.pulled.broken:
            kind, key = kinds.get(broken.kind, (Kind.ACCESS_GRANT, self._keys.grant))
            rows.append(
                OutcomeRow(
                    kind,
                    key(broken.id),
                    Action.READ,
                    Result.FAILED,
                    "the PMS's record cannot be read; what exists for it stays as it is",
                    broken.reason,
                    booking_id=broken.id if broken.kind == "booking" else None,
                )
            )
        if one.pulled.left_out:
            rows.append(
                OutcomeRow(
                    Kind.PROPERTY,
                    one.pulled.of.id,
                    Action.READ,
                    Result.FAILED,
                    f"{one.pulled.of.name}: nothing was revoked for being absent from a list",
                    f"the PMS's lists left out {one.pulled.left_out} record(s) that it has when asked for them by id",
                )
            )
        if rows:
            self.report.add(rows)

    def _show(self, planned: Plan) -> None:
        self.report.add(
            [
                OutcomeRow(
                    change.kind,
                    change.key,
                    change.action,
                    Result.PLANNED,
                    change.reason,
                    label=change.label,
                    booking_id=change.booking_id,
                )
                for change in planned.changes()
            ]
        )

    def _fail(self, kind: Kind, key: str, reason: str, error: str) -> None:
        self._broken_off = True
        self.report.add([OutcomeRow(kind, key, Action.READ, Result.FAILED, reason, error)])

    def _end(self, held: str | None) -> None:
        report = self.report
        if self._broken_off:
            report.exit = SOMETHING_FAILED
        elif held:
            report.exit = REVOCATIONS_HELD
        elif report.total("failed"):
            report.exit = SOMETHING_FAILED
        report.finished_at = self._clock()
        if not self._options.dry_run:
            self._store.finish_run(report.run_id, report.mode, report.finished_at, report.exit, report.totals)
            if report.mode == "full":
                self._store.forget_old_outcomes(self._now)
