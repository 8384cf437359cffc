"""The colours of the pages can be read by everybody: WCAG 2.2, level AA, in light and in dark."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "web" / "static" / "nightporter.css").read_text(encoding="utf-8")
STATES = ("ready", "notyet", "broken", "unknown", "held")
GROUNDS = ("page", "card", "sunk")
WORDS = [(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS]
WORDS += [(state, ground) for state in STATES for ground in ("page", "card", f"{state}-wash")]
WORDS += [("ink", f"{state}-wash") for state in STATES] + [("on-main", "main")]
SHAPES = [(f"{state}-solid", ground) for state in STATES for ground in ("page", "card")]
SHAPES += [(line, ground) for line in ("edge", "focus") for ground in ("page", "card")]


def tokens(theme: str) -> dict[str, str]:
    """Colours by name, six digits each; the dark ones lie over the light ones."""
    blocks = {":root": "light", '[data-bs-theme="dark"]': "dark"}
    found: dict[str, str] = {}
    for selector, of in blocks.items():
        if of == "light" or theme == "dark":
            body = re.search(re.escape(selector) + r" \{(.*?)\n\}", CSS, re.DOTALL)
            assert body is not None
            found |= dict(re.findall(r"--np-([a-z0-9-]+): (#[0-9a-f]{3,6});", body.group(1)))
    return {name: value if len(value) == 7 else re.sub("([0-9a-f])", r"\1\1", value) for name, value in found.items()}


def contrast(one: str, two: str) -> float:
    """From 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_the_standard_has_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_have_a_contrast_of_four_and_a_half_and_shapes_of_three(theme: str) -> None:
    colours = tokens(theme)
    weak = [
        f"{one} on {ground}: {contrast(colours[one], colours[ground]):.2f}"
        for least, pairs in ((4.5, WORDS), (3.0, SHAPES))
        for one, ground in pairs
        if contrast(colours[one], colours[ground]) < least
    ]
    assert weak == []
