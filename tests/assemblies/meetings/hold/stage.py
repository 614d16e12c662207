"""What a promoter's browser does, by the forms of the pages and nothing else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import html5lib
from sqlalchemy import select

from models import Assembly, Body, HeadcountCell, TerritorialUnit, Theme, User
from tests.factories import World
from tests.pages import PageClient


def forms_of(response) -> dict[str, dict[str, str]]:
    """Every form of a page by its address: the fields as a browser without scripts would send them."""
    tree = html5lib.parse(response.get_data(as_text=True), namespaceHTMLElements=False)
    found: dict[str, dict[str, str]] = {}
    for form in tree.iter("form"):
        fields: dict[str, str] = {}
        for field in form.iter():
            name = field.get("name")
            if not name:
                continue
            if field.tag == "input" and (field.get("type") != "radio" or field.get("checked") is not None):
                fields[name] = field.get("value") or ""
            elif field.tag == "textarea":
                fields[name] = "".join(field.itertext()).lstrip("\n")
            elif field.tag == "select":
                chosen = [o for o in field.iter("option") if o.get("selected") is not None] or list(field.iter("option"))[:1]
                fields[name] = chosen[0].get("value") if chosen else ""
        key = form.get("action")
        while key in found:
            key += "+"
        found[key] = fields
    return found


@dataclass
class Stage:
    world: World
    folio: str
    block: TerritorialUnit
    territory: TerritorialUnit
    elsewhere: TerritorialUnit
    promoter: User
    browser: PageClient
    theme: Theme
    sensitive: Theme
    owner: Body
    collective: Body

    def at(self, rest: str = "") -> str:
        return f"/work/assemblies/{self.folio}/hold{rest}"

    def post(self, page: str, action: str, browser: PageClient | None = None, **typed):
        """Open ``page``, fill in the form that posts to ``action`` and send it."""
        browser = browser or self.browser
        opened = browser.get(page)
        assert opened.status_code == 200, opened.status_code
        forms = forms_of(opened)
        assert action in forms, sorted(forms)
        return browser.post(action, data={**forms[action], **typed})

    def token(self) -> str:
        return next(fields["csrf_token"] for fields in forms_of(self.browser.get(self.at())).values() if "csrf_token" in fields)

    def tap(self, gender="women", age_band="30_59", what="people", step="1", key=None, browser=None, **extra):
        """One tap with a key of its own, as hold.js sends it."""
        said = {"gender": gender, "age_band": age_band, "what": what, "step": step}
        data = {**self.tap_fields(), **said, "client_id": key or str(uuid.uuid4()), **extra}
        return (browser or self.browser).post(self.at("/headcount"), data=data)

    def tap_fields(self) -> dict[str, str]:
        """What one more woman of 30 to 59 sends, its key left out."""
        return {"gender": "women", "age_band": "30_59", "what": "people", "step": "1", "csrf_token": self.token()}

    def count(self, people: int) -> None:
        with self.world.writing() as session:
            assembly_id = session.scalars(select(Assembly.id).filter_by(folio=self.folio)).one()
            session.merge(
                HeadcountCell(assembly_id=assembly_id, gender="women", age_band="30_59", people=people, first_timers=0)
            )

    def open(self, people: int = 20) -> None:
        """In session with people counted."""
        self.count(people)
        assert self.post(self.at(), self.at("/open")).status_code == 303

    def open_item(self, position: int) -> str:
        """The item is open; its address."""
        at = self.at(f"/items/{position}")
        assert self.post(at, f"{at}/open").status_code == 303
        return at

    def assembly(self) -> Assembly:
        with self.world.writing() as session:
            return session.scalars(select(Assembly).filter_by(folio=self.folio)).one()
