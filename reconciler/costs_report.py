"""What a month costs: by property what was asked for, what it will be by the month's end, and both at the prices of
the settings.

The forecast goes on as the month has gone so far, from the first day on which anything was counted: no more is known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from mappers.sentences import say
from reconciler.months import next_month, whole_month
from reconciler.spreadsheet import as_csv
from store.costs import Cost, CostLine, Costs
from store.engine import Database
from store.prices import Prices
from store.properties import Properties

COST_WORDS: Mapping[Cost, str] = {
    Cost.SEAM_CALLS: say("calls to Seam"),
    Cost.PMS_CALLS: say("calls to the PMS"),
    Cost.CODES: say("PINs made"),
    Cost.CODE_DAYS: say("days of PINs"),
    Cost.SEAM_WEBHOOKS: say("webhooks of Seam"),
    Cost.PMS_WEBHOOKS: say("webhooks of the PMS"),
}
COLUMNS = (
    "month",
    "connection",
    "property",
    "property_id",
    "kind",
    "number",
    "forecast",
    "amount",
    "forecast_amount",
    "currency",
)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CostNumber:
    """How much of one kind."""

    kind: str
    words: str
    number: int
    forecast: int | None
    """At the end of the month; None of a month that is over."""
    amount: str | None
    """In the currency of the report, with two places; None where no prices are set."""
    forecast_amount: str | None


@dataclass(frozen=True, slots=True)
class PropertyCosts:
    """A month of one property, or of what all properties of a connection have had together."""

    month: str
    """As 2026-11; of UTC."""
    connection: str
    property_id: str
    """Empty: of all properties of the connection together."""
    name: str
    counted_since: date
    """The first day of the month on which anything was counted."""
    currency: str | None
    costs: list[CostNumber]
    amount: str | None
    forecast_amount: str | None


@dataclass(frozen=True, slots=True)
class CostPlace:
    """Of what costs are told by themselves: a property, or all of a connection together."""

    connection: str
    property_id: str
    """Empty: of all properties of the connection together."""
    name: str
    counted_as: Sequence[tuple[str, str]]
    """Under which connection and property they were counted."""


def costs_report(
    store: Database,
    month: date,
    now: datetime,
    prices: Prices,
    connection: str | None = None,
    property_name: str | None = None,
) -> list[PropertyCosts]:
    """The costs of a month (its first day) by property, in order of connection and name. `property_name`: of the
    properties with this id, or this name. `now` is aware. Raises `StoreFailed`."""
    return costs_of_places(store, month, now, prices, cost_places(store, month, connection, property_name))


def cost_places(
    store: Database, month: date, connection: str | None = None, property_name: str | None = None
) -> list[CostPlace]:
    """Of what anything was counted in a month, in the order of the report, and with its choice."""
    known: dict[tuple[str, str], str] = {}
    of_connection: dict[str, list[str]] = {}
    for one in Properties(store).known():
        known[one.connection, one.property_id] = one.name
        of_connection.setdefault(one.connection, []).append(one.property_id)
    counted: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for its, property_id in Costs(store).places(*whole_month(month)):
        alone = of_connection.get(its, [])
        # What is of none alone is of the only one.
        place = (its, property_id or (alone[0] if len(alone) == 1 else ""))
        counted.setdefault(place, []).append((its, property_id))
    found = [
        CostPlace(*place, known.get(place) or place[1] or say("all properties together"), several)
        for place, several in counted.items()
        if connection in (None, place[0])
    ]
    chosen = [one for one in found if property_name is None or _is_called(one, property_name)]
    return sorted(chosen, key=lambda one: (one.connection, one.name, one.property_id))


def costs_of_places(
    store: Database, month: date, now: datetime, prices: Prices, places: Sequence[CostPlace]
) -> list[PropertyCosts]:
    """The costs of these, in their order. Raises `StoreFailed`."""
    lines: dict[tuple[str, str], list[CostLine]] = {}
    of = [each for one in places for each in one.counted_as]
    for line in Costs(store).of_days(*whole_month(month), of):
        lines.setdefault((line.connection, line.property_id), []).append(line)
    return [
        _of_property(
            month,
            now,
            prices,
            (one.connection, one.property_id),
            one.name,
            mine,
        )
        for one in places
        # What is too old to be kept may have gone meanwhile.
        if (mine := [line for each in one.counted_as for line in lines.get(each, ())])
    ]


def costs_csv(found: Sequence[PropertyCosts]) -> str:
    """A line for each property and kind."""
    return as_csv(COLUMNS, costs_lines(found))


def costs_lines(found: Iterable[PropertyCosts]) -> Iterator[Sequence[str | None]]:
    """The same as rows."""
    return (
        (
            of.month,
            of.connection,
            of.name,
            of.property_id,
            one.kind,
            str(one.number),
            None if one.forecast is None else str(one.forecast),
            one.amount,
            one.forecast_amount,
            of.currency,
        )
        for of in found
        for one in of.costs
    )


def _is_called(one: CostPlace, name: str) -> bool:
    return name == one.property_id or " ".join(name.split()).casefold() == " ".join(one.name.split()).casefold()


def _of_property(
    month: date, now: datetime, prices: Prices, place: tuple[str, str], name: str, lines: Sequence[CostLine]
) -> PropertyCosts:
    since = min(line.first_day for line in lines)
    numbers = {kind: sum(line.number for line in lines if line.kind is kind) for kind in Cost}
    coming = {kind: _forecast(kind, number, month, since, now) for kind, number in numbers.items()}
    is_over = None in coming.values()

    def amount(of: Mapping[Cost, int | None], *kinds: Cost) -> str | None:
        if not prices.are_set or any(of[kind] is None for kind in kinds):
            return None
        return f"{sum(((of[kind] or 0) * prices.of(kind) for kind in kinds), Decimal(0)):.2f}"

    return PropertyCosts(
        f"{month:%Y-%m}",
        *place,
        name,
        since,
        prices.currency if prices.are_set else None,
        [
            CostNumber(
                kind.value, COST_WORDS[kind], numbers[kind], coming[kind], amount(numbers, kind), amount(coming, kind)
            )
            for kind in Cost
        ],
        amount(numbers, *Cost),
        None if is_over else amount(coming, *Cost),
    )


def _forecast(kind: Cost, number: int, month: date, since: date, now: datetime) -> int | None:
    """The number at the end of the month, where it goes on as since that day; None where the month is not this one."""
    begin, end = _midnight(since), _midnight(next_month(month))
    if not _midnight(month) <= now < end:
        return None
    # The days of PINs of a whole day are known on that day.
    until = _midnight(now.astimezone(UTC).date()) + _A_DAY if kind is Cost.CODE_DAYS else now
    gone = max(until - begin, _A_DAY)
    return number + round(number * ((end - until) / gone))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
