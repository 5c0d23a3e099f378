// Streamlit speaks English, and has no parameter for most of its words. This puts them into Chinese
// as they appear; PHRASES is words.json. What the office wrote is never touched.
{
  // Dates, calendars and numbers follow the browser's language; this page has one of its own.
  Object.defineProperty(navigator, "language", { get: () => "zh-CN" });
  Object.defineProperty(navigator, "languages", { get: () => ["zh-CN", "zh"] });

  // What is ours: running text, cells, what can be chosen and what was. Names in it may look like
  // a phrase.
  const OURS =
    '[data-testid="stMarkdownContainer"], [data-testid="stHtml"], .stHtml, td, th, [role="gridcell"], ' +
    '[role="option"][data-key], [aria-label="已选的"] *, pre, textarea';
  // What Streamlit draws as if it were running text: its own buttons, dialogs and hints.
  const THEIRS =
    '[data-testid="stFileUploaderDropzone"], [data-testid="stDialog"], [role="dialog"] pre, ' +
    '[data-testid="stTooltipContent"], [data-testid="stTooltipErrorContent"]';
  const SPOKEN = ["title", "aria-label", "aria-roledescription", "placeholder", "alt"];
  const LONGEST = 400;

  const written = (phrase) =>
    new RegExp(`^${phrase.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\d\}/g, "(.*?)")}$`, "s");
  const all = Object.entries(PHRASES);
  const exact = new Map(all.filter(([said]) => !said.includes("{0}")));
  const patterns = all
    .filter(([said]) => said.includes("{0}"))
    .map(([said, chinese]) => [written(said), chinese]);

  const inChinese = (text) => {
    const said = text.trim();
    if (!/[a-z]/.test(said) || said.length > LONGEST) return undefined;
    if (exact.has(said)) return exact.get(said);
    for (const [pattern, chinese] of patterns) {
      const found = pattern.exec(said);
      if (found) return chinese.replace(/\{(\d)\}/g, (_, at) => inChinese(found[+at + 1]) ?? found[+at + 1]);
    }
    return undefined;
  };
  const isOurs = (element) => element.closest(OURS) !== null && element.closest(THEIRS) === null;

  const translateText = (node) => {
    const chinese = inChinese(node.data);
    if (chinese !== undefined && node.parentElement && !isOurs(node.parentElement)) node.data = chinese;
  };
  const translateSpoken = (element, name) => {
    const said = element.getAttribute(name);
    const chinese = said ? inChinese(said) : undefined;
    // A heading's link is named by Streamlit.
    if (chinese !== undefined && (!isOurs(element) || said === "Link to heading")) {
      element.setAttribute(name, chinese);
    }
  };
  // What is looked for is found by the browser's own search: a page has hundreds of elements.
  const HOLDS_SPOKEN = SPOKEN.map((name) => `[${name}]`).join();
  const translateAll = (element) => SPOKEN.forEach((name) => translateSpoken(element, name));
  const translate = (root) => {
    if (root.nodeType === Node.TEXT_NODE) translateText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    translateAll(root);
    root.querySelectorAll(HOLDS_SPOKEN).forEach(translateAll);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) translateText(walker.currentNode);
  };

  new MutationObserver((changes) => {
    for (const { type, target, attributeName, addedNodes } of changes) {
      if (type === "characterData") translateText(target);
      else if (type === "attributes") translateSpoken(target, attributeName);
      else addedNodes.forEach(translate);
    }
  }).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: SPOKEN,
  });
}
