"""What the numbers say, in a real browser: seen, reached from the header, and told to screen readers once."""

from __future__ import annotations

import secrets
import time

import pytest

from tests.dashboards.conftest import HandMadeRun

pytestmark = pytest.mark.browser

# Colours are painted on a canvas to read them as numbers, whatever their notation.
CONTRAST = """elements => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true})
  const numbers = colour => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
  const light = rgb => {
    const [r, g, b] = rgb.map(v => linear(v / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = element => {
    for (let e = element; e; e = e.parentElement ?? e.getRootNode().host) {
      const colour = numbers(getComputedStyle(e).backgroundColor)
      if (colour[3] === 255) { return colour }
    }
    return [255, 255, 255]
  }
  return elements.map(element => {
    const ink = light(numbers(getComputedStyle(element).color)), paper = light(behind(element))
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)
  })
}"""


@pytest.fixture
def sick(studio_server):
    """A run that seems well for five epochs; and the address that shows it."""
    address, runs = studio_server
    name = f"sick-{secrets.token_hex(3)}"
    made = HandMadeRun(runs, name)
    made.preview(100, blur=0.1)
    for epoch in range(1, 6):
        made.row(20 * epoch, epoch, 0.5 - 0.04 * epoch, 0.55 - 0.05 * epoch)
    made.status("running", step=100, epoch=5)
    yield made, f"{address}?run={name}"
    made.status("stopped", step=100)


def test_a_sentence_comes_as_it_becomes_true_and_goes_when_it_is_over(sick, new_page):
    made, address = sick
    page = new_page()
    page.goto(address)
    panel = page.get_by_role("region", name="What the numbers say")
    panel.locator(".summary:has-text('Nothing wrong found in 6 checks')").wait_for()
    assert page.locator(".flag").is_hidden()
    spoken = panel.get_by_role("status")
    assert spoken.inner_text() == ""

    for epoch in range(6, 10):
        made.row(20 * epoch, epoch, 0.5 - 0.04 * epoch, 0.3 + 0.02 * (epoch - 5))
    made.status("running", step=180, epoch=9)
    flag = page.get_by_role("button", name="1 thing wrong")
    flag.wait_for()
    entry = panel.locator("li")
    assert entry.count() == 1
    assert entry.locator("b").inner_text() == "Serious: overfitting."
    assert "best in epoch 5 (0.3)" in entry.locator(".sentence").inner_text()
    assert "Lab 01 is about it." in entry.locator(".remedy").inner_text()
    said = spoken.inner_text()
    assert said.startswith("Serious: overfitting. The held-out loss was best in epoch 5")

    # The flag leads to the panel, which lies below the screen.
    assert panel.bounding_box()["y"] + panel.bounding_box()["height"] > 720
    flag.click()
    deadline = time.monotonic() + 10
    while (box := panel.bounding_box())["y"] + box["height"] > 721:
        assert time.monotonic() < deadline, box
        time.sleep(0.1)

    # New numbers change what is read, not what is said aloud.
    made.row(200, 10, 0.17, 0.5)
    made.status("running", step=200, epoch=10)
    panel.locator(".sentence:has-text('(0.5)')").wait_for()
    assert spoken.inner_text() == said
    for epoch in range(11, 15):
        made.row(20 * epoch, epoch, 0.17, 0.22)
    made.status("running", step=280, epoch=14)
    panel.locator(".summary:has-text('Nothing wrong found')").wait_for()
    entry.wait_for(state="detached")
    assert spoken.inner_text() == "No longer: overfitting."
    assert page.locator(".flag").is_hidden()


@pytest.mark.parametrize("theme", ["default", "dark"])
def test_its_words_have_contrast_and_fit_on_a_phone(sick, new_page, theme):
    made, address = sick
    made.status("failed", error="the loss is not a number after step 12: the training has diverged")
    page = new_page(width=390, height=844)
    page.goto(f"{address}&theme={theme}")
    page.locator(".diagnosis li b").wait_for()
    words = page.locator(".diagnosis :is(h3, .summary, b, .sentence, .remedy), .flag")
    assert words.count() == 6
    # WCAG AA for text of this size.
    assert min(words.evaluate_all(CONTRAST)) >= 4.5
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
