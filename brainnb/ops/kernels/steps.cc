// Steps of models that were compiled for themselves: found by the number under which each was announced, and called with
// the memory of whatever XLA gives and wants, once or in a loop.

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "part.h"
#include "stream.h"
#include "team.h"
#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

// A step is done in stages: in each a thread writes to its own cells alone, and what others wrote it reads in a later one.
// `apart`: a step begins when all have ended the one before.
struct Step {
  void (*stage)(void** in, void** out, int64_t stage, Part part);
  int64_t stages;
  bool apart;
  Pace pace;

  void Whole(void** in, void** out, Part part) const { stage(in, out, kAllStages, part); }

  static constexpr int64_t kAllStages = -1;
};

std::shared_mutex announcing;
std::unordered_map<int64_t, Step> announced;

Step* Announced(int64_t number) {
  std::shared_lock lock(announcing);
  const auto found = announced.find(number);
  return found == announced.end() ? nullptr : &found->second;
}

Helpers& OfTheProcess() {
  static Helpers* helpers = new Helpers;  // never gone: its threads sleep on it
  return *helpers;
}

struct {
  int64_t threads = 1;
  bool always = false;  // however long it takes
} team;
std::atomic<int64_t> shared{0};

ffi::Error Unknown() { return ffi::Error::InvalidArgument("a compiled step that nobody announced in this process"); }

void* Argument(const ffi::RemainingArgs& given, size_t k) { return given.get<ffi::AnyBuffer>(k)->untyped_data(); }

void* Result(const ffi::RemainingRets& made, size_t k) { return (*made.get<ffi::AnyBuffer>(k))->untyped_data(); }

ffi::Error RunStep(ffi::RemainingArgs given, ffi::RemainingRets made, int64_t number) {
  const Step* step = Announced(number);
  if (!step) return Unknown();
  std::vector<void*> in(given.size()), out(made.size());
  for (size_t k = 0; k < in.size(); ++k) in[k] = Argument(given, k);
  for (size_t k = 0; k < out.size(); ++k) out[k] = Result(made, k);
  step->Whole(in.data(), out.data(), Part::All());
  return ffi::Error::Success();
}

// Rows that are not wanted where XLA has room for them: by the address of that, where they belong.
std::mutex homing;
std::unordered_map<const void*, void*> homes;

// The beginning of each result of a call, or where its rows belong; whoever sent them asks whether they went there.
class Beginnings {
 public:
  explicit Beginnings(const ffi::RemainingRets& made) : made_(made), rows_(made.size()) {}

  void* Row(size_t k) {
    if (rows_[k]) return rows_[k];
    std::lock_guard lock(homing);
    const auto found = homes.find(Result(made_, k));
    rows_[k] = found == homes.end() ? Result(made_, k) : found->second;
    if (found != homes.end()) homes.erase(found);
    return rows_[k];
  }

 private:
  const ffi::RemainingRets& made_;
  std::vector<void*> rows_;
};

// Where a step finds something: an argument, a result, a result that goes on by so many bytes with every step, or the
// number of the step.
enum Kind : int64_t { kArgument, kResult, kRow, kIndex };

class Places {
 public:
  Places(ffi::Span<const int64_t> told, const ffi::RemainingArgs& given, const ffi::RemainingRets& made,
         Beginnings& beginnings, void* index) {
    for (size_t k = 0; k + 2 < told.size(); k += 3) {
      const int64_t kind = told[k], which = told[k + 1];
      at_.push_back(kind == kIndex      ? index
                    : kind == kArgument ? Argument(given, which)
                    : kind == kRow      ? beginnings.Row(which)
                                        : Result(made, which));
      on_.push_back(kind == kRow ? told[k + 2] : 0);
    }
  }

  void** data() { return at_.data(); }
  void* operator[](size_t k) const { return at_[k]; }

  void Advance(int64_t steps) {
    for (size_t k = 0; k < at_.size(); ++k) at_[k] = static_cast<char*>(at_[k]) + on_[k] * steps;
  }

 private:
  std::vector<void*> at_;
  std::vector<int64_t> on_;
};

// Pairs of places, how many elements go from the first to the second, and of how many bytes.
struct Copies {
  Places places;
  ffi::Span<const int64_t> sizes;

  void Do(Part part) {
    for (size_t k = 0; k + 1 < sizes.size(); k += 2) {
      const int64_t from = part.From(sizes[k]) * sizes[k + 1], to = part.To(sizes[k]) * sizes[k + 1];
      std::memcpy(static_cast<char*>(places[k + 1]) + from, static_cast<char*>(places[k]) + from, to - from);
    }
  }
};

using Told = ffi::Span<const int64_t>;

// One thread's way through the steps.
class Member {
 public:
  Member(const Step& step, int32_t first, Told reads, Told writes, Told before, Told before_sizes, Told after,
         Told after_sizes, const ffi::RemainingArgs& given, const ffi::RemainingRets& made, Beginnings& beginnings)
      : step_(step),
        index_(first),
        in_(reads, given, made, beginnings, &index_),
        out_(writes, given, made, beginnings, &index_),
        seen_{{before, given, made, beginnings, &index_}, before_sizes},
        kept_{{after, given, made, beginnings, &index_}, after_sizes} {}
  Member(const Member&) = delete;

  void Alone(int64_t steps) {
    Part all = Part::All();
    all.recording = true;
    for (int64_t n = 0; n < steps; ++n) {
      seen_.Do(all);
      step_.Whole(in_.data(), out_.data(), all);
      kept_.Do(all);
      Skip(1);
    }
    Settle();
  }

  void Together(int64_t steps, Part part, Meeting& meeting) {
    part.recording = true;
    for (int64_t n = 0; n < steps; ++n) {
      seen_.Do(part);
      for (int64_t k = 0; k < step_.stages; ++k) {
        if (k > 0) meeting.Wait(part.Which());
        step_.stage(in_.data(), out_.data(), k, part);
      }
      kept_.Do(part);
      if (n + 1 == steps) Settle();
      if (step_.apart || n + 1 == steps) meeting.Wait(part.Which());
      Skip(1);
      part.turn ^= 1;
    }
  }

  // As after so many steps, which others did.
  void Skip(int64_t steps) {
    index_ += static_cast<int32_t>(steps);
    out_.Advance(steps);
    seen_.places.Advance(steps);
    kept_.places.Advance(steps);
  }

 private:
  const Step& step_;
  int32_t index_;
  Places in_, out_;
  Copies seen_, kept_;
};

// The members of a team while a loop lasts: the first leads, by itself or with all.
class Team {
 public:
  explicit Team(std::vector<std::unique_ptr<Member>> members) : members_(std::move(members)), all_(members_.size()) {}

  void Lead(int64_t steps, Pace& pace) {
    const Helpers::Work follow = [this](int64_t which) { Follow(which); };
    int64_t at = 0;
    const auto goes = [&] { return team.always || !pace.Tired(); };
    if (all_ > 1 && steps > kTrial && goes() && OfTheProcess().Call(all_ - 1, follow)) {
      if (team.always) Await([&] { return Here(); });
      for (int64_t some; at < steps && goes(); at += some) {
        const bool here = Here();
        some = std::min(steps - at, here ? kStretch : kLook);
        if (!here) Alone(some);
        else if (!team.always && !pace.Known() && steps - at > kTrial) some = Look(at, pace);
        else pace.Together(Timed([&] { Together(at, some); }) / some);
      }
      over_ = true;
      order_.fetch_add(1, std::memory_order_release);
      OfTheProcess().SendHome();
    }
    Alone(steps - at);
  }

 private:
  static constexpr int64_t kLook = 8, kTimed = 16, kStretch = 64;
  static constexpr int64_t kTrial = 2 * kLook + kTimed;

  // How long a step takes alone, now: some that bring the memory here, some that are timed, and some that bring each his
  // part back.
  int64_t Look(int64_t at, Pace& pace) {
    Alone(kLook);
    pace.Alone(Timed([&] { Alone(kTimed); }) / kTimed);
    Together(at + kLook + kTimed, kLook);
    return kTrial;
  }

  bool Here() const { return here_.load(std::memory_order_relaxed) == all_ - 1; }

  void Alone(int64_t steps) { members_[0]->Alone(steps); }

  void Together(int64_t at, int64_t steps) {
    at_ = at;
    steps_ = steps;
    order_.fetch_add(1, std::memory_order_release);
    members_[0]->Together(steps, Part(0, all_), meeting_);
    shared.fetch_add(steps, std::memory_order_relaxed);
  }

  void Follow(int64_t which) {
    here_.fetch_add(1, std::memory_order_relaxed);
    for (int64_t heard = 0, reached = 0;; ++heard) {
      Await([&] { return order_.load(std::memory_order_acquire) != heard; });
      if (over_) return;
      const int64_t at = at_, steps = steps_;  // when these are done, the next ones may be ordered already
      members_[which]->Skip(at - reached);
      members_[which]->Together(steps, Part(which, all_), meeting_);
      reached = at + steps;
    }
  }

  template <typename Work>
  static double Timed(Work work) {
    const auto begin = Pace::Clock::now();
    work();
    return std::chrono::duration<double>(Pace::Clock::now() - begin).count();
  }

  std::vector<std::unique_ptr<Member>> members_;
  const int64_t all_;
  Meeting meeting_{all_};
  std::atomic<int64_t> order_{0}, here_{0};
  int64_t at_ = 0, steps_ = 0;
  bool over_ = false;
};

ffi::Error RunSteps(ffi::Buffer<ffi::S32> count, ffi::Buffer<ffi::S32> first, ffi::RemainingArgs given,
                    ffi::RemainingRets made, int64_t number, int64_t room, Told reads, Told writes, Told before,
                    Told before_sizes, Told after, Told after_sizes, Told same) {
  Step* step = Announced(number);
  if (!step) return Unknown();
  const int32_t steps = *count.typed_data();
  if (steps > room) return ffi::Error::InvalidArgument("more steps than there is room for");
  for (size_t k = 0; k + 1 < same.size(); k += 2) {  // states and rows go on where they are
    void *from = Argument(given, same[k]), *to = Result(made, same[k + 1]);
    if (from != to) std::memcpy(to, from, given.get<ffi::AnyBuffer>(same[k])->size_bytes());
  }
  Beginnings beginnings(made);
  std::vector<std::unique_ptr<Member>> members;
  for (int64_t k = 0; k < team.threads; ++k)
    members.push_back(std::make_unique<Member>(*step, *first.typed_data(), reads, writes, before, before_sizes, after,
                                               after_sizes, given, made, beginnings));
  Team(std::move(members)).Lead(steps, step->pace);
  return ffi::Error::Success();
}

}  // namespace

extern "C" void brainnb_announce_step(int64_t number, void* stage, int64_t stages, int64_t apart) {
  std::unique_lock lock(announcing);
  Step& step = announced[number];
  step.stage = reinterpret_cast<decltype(step.stage)>(stage);
  step.stages = stages;
  step.apart = apart;
}

// How many threads may share a loop, and whether they always do or only where that is quicker.
extern "C" void brainnb_form_team(int64_t threads, int64_t always) {
  team = {std::clamp<int64_t>(threads, 1, kMostInTeam), always != 0};
}

// Steps that were done by teams so far.
extern "C" int64_t brainnb_shared_steps() { return shared; }

// The rows that the next loop would write to `rows` go to `home`.
extern "C" void brainnb_send_home(const void* rows, void* home) {
  std::lock_guard lock(homing);
  homes[rows] = home;
}

// Whether they went there; nothing that is written later does.
extern "C" int brainnb_came_home(const void* rows) {
  std::lock_guard lock(homing);
  return homes.erase(rows) == 0;
}

XLA_FFI_DEFINE_HANDLER_SYMBOL(brainnb_step, RunStep,
                              ffi::Ffi::Bind().RemainingArgs().RemainingRets().Attr<int64_t>("number"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(brainnb_steps, RunSteps,
                              ffi::Ffi::Bind()
                                  .Arg<ffi::Buffer<ffi::S32>>()
                                  .Arg<ffi::Buffer<ffi::S32>>()
                                  .RemainingArgs()
                                  .RemainingRets()
                                  .Attr<int64_t>("number")
                                  .Attr<int64_t>("room")
                                  .Attr<Told>("reads")
                                  .Attr<Told>("writes")
                                  .Attr<Told>("before")
                                  .Attr<Told>("before_sizes")
                                  .Attr<Told>("after")
                                  .Attr<Told>("after_sizes")
                                  .Attr<Told>("same"));
