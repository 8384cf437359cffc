// The list of all rooms is asked for once, and put into a choice when somebody opens it: 300 locks times 300 rooms is
// much to send.
(function () {
  "use strict";
  var rooms = null;

  function offer(choice) {
    var known = {};
    for (var at = 0; at < choice.options.length; at += 1) { known[choice.options[at].value] = true; }
    rooms.forEach(function (room) {
      if (!known[room[0]]) { choice.add(new Option(room[1], room[0])); }
    });
  }

  function fill(event) {
    var choice = event.target, table = document.getElementById("locks");
    if (!table || !choice.matches || !choice.matches("select[data-rooms]")) { return; }
    choice.removeAttribute("data-rooms");
    if (rooms) { offer(choice); return; }
    fetch(table.dataset.rooms, { credentials: "same-origin", redirect: "error" })
      .then(function (answer) { return answer.json(); })
      .then(function (news) { rooms = news.rooms; offer(choice); })
      .catch(function () { choice.setAttribute("data-rooms", ""); });
  }

  document.addEventListener("focusin", fill);
  document.addEventListener("mouseover", fill);
})();
