"""Filling in the convocation the way a person does: from the page as it was shown."""

import html5lib

from tests.pages import PageClient


def as_shown(page) -> dict[str, list[str]]:
    """Every field of the page's POST form with the value it shows, as a browser would send it."""
    tree = html5lib.parse(page.get_data(as_text=True), namespaceHTMLElements=False)
    form = next(one for one in tree.find(".//main").iter("form") if one.get("method") == "post")
    sent: dict[str, list[str]] = {}
    for field in form.iter():
        name = field.get("name") if isinstance(field.tag, str) else None
        if not name or field.tag == "button":
            continue
        if field.tag == "select":
            chosen = [o for o in field.iter("option") if o.get("selected") is not None] or list(field.iter("option"))[:1]
            sent.setdefault(name, []).extend(o.get("value") for o in chosen)
        elif field.tag == "textarea":
            sent.setdefault(name, []).append(field.text or "")
        elif field.get("type") not in ("checkbox", "radio") or field.get("checked") is not None:
            sent.setdefault(name, []).append(field.get("value") or "")
    return sent


def convene(client: PageClient, unit, *, do: str = "check", **changes):
    """Open the form of ``unit``, change some fields, press a button."""
    address = f"/work/assemblies/new?unit={unit.code}"
    sent = as_shown(client.get(address)) | {"place": ["Jardín Nogal"], "do": [do]}
    return client.post(address, data=sent | {name: value if isinstance(value, list) else [value] for name, value in changes.items()})


def press(client: PageClient, address: str, *, to: str | None = None, **changes):
    """Send the form of a page, some fields changed."""
    sent = as_shown(client.get(address))
    return client.post(to or address, data=sent | {name: [value] for name, value in changes.items()})
