"""Pictures of the demo's most telling pages at the two widths they are designed for:
``screenshots.py BASE_URL ACCOUNTS FOLDER``.

``ACCOUNTS`` is the sheet that the demo writes: its three links and one account of each role. Exit 1 when the server
does not answer, or names the pages that did not open.
"""

import io
import re
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTHS = {"phone": (360, 780), "desk": (1280, 900)}
PATIENCE = 180  # seconds; the first run of the demo builds its borough first
COLOURS = 160  # a page is flat but for its photos: a palette takes a third of the bytes

# By who opens them: the words of a role on the sheet, or nobody in particular. Links of the sheet stand for themselves.
NOBODY = ""
PAGES = {
    NOBODY: {
        "home": "/", "unit": "{unit}", "map": "{unit}/map", "agreement": "{agreement}", "assembly": "{assembly}",
        "search": "/search?q=agua", "figures": "/figures", "open-data": "/open-data/",
    },
    "Promotor comunitario": {"promoter": "/work"},
    "Responsable del territorio": {"lead": "/work"},
    "Área de gobierno": {"inbox": "/inbox"},
    "Dirección de planeación": {"territories": "/work/territories", "import": "/staff/import"},
    "Administración": {"admin": "/admin"},
}


@dataclass(frozen=True)
class Sheet:
    """``accounts``: role in words to e-mail and password; ``links``: unit, agreement and assembly to their paths."""

    accounts: dict[str, tuple[str, str]]
    links: dict[str, str]


def read_sheet(path: Path) -> Sheet:
    text = path.read_text(encoding="utf-8")
    rows = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if "@" in line]
    prefixes = {"unit": "/t/", "agreement": "/a/", "assembly": "/assemblies/"}
    found = {kind: re.search(rf"(?:\{{base\}}|//[^/\s]+)({prefix}[^\s/]+)$", text, re.MULTILINE) for kind, prefix in prefixes.items()}
    return Sheet({row[0]: (row[2], row[3]) for row in rows}, {kind: match[1] for kind, match in found.items() if match})


def wait_for(base: str) -> None:
    """Return once the server answers; ``SystemExit`` after ``PATIENCE`` seconds."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=2).close()  # noqa: S310 - our own address
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"{base} did not answer within {PATIENCE} s")


def sign_in(page: Page, base: str, email: str, password: str) -> None:
    page.goto(f"{base}/signin")
    page.get_by_label("Correo electrónico").fill(email)
    page.get_by_label("Contraseña").fill(password)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(f"{base}/**")


def keep(page: Page, path: Path) -> None:
    drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main(base: str, sheet: Sheet, folder: Path) -> int:
    wait_for(base)
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for who, pages in PAGES.items():
            context = browser.new_context(locale="es-MX", timezone_id="America/Mexico_City", reduced_motion="reduce")
            page = context.new_page()
            if who != NOBODY:
                sign_in(page, base, *sheet.accounts[who])
            for name, path in pages.items():
                answer = page.goto(base + path.format(**sheet.links))
                if answer is None or answer.status != 200 or page.url.startswith(f"{base}/signin"):
                    missing.append(name)
                    continue
                for width, (across, down) in WIDTHS.items():
                    page.set_viewport_size({"width": across, "height": down})
                    keep(page, folder / f"{name}-{width}.png")
            context.close()
        browser.close()
    if missing:
        print(f"did not open: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1].rstrip("/"), read_sheet(Path(sys.argv[2])), Path(sys.argv[3])))
