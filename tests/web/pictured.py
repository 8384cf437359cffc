"""A world in which no page is empty, at a moment that is always the same: what `python docs/draw_pages.py` takes
pictures of, and in which every page is looked at in every width.

One hotel lives: the real connector, runs, locks and webhooks, on a clock that stands still in the end. Eleven others
are written straight into its database, so that there are properties to compare.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask

from mappers.policy import PRESETS, CommonArea, MaxRevocations, Policy, SpareCodes
from settings import Settings
from settings.declared import SeamSettings
from settings.policy_changes import PolicyChanges
from settings.register import Register
from store.connections import State
from store.costs import Cost, Costs
from store.credential_links import CredentialLinks
from store.memberships import Membership, Memberships
from store.outgoing import EventKind, Happened, OutgoingEvents, emit_in
from store.people import Role
from store.policy_changes import PolicyChange, PolicyChangeBook, Seen, Stage
from store.receivers import Receivers, Wants
from store.runs import Runs
from store.secrets import SecretKeys
from store.trends import Counted, Figure, Trends, bound_of
from tests.night import _HASH, KEY, PASSWORD, SEAM_SECRET, Night, csrf_of
from tests.web.chain import NOW, Chain
from web import second_factor
from web.access import limiter
from web.context import WebContext
from web.site import create_site

EMPTY = ("held", "alerts", "locks", "trends", "runs", "inbox", "drift")
"""Pages of which a picture shows that there is nothing, too."""
OTHERS = 11
"""Hotels beside the one that lives."""
ORGANISATIONS = {"hotel1": "lakeside", "hotel2": "lakeside", "hotel3": "lakeside"}
"""Of some of them."""
POLICY = Policy(
    replace_wait=timedelta(seconds=20),
    common_areas=(CommonArea("lobby", "Lobby"),),
    max_revocations=MaxRevocations(count=2, percent=1),
    spare_codes=SpareCodes(rooms=1),
    access_methods=("code", "card"),
)
MEWS = {"base_url": "https://api.mews.com", "client_token": "c" * 20, "access_token": "a" * 20}


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the name of its pictures, its address, and who looks at it (nobody: empty)."""

    name: str
    path: str
    who: str = "anna"


class Pictured(Night):
    """`site` is what is looked at, as the admin `anna`."""

    def __init__(self, folder: Path):
        self._patch = pytest.MonkeyPatch()
        numbers = count(1)
        # Ids of runs that are the same every time.
        drawn = SimpleNamespace(token_hex=lambda size: f"{next(numbers):0{2 * size}x}")
        self._patch.setattr("reconciler.run.secrets", drawn)
        self._patch.setattr("store.outgoing.uuid4", lambda: UUID(int=next(numbers)))
        self._patch.setattr(second_factor, "new_secret", lambda: "NIGHTPORTERNIGHTPORTERNIGHTPORTE")
        super().__init__(folder, POLICY)
        self.clock.time = NOW - timedelta(hours=11)
        self._build()
        self._live()
        self.clock.time = NOW
        for job in ("incremental", "arrival_check", "lock_health"):
            self.do(job)
        self.look_at_alerts()
        self.chain = Chain(folder, OTHERS, address=self.address)
        self._people()
        self._numbers()
        self._register()
        self._receivers()
        # With all of the others.
        self.__dict__.pop("site", None)

    def close(self) -> None:
        self._patch.undo()
        self.chain.store.close()
        self.store.close()

    # --- the hotel ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        names = [f"{floor}{number:02d}" for floor in (1, 2) for number in range(1, 9)]
        self.rooms += [self.hotel.add_room(self.property, name, self.double) for name in names[3:]]
        self.seam.add_account(self.property, "visionline")
        self.locks = [
            self.seam.add_entrance(f"Door {name}", room, customer_key=self.property)
            for name, room in zip(names[:8], self.rooms[:8], strict=True)
        ]
        self.encoders = [self.seam.add_encoder(name, self.property) for name in ("Front desk", "Back office")]
        self.seam.add_account(self.property, "ttlock")
        self.devices = [
            self.seam.add_device(f"Rm 0{name}", room, customer_key=self.property, slots=20)
            for name, room in zip(names[8:14], self.rooms[8:14], strict=True)
        ]
        # Two rooms have no lock yet; one of their locks is there.
        self.seam.add_device("Rm 0207", customer_key=self.property)
        self.seam.add_device("Minibar 207", customer_key=self.property)
        self.listen()

    def _stays(self) -> None:
        """Guests in the house, of tonight and of the next days, with what goes wrong with them."""
        today = NOW.replace(hour=14, minute=0, second=0)
        guests = ("Jana Novak", "Lena Mayr", "Tomas Berger", "Ines Silva", "Noor Kaya", "Emil Larsen", "Mira Costa")
        self.bookings: list[str] = []
        for place, room in enumerate(range(16)):
            first, last = guests[place % len(guests)].split()
            arrives = today + timedelta(days=(0, -1, 0, 1)[place % 4], hours=place % 5)
            self.bookings.append(
                self.book(
                    None if place == 2 else room,
                    self.guest(first, last),
                    arrival=arrives,
                    departure=arrives.replace(hour=10) + timedelta(days=2 + place % 3),
                )
            )
        for booking in self.bookings[1::4]:
            self.hotel.check_in(booking, today - timedelta(hours=22))

    def _live(self) -> None:
        """A day of it."""
        self._stays()
        self.do("full")
        self._pass(minutes=10)
        # Most have their card.
        for place in (0, 1, 4, 5, 7, 8, 9, 10, 13):
            self.seam.encode_card(self.bookings[place])
        self.do("full")
        self.hotel.move_dates(self.bookings[9], departure=NOW.replace(hour=10, minute=0, second=0) + timedelta(days=4))
        self._pass(minutes=30)
        self.hotel.assign(self.bookings[4], self.rooms[5])
        self._pass(minutes=30)
        # Somebody changes in Seam what is ours, and sets a PIN by hand.
        self.seam.edit_grant(self.bookings[1], ends_at=(NOW + timedelta(days=9)).isoformat())
        self.seam.set_by_others(self.devices[0], "4711", "the cleaner")
        self._pass(minutes=30)
        self.do("night_audit")
        self.seam.unplug(self.devices[2])
        self.seam.drain(self.devices[1], 0.12)
        self.seam.fail_to_issue(self.bookings[6], "the lock did not answer")
        self._pass(hours=6)
        for booking in (self.bookings[n] for n in (3, 5, 12, 13)):
            self.hotel.cancel(booking)
        self._pass(minutes=30)
        self.do("arrival_check")
        self.do("lock_health")
        self._pass(minutes=30)

    def _pass(self, **span: int) -> None:
        self.clock.pass_(**span)
        self.settle()
        self.do("incremental")
        self.look_at_alerts()

    # --- what is beside it ------------------------------------------------------------------------------------------

    def _people(self) -> None:
        now = self.clock.now()
        for name, role in (("anna", Role.ADMIN), ("bruno", Role.OPERATOR), ("clara", Role.VIEWER)):
            self.people.add_user(name, role, _HASH, now - timedelta(days=20))
        self.people.add_user("dora", Role.VIEWER, _HASH, now - timedelta(days=20))
        self.people.set_second_factor("dora", SecretKeys(KEY).encrypt({"totp": second_factor.new_secret()}))
        Memberships(self.store).give("clara", Membership(Role.VIEWER, connection="hotel3"), now)
        # Of a connection of which nothing has been read yet: what she sees is empty.
        self.people.add_user("erik", Role.VIEWER, _HASH, now - timedelta(days=1))
        Memberships(self.store).give("erik", Membership(Role.ADMIN, connection="riverside"), now)
        self.people.make_token("warehouse", Role.VIEWER, now - timedelta(days=3))
        done = (("bruno", "sync now", self.bookings[0]), ("bruno", "looked at the PIN", self.bookings[4]))
        for number, (who, action, target) in enumerate(done):
            at = now - timedelta(hours=3 * number)
            self.people.note(who, action, at, connection="alpen", target=target)

    def _numbers(self) -> None:
        """Of sixty days, for *Trends* and *Costs*."""
        places = [("alpen", self.property), *((one.connection, one.property_id) for one in self.chain.known[:6])]
        for days in range(60):
            at = NOW - timedelta(days=days)
            for number, (connection, property_id) in enumerate(places):
                missed = (days * days + number * 5) % (11 + 4 * number) // (9 + 2 * number)
                found = [
                    Counted(property_id, at, Figure.READY, 5 + (days * days + 3 * number) % 7),
                    Counted(property_id, at, Figure.NOT_READY, missed, ("no_room", "device_offline")[days % 2]),
                    Counted(property_id, at, Figure.OFFLINE, 900 * number * (days * (number + 2) % 11 // 9)),
                    Counted(property_id, at, Figure.TO_DOOR, 9, bound_of(8 + days % 9)),
                    Counted(property_id, at, Figure.TO_DOOR, 1, bound_of(40 + 50 * (days % 6))),
                ]
                Trends(self.store).add(connection, [one for one in found if one.number])
        for days in range(25):
            at = NOW - timedelta(days=days)
            for connection, property_id in places[:4]:
                counts = {(property_id, Cost.PMS_CALLS): 180 + days, (property_id, Cost.SEAM_CALLS): 90 + 2 * days}
                Costs(self.store).add(connection, counts, at)

    def _register(self) -> None:
        """Connections of the database, a policy, and a change of it that has been previewed."""
        register, now = self.register, NOW - timedelta(days=9)
        register.set_policy("apartments", {"preset": "hotel", "provision_ahead": "7d"}, "anna", now)
        for number, (name, state) in enumerate(
            (("riverside", State.ACTIVE), ("old-mill", State.WATCH), ("harbour", State.PAUSED))
        ):
            document = {
                "connector": "mews",
                "mews": MEWS | {"client_token": f"client-{number}-0123456789"},
                "key_prefix": f"{name}/",
                "webhook_token": "hook-token-0123456789abcdef",
                "policy": "apartments",
            }
            register.add(name, document, "anna", now, state if state is not State.PAUSED else State.ACTIVE)
        register.stand("harbour", State.PAUSED, "bruno", NOW - timedelta(hours=2), "the PMS is being moved")
        PolicyChangeBook(self.store).ask(
            PolicyChange(
                "apartments",
                {"provision_ahead": "14d"},
                Stage.PREVIEWED,
                "anna",
                NOW - timedelta(minutes=8),
                seen=[Seen(["riverside"], "Riverside Lofts", {"created": 12, "updated": 3})],
            )
        )

    def _receivers(self) -> None:
        """Three programs: one that takes all, one that is down, one that is paused."""
        book, events = Receivers(self.store, SecretKeys(KEY)), OutgoingEvents(self.store)
        began = NOW - timedelta(hours=5)
        app = book.add("guest-app", "https://app.hotel.example/hooks", Wants(["code.ready", "guest.entered"]), began)
        down = book.add("data-warehouse", "https://warehouse.example/in", Wants(), began)
        idle = book.add("old-channel", "https://channel.example/", Wants(), began)
        owner = book.add("owners-app", "https://owners.example/in", Wants(), began, "lakeside")
        assert app is not None
        assert down is not None
        assert idle is not None
        assert owner is not None
        book.pause(idle, "")
        for number, booking in enumerate(self.bookings[:5]):
            at = began + timedelta(minutes=40 * number)
            told = [EventKind.ACCESS_PLANNED, EventKind.CODE_READY]
            with self.store.writing() as db:
                data = {"booking_id": booking, "room": self.rooms[number]}
                emit_in(db, [Happened(one, "alpen", self.property, booking, data) for one in told], at)
        for one in events.due(app.id, NOW, 50):
            events.sent(one, 200, 84, one.at + timedelta(seconds=1))
        # It took the first one at the third attempt, and nothing since.
        late, *others = events.due(down.id, NOW, 4)
        for one, minutes, status in ((late, 1, 503), (late, 2, None), (others[0], 41, 503), (others[1], 43, 302)):
            at = began + timedelta(minutes=minutes)
            trouble = f"it answered {status}" if status else "it cannot be reached (ConnectionError)"
            events.not_sent(one, at, status, 131, trouble, at)
            if one is not late:
                book.failed(down, None, at)
        events.sent(late, 200, 96, began + timedelta(minutes=7))
        self.taken_late = late.event_id

    @cached_property
    def register(self) -> Register:
        keys = SecretKeys(KEY)
        return Register(Settings(SeamSettings(self.seam.api_key), {}, PRESETS), self.store, keys)

    @cached_property
    def site(self) -> Flask:
        """Of all hotels once there are others."""
        others = self.chain.connections if hasattr(self, "chain") else {}
        others = {name: replace(one, organisation=ORGANISATIONS.get(name, "")) for name, one in others.items()}
        site = create_site(
            WebContext(
                store=self.store,
                workspaces={"": self.workspace},
                connections={**self.connections, **others},
                clock=self.clock.now,
                metrics=self.metrics,
                version="1",
                scheduler_alive=lambda: True,
                seam_webhook_secrets={"": SEAM_SECRET},
                secret_keys=SecretKeys(KEY),
                register=self.register,
                policy_changes=PolicyChanges(self.register, self.store, self.connections, self.clock.now),
                public_url="https://night.example",
            )
        )
        limiter.reset()
        return site

    # --- its pages ------------------------------------------------------------------------------------------------

    def cookie(self, name: str) -> str:
        """The session of somebody who has signed in, or ("half") whose code is asked for."""
        client = self.site.test_client()
        token = csrf_of(client.get("/sign-in"))
        client.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf_token": token})
        found = client.get_cookie("nightporter")
        assert found is not None
        return found.value

    def webview(self) -> str:
        """The id of a page of Seam on which somebody is to sign in to a lock system."""
        customer = self.connections["alpen"].keys.customer(self.property)
        return self.workspace.create_webview(customer, (), None).id

    def embedded(self) -> str:
        """The path at which a booking's verdict is shown alone."""
        token = self.people.make_token("the PMS", Role.OPERATOR, self.clock.now())
        path = f"/api/bookings/alpen/{self.bookings[0]}/embed"
        answer = self.site.test_client().post(path, json={}, headers={"Authorization": f"Bearer {token}"})
        return str(answer.json["url"]).removeprefix("https://night.example")

    def pages(self) -> list[Page]:
        """Every page, by the name of its picture."""
        hotel = f"alpen/{self.property}"
        opens, moved, failed, held = (f"/bookings/alpen/{self.bookings[n]}" for n in (0, 4, 6, 5))
        latest = Runs(self.store).latest_id()
        return [
            Page("sign-in", "/sign-in", ""),
            Page("sign-in-code", "/sign-in/code", "dora"),
            Page("sign-in-link", f"/sign-in/{self.people.make_link('bruno', NOW)}", ""),
            Page("properties", "/"),
            Page("properties-broken", "/properties?state=broken"),
            Page("now", f"/properties/{hotel}"),
            Page("held", "/held"),
            Page("search", "/bookings?q=10&list=1"),
            Page("search-nothing", "/bookings?q=nobody"),
            Page("booking", f"{opens}?live=1"),
            Page("booking-moved", f"{moved}?live=1"),
            Page("booking-broken", f"{failed}?live=1"),
            Page("booking-held", f"{held}?live=1"),
            Page("booking-embedded", self.embedded(), ""),
            Page("cards", f"{opens}/cards"),
            Page("locks", "/locks"),
            Page("locks-of-a-property", f"/locks/{hotel}"),
            Page("locks-connecting", f"/locks/{hotel}/connect/{self.webview()}"),
            Page("locks-health", "/locks/health"),
            Page("locks-forecast", "/locks/forecast"),
            Page("locks-accounts", "/locks/accounts"),
            Page("encoders", "/locks/encoders"),
            Page("alerts", "/alerts"),
            Page("alert", "/alerts/1"),
            Page("trends", "/trends"),
            Page("trends-month", f"/trends/{NOW:%Y-%m}"),
            Page("runs", "/runs"),
            Page("run", f"/runs/{latest}"),
            Page("events", "/events"),
            Page("events-receiver", "/events/guest-app"),
            Page("event", f"/events/data-warehouse/{self.taken_late}"),
            Page("connections", "/connections"),
            Page("connection", "/connections/riverside"),
            Page("connection-new", "/new-connection"),
            Page("connection-new-mews", "/new-connection?connector=mews"),
            Page("credentials", f"/credentials/{self.credentials()}", ""),
            Page("policies", "/policies"),
            Page("policy", "/policies/apartments"),
            Page("workspaces", "/workspaces"),
            Page("inbox", "/inbox"),
            Page("delivery", "/inbox/1"),
            Page("drift", "/drift"),
            Page("api", "/api/docs"),
            Page("people", "/people"),
            Page("costs", "/costs"),
            Page("audit-log", "/audit-log"),
            Page("account", "/account"),
            Page("no-such-page", "/no-such-page"),
            *(Page(f"{name}-empty", f"/{name}", "erik") for name in EMPTY),
            Page("now-empty", "/", "erik"),
        ]

    def credentials(self) -> str:
        return CredentialLinks(self.store).make("riverside", NOW)


ROUTES = {
    "events": "receivers.receivers",
    "events-receiver": "receivers.receiver",
    "event": "receivers.event",
    "sign-in": "access.sign_in",
    "sign-in-code": "access.sign_in_code",
    "sign-in-link": "access.sign_in_by_link",
    "properties": "properties.home",
    "properties-broken": "properties.properties",
    "now": "properties.now",
    "held": "held.held",
    "search": "reports.bookings",
    "search-nothing": "reports.bookings",
    "booking": "reports.booking",
    "booking-moved": "reports.booking",
    "booking-broken": "reports.booking",
    "booking-held": "reports.booking",
    "booking-embedded": "embedded.booking",
    "cards": "cards.cards",
    "locks": "locks.locks",
    "locks-of-a-property": "locks.doors",
    "locks-connecting": "locks.connecting",
    "locks-health": "locks.health",
    "locks-forecast": "locks.forecast",
    "locks-accounts": "locks.accounts",
    "encoders": "cards.encoders",
    "alerts": "alerts.alerts",
    "alert": "alerts.alert",
    "trends": "trends.trends",
    "trends-month": "trends.month",
    "runs": "reports.runs",
    "run": "reports.run",
    "connections": "connections.connections",
    "connection": "connections.connection",
    "connection-new": "connections.new",
    "connection-new-mews": "connections.new",
    "credentials": "connections.credentials",
    "policies": "policies.policies",
    "policy": "policies.policy",
    "workspaces": "workspaces.workspaces",
    "inbox": "inbox.inbox",
    "delivery": "inbox.delivery",
    "drift": "reports.drift",
    "api": "api_docs",
    "people": "people.people",
    "costs": "costs.costs",
    "audit-log": "reports.audit_log",
    "account": "people.account",
    "no-such-page": "",
    "now-empty": "properties.home",
    "held-empty": "held.held",
    "alerts-empty": "alerts.alerts",
    "locks-empty": "locks.locks",
    "trends-empty": "trends.trends",
    "runs-empty": "reports.runs",
    "inbox-empty": "inbox.inbox",
    "drift-empty": "reports.drift",
}
"""Every page, by the name of its pictures: its route. One that is new gets a line here, and one in `Pictured.pages`."""
NO_PAGES = {
    "api-docs.openapi_json",
    "bootstrap.static",
    "cards.status",
    "costs.csv",
    "locks.connecting_status",
    "locks.doors_csv",
    "locks.rooms",
    "monitoring.healthz",
    "monitoring.metrics",
    "monitoring.readyz",
    "openid.begin",
    "openid.come_back",
    "reports.booking_live",
    "reports.progress",
    "reports.run_csv",
    "static",
    "trends.csv",
}
"""What is asked for by scripts and programs, and what sends somebody elsewhere."""
