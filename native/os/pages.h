// The pages of this process's memory. Contract of os/<platform>/pages.cc.
#pragma once

namespace nprocs::os {

// Joins the small pages of memory that programs write to into large ones, where whole large ones lie side by side: a fork then has less to copy, and the end
// of a copy less to free. What is in the memory stays. Returns how many large pages there are of it, or -errno.
int JoinPages();

}  // namespace nprocs::os
