// Any day of a chart is read by pointing at it, touching it, or with the arrow keys. ui/charts.py
// draws the chart, and says its newest day in the words that are put together here for the others.
{
  const DAY = 86400000; // milliseconds
  // Made when a day is first read: it takes as long as drawing a chart.
  let numbers;
  const number = (value) =>
    (numbers ??= new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 1 })).format(value);
  const isDay = (target) => target instanceof Element && target.matches(".burn-up input");

  // What stands in an attribute: tenths, each the step from the day before.
  const sums = (steps) => {
    let sum = 0;
    return steps ? steps.split(" ").map((step) => (sum += Number(step)) / 10) : [];
  };
  const compared = (done, due, unit) => {
    if (done === undefined) return "还没到";
    const gap = Math.round((done - due) * 10) / 10;
    if (gap === 0) return "与应达相同";
    return `比应达${gap > 0 ? "多" : "少"} ${number(Math.abs(gap))} ${unit}`;
  };

  const read = (input, isRead) => {
    const chart = input.closest(".burn-up");
    const { first, top, unit } = chart.dataset;
    const at = Number(input.value);
    const [done, due] = [chart.dataset.done, chart.dataset.due].map((steps) => sums(steps)[at]);
    const day = new Date(Date.parse(first) + at * DAY).toISOString().slice(0, 10);
    const [doneText, dueText] = [done, due].map((value) => (value === undefined ? "—" : number(value)));
    const gap = compared(done, due, unit);
    const [doneShown, dueShown, dayShown] = chart.querySelectorAll("b");
    [doneShown.textContent, dueShown.textContent, dayShown.textContent] = [doneText, dueText, day];
    chart.querySelector(".day span").textContent = gap;
    input.setAttribute("aria-valuetext", `${day} 累计完成 ${doneText}，应达 ${dueText}，${gap}`);
    chart.classList.toggle("read", isRead);
    chart.classList.toggle("coming", done === undefined);
    chart.style.setProperty("--at", `${(at / (input.max || 1)) * 100}%`);
    chart.style.setProperty("--done", `${((done ?? 0) / top) * 100}%`);
    chart.style.setProperty("--due", `${(due / top) * 100}%`);
  };
  const leave = ({ target, pointerType }) => {
    if (!isDay(target) || pointerType === "touch") return;
    target.value = target.defaultValue;
    read(target, false);
  };

  // Charts come and go with the server's answers; the document stays.
  document.addEventListener("pointermove", ({ target, pointerType, offsetX }) => {
    if (!isDay(target) || pointerType === "touch") return;
    target.value = Math.round((offsetX / target.clientWidth) * target.max);
    read(target, true);
  });
  for (const event of ["input", "focusin"]) {
    document.addEventListener(event, ({ target }) => isDay(target) && read(target, true));
  }
  document.addEventListener("pointerout", leave);
  document.addEventListener("focusout", leave);
}
