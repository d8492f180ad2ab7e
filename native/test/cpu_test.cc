#include "os/cpu.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

using namespace nprocs::os;

namespace {

cpu_set_t Allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  return set;
}

void AllowOnly(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

int FirstOf(const cpu_set_t& set) {
  int cpu = 0;
  while (!CPU_ISSET(cpu, &set)) cpu++;
  return cpu;
}

// A process that is bound to a CPU, and always wants to run there, or sleeps.
pid_t Other(int cpu, bool spins) {
  int ready[2];
  if (pipe(ready) != 0) return -1;
  const pid_t pid = fork();
  if (pid == 0) {
    AllowOnly(cpu);
    if (write(ready[1], "1", 1) != 1) _exit(1);
    while (spins) continue;
    for (;;) pause();
  }
  char byte;
  if (read(ready[0], &byte, 1) != 1) return -1;
  close(ready[0]);
  close(ready[1]);
  return pid;
}

void End(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

// On the CPU, which it may leave.
void GoTo(int cpu, const cpu_set_t& allowed) {
  AllowOnly(cpu);
  sched_setaffinity(0, sizeof allowed, &allowed);
}

}  // namespace

TEST(AThreadLeavesTheCpuThatAnotherOneNeedsAndMayUseTheSameCpusAfterwards) {
  const cpu_set_t allowed = Allowed();
  if (CPU_COUNT(&allowed) < 2) return;
  const int cpu = FirstOf(allowed);
  const pid_t pid = Other(cpu, true);
  int moved = 0;
  // The kernel may move it away by itself before it looks.
  while (moved == 0) {
    GoTo(cpu, allowed);
    moved = MakeWay(pid);
  }
  CHECK_EQ(moved, 1);
  const cpu_set_t after = Allowed();
  CHECK(CPU_EQUAL(&after, &allowed));
  End(pid);
}

TEST(AThreadStaysWhereNobodyNeedsItsCpuOrThereIsNoOther) {
  const cpu_set_t allowed = Allowed();
  const int cpu = FirstOf(allowed);
  const pid_t sleeper = Other(cpu, false);
  do GoTo(cpu, allowed);
  while (MakeWay(sleeper) != 0);  // it may be on its way to sleep
  End(sleeper);
  CHECK_EQ(MakeWay(sleeper), 0);
  CHECK_EQ(MakeWay(getpid()), 0);
  const pid_t pid = Other(cpu, true);
  AllowOnly(cpu);
  CHECK_EQ(MakeWay(pid), 0);
  sched_setaffinity(0, sizeof allowed, &allowed);
  End(pid);
}

CHECK_MAIN
