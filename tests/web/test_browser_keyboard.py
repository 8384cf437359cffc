"""Keyboard alone does every walk, and what she has before her stays where it is while the page follows."""

from typing import Any

import pytest

from tests.night import PASSWORD, Night
from tests.web.browser import needs_chromium, wrong_by_keyboard
from tests.web.test_browser_closed_doors import house, sign_in

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = needs_chromium
__all__ = ["house"]
House = tuple[Night, dict[str, str], str]


def run_ends(page: Any, night: Night) -> None:
    """A run ends, and the page hears of it at once."""
    night.clock.pass_(minutes=3)
    night.do("incremental")
    with page.expect_response("**/progress*"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def tab_to(page: Any, words: str, most: int = 60) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.textContent.trim() || document.activeElement.value || ''"):
            return
    raise AssertionError(f"{words} is not reached")


@pytest.mark.parametrize(
    ("page_of", "found"),
    [
        ("<button style='outline: 0; box-shadow: none'>a</button>", "nothing shows that it has the focus"),
        (
            "<a href=/ style='position: fixed; top: 9px'>b</a><div style='position: fixed; inset: 0'>lid</div>",
            "lies over",
        ),
        ("<button tabindex=2>a</button><button tabindex=1>b</button>", "another order"),
        ("<button>a</button><button onkeydown='event.preventDefault()'>b</button><button>c</button>", "not reached"),
        ("<button>a</button><button onkeydown='event.preventDefault()'>b</button>", "does not leave"),
    ],
)
def test_what_the_keyboard_cannot_do_is_found(phone: Any, page_of: str, found: str) -> None:
    phone.goto("about:blank")
    phone.set_content(f"<main>{page_of}</main>")
    assert found in " ".join(wrong_by_keyboard(phone))


def test_a_clerks_pages_are_walked_by_tab_alone(house: House, phone: Any) -> None:
    _, _, url = house
    sign_in(phone, url)
    for path in ("/", "/held", "/bookings?q=102", "/bookings?q=10&list=1", "/alerts"):
        phone.goto(url + path)
        playwright_api.expect(phone.locator(".np-asking")).to_have_count(0)
        assert wrong_by_keyboard(phone) == [], path


def test_from_the_sign_in_to_an_open_door_without_a_mouse(house: House, phone: Any) -> None:
    night, _, url = house
    expect = playwright_api.expect
    phone.context.clear_cookies()
    phone.goto(f"{url}/sign-in")
    phone.focus("#name")
    phone.keyboard.type("operator")
    phone.keyboard.press("Tab")
    phone.keyboard.type(PASSWORD)
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"{url}/")
    phone.keyboard.press("/")
    phone.keyboard.type("102")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/bookings/alpen/**")
    before = len(night.seam.unlocked_from_afar)
    tab_to(phone, "Unlock Lock 102")
    ask, yes = phone.locator(".np-steps summary").first, phone.get_by_text("Yes: Unlock Lock 102")
    phone.keyboard.press("Enter")
    expect(yes).to_be_visible()
    # She thinks better of it, and then means it.
    tab_to(phone, "Yes", 3)
    phone.keyboard.press("Escape")
    expect(yes).to_be_hidden()
    expect(ask).to_be_focused()
    phone.keyboard.press("Enter")
    tab_to(phone, "Yes", 3)
    phone.keyboard.press("Enter")
    expect(phone.locator("[role=status]").first).to_contain_text("Lock 102 is open.")
    assert len(night.seam.unlocked_from_afar) == before + 1


def test_the_menu_closes_by_escape_and_when_somebody_goes_on(house: House, phone: Any) -> None:
    _, _, url = house
    expect = playwright_api.expect
    sign_in(phone, url)
    more, trends = phone.locator(".np-tabs summary"), phone.locator(".np-tabs details a").first
    more.focus()
    phone.keyboard.press("Enter")
    expect(trends).to_be_visible()
    phone.keyboard.press("Tab")
    expect(trends).to_be_focused()
    phone.keyboard.press("Escape")
    expect(trends).to_be_hidden()
    expect(more).to_be_focused()
    phone.keyboard.press("Enter")
    tab_to(phone, "Your account", 12)
    phone.keyboard.press("Tab")
    expect(trends).to_be_hidden()


def test_a_run_that_ends_takes_nobody_from_the_line_that_she_is_on(house: House, phone: Any) -> None:
    night, _, url = house
    expect = playwright_api.expect
    sign_in(phone, url)
    phone.evaluate("document.querySelector('#fresh').firstElementChild.dataset.old = 'yes'")
    link = phone.locator("#fresh a[href*='/bookings/alpen/']").nth(2)
    words = link.inner_text()
    link.focus()
    run_ends(phone, night)
    phone.wait_for_selector("#fresh [data-old]", state="detached")
    expect(link).to_be_focused()
    assert link.inner_text() == words


def test_what_a_run_has_not_changed_stays_the_very_element_that_it_was(house: House, phone: Any) -> None:
    night, _, url = house
    sign_in(phone, url)
    links = "#fresh a[href*='/bookings/alpen/']"
    phone.evaluate(f"window.kept = [...document.querySelectorAll({links!r})]; kept[1].focus()")
    phone.evaluate("document.querySelector('#fresh h1').textContent = 'as it was'")
    run_ends(phone, night)
    playwright_api.expect(phone.locator("#fresh h1")).not_to_have_text("as it was")
    assert phone.evaluate("kept.length > 1 && kept.every((one) => one.isConnected)")
    assert phone.evaluate("document.activeElement === kept[1]")


def test_a_link_is_never_made_into_another_one(house: House, phone: Any) -> None:
    night, _, url = house
    sign_in(phone, url)
    links = "#fresh a[href*='/bookings/alpen/']"
    phone.evaluate(f"window.mine = document.querySelector({links!r}); window.words = mine.innerText")
    # As if another guest had been in that place until now.
    phone.evaluate("mine.href = '/bookings/alpen/another'; mine.lastElementChild.textContent = 'Another'; mine.focus()")
    run_ends(phone, night)
    playwright_api.expect(phone.locator("a[href*='/another']")).to_have_count(0)
    assert "/another" in phone.evaluate("mine.href")
    assert phone.evaluate(f"document.querySelector({links!r}).innerText === words")
    assert phone.evaluate("document.activeElement === document.body"), "who had the focus is not there any more"


def test_what_is_open_stays_open_when_a_run_ends(house: House, phone: Any) -> None:
    night, _, url = house
    sign_in(phone, url)
    phone.goto(f"{url}/bookings?q=102")
    phone.wait_for_url("**/bookings/alpen/**")
    phone.locator(".np-steps summary").first.click()
    phone.evaluate("document.querySelector('#still-closed').dataset.old = 'yes'")
    phone.evaluate("document.querySelector('#still-closed h2').textContent = 'as it was'")
    run_ends(phone, night)
    phone.wait_for_selector("#still-closed[data-old]", state="detached")
    assert phone.get_by_text("Yes: Unlock Lock 102").is_visible()


def test_what_is_chosen_under_held_is_not_lost_when_a_run_ends_before_it_is_sent(house: House, phone: Any) -> None:
    night, _, url = house
    sign_in(phone, url)
    phone.goto(f"{url}/held")
    # By the arrow keys, as in any choice of one; then she looks at something else.
    phone.locator("input[type=radio]:checked").first.focus()
    phone.keyboard.press("ArrowRight")
    phone.keyboard.press("Tab")
    phone.evaluate("document.activeElement.blur()")
    phone.evaluate("document.querySelector('#fresh').dataset.old = 'yes'")
    phone.evaluate("document.querySelector('#fresh h2').textContent = 'as it was'")
    with phone.expect_response("**/held"):
        run_ends(phone, night)
    phone.evaluate("new Promise((done) => setTimeout(done))")
    assert phone.locator("input[value=take]").first.is_checked()
    # Once it is as it was, the page follows again.
    phone.locator(".np-choice label").first.click()
    phone.evaluate("document.activeElement.blur()")
    phone.wait_for_selector("#fresh[data-old]", state="detached")
