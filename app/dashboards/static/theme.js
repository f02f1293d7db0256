// Runs before the first paint: the theme that the user selected, else the system's.
document.documentElement.dataset.theme =
  localStorage.getItem("eucora.theme") ||
  (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
