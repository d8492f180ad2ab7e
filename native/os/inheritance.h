// What a child inherits from the process that starts it, for children that somebody else forks. Contract of
// os/<platform>/inheritance.cc. Of the calling thread, where the kernel keeps a thing for each thread: a fork or exec
// by that thread would pass it on.
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

// What nobody can give to a process that has been forked elsewhere, or must not: real and effective ids, groups,
// capabilities, securebits, no_new_privs, seccomp, session and process group, root directory, namespaces. Another
// number when one of them is another one. (A second seccomp filter is not seen, nor are control groups and the labels
// of security modules.)
uint64_t CredentialsStamp();

struct Limit {
  uint64_t soft, hard;
};

// What a process can be given afterwards. All of it is data: two are the same when their bytes are.
struct Attributes {
  uint64_t blocked_signals;
  uint32_t saved_user, saved_group;  // an execve makes them the effective ones
  int32_t oom_score_adj;
  // As a child gets them: without what is to be reset on fork.
  int32_t policy;
  int32_t nice;
  uint32_t priority;
  Limit limits[16];
  uint8_t affinity[128];
};

void ReadAttributes(Attributes* out);

// Whether a process that has `from` may take over `to`, whatever its rights: it gives something up, or turns to
// something equal.
bool CanTake(const Attributes& from, const Attributes& to);

// Gives them to this process. 0, or -errno of the first that was refused.
int TakeAttributes(const Attributes& attributes);

}  // namespace nprocs::os
