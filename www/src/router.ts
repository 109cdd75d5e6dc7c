/** Addresses of pages: a path each, so that every page can be linked to, reloaded, and gone back to. */

export interface Route {
  page: string;
  params: Record<string, string>;
}

const ROUTES: [pattern: RegExp, page: string, names: string[]][] = [
  [/^\/$/, "lists", []],
  [/^\/lists\/([^/]+)\/users$/, "users", ["list"]],
  [/^\/lists\/([^/]+)\/users\/new$/, "user", ["list"]],
  [/^\/lists\/([^/]+)\/import$/, "import", ["list"]],
  [/^\/lists\/([^/]+)\/authorization$/, "authorization", ["list"]],
  [/^\/lists\/([^/]+)\/alerts$/, "alerts", ["list"]],
  [/^\/lists\/([^/]+)\/messages$/, "messages", ["list"]],
  [/^\/lists\/([^/]+)\/statistics$/, "statistics", ["list"]],
  [/^\/lists\/([^/]+)\/users\/([^/]+)$/, "user", ["list", "user"]],
];

export function routeOf(path: string): Route {
  for (const [pattern, page, names] of ROUTES) {
    const found = pattern.exec(path);
    if (found === null) continue;
    return { page, params: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? "")])) };
  }
  return { page: "not-found", params: {} };
}

/** Asked before a page is left; `false` keeps it. */
export type Guard = () => boolean | Promise<boolean>;

class Router extends EventTarget {
  route = routeOf(location.pathname);
  #guard: Guard | undefined;
  #path = location.pathname + location.search;

  start(): void {
    addEventListener("popstate", () => void this.#back());
    document.addEventListener("click", (event) => {
      const link = event.composedPath().find((node): node is HTMLAnchorElement => node instanceof HTMLAnchorElement);
      if (link === undefined || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
      if (link.origin !== location.origin || link.hasAttribute("download") || link.target !== "" || link.hash !== "") return;
      event.preventDefault();
      void this.go(link.pathname + link.search);
    });
    addEventListener("beforeunload", (event) => {
      if (this.#guard !== undefined) event.preventDefault();
    });
  }

  /** Until it is called again without one, `guard` is asked before the page is left. */
  guard(guard?: Guard): void {
    this.#guard = guard;
  }

  async go(path: string, replace = false): Promise<void> {
    if (!(await this.#mayLeave())) return;
    history[replace ? "replaceState" : "pushState"](null, "", path);
    this.#arrive();
  }

  async #back(): Promise<void> {
    if (this.#guard !== undefined) {
      // The address has changed already: put ours back until the answer is known.
      const wanted = location.pathname + location.search;
      history.pushState(null, "", this.#path);
      if (!(await this.#mayLeave())) return;
      history.replaceState(null, "", wanted);
    }
    this.#arrive();
  }

  async #mayLeave(): Promise<boolean> {
    if (this.#guard !== undefined && !(await this.#guard())) return false;
    this.#guard = undefined;
    return true;
  }

  #arrive(): void {
    this.#path = location.pathname + location.search;
    this.route = routeOf(location.pathname);
    this.dispatchEvent(new Event("changed"));
  }
}

export const router = new Router();
