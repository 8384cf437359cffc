// Keeps a page true while somebody looks at it: running runs, the page itself once a run has ended, its title, how many
// revocations are held, and how long ago things were.
(function () {
  "use strict";
  var strip = document.getElementById("progress");
  var look = document.getElementById("look");
  if (!strip) { return; }
  // The last run that had ended when this page was read: any later one makes it stale.
  var latest = strip.dataset.latest;
  var words = JSON.parse(strip.dataset.words);
  var every = 2000;
  var isStale = false;
  // The server's clock when the page was read, and this machine's: the two need not agree.
  var now = Date.parse(strip.dataset.now);
  var readAt = Date.now();

  function get(url, type) {
    return fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" }, redirect: "manual" })
      .then(function (answer) {
        if (answer.type === "opaqueredirect" || answer.status === 401) { throw new Error("signed out"); }
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return type === "json" ? answer.json() : answer.text();
      });
  }

  // An answer may be looked at long after it was given, by a machine that slept meanwhile: it is as old as its question.
  function page(url) {
    var askedAt = Date.now();
    return get(url, "text").then(function (html) {
      return { askedAt: askedAt, document: new DOMParser().parseFromString(html, "text/html") };
    });
  }

  function clockTime(moment) {
    var locale = document.documentElement.lang;
    return moment.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  }

  // The same words as the server's: "just now", "5 min ago", "3 h ago", "2 days ago".
  function ago(seconds) {
    if (seconds < 60) { return words.now; }
    if (seconds < 3600) { return words.minutes.replace("{}", Math.floor(seconds / 60)); }
    if (seconds < 48 * 3600) { return words.hours.replace("{}", Math.floor(seconds / 3600)); }
    return words.days.replace("{}", Math.floor(seconds / 86400));
  }

  function tellAges() {
    var passed = Date.now() - readAt;
    document.querySelectorAll("time.np-ago").forEach(function (one) {
      var words = ago((now + passed - Date.parse(one.dateTime)) / 1000);
      if (one.textContent !== words) { one.textContent = words; }
    });
  }

  // "/" goes to the search, from wherever nobody types.
  document.addEventListener("keydown", function (event) {
    var search = document.getElementById("search"), active = document.activeElement;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !search) { return; }
    if (active && active.matches("select, input, textarea")) { return; }
    event.preventDefault();
    search.focus();
    search.select();
  });

  // Somebody who is choosing or typing is not interrupted: it is done at a later beat.
  function isInUse(old) {
    var active = document.activeElement;
    return old.contains(active) && active.matches("select, input, textarea");
  }

  // False where it has to be tried again.
  function replace(selector, fresh) {
    var found = fresh.querySelector(selector), old = document.querySelector(selector);
    if (!found || !old || found.innerHTML === old.innerHTML && found.className === old.className) { return true; }
    if (isInUse(old)) { return false; }
    var form = old.contains(document.activeElement) && document.activeElement.closest("form");
    old.replaceWith(found);
    if (form) {
      // Whoever was on a button stays on it.
      var same = found.querySelector('form[action="' + form.getAttribute("action") + '"] button');
      if (same) { same.focus(); }
    }
    return true;
  }

  function takeOver(read, selectors) {
    var fresh = read.document;
    now = Date.parse(fresh.getElementById("progress").dataset.now);
    readAt = read.askedAt;
    document.title = fresh.title;
    var done = ["#held-number"].concat(selectors).map(function (one) { return replace(one, fresh); });
    tellAges();
    return done.every(Boolean);
  }

  function refresh() {
    isStale = false;
    // By the booking's own address: the page with a PIN was the answer to a form, and has none to be read from.
    var url = look ? look.dataset.page : location.href;
    return page(url).then(function (read) {
      isStale = !takeOver(read, look ? ["#about", "#verdict", "#still-closed", "#moments"] : ["#fresh"]);
      if (look) { ask(); }
    }).catch(function () { isStale = true; });
  }

  function tellTrouble(problem) {
    var link;
    strip.className = "np-lost";
    if (problem.message === "signed out") {
      strip.textContent = words.signed_out + " ";
      link = document.createElement("a");
      link.href = location.href;
      link.textContent = words.sign_in;
      strip.append(link);
    } else {
      strip.textContent = words.lost.replace("{}", clockTime(new Date(readAt)));
    }
  }

  function beat() {
    if (document.hidden) { return Promise.resolve(); }
    return get(strip.dataset.url, "json").then(function (news) {
      strip.className = "";
      if (strip.innerHTML !== news.html) { strip.innerHTML = news.html; }
      if (latest !== news.latest || isStale) {
        latest = news.latest;
        return refresh();
      }
      // Nothing has ended since: the page is as true as if it had been read now.
      now += Date.now() - readAt;
      readAt = Date.now();
    }).catch(tellTrouble);
  }

  function goOn() { beat().then(function () { setTimeout(goOn, every); }); }

  // Puts a line where the answer will be, and returns it.
  function say(name, line) {
    var told = document.createElement("p");
    told.className = name;
    told.setAttribute("role", "status");
    told.textContent = line;
    look.replaceChildren(told);
    return told;
  }

  // Asks the PMS and Seam for the booking. What Seam said is noted, so the verdict above is read anew after it.
  function ask() {
    if (!look || !look.dataset.url) { return; }
    get(look.dataset.url, "text").then(function (html) {
      look.innerHTML = html;
      return page(look.dataset.page).then(function (read) { takeOver(read, ["#verdict"]); });
    }).catch(function () {
      var again = document.createElement("a");
      again.className = "np-again";
      again.href = "?live=1";
      again.textContent = words.ask_again;
      say("", words.not_asked + " ").append(again);
    });
  }

  document.addEventListener("click", function (event) {
    var again = event.target.closest && event.target.closest("a.np-again");
    if (!again || !look || !look.dataset.url) { return; }
    event.preventDefault();
    var spinner = document.createElement("span");
    spinner.className = "spinner-border spinner-border-sm";
    spinner.setAttribute("aria-hidden", "true");
    say("np-asking", " " + words.asking).prepend(spinner);
    ask();
  });

  document.addEventListener("visibilitychange", function () { tellAges(); if (!document.hidden) { beat(); } });
  setInterval(tellAges, 15000);
  ask();
  if (strip.dataset.url) { goOn(); }
})();
