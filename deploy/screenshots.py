"""Pictures of public pages at the two widths they are designed for: ``screenshots.py BASE_URL FOLDER``.

Starts at the home page and follows the first link to a unit, an agreement and an assembly, so that it needs to know
nothing about the demo's data. Exit 1 when the server does not answer or a kind of page cannot be reached.
"""

import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTHS = {"phone": (360, 780), "desk": (1280, 900)}
PATIENCE = 180  # seconds; the first run of the demo builds its borough first


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


def first_link(page: Page, prefix: str) -> str | None:
    """The address of the first link of the page that starts with ``prefix`` and names one thing, or None."""
    hrefs = page.locator(f'main a[href^="{prefix}"]').evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return next((href for href in hrefs if href.count("/") == prefix.count("/") and "." not in href), None)


def main(base: str, folder: Path) -> int:
    wait_for(base)
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (width, height) in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": height}, locale="es-MX")
            page.goto(base)
            page.screenshot(path=folder / f"home-{name}.png")
            targets = {"unit": "/t/", "agreement": "/a/", "assembly": "/assemblies/"}
            visited = {kind: first_link(page, prefix) for kind, prefix in targets.items()}
            if visited["unit"]:
                # What home does not link to, the page of a unit does.
                page.goto(base + visited["unit"])
                visited = {kind: visited[kind] or first_link(page, prefix) for kind, prefix in targets.items()}
            for kind, path in visited.items():
                if path is None:
                    missing.append(kind)
                    continue
                page.goto(base + path)
                page.screenshot(path=folder / f"{kind}-{name}.png")
            page.close()
        browser.close()
    if missing:
        print(f"no link found to: {', '.join(sorted(set(missing)))}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1].rstrip("/"), Path(sys.argv[2])))
