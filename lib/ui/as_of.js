// Another as-of day goes into the address, and the page is drawn for it: Streamlit listens to what the
// browser's way back says. What was chosen has the focus again when the control stands there anew.
{
  const FIELD = ".as-of input";
  const PARTS = ".as-of :is(a, .none, input)";
  const go = (address, place) => {
    const chosen = [...document.querySelectorAll(PARTS)].indexOf(place);
    const seen = new MutationObserver(() => {
      const now = document.querySelectorAll(PARTS)[chosen];
      if (!now || now === place) return;
      seen.disconnect();
      if (document.activeElement === document.body) now.focus({ preventScroll: true });
    });
    seen.observe(document.body, { childList: true, subtree: true });
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
  };
  const isField = (target) => target instanceof Element && target.matches(FIELD);
  let isTyping = false; // a day is complete before all of it is typed

  const choose = (field) => {
    if (!field.validity.valid) field.value = field.defaultValue;
    if (field.value === field.defaultValue) return;
    const address = new URL(location.href);
    address.searchParams.set("as_of", field.value);
    go(address, field);
  };

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest(".as-of a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.href, link);
  });
  document.addEventListener("pointerdown", () => (isTyping = false));
  document.addEventListener("keydown", ({ target, key }) => {
    if (!isField(target)) return;
    isTyping = key !== "Enter";
    if (!isTyping) choose(target);
  });
  document.addEventListener("change", ({ target }) => isField(target) && !isTyping && choose(target));
  document.addEventListener("focusout", ({ target }) => isField(target) && choose(target));
}
