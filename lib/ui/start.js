// A page comes sooner. Streamlit would look for its server at the page's own address first, then ask it
// which sites may steer the page, and only then open its websocket: where the server is, and that there
// is no such site, is said here. An empty list of them would not be taken for an answer.
window.__streamlit = {
  BACKEND_BASE_URL: location.origin,
  HOST_CONFIG: { allowedOrigins: ["https://nobody.invalid"], useExternalAuthToken: false },
};
// What every page of figures draws with is made ready while the server makes its answer.
addEventListener("DOMContentLoaded", () =>
  (window.requestIdleCallback ?? setTimeout)(() => {
    for (const { href } of document.querySelectorAll("link[data-drawn-with]")) import(href);
  }),
);
