"use strict";
// Before anything is painted: the page learns that scripts run, and takes the colours that were chosen on an earlier visit.
{
  const page = document.documentElement;
  page.classList.add("scripted");
  try {
    const chosen = localStorage.getItem("evobench.theme");
    if (chosen === "dark" || chosen === "light") page.dataset.theme = chosen;
  } catch {
    // a sandbox has no memory: the colours are the system's
  }
}
