// The frame of the C++ tests. A file of tests is a program of its own: TEST(Name) { … } as often as wanted, and
// CHECK_MAIN once. A failed check ends its test, not the program. Under a sanitizer a report ends the program, which is
// a failure too.
#pragma once
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace check {

struct Test {
  const char* name;
  void (*run)();
};

inline std::vector<Test>& Tests() {
  static std::vector<Test> tests;
  return tests;
}

inline bool& Failed() {
  static bool failed = false;
  return failed;
}

struct Registration {
  Registration(const char* name, void (*run)()) { Tests().push_back(Test{name, run}); }
};

inline void Fail(const char* file, int line, const char* text) {
  printf("  %s:%d: %s (errno: %s)\n", file, line, text, strerror(errno));
  Failed() = true;
}

inline void FailEqual(const char* file, int line, const char* text, int64_t left, int64_t right) {
  printf("  %s:%d: %s: %lld and %lld (errno: %s)\n", file, line, text, static_cast<long long>(left), static_cast<long long>(right), strerror(errno));
  Failed() = true;
}

inline int Main() {
  int passed = 0, failed = 0;
  for (const Test& test : Tests()) {
    Failed() = false;
    test.run();
    printf("%s %s\n", Failed() ? "✖" : "✔", test.name);
    fflush(stdout);
    (Failed() ? failed : passed)++;
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace check

#define TEST(name)                                              \
  static void name();                                           \
  static ::check::Registration registration_##name{#name, name}; \
  static void name()

#define CHECK(condition)                                       \
  do {                                                         \
    if (!(condition)) return ::check::Fail(__FILE__, __LINE__, #condition); \
  } while (0)

#define CHECK_EQ(left, right)                                                                             \
  do {                                                                                                    \
    const int64_t left_ = static_cast<int64_t>(left), right_ = static_cast<int64_t>(right);               \
    if (left_ != right_) return ::check::FailEqual(__FILE__, __LINE__, #left " == " #right, left_, right_); \
  } while (0)

#define CHECK_MAIN \
  int main() { return ::check::Main(); }
