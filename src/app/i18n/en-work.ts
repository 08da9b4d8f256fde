/** Words about scenarios as documents: the gallery, links, saving. */
export const enWork = {
  "gallery.open": "Scenarios",
  "present.start": "Present",
  "present.label": "Large type, nothing but the board and the packet",
  "edit.history": "Steps of editing",
  "edit.undo": "Undo",
  "edit.undo.label": "Undo (Ctrl-Z)",
  "edit.redo": "Redo",
  "edit.redo.label": "Redo (Ctrl-Shift-Z)",
  "work.rename": "Rename the scenario",
  "work.saving": "saving …",
  "work.saved": "saved in this browser",
  "work.kept-here": "kept as long as this page is open",
  "work.failed": "not saved: the browser's store refuses",
  "work.forked":
    "Another page has changed the same scenario. Both are kept: what you see here is now a scenario of its own.",
  "share.open": "Share",
  "share.title": "Share this scenario",
  "share.text":
    "The whole scenario is in the link itself, behind the #. Nothing is uploaded: a browser does not send that part to any server.",
  "share.moment": "Open at this moment: hop {hop} of the packet that was sent last",
  "share.readonly": "To look at only, without tools to change it",
  "share.link": "Link",
  "share.length": "{length} characters",
  "share.long":
    "{length} characters: some mail and chat programs cut links of more than 8,000. The file is safer.",
  "share.frame": "For a page of your own",
  "share.file": "Save as a file",
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
  "share.problem.file.large": "This file is larger than a scenario may be. What was open is untouched.",
} as const satisfies Record<string, string>;
