"""A service on a clock that tests move: the hotel, the workspace, the worker, the loop and the pages between them.

The threads are left out: `settle()` does what they would do, in the same order, until nothing is left to do.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from connectors.mews.webhooks import MewsWebhooks
from mappers.policy import PRESETS, Policy
from sandbox.webhooks import WebhookSender
from schedules.alerts import Alerts
from schedules.channels import CannotTell
from schedules.connections import Connection
from schedules.door_checks import connections_to_recheck
from schedules.due import timed_jobs
from schedules.jobs import Job, Jobs
from schedules.seam_events import SeamRouter
from schedules.timetable import Timetable
from schedules.worker import Worker
from settings import Settings
from settings.declared import SeamSettings
from settings.register import Register
from store.alerts import AlertBook, Message
from store.inbox import Inbox
from store.jobs import JobBook
from store.people import People, Role
from store.properties import Properties
from store.queue import JOBS, Queue, TaskKind
from store.secrets import SecretKeys, new_key
from store.work import Work
from tests import fleet_of_one
from tests.world import World
from web import access
from web.access import hash_password, limiter
from web.context import WebContext
from web.metrics import Metrics
from web.site import create_site

HOOK = "a-token-for-the-hook"
SEAM_SECRET = "whsec_c2FuZGJveC1zYW5kYm94LXNhbmRib3g="
PASSWORD = "correct horse battery"
KEY = new_key()
HASHER = access._hasher
"""What passwords are hashed with in truth. In tests it costs nearly nothing: each sign-in would take a sixth of a
second, and there are hundreds."""
access._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
access._NOBODY = hash_password("nobody's")
_HASH = hash_password(PASSWORD)


class Told:
    """A channel that keeps what it is told; `broken` makes it fail."""

    name = "email"

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self.broken = False

    def tell(self, message: Message, subject: str, text: str, now: Any) -> None:
        if self.broken:
            raise CannotTell("the mail server is down")
        self.messages.append((message.phase, subject))


class Night(World):
    """A world that runs by itself."""

    _fleet: fleet_of_one.FleetOfOne | None = None
    own_turns = False
    give_way: Callable[[Callable[[], bool]], None] = staticmethod(lambda is_over: None)
    """What is done where a sweep of a fleet gives way."""

    def __init__(
        self,
        path: Path,
        policy: Policy | None = None,
        timetable: Timetable | None = None,
        own_turns: bool = False,
        **rest: Any,
    ):
        super().__init__(path, policy, **rest)
        self.own_turns = own_turns
        self.connector.webhooks = MewsWebhooks(HOOK)
        self.timetable = timetable or Timetable()
        self.told = Told()
        self.sender = WebhookSender(self._post, background=False)
        self.hotel.webhook_url = f"http://night.example/webhooks/alpen?token={HOOK}"
        self.seam.webhook_url = "http://night.example/webhooks/seam"
        self.seam.webhook_secret = SEAM_SECRET
        self.deliver = True
        self._assemble()

    def _assemble(self) -> None:
        """Everything that a process holds in memory: a restart makes it anew."""
        self.metrics = Metrics()
        self.metrics.watch_store(self.store, ["alpen"], self.clock.now)
        self.connections = {
            "alpen": Connection(
                "alpen",
                self.policy,
                self.keys,
                self.timetable,
                self.workspace,
                self.connector,
                lambda for_a_page: self.connector,
            )
        }
        self.jobs = Jobs(
            self.connections["alpen"],
            self.store,
            clock=self.clock.now,
            monotonic=self.clock.monotonic,
            sleep=self.clock.sleep,
            observer=self.metrics,
            workers=1,
            own_turns=self.own_turns or fleet_of_one.is_wanted(),
            give_way=lambda is_over: self.give_way(is_over),
        )
        self.queue = Queue(self.store)
        self.queue.rescue(["alpen"])
        self.worker = Worker(self.jobs, self.queue, self.clock.now)
        if fleet_of_one.is_wanted():
            self._fleet = fleet_of_one.FleetOfOne(self.store, "alpen", self.worker, self.clock.now)
        self.router = SeamRouter(
            self.store,
            self.connections,
            clock=self.clock.now,
            check_arrivals=lambda _, of: self.worker.enqueue(Job(TaskKind.ARRIVAL_CHECK, of)),
            looked_at=lambda _: None,
        )
        self.alerts = Alerts(
            self.store, self.connections, [self.told], clock=self.clock.now, public_url="https://night.example"
        )
        self.__dict__.pop("site", None)
        self.inbox, self.alert_book = Inbox(self.store), AlertBook(self.store)
        self.people = People(self.store)

    @cached_property
    def site(self) -> Flask:
        """Made when it is first asked for: most nights have no use for it."""
        site = create_site(
            WebContext(
                store=self.store,
                workspaces={"": self.workspace},
                connections=self.connections,
                clock=self.clock.now,
                metrics=self.metrics,
                version="0",
                enqueue=lambda _: None,
                scheduler_alive=lambda: True,
                seam_webhook_secrets={"": SEAM_SECRET},
                secret_keys=SecretKeys(KEY),
                register=Register(Settings(SeamSettings(self.seam.api_key), {}, PRESETS), self.store, SecretKeys(KEY)),
            )
        )
        limiter.reset()
        return site

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        path = url.removeprefix("http://night.example")
        return self.site.test_client().post(path, data=body, headers=headers).status_code

    def listen(self) -> None:
        """From now on hotel and workspace send their webhooks."""
        self.hotel.sender = self.sender
        self.seam.sender = self.sender

    # --- time -------------------------------------------------------------------------------------------------------

    def _step(self) -> bool:
        """The next thing that is due, by whatever worker a test has put here."""
        return self.worker.step() if self._fleet is None else self._fleet.step()

    def settle(self) -> None:
        """Webhooks are delivered and everything that is due is done, until nothing is left."""
        for _ in range(60):
            self.seam.tick()
            if self.deliver:
                self.sender.deliver_all()
            routed = self.router.route()
            if not self._step() and not routed and not (self.deliver and self.sender.waiting):
                return
        raise AssertionError("it never comes to rest")

    def do(self, name: str, property_id: str = "") -> None:
        """One job, now."""
        self.worker.enqueue(Job(TaskKind(name), property_id))
        self.settle()

    def due_jobs(self, at_start: bool = False) -> list[Job]:
        """What the timetable says is due by now. `at_start`: nobody was there before."""
        known, records, now = Properties(self.store).known("alpen"), JobBook(self.store).all(), self.clock.now()
        timed = timed_jobs("alpen", self.timetable, known, records, now, at_start=at_start)
        return [job for job, at in timed if at <= now]

    def fire(self, at_start: bool = False) -> None:
        """Enqueues what is due by now; retries only where there is something to retry, as the loop does."""
        now = self.clock.now()
        for job in self.due_jobs(at_start):
            if job.kind is not TaskKind.RETRY or self._has_to_retry(now):
                self.worker.enqueue(job)

    def _has_to_retry(self, now: datetime) -> bool:
        return bool(Work(self.store).connections_to_retry(now) or connections_to_recheck(self.store, now))

    def drop_jobs(self) -> None:
        """Nothing that was enqueued is to be done."""
        jobs = self.queue.waiting("alpen", JOBS)
        self.queue.replace("alpen", JOBS, {one.subject for one in jobs}, [], self.clock.now())

    def minute(self) -> None:
        """A minute passes, and what is due in it is done."""
        self.clock.time += timedelta(minutes=1)
        self.fire()
        self.settle()

    def look_at_alerts(self) -> list[str]:
        """What the loop does about alerts; returns what was told by it."""
        before = len(self.told.messages)
        self.alerts.look()
        self.alerts.tell()
        return [f"{phase}: {subject}" for phase, subject in self.told.messages[before:]]

    # --- people -----------------------------------------------------------------------------------------------------

    def client(self, role: str | None = "admin") -> FlaskClient:
        """A browser; signed in as somebody of that role."""
        client = self.site.test_client()
        if role is not None:
            if self.people.user(role) is None:
                self.people.add_user(role, Role(role), _HASH, self.clock.now())
            page = client.get("/sign-in")
            answer = client.post("/sign-in", data={"name": role, "password": PASSWORD, "csrf_token": csrf_of(page)})
            assert answer.status_code == 302, answer.text
        return client

    def mews_webhook(self, *events: tuple[str, str], token: str = HOOK, **rest: Any) -> Any:
        body = {
            "EnterpriseId": self.property,
            "IntegrationId": "c8bee838-7fb1-4f4e-8fac-ac87008b2f90",
            "Events": [{"Discriminator": word, "Value": {"Id": one}} for word, one in events],
        }
        return self.site.test_client().post(
            f"/webhooks/alpen?token={token}", data=json.dumps(body), content_type="application/json", **rest
        )


def csrf_of(page: Any) -> str:
    """The token of a page's first form."""
    text = page.get_data(as_text=True)
    return str(text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0])
