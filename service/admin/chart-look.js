/* global document, getComputedStyle */

/** A colour of the page's style sheet, by its name, as it is in light or dark. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The font of all texts in a chart, for that many pixels per point. */
export function font(ratio, bold = false) {
  return `${bold ? '600 ' : ''}${12 * ratio}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
}
