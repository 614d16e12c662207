"""The main job from end to end in a real browser: convened, held, owed, disputed, mended, verified, and all of it checkable."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LAPTOP, PHONE, Reader, Site, pictures, validate_html
from tests.browser.ground import Ground, borough, neighbourhood
from tests.browser.people import (
    Album,
    Area,
    Neighbour,
    Promoter,
    carries_nothing_but_pixels,
    in_ten_days,
    photo_with_place,
)
from tests.territories.imports.files import real_data

expect.set_options(timeout=30_000)
AGREED = "Reparar las tres luminarias de la esquina de Nogal y Fresno"
OBJECTED = "Dos de las tres siguen apagadas por la noche"
HEAD = re.compile(r"\d+:[0-9a-f]{64}")


@dataclass
class Story:
    """One telling of it: at one width, with scripts or without."""

    site: Site
    open_browser: Callable[..., Reader]
    ground: Ground
    folder: Path
    width: dict[str, int]
    scripts: bool
    album: Album = field(init=False)
    agreement: str = ""

    def __post_init__(self):
        self.album = Album(self.width["width"])
        self.promoter = Promoter(self._browser(), self.album, self.ground.promoter)
        self.area = Area(self._browser(), self.album, self.ground.area)
        self.anybody = Neighbour(self._browser(), self.album)

    def _browser(self) -> Reader:
        return self.open_browser(self.width, scripts=self.scripts)

    def neighbour(self) -> Neighbour:
        """Another phone, that has never been here."""
        return Neighbour(self._browser(), self.album)

    def everybody_sees(self, state: str, *sentences: str, picture: str) -> None:
        """The agreement's page, to somebody without an account: its state first, then the rest."""
        self.anybody.go(f"/a/{self.agreement}")
        self.anybody.reads(self.agreement, AGREED)
        shown = self.anybody.main.locator(".answer .statuses").inner_text()
        assert state in shown, f"{shown!r} is not {state!r}"
        self.anybody.reads("Dirección de Obras y Servicios", *sentences)
        self.anybody.rests(picture)

    def convene(self) -> str:
        self.promoter.signs_in()
        self.promoter.rests("account")
        folio = self.promoter.convenes(
            unit=self.ground.block, search=self.ground.search, place="Jardín de Nogal y Fresno"
        )
        notice = self.promoter.paper(f"/assemblies/{folio}/notice.pdf")
        assert folio in notice
        assert "Jardín de Nogal y Fresno" in notice
        return folio

    def anybody_learns_of_it(self, folio: str) -> None:
        self.anybody.go("/")
        self.anybody.rests("home")
        self.anybody.go(f"/assemblies/{folio}")
        self.anybody.reads("Jardín de Nogal y Fresno", "Problemas de la cuadra", "Acuerdos y quién se encarga")
        self.anybody.rests("assembly-convened")
        self.anybody.go(f"/t/{self.ground.block}")
        self.anybody.reads("Próxima asamblea", "Jardín de Nogal y Fresno", "Aún no")
        self.anybody.rests("unit-before")

    def hold_the_first(self, folio: str) -> list[str]:
        """Twelve people, a problem, a decision, an agreement; the codes of twelve slips."""
        promoter = self.promoter
        promoter.opens(folio)
        promoter.rests("hold-convened")
        promoter.follow("Contar personas")
        promoter.counts("30 a 59", women=5, men=3, first=2)
        promoter.counts("60 o más", women=4)
        promoter.rests("headcount")
        promoter.follow("Volver a la asamblea")
        promoter.reads("12 personas", "2 por primera vez")
        promoter.press("Abrir la asamblea")
        promoter.reads("En sesión")
        promoter.opens_item(folio, 1)
        promoter.fill("Notas para el acta", "Se leyó el motivo de la asamblea.")
        promoter.press("Guardar las notas")
        promoter.closes_item(1)
        promoter.opens_item(folio, 2)
        promoter.fill("¿Qué problema hay?", "La esquina está a oscuras desde hace dos meses.")
        promoter.choose("Tema", "Tema")
        promoter.press("Anotar el problema")
        promoter.reads("La esquina está a oscuras")
        promoter.rests("item-problems")
        promoter.closes_item(2)
        promoter.opens_item(folio, 3)
        promoter.fill("¿Qué se decidió?", "Pedir que se reparen las luminarias de la esquina.")
        promoter.tick("Se aprobó")
        promoter.press("Anotar la decisión")
        promoter.reads("Se aprobó", "Anotar un acuerdo")
        self._agree()
        promoter.rests("item-agreement")
        promoter.closes_item(3)
        promoter.rests("hold-in-session")
        return promoter.issues_slips(folio, 12)

    def _agree(self) -> None:
        promoter = self.promoter
        promoter.fill("¿Qué se va a hacer?", AGREED)
        promoter.choose("¿Quién lo debe?", "Obras")
        promoter.choose("¿Quién le da seguimiento por los vecinos?", "Colectivo")
        promoter.fill("¿Para cuándo?", in_ten_days(date.today()))
        promoter.main.locator("#agreements").get_by_label("Tema", exact=True).select_option(index=1)
        promoter.press("Anotar el acuerdo")
        promoter.reads(AGREED)
        self.agreement = promoter.main.locator("#agreements .card .small").first.inner_text().strip()

    def close(self, folio: str) -> str:
        """Ended, reviewed, sealed, on paper; the head printed on it."""
        self.promoter.ends(folio)
        self.promoter.rests("minutes-review")
        self.promoter.seals()
        self.promoter.rests("minutes-sealed")
        self.anybody.go(f"/assemblies/{folio}/minutes")
        self.anybody.rests("minutes")
        head = HEAD.search(self.anybody.main.inner_text()).group()
        paper = re.sub(r"\s", "", self.anybody.paper(f"/assemblies/{folio}/minutes.pdf"))
        assert head in paper
        self.anybody.go(f"/assemblies/{folio}")
        self.anybody.reads("Realizada, con acta", "12 personas")
        self.anybody.rests("assembly-closed")
        return head

    def the_area_answers(self) -> None:
        self.everybody_sees("Propuesto", "Colectivo de", picture="agreement-proposed")
        self.area.signs_in()
        self.area.takes_up(self.agreement)
        self.area.rests("inbox-one")
        self.area.accepts()
        self.everybody_sees("Aceptado", picture="agreement-accepted")
        self.area.follow("Acuerdos de mi instancia")
        self.area.reads(AGREED)
        self.area.rests("inbox")
        self.area.takes_up(self.agreement)
        self.area.reports_done("Se cambiaron las tres luminarias.", photo_with_place(self.folder / "done.jpg", "orange"))
        self.everybody_sees(
            "Reportado como hecho", "0 de 3 dicen que sí", "Se cambiaron las tres luminarias.", picture="agreement-reported"
        )
        shown = self.anybody.main.locator(".photos li").first
        for address in (shown.locator("img").get_attribute("src"), shown.locator("a").get_attribute("href")):
            carries_nothing_but_pixels(self.anybody.fetch(address, "image/jpeg").body())

    def neighbours_speak(self, slips: list[str]) -> None:
        """Two say yes, a third says no."""
        for said, code in enumerate(slips[:2], 1):
            phone = self.neighbour()
            phone.scans(self.ground.block, code, self.agreement) if self.scripts else phone.go(f"/a/{self.agreement}")
            phone.follow("Sí, está hecho")
            phone.gives(code)
            phone.rests("confirm") if said == 1 else None
            phone.press("Confirmar que está hecho")
            phone.reads("Gracias: contamos su voz", f"{said} de 3 dicen que sí")
            phone.rests("confirmed") if said == 1 else None
            phone.has_no_cookie()
            self.anybody.go(f"/a/{self.agreement}")
            self.anybody.reads(f"{said} de 3 dicen que sí")
        phone = self.neighbour()
        phone.scans(self.ground.block, slips[2], self.agreement) if self.scripts else phone.go(f"/a/{self.agreement}")
        phone.follow("No está hecho")
        phone.gives(slips[2])
        phone.fill("¿Qué falta o qué quedó mal?", OBJECTED)
        phone.main.get_by_label("Foto (si la tiene)", exact=True).set_input_files(photo_with_place(self.folder / "dark.jpg", "black"))
        phone.rests("dispute")
        phone.press("Enviar mi objeción")
        phone.reads("El acuerdo regresó a «En proceso»")
        phone.rests("disputed")
        phone.has_no_cookie()
        self.everybody_sees(
            "En proceso", "Se reportó como hecho y no lo estaba.", "1 dice que no", "El texto está en revisión", "Foto en revisión",
            picture="agreement-disputed",
        )
        assert OBJECTED not in self.anybody.main.inner_text()

    def the_area_mends(self) -> None:
        self.area.follow("Acuerdos de mi instancia")
        self.area.takes_up(self.agreement)
        self.area.reports_done("Se repararon las dos que faltaban.", photo_with_place(self.folder / "mended.jpg", "yellow"))
        self.everybody_sees("Reportado como hecho", "0 de 3 dicen que sí", picture="agreement-mended")

    def the_next_assembly_verifies(self) -> str:
        """Its first item is the agreement, by itself; two neighbours present sign."""
        promoter = self.promoter
        promoter.go("/work/assemblies")
        folio = promoter.convenes(
            unit=self.ground.block, search=self.ground.search, place="Escuela Benito Juárez", rest=False
        )
        self.anybody.go(f"/assemblies/{folio}")
        first = self.anybody.main.locator("ol.govuk-list--number li").first.inner_text()
        assert "Seguimiento de acuerdos" in first
        promoter.opens(folio)
        promoter.follow("Contar personas")
        promoter.counts("18 a 29", women=3, men=2)
        promoter.follow("Volver a la asamblea")
        promoter.press("Abrir la asamblea")
        slips = promoter.issues_slips(folio, 5)
        promoter.opens_item(folio, 1)
        promoter.reads(AGREED)
        promoter.rests("item-follow-up")
        promoter.press("La asamblea lo da por cumplido")
        promoter.reads("0 de 2 firmas de vecinos")
        self.everybody_sees("Reportado como hecho", "La asamblea decidió que está hecho", picture="agreement-decided")
        for signed, code in enumerate(slips[:2], 1):
            promoter.fill("Código de la papeleta", code)
            promoter.press("Firmar")
            promoter.reads(f"{signed} de 2 firmas de vecinos")
        promoter.rests("item-verified")
        self.everybody_sees(
            "Verificado por vecinos", "La asamblea dice que sí: 2 de 2 firmas", "Quedó verificado", picture="agreement-verified"
        )
        promoter.closes_item(1)
        promoter.ends(folio)
        promoter.seals()
        return folio

    def anybody_looks_back(self) -> None:
        for name, path in {
            "unit-after": f"/t/{self.ground.block}", "territory": f"/t/{self.ground.territory}",
            "territory-agreements": f"/t/{self.ground.territory}/agreements", "search": f"/search?q={self.agreement.lower()}",
            "ledger": "/ledger", "open-data": "/open-data/",
        }.items():
            self.anybody.go(path)
            self.anybody.rests(name)
        self.anybody.go(f"/t/{self.ground.block}")
        self.anybody.reads("Ya se reunió", AGREED, "Verificado por vecinos")
        self.anybody.has_no_cookie()

    def anybody_checks_the_record(self, head: str) -> None:
        """The chain and its verifier as downloaded; then with the head from paper; then with one byte changed."""
        chain, verifier = self.folder / "chain.jsonl", self.folder / "verify.py"
        chain.write_bytes(self.anybody.fetch("/ledger/chain.jsonl", "application/jsonl").body())
        verifier.write_bytes(self.anybody.fetch("/ledger/verify.py", "text/x-python").body())

        def verify(*more: str) -> subprocess.CompletedProcess:
            return subprocess.run([sys.executable, "-I", verifier, chain, *more], capture_output=True, text=True, timeout=60)

        plain, on_paper = verify(), verify("--head", head)
        assert plain.returncode == 0, plain.stdout
        assert re.match(r"ok \d+ events head \d+:[0-9a-f]{64}", plain.stdout)
        assert on_paper.returncode == 0, on_paper.stdout
        content = bytearray(chain.read_bytes())
        place = content.index(self.agreement.encode()) + len(self.agreement) - 1
        content[place] = ord("9") if content[place] != ord("9") else ord("8")
        chain.write_bytes(bytes(content))
        broken = verify()
        assert broken.returncode == 1
        assert broken.stdout.startswith("broken at ")

    def tell(self) -> None:
        first = self.convene()
        self.anybody_learns_of_it(first)
        slips = self.hold_the_first(first)
        self.anybody.go(f"/assemblies/{first}")
        self.anybody.reads("En sesión")
        head = self.close(first)
        self.the_area_answers()
        self.neighbours_speak(slips)
        self.the_area_mends()
        self.the_next_assembly_verifies()
        self.anybody_looks_back()
        self.anybody_checks_the_record(head)


@pytest.mark.parametrize(("width", "scripts"), [(PHONE, True), (LAPTOP, False)], ids=["360-scripts", "1280-plain"])
def test_from_the_call_to_the_verification(site, reader, tmp_path, width, scripts):
    Story(site, reader, neighbourhood(site.world), tmp_path, width, scripts).tell()
    validate_html(pictures(tmp_path))


@pytest.mark.real_data
@pytest.mark.skipif(real_data() is None, reason="the real files are not beside the checkout")
def test_the_same_on_the_real_borough(site, reader, tmp_path, engine_name, record_property):
    if engine_name != "spatialite":
        pytest.skip("told once, on the small machine's database")
    began = time.monotonic()
    ground = borough(site.world, site.config, real_data() / "gis")
    record_property("import seconds", round(time.monotonic() - began, 1))
    story = Story(site, reader, ground, tmp_path, PHONE, True)
    story.tell()
    validate_html(pictures(tmp_path))
    slow = {}
    for path in ("/", "/t/09007", "/t/09007/map", f"/t/{ground.territory}", f"/t/{ground.block}", f"/a/{story.agreement}", "/search?q=san"):
        began = time.monotonic()
        story.anybody.fetch(path, "text/html")
        slow[path] = round(time.monotonic() - began, 2)
    record_property("page seconds", slow)
    assert max(slow.values()) < 5, slow
