"""Drawings that explain an idea rather than show data."""

from __future__ import annotations

import base64

from course_lib.teaching.notebook import Html

ALT = (
    "One clip of 128 frames by 64 bands enters the encoder, leaves it as a column of {numbers} numbers, the "
    "bottleneck, and the decoder turns them into a clip of 128 by 64 again; a bracket compares the two clips."
)


def bottleneck(numbers: int = 64) -> Html:
    """The autoencoder as a drawing: clip, encoder, ``numbers`` numbers, decoder, clip."""
    # One grey and one blue that read on a light and on a dark page: an image cannot know its page.
    ink, soft = "#7c8494", "#6366f1"

    def text(x: int, y: int, words: str, size: int = 14, weight: int = 400) -> str:
        return (
            f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="middle" '
            f'fill="{ink}">{words}</text>'
        )

    def clip(x: int, label: str) -> str:
        bars = "".join(
            f'<rect x="{x + 8 * i}" y="{60 + i * 5 % 4 * 6}" width="7" height="{66 - i * 3 % 5 * 9}" '
            f'fill="{soft}" opacity="{0.25 + 0.1 * ((i * 7) % 6):.2f}"/>'
            for i in range(12)
        )
        frame = f'<rect x="{x - 4}" y="52" width="104" height="96" fill="none" stroke="{ink}" rx="4"/>'
        return bars + frame + text(x + 48, 172, label, 15, 600) + text(x + 48, 190, "128 × 64 values", 12)

    def wedge(left: int, right: int, x: int, name: str, symbol: str) -> str:
        points = f"{x},{100 - left} {x + 120},{100 - right} {x + 120},{100 + right} {x},{100 + left}"
        style = f'fill="{soft}" fill-opacity="0.12" stroke="{soft}" stroke-width="1.5"'
        return (
            f'<polygon points="{points}" {style}/>'
            + text(x + 60, 104, symbol, 18, 600)
            + text(x + 60, 172, name, 15, 600)
        )

    dots = "".join(f'<circle cx="350" cy="{66 + 17 * i}" r="5" fill="{soft}"/>' for i in range(5))
    bracket = f'<path d="M 68 40 V 22 H 632 V 40" fill="none" stroke="{ink}" stroke-dasharray="4 4"/>'
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 200" width="760" height="217" '
        'font-family="system-ui, sans-serif">'
        + clip(20, "clip x")
        + wedge(48, 24, 150, "encoder", "f")
        + dots
        + text(350, 172, "latent z", 15, 600)
        + text(350, 190, f"{numbers} numbers", 12)
        + wedge(24, 48, 430, "decoder", "g")
        + clip(584, "estimate x̂")
        + bracket
        + text(350, 16, "error = mean of |x − x̂|", 13)
        + "</svg>"
    )
    # As an image, because a notebook that is not trusted yet strips drawings but keeps images.
    data = base64.b64encode(svg.encode()).decode()
    alt = ALT.format(numbers=numbers)
    return Html(f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}" style="max-width:100%">', alt)
