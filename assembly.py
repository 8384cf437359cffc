"""From settings to parts: connectors, workspace, workers, scheduler, pages. The one place that knows them all."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.account_state import AccountState, StateOfProcess
from connectors.connector import Connector
from connectors.ports import Pms
from connectors.session import Access
from connectors.table import CONNECTORS
from mappers.keys import Keys
from reconciler.prepare import RunConnection
from seam_workspace.pace import LONGEST_WAIT, Pace
from seam_workspace.seal import BOOKINGS, Seal
from seam_workspace.workspace import Workspace
from settings import ConnectionSettings, Settings
from settings.declared import RoleSettings, WorkspaceSettings
from settings.entries import Entry
from settings.register import Register
from store.account_state import SharedAccountState, SharedComplaints
from store.connections import State
from store.costs import Cost, counting
from store.database import open_database
from store.engine import Database
from store.memberships import Membership
from store.people import Role
from store.queue import Queue, TaskKind
from store.secrets import SecretKeys

if TYPE_CHECKING:
    from flask import Flask

    from schedules.fleet import Fleet
    from schedules.fleet_worker import FleetWorker
    from schedules.giving_way import GivingWay
    from schedules.scheduler import Scheduler
    from schedules.worker import Worker
    from web.metrics import Metrics

STATE = StateOfProcess()
"""What users of one vendor account share: of this process, whatever it opens."""
FORGETS_EVERY = 3600.0
"""Seconds from one look for removed connections that are kept no longer to the next."""
FOR_PAGES = (3.0, 8.0)
"""Seconds to connect and to answer, where a person waits before a page."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def connector_of(
    connection: ConnectionSettings,
    metrics: "Metrics | None" = None,
    for_a_page: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    state: AccountState = STATE,
) -> Connector:
    """The connector of a configured connection. `for_a_page`: it gives up soon. `sleep`: between attempts. `state`:
    what all users of its account share."""
    seal = Seal(connection.seal_key, BOOKINGS) if connection.seal_key else None
    observe = counting(Cost.PMS_CALLS, *([metrics.api_observer(connection.connector)] if metrics is not None else []))
    access = Access(
        sleep=sleep, seal=seal, state=state, observe=observe, private_addresses=connection.private_addresses
    )
    if for_a_page:
        access = replace(access, attempts=2, timeout=FOR_PAGES, longest_wait=FOR_PAGES[1])
    if metrics is not None:
        access = replace(access, wait_for_turn=metrics.wait_observer(connection.connector, sleep))
    kind = CONNECTORS[connection.connector]
    return kind.open(connection.name, connection.vendor, access, connection.webhook_token)


def state_of(store: Database) -> AccountState:
    """What users of one vendor account share: of all processes on a PostgreSQL, else of this one."""
    return STATE if store.is_sqlite else SharedAccountState(store)


def pace_of(
    seam: WorkspaceSettings,
    store: Database,
    sleep: Callable[[float], None] = time.sleep,
    longest_wait: float = LONGEST_WAIT,
) -> Pace:
    """The pace of requests to a Seam workspace, which is slowed down by what Seam says to any process of the
    database."""
    complaints = SharedComplaints(store, f"{seam.endpoint}\0{seam.api_key}")
    return Pace(sleep=sleep, complaints=complaints, longest_wait=longest_wait)


def run_connection(connection: ConnectionSettings, store: Database | None = None) -> RunConnection:
    """What a command's run needs of a configured connection. `store`: where it is to share what others know of its
    account; None where it asks the PMS nothing."""
    connector = connector_of(connection, state=STATE if store is None else state_of(store))
    return RunConnection(connection.name, connector, connection.policy, keys_of(connection))


def keys_of(connection: ConnectionSettings) -> Keys:
    """What makes the keys of a configured connection."""
    return Keys(connection.key_prefix, workspace=connection.workspace)


class OpenedWorkspaces(Mapping[str, Workspace]):
    """Seam's workspaces as they are set now: one that is new, or has another key, is opened when it is asked for. Safe
    to use from many threads."""

    def __init__(
        self, now: Callable[[], Mapping[str, WorkspaceSettings]], open_one: Callable[[WorkspaceSettings], Workspace]
    ):
        self._now, self._open = now, open_one
        self._opening = threading.Lock()
        self._opened: dict[WorkspaceSettings, Workspace] = {}

    def __getitem__(self, name: str) -> Workspace:
        one = self._now()[name]
        with self._opening:
            if one not in self._opened:
                self._opened[one] = self._open(one)
            return self._opened[one]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def close(self) -> None:
        """Those of before as well, in which a run may have worked on."""
        for workspace in self._opened.values():
            workspace.close()


class WebhookSecrets(Mapping[str, str]):
    """Of Seam's workspaces as they are set now, by name; those that have one."""

    def __init__(self, now: Callable[[], Mapping[str, WorkspaceSettings]]):
        self._now = now

    def __getitem__(self, name: str) -> str:
        return self._found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> dict[str, str]:
        return {name: one.webhook_secret for name, one in self._now().items() if one.webhook_secret}


@dataclass(slots=True)
class Parts:
    """A service that is ready to start."""

    site: "Flask"
    scheduler: "Scheduler | None"
    fleet_worker: "FleetWorker | None"
    metrics: "Metrics"
    store: Database
    close: Callable[[], None]
    may_send: Callable[[str, str, Mapping[str, str]], bool]
    """Whether the body of a request may be read: by method, path and query."""


@dataclass(frozen=True, slots=True)
class FleetPlace:
    """What a process is to do in a fleet."""

    concurrency: int
    """So many steps at once."""
    lanes: tuple[str, ...]


def _fleet(store: Database) -> "Fleet":
    from schedules.fleet import Fleet

    return Fleet(store, Queue(store))


def _fleet_worker(
    store: Database,
    workers: "Mapping[str, Worker]",
    fleet: "Fleet",
    place: FleetPlace,
    ending: threading.Event,
    giving_way: "GivingWay | None",
) -> "FleetWorker":
    from schedules.fleet_worker import FleetWorker
    from schedules.lanes import Lane

    lanes = [Lane(one) for one in place.lanes]
    return FleetWorker(store, workers, fleet, place.concurrency, lanes, ending=ending, giving_way=giving_way)


def _membership(given: RoleSettings) -> Membership:
    return Membership(Role(given.role), given.organisation or "", given.connection or "", given.property or "")


def assemble(settings: Settings, version: str, with_scheduler: bool, place: FleetPlace | None = None) -> Parts:
    """The web application, and the scheduler where this process is to work as well. `place`: this one is a worker of a
    fleet, and does what the scheduler of another process finds. Raises `DatabaseUnusable`."""
    from schedules.alerts import Alerts
    from schedules.channels import Channel, Email, SignedWebhook
    from schedules.connections import LEAVES_EVERY, REFUSED_AGAIN, Connection, LiveConnections
    from schedules.due import interval
    from schedules.giving_way import GivingWay
    from schedules.jobs import Job, Jobs
    from schedules.outgoing import Outgoing, Post
    from schedules.scheduler import Scheduler
    from schedules.seam_events import SeamRouter
    from schedules.worker import Worker
    from schedules.workers import Workers
    from settings.policy_changes import PolicyChanges
    from web.context import WebContext
    from web.metrics import Metrics
    from web.site import create_site
    from web.webhooks import may_send

    store = Database(open_database(settings.database), settings.keep)
    metrics = Metrics()
    ending = threading.Event()

    def pause(seconds: float) -> None:
        """Between two attempts; whoever is asked to end does not wait."""
        ending.wait(seconds)

    observe = counting(Cost.SEAM_CALLS, metrics.api_observer("seam"))
    # Seam counts calls by workspace.
    keys = SecretKeys.of(os.environ)
    register = Register(settings, store, keys)
    register.note_organisations()
    workspaces = OpenedWorkspaces(
        register.seam,
        lambda one: Workspace(
            one.api_key,
            one.endpoint,
            pace=pace_of(one, store, metrics.wait_observer("seam", pause)),
            observe=observe,
        ),
    )
    for_pages = OpenedWorkspaces(
        register.seam,
        lambda one: Workspace(
            one.api_key,
            one.endpoint,
            pace=pace_of(one, store, longest_wait=FOR_PAGES[1]),
            timeout=FOR_PAGES[1],
            attempts=2,
            observe=observe,
        ),
    )
    # A key of the settings file that is none is told at once.
    list(workspaces.values())
    desk: PolicyChanges | None = None
    scheduler: Scheduler | None = None
    fleet_worker: FleetWorker | None = None
    is_fleet = settings.engine == "procrastinate"

    def stopping() -> bool:
        mine = scheduler or fleet_worker
        return mine is None or mine.stopping

    def enqueue(connection: str | None, job: Job | None = None) -> None:
        if scheduler is not None and connection is None:
            scheduler.wake()
        elif scheduler is not None and connection is not None:
            scheduler.enqueue(connection, job)

    state = state_of(store)

    def opener(of: ConnectionSettings) -> Callable[[bool], Pms]:
        return lambda for_a_page: connector_of(of, metrics, for_a_page, time.sleep if for_a_page else pause, state)

    def connection_of(entry: Entry, of: ConnectionSettings) -> Connection:
        # Credentials that were refused are tried rarely.
        timetable = of.schedules
        if entry.standing.state is State.REFUSED:
            timetable = replace(timetable, incremental=REFUSED_AGAIN)
        elif entry.standing.state is State.LEAVING:
            timetable = replace(timetable, full=LEAVES_EVERY)
        return Connection(
            of.name,
            of.policy,
            keys_of(of),
            timetable,
            workspaces[of.workspace],
            connector_of(of, metrics, state=state),
            opener(of),
            entry.standing,
            entry.source == "database",
            of.organisation,
        )

    made: dict[str, Connection] | None = None

    forgot_at = time.monotonic()

    def look() -> dict[str, Connection] | None:
        nonlocal made, forgot_at
        if scheduler is not None and time.monotonic() - forgot_at >= FORGETS_EVERY:
            forgot_at = time.monotonic()
            register.book.forget_removed(utc_now())
        changed = register.news()
        if made is not None and not changed:
            return None
        before, made = made or {}, {}
        for name, entry in register.usable().items():
            if entry.settings is not None:
                known = before.get(name) if name not in changed else None
                made[name] = known or connection_of(entry, entry.settings)
        return made

    connections = LiveConnections(look)
    metrics.watch_store(store, connections, utc_now)

    def note_credentials(connection: str, refused: str | None) -> None:
        if not connections[connection].is_shared:
            return  # One of the settings file is tried as often as before: only a restart reads that anew.
        if refused is not None:
            register.book.find_refused(connection, refused, utc_now())
        else:
            register.book.find_accepted(connection, utc_now())

    def note_left(connection: str) -> None:
        register.book.find_left(connection, utc_now())

    fleet = _fleet(store) if is_fleet else None
    giving_way = GivingWay(fleet.urgent_waits, pause) if fleet is not None and place is not None else None

    def give_way(is_over: Callable[[], bool]) -> None:
        if giving_way is not None:
            giving_way.give_way(lambda: is_over() or stopping())

    def worker_of(connection: Connection) -> Worker:
        return Worker(
            Jobs(
                connection,
                store,
                clock=utc_now,
                monotonic=time.monotonic,
                sleep=time.sleep,
                observer=metrics,
                stop=stopping,
                own_turns=is_fleet,
                give_way=give_way,
                credentials=note_credentials,
                left=note_left,
            ),
            Queue(store),
            utc_now,
            partial(interval, connection.timetable),
            lambda: len(connections),
        )

    workers = Workers(connections, worker_of)
    if place is not None:
        assert fleet is not None
        fleet_worker = _fleet_worker(store, workers, fleet, place, ending, giving_way)
    if with_scheduler:
        router = SeamRouter(
            store,
            connections,
            clock=utc_now,
            check_arrivals=lambda connection, of: enqueue(connection, Job(TaskKind.ARRIVAL_CHECK, of)),
            looked_at=lambda connection: enqueue(connection),
        )
        channels: list[Channel] = []
        if (email := settings.alerts.email) is not None:
            channels.append(
                Email(email.host, email.port, email.sender, email.to, email.user, email.password, email.security)
            )
        if (hook := settings.alerts.webhook) is not None:
            channels.append(SignedWebhook(hook.url, hook.secret))
        alerts = Alerts(store, connections, channels, clock=utc_now, public_url=settings.serve.public_url)
        desk = PolicyChanges(register, store, connections, utc_now, stop=stopping)
        scheduler = Scheduler(
            store,
            workers,
            router,
            alerts,
            clock=utc_now,
            threads=settings.serve.workers,
            engine=fleet,
            outgoing=Outgoing(store, keys, Post(private_addresses=settings.private_addresses), clock=utc_now),
            ending=ending,
            beside=desk.turn,
        )

    provider = None
    if (sign_in := settings.serve.sign_in) is not None:
        # Not before: its libraries take a while to load.
        from web.provider import Provider

        provider = Provider(
            sign_in.issuer,
            sign_in.client_id,
            sign_in.client_secret,
            sign_in.roles_claim,
            {value: _membership(one) for value, one in sign_in.roles.items()},
            sign_in.name_claim,
            sign_in.scopes,
            utc_now,
        )

    context = WebContext(
        store=store,
        workspaces=for_pages,
        connections=connections,
        clock=utc_now,
        metrics=metrics,
        version=version,
        enqueue=enqueue,
        scheduler_alive=(lambda: scheduler.alive) if scheduler is not None else None,
        since_tick=scheduler.since_tick if scheduler is not None else lambda: 0.0,
        seam_webhook_secrets=WebhookSecrets(register.seam),
        register=register,
        policy_changes=desk,
        secret_keys=keys,
        private_receivers=settings.private_addresses,
        embed_in=settings.serve.embed_in,
        embed_in_of=settings.serve.embed_in_of,
        idle_sign_out=settings.serve.idle_sign_out,
        language=settings.serve.language,
        prices=settings.costs,
        provider=provider,
        public_url=settings.serve.public_url,
        proxies=settings.serve.proxies,
    )

    def close() -> None:
        workspaces.close()
        for_pages.close()
        store.close()

    return Parts(
        create_site(context),
        scheduler,
        fleet_worker,
        metrics,
        store,
        close,
        lambda method, path, query: may_send(context, path, query),
    )
