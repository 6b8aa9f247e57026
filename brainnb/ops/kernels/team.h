// Threads that share the steps of a loop. Each has its own cells, and they wait for each other where one needs what
// another made; what comes out is the same to the last bit, however many they are.
//
// Stretches of steps are timed, by the team and now and then by the calling thread alone; a team that is not quicker is left
// alone for some time, and for longer each time, as where somebody else wants the core.

#pragma once

#include <unistd.h>
#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>

namespace {

constexpr int64_t kMostInTeam = 4;

inline void Breathe() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until `there`: a moment awake, then with every look giving its core to whoever wants it.
template <typename There>
inline void Await(There there) {
  for (int looks = 0; !there(); ++looks) looks < 4000 ? Breathe() : std::this_thread::yield();
}

// Where those of a team wait for each other. Each writes a line of memory of its own.
class Meeting {
 public:
  explicit Meeting(int64_t of) : of_(of) {}

  void Wait(int64_t which) {
    const int64_t turn = turns_[which].number.load(std::memory_order_relaxed) + 1;
    turns_[which].number.store(turn, std::memory_order_release);
    for (int64_t k = 0; k < of_; ++k)
      if (k != which) Await([&] { return turns_[k].number.load(std::memory_order_acquire) >= turn; });
  }

 private:
  struct alignas(128) Turn {
    std::atomic<int64_t> number{0};
  };
  const int64_t of_;
  Turn turns_[kMostInTeam];
};

// Where a thread may run, less where the one that called it is: the system wakes a thread there, and moves it late.
class Elsewhere {
 public:
#if defined(__linux__)
  void Note() {
    there_ = pthread_getaffinity_np(pthread_self(), sizeof places_, &places_) == 0 && CPU_COUNT(&places_) > 1;
    if (const int here = sched_getcpu(); here >= 0 && here < CPU_SETSIZE) CPU_CLR(here, &places_);
  }

  void Go() const {
    if (there_) pthread_setaffinity_np(pthread_self(), sizeof places_, &places_);
  }

 private:
  cpu_set_t places_;
  bool there_ = false;
#else
  void Note() {}
  void Go() const {}
#endif
};

// Threads that sleep until there is something to do, and stay for the life of the process.
class Helpers {
 public:
  using Work = std::function<void(int64_t which)>;

  // Lets `count` threads do `work`, with 1, 2, ..., as soon as they wake; false if they are not to be had. Who called them
  // sends them home before `work` is gone.
  bool Call(int64_t count, const Work& work) {
    if (!busy_.try_lock()) return false;
    if (!Hired(count)) {
      busy_.unlock();
      return false;
    }
    std::fegetenv(&numbers_);
    elsewhere_.Note();
    {
      std::lock_guard lock(door_);
      work_ = &work;
      for (int64_t k = 0; k < count; ++k) ++calls_[k];
    }
    wake_.notify_all();
    return true;
  }

  // Those who never came are not waited for.
  void SendHome() {
    {
      std::lock_guard lock(door_);
      work_ = nullptr;
    }
    Await([&] { return inside_.load(std::memory_order_acquire) == 0; });
    busy_.unlock();
  }

 private:
  bool Hired(int64_t count) {
    if (hired_ > 0 && process_ != getpid()) return false;  // a child of the process has no threads but its own
    process_ = getpid();
    for (; hired_ < count; ++hired_) try {
        std::thread(&Helpers::Serve, this, hired_, calls_[hired_]).detach();
      } catch (const std::system_error&) {
        return false;
      }
    return true;
  }

  void Serve(int64_t k, int64_t heard) {
    while (true) {
      const Work* work;
      {
        std::unique_lock lock(door_);
        wake_.wait(lock, [&] { return calls_[k] != heard; });
        heard = calls_[k];
        work = work_;
        if (!work) continue;
        inside_.fetch_add(1, std::memory_order_relaxed);
        elsewhere_.Go();
        std::fesetenv(&numbers_);  // tiny numbers are 0 here if they are there
      }
      (*work)(k + 1);
      inside_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::mutex busy_, door_;
  std::condition_variable wake_;
  std::fenv_t numbers_;
  Elsewhere elsewhere_;
  const Work* work_ = nullptr;
  std::atomic<int64_t> inside_{0};
  int64_t hired_ = 0, calls_[kMostInTeam] = {};
  pid_t process_ = 0;
};

// How long a step takes alone and in a team, and so who does the next ones.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  bool Tired() const { return Clock::now() < later_.load(std::memory_order_relaxed); }

  // Whether it is known how long a step takes alone: looked at lately, and nothing was slower since.
  bool Known() const { return Clock::now() < looked_ + kFresh; }

  void Alone(double seconds) {
    alone_ = seconds;
    looked_ = Clock::now();
  }

  // If some times in a row that was hardly quicker, a team is left alone for some time.
  void Together(double seconds) {
    const bool paid = seconds < kPays * alone_;
    strikes_ = paid ? 0 : strikes_ + 1;
    if (paid) patience_ = kPatience;
    else looked_ = {};
    if (strikes_ == kStrikes) {
      strikes_ = 0;
      later_.store(Clock::now() + patience_, std::memory_order_relaxed);
      patience_ = std::min(2 * patience_, kLongest);
    }
  }

 private:
  static constexpr double kPays = 0.95;
  static constexpr int kStrikes = 3;
  static constexpr Clock::duration kPatience = std::chrono::milliseconds(100), kLongest = std::chrono::seconds(5);
  static constexpr Clock::duration kFresh = kPatience;
  double alone_ = 0;
  Clock::time_point looked_{};
  int strikes_ = 0;
  Clock::duration patience_ = kPatience;
  std::atomic<Clock::time_point> later_{};  // asked by whoever begins, written by who leads
};

}  // namespace
