"""The people of the story at their browsers: what each presses, fills and reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import APIResponse, Locator, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import Reader

PASSWORD = "siete gatos miran llover"


@dataclass
class Album:
    """Gives every page swept a number, so that the pictures of a story lie in its order."""

    width: int
    pages: int = 0

    def name(self, words: str) -> str:
        self.pages += 1
        return f"{self.width}-{self.pages:02d}-{words}"


class Person:
    """Somebody at a browser, who may rest on a page to look at it well."""

    def __init__(self, reader: Reader, album: Album):
        self.reader, self.album = reader, album

    @property
    def page(self) -> Page:
        return self.reader.page

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def go(self, path: str) -> None:
        self.reader.go(path)

    def follow(self, name: str | re.Pattern) -> None:
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()

    def press(self, name: str | re.Pattern, within: Locator | None = None) -> None:
        exact = isinstance(name, str)
        (within or self.main).get_by_role("button", name=name, exact=exact).first.click()
        self.page.wait_for_load_state()

    def fill(self, label: str, words: str) -> None:
        self.main.get_by_label(label, exact=True).fill(words)

    def choose(self, label: str, option: str | re.Pattern) -> None:
        field = self.main.get_by_label(label, exact=True)
        words = next(one for one in field.locator("option").all_inner_texts() if re.search(option, one))
        field.select_option(label=words)

    def tick(self, label: str) -> None:
        self.main.get_by_label(label, exact=True).check()

    def reads(self, *sentences: str) -> None:
        """Each sentence is on the page, in front of a person's eyes."""
        words = folded(self.main.inner_text())
        missing = [sentence for sentence in sentences if sentence not in words]
        assert not missing, f"{self.page.url} does not say {missing}: {words[:1500]}"

    def rests(self, words: str) -> None:
        self.reader.sweep(self.album.name(words))

    def fetch(self, path: str, media_type: str) -> APIResponse:
        """A file as this browser gets it."""
        answer = self.reader.context.request.get(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        assert answer.headers["content-type"].startswith(media_type), answer.headers["content-type"]
        return answer

    def paper(self, path: str) -> str:
        """The words of a PDF, white space folded."""
        pages = PdfReader(BytesIO(self.fetch(path, "application/pdf").body())).pages
        return folded(" ".join(page.extract_text() for page in pages))


class Neighbour(Person):
    """No account: a public page gives this browser no cookie."""

    def scans(self, unit: str, code: str, folio: str) -> None:
        """Open what the slip's QR says and go on to an agreement, as a thumb would."""
        self.go(f"/t/{unit}#papeleta={code}")
        self.page.locator(f"main a[href*='/a/{folio}']").first.click()
        self.page.wait_for_load_state()

    def types(self, unit: str, code: str, folio: str) -> None:
        """The same on a phone whose camera reads no QR, or without scripts: the code is typed later."""
        self.go(f"/t/{unit}")
        self.page.locator(f"main a[href*='/a/{folio}']").first.click()
        self.page.wait_for_load_state()

    def gives(self, code: str) -> None:
        """The slip's code, which the QR may have brought already."""
        field = self.main.get_by_label("Clave de su papeleta", exact=True)
        if self.reader.scripts:
            expect(field).to_have_value(code)
            assert code not in self.page.url, "the code stays on the address bar"
        else:
            field.fill(code.lower())

    def has_no_cookie(self) -> None:
        assert self.reader.context.cookies() == []


class Staff(Person):
    def __init__(self, reader: Reader, album: Album, email: str):
        super().__init__(reader, album)
        self.email = email

    def signs_in(self) -> None:
        self.go("/signin")
        self.fill("Correo electrónico", self.email)
        self.fill("Contraseña", PASSWORD)
        self.press("Entrar")


class Promoter(Staff):
    """Convenes, holds and closes assemblies."""

    def convenes(self, *, unit: str, search: str, place: str, rest: bool = True) -> str:
        """From *Asambleas* to the published call, for half an hour from now; its folio."""
        looked: Callable[[str], None] = self.rests if rest else lambda _words: None
        self.follow("Asambleas")
        looked("assemblies")
        self.follow("Convocar una asamblea")
        self.main.get_by_label("Busque por clave, nombre o calle").fill(search)
        self.press("Buscar")
        looked("choose-unit")
        self.page.locator(f"main a[href*='unit={unit}']").click()
        self.page.wait_for_load_state()
        self.fill("Lugar", place)
        soon = datetime.now(ZoneInfo("America/Mexico_City")) + timedelta(minutes=30)
        self.fill("Día", soon.date().isoformat())
        self.fill("Hora de la primera llamada", soon.strftime("%H:%M"))
        looked("convene")
        self.press("Revisar antes de publicar")
        self.reads("Revise antes de publicar", place)
        self.rests("check")
        self.press("Publicar convocatoria")
        self.reads("Convocatoria publicada")
        looked("published")
        return self.main.locator(".govuk-panel strong").inner_text().strip()

    def opens(self, folio: str) -> None:
        """Today's assembly, from the day to the phone in the hand."""
        self.go("/work")
        self.page.locator(f"main a[href$='/work/assemblies/{folio}']").first.click()
        self.page.wait_for_load_state()
        self.follow("Abrir la asamblea")

    def counts(self, band: str, **people: int) -> None:
        """Taps: women, men and first-timers among the women of one age band."""
        self.page.get_by_role("link", name=re.compile(f"^{band}")).click()
        self.page.wait_for_load_state()
        cells = {"women": ("women", "people"), "men": ("men", "people"), "first": ("women", "first_timers")}
        for cell, times in people.items():
            gender, what = cells[cell]
            wanted = {"gender": gender, "what": what, "step": "1"}
            form = "form" + "".join(f':has(input[name={name}][value="{value}"])' for name, value in wanted.items())
            for _tap in range(times):
                self.main.locator(f"{form} button").click()
                self.page.wait_for_load_state()
        if self.reader.scripts:
            expect(self.page.locator("[data-saved]")).to_have_text("Guardado")

    def holds(self, folio: str) -> None:
        self.go(f"/work/assemblies/{folio}/hold")

    def opens_item(self, folio: str, number: int) -> None:
        self.holds(folio)
        self.press(f"Abrir el punto {number}")
        self.reads("Abierto")

    def closes_item(self, number: int) -> None:
        self.press(f"Cerrar el punto {number}")

    def issues_slips(self, folio: str, count: int) -> list[str]:
        """Slips printed for those counted; the codes as the sheet shows them."""
        self.holds(folio)
        self.follow("Papeletas")
        self.fill("¿Cuántas papeletas?", str(count))
        self.press("Generar papeletas")
        self.reads(f"Lote de {count} papeletas")
        self.rests("slips")
        sheet = self.page.get_by_role("link", name="Hoja para imprimir (PDF)").get_attribute("href")
        paper = self.paper(sheet)
        self.follow("Ver las claves en pantalla")
        shown = [code.strip() for code in self.main.locator("code.mono").all_inner_texts()]
        assert len(shown) == count
        assert all(code in paper for code in shown)
        return [code.replace(" ", "") for code in shown]

    def ends(self, folio: str) -> None:
        self.holds(folio)
        self.press("Terminar la asamblea")
        self.reads("Revisar el acta")

    def seals(self) -> None:
        self.press("Sellar el acta")
        self.reads("Acta sellada")


class Area(Staff):
    """Owes an agreement and answers for it from its inbox."""

    def takes_up(self, folio: str) -> None:
        self.follow("Acuerdos de mi instancia")
        self.page.locator(f"main a[href$='/inbox/{folio}']").first.click()
        self.page.wait_for_load_state()

    def accepts(self) -> None:
        self.follow("Aceptar el acuerdo")
        self.press("Aceptar el acuerdo")
        self.reads("Aceptado")

    def reports_done(self, words: str, photo: Path) -> None:
        self.follow("Reportar que está hecho")
        self.fill("¿Qué se hizo?", words)
        self.main.get_by_label("Foto o documento PDF", exact=True).set_input_files(photo)
        self.rests("report-form")
        self.press("Reportar que está hecho")
        self.reads("Reportado como hecho")


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def photo_with_place(path: Path, colour: str) -> Path:
    """A small JPEG that says, like those of any phone, where it was taken."""
    image = Image.new("RGB", (640, 480), colour)
    image.paste("white", (40, 300, 600, 330))
    data = Image.Exif()
    data[0x010F] = "Teléfono de prueba"
    gps = data.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (19.0, 21.0, 30.0), "W", (99.0, 5.0, 12.0)
    image.save(path, "JPEG", exif=data)
    assert Image.open(path).getexif().get_ifd(0x8825), "the test's own photo must carry a place"
    return path


def carries_nothing_but_pixels(content: bytes) -> None:
    """The photo as served: no place, no maker."""
    image = Image.open(BytesIO(content))
    assert not image.getexif(), dict(image.getexif())
    assert not image.getexif().get_ifd(0x8825)
    assert b"Exif" not in content and "Teléfono".encode() not in content


def in_ten_days(today: date) -> str:
    return date.fromordinal(today.toordinal() + 10).isoformat()
