// Runs before anything is painted: the theme that was chosen, else the system's.
document.documentElement.dataset.theme =
  localStorage.getItem("eucora.theme") ||
  (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
