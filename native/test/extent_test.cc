#include "os/extent.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "test/check.h"

using namespace nprocs::os;

namespace {

constexpr int64_t kPage = 4096;

// A file in shared memory for one test; removed at its end.
struct TemporaryFile {
  std::string path = "/dev/shm/nprocs-native-test-XXXXXX";
  TemporaryFile() { close(mkstemp(&path[0])); }
  ~TemporaryFile() { unlink(path.c_str()); }
  int64_t Blocks() const {
    struct stat info;
    return stat(path.c_str(), &info) == 0 ? info.st_blocks : -1;
  }
};

}  // namespace

TEST(AnExtentIsReservedMappedAndShared) {
  TemporaryFile file;
  CHECK_EQ(ReserveExtent(file.path.c_str(), kPage, 2 * kPage), 0);
  void *one, *two;
  CHECK_EQ(MapExtent(file.path.c_str(), kPage, 2 * kPage, &one), 0);
  CHECK_EQ(MapExtent(file.path.c_str(), kPage, 2 * kPage, &two), 0);
  static_cast<char*>(one)[kPage] = 'x';
  CHECK_EQ(static_cast<char*>(two)[kPage], 'x');
  UnmapExtent(one, 2 * kPage);
  UnmapExtent(two, 2 * kPage);
}

TEST(AFileIsGivenByADescriptorToo) {
  TemporaryFile file;
  const int fd = open(file.path.c_str(), O_RDWR | O_CLOEXEC);
  unlink(file.path.c_str());
  CHECK_EQ(ReserveExtent(fd, kPage, kPage), 0);
  void *one, *two;
  CHECK_EQ(MapExtent(fd, kPage, kPage, &one), 0);
  CHECK_EQ(MapExtent(fd, kPage, kPage, &two), 0);
  static_cast<char*>(one)[0] = 'x';
  CHECK_EQ(static_cast<char*>(two)[0], 'x');
  CHECK_EQ(ReleaseExtent(fd, kPage, kPage), 0);
  CHECK_EQ(static_cast<char*>(two)[0], 0);
  UnmapExtent(one, kPage);
  UnmapExtent(two, kPage);
  close(fd);
  CHECK_EQ(ReserveExtent(fd, 0, kPage), -EBADF);
}

TEST(ReleasedMemoryGoesBackAndReadsAsZeros) {
  TemporaryFile file;
  CHECK_EQ(ReserveExtent(file.path.c_str(), 0, 16 * kPage), 0);
  int64_t full = file.Blocks();
  void* address;
  CHECK_EQ(MapExtent(file.path.c_str(), 0, 16 * kPage, &address), 0);
  memset(address, 1, 16 * kPage);
  CHECK_EQ(ReleaseExtent(file.path.c_str(), 8 * kPage, 8 * kPage), 0);
  CHECK(file.Blocks() <= full / 2);
  CHECK_EQ(static_cast<char*>(address)[8 * kPage], 0);
  CHECK_EQ(static_cast<char*>(address)[8 * kPage - 1], 1);
  UnmapExtent(address, 16 * kPage);
}

TEST(MoreThanThereIsIsAnErrorAndTakesNothing) {
  TemporaryFile file;
  CHECK_EQ(ReserveExtent(file.path.c_str(), 0, int64_t{1} << 50), -ENOSPC);
  CHECK_EQ(file.Blocks(), 0);
  CHECK_EQ(ReserveExtent("/dev/shm/nprocs-native-test-none", 0, kPage), -ENOENT);
}

CHECK_MAIN
