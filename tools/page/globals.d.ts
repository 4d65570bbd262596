// What the scripts of the page find there beside the browser's own.
declare const Plotly: any;

interface Window {
  Plotly?: unknown;
}
