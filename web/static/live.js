// Keeps a page true while somebody looks at it: running runs, and the page itself once a run has ended.
(function () {
  "use strict";
  var strip = document.getElementById("progress");
  var look = document.getElementById("look");
  // The last run that had ended when this page was read: any later one makes it stale.
  var latest = strip && strip.dataset.latest;
  var every = 2000;

  function get(url, type) {
    return fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" }, redirect: "error" })
      .then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return type === "json" ? answer.json() : answer.text();
      });
  }

  function replace(id, html) {
    var fresh = new DOMParser().parseFromString(html, "text/html").getElementById(id);
    var old = document.getElementById(id);
    if (fresh && old && fresh.innerHTML !== old.innerHTML) { old.replaceWith(fresh); }
  }

  function refresh() {
    if (document.getElementById("fresh")) {
      get(location.href, "text").then(function (html) { replace("fresh", html); }).catch(function () {});
    } else if (look) {
      // By the booking's own address: the page with a PIN was the answer to a form, and has none to be read from.
      get(look.dataset.page, "text").then(function (html) {
        replace("verdict", html);
        var fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".np-timeline");
        var old = document.querySelector(".np-timeline");
        if (fresh && old) { old.replaceWith(fresh); }
      }).catch(function () {});
      ask();
    }
  }

  function beat() {
    if (!document.hidden) {
      get(strip.dataset.url, "json").then(function (news) {
        if (strip.innerHTML !== news.html) { strip.innerHTML = news.html; }
        if (latest !== news.latest) { refresh(); }
        latest = news.latest;
      }).catch(function () {
        strip.textContent = "Night Porter does not answer: what you see may be out of date.";
      });
    }
    setTimeout(beat, every);
  }

  function ask() {
    if (!look || !look.dataset.url) { return; }
    get(look.dataset.url, "text").then(function (html) { look.innerHTML = html; }).catch(function () {
      look.innerHTML = "<p>The PMS and Seam could not be asked at the moment.</p>";
    });
  }

  ask();
  if (strip && strip.dataset.url) { beat(); }
})();
