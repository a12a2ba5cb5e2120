"""The two icons of the Teams app, drawn: a mast, and the backstay that holds it up."""

import math
import struct
import zlib
from collections.abc import Callable

# Teams wants 192x192 in full colour, and 32x32 in white on nothing.
COLOUR, OUTLINE = 192, 32
_SEA, _WHITE, _SAND = (29, 59, 79), (255, 255, 255), (233, 196, 106)
_FINE = 4  # samples along each side of a pixel, so that slanted lines are smooth
# Lines in a unit square, from left and top: from, to, half their width. The stay is the one that the product is named after.
_MAST = (0.46, 0.14, 0.46, 0.78, 0.032)
_HULL = (0.2, 0.81, 0.82, 0.81, 0.05)
_STAY = (0.46, 0.14, 0.8, 0.78, 0.02)
_FORE = (0.46, 0.14, 0.22, 0.78, 0.012)

Line = tuple[float, float, float, float, float]
Colour = tuple[int, int, int]
Pixel = Callable[[int, int], tuple[int, int, int, int]]


def colour_icon() -> bytes:
    """The full-colour icon, a PNG of 192x192."""
    lines = ((_FORE, _WHITE), (_MAST, _WHITE), (_HULL, _WHITE), (_STAY, _SAND))
    return _png(COLOUR, lambda x, y: _painted(x, y, COLOUR, lines, (*_SEA, 255)))


def outline_icon() -> bytes:
    """The outline, a PNG of 32x32: white on transparent, its lines thick enough for that size."""
    lines = tuple(((*line[:4], max(line[4], 0.035)), _WHITE) for line in (_MAST, _HULL, _STAY))
    return _png(OUTLINE, lambda x, y: _painted(x, y, OUTLINE, lines, (*_WHITE, 0)))


def _painted(
    x: int, y: int, size: int, lines: tuple[tuple[Line, Colour], ...], ground: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """A pixel: the ground, and each line over it as far as it covers the pixel."""
    red, green, blue, solid = ground
    for line, colour in lines:
        cover = _cover(x, y, size, line)
        red, green, blue = (
            round(under + (over - under) * cover) for under, over in zip((red, green, blue), colour, strict=True)
        )
        solid = round(solid + (255 - solid) * cover)
    return red, green, blue, solid


def _cover(x: int, y: int, size: int, line: Line) -> float:
    """How much of a pixel a line covers; only those on its edge are looked at closely."""
    beyond = _distance((x + 0.5) / size, (y + 0.5) / size, line) - line[4]
    if abs(beyond) > 0.75 / size:  # half a pixel's diagonal is 0.71
        return float(beyond < 0)
    inside = 0
    for step in range(_FINE * _FINE):
        at_x = (x + (step % _FINE + 0.5) / _FINE) / size
        at_y = (y + (step // _FINE + 0.5) / _FINE) / size
        inside += _distance(at_x, at_y, line) <= line[4]
    return inside / (_FINE * _FINE)


def _distance(x: float, y: float, line: Line) -> float:
    left, top, right, bottom, _ = line
    along_x, along_y = right - left, bottom - top
    share = ((x - left) * along_x + (y - top) * along_y) / (along_x**2 + along_y**2)
    share = min(1.0, max(0.0, share))
    return math.hypot(x - left - share * along_x, y - top - share * along_y)


def _png(size: int, pixel: Pixel) -> bytes:
    """RGBA, eight bits each, without any filter (W3C, Portable Network Graphics)."""
    rows = b"".join(b"\0" + bytes(part for x in range(size) for part in pixel(x, y)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
