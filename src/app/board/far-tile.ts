import { shortPodName } from "../model/cast.ts";
import type { Mark, RoomHealth } from "../model/health.ts";
import type { Tile } from "../model/layout/districts.ts";
import type { Room } from "../model/topology.ts";
import type { Rect } from "../model/layout/scene.ts";
import type { Collector } from "./far-batch.ts";
import type { FarPicture } from "./far-paint.ts";

/** Pixels that a tile is wide when more of it is drawn. */
const SHOW = { marks: 14, count: 34, stitches: 60, name: 92, both: 150, names: 190 };
/** Pixels of a pod's mark: a square at most, and with its name. */
const MARK = { side: 34, width: 96, height: 44 };
/** Pods lie on their nodes, what is chosen is framed above all. */
const LAYER = { tile: 0, mark: 1, chosen: 2 };
/** Pixels of letters. */
export const FONT = { least: 12, usual: 13, largest: 16, head: 20 };

/** Paints nodes and their pods as they look from afar: the more room, the more of them. */
export class TilePainter {
  private readonly batch: Collector;
  private readonly picture: FarPicture;
  private readonly small: string;
  private readonly code: string;

  constructor(batch: Collector, picture: FarPicture) {
    this.batch = batch;
    this.picture = picture;
    this.small = `600 ${FONT.least}px ${picture.fonts.text}`;
    this.code = `${FONT.least}px ${picture.fonts.code}`;
  }

  tile({ room }: Tile, at: Rect): void {
    const { batch } = this;
    const { colour } = this.picture;
    const health = this.picture.health.of(room);
    const isWhole = health.isReady && health.ready === health.marks.length;
    // Node and pod alike are network namespaces: their edge is stitched, as soon as one can see stitches.
    const dash = at.width > SHOW.stitches ? [6, 4] : [];
    const fill = colour(health.isReady ? "--felt" : "--drop-soft");
    const path = batch.path(LAYER.tile, fill, colour(isWhole ? "--stitch" : "--drop"), isWhole ? 1 : 2, dash);
    if (at.width < SHOW.count) path.rect(at.x, at.y, at.width, at.height);
    else path.roundRect(at.x, at.y, at.width, at.height, Math.min(10, at.width / 8));
    this.choose(room, health, at);
    const address = room.nics[0]?.addresses[0]?.split("/")[0] ?? "";
    const top = this.words(room.name, address, health, at);
    if (at.width < SHOW.marks) return;
    const pad = Math.max(1.5, Math.min(14, at.width * 0.06));
    this.marks(health.marks, {
      x: at.x + pad,
      y: at.y + top + pad,
      width: at.width - 2 * pad,
      height: at.height - top - 2 * pad,
    });
  }

  /** A firm frame for a node that is chosen; a dashed one for a node with a pod that is. */
  private choose(room: Room, health: RoomHealth, at: Rect): void {
    const { chosen, colour } = this.picture;
    if (chosen === undefined) return;
    const isOwn = chosen.room(room);
    if (!isOwn && !health.marks.some((mark) => chosen.pod(mark))) return;
    // Outside of the tile: its own edge says how the node is.
    const away = at.width < SHOW.count ? 2 : 4;
    const dash = isOwn ? [] : [5, 4];
    this.batch
      .path(LAYER.chosen, "", colour("--accent"), at.width < SHOW.count ? 2.5 : 3, dash)
      .roundRect(
        at.x - away,
        at.y - away,
        at.width + 2 * away,
        at.height + 2 * away,
        Math.min(12, at.width / 6),
      );
  }

  /** The frame around the mark of a pod that is chosen. */
  private choosePod(mark: Mark, x: number, y: number, width: number, height: number): void {
    const { chosen, colour } = this.picture;
    if (chosen === undefined || !chosen.pod(mark)) return;
    this.batch
      .path(LAYER.chosen, "", colour("--accent"), Math.max(1.5, Math.min(3, width / 5)))
      .rect(x - 2, y - 2, width + 4, height + 4);
  }

  /** Name, address and counts, as far as there is room; answers the height that they take. */
  private words(name: string, address: string, { marks, ready, isReady }: RoomHealth, at: Rect): number {
    const { batch, picture } = this;
    const sign = !isReady ? "✕ " : ready < marks.length ? "! " : "";
    const count = sign + (ready === marks.length ? `${ready}` : `${ready}/${marks.length}`);
    const ink = picture.colour(sign === "" ? "--ink" : "--drop");
    if (at.width < SHOW.count || at.height < FONT.least * 1.6) {
      if (sign === "" || at.width < 9) return 0;
      batch.text(this.small, ink, sign.trim(), at.x + at.width / 2 - 4, at.y + FONT.least);
      return FONT.least;
    }
    if (at.width < SHOW.name) {
      const number = /\d+$/.exec(name)?.[0] ?? "";
      const short = batch.clipped(this.small, sign === "" ? number : count, at.width - 6);
      batch.text(this.small, ink, short, at.x + 4, at.y + FONT.least + 1);
      return FONT.least + 2;
    }
    const size = Math.min(FONT.largest, Math.round(FONT.usual + at.width / 160));
    const font = `650 ${size}px ${picture.fonts.text}`;
    const words = `${count} ${picture.podWord}`;
    const right = batch.width(font, words);
    const both = at.width - 16 > right + 30 && at.width > SHOW.both;
    const room = at.width - 16 - (both ? right + 8 : 0);
    batch.text(font, ink, batch.clipped(font, name, room), at.x + 8, at.y + size + 4);
    if (both) batch.text(font, ink, words, at.x + at.width - 8 - right, at.y + size + 4);
    if (at.height < size * 3.2) return size + 6;
    const second = batch.clipped(this.code, both ? address : count, at.width - 16);
    batch.text(this.code, picture.colour("--ink-2"), second, at.x + 8, at.y + 2 * size + 6);
    return 2 * size + 8;
  }

  /** A square for each pod: filled when it is ready, else an empty one struck through. */
  private marks(marks: readonly Mark[], area: Rect): void {
    if (marks.length === 0 || area.height < 3 || area.width < 3) return;
    if (area.width > SHOW.names) {
      this.namedMarks(marks, area);
      return;
    }
    const { colour } = this.picture;
    const ready = this.batch.path(LAYER.mark, colour("--app"), "");
    const broken = this.batch.path(LAYER.mark, "", colour("--drop"), 1.5);
    const columns = Math.max(1, Math.ceil(Math.sqrt((marks.length * area.width) / area.height)));
    const side = Math.min(area.height / Math.ceil(marks.length / columns), area.width / columns, MARK.side);
    const gap = side > 5 ? side * 0.2 : Math.min(1, side / 4);
    const full = side - gap;
    marks.forEach((mark, i) => {
      const x = area.x + (i % columns) * side;
      const y = area.y + Math.floor(i / columns) * side;
      this.choosePod(mark, x, y, full, full);
      if (mark.ready) {
        ready.rect(x, y, full, full);
        return;
      }
      broken.rect(x + 0.75, y + 0.75, full - 1.5, full - 1.5);
      broken.moveTo(x, y + full);
      broken.lineTo(x + full, y);
    });
  }

  private namedMarks(marks: readonly Mark[], area: Rect): void {
    const columns = Math.max(1, Math.floor(area.width / MARK.width));
    const width = area.width / columns;
    const height = Math.min(MARK.height, area.height / Math.ceil(marks.length / columns));
    marks.forEach((mark, i) => {
      const x = area.x + (i % columns) * width;
      const y = area.y + Math.floor(i / columns) * height;
      this.namedMark(mark, { x, y, width: width - 5, height: height - Math.min(5, height / 4) });
    });
  }

  private namedMark(mark: Mark, at: Rect): void {
    const { name, ip, ready } = mark;
    this.choosePod(mark, at.x, at.y, at.width, at.height);
    const { batch } = this;
    const { colour } = this.picture;
    const [soft, firm] = ready ? ["--app-soft", "--app"] : ["--drop-soft", "--drop"];
    batch.path(LAYER.mark, colour(soft), colour(firm), 1, [4, 3]).rect(at.x, at.y, at.width, at.height);
    if (at.height < FONT.least + 4) return;
    const text = batch.clipped(this.small, `${ready ? "" : "! "}${shortPodName(name)}`, at.width - 6);
    batch.text(this.small, colour("--ink"), text, at.x + 4, at.y + FONT.least + 1);
    if (at.height < 2 * FONT.least + 6 || ip === undefined) return;
    const address = batch.clipped(this.code, ip, at.width - 6);
    batch.text(this.code, colour("--ink-2"), address, at.x + 4, at.y + 2 * FONT.least + 3);
  }
}
