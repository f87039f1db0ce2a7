/**
 * Paints people on a map of France: départements from far, hexagons from close. Everything comes from this server:
 * no tile, no font, no other host. The table beside the map says the same and works without this file.
 *
 * @example
 * <div data-controller="people-map" data-people-map-library-value="…/maplibre-gl.mjs" …>
 *   <script id="people-map-figures" type="application/json">{"35": {"name": "…", "people": 12, "rate": 0.1}}</script>
 *   <div data-people-map-target="canvas"></div>
 *   <ul data-people-map-target="legend"></ul>
 * </div>
 */
const FRANCE = [[-5.8, 41.1], [9.9, 51.3]];
const RAMP = ["#d5eee6", "#9fd9c6", "#5fbba3", "#23907f", "#0b5c56"];
const NOBODY = "#eef1f0";
const FEW = "#e3ece8";
/** From these zooms on, hexagons replace départements. */
const WIDE = 6.6;
const CLOSE = 8.4;

/** The upper limits of the classes: a fifth of the values in each, told as round numbers. */
export function limits(values) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  if (!sorted.length) return [];
  const found = RAMP.slice(1).map((_colour, index) => rounded(sorted[Math.floor(((index + 1) * sorted.length) / RAMP.length)]));
  return [...new Set(found)];
}

function rounded(value) {
  const digits = 1 - Math.floor(Math.log10(value));
  return Number((Math.ceil(value * 10 ** digits) / 10 ** digits).toPrecision(2));
}

/** A MapLibre expression: the colour of a number read from `input`. */
function colour(input, steps) {
  const ramp = steps.flatMap((limit, index) => [limit, RAMP[index + 1]]);
  return steps.length ? ["step", input, RAMP[0], ...ramp] : RAMP[0];
}

export class PeopleMapController extends window.StimulusModule.Controller {
  static targets = ["canvas", "legend", "measure", "row"];

  static values = {
    library: String, worker: String, contours: String, insets: String, wide: String, close: String, words: Object,
  };

  async connect() {
    this.figures = JSON.parse(document.getElementById("people-map-figures").textContent);
    this.number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    const library = await import(this.libraryValue);
    library.setWorkerUrl(this.workerValue);
    const notice = this.canvasTarget.firstElementChild;
    try {
      this.draw(library);
    } catch {
      return; // no WebGL: the notice stays, and the table
    }
    notice?.remove();
  }

  disconnect() {
    this.map?.remove();
  }

  draw(library) {
    this.library = library;
    this.map = new library.Map({
      container: this.canvasTarget,
      style: { version: 8, sources: {}, layers: [] },
      bounds: FRANCE,
      fitBoundsOptions: { padding: 12 },
      maxZoom: 10,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      cooperativeGestures: window.matchMedia("(pointer: coarse)").matches,
      locale: this.wordsValue.controls,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new library.NavigationControl({ showCompass: false }));
    this.map.getCanvas().setAttribute("aria-label", this.wordsValue.title);
    this.map.on("load", () => this.layers());
    this.map.on("zoomend", () => {
      this.legend();
      this.fetchHexagons();
    });
    this.map.on("click", (event) => this.tell(event));
    this.map.on("mousemove", "departements", (event) => this.pointAt(event.features[0].properties.code));
    this.map.on("mouseleave", "departements", () => this.pointAt(null));
  }

  layers() {
    const { map } = this;
    map.addSource("departements", { type: "geojson", data: this.contoursValue, promoteId: "code" });
    map.addSource("insets", { type: "geojson", data: this.insetsValue });
    for (const name of ["wide", "close"]) {
      map.addSource(name, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    }
    map.addLayer({ id: "insets", type: "line", source: "insets", paint: { "line-color": "#8a9a98", "line-width": 1 } });
    map.addLayer({ id: "departements", type: "fill", source: "departements", paint: { "fill-color": NOBODY, "fill-opacity": ["interpolate", ["linear"], ["zoom"], WIDE - 0.3, 1, WIDE + 0.2, 0.15] } });
    map.addLayer({ id: "wide", type: "fill", source: "wide", minzoom: WIDE, maxzoom: CLOSE, paint: { "fill-opacity": 0.85, "fill-outline-color": "#ffffff" } });
    map.addLayer({ id: "close", type: "fill", source: "close", minzoom: CLOSE, paint: { "fill-opacity": 0.85, "fill-outline-color": "#ffffff" } });
    map.addLayer({ id: "borders", type: "line", source: "departements", paint: {
      "line-color": ["case", ["boolean", ["feature-state", "pointed"], false], "#062c2e", "#ffffff"],
      "line-width": ["case", ["boolean", ["feature-state", "pointed"], false], 2.5, 0.8],
    } });
    map.addLayer({ id: "frames", type: "line", source: "departements", minzoom: WIDE, paint: { "line-color": "#51625f", "line-width": 0.7 } });
    this.measureTarget.hidden = false;
    this.paint();
    this.fetchHexagons();
    map.once("idle", () => (this.element.dataset.painted = "yes"));
  }

  get measure() {
    return this.measureTarget.querySelector("input:checked").value;
  }

  /** Colour the départements by the chosen measure, and say so in the legend. */
  paint() {
    const measure = this.measure;
    const areas = Object.entries(this.figures);
    const steps = limits(areas.map(([, area]) => area[measure] ?? 0));
    const colours = areas.flatMap(([code, area]) => [code, this.colourOf(area, area[measure], steps)]);
    this.map.setPaintProperty("departements", "fill-color", ["match", ["get", "code"], ...colours, NOBODY]);
    this.steps = { ...this.steps, far: steps };
    this.hasFew = areas.some(([, area]) => area.few);
    this.legend();
  }

  /** Which source is seen at this distance. */
  get distance() {
    const zoom = this.map.getZoom();
    return zoom >= CLOSE ? "close" : zoom >= WIDE ? "wide" : "far";
  }

  colourOf(area, value, steps) {
    if (area.few) return FEW;
    if (!value) return NOBODY;
    return RAMP[steps.filter((limit) => value >= limit).length];
  }

  legend() {
    const steps = this.steps[this.distance] ?? [];
    const words = this.wordsValue;
    const lines = [[NOBODY, words.none]];
    if (this.hasFew || this.distance !== "far") lines.push([FEW, words.few]);
    RAMP.slice(0, steps.length + 1).forEach((shade, index) => {
      const [from, to] = [steps[index - 1], steps[index]].map((limit) => limit && this.number.format(limit));
      lines.push([shade, from ? (to ? `${from} – ${to}` : `≥ ${from}`) : to ? `< ${to}` : "> 0"]);
    });
    this.legendTarget.replaceChildren(...lines.map(([shade, told]) => legendLine(shade, told)));
  }

  /** Ask for the hexagons of this distance, once. */
  async fetchHexagons() {
    const name = this.distance;
    if (name === "far" || this[`${name}Asked`]) return;
    this[`${name}Asked`] = true;
    const answer = await fetch(this[`${name}Value`], { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      this[`${name}Asked`] = false;
      return;
    }
    const cells = await answer.json();
    const steps = limits(cells.features.map((cell) => cell.properties.people ?? 0));
    this.map.setPaintProperty(name, "fill-color", ["case", ["has", "few"], FEW, colour(["get", "people"], steps)]);
    this.map.getSource(name).setData(cells);
    this.steps[name] = steps;
    this.legend();
  }

  /** Say the figures of what was clicked. */
  tell(event) {
    const [cell] = this.map.queryRenderedFeatures(event.point, { layers: ["wide", "close"] });
    const [place] = this.map.queryRenderedFeatures(event.point, { layers: ["departements"] });
    if (!cell && !place) return;
    const area = place && this.figures[place.properties.code];
    const lines = [];
    if (area) lines.push(`${area.name} (${place.properties.code})`);
    lines.push(this.sentence(cell ? cell.properties : (area ?? {})));
    if (!cell && area?.rate) lines.push(`${this.number.format(area.rate)} ${this.wordsValue.rate}`);
    const box = document.createElement("div");
    box.append(...lines.map((words) => Object.assign(document.createElement("p"), { textContent: words })));
    new this.library.Popup({ maxWidth: "18rem" }).setLngLat(event.lngLat).setDOMContent(box).addTo(this.map);
  }

  sentence({ people, few }) {
    const words = this.wordsValue;
    if (few) return `${words.few} ${words.people}`;
    return people ? `${this.number.format(people)} ${words.people}` : words.none;
  }

  point(event) {
    this.pointAt(event.currentTarget.dataset.code);
  }

  leave() {
    this.pointAt(null);
  }

  /** Show the same département on the map and in the table. */
  pointAt(code) {
    if (code === this.pointed || !this.map?.getSource("departements")) return;
    if (this.pointed) this.map.setFeatureState({ source: "departements", id: this.pointed }, { pointed: false });
    if (code) this.map.setFeatureState({ source: "departements", id: code }, { pointed: true });
    this.pointed = code;
    this.rowTargets.forEach((row) => row.toggleAttribute("data-pointed", row.dataset.code === code));
  }
}

function legendLine(shade, words) {
  const line = document.createElement("li");
  const square = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  square.setAttribute("viewBox", "0 0 1 1");
  square.setAttribute("aria-hidden", "true");
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  Object.entries({ width: 1, height: 1, fill: shade }).forEach(([name, value]) => rect.setAttribute(name, value));
  square.append(rect);
  line.append(square, words);
  return line;
}

window.wagtail.app.register("people-map", PeopleMapController);
