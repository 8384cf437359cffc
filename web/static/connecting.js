// Follows a sign-in page of Seam: as soon as somebody has signed in, the page is loaded anew.
(function () {
  "use strict";
  var here = document.getElementById("connecting");
  function look() {
    fetch(here.dataset.url, { credentials: "same-origin", redirect: "error" })
      .then(function (answer) { return answer.json(); })
      .then(function (news) {
        if (news.status !== "pending") { location.reload(); } else { setTimeout(look, 2000); }
      })
      .catch(function () { setTimeout(look, 5000); });
  }
  if (here) { setTimeout(look, 2000); }
})();
