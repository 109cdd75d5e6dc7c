/** Stacked bars over days. Drawn at its real size, so that text stays readable on a phone. Series differ by patterns, too. */
import { LitElement, type PropertyValues, html, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { formatNumber } from "../i18n/index.ts";

export interface Series {
  label: string;
  /** Class of its colour: `tone-…` in the style sheet. */
  tone: string;
}

export interface Bar {
  label: string;
  /** One for each series. */
  values: number[];
}

const HEIGHT = 240;
const FOOT = 24;
const TOP = 12;
/** The pattern over the colour of each series: none, then different lines and dots. */
const PATTERNS = [nothing, svg`<path d="M0 8L8 0" />`, svg`<path d="M0 4H8" />`, svg`<path d="M4 0V8" />`, svg`<circle cx="4" cy="4" r="1.5" />`];

let charts = 0;

@customElement("sg-chart")
export class Chart extends LitElement {
  /** The accessible name: one sentence. The page has the numbers in a table. */
  @property() name = "";
  @property({ attribute: false }) series: Series[] = [];
  @property({ attribute: false }) bars: Bar[] = [];
  @state() private width = 0;

  #id = `chart-${(charts += 1)}`;
  #observer = new ResizeObserver(([entry]) => {
    this.width = Math.floor(entry?.contentRect.width ?? 0);
  });

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  protected override shouldUpdate(changed: PropertyValues): boolean {
    return this.width > 0 || changed.size === 0;
  }

  protected override render() {
    return html`${this.#drawing()}
      <ul class="legend">${this.series.map(({ label, tone }, index) => html`<li>
        <svg class="swatch" width="16" height="16" aria-hidden="true">${this.#rect(tone, index, 0, 0, 16, 16)}</svg>${label}</li>`)}</ul>`;
  }

  #drawing() {
    const { bars, width } = this;
    const top = roundUp(Math.max(1, ...bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0))));
    const ticks = [0, top / 2, top].filter(Number.isInteger);
    const left = 12 + 8 * Math.max(...ticks.map((tick) => formatNumber(tick).length));
    const space = (width - left) / Math.max(1, bars.length);
    const y = (value: number) => HEIGHT - FOOT - (value / top) * (HEIGHT - FOOT - TOP);
    // Dates take about 90 pixels each.
    const every = Math.max(1, Math.ceil(90 / space));
    return html`<svg class="chart" role="img" aria-label=${this.name} width=${width} height=${HEIGHT} viewBox="0 0 ${width} ${HEIGHT}">
      <defs>${this.series.map(({ tone }, index) => svg`<pattern id=${`${this.#id}-${index}`} width="8" height="8" patternUnits="userSpaceOnUse">
        <rect class=${tone} width="8" height="8" /><g class="strokes">${PATTERNS[index % PATTERNS.length]}</g></pattern>`)}</defs>
      ${ticks.map((tick) => svg`<line class="grid" x1=${left} x2=${width} y1=${y(tick)} y2=${y(tick)} />
        <text x=${left - 6} y=${y(tick) + 4} text-anchor="end">${formatNumber(tick)}</text>`)}
      ${bars.map(({ label, values }, index) => {
        const x = left + index * space;
        let below = 0;
        return svg`<g><title>${label}: ${values.map((value, at) => `${this.series[at]?.label ?? ""} ${formatNumber(value)}`).join(", ")}</title>
          ${values.map((value, at) => {
            const bottom = y(below);
            below += value;
            const height = bottom - y(below);
            return value === 0 ? nothing : this.#rect(this.series[at]?.tone ?? "", at, x + space * 0.12, y(below), space * 0.76, Math.max(height, 1));
          })}
          <rect class="hit" x=${x} y=${TOP} width=${space} height=${HEIGHT - FOOT - TOP} />
          ${index % every === 0 && x + 80 <= width ? svg`<text x=${x + space * 0.12} y=${HEIGHT - 6}>${label}</text>` : nothing}</g>`;
      })}
    </svg>`;
  }

  #rect(tone: string, series: number, x: number, y: number, width: number, height: number) {
    return series === 0
      ? svg`<rect class=${tone} x=${x} y=${y} width=${width} height=${height} />`
      : svg`<rect fill=${`url(#${this.#id}-${series})`} x=${x} y=${y} width=${width} height=${height} />`;
  }
}

/** The next round number. */
function roundUp(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((factor) => factor * step).find((candidate) => candidate >= value) ?? value;
}
