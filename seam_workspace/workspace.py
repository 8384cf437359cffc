"""The Seam workspace: look up by key, list in pages, create so that a lost answer creates nothing twice, delete.

Every call goes through `_call`: one pace for all threads, retries of what may be repeated, and every failure of the
SDK, of httpx or of a JSON body as one of our errors. Facts about the API are from Seam's OpenAPI description and
from its guide to Access Grants.
"""

import math
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpcore
import httpx
from seam.exceptions import SeamError as SdkError
from seam.exceptions import SeamHttpApiError, SeamHttpInvalidResponseError, SeamHttpUnauthorizedError
from seam.null import NULL
from seam.resources.access_grant import AccessGrant
from seam.resources.access_method import AccessMethod
from seam.resources.space import Space
from seam.resources.user_identity import UserIdentity
from seam.seam import Seam

from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from seam_workspace.errors import (
    AnswerLost,
    SeamError,
    SeamNotFound,
    SeamRefused,
    SeamUnauthorized,
    SeamUnreachable,
    without_contacts,
)
from seam_workspace.existing import (
    AccessSystem,
    ExistingAccessGrant,
    ExistingAccessMethod,
    ExistingDoor,
    ExistingSpace,
    ExistingUserIdentity,
    ExistingWebview,
    LockAccount,
    WayIn,
)
from seam_workspace.pace import Pace
from seam_workspace.seal import Seal
from seam_workspace.transport import MAY_SEND, Bounded, TooLarge, to

PAGE = 500
"""Spaces, user identities and access grants come in pages of at most 500."""
LONGEST_CODE = 80
GRANTS_TOGETHER = 100
"""So many grants are asked for at once with what belongs to them: an address of less than 6,000 characters."""
IDS_IN_A_QUERY = 50
"""Lists by id are asked for by an address, and a longer one may be refused on the way."""
ATTEMPTS = 6
MOST_PAGES = 400
"""Of one list: 200,000 records, ten times the largest house."""
LIST_WITHIN = 600.0
"""Seconds for all pages of one list."""
CONNECTIONS = 32
LONGEST_WAIT = 90.0
"""Seconds after which a request that did not get through is not repeated any more."""
LONGEST_WAIT_WHEN_BUSY = 300.0
"""Likewise, where Seam says that there are too many."""
KEEP_DOORS = 300.0
"""Seconds for which it is known which of a property's Spaces have override locks."""
_IDS = (
    "access_grant_id",
    "access_method_id",
    "acs_entrance_id",
    "device_id",
    "space_id",
    "user_identity_id",
    "connect_webview_id",
    "connected_account_id",
)
T = TypeVar("T")
ById = TypeVar("ById", ExistingAccessGrant, ExistingUserIdentity)


class Workspace:
    """One Seam workspace. Safe to use from many threads."""

    def __init__(
        self,
        api_key: str,
        endpoint: str,
        *,
        pace: Pace | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 30.0,
        attempts: int = ATTEMPTS,
        observe: Callable[[str, str, float], None] = lambda endpoint, status, seconds: None,
    ):
        """`observe` is told of every call: its endpoint, its status (`ok`, a number, `no answer`), its seconds."""
        self._observe = observe
        self._seal = Seal(api_key)
        self._attempts = attempts
        self._pace = pace or Pace()
        self._endpoint = endpoint
        self._heard = threading.local()
        options: dict[str, Any] = {
            # The SDK puts its own retries around its own transport only.
            "transport": to(endpoint, CONNECTIONS) if transport is None else Bounded(transport),
            # The SDK's errors carry no headers.
            "event_hooks": {"request": [self._ask_before_a_write], "response": [self._hear]},
        }
        try:
            self._seam = Seam(api_key=api_key, endpoint=endpoint, timeout=timeout, httpx_options=options)
        except (SdkError, ValueError) as problem:
            raise SeamUnauthorized(f"the Seam API key cannot be used: {problem}") from None
        self.calls = 0
        self._shown: tuple[datetime, float] | None = None
        """What time it was by the last answer, and when it came (monotonic seconds)."""
        self._reservation_spaces: dict[str, tuple[float, frozenset[str]]] = {}
        self._own_code_spaces: frozenset[str] = frozenset()
        """By customer key: when it was found out (monotonic seconds), and which they are."""

    def close(self) -> None:
        self._seam.client.close()

    def seal(self, pins: Mapping[str, str]) -> str:
        """PINs by whatever name them, sealed for the database: see `seam_workspace.seal`."""
        return self._seal.close(pins)

    def open_sealed(self, sealed: str) -> dict[str, str]:
        """The PINs of `seal`; none where another API key sealed them."""
        return self._seal.open(sealed)

    # --- looking up ---------------------------------------------------------------------------------------------

    def check(self) -> str:
        """The workspace's name, asked from Seam: shows that endpoint and key work."""
        workspace = self._call("workspaces/get", lambda: self._seam.workspaces.get())
        return str(workspace.name)

    def space_by_key(self, key: str) -> ExistingSpace | None:
        """The Space with that key; None when there is none."""
        return self._get("spaces/get", lambda: self._seam.spaces.get(space_key=key), _space)

    def user_identity_by_key(self, key: str) -> ExistingUserIdentity | None:
        return self._get(
            "user_identities/get", lambda: self._seam.user_identities.get(user_identity_key=key), _user_identity
        )

    def access_grant_by_key(self, key: str) -> ExistingAccessGrant | None:
        return self._get("access_grants/get", lambda: self._seam.access_grants.get(access_grant_key=key), _access_grant)

    def list_spaces(self, customer_key: str) -> list[ExistingSpace]:
        """All Spaces of one property."""
        return self._pages("spaces/list", self._seam.spaces.list, {"customer_key": customer_key}, _space)

    def grants_in(self, space_id: str) -> list[ExistingAccessGrant]:
        """Every grant that gives access to a Space, ours or not, those being deleted as well."""
        return self._pages("access_grants/list", self._seam.access_grants.list, {"space_id": space_id}, _access_grant)

    def grants_of_reservation(self, reservation_key: str) -> list[ExistingAccessGrant]:
        """Every grant that belongs to a reservation, those being deleted as well."""
        return self._pages(
            "access_grants/list", self._seam.access_grants.list, {"reservation_key": reservation_key}, _access_grant
        )

    def list_access_grants(self, customer_key: str) -> list[ExistingAccessGrant]:
        """All grants of one property, those being deleted as well."""
        return self._pages(
            "access_grants/list", self._seam.access_grants.list, {"customer_key": customer_key}, _access_grant
        )

    def list_user_identities(self, at_most_pages: int) -> tuple[list[ExistingUserIdentity], bool]:
        """User identities of the whole workspace (Seam has no filter by customer), and whether that was all."""
        found: list[ExistingUserIdentity] = []
        complete = self._each_page(
            "user_identities/list",
            self._seam.user_identities.list,
            {},
            _user_identity,
            found,
            at_most_pages,
        )
        return found, complete

    def access_grants_by_id(self, ids: Collection[str], together: int = IDS_IN_A_QUERY) -> list[ExistingAccessGrant]:
        """Those of these grants that Seam still has, those being deleted as well; a call for every 50."""
        return self._by_id(
            "access_grants/list", self._seam.access_grants.list, "access_grant_ids", ids, _access_grant, together
        )

    def user_identities_by_id(self, ids: Collection[str]) -> list[ExistingUserIdentity]:
        """Likewise."""
        return self._by_id(
            "user_identities/list", self._seam.user_identities.list, "user_identity_ids", ids, _user_identity
        )

    def list_every_space(self, at_most_pages: int) -> tuple[list[ExistingSpace], bool]:
        """Spaces of the whole workspace, and whether that was all."""
        found: list[ExistingSpace] = []
        return found, self._each_page("spaces/list", self._seam.spaces.list, {}, _space, found, at_most_pages)

    def reservation_space_ids(
        self, customer_key: str | None, at_most_pages: int | None = None
    ) -> tuple[frozenset[str], bool]:
        """Ids of the Spaces that have an entrance which can belong to a reservation, of one property or (None) of the
        whole workspace; and whether that was all.

        What is known of a property is kept for some minutes, unless we change its doors: bookings change all the time,
        doors hardly ever, and a key that Seam takes nowhere is left out, a lock that needs one is seen by the next run
        over everything."""
        kept = self._reservation_spaces.get(customer_key or "")
        if customer_key is not None and kept is not None and self._pace.clock() - kept[0] < KEEP_DOORS:
            return kept[1], True
        entrances: list[tuple[bool, bool, list[str]]] = []
        complete = self._each_page(
            "acs/entrances/list",
            self._seam.acs.entrances.list,
            {} if customer_key is None else {"customer_key": customer_key},
            lambda entrance: (
                bool(entrance.can_belong_to_reservation),
                _may_choose_codes(entrance),
                list(entrance.space_ids or ()),
            ),
            entrances,
            at_most_pages,
            None,
        )
        found = frozenset(space_id for capable, _, space_ids in entrances if capable for space_id in space_ids)
        choosy = (space_id for _, own, space_ids in entrances if own for space_id in space_ids)
        self._own_code_spaces = self._own_code_spaces | frozenset(choosy)
        if customer_key is not None and complete:
            self._reservation_spaces[customer_key] = (self._pace.clock(), found)
        return found, complete

    @property
    def own_code_space_ids(self) -> frozenset[str]:
        """Of the Spaces that `reservation_space_ids` has seen: those with a lock that may choose its PINs itself."""
        return self._own_code_spaces

    def doors(self, customer_key: str) -> list[ExistingDoor]:
        """Every lock of one property: the entrances of its access systems, and its devices (no thermostats)."""
        of = {"customer_key": customer_key}
        entrances = self._pages("acs/entrances/list", self._seam.acs.entrances.list, of, _entrance)
        devices = self._pages("devices/list", self._seam.devices.list, of, _device)
        return entrances + [device for device in devices if device is not None]

    def access_methods(self, access_grant_id: str) -> list[ExistingAccessMethod]:
        """The ways in that a grant gives, without their PINs; empty when the grant is gone."""
        try:
            methods = self._call(
                "access_methods/list", lambda: self._seam.access_methods.list(access_grant_id=access_grant_id)
            )
        except SeamNotFound:
            return []
        return [_method(method) for method in methods]

    def ways_and_people_of(
        self, access_grant_ids: Collection[str]
    ) -> tuple[dict[str, ExistingAccessMethod], dict[str, ExistingUserIdentity]]:
        """The access methods and the user identities of many grants, by id: a call for every 100. Which method is whose
        stands in the grant (`method_ids`)."""
        wanted = sorted(set(access_grant_ids))
        methods: dict[str, ExistingAccessMethod] = {}
        people: dict[str, ExistingUserIdentity] = {}
        for start in range(0, len(wanted), GRANTS_TOGETHER):
            batch = wanted[start : start + GRANTS_TOGETHER]

            def fetch(batch: list[str] = batch) -> tuple[list[ExistingAccessMethod], list[ExistingUserIdentity]]:
                related = self._seam.access_grants.get_related(
                    access_grant_ids=batch, include=["access_methods", "user_identities"]
                )
                return (
                    [_method(AccessMethod.from_dict(one)) for one in related.access_methods or ()],
                    [_user_identity(UserIdentity.from_dict(one)) for one in related.user_identities or ()],
                )

            found, holders = self._call("access_grants/get_related", fetch)
            methods.update((one.id, one) for one in found)
            people.update((one.id, one) for one in holders)
        return methods, people

    def access_systems(self, customer_key: str) -> list[AccessSystem]:
        """The access control systems of one property."""
        systems = self._call("acs/systems/list", lambda: self._seam.acs.systems.list(customer_key=customer_key))
        return [_system(one) for one in systems]

    def systems_of_account(self, account_id: str) -> list[AccessSystem]:
        """The access control systems that came with a Connected Account."""
        return self._call(
            "acs/systems/list",
            lambda: [_system(one) for one in self._seam.acs.systems.list(connected_account_id=account_id)],
        )

    def doors_of_account(self, account_id: str) -> list[ExistingDoor]:
        """Every lock that came with a Connected Account, as `doors` has them."""
        of = {"connected_account_id": account_id}
        entrances = self._pages("acs/entrances/list", self._seam.acs.entrances.list, of, _entrance)
        devices = self._pages("devices/list", self._seam.devices.list, of, _device)
        return entrances + [device for device in devices if device is not None]

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
        return self._call("connect_webviews/create", lambda: _webview(self._seam.connect_webviews.create(**fields)))

    def webview(self, webview_id: str) -> ExistingWebview | None:
        return self._get(
            "connect_webviews/get",
            lambda: self._seam.connect_webviews.get(connect_webview_id=webview_id),
            _webview,
        )

    def list_webviews(self, customer_key: str) -> list[ExistingWebview]:
        """Every Connect Webview of one property."""
        return self._pages(
            "connect_webviews/list", self._seam.connect_webviews.list, {"customer_key": customer_key}, _webview
        )

    def lock_accounts(self, customer_key: str) -> list[LockAccount]:
        """The Connected Accounts of one property, with what is wrong with them."""
        return self._pages(
            "connected_accounts/list", self._seam.connected_accounts.list, {"customer_key": customer_key}, _account
        )

    def every_lock_account(self) -> list[LockAccount]:
        """The Connected Accounts of the whole workspace, those that belong to no property among them."""
        return self._pages("connected_accounts/list", self._seam.connected_accounts.list, {}, _account)

    def lock_account(self, account_id: str) -> LockAccount | None:
        """One Connected Account."""
        return self._get(
            "connected_accounts/get",
            lambda: self._seam.connected_accounts.get(connected_account_id=account_id),
            _account,
        )

    def give_account_to(self, account_id: str, customer_key: str) -> None:
        """Says of a Connected Account whose it is. Seam refuses that for one which belongs to somebody already."""
        self._call(
            "connected_accounts/update",
            lambda: self._seam.connected_accounts.update(connected_account_id=account_id, customer_key=customer_key),
        )

    def has_grants(self, user_identity_id: str) -> bool:
        """Whether any grant at all, of ours or of others, gives this identity access."""
        grants = self._call(
            "access_grants/list",
            lambda: self._seam.access_grants.list(user_identity_id=user_identity_id, limit=1),
        )
        return bool(grants)

    def pin_of(self, access_grant_id: str) -> str | None:
        """The PIN of a grant, to carry it over to its replacement; None when it has none (yet).

        Held in memory only, never stored, never logged.
        """
        ways = sorted(self.ways_in(access_grant_id), key=lambda way: not way.issued)
        pins = (way.pin for way in ways)
        return next((pin for pin in pins if pin is not None and pin.isdigit() and 4 <= len(pin) <= 9), None)

    def ways_in(self, access_grant_id: str) -> list[WayIn]:
        """What opens a grant's doors, secrets included; empty when the grant is gone. For memory only, as above."""
        try:
            methods = self._call(
                "access_methods/list", lambda: self._seam.access_methods.list(access_grant_id=access_grant_id)
            )
        except SeamNotFound:
            return []
        return [
            WayIn(
                bool(method.is_issued),
                method.code if method.mode == "code" and isinstance(method.code, str) and method.code else None,
                str(method.instant_key_url) if getattr(method, "instant_key_url", None) else None,
            )
            for method in methods
            if not _is_being_deleted(method.warnings)
        ]

    # --- spaces -------------------------------------------------------------------------------------------------

    def create_space(self, wanted: DesiredSpace) -> ExistingSpace:
        """Makes the Space, or finds it when it exists already (then it may differ from what is wanted)."""
        self._reservation_spaces.clear()
        return self._create(
            "spaces/create",
            lambda: _space(
                self._seam.spaces.create(
                    name=wanted.name,
                    space_key=wanted.key,
                    customer_key=wanted.customer_key,
                    customer_data=_customer_data(wanted),
                )
            ),
            lambda: self.space_by_key(wanted.key),
        )

    def update_space(self, space_id: str, wanted: DesiredSpace) -> None:
        self._call(
            "spaces/update",
            lambda: self._seam.spaces.update(space_id=space_id, name=wanted.name, customer_data=_customer_data(wanted)),
        )

    def set_doors(self, space_id: str, doors: Iterable[ExistingDoor], *, beside_others: bool = True) -> None:
        """Makes these the doors of the Space, and no others; what is in it beside doors (a thermostat) stays.

        `beside_others`: whether there may be anything of that kind.
        """
        doors = list(doors)
        self._reservation_spaces.clear()
        others: list[str] = []
        if beside_others:
            listed = self._pages(
                "devices/list",
                self._seam.devices.list,
                {"space_id": space_id},
                lambda device: device.device_id if _device(device) is None else None,
            )
            others = [device_id for device_id in listed if device_id is not None]
        self._call(
            "spaces/update",
            lambda: self._seam.spaces.update(
                space_id=space_id,
                device_ids=sorted([*others, *(door.id for door in doors if not door.is_entrance)]),
                acs_entrance_ids=sorted(door.id for door in doors if door.is_entrance),
            ),
        )

    def delete_space(self, space_id: str) -> None:
        self._delete("spaces/delete", lambda: self._seam.spaces.delete(space_id=space_id))

    # --- user identities ----------------------------------------------------------------------------------------

    def create_user_identity(self, wanted: DesiredUserIdentity) -> ExistingUserIdentity:
        """Makes the identity, or finds it by its key. Raises `SeamRefused` where Seam does not take a contact."""
        return self._create(
            "user_identities/create",
            lambda: _user_identity(
                self._seam.user_identities.create(
                    user_identity_key=wanted.key,
                    full_name=wanted.full_name,
                    email_address=wanted.email_address,
                    phone_number=wanted.phone_number,
                )
            ),
            lambda: self.user_identity_by_key(wanted.key),
        )

    def update_user_identity(self, user_identity_id: str, wanted: DesiredUserIdentity) -> None:
        """Sets name and contacts; what the PMS no longer has is cleared."""
        self._call(
            "user_identities/update",
            lambda: self._seam.user_identities.update(
                user_identity_id=user_identity_id,
                full_name=wanted.full_name or NULL,
                email_address=wanted.email_address or NULL,
                phone_number=wanted.phone_number or NULL,
            ),
        )

    def delete_user_identity(self, user_identity_id: str) -> None:
        self._delete(
            "user_identities/delete", lambda: self._seam.user_identities.delete(user_identity_id=user_identity_id)
        )

    # --- access grants ------------------------------------------------------------------------------------------

    def create_access_grant(
        self,
        wanted: DesiredAccessGrant,
        *,
        key: str,
        user_identity_id: str,
        space_ids: Sequence[str],
        reservation_key: str | None,
        pin: str | None = None,
    ) -> ExistingAccessGrant:
        """Makes the grant under `key`, or finds it by that key (then it may differ, or be on its way out)."""
        methods = [
            _requested(mode, wanted.instant_key_max_use_count, pin if mode == "code" else None)
            for mode in wanted.access_methods
        ]
        return self._create(
            "access_grants/create",
            lambda: _access_grant(
                self._seam.access_grants.create(
                    access_grant_key=key,
                    name=wanted.name,
                    user_identity_id=user_identity_id,
                    space_ids=list(space_ids),
                    starts_at=timestamp(wanted.starts_at),
                    ends_at=timestamp(wanted.ends_at) if wanted.ends_at else None,
                    requested_access_methods=methods,
                    reservation_key=reservation_key,
                )
            ),
            lambda: self.access_grant_by_key(key),
        )

    def update_access_grant(self, access_grant_id: str, wanted: DesiredAccessGrant) -> None:
        """Sets times and name: all that Seam's contract can change of a grant. (Its newer guide shows `space_ids`
        here too: once the contract has them, a room move needs no replacement, and this is the place.)"""
        self._call(
            "access_grants/update",
            lambda: self._seam.access_grants.update(
                access_grant_id=access_grant_id,
                name=wanted.name,
                starts_at=timestamp(wanted.starts_at),
                ends_at=timestamp(wanted.ends_at) if wanted.ends_at else NULL,
            ),
        )

    def add_access_methods(self, access_grant_id: str, modes: Iterable[str], key_uses: int = 1) -> None:
        """Asks for further ways to open the same doors. Not repeated after a lost answer: it would ask twice."""
        self._call(
            "access_grants/request_access_methods",
            lambda: self._seam.access_grants.request_access_methods(
                access_grant_id=access_grant_id, requested_access_methods=[_requested(mode, key_uses) for mode in modes]
            ),
            repeatable=False,
        )

    def delete_access_grant(self, access_grant_id: str) -> None:
        """Starts the deletion. Seam finishes it later: until then the grant exists, with its key."""
        self._delete("access_grants/delete", lambda: self._seam.access_grants.delete(access_grant_id=access_grant_id))

    # --- the wire -----------------------------------------------------------------------------------------------

    def _get(self, what: str, request: Callable[[], Any], read: Callable[[Any], T]) -> T | None:
        try:
            return self._call(what, lambda: read(request()))
        except SeamNotFound:
            return None

    def _delete(self, what: str, request: Callable[[], None]) -> None:
        # Gone already: by an earlier attempt whose answer was lost, or by somebody else.
        with suppress(SeamNotFound):
            self._call(what, request)

    def _create(self, what: str, create: Callable[[], T], look_up: Callable[[], T | None]) -> T:
        """Creates by key. A lost answer, or "taken", is looked up before anything is tried again."""
        for attempt in range(self._attempts):
            try:
                return self._call(what, create, repeatable=False)
            except AnswerLost as lost:
                found = look_up()
                if found is not None:
                    return found
                if attempt == self._attempts - 1:
                    raise SeamUnreachable(str(lost)) from lost
                self._pace.back_off(attempt)
            except SeamNotFound:
                raise
            except SeamRefused as refused:
                found = look_up()
                if found is not None:
                    return found
                raise refused
        raise AssertionError("unreachable")

    def _by_id(
        self,
        what: str,
        request: Callable[..., Any],
        name: str,
        ids: Collection[str],
        read: Callable[[Any], ById],
        together: int = IDS_IN_A_QUERY,
    ) -> list[ById]:
        wanted = sorted(set(ids))
        found: list[ById] = []
        for start in range(0, len(wanted), together):
            batch = wanted[start : start + together]
            # A person that was merged into another is answered for by that one.
            page = self._pages(what, request, {name: batch}, read)
            found += [one for one in page if _is_among(one, batch)]
        return found

    def _pages(
        self, what: str, request: Callable[..., Any], filters: Mapping[str, Any], read: Callable[[Any], T]
    ) -> list[T]:
        found: list[T] = []
        self._each_page(what, request, filters, read, found)
        return found

    def _each_page(
        self,
        what: str,
        request: Callable[..., Any],
        filters: Mapping[str, Any],
        read: Callable[[Any], T],
        found: list[T],
        at_most: int | None = None,
        limit: int | None = PAGE,
    ) -> bool:
        """Walks the pages of a list into `found`; False when `at_most` pages were not all. `limit`: records in a page;
        None: as many as Seam likes."""
        cursor: str | None = None
        seen: set[str] = set()
        pages = 0
        before: list[Any] | None = None
        begun = self._pace.clock()
        while True:
            parameters = dict(filters)
            if limit is not None:
                parameters["limit"] = limit
            if cursor is not None:
                parameters["page_cursor"] = cursor

            def fetch(parameters: dict[str, Any] = parameters) -> tuple[Any, list[T], list[Any]]:
                page = request(**parameters)
                return getattr(page, "pagination", None), [read(one) for one in page], [_id_of(one) for one in page]

            pagination, page, ids = self._call(what, fetch)
            again = ids == before
            before = ids
            found.extend(page)
            pages += 1
            if not isinstance(pagination, dict):
                raise SeamUnreachable(f"Seam's answer to {what} has no pagination: nothing was concluded from it")
            if not pagination.get("has_next_page"):
                return True
            cursor = pagination.get("next_page_cursor")
            no_end = again or pages >= MOST_PAGES or self._pace.clock() - begun > LIST_WITHIN
            if not isinstance(cursor, str) or cursor in seen or no_end:
                raise SeamUnreachable(f"Seam's pages of {what} do not end: nothing was concluded from them")
            seen.add(cursor)
            if at_most is not None and pages >= at_most:
                return False

    def _call(self, what: str, request: Callable[[], T], repeatable: bool = True) -> T:
        """One request, repeated when that is safe.

        A 429 is always safe to repeat: Seam did nothing. After any other failure without a clear answer, a request
        that is not `repeatable` raises `AnswerLost`.
        """
        attempt = 0
        first = self._pace.clock()
        while True:
            self._pace.wait_for_turn()
            self._heard.headers = None
            self.calls += 1
            begun = time.monotonic()
            try:
                answer = request()
            except Exception as problem:
                error = self._translated(what, problem)
                self._observe(what, str(error.status or "no answer"), time.monotonic() - begun)
                if not isinstance(error, SeamUnreachable):
                    raise error from None
                attempt += 1
                if error.status == 429:
                    if attempt >= self._attempts * 2 or self._pace.clock() - first > LONGEST_WAIT_WHEN_BUSY:
                        raise error from None
                    self._pace.slow_down(_retry_after(self._heard.headers or {}), attempt)
                    continue
                if not repeatable:
                    raise AnswerLost(str(error), status=error.status) from None
                if attempt >= self._attempts or self._pace.clock() - first > LONGEST_WAIT:
                    raise error from None
                self._pace.back_off(attempt)
            else:
                self._observe(what, "ok", time.monotonic() - begun)
                self._pace.went_well()
                return answer

    @contextmanager
    def guarded(self, may_write: Callable[[], None]) -> Iterator[None]:
        """What this thread would change in Seam meanwhile is preceded by a call of `may_write`, which raises what is
        to stop it."""
        before = getattr(self._heard, "may_write", None)
        self._heard.may_write = may_write
        try:
            yield
        finally:
            self._heard.may_write = before

    def _ask_before_a_write(self, request: httpx.Request) -> None:
        may_write = getattr(self._heard, "may_write", None)
        if may_write is None or request.method == "GET" or request.url.path.endswith(("/get", "/list")):
            return
        may_write()
        # Once more with the connection open: getting it may have taken long.
        request.extensions[MAY_SEND] = may_write

    def _hear(self, response: httpx.Response) -> None:
        """Keeps what the answer to this thread's request says beside its body."""
        self._heard.headers = response.headers
        with suppress(ValueError, TypeError, OverflowError):
            shown = parsedate_to_datetime(response.headers.get("date", "")[:40])
            self._shown = (shown.replace(tzinfo=shown.tzinfo or UTC), self._pace.clock())

    def time_shown(self) -> datetime | None:
        """What time it is now by the last answer's `Date` (aware UTC); None where none showed it."""
        if self._shown is None:
            return None
        shown, at = self._shown
        return shown.astimezone(UTC) + timedelta(seconds=self._pace.clock() - at)

    def _translated(self, what: str, problem: Exception) -> SeamError:
        """One of our errors for anything the SDK, httpx or the JSON decoder may raise."""
        if isinstance(problem, SeamHttpUnauthorizedError):
            return SeamUnauthorized(
                "Seam refuses the API key (401): check seam.api_key, and that it belongs to this workspace",
                status=401,
                request_id=problem.request_id,
            )
        if isinstance(problem, SeamHttpApiError):
            return _api_error(what, problem)
        if isinstance(problem, httpx.HTTPStatusError):
            status = problem.response.status_code
            if status == 404:
                # Seam itself says what it did not find, in JSON; this 404 comes from something else on the way.
                return SeamUnreachable(f"{what}: no Seam API at {self._endpoint} (404): check seam.endpoint")
            if status in (408, 425, 429) or status >= 500:
                return SeamUnreachable(f"Seam answered {status} to {what}", status=status)
            return SeamRefused(f"Seam refused {what} ({status})", status=status, words=problem.response.text.lower())
        if isinstance(problem, TooLarge):
            return SeamUnreachable(f"Seam's answer to {what} has no end: nothing was concluded from it")
        if isinstance(problem, httpx.TimeoutException | httpcore.TimeoutException):
            return SeamUnreachable(f"Seam did not answer {what} in time")
        if isinstance(problem, httpx.DecodingError):
            return SeamUnreachable(f"Seam's answer to {what} is not what its API describes")
        if isinstance(problem, httpx.HTTPError | OSError):
            return SeamUnreachable(f"no connection to Seam at {self._endpoint} ({type(problem).__name__})")
        if isinstance(problem, SeamHttpInvalidResponseError | ValueError | TypeError | AttributeError | KeyError):
            # JSON that is none is a ValueError, and so is a time that cannot be read.
            return SeamUnreachable(f"Seam's answer to {what} is not what its API describes")
        if isinstance(problem, SdkError):
            return SeamUnreachable(f"the Seam SDK failed at {what} ({type(problem).__name__})")
        raise problem


def _api_error(what: str, problem: SeamHttpApiError) -> SeamError:
    status = problem.status_code
    code = str(problem.code or "")
    words = str(problem)
    details = getattr(problem, "validation_errors", None)
    said = without_contacts(words)
    if details:
        words += " " + " ".join(f"{one.parameter_name} {' '.join(map(str, one.error_messages))}" for one in details)
        said += " [" + ", ".join(str(one.parameter_name) for one in details) + "]"
    if status in (408, 425, 429) or status >= 500:
        return SeamUnreachable(f"Seam answered {status} to {what}", status=status, request_id=problem.request_id)
    kind = SeamNotFound if status == 404 else SeamRefused
    return kind(
        f"Seam refused {what} ({status} {code}): {said}",
        status=status,
        request_id=problem.request_id,
        code=code,
        words=f"{code} {words}".lower(),
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """For how many seconds Seam wants to be left alone (RFC 9110: seconds, or a date by its own clock)."""
    told = headers.get("retry-after")
    if told is None:
        return None
    try:
        seconds = float(told)
    except ValueError:
        try:
            now = headers.get("date")
            since = parsedate_to_datetime(now[:40]) if now else datetime.now(UTC)
            seconds = (parsedate_to_datetime(told[:40]) - since).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def timestamp(instant: datetime) -> str:
    """An aware instant as Seam wants it: ISO 8601 in UTC with milliseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def _requested(mode: str, key_uses: int, pin: str | None = None) -> dict[str, Any]:
    """A way to open doors, as it is asked for. Seam takes the number of uses of a mobile key only."""
    asked: dict[str, Any] = {"mode": mode}
    if pin is not None:
        asked["code"] = pin
    if mode == "mobile_key":
        asked["instant_key_max_use_count"] = key_uses
    return asked


def _customer_data(wanted: DesiredSpace) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if wanted.time_zone is not None:
        data["time_zone"] = wanted.time_zone
    if wanted.check_in is not None:
        data["default_checkin_time"] = f"{wanted.check_in:%H:%M}"
    if wanted.check_out is not None:
        data["default_checkout_time"] = f"{wanted.check_out:%H:%M}"
    return data


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _space(space: Space) -> ExistingSpace:
    data = space.customer_data
    return ExistingSpace(
        id=space.space_id,
        key=space.space_key,
        name=space.name,
        customer_key=space.customer_key,
        time_zone=data.time_zone if data else None,
        check_in=data.default_checkin_time if data else None,
        check_out=data.default_checkout_time if data else None,
        doors=int(space.acs_entrance_count or 0) + int(space.device_count or 0),
        errors=_codes(getattr(space, "errors", None), "error_code"),
        warnings=_codes(space.warnings, "warning_code"),
    )


def _user_identity(identity: UserIdentity) -> ExistingUserIdentity:
    return ExistingUserIdentity(
        id=identity.user_identity_id,
        key=identity.user_identity_key,
        full_name=identity.full_name,
        email_address=identity.email_address,
        phone_number=identity.phone_number,
        being_deleted=_is_being_deleted(identity.warnings),
        errors=_codes(identity.errors, "error_code"),
        warnings=_codes(identity.warnings, "warning_code"),
        merged_keys=tuple(getattr(identity, "merged_user_identity_keys", None) or ()),
        merged_ids=tuple(getattr(identity, "merged_user_identity_ids", None) or ()),
    )


def _access_grant(grant: AccessGrant) -> ExistingAccessGrant:
    warnings = grant.warnings or []
    being_deleted = _is_being_deleted(warnings)
    troubles = tuple(
        [str(error["error_code"]) for error in grant.errors or [] if error.get("error_code")]
        + [
            str(warning["warning_code"])
            for warning in warnings
            if warning.get("warning_code") and warning["warning_code"] != "being_deleted"
        ]
    )
    return ExistingAccessGrant(
        id=grant.access_grant_id,
        key=grant.access_grant_key,
        user_identity_id=grant.user_identity_id,
        space_ids=frozenset(grant.space_ids or ()),
        starts_at=_instant(grant.starts_at),
        ends_at=_instant(grant.ends_at) if grant.ends_at else None,
        name=grant.name,
        access_methods=frozenset(method.mode for method in grant.requested_access_methods or ()),
        reservation_key=grant.reservation_key,
        being_deleted=being_deleted,
        troubles=troubles,
        pending=_codes(grant.pending_mutations, "mutation_code"),
        errors=(*_codes(grant.errors, "error_code"), *_not_revoked(warnings)),
        warnings=_codes(warnings, "warning_code"),
        method_ids=frozenset(grant.access_method_ids or ()),
    )


def _not_revoked(warnings: Iterable[Any]) -> tuple[str, ...]:
    """Why a code could not be taken off locks: the warning names them, each with an error of its own."""
    return tuple(code for warning in warnings for code in _codes(warning.get("failed_devices") or (), "error_code"))


def _method(method: AccessMethod) -> ExistingAccessMethod:
    return ExistingAccessMethod(
        method.access_method_id,
        method.mode,
        bool(method.is_issued),
        _codes(method.errors, "error_code"),
        _codes(method.warnings, "warning_code"),
        _codes(method.pending_mutations, "mutation_code"),
        bool(getattr(method, "is_encoding_required", False)),
    )


def _system(system: Any) -> AccessSystem:
    return AccessSystem(
        system.acs_system_id,
        str(system.name or ""),
        str(system.connected_account_id or ""),
        _codes(system.errors, "error_code"),
        _codes(system.warnings, "warning_code"),
    )


def _codes(problems: Iterable[Any] | None, name: str) -> tuple[str, ...]:
    """Codes of what is wrong, cut and cleaned: whatever comes, they end up in the database and on pages."""
    told = (str(one[name])[:LONGEST_CODE] for one in problems or () if one.get(name))
    return tuple("".join(sign for sign in code if sign.isascii() and sign.isprintable()) or "?" for code in told)


def _may_choose_codes(entrance: Any) -> bool:
    """Salto's systems give out PINs of their own; Seam says `requested_code_unavailable` then, and not before."""
    blocks = ("salto_ks_metadata", "salto_space_metadata")
    return any(getattr(entrance, block, None) is not None for block in blocks)


def _entrance(entrance: Any) -> ExistingDoor:
    """Some lock makers say whether a lock is online (their own block of metadata), the others never do."""
    online: bool | None = None
    for block, name in (("salto_ks_metadata", "online"), ("latch_metadata", "is_connected")):
        told = getattr(getattr(entrance, block, None), name, None)
        if isinstance(told, bool):
            online = told
    return ExistingDoor(
        entrance.acs_entrance_id,
        entrance.display_name,
        frozenset(entrance.space_ids or ()),
        online,
        is_entrance=True,
        account_id=str(entrance.connected_account_id or ""),
        can_belong_to_reservation=bool(entrance.can_belong_to_reservation),
        system_id=str(entrance.acs_system_id or ""),
        errors=_codes(entrance.errors, "error_code"),
        warnings=_codes(entrance.warnings, "warning_code"),
        may_choose_codes=_may_choose_codes(entrance),
    )


def _device(device: Any) -> ExistingDoor | None:
    """None for what is no lock: thermostats, cameras, sensors."""
    able = set(device.capabilities_supported or ())
    if able and not able & {"lock", "access_code"}:
        return None
    online = getattr(device.properties, "online", None)
    return ExistingDoor(
        device.device_id,
        device.display_name,
        frozenset(device.space_ids or ()),
        online if isinstance(online, bool) else None,
        account_id=str(device.connected_account_id or ""),
        errors=_codes(device.errors, "error_code"),
        warnings=_codes(device.warnings, "warning_code"),
    )


def _webview(webview: Any) -> ExistingWebview:
    return ExistingWebview(
        id=webview.connect_webview_id,
        url=str(webview.url),
        status=str(webview.status),
        customer_key=getattr(webview, "customer_key", None),
        account_id=webview.connected_account_id,
        provider=webview.selected_provider,
        created_at=_instant(webview.created_at),
    )


def _account(account: Any) -> LockAccount:
    name = account.account_type_display_name or account.account_type or "lock system"
    return LockAccount(
        account.connected_account_id,
        str(name),
        ", ".join(_codes(account.errors, "error_code")) or None,
        _codes(account.warnings, "warning_code"),
        _codes(account.errors, "error_code"),
        getattr(account, "customer_key", None) or None,
    )


def _id_of(listed: Any) -> Any:
    """Seam's id of what it lists: the first of these that it has is its own, the others are those of its relations."""
    return next((found for name in _IDS if (found := getattr(listed, name, None)) is not None), None)


def _is_among(found: ExistingAccessGrant | ExistingUserIdentity, ids: Collection[str]) -> bool:
    """Whether it was asked for by its id. Whoever survives a merger answers for those who were merged into her."""
    merged = found.merged_ids if isinstance(found, ExistingUserIdentity) else ()
    return found.id in ids or any(one in ids for one in merged)


def _is_being_deleted(warnings: Iterable[Any] | None) -> bool:
    return any(warning.get("warning_code") == "being_deleted" for warning in warnings or ())
