#include "os/scheduling.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/check.h"

using namespace nprocs::os;

namespace {

struct Surroundings {
  int policy;
  cpu_set_t processors;
};

Surroundings Now() {
  Surroundings out;
  out.policy = sched_getscheduler(0);
  if (sched_getaffinity(0, sizeof out.processors, &out.processors) != 0) CPU_ZERO(&out.processors);
  return out;
}

bool operator==(const Surroundings& a, const Surroundings& b) { return a.policy == b.policy && CPU_EQUAL(&a.processors, &b.processors); }

int ExitCodeOf(pid_t child) {
  int status;
  if (waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST(AProcessThatLeavesProcessorsToOthersIsAsBeforeAfterwards) {
  const Surroundings before = Now();
  LeaveProcessorsToOthers(true);
  CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
  const Surroundings during = Now();
  CHECK_EQ(CPU_COUNT(&during.processors), 1);
  LeaveProcessorsToOthers(true);
  LeaveProcessorsToOthers(false);
  CHECK(Now() == before);
  LeaveProcessorsToOthers(false);
  CHECK(Now() == before);
}

TEST(AForkOfItIsToo) {
  const Surroundings before = Now();
  LeaveProcessorsToOthers(true);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    if (sched_getscheduler(0) != SCHED_BATCH) _exit(1);
    LeaveProcessorsToOthers(false);
    _exit(Now() == before ? 0 : 2);
  }
  LeaveProcessorsToOthers(false);
  CHECK(Now() == before);
  CHECK_EQ(ExitCodeOf(child), 0);
}

TEST(WhoHasBeenGivenAnotherPolicyKeepsIt) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    sched_param none = {};
    if (sched_setscheduler(0, SCHED_BATCH, &none) != 0) _exit(1);
    const Surroundings before = Now();
    LeaveProcessorsToOthers(true);
    if (!(Now() == before)) _exit(2);
    LeaveProcessorsToOthers(false);
    _exit(Now() == before ? 0 : 3);
  }
  CHECK_EQ(ExitCodeOf(child), 0);
}

CHECK_MAIN
