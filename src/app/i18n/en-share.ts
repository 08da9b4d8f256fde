/** Words of the windows that open and share scenarios. */
export const enShare = {
  "gallery.title": "Scenarios",
  "gallery.search": "Search by title",
  "gallery.file": "Open a file …",
  "gallery.new.cluster": "New cluster",
  "gallery.new.board": "Empty board",
  "gallery.own": "Yours, kept in this browser",
  "gallery.ready": "Ready to open",
  "gallery.nothing": "None with this word in its title.",
  "gallery.saved": "Changed {when} · {states} earlier states",
  "gallery.remove": "Remove {name}",
  "gallery.removed": "{name} is gone.",
  "share.svg": "Picture (SVG)",
  "share.png": "Picture (PNG)",
  "share.print": "Print",
  "share.title": "Share this scenario",
  "share.text":
    "The whole scenario is in the link itself, behind the #. Nothing is uploaded: a browser does not send that part to any server.",
  "share.moment": "Open at this moment: hop {hop}, after all that was done before ({count})",
  "share.moment.now": "With all that was done so far ({count})",
  "share.readonly": "To look at only, without tools to change it",
  "share.link": "Link",
  "share.length": "{length} characters",
  "share.long":
    "{length} characters: some mail and chat programs cut links of more than 8,000. The file is safer.",
  "share.frame": "For a page of your own",
  "share.file": "Save as a file",
  "share.again": "Doing again what led to this moment: {number} of {count}",
  "share.lost": "The packet of the link's moment is not to be found: the world has gone another way.",
  "share.problem.moment":
    "The moment in this link is damaged or from a newer page: its scenario is open from its start.",
  "share.place": "The link's moment begins in {place}, which is not here.",
  "share.problem.gallery": "There is no scenario named {id} in the gallery.",
  "share.problem.link.mangled":
    "This link has been damaged on its way, perhaps cut off. Ask for it again, or for the file. What was open is untouched.",
  "share.problem.link.json": "This link holds no scenario. What was open is untouched.",
  "share.problem.link.shape":
    "This link holds something that is no scenario ({detail}). What was open is untouched.",
  "share.problem.link.newer":
    "This link was made by another version of Flannelgraph than this one (form {detail}). What was open is untouched.",
  "share.problem.link.large":
    "This link unpacks to more than a scenario may hold, and was left unread. What was open is untouched.",
  "share.problem.file.mangled": "This file cannot be read. What was open is untouched.",
  "share.problem.file.json": "This file is no JSON: {detail}. What was open is untouched.",
  "share.problem.file.shape": "This file holds no scenario ({detail}). What was open is untouched.",
  "share.problem.file.newer":
    "This file was made by another version of Flannelgraph than this one (version {detail}). What was open is untouched.",
  "print.now": "Hop {number} of {total}, {place}",
  "print.number": "Hop",
  "print.place": "Where",
  "print.what": "What happens",
  "share.problem.file.large": "This file is larger than a scenario may be. What was open is untouched.",
} as const satisfies Record<string, string>;
