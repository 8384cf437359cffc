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

  function tellAges(root) {
    var passed = Date.now() - readAt;
    root.querySelectorAll("time.np-ago").forEach(function (one) {
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

  // Escape closes the menu, or the question whether she means it, and she is where she was before.
  document.addEventListener("keydown", function (event) {
    var active = document.activeElement;
    var fold = active && active.closest(".np-tabs details[open], .np-steps details[open]");
    if (event.key !== "Escape" || !fold) { return; }
    event.preventDefault();
    fold.open = false;
    fold.querySelector("summary").focus();
  });

  // The menu lies over the page: whoever goes on elsewhere has done with it.
  ["focusin", "click"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var menu = document.querySelector(".np-tabs details[open]");
      if (menu && !menu.contains(event.target)) { menu.open = false; }
    });
  });

  function isChanged(one) {
    var usual;
    if (one.matches("select")) {
      usual = Array.prototype.findIndex.call(one.options, function (option) { return option.defaultSelected; });
      return one.selectedIndex !== Math.max(usual, 0);
    }
    if (one.matches("[type=radio], [type=checkbox]")) { return one.checked !== one.defaultChecked; }
    return one.value !== one.defaultValue;
  }

  // Somebody who is choosing or typing is not interrupted, and what she has chosen and not sent yet is not lost: it is
  // done at a later beat.
  function isInUse(old) {
    var active = document.activeElement;
    if (old.contains(active) && active.matches("select, input, textarea")) { return true; }
    return Array.prototype.some.call(old.querySelectorAll("select, input, textarea"), isChanged);
  }

  function called(one) {
    var form = one.closest("form"), told = [one.getAttribute("href"), one.textContent.trim()];
    if (form) {
      told.push(form.getAttribute("action"));
      form.querySelectorAll("[type=hidden]:not([name=csrf_token])").forEach(function (of) { told.push(of.value); });
    }
    return told.join(" ");
  }

  function alike(root, one, name) {
    return Array.prototype.filter.call(root.querySelectorAll(one.tagName), function (other) {
      return name(other) === name(one);
    });
  }

  // Finds a link, a button or a fold of a page on the same page that was read anew: of several that are called alike,
  // the one at the same place; or the only one that is called so but for a number.
  function finderOf(old, one) {
    function withoutNumbers(other) { return called(other).replace(/\d+/g, ""); }
    var place = alike(old, one, called).indexOf(one);
    var isOnlyOne = alike(old, one, withoutNumbers).length === 1;
    return function (found) {
      var same = alike(found, one, called)[place];
      if (same || !isOnlyOne) { return same; }
      same = alike(found, one, withoutNumbers);
      return same.length === 1 ? same[0] : undefined;
    };
  }

  // What is as it was stays the very element that it is: nobody who reads it, points at it or is on it is disturbed. A
  // link, a button or a form is never made into another one: it is as it was, or it is replaced.
  var WHOLE = "a, button, summary, form, select, input, textarea, svg";

  function merge(old, found) {
    var olds = Array.prototype.slice.call(old.childNodes), news = Array.prototype.slice.call(found.childNodes);
    var after = null, place, one, other;
    while (olds.length && news.length && olds[0].isEqualNode(news[0])) { olds.shift(); news.shift(); }
    while (olds.length && news.length && olds[olds.length - 1].isEqualNode(news[news.length - 1])) {
      after = olds.pop();
      news.pop();
    }
    for (place = 0; place < Math.max(olds.length, news.length); place++) {
      one = olds[place];
      other = news[place];
      if (!other) {
        one.remove();
      } else if (!one) {
        old.insertBefore(other, after);
      } else if (one.nodeType === 1 && !one.matches(WHOLE) && one.cloneNode().isEqualNode(other.cloneNode())) {
        merge(one, other);
      } else {
        one.replaceWith(other);
      }
    }
  }

  // A token is another one with each answer, and says nothing of what it stands in.
  function renewTokens(old, found) {
    var fresh = found.querySelector("[name=csrf_token]");
    old.querySelectorAll("[name=csrf_token]").forEach(function (one) {
      if (fresh) { one.setAttribute("value", fresh.getAttribute("value")); }
    });
  }

  // False where it has to be tried again.
  function replace(selector, fresh) {
    var found = fresh.querySelector(selector), old = document.querySelector(selector);
    var active = document.activeElement, find = null, same;
    if (!found || !old) { return true; }
    renewTokens(old, found);
    tellAges(old);
    tellAges(found);
    if (found.innerHTML === old.innerHTML && found.className === old.className) { return true; }
    if (isInUse(old)) { return false; }
    // What she has opened stays open, and whoever was on a link, a button or a fold stays on it.
    old.querySelectorAll("summary").forEach(function (one) {
      var other = finderOf(old, one)(found);
      if (other) { other.parentElement.open = one.parentElement.open; }
    });
    if (old.matches("details") && found.matches("details")) { found.open = old.open; }
    if (old.contains(active) && active.matches("a, button, summary")) { find = finderOf(old, active); }
    if (old.cloneNode().isEqualNode(found.cloneNode())) { merge(old, found); } else { old.replaceWith(found); }
    if (find && document.activeElement !== active) {
      same = find(document.querySelector(selector));
      if (same) { same.focus(); }
    }
    return true;
  }

  function isBusy(selector) {
    var old = document.querySelector(selector);
    return Boolean(old) && isInUse(old);
  }

  function parts() { return look ? ["#about", "#verdict", "#still-closed", "#moments"] : ["#fresh"]; }

  function takeOver(read, selectors) {
    var fresh = read.document;
    now = Date.parse(fresh.getElementById("progress").dataset.now);
    readAt = read.askedAt;
    document.title = fresh.title;
    var done = ["#held-number"].concat(selectors).map(function (one) { return replace(one, fresh); });
    tellAges(document);
    return done.every(Boolean);
  }

  function refresh() {
    isStale = false;
    // By the booking's own address: the page with a PIN was the answer to a form, and has none to be read from.
    var url = look ? look.dataset.page : location.href;
    return page(url).then(function (read) {
      isStale = !takeOver(read, parts());
      if (look) { ask(); }
    }).catch(function () { isStale = true; });
  }

  // What was not ready when the page was read: the page is opened anew once it is.
  function showOnceReady() {
    return page(location.href).then(function (read) {
      if (!read.document.getElementById("soon")) { location.reload(); }
    });
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
      if (document.getElementById("soon")) { return showOnceReady(); }
      // A page that waits until somebody has chosen is not read again and again meanwhile.
      if (latest !== news.latest || isStale && !parts().some(isBusy)) {
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

  document.addEventListener("visibilitychange", function () { tellAges(document); if (!document.hidden) { beat(); } });
  setInterval(function () { tellAges(document); }, 15000);
  ask();
  if (strip.dataset.url) { goOn(); }
})();
