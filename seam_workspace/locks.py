"""Lock systems: the page on which a property signs in to its own, the accounts that come of it, and their locks."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from mappers.sentences import say
from seam_workspace import answers
from seam_workspace.attempts import Attempts
from seam_workspace.errors import AnswerLost, SeamNotFound, SeamUnreadable
from seam_workspace.events import SeamEvent, read_event
from seam_workspace.existing import AccessSystem, ExistingDoor, ExistingWebview, LockAccount, Unlocking

FOLLOWED_FOR, FOLLOWED_EVERY = 12.0, 1.0
"""Seconds for which somebody who waits before a screen is told what became of an order to a lock, and how often Seam is
asked meanwhile."""
EVENTS_A_CALL = 500


class LockSystems(Attempts):
    """What a property has connected."""

    def doors(self, customer_key: str) -> list[ExistingDoor]:
        """Every lock of one property: the entrances of its access systems, and its devices (no thermostats)."""
        of = {"customer_key": customer_key}
        devices = self._pages("devices/list", self._seam.devices.list, of, answers.device)
        return self.entrances(customer_key) + [device for device in devices if device is not None]

    def entrances(self, customer_key: str) -> list[ExistingDoor]:
        """Of those locks, the entrances of access systems."""
        of = {"customer_key": customer_key}
        return self._pages("acs/entrances/list", self._seam.acs.entrances.list, of, answers.entrance)

    def doors_of_account(self, account_id: str) -> list[ExistingDoor]:
        """Every lock that came with a Connected Account, as `doors` has them."""
        of = {"connected_account_id": account_id}
        entrances = self._pages("acs/entrances/list", self._seam.acs.entrances.list, of, answers.entrance)
        devices = self._pages("devices/list", self._seam.devices.list, of, answers.device)
        return entrances + [device for device in devices if device is not None]

    def other_pins(self, device_id: str) -> int:
        """How many PINs are on a device that Seam does not manage; what they are is not looked at. The first 500 are
        counted. None are there where Seam has no such device (any more).

        Contract: `/access_codes/unmanaged/list`, of one device.
        """
        found: list[None] = []
        with suppress(SeamNotFound):
            self._each_page(
                "access_codes/unmanaged/list",
                self._seam.access_codes.unmanaged.list,
                {"device_id": device_id},
                answers.counted,
                found,
                at_most=1,
            )
        return len(found)

    def events(
        self, customer_key: str, kinds: Collection[str], since: datetime, at_most: int
    ) -> tuple[list[SeamEvent], int]:
        """What has happened at one property since then (UTC), of these kinds, and how many calls it took: `at_most` of
        500 events each. What is no event is left out.

        Contract: `/events/list` has the same events as the webhooks, no pages, and an offset.
        """
        found: list[SeamEvent] = []
        calls = 0
        while calls < at_most:
            given = {
                "customer_key": customer_key,
                "event_types": sorted(kinds),
                "since": since.isoformat(),
                "limit": EVENTS_A_CALL,
                "unstable_offset": calls * EVENTS_A_CALL,
            }
            answer = self._call("events/list", lambda: self._seam.client.post("/events/list", json=given))  # noqa: B023
            calls += 1
            told = answer.get("events") if isinstance(answer, dict) else None
            if not isinstance(told, list):
                raise SeamUnreadable("Seam's answer to events/list has no events")
            found += [event for one in told if (event := read_event(one)) is not None]
            if len(told) < EVENTS_A_CALL:
                break
        return found, calls

    def unlock(self, device_id: str) -> Unlocking:
        """Has a device open its door now, and follows what comes of it for some seconds. Never sent twice: where the
        answer is lost, nobody knows whether it opened. Raises `SeamError` where Seam refuses it.

        Contract: `/locks/unlock_door` gives an action attempt, which is `pending` until the lock has answered.
        """
        try:
            attempt: Any = self._call(
                "locks/unlock_door",
                lambda: self._seam.locks.unlock_door(device_id=device_id, wait_for_action_attempt=False),
                repeatable=False,
            )
        except AnswerLost:
            return Unlocking(None, why=say("Seam's answer was lost"))
        until = self._pace.clock() + FOLLOWED_FOR
        while attempt.status == "pending" and self._pace.clock() < until:
            self._pace.sleep(FOLLOWED_EVERY)
            attempt = self._attempt(attempt.action_attempt_id, lambda found: found)
        return answers.unlocking(attempt)

    def access_systems(self, customer_key: str) -> list[AccessSystem]:
        """The access control systems of one property."""
        return self._at_once(
            "acs/systems/list", self._seam.acs.systems.list, {"customer_key": customer_key}, answers.system
        )

    def systems_of_account(self, account_id: str) -> list[AccessSystem]:
        """The access control systems that came with a Connected Account."""
        return self._at_once(
            "acs/systems/list", self._seam.acs.systems.list, {"connected_account_id": account_id}, answers.system
        )

    def create_webview(
        self, customer_key: str, providers: Sequence[str], redirect_url: str | None = None
    ) -> ExistingWebview:
        """A page on which the property's lock system is signed in to. What comes of it carries the customer key."""
        fields: dict[str, Any] = {"customer_key": customer_key, "wait_for_device_creation": True}
        if providers:
            fields["accepted_providers"] = list(providers)
        if redirect_url is not None:
            fields["custom_redirect_url"] = redirect_url
        # A page that was made and whose answer was lost is never opened by anybody, and so harms nobody.
        return self._call(
            "connect_webviews/create", lambda: answers.webview(self._seam.connect_webviews.create(**fields))
        )

    def webview(self, webview_id: str) -> ExistingWebview | None:
        return self._get(
            "connect_webviews/get",
            lambda: self._seam.connect_webviews.get(connect_webview_id=webview_id),
            answers.webview,
        )

    def list_webviews(self, customer_key: str) -> list[ExistingWebview]:
        """Every Connect Webview of one property."""
        return self._pages(
            "connect_webviews/list", self._seam.connect_webviews.list, {"customer_key": customer_key}, answers.webview
        )

    def lock_accounts(self, customer_key: str) -> list[LockAccount]:
        """The Connected Accounts of one property, with what is wrong with them."""
        return self._pages(
            "connected_accounts/list",
            self._seam.connected_accounts.list,
            {"customer_key": customer_key},
            answers.account,
        )

    def every_lock_account(self) -> list[LockAccount]:
        """The Connected Accounts of the whole workspace, those that belong to no property among them."""
        return self._pages("connected_accounts/list", self._seam.connected_accounts.list, {}, answers.account)

    def lock_account(self, account_id: str) -> LockAccount | None:
        """One Connected Account."""
        return self._get(
            "connected_accounts/get",
            lambda: self._seam.connected_accounts.get(connected_account_id=account_id),
            answers.account,
        )

    def give_account_to(self, account_id: str, customer_key: str) -> None:
        """Says of a Connected Account whose it is. Seam refuses that for one which belongs to somebody already."""
        self._call(
            "connected_accounts/update",
            lambda: self._seam.connected_accounts.update(connected_account_id=account_id, customer_key=customer_key),
        )
