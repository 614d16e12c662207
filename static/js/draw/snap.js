// A corner near a neighbour's corner becomes that corner, and near its side a point of the side: borders drawn from
// both sides are then one line, with no sliver between them.
const REACH = 14;

export function snapTo(rings) {
  return (event, { project, unproject }) => {
    const here = { x: event.containerX, y: event.containerY };
    let corner = null, side = null, near = REACH, beside = REACH;
    for (const ring of rings) {
      let before = null;
      for (const point of ring) {
        const at = project(point[0], point[1]);
        const away = Math.hypot(at.x - here.x, at.y - here.y);
        if (away < near) [near, corner] = [away, point];
        if (before) {
          const foot = closest(here, before, at);
          const off = Math.hypot(foot.x - here.x, foot.y - here.y);
          if (off < beside) [beside, side] = [off, foot];
        }
        before = at;
      }
    }
    if (corner) return [round(corner[0]), round(corner[1])];
    if (!side) return undefined;
    const { lng, lat } = unproject(side.x, side.y);
    return [round(lng), round(lat)];
  };
}

function closest(point, from, to) {
  const across = { x: to.x - from.x, y: to.y - from.y };
  const length = across.x ** 2 + across.y ** 2;
  const share = length ? Math.max(0, Math.min(1, ((point.x - from.x) * across.x + (point.y - from.y) * across.y) / length)) : 0;
  return { x: from.x + share * across.x, y: from.y + share * across.y };
}

// The precision of what is drawn: with more, the library refuses it.
const round = (degrees) => Math.round(degrees * 1e9) / 1e9;
