/** The paths of pages: every page can be linked, reloaded, and found in the history. */

export interface Route {
  page: string;
  params: Record<string, string>;
  /**
   * A new object for every navigation, so that the page is made anew. If a page for one user got the name of another, it would write
   * the first user's data into the second.
   */
  visit: number;
}

const ROUTES: [pattern: RegExp, page: string, names: string[]][] = [
  [/^\/$/, "lists", []],
  [/^\/lists\/([^/]+)\/users$/, "users", ["list"]],
  [/^\/lists\/([^/]+)\/users\/new$/, "user", ["list"]],
  [/^\/lists\/([^/]+)\/import$/, "import", ["list"]],
  [/^\/lists\/([^/]+)\/programs$/, "programs", ["list"]],
  [/^\/lists\/([^/]+)\/self-configuration$/, "self-configuration", ["list"]],
  [/^\/lists\/([^/]+)\/troubleshooting$/, "troubleshooting", ["list"]],
  [/^\/lists\/([^/]+)\/authorization$/, "authorization", ["list"]],
  [/^\/lists\/([^/]+)\/alerts$/, "alerts", ["list"]],
  [/^\/lists\/([^/]+)\/messages$/, "messages", ["list"]],
  [/^\/lists\/([^/]+)\/statistics$/, "statistics", ["list"]],
  [/^\/lists\/([^/]+)\/users\/([^/]+)$/, "user", ["list", "user"]],
];

function routeOf(path: string, visit: number): Route {
  for (const [pattern, page, names] of ROUTES) {
    const found = pattern.exec(path);
    if (found === null) continue;
    try {
      return { page, params: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? "")])), visit };
    } catch {
      // A `%` without a valid escape: there is no such page.
      break;
    }
  }
  return { page: "not-found", params: {}, visit };
}

/** Called before a page is left; `false` keeps it. */
export type Guard = () => boolean | Promise<boolean>;

const here = (): string => location.pathname + location.search;
/** The position of a history entry among those of this document; `undefined` if the panel did not make it. */
const placeOf = (state: unknown): number | undefined => {
  const place = (state as { place?: unknown } | null)?.place;
  return typeof place === "number" ? place : undefined;
};

class Router extends EventTarget {
  route = routeOf(location.pathname, 0);
  #guard: { of: Node; ask: Guard } | undefined;
  #path = here();
  #place = placeOf(history.state) ?? 0;
  /** The entry to go to after the question. */
  #wanted: number | undefined;

  start(): void {
    history.replaceState({ place: this.#place }, "");
    addEventListener("popstate", ({ state }) => this.#moved(state));
    document.addEventListener("click", (event) => this.#clicked(event));
    addEventListener("beforeunload", (event) => {
      if (this.#guarded) event.preventDefault();
    });
  }

  #clicked(event: MouseEvent): void {
    const link = event.composedPath().find((node): node is HTMLAnchorElement => node instanceof HTMLAnchorElement);
    if (link === undefined || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (link.origin !== location.origin || link.hasAttribute("download") || link.target !== "") return;
    event.preventDefault();
    const path = link.pathname + link.search;
    // A fragment of the page that is shown: no page is left, and the history gets no entry.
    if (link.hash !== "" && path === here()) document.getElementById(link.hash.slice(1))?.focus();
    else void this.go(path);
  }

  /** Calls `ask` before `page` is left, until the page removes it or is gone. A page that is gone already is ignored. */
  guard(page: Node, ask?: Guard): void {
    if (ask !== undefined) this.#guard = page.isConnected ? { of: page, ask } : this.#guard;
    else if (this.#guard?.of === page) this.#guard = undefined;
  }

  get #guarded(): boolean {
    return this.#guard?.of.isConnected === true;
  }

  async go(path: string): Promise<void> {
    if (!(await this.#mayLeave())) return;
    // As in browsers, the page that is shown gets no second history entry.
    const again = path === here();
    if (!again) this.#place += 1;
    history[again ? "replaceState" : "pushState"]({ place: this.#place }, "", path);
    this.#arrive();
  }

  /** Changes the address of the page that is shown, which stays as it is. */
  rename(path: string): void {
    history.replaceState({ place: this.#place }, "", path);
    this.#path = here();
    this.route = routeOf(location.pathname, this.route.visit);
    this.dispatchEvent(new Event("renamed"));
  }

  /** The browser has gone to another history entry; the page of `#place` is still shown. */
  #moved(state: unknown): void {
    const place = placeOf(state);
    if (here() === this.#path && (place === undefined || place === this.#place)) {
      // Another fragment of the page that is shown, or a return to it while the question is open.
      if (place === undefined) history.replaceState({ place: this.#place }, "");
      return;
    }
    if (place === undefined || !this.#guarded) {
      this.#place = place ?? this.#place;
      this.#arrive();
      return;
    }
    // Go back to the page's entry until the person answers. Nothing is pushed, so that later entries stay.
    const asked = this.#wanted !== undefined;
    this.#wanted = place;
    history.go(this.#place - place);
    if (!asked) void this.#askToMove();
  }

  async #askToMove(): Promise<void> {
    const left = await this.#mayLeave();
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (left && wanted !== undefined) history.go(wanted - this.#place);
  }

  async #mayLeave(): Promise<boolean> {
    const guard = this.#guarded ? this.#guard : undefined;
    if (guard === undefined) return true;
    if (!(await guard.ask())) return false;
    if (this.#guard === guard) this.#guard = undefined;
    return true;
  }

  #arrive(): void {
    this.#path = here();
    this.route = routeOf(location.pathname, this.route.visit + 1);
    this.dispatchEvent(new Event("changed"));
  }
}

export const router = new Router();
