// Shows new messages without a click, unless somebody is writing: asks how many there are.
const shown = document.currentScript.dataset.count;

async function look() {
  if (document.hidden || document.activeElement?.value) return;
  try {
    const answer = await fetch("/count");
    if (answer.ok && (await answer.text()) !== shown) location.reload();
  } catch {
    // The demo was stopped; it may come back.
  }
}

setInterval(look, 2000);
document.addEventListener("visibilitychange", look);
