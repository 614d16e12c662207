"""Evidence photos drawn, not taken: a street seen from across it, with what the agreement was about."""

from __future__ import annotations

import io
import math
from enum import StrEnum
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (960, 720)  # pixels
_WIDE, _HIGH = SIZE
_GROUND, _KERB = 455, 520  # where façades meet the pavement and the pavement the roadway

Colour = tuple[int, int, int]

_SHIRTS: tuple[Colour, ...] = (
    (178, 70, 76), (72, 104, 150), (226, 220, 206), (92, 132, 96), (120, 84, 130), (60, 62, 70), (214, 160, 90),
)
_HAIR: tuple[Colour, ...] = ((38, 28, 24), (60, 44, 34), (150, 148, 146))


class Subject(StrEnum):
    LAMP = "lamp"
    PAVING = "paving"
    DRAIN = "drain"
    WASTE = "waste"
    TREE = "tree"
    CROSSING = "crossing"
    COURT = "court"
    MEETING = "meeting"


_SUBJECTS = {
    "lighting": Subject.LAMP, "water": Subject.DRAIN, "streets": Subject.PAVING, "waste": Subject.WASTE,
    "public-space": Subject.TREE,
    "mobility": Subject.CROSSING, "culture-sport": Subject.COURT, "civil-protection": Subject.PAVING,
}


def subject_of(theme: str) -> Subject:
    """What a photo about a theme (a code of ``institutions``) shows; people round a table when nothing else does."""
    return _SUBJECTS.get(theme, Subject.MEETING)


def evidence_photo(rng: Random, subject: Subject, *, done: bool = True) -> bytes:
    """A JPEG of 960 x 720 pixels, about 20 to 60 kB, without metadata. ``done`` False shows the fault instead of the
    work: for objections and for the first report. The same Random gives the same bytes."""
    night = subject is Subject.LAMP and rng.random() < 0.55
    picture = _sky(rng, night)
    draw = ImageDraw.Draw(picture)
    _facades(rng, draw, night)
    _ground(rng, draw, night)
    {
        Subject.LAMP: _lamp, Subject.PAVING: _paving, Subject.DRAIN: _drain, Subject.WASTE: _waste, Subject.TREE: _park,
        Subject.CROSSING: _crossing, Subject.COURT: _court, Subject.MEETING: _meeting,
    }[subject](rng, draw, done)
    _wires(rng, draw)
    if subject is Subject.LAMP and night and done:
        picture = _glow(picture, (480, 175))
    return _as_taken(rng, picture)


def _shade(colour: Colour, by: float) -> Colour:
    red, green, blue = (max(0, min(255, round(part * by))) for part in colour)
    return red, green, blue


def _sky(rng: Random, night: bool) -> Image.Image:
    top: Colour = (18, 22, 44) if night else rng.choice(((98, 148, 200), (150, 172, 190), (120, 160, 205)))
    low: Colour = (44, 44, 66) if night else rng.choice(((206, 220, 230), (224, 222, 214), (235, 214, 190)))
    column = Image.new("RGB", (1, _GROUND))
    for y in range(_GROUND):
        share = y / _GROUND
        column.putpixel((0, y), tuple(round(a + (b - a) * share) for a, b in zip(top, low, strict=True)))
    picture = Image.new("RGB", SIZE, low)
    picture.paste(column.resize((_WIDE, _GROUND)), (0, 0))
    return picture


def _facades(rng: Random, draw: ImageDraw.ImageDraw, night: bool) -> None:
    paints: tuple[Colour, ...] = (
        (214, 120, 84), (232, 196, 120), (150, 186, 176), (226, 222, 210), (190, 110, 120), (150, 150, 148), (122, 160, 196),
        (206, 170, 150),
    )
    x = rng.randint(-60, 0)
    while x < _WIDE:
        width, roof = rng.randint(130, 230), rng.randint(150, 330)
        wall = _shade(rng.choice(paints), (0.3 if night else 1) * rng.uniform(0.85, 1.05))
        draw.rectangle((x, roof, x + width, _GROUND), wall)
        draw.rectangle((x, roof, x + width, roof + 7), _shade(wall, 0.75))
        draw.rectangle((x, _GROUND - rng.randint(45, 70), x + width, _GROUND), _shade(wall, 0.62))
        if rng.random() < 0.4:  # the rods of a floor to come
            for rod in range(x + 8, x + width, 26):
                draw.line((rod, roof - rng.randint(14, 34), rod, roof), _shade((90, 70, 60), 0.5 if night else 1), 2)
        if rng.random() < 0.5:
            draw.rounded_rectangle((x + width - 62, roof - 38, x + width - 24, roof), 5, _shade((35, 35, 38), 1))
        for storey in range(roof + 30, _GROUND - 110, 92):
            for window in range(x + 20, x + width - 45, 66):
                lit = night and rng.random() < 0.3
                pane = (228, 190, 110) if lit else _shade((84, 104, 118), 0.4 if night else rng.uniform(0.8, 1.2))
                draw.rectangle((window, storey, window + 40, storey + 46), pane, _shade(wall, 0.5), 3)
                draw.line((window + 20, storey, window + 20, storey + 46), _shade(wall, 0.5), 2)
        door = x + rng.randint(14, max(15, width - 74))
        metal = _shade(rng.choice(((70, 74, 82), (98, 60, 44), (48, 82, 66), (120, 120, 122))), 0.5 if night else 1)
        draw.rectangle((door, _GROUND - 104, door + rng.choice((48, 48, 96)), _GROUND), metal, _shade(metal, 0.6), 3)
        x += width


def _ground(rng: Random, draw: ImageDraw.ImageDraw, night: bool) -> None:
    by = 0.38 if night else rng.uniform(0.9, 1.05)
    draw.rectangle((0, _GROUND, _WIDE, _KERB), _shade((176, 170, 160), by))
    for x in range(rng.randint(-40, 0), _WIDE, 74):
        draw.line((x, _GROUND, x - 22, _KERB), _shade((140, 134, 126), by), 2)
    draw.rectangle((0, _KERB, _WIDE, _KERB + 13), _shade(rng.choice(((206, 180, 70), (190, 186, 178))), by))
    draw.rectangle((0, _KERB + 13, _WIDE, _HIGH), _shade((98, 97, 98), by))
    for _ in range(260):
        x, y, far = rng.randint(0, _WIDE), rng.randint(_KERB + 18, _HIGH), rng.randint(1, 4)
        draw.ellipse((x, y, x + 3 * far, y + far), _shade((98, 97, 98), by * rng.uniform(0.82, 1.16)))


def _blot(rng: Random, x: float, y: float, wide: float, high: float) -> list[tuple[float, float]]:
    return [
        (x + wide * math.cos(turn) * far, y + high * math.sin(turn) * far)
        for turn, far in ((math.tau * step / 22, rng.uniform(0.8, 1.1)) for step in range(22))
    ]


def _lamp(rng: Random, draw: ImageDraw.ImageDraw, done: bool) -> None:
    pole = 410 + rng.randint(-8, 8)
    draw.polygon(((pole - 7, _KERB - 6), (pole + 7, _KERB - 6), (pole + 4, 140), (pole - 4, 140)), (88, 92, 96))
    draw.rectangle((pole - 13, _KERB - 24, pole + 13, _KERB - 4), (70, 72, 74))
    draw.line((pole, 148, 470, 158 if done else 176), (88, 92, 96), 7)
    draw.rounded_rectangle((450, 152, 512, 172), 8, (250, 244, 214) if done else (56, 56, 58))
    draw.rectangle((pole - 9, 372, pole + 9, 394), (232, 226, 208))
    draw.text((pole - 7, 377), str(rng.randint(100, 999)), (40, 40, 40))


def _paving(rng: Random, draw: ImageDraw.ImageDraw, done: bool) -> None:
    x, y = rng.randint(330, 600), rng.randint(600, 640)
    if done:
        draw.polygon(((x - 190, y - 44), (x + 180, y - 40), (x + 222, y + 52), (x - 214, y + 56)), (52, 52, 55))
        draw.line((x - 190, y - 44, x + 180, y - 40), (70, 70, 72), 4)
        return
    draw.polygon(_blot(rng, x, y, 170, 52), (70, 64, 58))
    draw.polygon(_blot(rng, x + 8, y + 8, 128, 34), (96, 84, 68))
    draw.polygon(_blot(rng, x + 14, y + 12, 70, 17), (132, 140, 146))
    for _ in range(26):
        stone = x + rng.randint(-190, 190), y + rng.randint(-50, 60)
        draw.ellipse((*stone, stone[0] + rng.randint(5, 16), stone[1] + rng.randint(4, 9)), (126, 122, 116))


def _drain(rng: Random, draw: ImageDraw.ImageDraw, done: bool) -> None:
    x, y = rng.randint(300, 560), 590
    if not done:
        draw.polygon(_blot(rng, x + 90, y + 44, 300, 66), (110, 104, 88))
        draw.polygon(_blot(rng, x + 70, y + 40, 200, 34), (140, 136, 120))
    draw.rectangle((x, y, x + 170, y + 66), (62, 62, 64) if done else (40, 36, 30), (150, 146, 138), 7)
    for bar in range(x + 16, x + 160, 18):
        draw.line((bar, y + 8, bar, y + 58), (24, 24, 24), 8)


def _waste(rng: Random, draw: ImageDraw.ImageDraw, done: bool) -> None:
    if done:
        for x in (330, 480, 630):
            draw.rectangle((x, _GROUND + 6, x + 100, _KERB - 6), (158, 96, 66), (120, 70, 48), 3)
            for _ in range(26):
                leaf = x + rng.randint(2, 86), _GROUND - rng.randint(-4, 34)
                draw.ellipse((*leaf, leaf[0] + 20, leaf[1] + 16), rng.choice(((70, 120, 58), (92, 142, 70), (54, 100, 52))))
        return
    for _ in range(22):
        x, y, far = rng.randint(280, 660), rng.randint(450, 560), rng.randint(30, 62)
        bag = rng.choice(((30, 30, 34), (54, 54, 58), (196, 196, 190), (80, 110, 150), (150, 120, 86)))
        draw.polygon(_blot(rng, x, y, far, far * 0.75), bag)
        draw.line((x - far / 3, y - far / 3, x + far / 4, y - far / 5), _shade(bag, 1.5), 2)


def _park(rng: Random, draw: ImageDraw.ImageDraw, done: bool) -> None:
    draw.rectangle((0, _GROUND, _WIDE, _KERB), (106, 138, 78) if done else (156, 140, 98))
    for x in (rng.randint(120, 240), rng.randint(660, 820)):
        draw.polygon(((x - 12, _KERB - 10), (x + 12, _KERB - 10), (x + 7, 250), (x - 7, 250)), (92, 70, 52))
        for _ in range(70 if done else 26):
            leaf = x + max(-110, min(110, rng.gauss(0, 60))), 230 + max(-95, min(95, rng.gauss(0, 54)))
            draw.ellipse((leaf[0], leaf[1], leaf[0] + 44, leaf[1] + 38), _shade((72, 122, 62), rng.uniform(0.65, 1.25)))
    draw.rectangle((400, 462, 590, 474), (150, 98, 60))
    draw.rectangle((400, 428, 590, 440), (150, 98, 60) if done else (110, 92, 76))
    for leg in (414, 574) if done else (414,):
        draw.line((leg, 428, leg, 508), (60, 62, 64), 7)


def _crossing(rng: Random, draw: ImageDraw.ImageDraw, done: bool) -> None:
    for number, x in enumerate(range(170, 790, 92)):
        if done or rng.random() < 0.4:
            paint = (238, 236, 228) if done else (140, 139, 136)
            draw.polygon(((x, _KERB + 20), (x + 46, _KERB + 20), (x + 60 + number, _HIGH), (x - 10, _HIGH)), paint)
    if done:
        draw.line((840, 260, 840, _KERB - 4), (120, 122, 124), 8)
        spots = [(840 + 44 * math.cos(math.tau * (step + 0.5) / 8), 240 + 44 * math.sin(math.tau * (step + 0.5) / 8)) for step in range(8)]
        draw.polygon(spots, (186, 36, 40), (240, 240, 240))


def _court(rng: Random, draw: ImageDraw.ImageDraw, done: bool) -> None:
    floor = rng.choice(((52, 104, 130), (140, 72, 60), (66, 118, 84))) if done else (132, 126, 118)
    draw.polygon(((-40, _HIGH), (_WIDE + 40, _HIGH), (840, _GROUND + 6), (120, _GROUND + 6)), floor)
    line = (236, 234, 226) if done else (150, 146, 138)
    draw.line((60, _HIGH - 40, 190, _GROUND + 20, 770, _GROUND + 20, 900, _HIGH - 40), line, 7)
    draw.ellipse((340, 560, 620, 680), None, line, 6)
    draw.line((480, 240, 480, _GROUND + 12), (70, 72, 76), 10)
    draw.rectangle((410, 190, 550, 280), (236, 234, 230) if done else (170, 150, 130), (60, 60, 64), 5)
    draw.ellipse((452, 262, 508, 280), None, (206, 92, 40), 5)


def _meeting(rng: Random, draw: ImageDraw.ImageDraw, done: bool) -> None:
    """People from behind, under an awning: nobody's face."""
    draw.polygon(((90, 250), (870, 236), (920, 312), (50, 322)), rng.choice(((196, 62, 84), (70, 120, 170), (222, 196, 84))))
    for pole in (100, 868):
        draw.line((pole, 280, pole, 560), (120, 122, 124), 7)
    rows = ((520, 0.8), (590, 1.0), (670, 1.25)) if done else ((590, 1.0),)
    for y, scale in rows:
        x = rng.uniform(60, 110)
        while x < _WIDE - 60:
            shirt = rng.choice(_SHIRTS)
            wide = 34 * scale
            draw.rounded_rectangle((x - wide, y - 8 * scale, x + wide, y + 110 * scale), 16, shirt)
            draw.ellipse((x - 19 * scale, y - 50 * scale, x + 19 * scale, y - 2 * scale), rng.choice(_HAIR))
            x += rng.uniform(84, 128) * scale


def _wires(rng: Random, draw: ImageDraw.ImageDraw) -> None:
    for _ in range(rng.randint(2, 4)):
        left, right, sag = rng.randint(60, 150), rng.randint(60, 150), rng.randint(14, 40)
        spots = [(x, left + (right - left) * x / _WIDE + sag * math.sin(math.pi * x / _WIDE)) for x in range(0, _WIDE + 1, 40)]
        draw.line(spots, (38, 38, 42), 2)


def _glow(picture: Image.Image, at: tuple[int, int]) -> Image.Image:
    light = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(light)
    draw.polygon(((at[0] - 26, at[1]), (at[0] + 26, at[1]), (820, 700), (140, 700)), (62, 52, 30))
    draw.ellipse((at[0] - 70, at[1] - 44, at[0] + 70, at[1] + 44), (150, 136, 96))
    return ImageChops.add(picture, light.filter(ImageFilter.GaussianBlur(46)))


def _as_taken(rng: Random, picture: Image.Image) -> bytes:
    """A hand that shakes, a cheap lens and its grain."""
    turned = picture.rotate(rng.uniform(-2.2, 2.2), Image.Resampling.BILINEAR)
    tight = turned.crop((34, 34, _WIDE - 34, _HIGH - 34)).resize(SIZE, Image.Resampling.BILINEAR)
    soft = tight.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 1.3)))
    grain = Image.frombytes("L", (_WIDE // 2, _HIGH // 2), rng.randbytes(_WIDE * _HIGH // 4)).resize(SIZE, Image.Resampling.BILINEAR)
    noisy = Image.blend(soft, Image.merge("RGB", (grain,) * 3), 0.055)
    edge = Image.radial_gradient("L").resize(SIZE).point(lambda value: 255 - max(0, value - 130) // 2)
    shaded = ImageChops.multiply(noisy, Image.merge("RGB", (edge,) * 3))
    kept = io.BytesIO()
    shaded.save(kept, "JPEG", quality=66, optimize=True)
    return kept.getvalue()
