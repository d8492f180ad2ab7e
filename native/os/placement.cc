#include "os/placement.h"

#include <atomic>

namespace nprocs::os {
namespace {

constexpr size_t kPiece = 256 << 10;       // V8's heap is made of these; a large object has as many as it needs
constexpr size_t kLargest = 64 << 20;      // what is larger is reserved for something else: code, WebAssembly
constexpr uintptr_t kRange = 64ull << 30;  // then from the beginning: most of it will have been given back
constexpr size_t kSmallestPage = 4 << 10;

// The start of the range, which stays random: V8 chose it, though for one piece.
std::atomic<uintptr_t> g_start{0};
std::atomic<uintptr_t> g_used{0};

uintptr_t Start(uintptr_t hint) {
  uintptr_t start = g_start.load(std::memory_order_relaxed);
  if (start != 0) return start;
  uintptr_t wanted = hint & ~((uintptr_t{1} << 30) - 1);
  return g_start.compare_exchange_strong(start, wanted, std::memory_order_relaxed) ? wanted : start;
}

}  // namespace

uintptr_t NextToOthers(uintptr_t hint, size_t size) {
  // V8 asks for so much more that an aligned piece is in it wherever that lies, and gives back the rest.
  size_t slack = kPiece - kSmallestPage;
  if (hint < kRange || hint % kPiece != 0 || size <= slack || size > kLargest) return hint;
  size_t kept = (size - slack + kPiece - 1) / kPiece * kPiece;
  uintptr_t start = Start(hint);
  return start + g_used.fetch_add(kept, std::memory_order_relaxed) % kRange;
}

}  // namespace nprocs::os
