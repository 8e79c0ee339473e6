// Filters what stands on the page already. What is chosen is kept in the address, behind the hash.
"use strict";
(() => {
  const find = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const root = document.documentElement;
  const form = document.getElementById("filter");

  // The theme: the system's, until somebody chooses.
  const button = document.getElementById("theme");
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);
  const showTheme = () => button.setAttribute("aria-pressed", String(isDark()));
  const remembered = (theme) => {
    try {
      if (theme) localStorage.setItem("gracekeeper-theme", theme);
      return localStorage.getItem("gracekeeper-theme");
    } catch {
      return null; // a page in a sandbox has no storage
    }
  };
  const theme = remembered();
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remembered(root.dataset.theme);
    showTheme();
  });
  systemDark.addEventListener("change", showTheme);
  showTheme();
  if (!form) return;

  const output = document.getElementById("count");
  const nothing = document.getElementById("nothing");
  // A workload's findings are a text, that of its noscript element, until they come into sight: thousands of them would take
  // seconds to become elements. What is to be filtered and searched is read from that text.
  const workloads = find(".workload").map((element) => {
    const details = element.firstElementChild;
    const body = details.lastElementChild;
    const source = body.textContent;
    const found = source.matchAll(/<article class="finding \w+" id="([^"]+)" data-severity="([^"]+)" data-rule="([^"]+)"/g);
    return {
      element,
      details,
      body,
      source,
      built: false,
      namespace: element.dataset.namespace,
      kind: element.dataset.kind,
      findings: Array.from(found, ([, id, severity, rule]) => ({ id, severity, rule, shown: true })),
    };
  });
  const batches = find(".batch").map((element) => ({
    element,
    workloads: workloads.filter((workload) => workload.element.parentElement === element),
  }));
  const total = workloads.reduce((sum, workload) => sum + workload.findings.length, 0);

  const build = (workload) => {
    if (workload.built) return;
    workload.built = true;
    workload.body.innerHTML = workload.source; // our own, every word of a manifest escaped; the policy above allows no other script
    showFindings(workload);
  };
  const showFindings = (workload) => {
    find(".finding", workload.body).forEach((element, number) => show(element, workload.findings[number].shown));
    for (const container of workload.body.children) show(container, container.querySelector(".finding:not([hidden])") !== null);
  };
  const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&#34;": '"', "&#39;": "'" };
  const plain = (html) =>
    html
      .replace(/<\/?mark>/g, "")
      .replace(/<[^>]*>/g, " ")
      .replace(/&(?:lt|gt|amp|#34|#39);/g, (entity) => ENTITIES[entity])
      .toLowerCase();
  const describe = (workload) => {
    if (workload.described) return;
    workload.described = true;
    const whose = workload.details.firstElementChild.textContent.toLowerCase();
    const texts = workload.source.split('<section class="container">').slice(1).flatMap((container) => {
      const [top, ...found] = container.split("<article");
      const head = plain(top.split('<details class="time"')[0]);
      return found.map((finding) => whose + head + plain(`<article${finding.split("</article>")[0]}`));
    });
    workload.findings.forEach((finding, number) => (finding.text = texts[number]));
  };

  const chosen = () => {
    const data = new FormData(form);
    return {
      severities: data.getAll("severity"),
      rule: data.get("rule"),
      namespace: data.get("namespace"),
      kind: data.get("kind"),
      words: data.get("q").toLowerCase().split(/\s+/).filter(Boolean),
    };
  };
  const matches = (workload, finding, wanted) =>
    (!wanted.severities.length || wanted.severities.includes(finding.severity)) &&
    (!wanted.rule || wanted.rule === finding.rule) &&
    wanted.words.every((word) => finding.text.includes(word));
  const show = (element, shown) => {
    if (element.hidden === shown) element.hidden = !shown;
  };
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  const apply = () => {
    const wanted = chosen();
    let [shown, inWorkloads] = [0, 0];
    for (const workload of workloads) {
      const meant =
        (!wanted.namespace || wanted.namespace === workload.namespace) && (!wanted.kind || wanted.kind === workload.kind);
      if (meant && wanted.words.length) describe(workload);
      const before = shown;
      for (const finding of workload.findings) {
        finding.shown = meant && matches(workload, finding, wanted);
        shown += finding.shown;
      }
      show(workload.element, shown > before);
      inWorkloads += shown > before;
      if (workload.built && shown > before) showFindings(workload);
    }
    for (const batch of batches) {
      const number = batch.workloads.filter((workload) => !workload.element.hidden).length;
      show(batch.element, number > 0);
      batch.element.style.containIntrinsicBlockSize = `auto ${number * 30}rem`;
    }
    show(nothing, shown === 0);
    const all = shown === total ? "" : ` of ${total}`;
    output.textContent = `${shown}${all} ${total === 1 ? "finding" : "findings"} in ${count(inWorkloads, "object")}`;
  };

  // The address tells what is chosen, so that it can be sent to somebody.
  const write = () => {
    const kept = [...new FormData(form)].filter(([, value]) => value);
    const hash = new URLSearchParams(kept).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  };
  const read = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return reveal(hash);
    const kept = new URLSearchParams(hash);
    form.reset();
    for (const name of ["q", "rule", "namespace", "kind"]) if (form.elements[name]) form.elements[name].value = kept.get(name) ?? "";
    for (const box of find("[name=severity]", form)) box.checked = kept.getAll("severity").includes(box.value);
    for (const select of find("select", form)) if (select.selectedIndex < 0) select.value = "";
    apply();
  };
  const reveal = (id) => {
    const workload = id && workloads.find((each) => each.findings.some((finding) => finding.id === id));
    if (!workload) return;
    // What is built above it afterwards would move it away.
    if (total <= SMALL) buildAll();
    build(workload);
    workload.details.open = true;
    const settle = (frames) => {
      document.getElementById(id).scrollIntoView({ block: "center", behavior: "instant" });
      if (frames) requestAnimationFrame(() => settle(frames - 1));
    };
    settle(3);
  };

  // What comes into sight is built shortly before; a small page as a whole, and so is what is printed or searched by
  // the browser's own means.
  const SMALL = 1000;
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(() => work({ timeRemaining: () => 5 }), 20));
  const inTurn = (work) => {
    let next = 0;
    const go = (deadline) => {
      while (next < workloads.length && deadline.timeRemaining() > 1) work(workloads[next++]);
      if (next < workloads.length) idle(go);
    };
    idle(go);
  };
  const buildAll = () => workloads.forEach(build);
  addEventListener("beforeprint", buildAll);
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "f") buildAll();
  });

  let waiting = 0;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      apply();
      write();
    });
  });
  form.addEventListener("reset", () =>
    requestAnimationFrame(() => {
      apply();
      write();
    }),
  );
  addEventListener("hashchange", read);

  const fold = document.getElementById("fold");
  fold.addEventListener("click", () => {
    const folded = fold.getAttribute("aria-pressed") !== "true";
    fold.setAttribute("aria-pressed", String(folded));
    for (const workload of workloads) workload.details.open = !folded;
  });

  root.classList.add("live");
  const copied = document.getElementById("copied");
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest(".copy");
    if (!copy) return;
    const written = copy.previousElementSibling;
    try {
      await navigator.clipboard.writeText(written.textContent);
    } catch {
      getSelection().selectAllChildren(written); // where the clipboard is not given, the keyboard can take it from here
      return;
    }
    copy.textContent = "Copied";
    copied.textContent = `Copied ${written.textContent}`;
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });

  // The browser itself tells what comes into sight, since it skips what does not; one that cannot gets the whole page.
  const skips = "oncontentvisibilityautostatechange" in document.documentElement;
  for (const workload of workloads)
    workload.element.addEventListener("contentvisibilityautostatechange", (event) => event.skipped || build(workload));
  inTurn(total <= SMALL || !skips ? build : describe);
  apply();
  read();
})();
