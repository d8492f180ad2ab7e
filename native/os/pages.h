// The pages that copies of a process need. Contract of os/<platform>/pages.cc.
//
// A new copy has none of its own: each page that it writes to, and each part of the program's files that it looks at,
// costs it a page fault when it does so first. Where a fault itself takes many times as long as what is done in it, as
// on virtual machines, that is most of what a copy costs. One call gets many pages ready at once; but which, only a
// copy that has done the same can tell. So one of them notes at its end what it has come to use, and others get that
// ready when they begin.
//
// A note is for speed alone: a page that is not on it, or is on it in vain, costs no more than it would anyway. It lies
// in memory that all copies can write to, so whoever reads it believes nothing: it asks for pages of its own mappings
// only, and for no more than a note may have.
#pragma once

namespace nprocs::os {

// Makes room for the note, for all later copies of this process. Returns 0 or -errno.
int MakePageNote();

// In a copy: notes what it has made its own and looked at, in place of what was noted before; not when that is more
// than what every copy would need. Returns how many pages are on the note, 0 when it is left as it was, or -errno.
int NotePages();

// In a new copy: gets ready what is on the note. Does nothing when nothing has been noted since it last did.
void ReadyPages();

}  // namespace nprocs::os
