"""One look for pages and notebooks: colours, type and the custom properties the components share."""

from __future__ import annotations

# Distinguishable with every common colour blindness, on paper and on a dark wall.
TRAIN, HELD_OUT = "#4f6bed", "#e8710a"
PALETTE = "Inferno256"
FONT = "Roboto, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

LIGHT = {
    "ground": "#f4f5fb",
    "paper": "#ffffff",
    "ink": "#1b1f33",
    "accent": "#4338ca",
    "on-accent": "#ffffff",
}
DARK = {
    "ground": "#10131f",
    "paper": "#191d2d",
    "ink": "#eceef8",
    "accent": "#a9b4ff",
    "on-accent": "#11142a",
}
APP_BAR = {"light": "#27226b", "dark": "#0b0d17"}

# A page of ours sets --theme-*; inside somebody else's page the colours of Panel or JupyterLab hold. Mixing
# with the ink makes every tone darker on a light page and lighter on a dark one.
TOKENS = """
:host {
  --ls-paper: var(--theme-paper, var(--panel-surface-color, var(--jp-layout-color1, #ffffff)));
  --ls-ground: var(--theme-ground, var(--panel-background-color, var(--jp-layout-color2, #f5f6fa)));
  --ls-ink: var(--theme-ink, var(--panel-on-surface-color, var(--jp-content-font-color1, #1b1f33)));
  --ls-accent: var(--theme-accent, var(--panel-primary-color, #4338ca));
  --ls-on-accent: var(--theme-on-accent, var(--panel-on-primary-color, #ffffff));
  --ls-soft: color-mix(in srgb, var(--ls-ink) 72%, var(--ls-paper));
  --ls-line: color-mix(in srgb, var(--ls-ink) 16%, var(--ls-paper));
  --ls-tint: color-mix(in srgb, var(--ls-ink) 5%, var(--ls-paper));
  --ls-hover: color-mix(in srgb, var(--ls-accent) 12%, var(--ls-paper));
  --ls-input: color-mix(in srgb, #0097b2 68%, var(--ls-ink));
  --ls-ceiling: color-mix(in srgb, #7c5cf0 68%, var(--ls-ink));
  --ls-output: color-mix(in srgb, #f26a1b 68%, var(--ls-ink));
  --ls-good: color-mix(in srgb, #12a150 68%, var(--ls-ink));
  --ls-busy: color-mix(in srgb, #4c6ef5 68%, var(--ls-ink));
  --ls-wait: color-mix(in srgb, #cf8a00 62%, var(--ls-ink));
  --ls-bad: color-mix(in srgb, #e5342b 68%, var(--ls-ink));
  --ls-still: color-mix(in srgb, #7d8798 68%, var(--ls-ink));
  color: var(--ls-ink);
  font-family: Roboto, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif;
  font-size: 1rem;
  line-height: 1.4;
  box-sizing: border-box;
}
*, *::before, *::after { box-sizing: border-box; }
button { font: inherit; color: inherit; cursor: pointer; }
button:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--ls-accent); outline-offset: 2px; }
button:disabled { cursor: default; opacity: .45; }
input[type="checkbox"] {
  appearance: none; width: 1.15rem; height: 1.15rem; margin: 0; flex: none; cursor: pointer;
  border-radius: 5px; border: 2px solid var(--ls-soft); background: var(--ls-paper);
  display: inline-grid; place-content: center;
}
input[type="checkbox"]:checked { background: var(--ls-accent); border-color: var(--ls-accent); }
input[type="checkbox"]:checked::before {
  content: ""; width: .7rem; height: .7rem; background: var(--ls-on-accent);
  clip-path: polygon(14% 44%, 0 65%, 44% 100%, 100% 16%, 80% 0, 40% 64%);
}
input[type="checkbox"]:focus-visible { outline: 3px solid var(--ls-accent); outline-offset: 2px; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
"""

CARD = (
    TOKENS
    + """
:host {
  display: flex; flex-direction: column; gap: 0; padding: 1rem 1.15rem; min-width: 0;
  border-radius: 14px; background: var(--ls-paper); border: 1px solid var(--ls-line);
}
"""
)


def grid(columns: str = "minmax(0, 1fr)", gap: str = ".9rem") -> str:
    """A stylesheet that lays a Panel container's children out on a CSS grid."""
    return (
        f":host {{ display: grid; grid-template-columns: {columns}; gap: {gap}; width: 100%; min-width: 0; }}"
    )


def figure_height(kind: str, height: int) -> dict:
    """Keyword arguments of a Bokeh figure: ``height`` pixels, unless the page sets ``--ls-KIND-height``."""
    css = f"height: var(--ls-{kind}-height, {height}px) !important; flex: 0 0 auto !important;"
    return {"height": height, "stylesheets": [f":host {{ {css} }}"]}


def page_css(dark: bool) -> str:
    """The colours of a whole page, for pages that have no theme of their own to ask."""
    colours = "".join(f"--theme-{name}: {value};" for name, value in (DARK if dark else LIGHT).items())
    return f":root {{ {colours} color-scheme: {'dark' if dark else 'light'}; }}"


MUI_THEME = {
    scheme: {
        "palette": {
            "primary": {"main": colours["accent"], "contrastText": colours["on-accent"]},
            "background": {"default": colours["ground"], "paper": colours["paper"]},
            "text": {"primary": colours["ink"]},
        },
        "typography": {"fontFamily": FONT},
        "components": {
            "MuiAppBar": {
                "styleOverrides": {
                    "root": {
                        "backgroundColor": APP_BAR[scheme],
                        "backgroundImage": "none",
                        "color": "#ffffff",
                        "boxShadow": "none",
                    }
                }
            },
            "MuiTab": {
                "styleOverrides": {
                    "root": {"textTransform": "none", "fontSize": "1.02rem", "fontWeight": 600}
                }
            },
        },
    }
    for scheme, colours in (("light", LIGHT), ("dark", DARK))
}
