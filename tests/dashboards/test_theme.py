"""Readable from the back of a room: contrast by the WCAG's formula, in both themes."""

from __future__ import annotations

import re

import pytest

from dashboards.components.theme import APP_BAR, DARK, LIGHT, MUI_THEME, TOKENS, figure_height, page_css


def _rgb(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _mix(colour: str, share: float, other: str) -> str:
    mixed = [share * a + (1 - share) * b for a, b in zip(_rgb(colour), _rgb(other), strict=True)]
    return "#" + "".join(f"{round(255 * value):02x}" for value in mixed)


def _luminance(colour: str) -> float:
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in _rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out(theme):
    assert contrast(theme["ink"], theme["paper"]) >= 7
    assert contrast(theme["ink"], theme["ground"]) >= 7
    assert contrast(_mix(theme["ink"], 0.72, theme["paper"]), theme["paper"]) >= 4.5
    assert contrast(theme["accent"], theme["on-accent"]) >= 4.5
    assert contrast(theme["accent"], theme["paper"]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_tone_is_legible_as_text(theme):
    tones = re.findall(r"--ls-(\w+): color-mix\(in srgb, (#\w{6}) (\d+)%, var\(--ls-ink\)\)", TOKENS)
    assert len(tones) == 8
    for name, colour, share in tones:
        tone = _mix(colour, int(share) / 100, theme["ink"])
        assert contrast(tone, theme["paper"]) >= 4.5, name
        # A state's name stands on a tint of its own tone.
        assert contrast(tone, _mix(tone, 0.14, theme["paper"])) >= 4.0, name


def test_pages_share_one_set_of_colours():
    assert MUI_THEME["dark"]["palette"]["background"]["paper"] == DARK["paper"]
    assert f"--theme-ink: {LIGHT['ink']};" in page_css(False)
    assert "color-scheme: dark" in page_css(True)
    assert all(contrast("#ffffff", colour) >= 7 for colour in APP_BAR.values())
    assert figure_height("plot", 300)["height"] == 300
