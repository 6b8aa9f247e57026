// Steps of models that were compiled for themselves: found by the number under which each was announced, and called with
// the memory of whatever XLA gives and wants, once or in a loop.

#include <cstdint>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

using Step = void (*)(void**, void**);

std::shared_mutex announcing;
std::unordered_map<int64_t, Step> announced;

Step Announced(int64_t number) {
  std::shared_lock lock(announcing);
  const auto found = announced.find(number);
  return found == announced.end() ? nullptr : found->second;
}

ffi::Error Unknown() { return ffi::Error::InvalidArgument("a compiled step that nobody announced in this process"); }

void* Argument(const ffi::RemainingArgs& given, size_t k) { return given.get<ffi::AnyBuffer>(k)->untyped_data(); }

void* Result(const ffi::RemainingRets& made, size_t k) { return (*made.get<ffi::AnyBuffer>(k))->untyped_data(); }

ffi::Error RunStep(ffi::RemainingArgs given, ffi::RemainingRets made, int64_t number) {
  const Step step = Announced(number);
  if (!step) return Unknown();
  std::vector<void*> in(given.size()), out(made.size());
  for (size_t k = 0; k < in.size(); ++k) in[k] = Argument(given, k);
  for (size_t k = 0; k < out.size(); ++k) out[k] = Result(made, k);
  step(in.data(), out.data());
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
  size_t size() const { return at_.size(); }

  void Advance() {
    for (size_t k = 0; k < at_.size(); ++k) at_[k] = static_cast<char*>(at_[k]) + on_[k];
  }

 private:
  std::vector<void*> at_;
  std::vector<int64_t> on_;
};

// Pairs of places, and how many bytes go from the first to the second.
struct Copies {
  Places places;
  ffi::Span<const int64_t> bytes;

  void Do() {
    for (size_t k = 0; k < bytes.size(); ++k) std::memcpy(places[2 * k + 1], places[2 * k], bytes[k]);
    places.Advance();
  }
};

using Told = ffi::Span<const int64_t>;

ffi::Error RunSteps(ffi::Buffer<ffi::S32> count, ffi::Buffer<ffi::S32> first, ffi::RemainingArgs given,
                    ffi::RemainingRets made, int64_t number, int64_t room, Told reads, Told writes, Told before,
                    Told before_bytes, Told after, Told after_bytes, Told same) {
  const Step step = Announced(number);
  if (!step) return Unknown();
  const int32_t steps = *count.typed_data();
  if (steps > room) return ffi::Error::InvalidArgument("more steps than there is room for");
  for (size_t k = 0; k + 1 < same.size(); k += 2) {  // states and rows go on where they are
    void *from = Argument(given, same[k]), *to = Result(made, same[k + 1]);
    if (from != to) std::memcpy(to, from, given.get<ffi::AnyBuffer>(same[k])->size_bytes());
  }
  int32_t index = *first.typed_data();
  Beginnings beginnings(made);
  const auto places = [&](Told told) { return Places(told, given, made, beginnings, &index); };
  Places in = places(reads), out = places(writes);
  Copies seen{places(before), before_bytes}, kept{places(after), after_bytes};
  for (int32_t k = 0; k < steps; ++k, ++index) {
    seen.Do();
    step(in.data(), out.data());
    kept.Do();
    out.Advance();
  }
  return ffi::Error::Success();
}

}  // namespace

extern "C" void brainnb_announce_step(int64_t number, void* step) {
  std::unique_lock lock(announcing);
  announced[number] = reinterpret_cast<Step>(step);
}

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
                                  .Attr<Told>("before_bytes")
                                  .Attr<Told>("after")
                                  .Attr<Told>("after_bytes")
                                  .Attr<Told>("same"));
