// Lets "#t=83" and "#t=1:23" play from there, marks what is being heard and names it on lock screens.
// It knows nothing of the page but its audio element and its links; without it the page works as it stands.

const audio = document.querySelector("audio");
const LINKS = 'a[href^="#t="]';

function seconds(hash) {
  return hash.startsWith("#t=") ? hash.slice(3).split(":").reduce((sum, part) => sum * 60 + Number(part), 0) : NaN;
}

function goTo(time) {
  if (!Number.isFinite(time) || time < 0) return false;
  const seek = () => { audio.currentTime = time; };
  if (audio.readyState) seek();
  else audio.addEventListener("loadedmetadata", seek, { once: true });
  return true;
}

function playFrom(time) {
  if (goTo(time)) audio.play().catch(() => {}); // a browser may demand a gesture first: the place is kept for it
}

function followLink(event) {
  const link = event.target.closest(LINKS);
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.replaceState(history.state, "", link.hash);
  playFrom(seconds(link.hash));
}

function marker(list, item) {
  const marks = [...document.querySelectorAll(`${list} ${LINKS}`)]
    .map((link) => ({ time: seconds(link.hash), element: link.closest(item) }));
  let current;
  return (now) => {
    const heard = marks.filter((mark) => mark.time <= now).pop()?.element;
    if (heard === current) return;
    current?.removeAttribute("aria-current");
    heard?.setAttribute("aria-current", "true");
    current = heard;
  };
}

function nameOnLockScreen() {
  if (!("mediaSession" in navigator)) return;
  const { title, artist, album, artwork } = audio.dataset;
  navigator.mediaSession.metadata = new MediaMetadata({ title, artist, album, artwork: [{ src: artwork }] });
}

if (audio) {
  const markers = [marker(".chapters", "a"), marker(".transcript", "p")];
  const mark = () => markers.forEach((at) => at(audio.currentTime));
  audio.addEventListener("timeupdate", mark);
  audio.addEventListener("seeked", mark);
  audio.addEventListener("play", nameOnLockScreen);
  document.addEventListener("click", followLink);
  window.addEventListener("hashchange", () => playFrom(seconds(location.hash)));
  goTo(seconds(location.hash)); // it is played when somebody presses play
}
