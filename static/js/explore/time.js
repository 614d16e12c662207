// A slider over the months there have been: the map follows while it moves, the page when it rests.
const REST = 120;

export class Months {
  constructor(explorer) {
    this.explorer = explorer;
    this.frame = explorer.root.querySelector("[data-time]");
    this.slider = this.frame.querySelector("input");
    this.told = this.frame.querySelector("output");
    this.words = new Intl.DateTimeFormat(document.documentElement.lang === "es" ? "es-MX" : document.documentElement.lang, {
      month: "long", year: "numeric", timeZone: "UTC",
    });
    this.slider.addEventListener("input", () => {
      this.tell();
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.explorer.go(this.address()), REST);
    });
  }

  // ``since`` and ``today`` are days, ISO 8601; of a layer without time the slider goes.
  offer({ since, today, on }) {
    this.frame.hidden = !since;
    if (!since) return;
    this.days = monthEnds(since, today);
    this.slider.max = this.days.length - 1;
    const at = this.days.findIndex((day) => day >= (on || today));
    this.slider.value = at < 0 ? this.days.length - 1 : at;
    this.tell(on);
  }

  tell(on) {
    const place = Number(this.slider.value);
    const now = place === this.days.length - 1;
    const text = now ? this.explorer.settings.words.today : this.words.format(new Date(on || this.days[place]));
    this.told.textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
  }

  address() {
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.delete("cursor");
    const place = Number(this.slider.value);
    if (place === this.days.length - 1) address.searchParams.delete("on");
    else address.searchParams.set("on", this.days[place]);
    return address;
  }
}

// The last day of each month from that of ``since``; the last one is ``today``.
export function monthEnds(since, today) {
  const days = [];
  let [year, month] = since.split("-").map(Number);
  for (;;) {
    const day = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
    if (day >= today) return [...days, today];
    days.push(day);
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
}
