// os/handover.h on Linux: the thread that hands out offered descriptors, and who fetches them.
#include "os/handover.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>
#include <unordered_map>

#include "os/descriptor.h"
#include "os/held.h"
#include "os/linux/call.h"
#include "os/memory.h"
#include "os/socket.h"

namespace nprocs::os {

namespace {

constexpr int kBacklog = 128;
// How long a client may take to show its ticket.
constexpr double kPatienceMs = 1000;
constexpr double kSweepEveryMs = 1000;

struct Offer {
  int fd;
  std::string channel;
};

// Never destroyed: the thread may outlive static destructors.
struct Desk {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  std::unordered_map<std::string, Offer> offers;
  char address[kTicketLength + 1] = {};
  int listener = -1;
  int bell = -1;  // rung when there is something to look after
  bool prepared = false;
};

Desk& desk() {
  static Desk* instance = new Desk();
  return *instance;
}

struct Locked {
  Locked() { pthread_mutex_lock(&desk().mutex); }
  ~Locked() { pthread_mutex_unlock(&desk().mutex); }
};

// --- forks ---

void LockForFork() { pthread_mutex_lock(&desk().mutex); }
void UnlockAfterFork() { pthread_mutex_unlock(&desk().mutex); }

// The thread is not here, and what was offered is the parent's to hand out: its copies here would keep connections
// open.
void StartAnewInChild() {
  Desk& d = desk();
  for (const auto& entry : d.offers) close(entry.second.fd);
  d.offers.clear();
  if (d.listener >= 0) close(d.listener);
  if (d.bell >= 0) close(d.bell);
  d.listener = d.bell = -1;
  d.address[0] = 0;
  pthread_mutex_unlock(&d.mutex);
}

// --- the thread ---

socklen_t MakeAddress(const char* name, sockaddr_un* out) {
  memset(out, 0, sizeof *out);
  out->sun_family = AF_UNIX;
  const int length = snprintf(out->sun_path + 1, sizeof out->sun_path - 1, "nprocs-handover-%.*s", static_cast<int>(kTicketLength), name);
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + static_cast<size_t>(length));
}

void SetTimeout(int fd, double timeout_ms) {
  timeval time = {static_cast<time_t>(timeout_ms / 1000), static_cast<suseconds_t>(static_cast<long>(timeout_ms * 1000) % 1000000)};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

bool IsSameUser(int fd) { return PeerUser(fd) == static_cast<int64_t>(geteuid()); }

int Take(const std::string& ticket) {
  Locked locked;
  auto found = desk().offers.find(ticket);
  if (found == desk().offers.end()) return -1;
  const int fd = found->second.fd;
  desk().offers.erase(found);
  return fd;
}

void Serve(int client) {
  char ticket[kTicketLength];
  if (!IsSameUser(client)) return;
  SetTimeout(client, kPatienceMs);
  if (recv(client, ticket, sizeof ticket, MSG_WAITALL) != sizeof ticket) return;
  const int fd = Take(std::string(ticket, sizeof ticket));
  const char found = fd >= 0 ? 1 : 0;
  SendMessage(client, &found, 1, true, &fd, fd >= 0 ? 1 : 0);
  if (fd >= 0) close(fd);
}

// Drops what nobody can fetch any more. RemoveUnneeded removes the names of channels that died with all who held them.
void DropLost() {
  Locked locked;
  auto& offers = desk().offers;
  std::unordered_map<std::string, bool> is_gone;
  for (const auto& entry : offers) is_gone.emplace(entry.second.channel, false);
  for (auto& channel : is_gone) channel.second = RemoveUnneeded(channel.first.c_str()) == 1;
  for (auto entry = offers.begin(); entry != offers.end();) {
    if (!is_gone[entry->second.channel]) {
      ++entry;
      continue;
    }
    close(entry->second.fd);
    entry = offers.erase(entry);
  }
}

bool HasOffers() {
  Locked locked;
  return !desk().offers.empty();
}

void* Run(void*) {
  int listener, bell;
  {
    Locked locked;
    listener = desk().listener;
    bell = desk().bell;
  }
  double swept_at = NowMs();
  for (;;) {
    if (NowMs() - swept_at >= kSweepEveryMs) {
      DropLost();
      swept_at = NowMs();
    }
    pollfd polls[] = {{listener, POLLIN, 0}, {bell, POLLIN, 0}};
    if (poll(polls, 2, HasOffers() ? static_cast<int>(kSweepEveryMs) : -1) < 0) continue;
    if (polls[1].revents != 0) {
      uint64_t rings;
      if (read(bell, &rings, sizeof rings) < 0) continue;
    }
    for (int client; polls[0].revents != 0 && (client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; close(client)) Serve(client);
  }
}

int StartThread() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, Run, nullptr);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return -error;
}

// Before the first thread or address: what a fork and the unloading of this code must not break.
void Prepare() {
  Desk& d = desk();
  if (d.prepared) return;
  d.prepared = true;
  pthread_atfork(LockForFork, UnlockAfterFork, StartAnewInChild);
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&Prepare), &self) != 0) dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

const char* AddressLocked() {
  Desk& d = desk();
  Prepare();
  if (d.address[0] == 0) snprintf(d.address, sizeof d.address, "%016llx", static_cast<unsigned long long>(Random64()));
  return d.address;
}

int OpenLocked() {
  Desk& d = desk();
  if (d.listener >= 0) return 0;
  sockaddr_un address;
  const socklen_t size = MakeAddress(AddressLocked(), &address);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return -errno;
  int error = 0;
  const int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (bell < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), size) < 0 || listen(listener, kBacklog) < 0) error = -errno;
  d.listener = listener;
  d.bell = bell;
  if (error == 0) error = StartThread();
  if (error == 0) return 0;
  d.listener = d.bell = -1;
  close(listener);
  if (bell >= 0) close(bell);
  return error;
}

}  // namespace

void HandoverAddress(char* out) {
  Locked locked;
  memcpy(out, AddressLocked(), kTicketLength);
}

int OfferDescriptor(const char* ticket, int fd, const char* channel_path) {
  Locked locked;
  const int opened = OpenLocked();
  if (opened < 0) return opened;
  const int copy = Duplicate(fd, -1);
  if (copy < 0) return copy;
  desk().offers.emplace(ticket, Offer{copy, channel_path});
  const uint64_t ring = 1;
  return write(desk().bell, &ring, sizeof ring) < 0 ? -errno : 0;
}

int WithdrawDescriptor(const char* ticket) {
  const int fd = Take(ticket);
  if (fd < 0) return 0;
  close(fd);
  return 1;
}

int CountOffers(const char* channel_path) {
  DropLost();
  Locked locked;
  int count = 0;
  for (const auto& entry : desk().offers) count += channel_path[0] == 0 || entry.second.channel == channel_path;
  return count;
}

int FetchDescriptor(const char* address, const char* ticket, double timeout_ms) {
  sockaddr_un to;
  const socklen_t size = MakeAddress(address, &to);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  SetTimeout(fd, timeout_ms);
  int result = Repeat([&] { return connect(fd, reinterpret_cast<sockaddr*>(&to), size); });
  // Whoever has taken the name after its owner's death would have another user's credentials.
  if (result == 0 && !IsSameUser(fd)) result = -ECONNREFUSED;
  if (result == 0 && send(fd, ticket, kTicketLength, MSG_NOSIGNAL) != static_cast<ssize_t>(kTicketLength)) result = -ECONNREFUSED;
  if (result == 0) {
    char found = 0;
    int fds[kMaxPassedFds];
    size_t count = 0;
    const int64_t got = ReceiveMessage(fd, &found, 1, true, fds, &count);
    if (got == 1 && count == 1) result = fds[0];
    else if (got == 1) result = -ENOENT;
    else result = got == 0 ? -ECONNREFUSED : static_cast<int>(got);
  }
  close(fd);
  return result == -EAGAIN ? -ETIMEDOUT : result;
}

}  // namespace nprocs::os
