/** Holds every virtual address and is never up: its addresses make the packets local ones. */
export const DEVICE = "kube-ipvs0";
