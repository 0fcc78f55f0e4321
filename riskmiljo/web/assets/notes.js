// What a crew notes at its stops: kept on the phone, and sent in order once there is a network.
// Taking a visit back is one more note behind it: whatever became of the first, the second holds.

const RETRY_MS = 30000;
const SOON_MS = 10000;
const KINDS = ["start", "here", "answer", "undo"];
// What is kept of the page for hours without a network is from before the notes that were sent.
const SENT = "notes-sent";
// Of the plan that has no number yet: it was started without a network.
const NAMELESS = "/pass/0/";
const START = ["lag", "teams", "own", "shift"];
const FIELDS = ["stop_id", "team", "reason", "plan", "when"];

class LoginNeeded extends Error {}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
}

function post(item, token) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (token) headers["X-CSRFToken"] = token;
  // A plan is of its shift, whenever it was started.
  const body = item.kind === "start" ? { ...item.body, when: undefined } : item.body;
  return fetch(item.to, { method: "POST", headers, body: JSON.stringify(body) });
}

function tokenOf(read) {
  return read.querySelector('meta[name="csrf-token"]')?.content || null;
}

// What this page was given may be older than the login.
async function freshToken() {
  const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
  if (answer.redirected || !answer.ok) return null;
  return tokenOf(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

function hidden(name, value) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  return input;
}

export class Notes {
  // name: of what is kept; row: from a stop's number to its element; here and undone: what the page
  // does when a visit to a stop is noted or taken back, just now or (without a second argument)
  // before the page was opened anew; starting and started: what it does when its plan is started,
  // and when that has been taken in.
  constructor(page, name, { row, here, undone, starting, started }) {
    Object.assign(this, { page, name, row, here, undone, starting, started });
    this.words = page.dataset;
    this.told = page.querySelector(".told");
    this.sending = false;
    this.last = { key: null, at: 0 };
    window.addEventListener("online", () => this.send());
    setInterval(() => this.queued().length && this.send(), RETRY_MS);
    // Started without a network, and opened anew.
    if (this.waiting().some(({ kind }) => kind === "start")) this.starting(true);
    // What waits is not yet in the page, which may also be the one kept from before.
    for (const { kind, number } of this.waiting()) {
      if (kind === "here") this.here(Number(number));
      else if (kind === "undo") this.undone(Number(number));
    }
    this.send();
  }

  // What waits of this page's plan and team.
  waiting() {
    return this.queued().filter(({ whose }) => whose === this.words.whose);
  }

  queued() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name));
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  keep(items) {
    localStorage.setItem(this.name, JSON.stringify(items));
  }

  clock(when) {
    const zone = { timeZone: this.words.tz };
    const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone };
    return new Intl.DateTimeFormat("sv-SE", options).format(new Date(when));
  }

  // What is said of a note that waits, or that was taken in.
  said(item, waiting) {
    const { words } = this;
    const [sent, waits] = {
      start: [words.started, words.startWaits],
      here: [words.been, words.waiting],
      answer: [words.thanks, words.answerWaits],
      undo: [words.undone, words.undoWaits],
    }[item.kind];
    return fill(waiting ? waits : sent, { t: this.clock(item.body.when), why: item.why });
  }

  tell(item, text, taken = true) {
    if (item.whose !== this.words.whose) return;
    const noted = this.row(Number(item.number))?.querySelector(".noted");
    if (noted) {
      const line = document.createElement("div");
      const of = item.kind === "answer" ? "answer" : "visit";
      line.dataset.of = of;
      line.append(document.createElement("span"));
      line.firstChild.textContent = text;
      if (item.kind === "here" && taken) line.append(this.undoForm(item));
      // What was said of the visit stays beside an answer to the stop, and the other way round.
      const others = [...noted.children].filter((one) => (one.dataset.of ?? "visit") !== of);
      noted.replaceChildren(...others, line);
    }
    this.told.textContent = text;
    // At hand without looking for the stop: a slip of the finger is noticed at once.
    const undo = item.kind === "here" && taken ? [this.undoForm(item)] : [];
    this.page.querySelector(".told-undo").replaceChildren(...undo);
  }

  undoForm(item) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = `${item.to}/bort`;
    form.className = "undo";
    form.dataset.kind = "undo";
    form.dataset.number = item.number;
    for (const name of ["stop_id", "team", "when"]) form.append(hidden(name, item.body[name]));
    const button = document.createElement("button");
    button.textContent = this.words.undo;
    button.setAttribute("aria-label", fill(this.words.undoNamed, { t: this.clock(item.body.when) }));
    form.append(button);
    return form;
  }

  // Takes over a form of the page; false where it is none of these notes'.
  take(form, submitter) {
    const { kind } = form.dataset;
    if (!KINDS.includes(kind)) return false;
    const fields = new FormData(form, submitter);
    const number = form.dataset.number ?? form.closest("[data-number]")?.dataset.number;
    const at = Date.now();
    const key = [kind, number, fields.get("reason")].join();
    // A second press at once is a slip of the finger.
    if (this.last.key === key && at - this.last.at < SOON_MS) return true;
    this.last = { key, at };
    const body = { when: new Date(Math.floor(at / 1000) * 1000).toISOString() };
    for (const name of FIELDS) {
      if (fields.get(name)) body[name] = fields.get(name);
    }
    const to = new URL(form.action).pathname;
    if (kind === "start") for (const name of START) body[name] = fields.getAll(name);
    const why = submitter?.textContent ?? "";
    const item = { kind, to, whose: this.words.whose, number, why, body };
    this.keep([...this.queued(), item]);
    this.tell(item, this.said(item, true));
    if (kind === "start") this.starting(true);
    else if (kind === "here") this.here(Number(number), form);
    else if (kind === "undo") this.undone(Number(number), form);
    else form.closest("details").open = false;
    this.send();
    return true;
  }

  // Where the page is open twice, one sends at a time.
  send() {
    const all = () => this.#sendAll();
    return navigator.locks ? navigator.locks.request(this.name, all) : all();
  }

  async #sendAll() {
    if (this.sending) return;
    this.sending = true;
    let sent = false;
    try {
      for (let [item] = this.queued(); item; [item] = this.queued()) {
        const [text, taken] = await this.#send(item);
        sent = true;
        this.keep(this.queued().slice(1));
        // A note behind it says more of the same stop.
        const later = this.queued().some((one) => one.number === item.number);
        if (!later) this.tell(item, text, taken);
        if (item.kind === "start" && !taken) this.#refuse(item);
      }
    } catch (error) {
      for (const item of this.queued()) this.tell(item, this.said(item, true));
      if (error instanceof LoginNeeded) this.told.textContent = this.words.logIn;
    } finally {
      this.sending = false;
    }
    if (this.begun) this.started(this.begun);
    else if (sent) this.page.dispatchEvent(new Event(SENT));
  }

  // What is not started has no visits either.
  #refuse({ whose }) {
    this.keep(this.queued().filter((item) => item.whose !== whose));
    this.starting(false);
  }

  // The plan has its number now: what was noted meanwhile is of it.
  #name({ whose }, { plan, lag }) {
    if (!this.words.plan) this.begun = { plan, lag };
    const of = (item) => ({
      ...item,
      whose: `${plan}/${lag}`,
      to: item.to.replace(NAMELESS, `/pass/${plan}/`),
      body: item.body.plan === "0" ? { ...item.body, plan: String(plan) } : item.body,
    });
    this.keep(this.queued().map((item) => (item.kind !== "start" && item.whose === whose ? of(item) : item)));
  }

  async #send(item) {
    let answer = await post(item, tokenOf(document));
    if (answer.status === 401 || answer.status === 403 || answer.redirected) {
      const token = await freshToken();
      if (!token) throw new LoginNeeded();
      answer = await post(item, token);
      if ([401, 403].includes(answer.status) || answer.redirected) throw new LoginNeeded();
    }
    if (answer.ok) {
      if (item.kind === "start") this.#name(item, await answer.json());
      return [this.said(item, false), true];
    }
    // A fault of the server's may pass; what it refuses will be refused again.
    if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    const { error } = await answer.json();
    const why = error.message[document.documentElement.lang];
    return [fill(this.words.refused, { why }), false];
  }
}

// --- the page without a network

// Only what was opened last stays on the phone, with what its page needs.
async function store(page, { cache: name, scope, stays }) {
  await navigator.serviceWorker.register("/sw.js", { scope });
  const cache = await caches.open(name);
  const map = page.querySelector("[data-layers]").dataset.layers;
  const needed = [location.pathname + location.search, map, ...page.dataset.keep.split(" ")];
  await cache.addAll(needed);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (!needed.includes(pathname + search) && !stays?.(pathname)) await cache.delete(request);
  }
}

async function refresh({ cache: name }) {
  try {
    await (await caches.open(name)).add(location.pathname + location.search);
  } catch {
    // The network is gone again: what is kept is as good as it was.
  }
}

export async function keepPage(page, options) {
  const offline = page.querySelector(".offline");
  const { ready, notReady } = page.dataset;
  let kept = true;
  try {
    await store(page, options);
  } catch {
    // Without a network the page was itself taken from what is kept.
    kept = "caches" in window && (await caches.match(location.href, { ignoreSearch: true }));
  }
  offline.textContent = kept ? ready : notReady;
  page.dataset.offline = kept ? "ready" : "no";
  if (kept) page.addEventListener(SENT, () => refresh(options));
}
