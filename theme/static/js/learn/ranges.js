// Sets of seconds, as ranges [from, to] in order, none touching the next. Knows no video.

const GAP_SECONDS = 1; // what lies between two looks at the clock is seen too

// [[0, 5]] and [[4, 9]] -> [[0, 9]]
export function united(...sets) {
  const parts = sets.flat().filter(([from, to]) => to > from).sort((one, other) => one[0] - other[0]);
  const whole = [];
  for (const [from, to] of parts) {
    const last = whole.at(-1);
    if (last && from <= last[1] + GAP_SECONDS) last[1] = Math.max(last[1], to);
    else whole.push([from, to]);
  }
  return whole;
}

export function length(ranges) {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}
