// Moments as people read them.

// 83 -> "1:23"; 3723 -> "1:02:03"
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

// "#t=83", "#t=1:23" and "#de.t=83" -> 83; anything else -> NaN
export function moment(hash) {
  const [, written] = /^#(?:[\w-]+\.)?t=([\d:.]+)$/.exec(hash) ?? [];
  return written ? written.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) : NaN;
}
