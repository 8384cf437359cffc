"""The first half of a run: every property is read, brought in step with Seam's Spaces, and planned. One that fails is
left alone.
"""

from collections.abc import Callable, Collection, Mapping

from connectors.errors import PmsError
from connectors.records import Property
from mappers.sentences import Said, message, messages, say, say_number, sentence_of
from mappers.stay_window import in_its_zone
from reconciler.changes import Plan
from reconciler.clock_check import ClockCheck
from reconciler.keys_apart import keep_apart
from reconciler.lines import NO_PROPERTY, PROPERTY_MISSING, unknown_bookings
from reconciler.moved import follow_moves
from reconciler.prepare import Preparation, Prepared
from reconciler.pull import Pulled
from reconciler.rooms import Rooms, RoomsPass
from reconciler.run_context import NOTHING_CHANGED, RunContext
from reconciler.scope_reader import ScopeReader
from reconciler.scopes import Changes, TheseBookings
from seam_workspace.existing import ExistingResources
from store.costs import for_property
from store.holds import Hold
from store.prefixes import KeyPrefixes, PrefixTaken
from store.properties import KnownProperty, Properties
from store.work import Work

NOT_LET_IN = (401, 403)
"""Answers to whoever has no right credentials; an exchange of tokens is refused with 400 (RFC 6749, 5.2)."""


LOOKING_UP = messages(
    "{of}: looking up what Seam has ({number} booking)", "{of}: looking up what Seam has ({number} bookings)"
)


def first_phase(connection: str) -> Said:
    """What a run does first."""
    return say("{of}: reading the PMS", of=connection)


class PropertyPlans:
    """Reads and plans the properties of one run."""

    def __init__(
        self,
        context: RunContext,
        clocks: ClockCheck,
        approved: Mapping[str, Hold],
        make_spaces: Callable[[Property, Rooms], None],
    ):
        """`approved`: holds that somebody has approved, by key. `make_spaces` carries out what the rooms need."""
        self._context = context
        self._clocks = clocks
        self._make_spaces = make_spaces
        scope = context.options.scope
        self.preparation = Preparation(
            context.connection,
            context.workspace,
            context.store,
            context.now,
            every_identity=context.is_audit,
            new_pins=scope.new_pins if isinstance(scope, TheseBookings) else frozenset(),
        )
        self._approved = approved
        self._is_lately = False
        self._is_one_missing = False
        """Whether a property that has access in Seam is not listed."""
        self._rooms = RoomsPass(context)

    def prepare_all(self) -> list[Prepared]:
        """Every property of the run, as far as it can be read; what cannot is reported."""
        context = self._context
        context.progress.phase(first_phase(context.name))
        lately = self._listed_lately()
        listed = self._listed(lately)
        if listed is None or not self._clocks.lets_write(ask_seam=True):
            return []
        reader = ScopeReader(context, self.preparation, listed, self._approved)
        pulls: list[Pulled] = []
        for of in self._chosen(listed):
            if not context.goes_on():
                context.note_stop()
                break
            owner = context.keys.owner_of(context.keys.customer(of.id))
            if owner is not None:
                told = message(
                    "its id begins as the keys of connection {owner} do: give this connection a key_prefix of its own"
                )
                context.fail(of.id, say("{of}: {words}", of=of.name, words=NOTHING_CHANGED), say(told, owner=owner))
                continue
            pulled = context.of_property(of, lambda of=of: reader.read(of))  # type: ignore[misc]
            if pulled is not None:
                pulled.may_be_elsewhere = self._is_one_missing
                keep_apart(pulled, context.keys, context.policy)
                pulls.append(pulled)
        if lately is not None:
            # Not asked for before, as it is by whoever reads the list of properties: who we are, and what time it is.
            if context.pms_refuses and self._listed() is None:
                return []
            if not self._clocks.lets_write(ask_seam=True):
                return []
        read = {pulled.of.id for pulled in pulls}
        unread = [one for one in listed if one.id not in read]
        follow_moves(self.preparation.reader, pulls, unread)
        prepared = self._prepare(pulls, unread)
        scope = context.options.scope
        if isinstance(scope, TheseBookings) and not scope.are_news and not context.broken_off:
            reservation_of = self.preparation.reader.reservation_of
            context.report.add(unknown_bookings(scope.ids, prepared, context.keys, reservation_of))
        return prepared

    def _listed_lately(self) -> list[Property] | None:
        """The properties as a former run was told them, where that is enough for this one."""
        context, scope = self._context, self._context.options.scope
        is_news = isinstance(scope, TheseBookings) and scope.are_news and context.options.property_id is not None
        lately = self.preparation.reader.properties_lately() if is_news or isinstance(scope, Changes) else None
        if is_news and lately is not None and all(one.id != context.options.property_id for one in lately):
            lately = None
        # A run of this process was told them anew a quarter of an hour ago at most, and has noted them.
        self._is_lately = lately is not None
        shown = context.connection.connector.shown_clock
        if shown is not None:
            if lately is not None:
                context.pms_was_ahead = context.pms_ahead()
            shown.begin()
        return lately and [in_its_zone(one, context.policy) for one in lately]

    def _listed(self, lately: list[Property] | None = None) -> list[Property] | None:
        """The properties that the PMS lists; None where it could not be read, which is reported."""
        context = self._context
        try:
            if not context.options.dry_run:
                keys = context.keys
                KeyPrefixes(context.store).claim(context.name, keys.prefix, context.now, keys.workspace)
            return lately or context.connection.read_properties(self.preparation.reader)
        except PrefixTaken as problem:
            context.fail("*", say("nothing was read and nothing changed"), sentence_of(problem))
        except PmsError as problem:
            if problem.status in NOT_LET_IN or (problem.status == 400 and "token" in problem.operation):
                context.report.credentials_refused = sentence_of(problem)
            context.fail("*", say("the PMS could not be read: nothing was changed"), sentence_of(problem))
        return None

    def _chosen(self, listed: list[Property]) -> list[Property]:
        """Those that this run is about."""
        context, wanted = self._context, self._context.options.property_id
        self._report_missing(listed)
        if not context.options.dry_run and not self._is_lately:
            known = [KnownProperty(context.name, one.id, one.name, one.time_zone) for one in listed]
            Properties(context.store).note(context.name, known, context.now)
        chosen = [one for one in listed if wanted in (None, one.id)]
        if wanted is not None and not chosen:
            why = say("the PMS does not list it: `nightporter accounts` shows the properties and their ids")
            context.fail(wanted, say("this connection has no such property"), why)
        return chosen

    def _report_missing(self, listed: Collection[Property]) -> None:
        """A property that has access in Seam and is not listed any more was more likely lost than closed."""
        context = self._context
        known = {link.property_id for link in self.preparation.links.values() if link.property_id is not None}
        self._is_one_missing = not known <= {one.id for one in listed}
        if context.options.property_id is not None:
            known &= {context.options.property_id}
        for property_id in sorted(known - {one.id for one in listed}):
            if not context.options.dry_run:
                # When it is listed again, it is read as a whole: its news has been missed meanwhile.
                Work(context.store).forget_cursor(context.name, property_id)
            context.fail(property_id, say("nothing was changed for this property"), PROPERTY_MISSING)
        if not listed and not known:
            context.fail("*", say("nothing was done"), NO_PROPERTY)

    def _prepare(self, pulls: Collection[Pulled], unread: Collection[Property]) -> list[Prepared]:
        """Each property against Seam. `unread`: the connection's others."""
        context = self._context
        with_news = [pulled for pulled in pulls if pulled.full or pulled.rooms_read]
        without = [pulled for pulled in pulls if not (pulled.full or pulled.rooms_read)]
        prepared = [Prepared(pulled, ExistingResources({}, {}, {}), Plan(), []) for pulled in without]
        for place, pulled in enumerate(with_news):
            if not context.goes_on():
                context.note_stop()
                break
            context.progress.phase(say_number(len(pulled.bookings), *LOOKING_UP, of=pulled.of.name))

            def act(pulled: Pulled = pulled, is_first: bool = place == 0) -> Prepared:
                if is_first:
                    changes_only = context.options.scope == Changes() and not context.options.dry_run
                    with for_property(""):
                        self.preparation.survey(with_news, changes_only, unread)
                return self.preparation.prepare(pulled, self._in_step(pulled))

            one = context.of_property(pulled.of, act)
            if one is not None:
                prepared.append(one)
            elif context.refused:
                break
        return prepared

    def _in_step(self, pulled: Pulled) -> Rooms:
        """The first pass: Spaces are made and named before anything is planned for who may enter them."""
        preparation = self.preparation
        rooms = self._rooms.plan(pulled, preparation.links, preparation.surveyed)
        if not rooms.plan.spaces or self._context.options.dry_run:
            return rooms
        if self._clocks.lets_write():
            self._make_spaces(pulled.of, rooms)
        preparation.read_links_again()
        return self._rooms.look_again(pulled, rooms, preparation.links)
