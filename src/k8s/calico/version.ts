/** The release that is modelled. */
export const CALICO_VERSION = "v3.31.0";
