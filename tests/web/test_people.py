"""An admin invites, changes and signs people out on pages; everybody has an account, with a second factor."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient

import web
from store.memberships import Memberships
from store.people import Role
from store.secrets import SecretKeys
from tests.night import PASSWORD, Night, csrf_of
from web.access import limiter

NEW = "another battery horse"


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def post(client: FlaskClient, path: str, **fields: str) -> Any:
    return client.post(path, data={**fields, "csrf_token": csrf_of(client.get("/account"))})


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def sign_in(night: Night, name: str, password: str = PASSWORD) -> tuple[FlaskClient, Any]:
    client = night.client(None)
    token = csrf_of(client.get("/sign-in"))
    return client, client.post("/sign-in", data={"name": name, "password": password, "csrf_token": token})


def give_code(client: FlaskClient, code: str) -> Any:
    return client.post("/sign-in/code", data={"code": code, "csrf_token": csrf_of(client.get("/sign-in/code"))})


def shown(page: Any, label: str) -> str:
    found = re.search(rf'aria-label="{label}" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found.group(1)


def test_somebody_is_invited_by_a_link_and_chooses_a_password(night: Night) -> None:
    admin = night.client()
    page = post(admin, "/people/users", name="lea", role="operator")
    link = shown(page, "Link for lea")
    assert "lea" in admin.get("/people").text
    assert link not in admin.get("/people").text, "shown once"
    lea = night.client(None)
    path = link.removeprefix("http://localhost")
    assert sign_in(night, "lea", "")[1].status_code in (400, 401), "nobody has an empty password"
    night.clock.pass_(hours=23)
    answer = lea.post(path, data={"csrf_token": csrf_of(lea.get(path))})
    assert answer.headers["Location"] == "/account"
    assert post(lea, "/account/password", new="short", again="short").status_code == 422
    assert post(lea, "/account/password", new=NEW, again=NEW + "x").status_code == 422
    assert post(lea, "/account/password", new=NEW, again=NEW).status_code == 302
    assert is_in(lea)
    assert sign_in(night, "lea", NEW)[1].status_code == 302
    assert night.client(None).get(path).status_code == 401, "the link is used up"


def test_whoever_changes_the_password_is_signed_out_everywhere_else(night: Night) -> None:
    one, other = night.client("viewer"), night.client("viewer")
    assert post(one, "/account/password", old="wrong", new=NEW, again=NEW).status_code == 401
    assert is_in(other)
    assert post(one, "/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 302
    assert (is_in(one), is_in(other)) == (True, False)


def test_an_admin_signs_somebody_out_and_changes_what_she_may(night: Night) -> None:
    admin, desk = night.client(), night.client("operator")
    other = night.client("operator")
    post(desk, "/account/end-sessions")
    assert (is_in(desk), is_in(other)) == (True, False)
    post(admin, "/people/users/operator/end-sessions")
    assert not is_in(desk)
    post(admin, "/people/users/operator/role", role="viewer")
    user = night.people.user("operator")
    assert user is not None
    assert user.role is Role.VIEWER
    desk = night.client("operator")
    post(admin, "/people/users/operator/disable")
    assert not is_in(desk)
    post(admin, "/people/users/operator/enable")
    assert sign_in(night, "operator")[1].status_code == 302
    assert [one.action for one in night.people.audit_entries() if one.who == "admin"][:4] == [
        "enabled user",
        "disabled user",
        "changed role",
        "ended sessions",
    ]


def test_the_only_admin_stays_one(night: Night) -> None:
    admin = night.client()
    for path, fields in (("role", {"role": "viewer"}), ("disable", {})):
        page = admin.get(post(admin, f"/people/users/admin/{path}", **fields).headers["Location"])
        assert "is the only admin" in page.text
    night.people.add_user("boss", Role.ADMIN, "x", night.clock.now())
    post(admin, "/people/users/admin/role", role="viewer")
    assert admin.get("/people").status_code == 403


def test_a_token_is_made_shown_once_and_revoked(night: Night) -> None:
    admin = night.client()
    token = shown(post(admin, "/people/tokens", name="wallboard", role="viewer"), "Token wallboard")
    headers = {"Authorization": f"Bearer {token}"}
    program = night.client(None)
    assert program.get("/api/now", headers=headers).status_code == 200
    assert program.get("/account", headers=headers).status_code == 404, "a program has no account"
    assert token not in admin.get("/people").text
    post(admin, "/people/tokens/wallboard/revoke")
    assert program.get("/api/now", headers=headers).status_code == 401
    page = admin.get(post(admin, "/people/tokens", name="wallboard", role="viewer").headers["Location"])
    assert "There was a token wallboard before" in page.text


def test_names_that_are_none_and_roles_that_are_none_are_refused(night: Night) -> None:
    admin = night.client()
    assert (
        "A name has letters"
        in admin.get(post(admin, "/people/users", name="a b\n", role="viewer").headers["Location"]).text
    )
    assert post(admin, "/people/users", name="lea", role="owner").status_code == 400
    assert post(admin, "/people/users/nobody/disable").status_code == 404


# --- the second factor ------------------------------------------------------------------------------------------------


def set_up(night: Night, client: FlaskClient) -> pyotp.TOTP:
    """The app on a phone."""
    found = re.search(r'<code class="np-key">([A-Z2-7]+)</code>', client.get("/account").text)
    assert found is not None
    app = pyotp.TOTP(found.group(1))
    assert post(client, "/account/second-factor", code="000000").status_code == 401
    assert post(client, "/account/second-factor", code=app.at(night.clock.now())).status_code == 302
    return app


def test_with_a_second_factor_the_password_alone_signs_nobody_in(night: Night) -> None:
    app = set_up(night, night.client("operator"))
    night.clock.pass_(minutes=5)
    client, answer = sign_in(night, "operator")
    assert answer.headers["Location"] == "/sign-in/code"
    assert not is_in(client)
    assert give_code(client, "123 456").status_code == 401
    code = app.at(night.clock.now())
    assert give_code(client, f"{code[:3]} {code[3:]}").status_code == 302
    assert is_in(client)
    again, _ = sign_in(night, "operator")
    assert give_code(again, code).status_code == 401, "a code counts once"
    night.clock.pass_(minutes=1)
    assert give_code(again, app.at(night.clock.now() - timedelta(seconds=30))).status_code == 302, "a slow clock"


def test_a_link_does_not_spare_the_code_and_the_password_waits_five_minutes_for_it(night: Night) -> None:
    app = set_up(night, night.client("operator"))
    link = night.people.make_link("operator", night.clock.now())
    client = night.client(None)
    path = f"/sign-in/{link}"
    answer = client.post(path, data={"csrf_token": csrf_of(client.get(path))})
    assert answer.headers["Location"] == "/sign-in/code"
    night.clock.pass_(minutes=6)
    assert client.get("/sign-in/code").headers["Location"] == "/sign-in"
    client, _ = sign_in(night, "operator")
    token = csrf_of(client.get("/sign-in/code"))
    night.people.change_user("operator", password_hash="new")
    answer = client.post("/sign-in/code", data={"code": app.at(night.clock.now()), "csrf_token": token})
    assert answer.headers["Location"] == "/sign-in", "the password was changed meanwhile"


def test_codes_cannot_be_guessed(night: Night) -> None:
    set_up(night, night.client("operator"))
    client, _ = sign_in(night, "operator")
    token = csrf_of(client.get("/sign-in/code"))
    limiter.reset()
    said = [client.post("/sign-in/code", data={"code": f"{n:06}", "csrf_token": token}).status_code for n in range(12)]
    assert said == [401] * 10 + [429] * 2


def test_it_is_ended_by_a_code_or_by_an_admin(night: Night) -> None:
    desk, admin = night.client("operator"), night.client()
    app = set_up(night, desk)
    night.clock.pass_(minutes=1)
    assert post(desk, "/account/end-second-factor", code="000000").status_code == 401
    assert post(desk, "/account/end-second-factor", code=app.at(night.clock.now())).status_code == 302
    assert sign_in(night, "operator")[1].headers["Location"] == "/"
    set_up(night, desk)
    post(admin, "/people/users/operator/end-second-factor")
    assert sign_in(night, "operator")[1].headers["Location"] == "/"


def test_its_secret_is_in_neither_the_database_nor_the_cookie(night: Night) -> None:
    client = night.client("operator")
    app = set_up(night, client)
    kept = b"".join(file.read_bytes() for file in night.path.glob("*.db*"))
    assert app.secret.encode() not in kept
    client.get("/account")
    cookie = client.get_cookie("nightporter")
    assert cookie is not None
    assert app.secret not in cookie.value


def test_without_a_key_of_secrets_the_page_says_what_is_missing(night: Night) -> None:
    client = night.client("operator")
    site = night.site.extensions["nightporter"]
    object.__setattr__(site, "secret_keys", SecretKeys())
    assert "NIGHTPORTER_SECRET_KEYS" in client.get("/account").text


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_ends_after_twelve_hours_and_after_a_quarter_of_an_hour_where_that_is_set(night: Night) -> None:
    client = night.client("viewer")
    night.clock.pass_(hours=11)
    assert is_in(client)
    night.clock.pass_(hours=2)
    assert not is_in(client)
    object.__setattr__(night.site.extensions["nightporter"], "idle_sign_out", timedelta(minutes=15))
    client = night.client("viewer")
    for _ in range(4):
        night.clock.pass_(minutes=14)
        assert is_in(client)
    night.clock.pass_(minutes=16)
    assert not is_in(client)


def test_a_page_that_only_stays_open_and_follows_is_no_use_of_the_session(night: Night) -> None:
    object.__setattr__(night.site.extensions["nightporter"], "idle_sign_out", timedelta(minutes=15))
    client = night.client("viewer")
    by_itself = {"X-Requested-With": "fetch"}
    for _ in range(7):
        night.clock.pass_(minutes=2)
        assert client.get("/progress", headers=by_itself).status_code == 200
    night.clock.pass_(minutes=2)
    assert client.get("/progress", headers=by_itself).status_code == 302
    assert not is_in(client)


@pytest.mark.parametrize("script", ["live.js", "follow.js"])
def test_every_script_that_asks_by_itself_says_so(script: str) -> None:
    text = (Path(web.__file__).parent / "static" / script).read_text()
    assert text.count("fetch(") == text.count('"X-Requested-With": "fetch"') == 1


def test_only_the_newest_link_signs_somebody_in_and_none_from_before_a_new_password(night: Night) -> None:
    admin = night.client()
    people = night.people
    first = shown(post(admin, "/people/users", name="lea", role="operator"), "Link for lea")
    second = shown(post(admin, "/people/users/lea/link"), "Link for lea")
    assert night.client(None).get(path_of(first)).status_code == 401, "it went to a wrong address, perhaps"
    lea = night.client(None)
    post_link(lea, second)
    third = shown(post(admin, "/people/users/lea/link"), "Link for lea")
    post(lea, "/account/password", new=NEW, again=NEW)
    assert night.client(None).get(path_of(third)).status_code == 401, "her new password ends what was before"
    for path in ("/people/users/lea/end-sessions", "/people/users/lea/disable"):
        link = shown(post(admin, "/people/users/lea/link"), "Link for lea")
        other = people.make_link("viewer", night.clock.now())
        post(admin, path)
        post(admin, "/people/users/lea/enable")
        assert night.client(None).get(path_of(link)).status_code == 401, path
        assert people.link_is_good(other, night.clock.now()), "nobody else's"


def path_of(link: str) -> str:
    return link.removeprefix("http://localhost")


def post_link(client: FlaskClient, link: str) -> Any:
    return client.post(path_of(link), data={"csrf_token": csrf_of(client.get(path_of(link)))})


def test_whoever_has_forgotten_the_password_chooses_a_new_one_after_a_link(night: Night) -> None:
    night.client("operator")
    link = shown(post(night.client(), "/people/users/operator/link"), "Link for operator")
    client = night.client(None)
    assert post_link(client, link).headers["Location"] == "/"
    page = client.get("/account").text
    assert 'name="new"' in page
    assert 'name="old"' not in page
    assert post(client, "/account/password", new=NEW, again=NEW).status_code == 302
    assert 'name="old"' in client.get("/account").text, "once"
    assert post(client, "/account/password", new=NEW + "2", again=NEW + "2").status_code == 401
    assert sign_in(night, "operator", NEW)[1].status_code == 302
    client = night.client(None)
    post_link(client, shown(post(night.client(), "/people/users/operator/link"), "Link for operator"))
    night.clock.pass_(minutes=20)
    assert 'name="old"' in client.get("/account").text, "whoever comes to that browser later needs the password"


def test_an_admin_gives_roles_over_parts_and_takes_them_away(night: Night) -> None:
    night.do("full")
    admin, desk = night.client(), night.client("operator")
    post(admin, "/people/roles", user="operator", role="viewer", place="alpen")
    of = f"property {night.property} of alpen"
    post(admin, "/people/roles", user="operator", role="operator", place=of)
    page = admin.get("/people").text
    assert "viewer of alpen" in page
    assert f"operator of {of}" in page
    assert desk.get("/readyz").status_code == 403, "that is about everything"
    post(admin, "/people/users/operator/take-role", place="alpen")
    page = post(admin, "/people/users/operator/take-role", place=of)
    page = admin.get("/people").text
    assert "viewer of alpen" not in page
    assert "the only role of operator" in page
    assert f"operator of {of}" in page
    told = [(one.action, one.target, one.note) for one in night.people.audit_entries()]
    assert ("gave a role", "operator", f"operator: {of}") in told
    assert ("took a role away", "operator", "alpen") in told


@pytest.mark.parametrize("place", ["", "no such", "organisation ", "property x of alpen", "organisation alpen"])
def test_a_role_over_what_is_not_there_is_refused(night: Night, place: str) -> None:
    night.do("full")
    admin = night.client()
    night.client("operator")
    post(admin, "/people/roles", user="operator", role="viewer", place=place)
    assert "There is no such organisation, connection or property" in admin.get("/people").text
    assert Memberships(night.store).all() == {}


def test_the_last_admin_of_everything_stays_one_whatever_other_admins_there_are_of_parts(night: Night) -> None:
    admin = night.client()
    night.people.add_user("lea", Role.ADMIN, "", night.clock.now())
    post(admin, "/people/roles", user="lea", role="admin", place="alpen")
    assert Memberships(night.store).all().keys() == {"lea"}
    for path, fields in (
        ("/people/roles", {"user": "admin", "role": "admin", "place": "alpen"}),
        ("/people/users/admin/role", {"role": "viewer"}),
        ("/people/users/admin/disable", {}),
    ):
        post(admin, path, **fields)
        assert "admin is the only admin" in admin.get("/people").text
    assert Memberships(night.store).all().keys() == {"lea"}
