// A link to another page of ours is followed in place: its address goes into the history, and Streamlit
// draws the page for it, as for the browser's way back. PAGES are the paths of our pages. All else is
// left to the browser: other addresses, other tabs, the page one is on, and a page that is not standing
// still or where something was just pressed or typed: a run that another follows is cut off.
{
  const ON_ITS_WAY = 1000; // milliseconds in which what was pressed or typed reaches the server
  const PATIENCE = 5000; // until the next page's title: then the line is dead, and the page is loaded
  const TWICE = 500; // a second click meant what was there before
  const main = () => document.querySelector('[data-testid="stMain"]');
  const title = () => main()?.querySelector("h1, .st-key-wall"); // what a page begins with
  let acted = -Infinity; // when something was last pressed or typed
  let went = -Infinity; // when a link was last followed
  let awaited; // ends the wait for the page that is on its way
  let shown = location.pathname;

  const isStill = () => {
    const { testScriptState, testConnectionState } =
      document.querySelector('[data-testid="stApp"]')?.dataset ?? {};
    return !awaited && testScriptState === "notRunning" && testConnectionState === "CONNECTED";
  };
  const focus = (place) => {
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  };
  const awaitPage = () => {
    const before = title();
    const late = setTimeout(() => location.reload(), PATIENCE);
    const seen = new MutationObserver(() => {
      const now = title();
      if (!now || now === before) return;
      awaited();
      main().scrollTo(0, 0);
      if (document.activeElement === document.body) focus(now);
    });
    awaited = () => {
      seen.disconnect();
      clearTimeout(late);
      awaited = undefined;
    };
    seen.observe(document.body, { childList: true, subtree: true });
  };

  const isOfAnotherPage = ({ origin, pathname, hash }) =>
    origin === location.origin && pathname !== location.pathname && PAGES.includes(pathname) && !hash;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link?.hash === "#stMain" && title()) focus(title()); // “跳到正文”: past the menu, which stands in it
    if (!link || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.target === "_blank" || !isOfAnotherPage(link)) return;
    if (!isStill() || performance.now() - acted < ON_ITS_WAY) return;
    event.preventDefault();
    went = performance.now();
    link.blur(); // the next title has the focus
    history.pushState(null, "", link.href);
    dispatchEvent(new PopStateEvent("popstate"));
  });
  addEventListener(
    "click",
    (event) => {
      if (event.detail < 2 || performance.now() - went > TWICE) return;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
  for (const event of ["click", "input", "change"]) {
    document.addEventListener(event, ({ target }) => {
      if (!target.closest?.("a, .menu, .as-of")) acted = performance.now();
    });
  }

  // The way back too. Streamlit draws what the address says, in the fields that the page had: over
  // several pages at once that may be the same page for something else, which is loaded.
  addEventListener("popstate", () => {
    const isSamePage = location.pathname === shown;
    shown = location.pathname;
    if (isSamePage) return; // another day, or another choice
    if (isStill()) awaitPage();
    else location.reload();
  });
  window.navigation?.addEventListener("currententrychange", ({ from, navigationType }) => {
    const steps = Math.abs(from.index - navigation.currentEntry.index);
    if (navigationType === "traverse" && steps > 1) location.reload();
  });
}

// One heading of the menu is open at a time, and none once one turns elsewhere.
{
  const shut = (but) => {
    for (const each of document.querySelectorAll(".menu details[open]")) if (each !== but) each.open = false;
  };
  document.addEventListener("click", ({ target }) => shut(target.closest?.(".menu details")));
  document.addEventListener("focusin", ({ target }) => shut(target.closest?.(".menu details")));
  document.addEventListener("keydown", ({ key, target }) => {
    const open = target.closest?.(".menu details[open]");
    if (key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}
