"""Colours as numbers: contrast as WCAG 2.2 defines it, and a colour moved until text in it can be read."""

from collections.abc import Iterable

READABLE = 4.5
GROUNDS = {"dark": ("#0c121c", "#121a27", "#1a2434"), "light": ("#ffffff", "#f4f6f9", "#eaeff6")}  # of static/app.css
_STEPS = 50


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(channel: int) -> float:
    share = channel / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 (black) to 1 (white); formula: WCAG 2.2, "relative luminance"."""
    red, green, blue = map(_linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (equal) to 21 (black on white); formula: WCAG 2.2, "contrast ratio"."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable(colour: str, grounds: Iterable[str]) -> str:
    """The nearest shade of `colour` with a contrast of at least 4.5 to every one of `grounds`."""
    on = tuple(grounds)
    pole = "#ffffff" if max(map(luminance, on)) < 0.18 else "#000000"
    shades = (mixed(colour, pole, step / _STEPS) for step in range(_STEPS + 1))
    return next((shade for shade in shades if min(contrast(shade, ground) for ground in on) >= READABLE), pole)


def accents(colour: str) -> dict[str, str]:
    """Theme -> the shade of an accent that is shown in it."""
    return {theme: readable(colour, grounds) for theme, grounds in GROUNDS.items()}
