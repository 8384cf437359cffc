// Light or dark as the device has it; before the page is painted.
(function () {
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function set() { document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light"); }
  set();
  dark.addEventListener("change", set);
})();
