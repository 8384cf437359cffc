"""What every desk of the sandbox has: the page around its list, doors to unplug, keys to delete behind one's back.

Without scripts, so that there is nothing between the visitor and the simulated servers.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs, urlencode

from sandbox.http import Answer
from sandbox.seam_workspace import SeamWorkspace

Json = dict[str, Any]
_Item = TypeVar("_Item")
_PER_PAGE = 12
_PLACE = re.compile(r"^[a-z0-9-]+$")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
}


class Refused(Exception):
    """What was asked for does not go; the words are for the visitor."""


class Desk(ABC):
    """An app for `sandbox.http.serve`. GET / is the page (`?q=` searches, `?page=` turns); POST / is a button."""

    TITLE: ClassVar[str]
    LIST: ClassVar[str]
    """What the list is of: "Bookings"."""
    SEARCH: ClassVar[str]
    """What one can search for."""

    def __init__(
        self, workspace: SeamWorkspace, now: Callable[[], datetime], signed_in: Callable[[], None] = lambda: None
    ):
        """`signed_in` is told when somebody has signed in to a lock system that is new here: its locks appear then."""
        self._signed_in = signed_in
        self._workspace = workspace
        self._now = now
        self._actions: dict[str, Callable[[dict[str, str]], None]] = {
            "unplug": lambda form: self._plug(form, self._workspace.unplug),
            "plug_in": lambda form: self._plug(form, self._workspace.plug_in),
            "disconnect": lambda form: self._connect(form, self._workspace.disconnect_account),
            "reconnect": lambda form: self._connect(form, self._workspace.reconnect_account),
            "delete_grant": self._delete_grant,
            "sign_in": self._sign_in,
        }

    @abstractmethod
    def _greeting(self) -> str:
        """HTML below the title."""

    @abstractmethod
    def _which(self) -> str:
        """Which part of everything the list shows."""

    @abstractmethod
    def _list(self, search: str, page: int) -> str:
        """HTML of what staff work with; `_turned` helps."""

    @abstractmethod
    def _house(self, customer_key: str) -> str | None:
        """The name of the property with that key in the workspace."""

    @abstractmethod
    def _holder(self, grant_key: str) -> str | None:
        """Whose key a grant is, as staff would say."""

    def handle(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if path != "/":
            return _sentence(404, "There is only the desk, at /.")
        if method == "GET":
            search = query.get("q", [""])[-1].strip()
            page = query.get("page", ["1"])[-1]
            text = self._page(search, int(page[:6]) if page.isdecimal() else 1, query.get("webview", [""])[-1])
            return Answer(200, text.encode(), dict(_HEADERS))
        if method != "POST":
            return _sentence(405, "The desk takes GET and POST.")
        try:
            form = {name: values[-1] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
            action = self._actions.get(form.get("do", ""))
            if action is None:
                raise Refused("There is no such button.")
            action(form)
        except UnicodeDecodeError:
            return _sentence(400, "The form is not text.")
        except Refused as refused:
            return _sentence(400, str(refused))
        kept = {name: form[name] for name in ("q", "page", "webview") if form.get(name)}
        # Back to where the button was: the page is long.
        place = f"#{form['at']}" if _PLACE.match(form.get("at", "")) else ""
        return Answer(303, b"", {"Location": f"/{'?' + urlencode(kept) if kept else ''}{place}"})

    def _plug(self, form: dict[str, str], act: Callable[[str], None]) -> None:
        door_id = form.get("id", "")
        if door_id not in self._workspace.entrances and door_id not in self._workspace.devices:
            raise Refused("There is no such door.")
        act(door_id)

    def _connect(self, form: dict[str, str], act: Callable[[str | None], None]) -> None:
        try:
            act(form.get("customer") or None)
        except KeyError:
            raise Refused("There is no such lock system.") from None

    def _sign_in(self, form: dict[str, str]) -> None:
        """What Seam's own page does when somebody signs in to a lock system."""
        provider = form.get("provider", "")
        known = {account["account_type"] for account in list(self._workspace.accounts.values())}
        try:
            self._workspace.authorize_webview(form.get("webview", ""), provider)
        except KeyError:
            raise Refused("There is no such sign-in page.") from None
        except ValueError as problem:
            raise Refused(f"That does not go: {problem}.") from None
        if provider not in known:
            self._signed_in()

    def _delete_grant(self, form: dict[str, str]) -> None:
        key = form.get("key", "")
        try:
            self._workspace.remove("access_grant", key)
        except KeyError:
            raise Refused("There is no such key any more.") from None

    def _page(self, search: str, page: int, webview_id: str) -> str:
        return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{self.TITLE}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{self.TITLE}</h1>
<p>{self._greeting()}</p>
<nav><a href="#{self.LIST.lower()}">{self.LIST}</a> <a href="#doors">Doors</a> <a href="#keys">Live keys</a></nav>
</header>
<main>
{self._sign_in_page(webview_id)}
<section id="{self.LIST.lower()}">
<h2>{self.LIST} <small>{self._which()}</small></h2>
<form class="search" method="get" action="/" role="search">
<label for="q">{self.SEARCH}</label>
<input id="q" name="q" type="search" value="{escape(search)}" autocomplete="off">
<button>Search</button>{' <a href="/">Show all</a>' if search else ""}
</form>
{self._list(search, page)}
</section>
{self._doors(search, {"q": search, "page": str(page) if page > 1 else ""})}
{self._keys(search, {"q": search, "page": str(page) if page > 1 else ""})}
</main>
</body>
</html>
"""

    def _sign_in_page(self, webview_id: str) -> str:
        """In the sandbox, the desk is also the page of Seam on which a lock system is signed in to."""
        webview = self._workspace.webviews.get(webview_id)
        if webview is None:
            return ""
        if webview["status"] != "pending":
            return '<section id="sign-in" class="system"><b>You are signed in.</b> Go back to Night Porter.</section>'
        options = "".join(
            f'<option value="{escape(one)}"{" selected" if one == "ttlock" else ""}>{escape(one)}</option>'
            for one in webview["accepted_providers"]
        )
        fields = hidden({"do": "sign_in", "webview": webview_id, "at": "sign-in"})
        return (
            '<section id="sign-in" class="system"><span><b>Sign in to the lock system</b><br><span class="quiet">'
            "Seam’s own page would be here, and ask for the password of the lock maker.</span></span>"
            f'<form method="post" action="/">{fields}<select name="provider" aria-label="Lock maker">{options}</select>'
            ' <button class="strong">Sign in</button></form></section>'
        )

    def _turned(
        self,
        search: str,
        page: int,
        cards: Sequence[_Item],
        word: str,
        show: Callable[[list[_Item], dict[str, str]], str],
    ) -> str:
        """A page of the list, how long the list is, and the ways to the other pages."""
        pages = max(1, -(-len(cards) // _PER_PAGE))
        page = min(max(page, 1), pages)
        shown = list(cards[(page - 1) * _PER_PAGE : page * _PER_PAGE])
        kept = {"q": search, "page": str(page) if page > 1 else ""}
        count = f"{len(cards)} {word}{'' if len(cards) == 1 else 's'}"
        return (
            f'<p class="count">{count}{f" for “{escape(search)}”" if search else ""}</p>\n'
            f"{show(shown, kept)}\n{_turner(search, page, pages)}"
        )

    def _doors(self, search: str, kept: dict[str, str]) -> str:
        workspace = self._workspace
        rows: list[tuple[str, str]] = []
        for door_id, door in (*list(workspace.entrances.items()), *list(workspace.devices.items())):
            spaces = [workspace.spaces[one]["name"] for one in list(door["space_ids"]) if one in workspace.spaces]
            name, where = str(door["display_name"]), ", ".join(spaces)
            if search.casefold() not in f"{name} {where}".casefold():
                continue
            online = workspace.is_online(door_id)
            act, label = ("unplug", "Unplug") if online else ("plug_in", "Plug in")
            fields = {"id": door_id, "at": f"d-{door_id}", **kept}
            state = "Online" if online else "Offline"
            rows.append(
                (
                    name,
                    f'<li id="d-{door_id}" class="{state.lower()}"><span><b>{escape(name)}</b> '
                    f'<span class="state">{state}</span><br>'
                    f'<span class="quiet">{escape(where) if where else "In no Space yet"}</span></span>'
                    f"{button(act, label, name, fields)}</li>",
                )
            )
        doors = (
            _folded([text for _, text in sorted(rows)], "door") or '<ul class="tiles"><li class="empty">No doors.</ul>'
        )
        return f"""<section id="doors">
<h2>Doors <small>{len(rows)}</small></h2>
{self._systems(kept)}
{doors}
</section>"""

    def _systems(self, kept: dict[str, str]) -> str:
        by_customer: dict[str, list[Json]] = {}
        for account in list(self._workspace.accounts.values()):
            by_customer.setdefault(account.get("customer_key") or "", []).append(account)
        parts = []
        for customer, accounts in by_customer.items():
            broken = any(account["errors"] for account in accounts)
            act, label = ("reconnect", "Reconnect") if broken else ("disconnect", "Disconnect the lock system")
            titles = ", ".join(str(account["account_type_display_name"]) for account in accounts)
            whose = self._house(customer) or customer or "the workspace"
            state = "Disconnected" if broken else "Connected"
            fields = {"customer": customer, "at": "doors", **kept}
            parts.append(
                f'<div class="system {"offline" if broken else ""}"><span><b>{escape(titles)}</b> of {escape(whose)} '
                f'<span class="state">{state}</span></span>{button(act, label, whose, fields, "danger")}</div>'
            )
        return "".join(parts)

    def _keys(self, search: str, kept: dict[str, str]) -> str:
        rows: list[tuple[str, str]] = []
        for grant in self._workspace.live_grants():
            key = grant.get("access_grant_key")
            if not key:
                continue
            name = str(grant["display_name"])
            spaces = [
                self._workspace.spaces[one]["name"] for one in grant["space_ids"] if one in self._workspace.spaces
            ]
            where = ", ".join(spaces)
            of = self._holder(key) or name
            if search.casefold() not in f"{of} {where}".casefold():
                continue
            methods = [self._workspace.access_methods.get(one, {}) for one in list(grant["access_method_ids"])]
            pins = ", ".join(str(one["code"]) for one in methods if one.get("code")) or "no PIN"
            issued = "Works" if methods and all(one.get("is_issued") for one in methods) else "On its way"
            if any(one.get("errors") for one in methods) or grant["errors"]:
                issued = "Failed"
            fields = {"key": key, "at": "keys", **kept}
            rows.append(
                (
                    where,
                    f'<li><span><b>{escape(of)}</b> <span class="state">{issued}</span><br><span class="quiet">'
                    f"{escape(where) or 'no Space'}, PIN <code>{escape(pins)}</code></span></span>"
                    f"{button('delete_grant', DELETE_GRANT, of, fields, 'danger')}</li>",
                )
            )
        shown = sorted(rows)[:_MOST_KEYS]
        more = (
            f'<p class="quiet">Search to see the other {len(rows) - len(shown)}.</p>' if len(rows) > len(shown) else ""
        )
        keys = _folded([text for _, text in shown], "key") or '<ul class="tiles"><li class="empty">No keys yet.</ul>'
        return f"""<section id="keys">
<h2>Live keys <small>{len(rows)}</small></h2>
{keys}{more}
</section>"""


DELETE_GRANT = "Delete behind Night Porter’s back"
_MOST_KEYS = 60
_AT_ONCE = 8


def _folded(rows: Sequence[str], word: str) -> str:
    """Tiles, of which the first few are seen at once: on a phone a hundred of them are a long way."""
    if not rows:
        return ""
    first, rest = rows[:_AT_ONCE], rows[_AT_ONCE:]
    tiles = f'<ul class="tiles">{"".join(first)}</ul>'
    if not rest:
        return tiles
    more = f"{len(rest)} more {word}{'' if len(rest) == 1 else 's'}"
    return f'{tiles}<details><summary>{more}</summary><ul class="tiles">{"".join(rest)}</ul></details>'


def button(do: str, label: str, of: str, fields: Mapping[str, str], look: str = "") -> str:
    """A form that is one button. Its name says of what, for those who do not see where it stands."""
    kind = f' class="{look}"' if look else ""
    return (
        f'<form method="post" action="/">{hidden({"do": do, **fields})}'
        f'<button{kind} aria-label="{escape(f"{label}: {of}")}">{escape(label)}</button></form>'
    )


def hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
        if value or name == "customer"
    )


def _turner(search: str, page: int, pages: int) -> str:
    if pages == 1:
        return ""

    def link(to: int, word: str) -> str:
        query = urlencode({**({"q": search} if search else {}), "page": to})
        return f'<a href="/?{escape(query)}">{word}</a>' if 1 <= to <= pages else f"<span>{word}</span>"

    return f'<p class="turn">{link(page - 1, "Earlier")} <b>Page {page} of {pages}</b> {link(page + 1, "Later")}</p>'


def _sentence(status: int, words: str) -> Answer:
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The sandbox</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>That does not go</h1><p>{escape(words)}</p>"
        '<p><a href="/">Back to the desk</a></p></main></body></html>'
    )
    return Answer(status, page.encode(), dict(_HEADERS))


_STYLE = """
:root { color-scheme: light dark; --paper: #f6f4ef; --card: #fff; --ink: #1f2421; --quiet: #5d665f; --line: #dcd8cd;
  --accent: #1d5c4d; --on-accent: #fff; --danger: #9c2b1f; --good: #1d6b3f; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --paper: #141816; --card: #1d2320; --ink: #e9ece8; --quiet: #a3ada6;
  --line: #343d38; --accent: #7fd1b6; --on-accent: #0e1d18; --danger: #ff9d8f; --good: #7fd69c; --warn: #f0c06a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
header { padding-top: 2rem; }
h1 { margin: 0; font: 600 2rem/1.2 Georgia, serif; }
h2 { margin: 2rem 0 .75rem; font: 600 1.4rem/1.2 Georgia, serif; }
h2 small, .quiet, .count, .empty { color: var(--quiet); font: 400 .875rem/1.5 system-ui, sans-serif; }
h3 { margin: 1.5rem 0 .5rem; font-size: .95rem; color: var(--quiet); }
a { color: var(--accent); }
nav a { margin-right: 1rem; }
article, .tiles li, .system { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
article { display: grid; grid-template-columns: 5rem 1fr; gap: .25rem 1rem; padding: .9rem 1rem; margin: .5rem 0; }
article:target, li:target { border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent); }
article.canceled .what b, article.processed .what b { font-weight: 400; color: var(--quiet); }
.room { font: 600 1.4rem/1.3 Georgia, serif; overflow-wrap: anywhere; }
.room i { font-size: .95rem; color: var(--warn); }
.what { min-width: 0; overflow-wrap: anywhere; }
.buttons { grid-column: 2; display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
.buttons form, .search { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
.search label { width: 100%; font-size: .875rem; color: var(--quiet); }
.search input { flex: 1 1 12rem; }
.state { white-space: nowrap; font-size: .8rem; border: 1px solid var(--line); border-radius: 1rem;
  padding: .05rem .6rem; color: var(--quiet); }
.started .state, .online .state { color: var(--good); border-color: var(--good); }
.canceled .state, .offline .state { color: var(--danger); border-color: var(--danger); }
button, select, input { font: inherit; font-size: .9rem; color: var(--ink); background: var(--card); min-height: 2.4rem;
  border: 1px solid var(--line); border-radius: .45rem; padding: .3rem .7rem; max-width: 100%; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
button.strong { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { color: var(--danger); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.tiles { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.tiles li, .system { display: flex; flex-wrap: wrap; gap: .5rem; justify-content: space-between; align-items: center;
  padding: .6rem .9rem; overflow-wrap: anywhere; }
.system { margin-bottom: .75rem; }
.turn { display: flex; gap: 1rem; justify-content: center; }
.turn span { color: var(--quiet); }
@media (max-width: 40rem) { article { grid-template-columns: 3.6rem 1fr; padding: .8rem; }
  .buttons { grid-column: 1 / -1; } h1 { font-size: 1.6rem; } }
"""
