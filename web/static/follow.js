// Follows what is pending at Seam (somebody is to sign in, a card is being written): as soon as it is done, the page is
// loaded anew.
(function () {
  "use strict";
  var here = document.querySelector("[data-follow]");
  function look() {
    var byItself = { "X-Requested-With": "fetch" };
    fetch(here.dataset.follow, { credentials: "same-origin", headers: byItself, redirect: "error" })
      .then(function (answer) { return answer.json(); })
      .then(function (news) {
        if (news.status !== "pending") { location.reload(); } else { setTimeout(look, 2000); }
      })
      .catch(function () { setTimeout(look, 5000); });
  }
  if (here) { setTimeout(look, 2000); }
})();
