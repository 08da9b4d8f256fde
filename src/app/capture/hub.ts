import { createStore, type StoreApi } from "zustand/vanilla";
import { type Filter, parseFilter } from "../model/capture/filter-parse.ts";
import { type CapturePoint, FrameLog, pointKey } from "../model/capture/frames.ts";
import { PacketList } from "../model/capture/packet.ts";
import type { Session } from "../session.ts";

export interface CaptureState {
  /** The interfaces that are looked at, in columns. */
  readonly open: readonly CapturePoint[];
  /** As it is typed, and as it was when it last made sense. */
  readonly filter: string;
  readonly applied: Filter | undefined;
  /** Place in the trace of the frame that is looked at. */
  readonly chosen: number | undefined;
  /** Grows with every frame that came. */
  readonly version: number;
}

/** More columns than this are too narrow to read. */
export const MOST_COLUMNS = 4;
/** How often the lists follow a world that goes on. */
const REFRESH_MS = 250;

const hubs = new WeakMap<Session, CaptureHub>();

export function captureHubOf(session: Session): CaptureHub {
  let hub = hubs.get(session);
  if (hub === undefined) {
    hub = new CaptureHub(session);
    hubs.set(session, hub);
  }
  return hub;
}

/** The captures of a session: what is open, and the packets read so far. They show what happened before they were opened, too. */
export class CaptureHub {
  readonly store: StoreApi<CaptureState>;
  readonly log: FrameLog;
  private readonly lists = new Map<string, PacketList>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.log = new FrameLog(session.reader);
    this.log.catchUp();
    this.store = createStore<CaptureState>(() => ({
      open: [],
      filter: "",
      applied: undefined,
      chosen: undefined,
      version: 0,
    }));
    session.growth.add(() => {
      this.timer ??= setTimeout(() => this.follow(), REFRESH_MS);
    });
  }

  open(point: CapturePoint): void {
    this.store.setState(({ open }) => {
      const others = open.filter((each) => pointKey(each) !== pointKey(point));
      return { open: [...others, point].slice(-MOST_COLUMNS) };
    });
  }

  close(point: CapturePoint): void {
    this.store.setState(({ open }) => ({ open: open.filter((each) => pointKey(each) !== pointKey(point)) }));
  }

  choose(index: number): void {
    this.store.setState({ chosen: index });
  }

  setFilter(filter: string): void {
    const read = parseFilter(filter);
    this.store.setState(read.ok ? { filter, applied: read.value } : { filter });
  }

  /** The packets of an interface, as far as they have happened. */
  packets(point: CapturePoint): PacketList {
    const key = pointKey(point);
    let list = this.lists.get(key);
    if (list === undefined) {
      list = new PacketList();
      this.lists.set(key, list);
    }
    const frames = this.log.of(point);
    for (let i = list.packets.length; i < frames.length; i++) list.add(this.log.frame(frames[i]!));
    return list;
  }

  private follow(): void {
    this.timer = undefined;
    this.log.catchUp();
    this.store.setState(({ version }) => ({ version: version + 1 }));
  }
}
