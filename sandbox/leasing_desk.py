"""The sandbox residence's leasing office: one plain page with which somebody plays the staff, and the locksmith.

Each button does what staff would do in Buildium, or breaks something behind Night Porter's back.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.buildium_office import BuildiumOffice
from sandbox.desk import Desk, Refused, button, hidden
from sandbox.seam_workspace import SeamWorkspace

Json = dict[str, Any]
NOTICE = timedelta(days=10)
_GRANT = re.compile(r"(\d+):(\d+)(\.\d+)?$")
_WORDS = {"Future": "To come", "Active": "Lives there", "Past": "Past"}
_PEOPLE = {"Current": "lives there", "Future": "comes later", "MovedOut": "moved out"}


@dataclass(frozen=True, slots=True)
class _Lease:
    """A lease as the page needs it."""

    id: int
    item: Json
    home: str
    people: list[tuple[int, str, Json]]
    """Id, name and row of everybody on it."""


class LeasingDesk(Desk):
    """The staff of a residence."""

    TITLE = "The sandbox residence"
    LIST = "Leases"
    SEARCH = "Tenant, home or lease"

    def __init__(self, office: BuildiumOffice, workspace: SeamWorkspace, now: Callable[[], datetime]):
        super().__init__(workspace, now)
        self._office = office
        self._actions |= {
            "begin": self._begin,
            "renew": self._renew,
            "end": lambda form: self._office.end_lease(self._asked(form, "Active").id),
            "evict": lambda form: self._evict(form, True),
            "drop_eviction": lambda form: self._evict(form, False),
            "join": self._join,
            "correct": lambda form: self._office.change_unit(self._asked(form).id, self._unit(form)),
            "transfer": self._transfer,
            "notice": lambda form: self._leave(form, self._office.today() + NOTICE),
            "move_out": lambda form: self._leave(form, self._office.today()),
            "undo": lambda form: self._office.undo_move_out(*self._tenant(form)),
        }

    # --- buttons ----------------------------------------------------------------------------------------------------

    def _asked(self, form: dict[str, str], *statuses: str) -> _Lease:
        """The lease of a form; in one of these statuses, or in any but past."""
        number = form.get("id", "")
        item = self._office.leases.get(int(number)) if number.isdecimal() else None
        lease = self._read(item) if item is not None else None
        if lease is None:
            raise Refused("There is no such lease.")
        if lease.item["LeaseStatus"] not in (statuses or ("Active", "Future")):
            raise Refused(f"Lease {lease.id} is {lease.item['LeaseStatus'].lower()}: that does not go.")
        return lease

    def _tenant(self, form: dict[str, str]) -> tuple[int, int]:
        lease, number = self._asked(form, "Active", "Future", "Past"), form.get("tenant", "")
        if number not in {str(one) for one, _, _ in lease.people}:
            raise Refused("There is nobody of that name on the lease.")
        return lease.id, int(number)

    def _unit(self, form: dict[str, str]) -> int:
        number = form.get("unit", "")
        if not number.isdecimal() or int(number) not in self._office.units:
            raise Refused("There is no such home.")
        return int(number)

    def _begin(self, form: dict[str, str]) -> None:
        lease = self._asked(form, "Future")
        self._office.begin_lease(lease.id)

    def _renew(self, form: dict[str, str]) -> None:
        lease = self._asked(form)
        ends = lease.item["LeaseToDate"]
        if ends is None:
            raise Refused(f"Lease {lease.id} has no end.")
        begins = max(date.fromisoformat(ends), self._office.today())
        self._office.renew(lease.id, begins + timedelta(days=365))

    def _evict(self, form: dict[str, str], pending: bool) -> None:
        self._office.set_eviction(self._asked(form, "Active").id, pending)

    def _join(self, form: dict[str, str]) -> None:
        lease = self._asked(form)
        number = len(self._office.tenants)
        self._office.add_roommate(lease.id, self._office.add_tenant("Robin", "Roommate", f"robin{number}@example.com"))

    def _transfer(self, form: dict[str, str]) -> None:
        lease, today = self._asked(form, "Active"), self._office.today()
        self._office.transfer(lease.id, self._unit(form), today, today + timedelta(days=3))

    def _leave(self, form: dict[str, str], day: date) -> None:
        lease, tenant = self._tenant(form)
        act = self._office.give_notice if day > self._office.today() else self._office.move_out
        act(lease, tenant, day)

    # --- what the office knows --------------------------------------------------------------------------------------

    def _read(self, item: Json) -> _Lease | None:
        """None for a lease that cannot be read: an office has broken ones."""
        unit = self._office.units.get(item.get("UnitId", 0))
        if unit is None or item.get("Tenants") is None or item.get("LeaseStatus") not in _WORDS:
            return None
        people = []
        for row in item["Tenants"]:
            tenant = self._office.tenants.get(row["Id"], {})
            names = (tenant.get("FirstName"), tenant.get("LastName"))
            people.append((row["Id"], " ".join(str(name) for name in names if name) or "Without a name", row))
        return _Lease(item["Id"], item, f"{unit['BuildingName']} {unit['UnitNumber']}", people)

    def _leases(self, search: str) -> list[_Lease]:
        """Those that live, and those that were ended today and may be taken back."""
        today = self._office.today().isoformat()
        found = []
        for item in list(self._office.leases.values()):
            lease = self._read(item)
            if lease is None:
                continue
            ended_today = any(one["MoveOutDate"] == today for one in item["MoveOutData"])
            if item["LeaseStatus"] == "Past" and not ended_today:
                continue
            words = (lease.home, str(lease.id), *(name for _, name, _ in lease.people))
            if any(search.casefold() in word.casefold() for word in words):
                found.append(lease)
        return sorted(found, key=lambda one: (one.home, one.id))

    def _house(self, customer_key: str) -> str | None:
        rentals = list(self._office.rentals.items())
        return next((str(one["Name"]) for key, one in rentals if customer_key.endswith(str(key))), None)

    def _holder(self, grant_key: str) -> str | None:
        match = _GRANT.search(grant_key)
        item = self._office.leases.get(int(match[1])) if match else None
        lease = self._read(item) if item else None
        if lease is None or match is None:
            return None
        name = next((name for one, name, _ in lease.people if str(one) == match[2]), "Somebody")
        return f"{name}, lease {lease.id}"

    # --- the page ---------------------------------------------------------------------------------------------------

    def _greeting(self) -> str:
        names = ", ".join(escape(str(one["Name"])) for one in list(self._office.rentals.values()))
        there = f"{self._now().astimezone(ZoneInfo(self._office.zone)):%A %-d %B, %H:%M}"
        return (
            f"{names}. {there} ({escape(self._office.zone)}). Nothing here is real: be the office, and watch Night "
            "Porter keep up."
        )

    def _which(self) -> str:
        return "that live, or were ended today"

    def _list(self, search: str, page: int) -> str:
        return self._turned(search, page, self._leases(search), "lease", self._cards)

    def _cards(self, leases: list[_Lease], kept: dict[str, str]) -> str:
        homes = [
            (str(number), f"{unit['BuildingName']} {unit['UnitNumber']}")
            for number, unit in list(self._office.units.items())
        ]
        return "\n".join(self._card(lease, homes, kept) for lease in leases) or '<p class="empty">No leases.</p>'

    def _card(self, lease: _Lease, homes: list[tuple[str, str]], kept: dict[str, str]) -> str:
        item = lease.item
        fields = {"id": str(lease.id), "at": f"l-{lease.id}", **kept}
        what = f"lease {lease.id}"
        status = item["LeaseStatus"]
        buttons = []
        if status == "Future":
            buttons.append(button("begin", "Begins today", what, fields, "strong"))
        if status != "Past":
            if item["LeaseToDate"]:
                buttons.append(button("renew", "Renew for a year", what, fields))
            buttons.append(button("join", "A roommate joins", what, fields))
            buttons.append(self._chooser("correct", "Other home (same lease)", lease, homes, fields))
        if status == "Active":
            buttons.append(self._chooser("transfer", "Transfer (new lease)", lease, homes, fields))
            pending = item["IsEvictionPending"]
            act, label = ("drop_eviction", "Drop the eviction") if pending else ("evict", "Eviction pending")
            buttons.append(button(act, label, what, fields))
            buttons.append(button("end", "All move out today", what, fields, "danger"))
        until = str(item["LeaseToDate"] or "no end")
        automatic = ", then all are moved out" if item["AutomaticallyMoveOutTenants"] else ""
        eviction = ' <span class="state">eviction pending</span>' if item["IsEvictionPending"] else ""
        look = {"Active": "started", "Past": "processed"}.get(status, "")
        return f"""<article id="l-{lease.id}" class="{look}">
<div class="room">{escape(lease.home)}</div>
<div class="what"><span class="state">{_WORDS[status]}</span>{eviction}
<span class="quiet">lease {lease.id}, {escape(str(item["LeaseFromDate"]))} to {escape(until)}{automatic}, \
{escape(str(item["LeaseType"]))}</span>
{"".join(self._person(lease, one, name, row, fields) for one, name, row in lease.people)}</div>
<div class="buttons">{"".join(buttons)}</div>
</article>"""

    def _person(self, lease: _Lease, tenant: int, name: str, row: Json, fields: dict[str, str]) -> str:
        leaves = next((one["MoveOutDate"] for one in lease.item["MoveOutData"] if one["TenantId"] == tenant), None)
        own = {**fields, "tenant": str(tenant)}
        of = f"{name}, lease {lease.id}"
        buttons = []
        if row["Status"] == "MovedOut" or leaves is not None:
            buttons.append(button("undo", "Stays after all", of, own))
        if row["Status"] == "Current":
            if leaves is None:
                buttons.append(button("notice", f"Leaves in {NOTICE.days} days", of, own))
            buttons.append(button("move_out", "Moves out today", of, own, "danger"))
        said = _PEOPLE.get(row["Status"], str(row["Status"]))
        since = f", since {row['MoveInDate']}" if row["Status"] == "Current" else f", from {row['MoveInDate']}"
        until = f", leaves {leaves}" if leaves and row["Status"] != "MovedOut" else ""
        when = "" if row["Status"] == "MovedOut" else since
        return (
            f'<div class="buttons person"><span><b>{escape(name)}</b> <span class="quiet">{escape(said)}{escape(when)}'
            f"{escape(until)}</span></span>{''.join(buttons)}</div>"
        )

    def _chooser(self, do: str, label: str, lease: _Lease, homes: list[tuple[str, str]], fields: dict[str, str]) -> str:
        others = [one for one in homes if one[0] != str(lease.item["UnitId"])]
        options = "".join(f'<option value="{number}">{escape(name)}</option>' for number, name in others)
        aria = escape(f"{label}: homes for lease {lease.id}")
        return (
            f'<form method="post" action="/">{hidden({"do": do, **fields})}'
            f'<button>{label}</button><select name="unit" aria-label="{aria}">{options}</select></form>'
        )
