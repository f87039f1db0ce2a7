// Shows new messages without a click: asks how many there are, and loads the page again when that changes.
const shown = document.currentScript.dataset.count;

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/count");
    if (answer.ok && (await answer.text()) !== shown) location.reload();
  } catch {
    // The demo was stopped; it may come back.
  }
}

setInterval(look, 2000);
document.addEventListener("visibilitychange", look);
