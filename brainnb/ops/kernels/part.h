// The cells of a step that one thread has: of every array the same share, so that nobody else writes to them.

#pragma once

#include <cstdint>

namespace {

class Part {
 public:
  Part(int64_t which, int64_t of) : which_(which), of_(of), begin_(kOne * which / of), end_(kOne * (which + 1) / of) {}
  static Part All() { return {0, 1}; }

  int64_t Which() const { return which_; }
  int64_t Of() const { return of_; }
  bool Last() const { return which_ + 1 == of_; }

  int64_t From(int64_t n) const { return which_ == 0 ? 0 : Border(n, begin_); }
  int64_t To(int64_t n) const { return Last() ? n : Border(n, end_); }

  // Which of two memories for what is told to others: those who are a step behind still read the other one.
  int64_t turn = 0;

  // Whether rows of a recording are written, which nobody reads before all steps are done.
  bool recording = false;

 private:
  static constexpr int64_t kOne = 1 << 20;
  // full registers and lines of memory; what is left has the last
  static int64_t Border(int64_t n, int64_t share) { return (n * share / kOne) & ~int64_t{63}; }

  int64_t which_, of_, begin_, end_;
};

}  // namespace
