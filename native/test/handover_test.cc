#include "os/handover.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "os/descriptor.h"
#include "test/check.h"

using namespace nprocs::os;

namespace {

// A file that somebody holds, as a channel.
struct Channel {
  std::string path = "/dev/shm/nprocs-handover-test-XXXXXX";
  int fd;
  Channel() {
    fd = mkostemp(&path[0], O_CLOEXEC);
    flock(fd, LOCK_SH);
  }
  ~Channel() {
    close(fd);
    unlink(path.c_str());
  }
};

std::string Address() {
  char address[kTicketLength];
  HandoverAddress(address);
  return std::string(address, sizeof address);
}

const char* kTicket = "0123456789abcdef";

}  // namespace

TEST(AnOfferedDescriptorIsFetchedOnce) {
  Channel channel;
  int pipe[2];
  CHECK_EQ(MakePipe(pipe), 0);
  CHECK_EQ(OfferDescriptor(kTicket, pipe[1], channel.path.c_str()), 0);
  close(pipe[1]);
  CHECK_EQ(CountOffers(""), 1);
  CHECK_EQ(CountOffers(channel.path.c_str()), 1);
  CHECK_EQ(CountOffers("/dev/shm/another"), 0);
  const int fd = FetchDescriptor(Address().c_str(), kTicket, 5000);
  CHECK(fd >= 0);
  CHECK_EQ(write(fd, "x", 1), 1);
  close(fd);
  char byte;
  CHECK_EQ(read(pipe[0], &byte, 1), 1);
  CHECK_EQ(FetchDescriptor(Address().c_str(), kTicket, 5000), -ENOENT);
  CHECK_EQ(CountOffers(""), 0);
  // Nothing is left of it: the pipe is at its end.
  CHECK_EQ(read(pipe[0], &byte, 1), 0);
  close(pipe[0]);
}

TEST(AnOfferEndsWithItsChannelOrWhenItIsWithdrawn) {
  int pipe[2];
  CHECK_EQ(MakePipe(pipe), 0);
  {
    Channel channel;
    CHECK_EQ(OfferDescriptor(kTicket, pipe[0], channel.path.c_str()), 0);
    CHECK_EQ(WithdrawDescriptor(kTicket), 1);
    CHECK_EQ(WithdrawDescriptor(kTicket), 0);
    CHECK_EQ(OfferDescriptor(kTicket, pipe[0], channel.path.c_str()), 0);
    CHECK_EQ(CountOffers(""), 1);
  }
  CHECK_EQ(CountOffers(""), 0);
  close(pipe[0]);
  close(pipe[1]);
}

TEST(AForkedChildOffersNothingOfItsParentAndCanOfferItself) {
  Channel channel;
  int pipe[2];
  CHECK_EQ(MakePipe(pipe), 0);
  CHECK_EQ(OfferDescriptor(kTicket, pipe[1], channel.path.c_str()), 0);
  const std::string parents = Address();
  const pid_t pid = fork();
  if (pid == 0) {
    const bool is_empty = CountOffers("") == 0 && Address() != parents;
#ifdef __SANITIZE_THREAD__
    _exit(is_empty ? 0 : 1);  // which does not support threads in such a child
#endif
    const bool offers = OfferDescriptor(kTicket, pipe[0], channel.path.c_str()) == 0;
    const bool fetches = FetchDescriptor(Address().c_str(), kTicket, 5000) >= 0;
    _exit(is_empty && offers && fetches ? 0 : 1);
  }
  int status = 0;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  // The parent's is the parent's still.
  const int fd = FetchDescriptor(parents.c_str(), kTicket, 5000);
  CHECK(fd >= 0);
  for (int each : {fd, pipe[0], pipe[1]}) close(each);
}

TEST(AnAddressThatNobodyHasIsRefused) { CHECK_EQ(FetchDescriptor("ffffffffffffffff", kTicket, 5000), -ECONNREFUSED); }

CHECK_MAIN
