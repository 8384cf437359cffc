"""What people see in a terminal: the progress of a run, its table, reports and look-ups. No data is decided here."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group, RenderableType
from rich.markup import escape as _without_markup
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.ending import printable
from connectors.wording import counted
from mappers.outcomes import NEEDS_A_PERSON, Action, Kind, Outcome
from mappers.stay_window import local
from reconciler.report import COLUMNS, SAID, RunReport
from reconciler.spreadsheet import as_csv

if TYPE_CHECKING:
    from reconciler.accounts import AccountLook, AccountsLook, Unplaced
    from reconciler.costs_report import PropertyCosts
    from reconciler.encoders import PropertyEncoder
    from reconciler.inquiry import Findings
    from reconciler.lock_placement import LocksView
    from reconciler.locks_report import LockReport
    from reconciler.trends_report import TrendsReport
    from store.runs import OutcomeRow, StoredRun

KIND_WORDS: dict[str, str] = {
    Kind.PROPERTY: "Properties",
    Kind.SPACE: "Spaces",
    Kind.USER_IDENTITY: "User identities",
    Kind.ACCESS_GRANT: "Access grants",
    Kind.DOOR_CODE: "Door codes",
}
EXIT_WORDS = {
    0: "[green]All right.[/]",
    1: "[red]Something failed[/], see above. What can be tried again is, with the next run.",
    3: "[yellow]Revocations are held[/] until somebody approves them.",
}
LINES_SHOWN = 12


def escape(text: str) -> str:
    """Foreign text as it is, and nothing else: no markup, and no sign that a terminal obeys (escapes, direction)."""
    return _without_markup(printable(text))


_STYLES: dict[str, str] = {
    Outcome.FAILED: "red",
    Outcome.ALERT: "yellow",
    Outcome.HELD: "yellow",
    Outcome.WAITING: "cyan",
}


def console(stderr: bool = False) -> Console:
    """A console as wide as the terminal; a log file or pipe gets room enough for whole lines."""
    out = Console(stderr=stderr, highlight=False)
    return out if out.is_terminal else Console(stderr=stderr, highlight=False, width=160)


class _Bar:
    """The progress of a run as a bar in a terminal."""

    def __init__(self, progress: Progress):
        self._progress = progress
        self._task: TaskID | None = None

    def phase(self, text: str, total: int | None = None) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(escape(text), total=total)

    def advance(self, number: int) -> None:
        if self._task is not None:
            self._progress.advance(self._task, number)


class _Lines:
    """The progress of a run as plain lines, for logs."""

    def __init__(self, out: TextIO):
        self._out = out
        self._total: int | None = None
        self._done = 0

    def phase(self, text: str, total: int | None = None) -> None:
        self._total, self._done = total, 0
        print(printable(text), file=self._out, flush=True)

    def advance(self, number: int) -> None:
        before, self._done = self._done, self._done + number
        if self._total and self._total >= 100 and before * 4 // self._total != self._done * 4 // self._total:
            print(f"  {self._done} of {self._total}", file=self._out, flush=True)


@contextmanager
def run_progress(to_stderr: bool = False) -> Iterator["_Bar | _Lines"]:
    """A bar on a terminal, plain lines elsewhere."""
    out = console(to_stderr)
    if not out.is_terminal:
        yield _Lines(sys.stderr if to_stderr else sys.stdout)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True) as progress:
        yield _Bar(progress)


def show_run(report: RunReport, is_kept: bool = True) -> None:
    """What a run did: what needs attention, every change, and the totals. `is_kept`: `report` has it later as well."""
    planned = report.mode == "plan"
    seconds = ((report.finished_at or report.started_at) - report.started_at).total_seconds()
    _show(report, report.items, f"{seconds:.1f} s", whole=planned, is_kept=is_kept)
    if planned:
        console().print("A plan: nothing was changed.")


def show_stored_run(run: "StoredRun", items: "Sequence[OutcomeRow]") -> None:
    """A stored run, every item."""
    when = f"{run.started_at:%d %b %Y %H:%M:%S} UTC"
    if run.finished_at is None:
        when += ", not ended: it is under way, or was cut off (then the next run goes on where it was)"
    _show(run, items, when, whole=True)


def _show(
    run: "RunReport | StoredRun", items: "Sequence[OutcomeRow]", when: str, whole: bool, is_kept: bool = True
) -> None:
    out = console()
    urgent = [item for item in items if item.outcome in NEEDS_A_PERSON]
    others = [item for item in items if item.outcome not in NEEDS_A_PERSON]
    if whole:
        shown = urgent + others
    else:
        # At the end of a sync people want the news: of a thousand new grants a few examples are enough.
        news = [item for item in others if item.outcome != Outcome.WAITING and item.action != Action.ADOPT]
        news.sort(key=lambda item: item.kind != Kind.ACCESS_GRANT)
        shown = [
            *urgent,
            *(item for item in news if item.kind == Kind.ACCESS_GRANT or ";" in item.reason or run.mode == "doors"),
        ][: max(LINES_SHOWN, len(urgent))]
    if shown:
        out.print(_items_table(shown))
        left_out = len(items) - len(shown)
        if left_out > 0 and not whole:
            where = f": `nightporter report {run.run_id}` shows every one" if is_kept else ""
            out.print(f"and {left_out} more{where}.", style="dim")
    title = f"Run {run.run_id}: {run.connection}, {run.mode}, {when}"
    if any(run.totals.values()):
        out.print(_totals_table(title, run.totals))
    else:
        out.print(f"[bold]{escape(title)}[/]{': nothing to do' if run.exit is not None else ''}.")
    if run.exit is not None:
        line = EXIT_WORDS.get(run.exit, "")
        if run.exit == 3:
            line += f" See why above, then: [bold]nightporter approve {run.run_id}[/]"
        out.print(line)


def _items_table(items: "Sequence[OutcomeRow]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    for heading in ("what", "who / where", "outcome", "why"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "why")
    for item in items:
        style = _STYLES.get(item.outcome, "")
        why = escape(item.reason)
        if item.error and item.error not in item.reason:
            why += f" [red]({escape(item.error)})[/]"
        name = item.label or item.key
        table.add_row(
            f"{item.action} {item.kind.replace('_', ' ')}",
            escape(name if len(name) <= 36 else name[:35] + "…"),
            f"[{style}]{item.outcome}[/]" if style else item.outcome,
            why,
        )
    return table


def _totals_table(title: str, totals: dict[str, dict[str, int]]) -> Table:
    table = Table(title=escape(title), title_justify="left", title_style="bold")
    table.add_column("")
    narrow = console().width < 96
    columns = [
        word
        for word in COLUMNS
        # Few want to see a column of nothing: none on a narrow screen, and on no screen that of the holds.
        if any(counts.get(word) for counts in totals.values()) or (word != "held" and not narrow)
    ]
    for word in columns:
        table.add_column(word, justify="right")
    for kind, words in KIND_WORDS.items():
        counts = totals.get(kind, {})
        if kind == Kind.PROPERTY and not counts:
            continue
        cells = []
        for word in columns:
            number = counts.get(word, 0)
            style = "red" if word == "failed" else "yellow" if word == "held" else ""
            cells.append("[dim]·[/]" if not number else f"[{style}]{number}[/]" if style else str(number))
        table.add_row(words, *cells)
    return table


def write_csv(items: "Sequence[OutcomeRow]", out: TextIO) -> None:
    """One line an item: kind, key, action, outcome, reason, error."""
    out.write(as_csv(SAID, ([getattr(one, name) for name in SAID] for one in items)))


def show_check(what: str, right: bool, sentence: str) -> None:
    """One line of `check`."""
    mark = "[green]ok[/]    " if right else "[red]failed[/]"
    console().print(f"{mark} {escape(what)}: {escape(sentence)}", soft_wrap=True)


def show_findings(findings: "Findings") -> None:
    """Everything that is known of one key."""
    out = console()
    out.print(f"[bold]{escape(findings.key)}[/] in connection [bold]{escape(findings.connection)}[/]")
    parts: list[RenderableType] = []
    if findings.answer is not None:
        style = {"opens": "bold green", "shut": "bold red"}.get(findings.answer.verdict, "bold yellow")
        parts.append(f"[{style}]{escape(findings.answer.sentence)}[/]")
    for heading, lines in findings.sections:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in lines:
            table.add_row(escape(name), escape(value))
        parts.extend((f"[bold]{escape(heading)}[/]", table))
    out.print(Group(*parts))


def show_connected(name: str, property_id: str, look: "AccountsLook") -> None:
    """What came of connecting a property's lock system."""
    console().print(f"[bold green]Connected.[/] {escape(name)} has now:")
    for one in look.accounts:
        _show_account(one)
    _show_strays(property_id, look)
    if not look.accounts:
        console().print("  no lock system that is its own")


def _show_strays(property_id: str, look: "AccountsLook") -> None:
    """What came of the property's sign-in pages and is not its own."""
    out = console()
    for stray in look.strays:
        out.print(
            f"  [yellow]{escape(stray.name)}[/]  {escape(stray.id)}: came of a sign-in page of this property, and "
            f"{escape(look.whose(stray))}"
        )
        if stray.customer_key is None:
            out.print(f"    nightporter accounts adopt {escape(stray.id)} {escape(property_id)}", style="dim")
    for account_id in look.gone:
        out.print(
            f"  {escape(account_id)}: came of a sign-in page of this property, and is not in Seam any more", style="dim"
        )


def show_accounts(name: str, property_id: str, look: "AccountsLook") -> None:
    """A property's lock systems: of each account its systems and locks, and what is wrong with them."""
    out = console()
    out.print(f"[bold]{escape(name)}[/]  {escape(property_id)}")
    for one in look.accounts:
        _show_account(one)
    _show_strays(property_id, look)
    if not look.accounts:
        out.print("  no lock system is connected")
    if look.pending:
        out.print(f"  {counted(look.pending, 'sign-in page waits', 'sign-in pages wait')} for somebody", style="dim")
    if not look.accounts or any(one.broken for one in look.accounts):
        out.print(f"  nightporter connect {escape(property_id)}", style="dim")


def _show_account(one: "AccountLook") -> None:
    out = console()
    state = "[bold red]does not work[/]" if one.broken else "[green]connected[/]"
    codes = ", ".join(dict.fromkeys(each.cause.replace("_", " ") for each in one.broken))
    state += (
        f" ({escape(codes)}): connect it again" if "disconnected" in codes else f" ({escape(codes)})" if codes else ""
    )
    out.print(f"  {escape(one.account.name)}  {state}  [dim]{escape(one.account.id)}[/]")
    for system in one.systems:
        out.print(f"    access system  {escape(system.name)}")
    out.print(f"    locks          {counted(one.devices, 'device')}, {counted(one.entrances, 'entrance')}")
    for trouble in one.troubles[:LINES_SHOWN]:
        out.print(f"    [yellow]trouble[/]        {escape(trouble.words)}")
    if len(one.troubles) > LINES_SHOWN:
        out.print(f"    and {len(one.troubles) - LINES_SHOWN} more", style="dim")


_LOCK_STYLES = {"broken": "bold red", "warning": "yellow", "unknown": "dim", "good": "green"}


def show_lock_health(name: str, time_zone: str, locks: Sequence["LockReport"]) -> None:
    """A property's locks, the worst first; those without trouble are counted."""
    out = console()
    now = datetime.now(UTC)
    good = [lock for lock in locks if lock.state == "good"]
    out.print(f"[bold]{escape(name)}[/]  {counted(len(locks), 'lock')}, {len(good)} good")
    for lock in locks:
        if lock.state == "good":
            continue
        facts = [", ".join(lock.rooms)] if lock.rooms else []
        if lock.battery is not None and lock.battery.level is not None:
            facts.append(f"battery {lock.battery.level:.0%}")
        elif lock.battery is not None and lock.battery.status is not None:
            facts.append(f"battery {lock.battery.status}")
        if lock.last_seen is not None and lock.state in ("broken", "unknown"):
            facts.append(f"last seen {local(lock.last_seen, time_zone, now)}")
        style = _LOCK_STYLES[lock.state]
        out.print(f"  [{style}]{lock.state:<8}[/] {escape(lock.name)}  [dim]{escape('; '.join(facts))}[/]")
        for cause in lock.causes:
            out.print(f"           {escape(cause.sentence)} [dim]since {local(cause.since, time_zone, now)}[/]")
        if lock.guests:
            whom = ", ".join(guest.label for guest in lock.guests[:LINES_SHOWN])
            more = f" and {len(lock.guests) - LINES_SHOWN} more" if len(lock.guests) > LINES_SHOWN else ""
            out.print(f"           [cyan]concerns[/] {escape(whom)}{more}")


def show_encoders(name: str, encoders: Sequence["PropertyEncoder"]) -> None:
    """What writes cards at a property."""
    out = console()
    out.print(f"[bold]{escape(name)}[/]  {counted(len(encoders), 'encoder')}")
    for one in encoders:
        out.print(f"  {escape(one.name)}  [dim]{escape(one.system)}, {escape(one.encoder_id)}[/]")
        if one.trouble:
            out.print(f"    [red]{escape(one.trouble)}[/]")


def show_costs(month: str, found: "Sequence[PropertyCosts]") -> None:
    """What a month costs, a table for each property."""
    out = console()
    if not found:
        out.print(f"Nothing was counted in {month}.")
    for of in found:
        columns = ["", "so far"]
        if of.costs[0].forecast is not None:
            columns.append("by the end")
        if of.currency is not None:
            columns.append(of.currency)
            columns += [f"{of.currency} by the end"] if of.forecast_amount is not None else []
        title = f"[bold]{escape(of.name)}[/]  {month}, {escape(of.connection)}, counted since {of.counted_since}"
        table = Table(title=title, title_justify="left", box=None)
        for place, column in enumerate(columns):
            table.add_column(escape(column), justify="left" if place == 0 else "right")
        for one in of.costs:
            cells = [f"{one.number:,}", None if one.forecast is None else f"{one.forecast:,}"]
            cells += [one.amount, one.forecast_amount]
            table.add_row(one.words, *(cell for cell in cells if cell is not None))
        if of.amount is not None:
            blank = [""] if of.forecast_amount is not None else []
            sums = [one for one in (of.amount, of.forecast_amount) if one is not None]
            table.add_row("together", "", *blank, *sums)
        out.print(table)


def show_trends(found: "TrendsReport") -> None:
    """How it went: sentences of everything, and a line for each property."""
    from reconciler.trends_report import seconds_in_words, sentences

    out = console()
    out.print(f"[bold]{found.first} to {found.last}[/]")
    if found.counted_since is None:
        out.print("Nothing is counted yet: numbers are kept from the first arrival on that is due.")
        return
    for sentence in sentences(found.total, "guest"):
        out.print(escape(sentence))
    table = Table(box=None)
    for place, column in enumerate(("", "arrivals", "not ready", "half at the door", "99 of 100", "hours offline")):
        table.add_column(column, justify="left" if place == 0 else "right")
    for one in found.properties:
        of = one.figures
        times = ("" if each is None else seconds_in_words(each) for each in (of.p50, of.p99))
        table.add_row(escape(one.name), f"{of.arrivals:,}", f"{of.not_ready:,}", *times, f"{of.offline_hours:,}")
    out.print(table)


def show_unplaced(unplaced: "Unplaced", whole: bool) -> None:
    """Accounts that belong to no property: those that can be taken up, and (in the whole picture) foreign ones."""
    out = console()
    if unplaced.offered:
        out.print("[bold]Lock accounts that belong to no property[/]")
        for account in unplaced.offered:
            out.print(f"  {escape(account.name)}  {escape(account.id)}")
            out.print(f"    nightporter accounts adopt {escape(account.id)} PROPERTY", style="dim")
    if unplaced.foreign and whole:
        out.print("[bold]Lock accounts of others, left alone[/]")
        for account in unplaced.foreign:
            out.print(
                f"  {escape(account.name)}  {escape(account.id)}  customer_key {escape(account.customer_key or '')}"
            )


def show_doors(name: str, view: "LocksView") -> None:
    """Every lock with its room, or with what its name proposes."""
    out = console()
    styles = {"decided": "green", "sure": "green", "doubtful": "yellow", "no room": "dim", "nothing fits": "dim"}
    table = Table(title=f"Locks of {escape(name)}", title_justify="left", show_edge=False, pad_edge=False)
    for heading in ("lock", "system", "room", "", "why"):
        table.add_column(heading, overflow="fold")
    for line in view.lines:
        room = ", ".join(line.rooms) or line.proposed or ""
        why = line.proposal.reason if line.proposal is not None else "not yet so in Seam" if line.out_of_step else ""
        table.add_row(
            escape(line.door.name),
            escape(line.door.system),
            escape(room),
            line.state,
            escape(why),
            style=styles[line.state],
        )
    if view.lines:
        out.print(table)
    counts = [f"{view.count(state)} {state}" for state in styles if view.count(state)]
    out.print(
        f"{counted(len(view.lines), 'lock')}: {', '.join(counts) or 'none is known: connect the lock system first'}."
    )
    if view.without_door:
        names = ", ".join(view.rooms[key] for key in view.without_door[:20])
        more = f" and {len(view.without_door) - 20} more" if len(view.without_door) > 20 else ""
        out.print(
            f"[bold]{counted(len(view.without_door), 'room has', 'rooms have')} no lock:[/] {escape(names)}{more}"
        )
